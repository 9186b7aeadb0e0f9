/** A dialect that does exactly what a test tells it, and a gateway in front of it with a time that passes only when the test says so. */
import type { ExchangeOrdersConfig, ExchangeVenueConfig } from '../../../../../src-shared/config/schema.ts';
import type { AccountCheck, BudgetReport } from '../../../../../src-shared/domain/exchange.ts';
import type { ClientOrderId, GroupId, InstrumentId, VenueId } from '../../../../../src-shared/domain/ids.ts';
import type { Instrument } from '../../../../../src-shared/domain/instrument.ts';
import type {
  CancelOutcome,
  FillReport,
  OrderRef,
  OrderReport,
  OrderRequest,
  PlaceOutcome,
  QueryOutcome,
} from '../../../../../src-shared/domain/order.ts';
import type { RiskApproved } from '../../../../core/risk/approved.ts';
import { ManualTime, RecordingInlets } from '../scriptedVenue.testkit.ts';
import { createGateway } from './gateway.ts';
import type { AccountReading, DialectOwner, ExchangeDialect, GatewayParts, PriceBand } from './parts.ts';

export const VENUE_ID = 'x' as VenueId;
export const INSTRUMENT_ID = 'XAUUSDT@x' as InstrumentId;

export const venueConfig = (orders: Partial<ExchangeOrdersConfig> = {}): GatewayParts['venue'] => ({
  ...({
    id: 'x',
    label: 'Exchange X',
    protocol: 'binance-usdm',
    simulated: true,
    maxQuoteAgeMs: 500,
    ackTimeoutMs: 2_000,
    orderValidityMs: 1_500,
    paper: { latencyMs: 0, latencyJitterMs: 0, slippageBps: 0, partialFillRate: 0, rejectRate: 0, startBalances: {} },
    urls: { rest: 'http://127.0.0.1:1', stream: 'ws://127.0.0.1:1' },
  } satisfies Omit<ExchangeVenueConfig, 'orders'>),
  orders: {
    environment: 'simulated',
    account: null,
    region: 'global',
    marginMode: 'cross',
    selfTradePrevention: 'taker',
    deadManMs: 60_000,
    urls: null,
    ...orders,
  },
});

export const described: Instrument = {
  id: INSTRUMENT_ID,
  venueId: VENUE_ID,
  symbol: 'XAUUSDT',
  kind: 'perpetual',
  baseCcy: 'XAU',
  quoteCcy: 'USDT',
  tickSize: '0.01',
  qtyStep: '0.001',
  minQty: '0.001',
  maxQty: null,
  minNotional: '5',
  baseQtyPerUnit: '1',
  tradable: true,
  venueState: 'TRADING',
  instIdCode: null,
};

export const check = (state: AccountCheck['state'], code: AccountCheck['code'] = 'leverage'): AccountCheck => ({
  code,
  instrumentId: null,
  state,
  label: code,
  configured: null,
  reported: null,
  venueCode: null,
  fix: '',
});

export const orderOf = (over: Partial<OrderRequest> = {}): RiskApproved<OrderRequest> =>
  ({
    clientOrderId: 'q1' as ClientOrderId,
    groupId: 'g1' as GroupId,
    leg: 'b',
    attempt: 1,
    purpose: 'open',
    authority: 'rule',
    venueId: VENUE_ID,
    instrumentId: INSTRUMENT_ID,
    symbol: 'XAUUSDT',
    side: 'buy',
    qty: '1',
    limitPx: '4000',
    timeInForce: 'ioc',
    reduceOnly: false,
    positionId: null,
    magic: null,
    validityMs: 1_500,
    quote: {} as OrderRequest['quote'],
    ...over,
  }) satisfies OrderRequest as RiskApproved<OrderRequest>;

export const refOf = (clientOrderId = 'q1'): OrderRef => ({
  clientOrderId: clientOrderId as ClientOrderId,
  venueId: VENUE_ID,
  instrumentId: INSTRUMENT_ID,
  symbol: 'XAUUSDT',
  venueOrderId: null,
  magic: null,
});

export const reportOf = (state: OrderReport['state'], over: Partial<OrderReport> = {}): OrderReport => ({
  clientOrderId: 'q1' as ClientOrderId,
  venueId: VENUE_ID,
  venueOrderId: '7',
  state,
  filledQty: '0',
  venueUnixMs: null,
  text: '',
  ...over,
});

export const fillOf = (tradeId: string): FillReport => ({
  venueId: VENUE_ID,
  instrumentId: INSTRUMENT_ID,
  tradeId,
  clientOrderId: 'q1' as ClientOrderId,
  side: 'buy',
  qty: '1',
  px: '4000',
  fee: '0.1',
  feeCcy: 'USDT',
  positionId: null,
  venueUnixMs: null,
});

export const EMPTY: AccountReading = {
  openOrders: [],
  fills: [],
  positions: [],
  account: { ccy: 'USDT', equity: '100', marginUsed: null, marginFree: null, balances: [] },
};

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/** Everything is up and answers well until a test says otherwise. */
export class ScriptedDialect implements ExchangeDialect {
  readonly environmentHeader = {};
  entry = { up: true, detail: 'connected' };
  stream = { up: true, detail: 'connected' };
  venueMs: number | null = 1_795_354_000_000.5;
  owner: DialectOwner | null = null;
  placing: (order: OrderRequest, mayLeave: () => boolean) => Promise<PlaceOutcome> = async (_order, mayLeave) =>
    mayLeave()
      ? { code: 'acknowledged', venueOrderId: '7', venueUnixMs: null }
      : { code: 'refused', refusal: { venueCode: null, text: 'the gate is closed', retry: 'later', by: 'gateway' } };
  canceling: (ref: OrderRef, mayLeave: () => boolean) => Promise<CancelOutcome> = async () => ({ code: 'acknowledged' });
  querying: (ref: OrderRef) => Promise<QueryOutcome> = async () => ({ code: 'not-found', venueUnixMs: null });
  reading: () => Promise<AccountReading | string> = async () => EMPTY;
  checking: () => ReturnType<ExchangeDialect['check']> = async () => ({
    checks: [check('pass')],
    keyExpiresUnixMs: null,
    described: [described],
  });
  banding: () => Promise<readonly PriceBand[] | string> | null = () => null;
  /** `null` = the venue has no such timer. */
  arming: ((symbols: readonly string[], timeoutMs: number) => Promise<{ readonly firesUnixMs: number } | string>) | null = async (
    _symbols,
    timeoutMs,
  ) => ({ firesUnixMs: timeoutMs });
  readonly armed: string[] = [];
  readonly budgetRows: BudgetReport[] = [{ name: 'weight', used: 0, max: 100, windowMs: 60_000, quietUntilUnixMs: null }];
  stops = 0;

  start(owner: DialectOwner): void {
    this.owner = owner;
  }
  async stop(): Promise<void> {
    this.stops += 1;
  }
  place(order: OrderRequest, mayLeave: () => boolean): Promise<PlaceOutcome> {
    return this.placing(order, mayLeave);
  }
  cancel(ref: OrderRef, mayLeave: () => boolean): Promise<CancelOutcome> {
    return this.canceling(ref, mayLeave);
  }
  query(ref: OrderRef): Promise<QueryOutcome> {
    return this.querying(ref);
  }
  read(): Promise<AccountReading | string> {
    return this.reading();
  }
  check(): ReturnType<ExchangeDialect['check']> {
    return this.checking();
  }
  deadMan(symbols: readonly string[], timeoutMs: number): Promise<{ readonly firesUnixMs: number } | string> | null {
    if (this.arming === null) return null;
    if (symbols.length > 0) this.armed.push(`${symbols.join('+')} ${timeoutMs}`);
    return symbols.length === 0 ? never() : this.arming(symbols, timeoutMs);
  }
  bands(): Promise<readonly PriceBand[] | string> | null {
    return this.banding();
  }
  budgets(): readonly BudgetReport[] {
    return this.budgetRows.map((row) => ({ ...row }));
  }
  venueUnixMs(): number | null {
    return this.venueMs;
  }
  /** The link `which` goes up or down. */
  turn(which: 'entry' | 'stream', up: boolean, detail: string): void {
    this[which] = { up, detail };
    this.owner?.linksChanged();
  }
}

export const stageGateway = (prepare: (dialect: ScriptedDialect) => void = () => undefined, venue = venueConfig()) => {
  const time = new ManualTime();
  const inlets = new RecordingInlets();
  const dialect = new ScriptedDialect();
  prepare(dialect);
  const gateway = createGateway(
    {
      venue,
      instruments: [
        {
          id: INSTRUMENT_ID,
          symbol: 'XAUUSDT',
          kind: 'perpetual',
          expected: {},
          takerFeeBps: 5,
          initialMarginRate: 0.05,
          carryIntervalHours: 8,
        },
      ],
      key: { environment: venue.orders.environment, apiKey: 'k', secret: { algorithm: 'hmac-sha256', text: 's' }, passphrase: null },
      inlet: inlets,
      clock: time,
      timers: time,
      random: () => 0.5,
    },
    () => dialect,
  );
  const links = () => inlets.of('order-link').map(({ state, detail }) => `${state}: ${detail}`);
  const reports = () => inlets.of('exchange').map(({ report }) => report);
  /** Started, checks read, link up. */
  const started = async () => {
    gateway.start();
    await time.pass(1);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { time, inlets, dialect, gateway, links, reports, started };
};
