/** First contact with OKX: its rows, fees, hosts, codes of instruments over the socket, validity and self-trade prevention. */
import { randomBytes } from 'node:crypto';
import type { InstrumentSettings } from '../../../src-shared/domain/settings.ts';
import { at, inTime, listen, rowsAt, send, textAt, venueNow, type Contact, type Listening, type Reply } from './contact.ts';
import { answered, differences, farOrder, none, open, tenth, type Asker, type FarOrder, type Point } from './points.ts';

const KNOWN_QUOTE_MEMBERS = ['asks', 'bids', 'ts', 'seqId', 'checksum', 'prevSeqId'];
const VALID_MS = 1_500;

const typeOf = ({ kind }: InstrumentSettings): 'SPOT' | 'SWAP' => (kind === 'spot' ? 'SPOT' : 'SWAP');

const publicly = (contact: Contact, path: string): Promise<Reply> =>
  send(contact, `GET ${path}`, `${contact.urls.rest}${path}`, { method: 'GET', headers: demoHeader(contact) });

/** OKX tells its demo from its real accounts by a header and by the key. */
const demoHeader = ({ venue }: Contact): Record<string, string> =>
  venue.orders.environment === 'demo' ? { 'x-simulated-trading': '1' } : {};

const signed = (
  contact: Contact,
  method: 'GET' | 'POST',
  path: string,
  body: object | null,
  more: Record<string, string> = {},
): Promise<Reply> => {
  const stamp = new Date(venueNow(contact)).toISOString();
  const text = body === null ? '' : JSON.stringify(body);
  const headers = {
    'content-type': 'application/json',
    'OK-ACCESS-KEY': contact.key.apiKey,
    'OK-ACCESS-SIGN': contact.sign(`${stamp}${method}${path}${text}`),
    'OK-ACCESS-TIMESTAMP': stamp,
    'OK-ACCESS-PASSPHRASE': contact.key.passphrase ?? '',
    ...demoHeader(contact),
    ...more,
  };
  const shown = `${method} ${path}${text === '' ? '' : ` ${text}`}${more['expTime'] === undefined ? '' : ` expTime ${more['expTime']}`}`;
  return send(contact, shown, `${contact.urls.rest}${path}`, { method, headers, ...(text === '' ? {} : { body: text }) });
};

const measureClock = async (contact: Contact): Promise<void> => {
  const began = Date.now();
  const { value } = await publicly(contact, '/api/v5/public/time');
  const ts = Number(textAt(value, 'data', 0, 'ts'));
  if (Number.isFinite(ts)) contact.offsetMs = ts - (began + Date.now()) / 2;
};

interface Row {
  readonly tickSz: string;
  readonly lotSz: string;
  readonly minSz: string;
  readonly instIdCode: string;
}

const rowsPoint = async (
  contact: Contact,
  instruments: readonly InstrumentSettings[],
): Promise<readonly [Point, ReadonlyMap<string, Row>]> => {
  const rows = new Map<string, Row>();
  const told: string[] = [];
  let same = true;
  for (const instrument of instruments) {
    const { symbol } = instrument;
    const { value } = await publicly(contact, `/api/v5/public/instruments?instType=${typeOf(instrument)}&instId=${symbol}`);
    const row = rowsAt(value, 'data')[0];
    if (row === undefined) {
      told.push(`${symbol}: not listed`);
      same = false;
      continue;
    }
    const of = (name: string): string => textAt(row, name);
    rows.set(symbol, { tickSz: of('tickSz'), lotSz: of('lotSz'), minSz: of('minSz'), instIdCode: of('instIdCode') });
    const unit = of('ctVal') === '—' || of('ctVal') === '' ? null : of('ctVal');
    const apart = differences(instrument, { tickSize: of('tickSz'), qtyStep: of('lotSz'), minQty: of('minSz'), baseQtyPerUnit: unit });
    told.push(
      [
        `${symbol}: ctVal ${unit ?? 'none'}, tick ${of('tickSz')}, lot ${of('lotSz')}, min ${of('minSz')}, category ${of('instCategory')}, code ${of('instIdCode')}`,
        ...apart,
      ].join('; '),
    );
    same &&= apart.length === 0;
  }
  return [answered(1, told.join(' | '), same), rows];
};

const feesPoint = async (contact: Contact, instruments: readonly InstrumentSettings[]): Promise<Point> => {
  const told: string[] = [];
  let higher = false;
  for (const instrument of instruments) {
    const family = instrument.symbol.replace(/-SWAP$/, '');
    const where = typeOf(instrument) === 'SWAP' ? `instType=SWAP&instFamily=${family}` : `instType=SPOT&instId=${family}`;
    const { value, text } = await signed(contact, 'GET', `/api/v5/account/trade-fee?${where}`, null);
    if (textAt(value, 'code') !== '0') return open(2, `${instrument.symbol}: ${text.slice(0, 200)}`);
    const row = at(value, 'data', 0);
    const groups = rowsAt(row, 'feeGroup').map((group) => `group ${textAt(group, 'groupId')} taker ${textAt(group, 'taker')}`);
    const rates = [textAt(row, 'feeGroup', 0, 'taker'), textAt(row, 'takerU'), textAt(row, 'taker')];
    // Negative = charged; the first that is said counts.
    const rate = Number(rates.find((each) => each !== '' && each !== '—') ?? NaN);
    higher ||= -rate * 10_000 > instrument.costs.takerFeeBps + 1e-9;
    told.push(
      `${instrument.symbol}: taker ${rate}${groups.length === 0 ? '' : ` (${groups.join(', ')})`}, configured ${instrument.costs.takerFeeBps} bps`,
    );
  }
  return answered(2, told.join(' | '), !higher);
};

const quotePoints = async (contact: Contact, symbol: string): Promise<readonly [Point, Point]> => {
  const url = `${contact.venue.urls.stream}/public`;
  const { host } = new URL(url);
  const socket = await listen(contact, `${host} bbo-tbt ${symbol}`, url);
  if (socket === null) return [answered(3, `${host}: cannot be opened`, false), open(4, 'no quote came')];
  socket.send({ op: 'subscribe', args: [{ channel: 'bbo-tbt', instId: symbol }] });
  const frame = await socket.find((each) => rowsAt(each, 'data').length > 0, contact.patience.awaitedMs);
  socket.close();
  if (frame === null) return [answered(3, `${host}: opened and silent`, false), open(4, 'no quote came')];
  const members = Object.keys(at(frame, 'data', 0) as object);
  const fresh = members.filter((name) => !KNOWN_QUOTE_MEMBERS.includes(name));
  return [
    answered(3, `${host}: delivers`),
    answered(4, `${members.join(' ')}${fresh.length === 0 ? '' : `; new: ${fresh.join(' ')}`}`, fresh.length === 0),
  ];
};

const orderOf = (instrument: InstrumentSettings, { price, qty }: FarOrder) => ({
  tdMode: typeOf(instrument) === 'SPOT' ? 'cash' : 'cross',
  side: 'buy',
  ordType: 'post_only',
  px: price,
  sz: qty,
  clOrdId: `fc${randomBytes(8).toString('hex')}`,
});

const sCodeOf = (value: unknown): string => {
  const inner = textAt(value, 'data', 0, 'sCode');
  return inner === '—' ? textAt(value, 'code') : inner;
};

const logIn = async (contact: Contact): Promise<Listening | null> => {
  const socket = await listen(contact, 'private socket', contact.urls.entry);
  if (socket === null) return null;
  const timestamp = String(Math.floor(venueNow(contact) / 1_000));
  const sign = contact.sign(`${timestamp}GET/users/self/verify`);
  socket.send({ op: 'login', args: [{ apiKey: contact.key.apiKey, passphrase: contact.key.passphrase, timestamp, sign }] });
  const said = await socket.find((each) => ['login', 'error'].includes(textAt(each, 'event')), contact.patience.awaitedMs);
  if (textAt(said, 'event') === 'login') return socket;
  socket.close();
  return null;
};

/** Whatever was answered: an order that lives after all must not stay. */
const takeAway = async (contact: Contact, instId: string, clOrdId: string): Promise<boolean> => {
  const found = await signed(contact, 'GET', `/api/v5/trade/order?instId=${instId}&clOrdId=${clOrdId}`, null);
  if (textAt(found.value, 'code') !== '0') return false;
  await signed(contact, 'POST', '/api/v5/trade/cancel-order', { instId, clOrdId });
  return true;
};

const codePoint = async (contact: Contact, instrument: InstrumentSettings, row: Row, far: FarOrder): Promise<Point> => {
  const socket = await logIn(contact);
  if (socket === null) return open(5, 'the private socket took no log-in');
  const order = orderOf(instrument, far);
  socket.send({
    id: 'fc1',
    op: 'order',
    expTime: String(Math.round(venueNow(contact) + VALID_MS)),
    args: [{ instIdCode: Number(row.instIdCode), ...order }],
  });
  const said = await socket.find((each) => textAt(each, 'id') === 'fc1', contact.patience.awaitedMs);
  socket.close();
  const lived = await takeAway(contact, instrument.symbol, order.clOrdId);
  const code = said === null ? 'no answer' : sCodeOf(said);
  return answered(
    5,
    `code ${row.instIdCode} over the socket: ${code}; the order ${lived ? 'was found and taken away' : 'was not found'}`,
    code === '0',
  );
};

const validityPoint = async (contact: Contact, instrument: InstrumentSettings, far: FarOrder): Promise<Point> => {
  const place = async (expTime: number) => {
    const order = orderOf(instrument, far);
    const more = { expTime: String(Math.round(expTime)) };
    const placed = await signed(contact, 'POST', '/api/v5/trade/order', { instId: instrument.symbol, ...order }, more);
    return { code: sCodeOf(placed.value), lived: await takeAway(contact, instrument.symbol, order.clOrdId) };
  };
  const late = await place(venueNow(contact) - 500);
  const inside = await inTime(
    VALID_MS,
    () => place(venueNow(contact) + VALID_MS),
    ({ code }) => code === '0',
  );
  const text = `500 ms after expTime ${late.code}${late.lived ? ' and it LIVED' : ''}, inside ${inside.code}`;
  return answered(7, text, ['50036', '50037'].includes(late.code) && !late.lived && inside.code === '0');
};

const preventionPoint = async (contact: Contact): Promise<Point> => {
  const { value, text } = await signed(contact, 'GET', '/api/v5/account/config', null);
  if (textAt(value, 'code') !== '0') return open(9, text.slice(0, 200));
  const config = at(value, 'data', 0);
  return answered(
    9,
    `acctStpMode ${textAt(config, 'acctStpMode')}, posMode ${textAt(config, 'posMode')}, acctLv ${textAt(config, 'acctLv')}`,
  );
};

const settled = async (point: Point['point'], work: Promise<Point>): Promise<Point> => {
  try {
    return await work;
  } catch (error) {
    return open(point, `failed: ${(error as Error).name}`);
  }
};

export const askOkx: Asker = async (contact, instruments) => {
  const [first] = instruments;
  if (first === undefined) return [open(1, 'no instrument of this venue is configured')];
  await measureClock(contact);
  const [rowsTold, rows] = await rowsPoint(contact, instruments);
  const fees = await settled(2, feesPoint(contact, instruments));
  const [hosts, members] = await quotePoints(contact, first.symbol);
  const ticker = await publicly(contact, `/api/v5/market/ticker?instId=${first.symbol}`);
  const row = rows.get(first.symbol);
  const bid = textAt(ticker.value, 'data', 0, 'bidPx');
  const far = row === undefined || bid === '—' ? null : farOrder(bid, row.tickSz, row.lotSz, row.minSz, null);
  const lacking = `without row and quote of ${first.symbol} no order can be made`;
  const trades: readonly Point[] =
    far === null || row === undefined
      ? [open(5, lacking), open(7, lacking)]
      : [await settled(5, codePoint(contact, first, row, far)), await settled(7, validityPoint(contact, first, far))];
  const mark = await publicly(contact, `/api/v5/public/mark-price?instType=SWAP&instId=${first.symbol}`);
  const eighth = answered(8, `mark ${textAt(mark.value, 'data', 0, 'markPx')}; OKX sends no session event`);
  return [rowsTold, fees, hosts, members, none(6), ...trades, eighth, await settled(9, preventionPoint(contact)), tenth(contact)].toSorted(
    (x, y) => x.point - y.point,
  );
};
