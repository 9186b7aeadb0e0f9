import { describe, expect, it } from 'vitest';
import type { Instrument } from '../../src-shared/domain/instrument.ts';
import type { ConsoleTables } from '../../src-shared/domain/view.ts';
import { terminalsOf } from './terminalStanding.ts';

const gold = {
  symbol: 'XAUUSD',
  kind: 'cfd',
  baseCcy: 'XAU',
  quoteCcy: 'USD',
  baseQtyPerUnit: '100',
  qtyStep: '0.01',
  minQty: '0.01',
} as Instrument;
const swap = {
  ...gold,
  symbol: 'XAU-SWAP',
  kind: 'perpetual',
  quoteCcy: 'USDT',
  baseQtyPerUnit: '0.001',
  qtyStep: '1',
  minQty: '1',
} as Instrument;
const row = (venueId: string, described: Instrument | null, over: object = {}) => ({
  venueId,
  described,
  metadata: described === null ? 'awaited' : 'ok',
  bidPx: 10,
  askPx: 12,
  stale: false,
  ...over,
});
const venue = (protocol: string) => ({ label: 'V', protocol, simulated: false, link: 'live', linkDetail: '', metatrader: null });
const tables = (instruments: object, pairs: object = { xau: { a: 'XAU-SWAP@okx', b: 'XAUUSD@mt5', conversion: 'fixed at 1: why' } }) =>
  ({ venues: { mt5: venue('metatrader'), okx: venue('okx') }, instruments, pairs }) as unknown as ConsoleTables;

describe('what programs are told of a terminal', () => {
  it('its pairs with the leg in lots first, whichever leg that is', () => {
    const [terminal, ...others] = terminalsOf(tables({ 'XAUUSD@mt5': row('mt5', gold), 'XAU-SWAP@okx': row('okx', swap) }));
    expect(others).toEqual([]);
    expect(terminal).toMatchObject({
      venueId: 'mt5',
      report: null,
      pairs: [
        {
          pairId: 'xau',
          own: { instrumentId: 'XAUUSD@mt5', midPx: 11, baseCcy: 'XAU', quoteCcy: 'USD' },
          other: { instrumentId: 'XAU-SWAP@okx', baseQtyPerUnit: '0.001' },
          identity: '1.00 lot XAUUSD = 100 XAU = 100,000 contracts XAU-SWAP',
          commonStepBaseQty: '1',
          conversion: 'fixed at 1: why',
        },
      ],
    });
  });

  it('what is not described or stale is not known, and never guessed', () => {
    const [terminal] = terminalsOf(
      tables({ 'XAUUSD@mt5': row('mt5', gold, { stale: true }), 'XAU-SWAP@okx': row('okx', null, { bidPx: null }) }),
    );
    expect(terminal?.pairs).toMatchObject([
      { identity: null, commonStepBaseQty: null, own: { midPx: null }, other: { midPx: null, baseCcy: null, metadata: 'awaited' } },
    ]);
  });

  it('pairs of other venues are none of its own', () => {
    const elsewhere = { btc: { a: 'A@okx', b: 'B@okx', conversion: '' } };
    expect(terminalsOf(tables({ 'A@okx': row('okx', swap), 'B@okx': row('okx', swap) }, elsewhere))[0]?.pairs).toEqual([]);
  });
});
