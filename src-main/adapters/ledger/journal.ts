/**
 * Event rows: how an EngineEvent becomes JSON text and comes back the same, bit for bit. JSON alone would lose bigint ids, NaN
 * ("no size displayed"), infinities and minus zero; they travel as tagged objects. The samples of a `started` event are not
 * repeated in its row: the row names the stretch of the samples table they came from, with count and checksum.
 */
import { crc32 } from 'node:zlib';
import type { EngineEvent, SpreadSample, StartedEvent } from '../../core/events.ts';

const INTEGER_TAG = '$int';
const NUMBER_TAG = '$num';

const tagged = (value: unknown): unknown => {
  if (typeof value === 'bigint') return { [INTEGER_TAG]: value.toString() };
  if (typeof value === 'number') {
    if (Number.isFinite(value) && !Object.is(value, -0)) return value;
    return { [NUMBER_TAG]: Object.is(value, -0) ? '-0' : String(value) };
  }
  if (Array.isArray(value)) return value.map(tagged);
  if (value === null || typeof value !== 'object') return value;
  const out: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    if (key.startsWith('$')) throw new TypeError(`a journaled member may not be named ${key}`);
    out[key] = tagged(member);
  }
  return out;
};

const NUMBERS: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity, '-Infinity': -Infinity, '-0': -0 };

const untag = (_key: string, value: unknown): unknown => {
  if (value === null || typeof value !== 'object') return value;
  if (INTEGER_TAG in value && typeof value[INTEGER_TAG] === 'string') return BigInt(value[INTEGER_TAG]);
  if (NUMBER_TAG in value && typeof value[NUMBER_TAG] === 'string') return NUMBERS[value[NUMBER_TAG]];
  return value;
};

/** Plain data as text; ids, NaN and minus zero survive. */
export const encodeValue = (value: unknown): string => JSON.stringify(tagged(value));
/** The inverse of {@link encodeValue}. @throws SyntaxError on text that is not JSON. */
export const decodeValue = (text: string): unknown => JSON.parse(text, untag);

/** Where the samples of a `started` event are to be found again. */
export interface SampleStretch {
  readonly fromUnixMs: number;
  readonly toUnixMs: number;
  readonly count: number;
  readonly checksum: number;
}

/** Order-sensitive checksum over the exact bits of the samples. */
export const checksumOf = (samples: readonly SpreadSample[]): number => {
  const bits = new Float64Array(samples.length * 4);
  samples.forEach((s, i) => bits.set([s.unixMs, s.pair, s.fBps ?? Number.NaN, s.rBps ?? Number.NaN], i * 4));
  return crc32(new Uint8Array(bits.buffer));
};

export const stretchOf = (samples: readonly SpreadSample[]): SampleStretch => ({
  fromUnixMs: samples[0]?.unixMs ?? 0,
  toUnixMs: samples.at(-1)?.unixMs ?? 0,
  count: samples.length,
  checksum: checksumOf(samples),
});

export interface EventRowOfJournal {
  readonly seq: number;
  readonly unix_ms: number;
  readonly mono_us: number;
  readonly type: string;
  readonly payload: string;
}

const payloadOf = (event: EngineEvent): string => {
  const { seq: _seq, unixMs: _unixMs, monoUs: _monoUs, type: _type, ...rest } = event;
  if (event.type !== 'started') return encodeValue(rest);
  const { samples, ...others } = rest as Omit<StartedEvent, 'seq' | 'unixMs' | 'monoUs' | 'type'>;
  return encodeValue({ ...others, stretch: stretchOf(samples) });
};

/** The row of an event; copies everything, the event object may be reused. */
export const rowOfEvent = (event: EngineEvent): EventRowOfJournal => ({
  seq: event.seq,
  unix_ms: event.unixMs,
  mono_us: event.monoUs,
  type: event.type,
  payload: payloadOf(event),
});

/** The event of a row. `samplesOf` reads back what a `started` event names. */
export const eventOfRow = (row: EventRowOfJournal, samplesOf: (stretch: SampleStretch) => readonly SpreadSample[]): EngineEvent => {
  const members = decodeValue(row.payload) as Record<string, unknown>;
  const stamp = { type: row.type, seq: row.seq, monoUs: row.mono_us, unixMs: row.unix_ms };
  if (row.type !== 'started') return { ...stamp, ...members } as EngineEvent;
  const { stretch, ...others } = members;
  return { ...stamp, ...others, samples: samplesOf(stretch as SampleStretch) } as EngineEvent;
};
