/**
 * The public REST side of a simulated OKX: time, instruments, funding-rate, price-limit. Owns parameters, the venue's
 * envelope and its error codes; figures come from the listed instruments.
 */
import { fixedText, priceText, type SimInstrument } from '../market/instruments.ts';
import type { BookUpdate } from '../market/model.ts';
import { createBudget } from './budget.ts';
import type { HttpReply } from './venueServer.ts';

const WINDOW_MS = 2_000;
const FUNDING_INTERVAL_MS = 8 * 3_600_000;
const INST_TYPES = ['SPOT', 'MARGIN', 'SWAP', 'FUTURES', 'OPTION', 'EVENTS'];
const FIRST_INST_ID_CODE = 10_458;
const BAND = 0.02;

export interface OkxMetadataSettings {
  readonly instruments: readonly SimInstrument[];
  readonly requestsPer2s: number;
  readonly venueNow: () => number;
  readonly lastOf: (symbol: string) => BookUpdate | null;
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
    floatPxLmtPct: '0.02',
    futureSettlement: false,
    groupId: swap ? '4' : '1',
    initPxLmtPct: '0.05',
    instCategory: x.underlying === 'XAU' ? '4' : '1',
    instFamily: swap ? family : '',
    instId: x.symbol,
    instIdCode: FIRST_INST_ID_CODE + index,
    instType: instTypeOf(x),
    lever: swap ? '50' : '10',
    listTime: '1606468572000',
    lotSz: step,
    maxIcebergSz: '100000000.0000000000000000',
    maxLmtAmt: '20000000',
    maxLmtSz: '100000000',
    maxMktAmt: swap ? '' : '1000000',
    maxMktSz: swap ? '20000' : '1000000',
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

export const fundingRow = (x: SimInstrument, now: number) => {
  const fundingTime = (Math.floor(now / FUNDING_INTERVAL_MS) + 1) * FUNDING_INTERVAL_MS;
  return {
    formulaType: 'withRate',
    fundingRate: '0.0001',
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
  return 'code' in x ? x : [fundingRow(x, settings.venueNow())];
};

const priceLimit = (settings: OkxMetadataSettings, query: URLSearchParams): Answer => {
  const x = swapOf(settings, query);
  if ('code' in x) return x;
  const last = settings.lastOf(x.symbol);
  const middle = last === null ? 0 : (last.bidTicks + last.askTicks) / 2;
  const band = (factor: number) => (last === null ? '' : priceText(x, Math.round(middle * factor)));
  return [
    {
      instType: 'SWAP',
      instId: x.symbol,
      buyLmt: band(1 + BAND),
      sellLmt: band(1 - BAND),
      ts: String(settings.venueNow()),
      enabled: last !== null,
    },
  ];
};

export const createOkxMetadata = (settings: OkxMetadataSettings): ((method: string, url: URL) => HttpReply) => {
  const routes = new Map<string, (query: URLSearchParams) => Answer>([
    ['/api/v5/public/time', () => [{ ts: String(settings.venueNow()) }]],
    ['/api/v5/public/instruments', (query) => instruments(settings, query)],
    ['/api/v5/public/funding-rate', (query) => fundingRate(settings, query)],
    ['/api/v5/public/price-limit', (query) => priceLimit(settings, query)],
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
