/**
 * Event rows: how an EngineEvent becomes a row of the journal and comes back the same, bit for bit. The samples of a `started` event are not
 * repeated in its row: the row names the stretch of the samples table they came from, with count and checksum. What it recovered of trading
 * is a row of its own table.
 */
import { crc32 } from 'node:zlib';
import { decodeExact, encodeExact } from '../../../src-shared/domain/exactJson.ts';
import { NOTHING_RECOVERED } from '../../runtime/ports.ts';
import type { EngineEvent, SpreadSample, StartedEvent } from '../../core/events.ts';

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
  if (event.type !== 'started') return encodeExact(rest);
  const { samples, trading: _trading, ...others } = rest as Omit<StartedEvent, 'seq' | 'unixMs' | 'monoUs' | 'type'>;
  return encodeExact({ ...others, stretch: stretchOf(samples) });
};

/** What a `started` event says of trading; kept beside its row, see `recoveries` in the schema. */
export const encodeTrading = (event: StartedEvent): string => encodeExact(event.trading);

/** The row of an event; copies everything, the event object may be reused. */
export const rowOfEvent = (event: EngineEvent): EventRowOfJournal => ({
  seq: event.seq,
  unix_ms: event.unixMs,
  mono_us: event.monoUs,
  type: event.type,
  payload: payloadOf(event),
});

/** What a `started` event names instead of repeating it. */
export interface StartSources {
  readonly samples: (stretch: SampleStretch) => readonly SpreadSample[];
  /** null = a run of a version that could not trade. */
  readonly trading: () => string | null;
}

/** The event of a row. */
export const eventOfRow = (row: EventRowOfJournal, sources: StartSources): EngineEvent => {
  const members = decodeExact(row.payload) as Record<string, unknown>;
  const stamp = { type: row.type, seq: row.seq, monoUs: row.mono_us, unixMs: row.unix_ms };
  if (row.type !== 'started') return { ...stamp, ...members } as EngineEvent;
  const { stretch, ...others } = members;
  const trading = sources.trading();
  return {
    ...stamp,
    ...others,
    samples: sources.samples(stretch as SampleStretch),
    trading: trading === null ? NOTHING_RECOVERED : decodeExact(trading),
  } as EngineEvent;
};
