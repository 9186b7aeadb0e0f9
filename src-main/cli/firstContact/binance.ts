/** First contact with Binance, futures and spot: its rows, fees, paths, agreement, window and self-trade prevention. */
import { randomBytes } from 'node:crypto';
import type { InstrumentSettings } from '../../../src-shared/domain/settings.ts';
import { at, inTime, listen, rowsAt, send, textAt, venueNow, type Contact, type Reply } from './contact.ts';
import { answered, differences, farOrder, none, open, tenth, type Asker, type FarOrder, type Point } from './points.ts';

const WINDOW_MS = 1_500;
/** How much of the window is left to an order that comes late in it. */
const ROOM_MS = 900;
/** Of the product's notes of 2026; what comes beyond is new. */
const KNOWN_QUOTE_MEMBERS = { futures: ['e', 'u', 's', 'ps', 'b', 'B', 'a', 'A', 'T', 'E', 'st'], spot: ['u', 's', 'b', 'B', 'a', 'A'] };

type Params = Readonly<Record<string, string | number | boolean>>;

const pathsOf = (contact: Contact) =>
  contact.venue.protocol === 'binance-usdm'
    ? ({ base: '/fapi/v1', product: 'futures', commission: '/fapi/v1/commissionRate' } as const)
    : ({ base: '/api/v3', product: 'spot', commission: '/api/v3/account/commission' } as const);

const publicly = (contact: Contact, path: string): Promise<Reply> =>
  send(contact, `GET ${path}`, `${contact.urls.rest}${path}`, { method: 'GET' });

/** @param stampMs by the exchange's clock; now where it is left out. */
const signed = (
  contact: Contact,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  params: Params,
  stampMs = venueNow(contact),
): Promise<Reply> => {
  const shown = `${method} ${path} ${JSON.stringify(params)}`;
  const given = { ...params, recvWindow: WINDOW_MS, timestamp: Math.round(stampMs) };
  const query = Object.entries(given)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .join('&');
  const target = `${path}?${query}&signature=${encodeURIComponent(contact.sign(query))}`;
  return send(contact, shown, `${contact.urls.rest}${target}`, { method, headers: { 'X-MBX-APIKEY': contact.key.apiKey } });
};

const measureClock = async (contact: Contact): Promise<void> => {
  const began = Date.now();
  const { value } = await publicly(contact, `${pathsOf(contact).base}/time`);
  const serverTime = Number(at(value, 'serverTime'));
  if (Number.isFinite(serverTime)) contact.offsetMs = serverTime - (began + Date.now()) / 2;
};

interface Row {
  readonly tickSize: string;
  readonly qtyStep: string;
  readonly minQty: string;
  readonly minNotional: string | null;
  readonly contractType: string;
}

const rowOf = (info: unknown, symbol: string): Row | null => {
  const row = rowsAt(info, 'symbols').find((each) => at(each, 'symbol') === symbol);
  if (row === undefined) return null;
  const filter = (type: string): unknown => rowsAt(row, 'filters').find((each) => at(each, 'filterType') === type);
  const notional = filter('MIN_NOTIONAL') ?? filter('NOTIONAL');
  return {
    tickSize: textAt(filter('PRICE_FILTER'), 'tickSize'),
    qtyStep: textAt(filter('LOT_SIZE'), 'stepSize'),
    minQty: textAt(filter('LOT_SIZE'), 'minQty'),
    minNotional: notional === undefined ? null : textAt(notional, at(notional, 'notional') === undefined ? 'minNotional' : 'notional'),
    contractType: textAt(row, 'contractType'),
  };
};

const rowsPoint = (instruments: readonly InstrumentSettings[], info: unknown): Point => {
  const told = instruments.map((instrument): readonly [string, boolean] => {
    const row = rowOf(info, instrument.symbol);
    if (row === null) return [`${instrument.symbol}: not listed`, false];
    const apart = differences(instrument, { tickSize: row.tickSize, qtyStep: row.qtyStep, minQty: row.minQty });
    const { tickSize, qtyStep, minQty, minNotional, contractType } = row;
    const figures = `${instrument.symbol}: ${contractType}, tick ${tickSize}, step ${qtyStep}, min ${minQty}, notional ${minNotional ?? 'none'}`;
    return [[figures, ...apart].join('; '), apart.length === 0];
  });
  return answered(
    1,
    told.map(([text]) => text).join(' | '),
    told.every(([, same]) => same),
  );
};

const feesPoint = async (contact: Contact, instruments: readonly InstrumentSettings[]): Promise<Point> => {
  const told: string[] = [];
  let higher = false;
  for (const { symbol, costs } of instruments) {
    const { value, text } = await signed(contact, 'GET', pathsOf(contact).commission, { symbol });
    const rate =
      textAt(value, 'takerCommissionRate') === '—' ? textAt(value, 'standardCommission', 'taker') : textAt(value, 'takerCommissionRate');
    if (rate === '—') return open(2, `${symbol}: ${text.slice(0, 200)}`);
    higher ||= Number(rate) * 10_000 > costs.takerFeeBps + 1e-9;
    told.push(`${symbol}: taker ${rate}, configured ${costs.takerFeeBps} bps`);
  }
  return answered(2, told.join(' | '), !higher);
};

/** Which of the paths deliver quotes, and of what members. */
const quotePoints = async (contact: Contact, symbol: string): Promise<readonly [paths: Point, members: Point]> => {
  const { product } = pathsOf(contact);
  const base = contact.venue.urls.stream;
  const told: string[] = [];
  let frame: unknown = null;
  for (const path of product === 'futures' ? ['/public/ws', '/ws', '/market/ws'] : ['/ws']) {
    const socket = await listen(contact, `${path} ${symbol}@bookTicker`, `${base}${path}/${symbol.toLowerCase()}@bookTicker`);
    const { awaitedMs, doubtfulMs } = contact.patience;
    const withinMs = told.length === 0 ? awaitedMs : doubtfulMs;
    const found = (await socket?.find((each) => at(each, 'b') !== undefined && at(each, 'a') !== undefined, withinMs)) ?? null;
    told.push(`${path} ${found === null ? (socket === null ? 'cannot be opened' : 'is silent') : 'delivers'}`);
    frame ??= found;
    socket?.close();
  }
  const host = new URL(base).host;
  const expected = told[0]?.endsWith('delivers') === true;
  const paths = answered(3, `${host}: ${told.join(', ')}`, expected);
  if (frame === null) return [paths, open(4, 'no quote came')];
  const members = Object.keys(frame as object);
  const fresh = members.filter((name) => !KNOWN_QUOTE_MEMBERS[product].includes(name));
  return [paths, answered(4, `${members.join(' ')}${fresh.length === 0 ? '' : `; new: ${fresh.join(' ')}`}`, fresh.length === 0)];
};

const orderParams = (contact: Contact, symbol: string, { price, qty }: FarOrder): Params => ({
  symbol,
  side: 'BUY',
  ...(pathsOf(contact).product === 'futures' ? { type: 'LIMIT', timeInForce: 'GTX' } : { type: 'LIMIT_MAKER' }),
  quantity: qty,
  price,
  newClientOrderId: `fc${randomBytes(8).toString('hex')}`,
});

const agreementPoint = async (contact: Contact, symbol: string, row: Row, far: FarOrder): Promise<Point> => {
  if (!row.contractType.startsWith('TRADIFI')) return none(6, `${symbol} is ${row.contractType}: no agreement is asked for`);
  const { value, status, text } = await signed(contact, 'POST', `${pathsOf(contact).base}/order/test`, orderParams(contact, symbol, far));
  const code = textAt(value, 'code');
  if (status === 200) return answered(6, 'signed: a test order passed');
  return code === '-4411' ? answered(6, `not signed: ${text.slice(0, 200)}`, false) : open(6, text.slice(0, 200));
};

/** Places far off the market, looks what the exchange kept of it, and takes it away again. */
const placeAndCancel = async (contact: Contact, symbol: string, far: FarOrder, stampMs?: number) => {
  const params = orderParams(contact, symbol, far);
  const path = `${pathsOf(contact).base}/order`;
  const placed = await signed(contact, 'POST', path, params, stampMs);
  const key = { symbol, origClientOrderId: params['newClientOrderId']! };
  const kept = await signed(contact, 'GET', path, key);
  // Whatever the answer was: an order that lives after all must not stay.
  const canceled = kept.status === 200 ? await signed(contact, 'DELETE', path, key) : null;
  return { placed, kept, canceled };
};

const windowPoint = async (contact: Contact, symbol: string, far: FarOrder): Promise<Point> => {
  const [late, early] = [venueNow(contact) - WINDOW_MS - 700, venueNow(contact) + 3_000];
  const tooLate = await placeAndCancel(contact, symbol, far, late);
  const tooEarly = await placeAndCancel(contact, symbol, far, early);
  const inside = await inTime(
    ROOM_MS,
    () => placeAndCancel(contact, symbol, far, venueNow(contact) - WINDOW_MS + ROOM_MS),
    ({ placed }) => placed.status === 200,
  );
  const codes = [tooLate, tooEarly, inside].map(({ placed }) => (placed.status === 200 ? 'accepted' : textAt(placed.value, 'code')));
  const ghosts = [tooLate, tooEarly].filter(({ kept }) => kept.status === 200).length;
  const text = `${WINDOW_MS} ms window: 700 ms after its end ${codes[0]}, 3 s ahead ${codes[1]}, 600 ms after the stamp ${codes[2]}; ${ghosts} of the refused found as orders`;
  return answered(7, text, codes[0] === '-1021' && codes[1] === '-1021' && codes[2] === 'accepted' && ghosts === 0);
};

const preventionPoint = async (contact: Contact, symbol: string, far: FarOrder): Promise<Point> => {
  const { placed, kept, canceled } = await placeAndCancel(contact, symbol, far);
  if (placed.status !== 200) return open(9, placed.text.slice(0, 200));
  const mode = textAt(kept.value, 'selfTradePreventionMode');
  return answered(
    9,
    `${mode} when none is sent; taken away again: ${canceled?.status === 200 ? 'yes' : (canceled?.text.slice(0, 200) ?? 'it was not found')}`,
  );
};

const sessionPoint = async (contact: Contact, symbol: string): Promise<Point> => {
  if (pathsOf(contact).product === 'spot') return none(8);
  const schedule = await publicly(contact, '/fapi/v1/tradingSchedule');
  const mark = await publicly(contact, `/fapi/v1/premiumIndex?symbol=${symbol}`);
  const socket = await listen(contact, '/market/ws tradingSession', `${contact.venue.urls.stream}/market/ws/tradingSession`);
  const event = (await socket?.find((each) => at(each, 'S') !== undefined, contact.patience.doubtfulMs)) ?? null;
  socket?.close();
  const kinds = Object.keys(at(schedule.value, 'marketSchedules') ?? schedule.value ?? {}).join(' ');
  const text = `schedule ${schedule.status} (${kinds}), mark ${textAt(mark.value, 'markPrice')} index ${textAt(mark.value, 'indexPrice')}, event ${event === null ? 'none' : textAt(event, 'e')}`;
  return schedule.status === 200 ? answered(8, text) : open(8, text);
};

/** Each point on its own: what one cannot learn keeps nobody from the next. */
const settled = async (point: Point['point'], work: Promise<Point>): Promise<Point> => {
  try {
    return await work;
  } catch (error) {
    return open(point, `failed: ${(error as Error).name}`);
  }
};

export const askBinance: Asker = async (contact, instruments) => {
  const [first] = instruments;
  if (first === undefined) return [open(1, 'no instrument of this venue is configured')];
  const { base, product } = pathsOf(contact);
  await measureClock(contact);
  const info = await publicly(contact, product === 'spot' ? `${base}/exchangeInfo?symbol=${first.symbol}` : `${base}/exchangeInfo`);
  const rows = rowsPoint(product === 'spot' ? [first] : instruments, info.value);
  const fees = await settled(2, feesPoint(contact, instruments));
  const [paths, members] = await quotePoints(contact, first.symbol);
  const ticker = await publicly(contact, `${base}/ticker/bookTicker?symbol=${first.symbol}`);
  const row = rowOf(info.value, first.symbol);
  const bid = textAt(ticker.value, 'bidPrice');
  const far = row === null || bid === '—' ? null : farOrder(bid, row.tickSize, row.qtyStep, row.minQty, row.minNotional);
  const lacking = `without row and quote of ${first.symbol} no order can be made`;
  const trades: readonly Point[] =
    far === null || row === null
      ? [open(6, lacking), open(7, lacking), open(9, lacking)]
      : [
          product === 'spot' ? none(6) : await settled(6, agreementPoint(contact, first.symbol, row, far)),
          await settled(7, windowPoint(contact, first.symbol, far)),
          await settled(9, preventionPoint(contact, first.symbol, far)),
        ];
  const sessions = await settled(8, sessionPoint(contact, first.symbol));
  return [rows, fees, paths, members, none(5), ...trades, sessions, tenth(contact)].toSorted((x, y) => x.point - y.point);
};
