import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readExchangeBook } from './exchangeWorld.ts';

it('reads what was executed on arrival, though it is written before its order, and leaves a line that is still being written', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'exchange-book-'));
  const file = path.join(folder, 'okx.jsonl');
  const order = { orderId: '7', clientId: 'q1', symbol: 'X', side: 'buy', orderQty: '2', filledQty: '2' };
  const fill = (tradeId: string) => ({
    t: 'fill',
    fill: { tradeId, orderId: '7', clientId: 'q1', symbol: 'X', side: 'buy', qty: '1', price: '10', fee: '0.1', feeAsset: 'USDT' },
  });
  const lines = [
    [fill('1'), { t: 'order', order: { ...order, filledQty: '1' } }],
    [fill('2'), { t: 'order', order }],
  ];
  writeFileSync(file, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n[{"t":"fill"`);
  const { fresh } = readExchangeBook('okx', file);
  rmSync(folder, { recursive: true });
  expect(fresh).toMatchObject([{ clientOrderId: 'q1', qty: '2', filledQty: '2' }]);
  expect(fresh[0]!.fills.map(({ tradeId, instrumentId }) => `${tradeId} ${instrumentId}`)).toEqual(['1 X@okx', '2 X@okx']);
});
