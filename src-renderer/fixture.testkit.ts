/**
 * A stand-in engine behind the real contract, for looking at the console and for its tests: served by the RPC
 * library's own handler over a text bridge, so that transport, session and replica run as they ship. Not shipped.
 */
import { implement } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';
import { contract, CONTRACT_VERSION } from '../src-shared/contract/contract.ts';
import type { ConsoleFrame, RowPatch } from '../src-shared/contract/frames.ts';
import type { EventRow, IntentRow, PairDetail, PairRow } from '../src-shared/domain/view.ts';
import type { KillLatch, KillLevel, StopScope } from '../src-shared/domain/tradingState.ts';
import type { QuantArbBridge } from './connection/transport.ts';
import { fixtureHistory, fixturePreview, hedgeGroupOf } from './fixtureTrading.testkit.ts';
import type { KeyStanding } from '../src-shared/contract/keys.ts';
import { fixtureKeys } from './fixtureExchange.testkit.ts';
import { fixtureCommands } from './fixtureTerminal.testkit.ts';
import { fixtureDetail, fixtureIntent, fixtureTables, type FixtureTables } from './fixtureRows.testkit.ts';

export interface FixtureEngine {
  readonly bridge: QuantArbBridge;
  readonly tables: FixtureTables;
  /** Frames skip one number, as after an overflow. */
  skipSequence: () => void;
  /** No frames, no answers. */
  mute: (muted: boolean) => void;
  readonly stop: () => void;
}

const FRAME_EVERY_MS = 60;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const wave = (atMs: number, periodMs: number, phase: number): number => Math.sin((atMs / periodMs) * 2 * Math.PI + phase);

/** Moves the figures as a market would: mean-reverting, with a dislocation now and then and a stale spell. */
const moved = (row: PairRow, index: number, atMs: number): PairRow => {
  const noise = (wave(atMs, 1_700, index) + wave(atMs, 410, index * 3) + Math.random() - 0.5) * 0.6;
  const jump = Math.max(0, wave(atMs, 45_000, index * 2) - 0.93) * 160;
  const mid = 1.4 - index * 1.1 + wave(atMs, 60_000, index) * 1.8 + noise + jump;
  const stale = index === 2 && wave(atMs, 40_000, 0) > 0.55;
  const width = 1.1 + index * 0.4;
  const cost = 4.2 + index * 3;
  return {
    ...row,
    stale,
    ageMs: stale ? 4_210 + (atMs % 7_000) : 40 + Math.round(60 * Math.abs(wave(atMs, 900, index))),
    fSpreadBps: stale ? null : mid - width,
    fEdgeBps: stale ? null : mid - width - cost,
    rSpreadBps: stale ? null : -mid - width,
    rEdgeBps: stale ? null : -mid - width - cost,
  };
};

const fieldsChanged = (before: object, after: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(after).filter(([name, value]) => (before as Record<string, unknown>)[name] !== value));

export const createFixtureEngine = (tables: FixtureTables = fixtureTables(Date.now())): FixtureEngine => {
  let skips = 0;
  let muted = false;
  const stopping = new AbortController();
  let eventCount = 100;

  const isOver = (signal: AbortSignal | undefined): boolean => stopping.signal.aborted || signal?.aborted === true;

  const patchesNow = (): RowPatch[] => {
    const atMs = Date.now();
    const patches: RowPatch[] = [];
    const put = (topic: keyof FixtureTables, key: string, after: object): void => {
      const table = tables[topic] as Record<string, object>;
      const before = table[key];
      table[key] = after;
      patches.push([topic, key, before === undefined ? { ...after } : fieldsChanged(before, after)]);
    };
    for (const [index, [key, row]] of Object.entries(tables.pairs).entries()) put('pairs', key, moved(row, index, atMs));
    for (const [index, [key, row]] of Object.entries(tables.instruments).entries()) {
      const drift = 1 + wave(atMs, 9_000 + index * 100, index) * 2e-5;
      const digits = row.pxDigits ?? 2;
      const px = (base: number | null) => (base === null ? null : Number((base * drift).toFixed(digits)));
      const stale = index === 5 && wave(atMs, 40_000, 0) > 0.55;
      put('instruments', key, {
        ...row,
        bidPx: px(row.bidPx),
        askPx: px(row.askPx),
        stale,
        ageMs: stale ? 4_200 : 20 + ((atMs + index * 37) % 90),
      });
    }
    for (const [index, [key, row]] of Object.entries(tables.venues).entries()) {
      put('venues', key, { ...row, quoteAgeMs: 12 + ((atMs + index * 31) % 80), framesPerSecond: 180 + index * 40 + (atMs % 23) });
    }
    const engine = tables.engine['engine'];
    if (engine !== undefined) {
      put('engine', 'engine', { ...engine, nowUnixMs: atMs, quotesPerSecond: 812 + (atMs % 57), journalSeq: engine.journalSeq + 1 });
    }
    if (Math.random() < 0.01) {
      eventCount += 1;
      const row: EventRow = {
        unixMs: atMs,
        severity: 'info',
        kind: 'venue',
        subject: 'okx',
        text: 'clock offset measured again: −3.1 ± 1.2 ms',
      };
      put('events', `e${eventCount}`, row);
    }
    return patches;
  };

  async function* frames(signal?: AbortSignal): AsyncGenerator<ConsoleFrame> {
    let seq = 0;
    let skipped = skips;
    yield { kind: 'snapshot', seq, tables: structuredClone(tables) };
    while (!isOver(signal)) {
      await pause(FRAME_EVERY_MS);
      if (muted) continue;
      seq += 1 + skips - skipped;
      skipped = skips;
      yield { kind: 'delta', seq, patches: patchesNow() };
    }
  }

  async function* details(pairId: string, signal?: AbortSignal): AsyncGenerator<PairDetail> {
    while (!isOver(signal)) {
      const row = tables.pairs[pairId];
      if (row !== undefined && !muted) yield fixtureDetail(pairId, row, Date.now());
      await pause(250);
    }
  }

  const receipt = (requestId: string, changed: boolean) => ({
    requestId,
    committedUnixMs: Date.now(),
    engineMs: 1.8 + Math.random(),
    changed,
  });
  const latch = (reason: string) => ({ latchedUnixMs: Date.now(), source: 'console' as const, by: 'operator', reason });
  const setEngine = (fields: object): void => {
    const engine = tables.engine['engine'];
    if (engine !== undefined) (tables.engine as Record<string, object>)['engine'] = { ...engine, ...fields };
    urgent.push(['engine', 'engine', { ...fields }]);
  };
  const urgent: RowPatch[] = [];
  let keys = fixtureKeys();
  const setKey = (venueId: string, fields: Partial<KeyStanding>): void => {
    const venues = keys.venues.map((venue) => (venue.venueId === venueId ? { ...venue, ...fields, atNextStart: true } : venue));
    keys = { ...keys, venues };
  };

  const stopped = (level: KillLevel, input: { readonly requestId: string; readonly reason: string; readonly scope?: StopScope }) => {
    const { scope = 'all' } = input;
    const engine = tables.engine['engine'];
    const at = Date.now();
    const raised: KillLatch = { ...latch(input.reason), level, verifiedUnixMs: level === 'kill' ? at + 3 : null, remaining: [] };
    if (scope !== 'all') {
      setEngine({ scopedStops: [...(engine?.scopedStops ?? []), { scope, level, latch: raised }] });
      return receipt(input.requestId, true);
    }
    const changed = engine?.kill?.level !== level;
    if (changed) setEngine({ kill: raised, tradingState: 'halted', armed: false, armConditions: ['KILL is latched: reset it first'] });
    return receipt(input.requestId, changed);
  };

  const os = implement(contract);
  const router = os.router({
    about: os.about.handler(() => ({
      contractVersion: CONTRACT_VERSION,
      version: '0.1.0',
      mode: 'paper',
      profile: 'demo',
      host: 'headless' as const,
    })),
    watch: os.watch.handler(async function* ({ signal }) {
      for await (const frame of frames(signal)) {
        if (frame.kind === 'snapshot') yield frame;
        else yield { ...frame, patches: [...frame.patches, ...urgent.splice(0)] };
      }
    }),
    watchPair: os.watchPair.handler(async function* ({ input, signal }) {
      yield* details(input.pairId, signal);
    }),
    history: os.history.handler(({ input }) => {
      const stepMs = Math.max(500, Math.ceil((input.toUnixMs - input.fromUnixMs) / input.maxPoints));
      const index = Object.keys(tables.pairs).indexOf(input.pairId);
      const row = tables.pairs[input.pairId];
      const points = [];
      for (let unixMs = input.fromUnixMs + (input.toUnixMs - input.fromUnixMs) * 0.12; unixMs < input.toUnixMs; unixMs += stepMs) {
        const gap = wave(unixMs, 97_000, index) > 0.97;
        const at = row === undefined || gap ? null : moved(row, index, unixMs);
        points.push({ unixMs, fBps: at?.fSpreadBps ?? null, rBps: at?.rSpreadBps ?? null });
      }
      return { points, stepMs };
    }),
    intents: os.intents.handler(() => ({ rows: [] as Array<IntentRow & { id: string }> })),
    intent: os.intent.handler(({ input, errors }) => {
      const row = tables.intents[input.intentId];
      const pair = row === undefined ? undefined : tables.pairs[row.pairId];
      if (row === undefined || pair === undefined) throw errors.NOT_FOUND();
      return fixtureIntent(input.intentId, row, pair);
    }),
    events: os.events.handler(({ input }) => ({
      rows: Array.from({ length: 20 }, (_, index) => ({
        id: `old${(input.beforeUnixMs ?? 0) - index}`,
        unixMs: (input.beforeUnixMs ?? Date.now()) - 60_000 * (index + 1),
        severity: 'info' as const,
        kind: 'venue' as const,
        subject: 'binance',
        text: 'an older event',
      })),
    })),
    groups: os.groups.handler(() => ({ rows: Object.entries(tables.groups).map(([id, row]) => hedgeGroupOf(id, row)) })),
    group: os.group.handler(({ input, errors }) => {
      const row = tables.groups[input.groupId];
      if (row === undefined) throw errors.NOT_FOUND();
      const intent = Object.entries(tables.intents).find(([, entry]) => entry.groupId === input.groupId);
      const pair = tables.pairs[row.pairId];
      return fixtureHistory(
        input.groupId,
        row,
        intent === undefined || pair === undefined ? null : fixtureIntent(intent[0], intent[1], pair),
      );
    }),
    terminalCommands: os.terminalCommands.handler(({ input }) => ({ rows: fixtureCommands(Date.now()).slice(0, input.limit) })),
    keyStanding: os.keyStanding.handler(() => keys),
    enterKey: os.enterKey.handler(({ input, errors }) => {
      const venue = keys.venues.find(({ venueId }) => venueId === input.venueId);
      if (input.environment !== venue?.environment) throw errors.REFUSED({ data: { why: 'what was entered: environment: is another' } });
      if (input.secret === undefined && input.privateKeyPem === undefined)
        throw errors.REFUSED({ data: { why: 'what was entered: secret: is missing' } });
      setKey(input.venueId, { state: 'found', source: 'the key chain (demo, HMAC)', stored: true });
      return keys;
    }),
    removeKey: os.removeKey.handler(({ input }) => {
      setKey(input.venueId, { state: 'none', source: 'no key: none was entered at this desktop', stored: false });
      return keys;
    }),
    flattenPreview: os.flattenPreview.handler(() => fixturePreview(tables.groups)),
    pause: os.pause.handler(({ input }) => {
      setEngine({ pause: latch(input.reason) });
      return receipt(input.requestId, true);
    }),
    resume: os.resume.handler(({ input }) => {
      setEngine({ pause: null });
      return receipt(input.requestId, true);
    }),
    kill: os.kill.handler(({ input }) => stopped('kill', input)),
    flatten: os.flatten.handler(({ input }) => stopped('flatten', input)),
    handsOff: os.handsOff.handler(({ input }) => stopped('hands-off', input)),
    arm: os.arm.handler(({ input, errors }) => {
      const conditions = tables.engine['engine']?.armConditions ?? [];
      if (conditions.length > 0) throw errors.NOT_ALLOWED({ data: { conditions: [...conditions] } });
      const phrase = tables.engine['engine']?.live?.phrase;
      if (phrase !== undefined && phrase !== input.confirmation)
        throw errors.NOT_ALLOWED({ data: { conditions: ['what was typed is not the confirmation'] } });
      setEngine({ armed: true, armedBy: latch(input.reason) });
      return receipt(input.requestId, true);
    }),
    climb: os.climb.handler(({ input, errors }) => {
      const live = tables.engine['engine']?.live ?? null;
      if (live === null || live.climbConditions.length > 0)
        throw errors.NOT_ALLOWED({ data: { conditions: [...(live?.climbConditions ?? [])] } });
      setEngine({ live: { ...live, rung: live.rung + 1, groupsOnRung: 0, climbConditions: ['0 of 10 groups'] } });
      return receipt(input.requestId, true);
    }),
    disarm: os.disarm.handler(({ input }) => {
      setEngine({ armed: false, armedBy: null });
      return receipt(input.requestId, true);
    }),
    setLimits: os.setLimits.handler(({ input, errors }) => {
      if (tables.engine['engine']?.armed === true) {
        throw errors.NOT_ALLOWED({ data: { conditions: ['limits are loosened only while disarmed'] } });
      }
      for (const [name, value] of Object.entries(input.limits)) {
        const row = tables.limits[name];
        if (row !== undefined) urgent.push(['limits', name, (tables.limits[name] = { ...row, value, changedBy: 'operator' })]);
      }
      return receipt(input.requestId, true);
    }),
    actOnGroup: os.actOnGroup.handler(({ input, errors }) => {
      const row = tables.groups[input.groupId];
      if (row === undefined || !row.acts.includes(input.act)) {
        throw errors.NOT_ALLOWED({ data: { conditions: [`${input.groupId} does not allow ${input.act} now`] } });
      }
      return receipt(input.requestId, true);
    }),
    enable: os.enable.handler(({ input }) => receipt(input.requestId, true)),
    acceptAccount: os.acceptAccount.handler(({ input }) => receipt(input.requestId, true)),
    acceptPosition: os.acceptPosition.handler(({ input }) => receipt(input.requestId, true)),
    reset: os.reset.handler(({ input, errors }) => {
      if (input.reason === 'too early') {
        throw errors.NOT_ALLOWED({ data: { conditions: ['okx quotes are stale (4.2 s)', 'cause not acknowledged'] } });
      }
      setEngine({ kill: null, tradingState: 'active', armed: false, armConditions: [] });
      return receipt(input.requestId, true);
    }),
  });

  const channel = new MessageChannel();
  new RPCHandler(router).upgrade(channel.port1);
  channel.port1.start();
  channel.port2.start();
  const bridge: QuantArbBridge = {
    protocolVersion: 1,
    send: (frame) => {
      if (!muted) channel.port2.postMessage(frame);
    },
    onFrame: (receive) => {
      const listener = (event: MessageEvent): void => {
        if (!muted) receive(String(event.data));
      };
      channel.port2.addEventListener('message', listener);
      return () => channel.port2.removeEventListener('message', listener);
    },
  };
  return {
    bridge,
    tables,
    skipSequence: () => {
      skips += 1;
    },
    mute: (next) => {
      muted = next;
    },
    stop: () => {
      stopping.abort();
      channel.port1.close();
      channel.port2.close();
    },
  };
};
