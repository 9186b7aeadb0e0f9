/** OKX's dialect: its public stream and its metadata side. */
import type { VenueId } from '../../../../src-shared/domain/ids.ts';
import type { VenueDialect } from '../shared/exchangeFeed.ts';
import type { Finding, VenueRest } from '../shared/instrumentSource.ts';
import type { HttpFailure } from '../shared/venueHttp.ts';
import { instrumentOfOkx } from './mapping.ts';
import { okxStream } from './stream.ts';
import * as wire from './wire.ts';

/** The venue names no duration with its rate limit; its windows are two seconds. */
const RATE_LIMIT_PAUSE_MS = 2_000;

const unusable = (code: HttpFailure['code'], text: string, retryAfterMs = 0): HttpFailure => ({
  ok: false,
  code,
  text: `${wire.INSTRUMENTS_PATH}: ${text}`,
  status: 200,
  body: null,
  retryAfterMs,
});

const readOne = (venueId: VenueId, symbol: string, value: unknown): Finding | HttpFailure => {
  const reply = wire.restReply.safeParse(value);
  if (!reply.success) return unusable('not-json', 'not an answer of OKX');
  const { code, msg, data = [] } = reply.data;
  if (code === wire.RATE_LIMITED) return unusable('rate-limited', `${code} ${msg}`, RATE_LIMIT_PAUSE_MS);
  if (code === wire.INSTRUMENT_UNKNOWN) return { symbol, missing: `the venue does not list it (${code} ${msg})` };
  if (code !== '0') return unusable('status', `${code} ${msg}`);
  const entry = data.find((one) => typeof one === 'object' && one !== null && 'instId' in one && one.instId === symbol);
  if (entry === undefined) return { symbol, missing: 'the venue does not list it' };
  const instrument = instrumentOfOkx(venueId, entry);
  return typeof instrument === 'string' ? { symbol, missing: `its description cannot be used: ${instrument}` } : { symbol, instrument };
};

const fetchInstruments: VenueRest['fetchInstruments'] = async (venueId, symbols, get) => {
  const findings: Finding[] = [];
  for (const symbol of symbols) {
    const outcome = await get(wire.instrumentsQuery(symbol));
    // Some gateways put the venue's code into an HTTP 400 or 404.
    const value = outcome.ok ? outcome.value : outcome.body;
    if (!outcome.ok && !wire.restReply.safeParse(value).success) return outcome;
    const found = readOne(venueId, symbol, value);
    if ('ok' in found) return outcome.ok ? found : outcome;
    findings.push(found);
  }
  return { ok: true, findings };
};

const readTime = (value: unknown): number | null => {
  const reply = wire.restReply.safeParse(value);
  const entry = wire.timeEntry.safeParse(reply.data?.data?.[0]);
  return entry.success ? Number(entry.data.ts) : null;
};

export const okx: VenueDialect = { stream: okxStream, rest: { timePath: wire.TIME_PATH, readTime, fetchInstruments } };
