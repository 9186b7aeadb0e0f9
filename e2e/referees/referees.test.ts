/**
 * Clients nobody here wrote trade at our simulated exchanges over real sockets with real signatures, beside our own gateway on the
 * same account and against it on another. What they, we and the simulator's book say of orders, fills, fees, positions and
 * balances must be the same in every field; and so must what a refusal is taken for.
 */
import { afterEach, describe, expect, it } from 'vitest';
import type { ExchangeProtocol } from '../../src-shared/config/exchangeSites.ts';
import { SPOT_OUTCOMES } from '../../src-main/adapters/venues/binance-spot/outcomes.ts';
import { USDM_OUTCOMES } from '../../src-main/adapters/venues/binance-usdm/outcomes.ts';
import { OKX_OUTCOMES } from '../../src-main/adapters/venues/okx/outcomes.ts';
import { meaningOf } from '../../src-main/adapters/venues/shared/orders/outcomes.ts';
import type { Meaning, OutcomeTable } from '../../src-main/adapters/venues/shared/orders/parts.ts';
import type { VenueKey } from '../../src-main/runtime/ports.ts';
import { openOwn, type Own } from '../exchange/ownGateway.ts';
import { startStage, TRADED, type Stage } from '../exchange/stage.ts';
import { openCcxt } from './ccxtReferee.ts';
import { openOfficialSpot, openOfficialUsdm } from './officialReferee.ts';
import { departures, opinionOfBook, opinionOfOurs, opinionOfReferee, pushesOfOurs, withRoundedIds, type Opinion } from './opinions.ts';
import { openOkxApi, openSieblySpot, openSieblyUsdm } from './sieblyReferee.ts';
import { goFlat, HELD_STEPS, openMarkets, Player, tradeBy, type Table } from './trading.ts';
import { eventually, type Ask, type OrderSeen, type Referee, type RefereeSite, type Said } from './view.ts';

/** Guards against hanging, not measures of speed. */
const WITHIN_MS = 20_000;
const ORDER_PATIENCE = { ackTimeoutMs: 20_000, orderValidityMs: 15_000 };
type Open = (site: RefereeSite) => Promise<Referee>;

const REFEREES: Readonly<Record<ExchangeProtocol, Readonly<Record<string, Open>>>> = {
  'binance-usdm': {
    ccxt: (site) => openCcxt('binance-usdm', site),
    'binance (Siebly)': openSieblyUsdm,
    'official connector': openOfficialUsdm,
  },
  'binance-spot': {
    ccxt: (site) => openCcxt('binance-spot', site),
    'binance (Siebly)': openSieblySpot,
    'official connector': openOfficialSpot,
  },
  okx: { ccxt: (site) => openCcxt('okx', site), 'okx-api': openOkxApi },
};
const OUTCOMES: Readonly<Record<ExchangeProtocol, OutcomeTable>> = {
  'binance-usdm': USDM_OUTCOMES,
  'binance-spot': SPOT_OUTCOMES,
  okx: OKX_OUTCOMES,
};

const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

const siteOf = (stage: Stage, key: VenueKey, secret = key.secret.algorithm === 'hmac-sha256' ? key.secret.text : ''): RefereeSite => ({
  rest: stage.restUrl,
  socket: stage.socketUrl,
  key: { apiKey: key.apiKey, secret, passphrase: key.passphrase ?? '' },
  symbols: TRADED[stage.protocol],
});
const ownAt = async (stage: Stage, key: VenueKey): Promise<Own> => {
  const { protocol, restUrl, socketUrl, instruments } = stage;
  const own = openOwn({ protocol, restUrl, socketUrl, key, instruments, ...ORDER_PATIENCE });
  endings.push(() => own.stop());
  await eventually(`our gateway at ${protocol}: ${own.told.link.detail}`, WITHIN_MS, () => (own.told.link.up ? true : null));
  return own;
};
const seat = async (
  protocol: ExchangeProtocol,
  open: Open,
): Promise<{ readonly table: Table; readonly player: Player; readonly key: VenueKey }> => {
  const stage = await startStage({ protocol, relaxed: true });
  endings.push(() => stage.stop());
  const symbol = TRADED[protocol][0]!;
  openMarkets(stage, TRADED[protocol]);
  const key = stage.open('referee');
  const other = await ownAt(stage, stage.open('other'));
  const beside = await ownAt(stage, key);
  const referee = await open(siteOf(stage, key));
  endings.push(() => referee.close());
  const table = { stage, symbol, referee, beside, other };
  const player = new Player(table);
  player.quote();
  await player.untilHeard();
  return { table, player, key };
};

/** `asked`: orders that are asked for one by one, which exchanges allow only so often; pushes are compared of all. */
const compareAll = async (
  { stage, symbol, referee, beside }: Table,
  player: Player,
  sinceUnixMs: number,
  asked: readonly string[],
): Promise<void> => {
  const { ids, unheard } = player;
  const whole = opinionOfBook(stage, 'referee', symbol);
  expect([...whole.orders.keys()].toSorted()).toEqual([...ids].toSorted());
  const book = { ...whole, orders: new Map([...whole.orders].filter(([id]) => asked.includes(id))) };
  const { balances, ...rest } = await opinionOfReferee(referee, symbol, asked);
  const comparable = referee.balancesAreEquity && (book.positions?.length ?? 0) > 0 ? rest : { ...rest, balances };
  const asRead = referee.roundsIds ? withRoundedIds : <T>(opinion: T): T => opinion;
  expect(departures(referee.name, asRead(book), comparable)).toEqual([]);
  expect(
    departures('our gateway', book, await opinionOfOurs(beside, book, symbol, sinceUnixMs, (each) => stage.listed(each).kind === 'spot')),
  ).toEqual([]);
  const heard = (who: string, expected: Pick<Opinion, 'orders' | 'fills'>, read: () => ReturnType<Referee['pushed']>): Promise<true> => {
    let last: readonly string[] = [];
    return eventually(`pushes to ${who}`, WITHIN_MS, () => {
      const { orders: told, fills: executed } = read();
      const listened = (all: ReadonlyMap<string, OrderSeen>) => new Map([...all].filter(([id]) => !unheard.has(id)));
      last = departures(
        `${who}, pushed`,
        { orders: listened(expected.orders), fills: expected.fills },
        { orders: listened(told), fills: executed },
      );
      return last.length === 0 ? true : null;
    }).catch(() => {
      throw new Error(last.join('\n'));
    });
  };
  await heard(referee.name, asRead(whole), () => referee.pushed());
  await heard('our gateway', whole, () => pushesOfOurs(beside, whole));
  expect(beside.told.contradictions).toEqual([]);
};

interface Mistake {
  readonly name: string;
  readonly meaning: Meaning;
  readonly code: string;
  readonly ask: (player: Player) => Partial<Ask>;
  /** Libraries that repair or refuse it before it leaves. */
  readonly notSentBy?: readonly string[];
}
const cross = (player: Player): Partial<Ask> => ({ px: player.px(player.ask), kind: 'post-only' });
const offTick = (player: Player): Partial<Ask> => ({ px: player.between(player.bid - 20) });
const reduce = (player: Player): Partial<Ask> => ({ side: 'sell', px: player.px(player.bid), reduceOnly: true, kind: 'ioc' });
const MISTAKES: Readonly<Record<ExchangeProtocol, readonly Mistake[]>> = {
  'binance-usdm': [
    { name: 'off-tick', meaning: 'rejected', code: '-1111', ask: offTick, notSentBy: ['ccxt'] },
    { name: 'below the minimum', meaning: 'rejected', code: '-4164', ask: (player) => ({ qty: player.steps(1) }) },
    { name: 'post-only that crosses', meaning: 'rejected', code: '-5022', ask: cross },
    { name: 'reduce-only of nothing', meaning: 'rejected', code: '-2022', ask: reduce },
  ],
  'binance-spot': [
    { name: 'off-tick', meaning: 'rejected', code: '-1013', ask: offTick, notSentBy: ['ccxt'] },
    { name: 'below the minimum', meaning: 'rejected', code: '-1013', ask: (player) => ({ qty: player.steps(1) }) },
    { name: 'post-only that crosses', meaning: 'rejected', code: '-2010', ask: cross },
    { name: 'more than is owned', meaning: 'rejected', code: '-2010', ask: (player) => ({ side: 'sell', qty: player.steps(2_000_000) }) },
  ],
  okx: [
    { name: 'off-tick', meaning: 'rejected', code: '51150', ask: offTick, notSentBy: ['ccxt'] },
    { name: 'below the minimum', meaning: 'rejected', code: '51121', ask: () => ({ qty: '0.5' }), notSentBy: ['ccxt'] },
    { name: 'reduce-only of nothing', meaning: 'rejected', code: '51169', ask: reduce },
  ],
};
const DUPLICATE: Readonly<Record<ExchangeProtocol, string>> = { 'binance-usdm': '-4116', 'binance-spot': '-2010', okx: '51016' };

const meant = (protocol: ExchangeProtocol, said: Said): { readonly code: string; readonly meaning: Meaning | null } =>
  said.taken
    ? { code: 'taken', meaning: null }
    : { code: said.code, meaning: meaningOf(OUTCOMES[protocol], { code: said.code, status: null, text: said.text }) };

for (const protocol of Object.keys(REFEREES) as ExchangeProtocol[])
  for (const [name, open] of Object.entries(REFEREES[protocol]))
    describe(`${name} at the simulated ${protocol}`, () => {
      it('sees what we see, and both see the book', async () => {
        const sinceUnixMs = Date.now() - 60_000;
        const { table, player } = await seat(protocol, open);
        for (const road of table.referee.roads) await tradeBy(table, player, road);
        await compareAll(table, player, sinceUnixMs, player.ids);
        const before = player.ids.length;
        await goFlat(table, player, HELD_STEPS * table.referee.roads.length, 'socket');
        await compareAll(table, player, sinceUnixMs, player.ids.slice(before));
      });

      it('is refused as we would be', async () => {
        const { table, player } = await seat(protocol, open);
        const { referee, beside, symbol } = table;
        const basis = player.asked('buy', 100, player.bid - 20, 'gtc');
        await player.place(basis, 'rest');
        for (const road of referee.roads) {
          const again = meant(protocol, await referee.place({ ...basis }, road));
          expect({ road, again }).toEqual({ road, again: { code: DUPLICATE[protocol], meaning: 'duplicate-id' } });
          for (const mistake of MISTAKES[protocol]) {
            if (mistake.notSentBy?.includes(referee.name) === true) continue;
            const ask = { ...player.asked('buy', 100, player.bid - 20, 'gtc'), ...mistake.ask(player) };
            const said = meant(protocol, await referee.place(ask, road));
            expect({ road, mistake: mistake.name, ...said }).toEqual({
              road,
              mistake: mistake.name,
              code: mistake.code,
              meaning: mistake.meaning,
            });
          }
        }
        const twice = await beside.place(beside.request({ symbol, side: 'buy', qty: basis.qty, px: basis.px!, clientId: basis.clientId }));
        expect(twice.code).toBe('unknown');
        expect(table.stage.orders('referee').filter(({ filledQty }) => filledQty !== '0')).toEqual([]);
      });
    });

describe('a key that does not sign', () => {
  for (const protocol of Object.keys(REFEREES) as ExchangeProtocol[])
    it(`is refused at ${protocol}, to ccxt and to us`, async () => {
      const { table, player, key } = await seat(protocol, (site) => openCcxt(protocol, site));
      const liar = await openCcxt(protocol, siteOf(table.stage, key, 'not the secret'), false);
      endings.push(() => liar.close());
      const answer = await liar.place(player.asked('buy', 100, player.bid - 20, 'gtc'), 'rest');
      expect(meant(protocol, answer)).toEqual({ code: protocol === 'okx' ? '50113' : '-1022', meaning: 'rejected' });
      const { restUrl, socketUrl, instruments } = table.stage;
      const wrong: VenueKey = { ...key, secret: { algorithm: 'hmac-sha256', text: 'not the secret' } };
      const own = openOwn({ protocol, restUrl, socketUrl, key: wrong, instruments });
      endings.push(() => own.stop());
      const sentence = (): string => JSON.stringify([own.told.link.detail, own.told.report]);
      await eventually('the sentence why', WITHIN_MS, () => (/-1022|50113|60007|60009/.test(sentence()) ? true : null)).catch(() => {
        throw new Error(`our gateway says: ${sentence()}`);
      });
      // Where the sockets open without a signature the check of the key fails instead, and every order is refused.
      const order = own.request({ symbol: table.symbol, side: 'buy', qty: player.steps(100), px: player.px(player.bid - 20) });
      expect(await own.place(order)).toMatchObject({ code: 'refused' });
      expect(own.told.link.up && own.told.report?.checks.every(({ state }) => state !== 'fail')).toBe(false);
      expect(table.stage.orders('referee').every(({ clientId }) => player.ids.includes(clientId))).toBe(true);
    });
});
