/**
 * What OKX's codes mean for a placement, a cancel or a question, as data: first the top-level code is looked up, and where that is 1 or 2
 * (all or some failed) the entry's own `sCode`. A code that is not here is unknown, whatever it looks like. First match wins, hence
 * "any HTTP 5xx" stands above the codes: a body behind a 5xx proves nothing.
 */
import type { Meaning, OutcomeRow, OutcomeTable } from '../shared/orders/parts.ts';

const PROTOCOL = 'exchange-protocols.md §3.6';
const ERROR_TABLE = 'OKX v5 error codes, July 2026';
const WS_ERROR_TABLE = 'OKX v5 error codes, web-socket, July 2026';

const rows = (meaning: Meaning, source: string, codes: Readonly<Record<string, string>>): readonly OutcomeRow[] =>
  Object.entries(codes).map(([code, words]) => ({ code, meaning, words, source }));

const UNKNOWN: OutcomeTable = [
  { code: null, status: { from: 500, to: 599 }, meaning: 'unknown', words: 'any HTTP 5xx may have executed', source: PROTOCOL },
  ...rows('unknown', PROTOCOL, {
    '50001': 'the service is unavailable, the order may exist',
    '50004': 'the venue ran out of time, which says nothing about the order',
    '50013': 'the systems are busy, the order may exist',
    '50026': 'a system error, the order may exist',
    '60016': 'the venue’s line to us is full, the answer may be lost',
    '63999': 'the log-in broke inside the venue while orders were under way',
    '64007': 'an internal error of the venue’s socket',
  }),
  ...rows('unknown', ERROR_TABLE, {
    '51054': 'the venue ran out of time',
    '51149': 'the order ran out of time, which says nothing about it',
    '51412': 'the cancel ran out of time',
  }),
];

const LATER: OutcomeTable = [
  ...rows('retry-later', PROTOCOL, {
    '50011': 'this endpoint is asked too often',
    '50061': 'this sub-account places too often',
    '60014': 'this socket asks too often',
  }),
  ...rows('retry-later', ERROR_TABLE, {
    '50023': 'frozen while funding is settled',
    '50040': 'asked too often',
    '50046': 'this is being maintained',
    '51029': 'the contract is being settled',
    '51030': 'funding is being settled',
    '51032': 'a closing of all at market is under way',
    '51038': 'another order that lowers the risk is under way',
    '51102': 'too many resting orders on this contract',
    '51174': 'too many resting orders',
  }),
  ...rows('retry-later', WS_ERROR_TABLE, {
    '60011': 'the socket is not logged in, nothing was done',
    '60023': 'log-ins come too often',
  }),
  ...rows('retry-fresh', PROTOCOL, {
    '50036': 'expTime lay in the past when it arrived',
    '50037': 'it arrived after its expTime',
  }),
  ...rows('retry-fresh', ERROR_TABLE, {
    '51109': 'there is no best bid or ask',
    '51140': 'nothing is offered on the other side',
    '51142': 'there is no valid quote',
  }),
  ...rows('retry-fresh', `${PROTOCOL}: the limits follow the market`, {
    '51006': 'the price lies beyond the price limit',
    '51136': 'below the lowest price for closing',
    '51137': 'above the highest buying price',
    '51138': 'below the lowest selling price',
  }),
  ...rows('retry-fresh', `${ERROR_TABLE}: the limits follow the market`, {
    '51031': 'the price lies beyond the limit for closing',
    '51135': 'above the highest price for closing',
  }),
  ...rows('clock', PROTOCOL, { '50102': 'our time stamp is more than 30 s off' }),
  ...rows('clock', ERROR_TABLE, { '50112': 'our time stamp is not valid' }),
  ...rows('clock', WS_ERROR_TABLE, { '60004': 'our time stamp is not valid', '60006': 'our time stamp is more than 30 s off' }),
];

const DUPLICATE = rows('duplicate-id', PROTOCOL, {
  '50071': 'this clOrdId exists already',
  '51011': 'this ordId exists already',
  '51016': 'this clOrdId exists already',
});

const KEY: OutcomeTable = [
  ...rows('rejected', PROTOCOL, {
    '50110': 'our address is not among those that the key is bound to',
    '50111': 'there is no such key',
    '50113': 'the signature is wrong',
    '50119': 'this site knows no such key: it may belong to another site or environment',
  }),
  ...rows('rejected', ERROR_TABLE, {
    '50030': 'the key may not use this',
    '50035': 'the key must be bound to an address for this',
    '50100': 'the key is frozen',
    '50101': 'the key belongs to another environment',
    '50103': 'no key was sent',
    '50104': 'no passphrase was sent',
    '50105': 'the passphrase is wrong',
    '50106': 'no signature was sent',
    '50107': 'no time stamp was sent',
    '50114': 'not authorized',
    '50120': 'the key lacks the right',
    '50121': 'our address may not',
  }),
  ...rows('rejected', WS_ERROR_TABLE, {
    '60005': 'there is no such key',
    '60007': 'the signature is wrong',
    '60009': 'the log-in failed',
    '60024': 'the passphrase is wrong',
    '60032': 'this site knows no such key: it may belong to another site or environment',
  }),
];

const REJECTED: OutcomeTable = [
  ...rows('rejected', PROTOCOL, {
    '50027': 'the account may not trade',
    '51000': 'a parameter is wrong',
    '51001': 'there is no such instrument, or its instIdCode is not known',
    '51008': 'balance or margin is short',
    '51010': 'the account mode does not allow it',
    '51020': 'less than the minimum',
    '51021': 'not listed yet',
    '51022': 'trading in it is suspended',
    '51023': 'there is no such position',
    '51024': 'the trading account is frozen',
    '51027': 'the contract has expired',
    '51028': 'the contract is being delivered',
    '51101': 'more than one order may hold',
    '51112': 'more than can be closed',
    '51116': 'the price lies beyond what is allowed',
    '51121': 'not a multiple of the lot',
    '51127': 'nothing is available',
    '51131': 'too little is available',
    '51155': 'not allowed in this region',
    '51169': 'there is nothing to reduce',
    '51170': 'reduce-only in the direction of the position',
    '54031': 'the platform’s open interest is at its cap',
    '54094': 'the instrument is in its cool-off period',
    '59113': 'identification of level 2 is required',
    '60013': 'the frame is malformed',
  }),
  ...rows('rejected', ERROR_TABLE, {
    '50000': 'an empty body',
    '50002': 'not JSON',
    '50005': 'this endpoint is gone',
    '50006': 'wrong content type',
    '50007': 'the user is frozen',
    '50009': 'frozen by a liquidation',
    '50012': 'the account’s state is not valid',
    '50014': 'a parameter is missing',
    '50015': 'one of two parameters is missing',
    '50016': 'two parameters do not fit each other',
    '50017': 'frozen by auto-deleveraging',
    '50018': 'frozen by auto-deleveraging',
    '50019': 'frozen by auto-deleveraging',
    '50020': 'frozen by a liquidation',
    '50021': 'frozen by a liquidation',
    '50022': 'frozen by a liquidation',
    '50024': 'two parameters exclude each other',
    '50028': 'the account may not place orders',
    '50029': 'risk control forbids this instrument',
    '50032': 'the account forbids this currency',
    '50033': 'the account forbids this line of business',
    '50038': 'not on demo',
    '50051': 'not allowed in this region',
    '50052': 'not allowed in this region',
    '50060': 'identification is required',
    '50072': 'no isolated margin in this account mode',
    '50122': 'less than the minimum amount',
    '51003': 'neither ordId nor clOrdId',
    '51004': 'more than the leverage allows',
    '51005': 'more than one order may hold',
    '51007': 'less than one contract',
    '51009': 'placing orders is frozen',
    '51015': 'instId and instType do not fit',
    '51025': 'too many orders',
    '51037': 'only orders that lower the risk',
    '51087': 'no longer listed',
    '51103': 'too many resting orders',
    '51104': 'too much in resting orders',
    '51105': 'more than may be held',
    '51106': 'more than may be held',
    '51107': 'more than may be held',
    '51108': 'more than may be closed at market',
    '51110': 'not before the auction has begun',
    '51117': 'too many resting orders that close',
    '51120': 'less than the minimum',
    '51122': 'the price is below the minimum',
    '51124': 'only limit orders now',
    '51128': 'this account mode knows no margin of this kind',
    '51129': 'the position is at its limit',
    '51133': 'spot knows no reduce-only in this account mode',
    '51134': 'there is no position to reduce',
    '51139': 'spot knows no reduce-only',
    '51148': 'would turn a reduce-only order around',
    '51150': 'too many decimals',
    '51165': 'too many resting reduce-only orders',
    '51185': 'the amount of one order is limited',
    '51186': 'the leverage is above what the venue allows',
    '51187': 'more than the platform allows',
    '51202': 'more than the venue takes at market',
    '51203': 'more than the venue takes',
    '51205': 'reduce-only is not supported',
    '51206': 'cancel the resting reduce-only orders first',
    '51209': 'only orders that lower the delta',
    '51210': 'only one order that lowers the delta at a time',
    '51211': 'only orders that lower the delta',
    '51213': 'only one order that lowers the delta at a time',
    '51511': 'post-only that would take',
    '54005': 'isolated margin is needed before the contract is listed',
    '54024': 'its currency has to be enabled as collateral for cross margin',
    '54025': 'its currency has to be enabled as collateral for isolated margin',
    '54030': 'more than the venue allows one account',
    '54035': 'only reduce-only: the platform’s collateral is at its cap',
    '54072': 'can be watched, not traded',
    '54073': 'a currency of it may lose its peg: not now',
    '54092': 'the terms of TradFi perpetuals were not accepted: accept them once on OKX’s site, for each sub-account',
    '59114': 'margin is not offered where the account lives',
  }),
  ...rows('rejected', WS_ERROR_TABLE, { '60012': 'not a valid request', '60019': 'no such operation' }),
];

const NOTHING_TO_CANCEL: OutcomeTable = [
  ...rows('nothing-to-cancel', PROTOCOL, {
    '51400': 'filled, canceled or never there: ask what became of it',
    '51410': 'already being canceled: ask what became of it',
  }),
  ...rows('nothing-to-cancel', ERROR_TABLE, {
    '51401': 'already canceled',
    '51402': 'already filled',
    '51405': 'nothing rests',
  }),
];

const NOT_FOUND = rows('not-found', PROTOCOL, { '51603': 'the venue does not know this order' });
/** Behind the codes: OKX says "busy" (50013, unknown) with the same status. */
const LIMITED_BY_STATUS: OutcomeTable = [
  { code: null, status: { from: 429, to: 429 }, meaning: 'retry-later', words: 'asked too often', source: PROTOCOL },
];

export const OKX_OUTCOMES: OutcomeTable = [
  ...UNKNOWN,
  ...LATER,
  ...DUPLICATE,
  ...KEY,
  ...REJECTED,
  ...NOTHING_TO_CANCEL,
  ...NOT_FOUND,
  ...LIMITED_BY_STATUS,
];

/** Codes that say that the key itself is refused: nothing else can be read until that is mended. */
const KEY_CODES: ReadonlySet<string> = new Set(KEY.map(({ code }) => code ?? ''));
export const isKeyRefusal = (code: string): boolean => KEY_CODES.has(code);

/** The instrument or its integer code is not known; on demo, web sockets may say so of a code that the venue itself publishes. */
export const INSTRUMENT_UNKNOWN = '51001';
export const TERMS_NOT_ACCEPTED = '54092';
export const TOO_LATE: ReadonlySet<string> = new Set(['50036', '50037']);
/** By endpoint, by sub-account, by socket. */
export const LIMITED = { endpoint: '50011', account: '50061', socket: '60014' } as const;
