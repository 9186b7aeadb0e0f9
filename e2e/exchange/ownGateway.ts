/**
 * Our own gateway at one simulated exchange, as the engine would have it: the real door, real sockets, real signing. Owns what it
 * told the engine, in order, and a summary by order; adds no rule of its own.
 */
import { randomUUID } from 'node:crypto';
import type { ExchangeProtocol } from '../../src-shared/config/exchangeSites.ts';
import type { ExchangeReport } from '../../src-shared/domain/exchange.ts';
import type { ClientOrderId, GroupId, InstrumentId, VenueId } from '../../src-shared/domain/ids.ts';
import type { FillReport, OrderRef, OrderReport, OrderRequest, PlaceOutcome } from '../../src-shared/domain/order.ts';
import { createExchangeGateway, type ExchangeGatewayParts, type GatewayInstrument } from '../../src-main/adapters/venues/gateway.ts';
import { systemTimers } from '../../src-main/adapters/venues/shared/timers.ts';
import type { ControlInput } from '../../src-main/core/events.ts';
import type { Clock, OrderGateway, VenueKey } from '../../src-main/runtime/ports.ts';

export const clock: Clock = { monoUs: () => performance.now() * 1_000, unixMs: () => Date.now() };

/** The paths of the venues' own sites, on a simulated host. */
export const entryPaths: Readonly<Record<ExchangeProtocol, { readonly entry: string; readonly stream: string; readonly market: string }>> =
  {
    'binance-usdm': { entry: '/ws-fapi/v1', stream: '/private/ws', market: '' },
    'binance-spot': { entry: '/ws-api/v3', stream: '/ws-api/v3', market: '' },
    okx: { entry: '/ws/v5/private', stream: '/ws/v5/private', market: '/ws/v5' },
  };

export interface OwnPlace {
  readonly protocol: ExchangeProtocol;
  readonly restUrl: string;
  readonly socketUrl: string;
  readonly key: VenueKey;
  readonly instruments: readonly GatewayInstrument[];
  readonly ackTimeoutMs?: number;
  readonly orderValidityMs?: number;
}

/** A venue's configuration as the gateway gets it. */
export const venueOf = ({
  protocol,
  restUrl,
  socketUrl,
  ackTimeoutMs = 2_000,
  orderValidityMs = 1_500,
}: Omit<OwnPlace, 'key' | 'instruments'>): ExchangeGatewayParts['venue'] => {
  const paths = entryPaths[protocol];
  return {
    id: protocol,
    label: protocol,
    protocol,
    simulated: true,
    maxQuoteAgeMs: 2_000,
    ackTimeoutMs,
    orderValidityMs,
    paper: { latencyMs: 0, latencyJitterMs: 0, slippageBps: 0, partialFillRate: 0, rejectRate: 0, startBalances: {} },
    orders: {
      environment: 'simulated',
      account: null,
      region: 'global',
      marginMode: 'cross',
      selfTradePrevention: 'taker',
      deadManMs: 60_000,
      urls: { rest: restUrl, entry: `${socketUrl}${paths.entry}`, stream: `${socketUrl}${paths.stream}` },
    },
    urls: { rest: restUrl, stream: `${socketUrl}${paths.market}` },
  };
};

/** What the gateway told, since it was made. */
export interface Told {
  readonly events: ControlInput[];
  readonly reports: Map<string, OrderReport[]>;
  /** By trade id; a fill that came twice is there once, `repeats` counts the rest. */
  readonly fills: Map<string, FillReport>;
  repeats: number;
  /** A repeated fill that said something else: never allowed. */
  readonly contradictions: string[];
  link: { up: boolean; detail: string };
  report: ExchangeReport | null;
}

const listen = (told: Told, event: ControlInput): void => {
  told.events.push(event);
  if (event.type === 'order-link') told.link = { up: event.state === 'up', detail: event.detail };
  else if (event.type === 'exchange') told.report = event.report;
  else if (event.type === 'order-report') {
    const known = told.reports.get(event.report.clientOrderId) ?? [];
    told.reports.set(event.report.clientOrderId, [...known, event.report]);
  } else if (event.type === 'fill') {
    const { tradeId, instrumentId } = event.fill;
    const key = `${instrumentId} ${tradeId}`;
    const known = told.fills.get(key);
    if (known === undefined) told.fills.set(key, event.fill);
    else {
      told.repeats += 1;
      if (JSON.stringify(known) !== JSON.stringify(event.fill)) told.contradictions.push(`${key} came twice and differs`);
    }
  }
};

export interface Own {
  readonly protocol: ExchangeProtocol;
  readonly gateway: OrderGateway;
  readonly told: Told;
  /** Builds an order as the core would. */
  request(ask: OwnAsk): OrderRequest;
  ref(request: OrderRequest): OrderRef;
  place(request: OrderRequest): Promise<PlaceOutcome>;
  stop(): Promise<void>;
}
export interface OwnAsk {
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly qty: string;
  readonly px: string;
  readonly reduceOnly?: boolean;
  readonly clientId?: string;
  readonly validityMs?: number;
}

const quoteAt = (instrumentId: InstrumentId, px: string): OrderRequest['quote'] => ({
  instrumentId,
  bidPx: px,
  bidQty: null,
  askPx: px,
  askQty: null,
  venueMs: null,
  updateId: null,
  receivedUnixMs: clock.unixMs(),
  ageMs: 0,
});

/** Letters and digits alone, 32 of them: what every exchange takes. */
export const freshId = (): string => `q${randomUUID().replaceAll('-', '').slice(0, 31)}`;

export const openOwn = (place: OwnPlace): Own => {
  const told: Told = {
    events: [],
    reports: new Map(),
    fills: new Map(),
    repeats: 0,
    contradictions: [],
    link: { up: false, detail: 'not started' },
    report: null,
  };
  const venue = venueOf(place);
  const gateway = createExchangeGateway({
    venue,
    instruments: place.instruments,
    key: place.key,
    inlet: {
      offer: (event) => {
        listen(told, event);
        return 'taken';
      },
    },
    clock,
    timers: systemTimers,
    random: Math.random,
  });
  gateway.start();
  const instrumentOf = (symbol: string): InstrumentId => `${symbol}@${place.protocol}` as InstrumentId;
  const request = ({ symbol, side, qty, px, reduceOnly = false, clientId = freshId(), validityMs }: OwnAsk): OrderRequest => ({
    clientOrderId: clientId as ClientOrderId,
    groupId: 'g' as GroupId,
    leg: 'a',
    attempt: 1,
    purpose: reduceOnly ? 'close' : 'open',
    authority: 'rule',
    venueId: venue.id as VenueId,
    instrumentId: instrumentOf(symbol),
    symbol,
    side,
    qty,
    limitPx: px,
    timeInForce: 'ioc',
    reduceOnly,
    positionId: null,
    magic: null,
    validityMs: validityMs ?? venue.orderValidityMs,
    quote: quoteAt(instrumentOf(symbol), px),
  });
  return {
    protocol: place.protocol,
    gateway,
    told,
    request,
    ref: ({ clientOrderId, venueId, instrumentId, symbol }) => ({
      clientOrderId,
      venueId,
      instrumentId,
      symbol,
      venueOrderId: null,
      magic: null,
    }),
    // The seal is the core's; here nothing but the gateway is under test.
    place: (order) => gateway.place(order as Parameters<OrderGateway['place']>[0], () => true),
    stop: () => gateway.stop(),
  };
};
