/**
 * The public REST side of a simulated OKX: time, instruments, funding-rate, price-limit. Owns parameters, the venue's
 * envelope and its error codes; figures come from the listed instruments.
 */
import { fixedText, type SimInstrument } from '../market/instruments.ts';
import { createBudget } from './budget.ts';
import { BAND, FIRST_INST_ID_CODE, MAX_LEVERAGE, MAX_LIMIT_SIZE, MAX_MARKET_SIZE, type PriceBand } from './okxListings.ts';
import type { HttpReply } from './venueServer.ts';

const WINDOW_MS = 2_000;
const FUNDING_INTERVAL_MS = 8 * 3_600_000;
const PAST_FUNDINGS = 30;
const INST_TYPES = ['SPOT', 'MARGIN', 'SWAP', 'FUTURES', 'OPTION', 'EVENTS'];

export interface OkxMetadataSettings {
  readonly instruments: readonly SimInstrument[];
  readonly requestsPer2s: number;
  readonly venueNow: () => number;
  /** null before the first book. */
  readonly bandOf: (symbol: string) => PriceBand | null;
  readonly markOf: (symbol: string) => string | null;
  /** Rate of the next payment, as a share of notional. */
  readonly fundingRateOf: (symbol: string) => string;
  /** The `tickers` row of a symbol as JSON's value; null before the first book. */
  readonly tickerOf: (symbol: string) => object | null;
}

interface OkxError {
  readonly status: number;
  readonly code: string;
  readonly msg: string;
}
type Answer = readonly unknown[] | OkxError;

const empty = (name: string): OkxError => ({ status: 400, code: '50014', msg: `Parameter ${name} can not be empty.` });
const wrong = (name: string): OkxError => ({ status: 400, code: '51000', msg: `Parameter ${name} error` });
const NO_INSTRUMENT: OkxError = { status: 200, code: '51001', msg: "Instrument ID, Instrument ID code, or Spread ID doesn't exist." };

export const instTypeOf = (x: SimInstrument): 'SPOT' | 'SWAP' => (x.kind === 'spot' ? 'SPOT' : 'SWAP');

/** One row of `/public/instruments`, also the payload of the `instruments` channel. */
export const instrumentRow = (x: SimInstrument, index: number) => {
  const swap = instTypeOf(x) === 'SWAP';
  const step = fixedText(x.stepUnits, x.qtyDecimals, true);
  const family = `${x.base}-${x.quote}`;
  return {
    alias: '',
    auctionEndTime: '',
    baseCcy: swap ? '' : x.base,
    category: '1',
    contTdSwTime: '',
    ctMult: swap ? '1' : '',
    ctType: swap ? 'linear' : '',
    ctVal: swap ? x.unitsPerContract : '',
    ctValCcy: swap ? x.base : '',
    expTime: '',
    floatPxLmtPct: BAND,
    futureSettlement: false,
    groupId: swap ? '4' : '1',
    initPxLmtPct: '0.05',
    instCategory: x.underlying === 'XAU' ? '4' : '1',
    instFamily: swap ? family : '',
    instId: x.symbol,
    instIdCode: FIRST_INST_ID_CODE + index,
    instType: instTypeOf(x),
    lever: swap ? String(MAX_LEVERAGE) : '',
    listTime: '1606468572000',
    lotSz: step,
    maxIcebergSz: '100000000.0000000000000000',
    maxLmtAmt: '20000000',
    maxLmtSz: MAX_LIMIT_SIZE,
    maxMktAmt: swap ? '' : '1000000',
    maxMktSz: MAX_MARKET_SIZE[swap ? 'swap' : 'spot'],
    maxPxLmtPct: '0.15',
    maxStopSz: swap ? '20000' : '1000000',
    maxTriggerSz: '100000000.0000000000000000',
    maxTwapSz: '100000000.0000000000000000',
    minSz: swap ? step : '0.00001',
    openType: 'fix_price',
    optType: '',
    posLmtAmt: '',
    posLmtPct: '',
    preMktSwTime: '',
    quoteCcy: swap ? '' : x.quote,
    ruleType: 'normal',
    settleCcy: swap ? x.quote : '',
    state: 'live',
    stk: '',
    tickSz: fixedText(x.tickUnits, x.priceDecimals, true),
    tradeQuoteCcyList: [x.quote],
    uly: swap ? family : '',
    upcChg: [],
  };
};

export const fundingRow = (x: SimInstrument, now: number, rate: string) => {
  const fundingTime = (Math.floor(now / FUNDING_INTERVAL_MS) + 1) * FUNDING_INTERVAL_MS;
  return {
    formulaType: 'withRate',
    fundingRate: rate,
    fundingTime: String(fundingTime),
    impactValue: '20000',
    instId: x.symbol,
    instType: 'SWAP',
    interestRate: '0.0001',
    maxFundingRate: '0.0075',
    method: 'current_period',
    minFundingRate: '-0.0075',
    nextFundingRate: '',
    nextFundingTime: String(fundingTime + FUNDING_INTERVAL_MS),
    premium: '0',
    settFundingRate: '0.0001',
    settState: 'settled',
    ts: String(now),
  };
};

const instruments = (settings: OkxMetadataSettings, query: URLSearchParams): Answer => {
  const instType = query.get('instType');
  if (instType === null || instType === '') return empty('instType');
  if (!INST_TYPES.includes(instType)) return wrong('instType');
  const instId = query.get('instId');
  const family = query.get('instFamily') ?? query.get('uly');
  const rows = settings.instruments
    .map((x, i) => instrumentRow(x, i))
    .filter(
      (row) => row.instType === instType && (instId === null || row.instId === instId) && (family === null || row.instFamily === family),
    );
  return rows.length === 0 && instId !== null ? NO_INSTRUMENT : rows;
};

const swapOf = (settings: OkxMetadataSettings, query: URLSearchParams): SimInstrument | OkxError => {
  const instId = query.get('instId');
  if (instId === null || instId === '') return empty('instId');
  return settings.instruments.find((x) => x.symbol === instId && instTypeOf(x) === 'SWAP') ?? NO_INSTRUMENT;
};

const fundingRate = (settings: OkxMetadataSettings, query: URLSearchParams): Answer => {
  const x = swapOf(settings, query);
  return 'code' in x ? x : [fundingRow(x, settings.venueNow(), settings.fundingRateOf(x.symbol))];
};

/** The rate does not change in this simulation: every past payment had it. */
const fundingHistory = (settings: OkxMetadataSettings, query: URLSearchParams): Answer => {
  const x = swapOf(settings, query);
  if ('code' in x) return x;
  const rate = settings.fundingRateOf(x.symbol);
  const newest = Math.floor(settings.venueNow() / FUNDING_INTERVAL_MS) * FUNDING_INTERVAL_MS;
  return Array.from({ length: PAST_FUNDINGS }, (_, i) => ({
    formulaType: 'withRate',
    fundingRate: rate,
    fundingTime: String(newest - i * FUNDING_INTERVAL_MS),
    instId: x.symbol,
    instType: 'SWAP',
    method: 'current_period',
    realizedRate: rate,
  }));
};

const listed = (settings: OkxMetadataSettings, query: URLSearchParams): SimInstrument | OkxError => {
  const instId = query.get('instId');
  if (instId === null || instId === '') return empty('instId');
  return settings.instruments.find((x) => x.symbol === instId) ?? NO_INSTRUMENT;
};

const priceLimit = (settings: OkxMetadataSettings, query: URLSearchParams): Answer => {
  const x = listed(settings, query);
  if ('code' in x) return x;
  const band = settings.bandOf(x.symbol);
  return [
    {
      instType: instTypeOf(x),
      instId: x.symbol,
      buyLmt: band?.buyLmt ?? '',
      sellLmt: band?.sellLmt ?? '',
      ts: String(settings.venueNow()),
      enabled: band !== null,
    },
  ];
};

const markPrice = (settings: OkxMetadataSettings, query: URLSearchParams): Answer => {
  const [instType, instId] = [query.get('instType') ?? '', query.get('instId')];
  if (instType === '') return empty('instType');
  return settings.instruments
    .filter((x) => instTypeOf(x) === instType && (instId === null || x.symbol === instId))
    .map((x) => ({ instType, instId: x.symbol, markPx: settings.markOf(x.symbol) ?? '', ts: String(settings.venueNow()) }));
};

const ticker = (settings: OkxMetadataSettings, query: URLSearchParams): Answer => {
  const x = listed(settings, query);
  if ('code' in x) return x;
  const row = settings.tickerOf(x.symbol);
  return row === null ? [] : [row];
};

export const createOkxMetadata = (settings: OkxMetadataSettings): ((method: string, url: URL) => HttpReply) => {
  const routes = new Map<string, (query: URLSearchParams) => Answer>([
    ['/api/v5/public/time', () => [{ ts: String(settings.venueNow()) }]],
    ['/api/v5/public/instruments', (query) => instruments(settings, query)],
    ['/api/v5/public/funding-rate', (query) => fundingRate(settings, query)],
    ['/api/v5/public/funding-rate-history', (query) => fundingHistory(settings, query)],
    ['/api/v5/public/price-limit', (query) => priceLimit(settings, query)],
    ['/api/v5/public/mark-price', (query) => markPrice(settings, query)],
    ['/api/v5/market/ticker', (query) => ticker(settings, query)],
  ]);
  const budgets = new Map([...routes.keys()].map((path) => [path, createBudget(settings.requestsPer2s, WINDOW_MS)]));
  const envelope = (status: number, code: string, msg: string, data: readonly unknown[]): HttpReply => ({
    status,
    body: JSON.stringify({ code, msg, data }),
  });
  return (method, url) => {
    const route = routes.get(url.pathname);
    if (route === undefined || method !== 'GET') return envelope(404, '404', '', []);
    if (!budgets.get(url.pathname)!.take(performance.now())) return envelope(429, '50011', 'Too Many Requests', []);
    const answer = route(url.searchParams);
    return 'code' in answer ? envelope(answer.status, answer.code, answer.msg, []) : envelope(200, '0', '', answer);
  };
};
