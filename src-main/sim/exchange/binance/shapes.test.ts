/** The simulated venue's user events beside recorded ones of the real venue: the same members, the same kinds of value. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench } from './binance.testkit.ts';

const DIR = join(import.meta.dirname, '../../../../../shared/data/private-streams');
/** Of portfolio margin accounts alone, from which the recordings are. */
const NOT_OURS = ['fs', 'U'];
/** Text by the futures documentation, a number where portfolio margin tells it. */
const AS_DOCUMENTED = ['.a.P[].bep'];

type Frame = Record<string, unknown>;
const recorded = (name: string): readonly Frame[] =>
  readFileSync(join(DIR, `${name}.log`), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Frame);

/** Members by path with the kind of their values; digits and words do not matter. */
const shapeOf = (value: unknown, path = '', into = new Map<string, string>()): Map<string, string> => {
  if (Array.isArray(value)) for (const item of value) shapeOf(item, `${path}[]`, into);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) if (!NOT_OURS.includes(name)) shapeOf(member, `${path}.${name}`, into);
  } else if (value !== null) into.set(path, typeof value === 'bigint' ? 'number' : typeof value);
  return into;
};
const shapesOf = (frames: readonly Frame[]) => {
  const all = new Map<string, string>();
  for (const frame of frames) shapeOf(frame, '', all);
  return all;
};

describe('user events beside recordings', () => {
  const told: Frame[] = [];
  const benches: Bench[] = [];
  beforeAll(async () => {
    if (!existsSync(DIR)) return;
    const usdm = await new Bench('usdm').start();
    const spot = await new Bench('spot').start();
    benches.push(usdm, spot);
    const { body } = await usdm.raw('POST', '/fapi/v1/listenKey', '');
    const futures = await usdm.join(`/private/ws?listenKey=${body['listenKey'] as string}`);
    const api = await spot.join('/ws-api/v3');
    await spot.call(api, 's', 'userDataStream.subscribe.signature', spot.socketParams());
    for (const bench of benches) {
      await bench.place({ quantity: bench.product === 'spot' ? '0.02' : '0.200' });
      await bench.place({ timeInForce: 'GTC', price: '3990', side: 'BUY' });
      bench.venue.accounts.cancelAll('one');
    }
    await usdm.signed('POST', '/fapi/v1/leverage', { symbol: 'XAUUSDT', leverage: 7 });
    spot.venue.accounts.deposit('one', 'USDT', '1');
    await futures.hear((t) => t.includes('ACCOUNT_CONFIG_UPDATE'));
    await api.hear((t) => t.includes('balanceUpdate'));
    await api.hear((t) => t.includes('"f":"99920.99'));
    told.push(...futures.heard.map((t) => JSON.parse(t) as Frame));
    told.push(...api.heard.map((t) => JSON.parse(t) as Frame).flatMap((x) => ('event' in x ? [x['event'] as Frame] : [])));
  });
  afterAll(() => Promise.all(benches.map((b) => b.stop())));

  for (const name of [
    'ORDER_TRADE_UPDATE',
    'ACCOUNT_UPDATE',
    'ACCOUNT_CONFIG_UPDATE',
    'executionReport',
    'outboundAccountPosition',
    'balanceUpdate',
  ])
    it(`${name} has every member of the recordings`, (context) => {
      if (!existsSync(DIR)) context.skip('the recordings are not here');
      const ours = shapesOf(told.filter((x) => x['e'] === name));
      expect(ours.size).toBeGreaterThan(0);
      const wrong = [...shapesOf(recorded(name))].filter(
        ([path, kind]) => ours.get(path) !== (AS_DOCUMENTED.includes(path) ? 'string' : kind),
      );
      expect(wrong).toEqual([]);
    });
});
