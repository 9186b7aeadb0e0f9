/** The session against a real contract server in the same process: snapshots, gaps, silence, loss and return. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ConsoleFrame } from '../../src-shared/contract/frames.ts';
import { CONTRACT_VERSION } from '../../src-shared/contract/contract.ts';
import { createFixtureEngine, type FixtureEngine } from '../fixture.testkit.ts';
import { applyFrame, type Replica } from '../store/replica.ts';
import { LOST_AFTER_MS } from './linkMachine.ts';
import { MAX_GAPS_IN_A_ROW, runSession, type SessionSink } from './session.ts';
import { bridgeTransport, type Transport } from './transport.ts';

interface Watched {
  readonly sink: SessionSink;
  readonly replica: () => Replica | null;
  readonly told: string[];
  /** Resolves when `condition` holds after something was told. */
  readonly until: (condition: () => boolean) => Promise<void>;
}

const watched = (refuse: (frame: ConsoleFrame) => boolean = () => false): Watched => {
  let replica: Replica | null = null;
  const told: string[] = [];
  const waiting = new Set<() => void>();
  const tell = (what: string): void => {
    told.push(what);
    for (const check of waiting) check();
  };
  return {
    told,
    replica: () => replica,
    until: (condition) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!condition()) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    sink: {
      opening: () => tell('opening'),
      opened: (_, about) => tell(`opened ${about.profile}`),
      frame: (frame) => {
        const outcome = refuse(frame) ? null : applyFrame(replica, frame);
        replica = outcome?.kind === 'applied' ? outcome.replica : null;
        tell(outcome?.kind === 'applied' ? frame.kind : 'gap');
        return outcome?.kind === 'applied' ? 'applied' : 'gap';
      },
      ended: (why) => tell(`ended: ${why}`),
    },
  };
};

describe('runSession', () => {
  let engine: FixtureEngine;
  let stop: AbortController;
  const waits: number[] = [];
  const run = (sink: SessionSink, transport: Transport = bridgeTransport(engine.bridge)): Promise<void> =>
    runSession(
      {
        transport,
        random: () => 0,
        wait: (ms) => {
          waits.push(ms);
          return Promise.resolve();
        },
      },
      sink,
      stop.signal,
    );

  beforeEach(() => {
    engine = createFixtureEngine();
    stop = new AbortController();
    waits.length = 0;
  });
  afterEach(() => {
    stop.abort();
    engine.stop();
    vi.useRealTimers();
  });

  it('greets, takes the snapshot and follows the deltas', async () => {
    const console = watched();
    const over = run(console.sink);
    await console.until(() => console.told.filter((what) => what === 'delta').length >= 3);
    expect(console.told.slice(0, 3)).toEqual(['opening', 'opened demo', 'snapshot']);
    expect(Object.keys(console.replica()?.tables.pairs ?? {})).toEqual(Object.keys(engine.tables.pairs));
    stop.abort();
    await over;
    expect(console.told.some((what) => what.startsWith('ended'))).toBe(false);
  });

  it('answers a gap with a new snapshot on the same link, without a wait', async () => {
    const console = watched();
    const over = run(console.sink);
    await console.until(() => console.told.includes('delta'));
    engine.skipSequence();
    await console.until(() => console.told.includes('gap') && console.told.at(-1) === 'delta');
    expect(console.told.filter((what) => what === 'snapshot')).toHaveLength(2);
    expect(console.told.filter((what) => what.startsWith('opened'))).toHaveLength(1);
    expect(waits).toEqual([]);
    stop.abort();
    await over;
  });

  it('gives the link up, and waits, when every stream breaks at once', async () => {
    const console = watched((frame) => frame.kind === 'delta');
    const over = run(console.sink);
    await console.until(() => console.told.some((what) => what.startsWith('ended')));
    expect(console.told.filter((what) => what === 'gap')).toHaveLength(MAX_GAPS_IN_A_ROW + 1);
    expect(console.told).toContain('ended: the stream keeps skipping frames');
    expect(waits).toHaveLength(1);
    stop.abort();
    await over;
  });

  it('gives a silent link up after its deadline', async () => {
    vi.useFakeTimers();
    const console = watched();
    const over = run(console.sink);
    while (!console.told.includes('delta')) await vi.advanceTimersByTimeAsync(50);
    engine.mute(true);
    await vi.advanceTimersByTimeAsync(LOST_AFTER_MS + 1_000);
    expect(console.told).toContain(`ended: nothing heard for ${LOST_AFTER_MS / 1_000} s`);
    stop.abort();
    await vi.advanceTimersByTimeAsync(10_000);
    await over;
  });

  it('backs off while links fail, and starts small again after a live one', async () => {
    const good = bridgeTransport(engine.bridge);
    let attempts = 0;
    const flaky: Transport = {
      kind: 'web-socket',
      open: async () => {
        attempts += 1;
        if (attempts === 4) {
          const link = await good.open();
          return link;
        }
        throw new Error(`down ${attempts}`);
      },
    };
    const console = watched((frame) => frame.kind === 'delta');
    const over = run(console.sink, flaky);
    await console.until(() => console.told.filter((what) => what.startsWith('ended')).length >= 5);
    stop.abort();
    await over;
    expect(waits.slice(0, 5)).toEqual([125, 250, 500, 125, 250]);
    expect(console.told).toContain('ended: down 3');
  });

  it('refuses an engine that speaks another contract', async () => {
    const honest = bridgeTransport(engine.bridge);
    const newer: Transport = {
      kind: 'web-socket',
      open: async () => {
        const link = await honest.open();
        const about = async () => ({
          contractVersion: CONTRACT_VERSION + 1,
          version: '9',
          mode: 'paper',
          profile: 'demo',
          host: 'headless' as const,
        });
        return { ...link, client: { ...link.client, watch: link.client.watch, about } as unknown as typeof link.client };
      },
    };
    const console = watched();
    const over = run(console.sink, newer);
    await console.until(() => console.told.some((what) => what.startsWith('ended')));
    expect(console.told.at(1)).toContain(`contract ${CONTRACT_VERSION + 1}, this console ${CONTRACT_VERSION}: reload the page`);
    expect(console.told).not.toContain('snapshot');
    stop.abort();
    await over;
  });
});
