/**
 * Stepped events as bytes: quotes and timers in fixed binary layouts (they are nearly everything), the rest as exact JSON.
 * Every double is stored whole: a replay must see the very bits that the engine saw.
 */
import { decodeExact, encodeExact } from '../../src-shared/domain/exactJson.ts';
import type { ExactInteger } from '../../src-shared/domain/quote.ts';
import type { EngineEvent, QuoteEvent } from '../core/events.ts';

const QUOTE = 1;
const JSON_EVENT = 2;
const TIMER = 3;

const HAS_VENUE_MS = 1;
const HAS_NUMBER_ID = 2;
const HAS_BIGINT_ID = 4;

/** Longest binary record; JSON records may be longer. */
export const MAX_BINARY_RECORD_BYTES = 128;
const INT64_MAX = 2n ** 63n - 1n;

export interface ByteSink {
  /** At least `bytes` more can be written at `at`. */
  readonly buffer: Buffer;
  at: number;
}

const putNumber = (sink: ByteSink, value: number): void => {
  sink.at = sink.buffer.writeDoubleLE(value, sink.at);
};

const putStamp = (sink: ByteSink, tag: number, event: EngineEvent): void => {
  sink.at = sink.buffer.writeUInt8(tag, sink.at);
  putNumber(sink, event.seq);
  putNumber(sink, event.monoUs);
  putNumber(sink, event.unixMs);
};

const idFlag = (id: ExactInteger | null): number => {
  if (id === null) return 0;
  return typeof id === 'bigint' ? HAS_BIGINT_ID : HAS_NUMBER_ID;
};

const fitsBinary = (event: EngineEvent): boolean =>
  event.type === 'timer' ||
  (event.type === 'quote' && (typeof event.updateId !== 'bigint' || (event.updateId <= INT64_MAX && event.updateId >= -INT64_MAX)));

const putQuote = (sink: ByteSink, event: QuoteEvent): void => {
  putStamp(sink, QUOTE, event);
  const flags = (event.venueMs === null ? 0 : HAS_VENUE_MS) | idFlag(event.updateId);
  sink.at = sink.buffer.writeUInt8(flags, sink.at);
  sink.at = sink.buffer.writeUInt32LE(event.instrument, sink.at);
  putNumber(sink, event.bidPx);
  putNumber(sink, event.bidQty);
  putNumber(sink, event.askPx);
  putNumber(sink, event.askQty);
  putNumber(sink, event.receivedMonoUs);
  if (event.venueMs !== null) putNumber(sink, event.venueMs);
  if (typeof event.updateId === 'bigint') sink.at = sink.buffer.writeBigInt64LE(event.updateId, sink.at);
  else if (event.updateId !== null) putNumber(sink, event.updateId);
};

/** The bytes of an event that has no binary layout; null where it has one. */
export const jsonRecordOf = (event: EngineEvent): Buffer | null => {
  if (fitsBinary(event)) return null;
  const text = Buffer.from(encodeExact(event));
  const record = Buffer.allocUnsafe(5 + text.length);
  record.writeUInt8(JSON_EVENT, 0);
  record.writeUInt32LE(text.length, 1);
  text.copy(record, 5);
  return record;
};

/** Writes a quote or timer; the caller has made room for {@link MAX_BINARY_RECORD_BYTES}. */
export const putBinary = (sink: ByteSink, event: EngineEvent): void => {
  if (event.type === 'quote') putQuote(sink, event);
  else putStamp(sink, TIMER, event);
};

/** Reads all records of a chunk. @throws RangeError where the bytes are no records. */
export function* eventsOf(chunk: Buffer): Generator<EngineEvent> {
  let at = 0;
  const number = (): number => {
    at += 8;
    return chunk.readDoubleLE(at - 8);
  };
  const quote = (): QuoteEvent => {
    const stamp = { seq: number(), monoUs: number(), unixMs: number() };
    const flags = chunk.readUInt8(at);
    const instrument = chunk.readUInt32LE(at + 1);
    at += 5;
    const figures = { bidPx: number(), bidQty: number(), askPx: number(), askQty: number(), receivedMonoUs: number() };
    const venueMs = (flags & HAS_VENUE_MS) === 0 ? null : number();
    let updateId: ExactInteger | null = null;
    if ((flags & HAS_NUMBER_ID) !== 0) updateId = number();
    if ((flags & HAS_BIGINT_ID) !== 0) {
      updateId = chunk.readBigInt64LE(at);
      at += 8;
    }
    return { type: 'quote', ...stamp, instrument, ...figures, venueMs, updateId };
  };
  while (at < chunk.length) {
    const tag = chunk.readUInt8(at);
    at += 1;
    if (tag === QUOTE) yield quote();
    else if (tag === TIMER) yield { type: 'timer', seq: number(), monoUs: number(), unixMs: number() };
    else if (tag === JSON_EVENT) {
      const length = chunk.readUInt32LE(at);
      yield decodeExact(chunk.toString('utf8', at + 4, at + 4 + length)) as EngineEvent;
      at += 4 + length;
    } else throw new RangeError(`no tape record starts with byte ${tag} (offset ${at - 1})`);
  }
}
