/**
 * The accounts of a simulated Binance and everything that asks them: joins book, gate, desk, REST, web-socket API and pushes. Owns the
 * timers (funding, dead men, listen keys).
 */
import type { FaultSwitch } from '../../faults.ts';
import type { SimInstrument } from '../../market/instruments.ts';
import type { AccountEvent, AccountId, BookOrder, SimAccounts } from '../account/account.ts';
import { createSimAccounts } from '../account/accounts.ts';
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import type { BinanceStreams, BinanceTimings, StreamFrame } from '../binanceStreams.ts';
import { SPOT_CATALOGUE, usdmCatalogue } from './catalogue.ts';
import { Desk } from './desk.ts';
import { Gate } from './gate.ts';
import type { Limits } from './limits.ts';
import { ListenKeys } from './listenKeys.ts';
import type { Ground } from './operations.ts';
import { createRest } from './rest.ts';
import { SocketApi } from './socketApi.ts';
import { listingOf, policyOf, rulesOf } from './symbols.ts';
import { futuresEvents, spotEvents, type UserEvent } from './userEvents.ts';
import type { Product } from './wire.ts';

const TICK_MS = 10;
const FIRST_EXECUTION_ID = 1_495_297_871_625;
/** Ids of cancels whose report is still to be pushed. */
const MAX_CANCEL_IDS = 1_000;

export interface PrivateSideSettings {
  readonly product: Product;
  readonly instruments: readonly SimInstrument[];
  readonly faults: FaultSwitch;
  readonly timings: BinanceTimings;
  readonly limits: Limits;
  readonly now: () => number;
  readonly streams: BinanceStreams;
  readonly file: string | null;
}

export interface PrivateSide {
  readonly accounts: SimAccounts;
  readonly rest: ReturnType<typeof createRest>;
  readonly socketApi: SocketApi;
  readonly stop: () => void;
}

const frameOf = (stream: string, body: object): StreamFrame => {
  const raw = JSON.stringify(body);
  return { stream, raw, combined: `{"stream":"${stream}","data":${raw}}` };
};

export const createPrivateSide = (settings: PrivateSideSettings): PrivateSide => {
  const { product, instruments, faults, timings, limits, now, streams } = settings;
  const rules = new Map(instruments.map((x) => [x.symbol, rulesOf(x, product)]));
  const listings = instruments.map((x) => listingOf(x, product));
  const accounts = createSimAccounts({ listings, policy: policyOf(product), clock: now, file: settings.file });
  const cancelIds = new Map<string, string>();
  const keyOf = (order: BookOrder) => `${order.symbol}|${order.orderId}`;
  const keys = new ListenKeys(timings.listenKeyLifeMs, now, (key) => {
    streams.publishPrivate(frameOf(key, { e: 'listenKeyExpired', E: now(), listenKey: key }), 'listenKeyExpired');
  });
  const ground: Ground = {
    product,
    accounts,
    rules,
    limits,
    now,
    hiddenMs: () => faults.timed('not-found-then-found')?.forMs ?? 0,
    noteCancel: (order, cancelId) => {
      if (cancelIds.size < MAX_CANCEL_IDS) cancelIds.set(keyOf(order), cancelId);
    },
  };
  const desk = new Desk(ground, faults);
  const gate = new Gate(accounts, product, now);
  const catalogue = product === 'spot' ? SPOT_CATALOGUE : usdmCatalogue(keys);
  const socketApi = new SocketApi({ product, catalogue, gate, limits, desk, faults, timings, now });
  const push = pusherOf({ product, rules, keys, streams, socketApi, takeCancelId: (order) => take(cancelIds, keyOf(order)) });
  accounts.watch((events) => push(events));
  if (product === 'usdm')
    faults.attachOrders({ expireListenKeys: () => keys.expireAll(), liquidate: liquidator(accounts, [...rules.keys()]) });
  const timer = setInterval(() => {
    accounts.tick();
    keys.check();
  }, TICK_MS);
  timer.unref();
  return { accounts, rest: createRest({ catalogue, gate, limits, desk }), socketApi, stop: () => clearInterval(timer) };
};

const take = (map: Map<string, string>, key: string): string | null => {
  const found = map.get(key) ?? null;
  map.delete(key);
  return found;
};

interface Pushing {
  readonly product: Product;
  readonly rules: Parameters<typeof futuresEvents>[1];
  readonly keys: ListenKeys;
  readonly streams: BinanceStreams;
  readonly socketApi: SocketApi;
  readonly takeCancelId: (order: BookOrder) => string | null;
}

const pusherOf = ({ product, rules, keys, streams, socketApi, takeCancelId }: Pushing) => {
  let executions = FIRST_EXECUTION_ID;
  const ids = { next: () => (executions += 1) };
  const cancelId = (order: BookOrder) => (order.stage === 'canceled' ? takeCancelId(order) : null);
  const deliver = (account: AccountId, events: readonly UserEvent[]): void => {
    const key = product === 'usdm' ? keys.of(account) : null;
    for (const event of events) {
      if (product === 'spot') socketApi.push(account, event);
      else if (key !== null) streams.publishPrivate(frameOf(key, event.body), event.name);
    }
  };
  return (events: readonly AccountEvent[]): void => {
    for (const account of new Set(events.map((e) => e.account))) {
      const own = events.filter((e) => e.account === account);
      deliver(account, product === 'spot' ? spotEvents(own, ids, cancelId) : futuresEvents(own, rules));
    }
  };
};

/** Closes a share of what every account holds of the symbol. */
const liquidator =
  (accounts: SimAccounts, symbols: readonly string[]) =>
  (instrument: string, share: number, how: 'liquidation' | 'adl'): void => {
    if (!symbols.includes(instrument)) return;
    for (const account of accounts.list()) {
      const { qty } = accounts.position(account, instrument);
      const part = new Decimal(qty).abs().times(share).toDecimalPlaces(3, Decimal.ROUND_UP);
      accounts.closeByVenue(account, instrument, how === 'adl' ? 'deleveraging' : 'liquidation', part.toFixed());
    }
  };
