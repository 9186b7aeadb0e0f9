import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openArchive } from '../adapters/ledger/ledger.ts';
import { handClock, scratchFolder } from '../adapters/ledger/ledger.testkit.ts';
import { digestOf } from '../core/digest.ts';
import type { ControlInput, EngineEvent } from '../core/events.ts';
import type { VenueId } from '../../src-shared/domain/ids.ts';
import type { Intent } from '../../src-shared/domain/opportunity.ts';
import { EMPTY_SNAPSHOT } from './orders.testkit.ts';
import { mergeBySeq, replay } from './replay.ts';
import { commandOf, quoteTo, rig } from './runner.testkit.ts';
import { createTape, readTape, tapePathOf } from './tape.ts';

type Act =
  | { readonly do: 'quote'; readonly instrument: number; readonly mid: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'command'; readonly kind: 'pause' | 'resume' | 'kill' | 'reset' }
  | { readonly do: 'offer'; readonly event: ControlInput };

const venues = ['one', 'two', 'three'] as const;
const venue = fc.constantFrom(...venues).map((id) => id as VenueId);

const metadataOf = (id: string): ControlInput => ({
  type: 'instrument',
  mismatches: [],
  instrument: {
    id: `BTCUSDT@${id}` as never,
    venueId: id as VenueId,
    symbol: 'BTCUSDT',
    kind: 'spot',
    baseCcy: 'BTC',
    quoteCcy: 'USDT',
    tickSize: '0.5',
    qtyStep: '0.001',
    minQty: '0.001',
    maxQty: null,
    minNotional: null,
    baseQtyPerUnit: '1',
    tradable: true,
    venueState: 'TRADING',
    instIdCode: null,
  },
});

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('quote' as const),
      instrument: fc.nat(2),
      mid: fc.integer({ min: 20_000, max: 20_400 }).map((n) => n / 4),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 1_500 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('command' as const),
      kind: fc.constantFrom('pause' as const, 'resume' as const, 'resume' as const, 'kill' as const, 'reset' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('offer' as const),
      event: fc.oneof(
        fc.record({
          type: fc.constant('venue-clock' as const),
          venueId: venue,
          report: fc.constant({ offsetMs: 3.25, uncertaintyMs: 1, roundTripMs: null }),
        }),
        fc.record({
          type: fc.constant('venue-link' as const),
          venueId: venue,
          report: fc.constantFrom({ state: 'live' as const, detail: 'ok' }, { state: 'stale' as const, detail: 'silent' }),
        }),
        fc.record({
          type: fc.constant('order-link' as const),
          venueId: venue,
          state: fc.constantFrom('up' as const, 'down' as const),
          detail: fc.constant('test'),
        }),
        fc.record({
          type: fc.constant('venue-snapshot' as const),
          venueId: venue,
          requestId: fc.integer({ min: 1, max: 6 }),
          outcome: fc.constantFrom(EMPTY_SNAPSHOT, { code: 'failed' as const, why: 'HTTP 503' }),
        }),
        fc.record({ type: fc.constant('limit-crossed' as const), limit: fc.constant('body'), detail: fc.string() }),
      ),
    }),
  },
);

const perform = async (acts: readonly Act[], { runner, clock }: ReturnType<typeof rig>): Promise<void> => {
  for (const id of venues) {
    runner.offer({ type: 'venue-link', venueId: id as VenueId, report: { state: 'live', detail: 'ok' } });
    runner.offer(metadataOf(id));
  }
  for (const one of acts) {
    if (one.do === 'quote') quoteTo(runner, clock, one.instrument, one.mid);
    else if (one.do === 'offer') runner.offer(one.event);
    else if (one.do === 'command') await runner.command(commandOf(one.kind));
    else {
      clock.advanceMs(one.ms);
      runner.offer({ type: 'timer' });
      runner.drain();
    }
  }
};

const replayed = (path: string, runId: string, folder: string) => {
  const archive = openArchive({ path });
  try {
    return replay({ settings: archive.settingsOf(runId), journal: archive.journal(runId), tape: readTape(tapePathOf(folder, runId)) });
  } finally {
    archive.close();
  }
};

test('journal and tape replay every run bit for bit: state and intents, over kills and restarts', async () => {
  const totals = { intents: 0, restarts: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.array(act, { minLength: 20, maxLength: 150 }), fc.boolean()), { minLength: 1, maxLength: 3 }),
      async (lives) => {
        const folder = scratchFolder();
        const path = join(folder, 'ledger.db');
        const clock = handClock();
        const earlier = new Set<string>();
        for (const [acts, clean] of lives) {
          const tape = createTape({ folder });
          const one = rig({ path, clock, tape });
          const { runId } = one.runner.start();
          await perform(acts, one);
          one.runner.drain();
          if (clean) await one.runner.stop('end of life');
          else await tape.close();
          const live = one.ledger
            .intents(null, 10_000)
            .filter((row) => !earlier.has(row.id))
            .map((row) => one.ledger.intent(row.id));
          one.ledger.close();
          const again = replayed(path, runId, folder);
          expect(again.missingSeq).toBeNull();
          expect(again.lastSeq).toBe(one.state.seq);
          expect(digestOf(again.state)).toBe(digestOf(one.state));
          const byId = (x: Intent | null, y: Intent | null) => ((x?.id ?? '') < (y?.id ?? '') ? -1 : 1);
          expect([...again.intents].sort(byId)).toStrictEqual([...live].sort(byId));
          for (const intent of again.intents) earlier.add(intent.id);
          totals.intents += again.intents.length;
          totals.restarts += 1;
          clock.advanceMs(2_000);
        }
      },
    ),
    { numRuns: 25, endOnFailure: true },
  );
  expect(totals.intents).toBeGreaterThan(0);
  expect(totals.restarts).toBeGreaterThan(25);
}, 60_000);

const timer = (seq: number): EngineEvent => ({ type: 'timer', seq, monoUs: seq, unixMs: seq });

test('merging takes events in order and one that is in both streams once', () => {
  const merged = [...mergeBySeq([timer(1), timer(4), timer(5)], [timer(2), timer(3), timer(4), timer(6)])];
  expect(merged.map((event) => event.seq)).toEqual([1, 2, 3, 4, 5, 6]);
  expect([...mergeBySeq([], [])]).toEqual([]);
});

test('a replay stops at a hole and names it', () => {
  const folder = scratchFolder();
  const { runner, ledger, path, clock } = rig({ path: join(folder, 'ledger.db') });
  const { runId } = runner.start();
  quoteTo(runner, clock, 0, 100);
  runner.drain();
  runner.offer({ type: 'limit-crossed', limit: 'body', detail: 'x' });
  runner.drain();
  ledger.close();
  const archive = openArchive({ path });
  expect(replay({ settings: archive.settingsOf(runId), journal: archive.journal(runId), tape: [] })).toMatchObject({
    lastSeq: 1,
    missingSeq: 2,
  });
  archive.close();
});

test('what the ledger could not take is on the tape, so that a faulted run replays as well', async () => {
  const folder = scratchFolder();
  const path = join(folder, 'ledger.db');
  const tape = createTape({ folder });
  let broken = false;
  const { runner, ledger, state, clock } = rig({
    path,
    tape,
    faulty: (real) => ({
      ...real,
      commit: (...args) => {
        if (broken) throw new Error('EIO');
        real.commit(...args);
      },
    }),
  });
  const { runId } = runner.start();
  quoteTo(runner, clock, 0, 100);
  runner.drain();
  broken = true;
  runner.offer({ type: 'limit-crossed', limit: 'body', detail: 'x' });
  runner.drain();
  quoteTo(runner, clock, 1, 100);
  runner.drain();
  await tape.close();
  ledger.close();
  expect(state.kill).not.toBeNull();
  const again = replayed(path, runId, folder);
  expect(again).toMatchObject({ lastSeq: state.seq, missingSeq: null });
  expect(digestOf(again.state)).toBe(digestOf(state));
});

test('a file that is no tape is refused by name', () => {
  const path = join(scratchFolder(), 'x.tape');
  writeFileSync(path, 'hello, I am not a tape');
  expect(() => [...readTape(path)]).toThrow(`${path} is not a tape`);
});
