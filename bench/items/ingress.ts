/**
 * What a tick from the terminal costs over HTTP and on to the engine's step: the real listener (token, session, sequence, schema,
 * signature), runner, core and ledger in one process, beside
 * a bare node:http, a raw TCP line, and a Python server as the predecessor had it. On one connection ticks of protocol v1;
 * on eight, where one session's sequence cannot be kept, the old EA's bare ticks.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startChild } from '../child.ts';
import type { IngressReady, IngressSteps } from '../children/ingressServer.ts';
import { httpJudge, lineJudge, load, post, type Judge, type Load } from '../httpLoad.ts';
import type { BenchContext, BenchItem } from '../item.ts';
import { quantileOf, ratioBand } from '../rounds.ts';
import { atLeast, atMost, figure, figureRow, ratioRow, skippedRow, type Row } from '../verdict.ts';
import { fileURLToPath } from 'node:url';

const ITEM = 'ingress';
const SLOW_MS = 35;
const START_MSC = 1_790_000_000_000;
type Kind = 'ours' | 'bare' | 'line' | 'python';

interface Target {
  readonly kind: Kind;
  readonly judge: Judge;
  request(connections: number): Promise<(connection: number, n: number) => Buffer>;
  readonly port: number;
  /** Of ours: receipt of a tick → end of its step, since last asked. */
  steps(): Promise<IngressSteps> | null;
  end(): Promise<void>;
}

const bareTick = (n: number): string =>
  `{"symbol":"BTCUSD","bid":${(64_000 + (n % 7) / 10).toFixed(1)},"ask":${(64_000.5 + (n % 7) / 10).toFixed(1)},"time_msc":${START_MSC + n}}`;

const hello = (port: number, token: string): Promise<{ session: string; epoch: number }> =>
  fetch(`http://127.0.0.1:${port}/mt5/hello`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({
      v: 1,
      boot_id: 'bench',
      login: '1',
      server: 'bench',
      company: 'bench',
      currency: 'USD',
      margin_mode: 'hedging',
      terminal_build: 5_000,
      ea_version: '1',
      server_utc_offset_s: 0,
      symbols: [],
    }),
  }).then(async (response) => {
    if (response.status !== 200) throw new Error(`hello: ${response.status} ${await response.text()}`);
    return (await response.json()) as { session: string; epoch: number };
  });

const startNode = async (kind: 'ours' | 'bare' | 'line', scratch: string): Promise<Target> => {
  const child = startChild('ingressServer.ts', { args: [kind, scratch] });
  const { port, token } = await child.next<IngressReady>();
  let seq = 0;
  let greeted: ReturnType<typeof hello> | null = null;
  const sessionTicks = async (): Promise<(connection: number, n: number) => Buffer> => {
    greeted ??= hello(port, token);
    const { session, epoch } = await greeted;
    return (_connection, n) => {
      seq += 1;
      const body = `{"v":1,"session":"${session}","epoch":${epoch},"seq":"${seq}","mono_ms":"${Math.floor(performance.now())}","gates":"ok","ticks":[{"symbol":"BTCUSD","bid":${(64_000 + (n % 7) / 10).toFixed(1)},"ask":${(64_000.5 + (n % 7) / 10).toFixed(1)},"time_msc":"${Date.now()}","age_ms":"0"}]}`;
      return post(port, '/mt5/tick', body, token);
    };
  };
  return {
    kind,
    port,
    judge: kind === 'line' ? lineJudge : httpJudge,
    request: async (connections) => {
      if (kind === 'line') return (_connection, n) => Buffer.from(`${bareTick(n)}\n`);
      if (kind === 'ours' && connections === 1) return sessionTicks();
      return (_connection, n) => post(port, '/mt5/tick', bareTick(n), token);
    },
    steps: () => (kind === 'ours' ? (child.send({}), child.next<IngressSteps>()) : null),
    end: () => child.end(),
  };
};

/** Null where there is no python3. */
const startPython = async (folder: string): Promise<Target | null> => {
  const script = fileURLToPath(new URL('../peers/predecessor.py', import.meta.url));
  for (const command of ['python3', 'python']) {
    const child = spawn(command, [script, folder], { stdio: ['ignore', 'pipe', 'ignore'] });
    const port = await new Promise<number | null>((resolve) => {
      child.once('error', () => resolve(null));
      child.once('exit', () => resolve(null));
      child.stdout.once('data', (line: Buffer) => resolve(Number(line.toString())));
    });
    if (port === null || !Number.isInteger(port)) continue;
    return {
      kind: 'python',
      port,
      judge: httpJudge,
      steps: () => null,
      request: async () => (_connection, n) => post(port, '/', bareTick(n), null),
      async end() {
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      },
    };
  }
  return null;
};

interface Round {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}
type Rounds = Partial<Record<Kind, Round[]>>;

interface Slow {
  answers: number;
  slow: number;
  wrong: number;
}

const measure = async (targets: readonly Target[], connections: number, rounds: number, requests: number, slow: Slow): Promise<Rounds> => {
  const taken: Rounds = {};
  for (let round = -1; round < rounds; round++) {
    for (const target of round % 2 === 0 ? targets : targets.toReversed()) {
      // The slow one gets fewer, so that a round lasts about as long.
      const count = target.kind === 'python' ? Math.ceil(requests / 5) : requests;
      const one: Load = await load(target.port, connections, count, await target.request(connections), target.judge);
      if (target.kind === 'ours') {
        slow.answers += one.latencies.length;
        slow.wrong += one.wrong;
        slow.slow += one.latencies.filter((us) => us > SLOW_MS * 1_000).length;
      }
      if (one.wrong > 0) throw new Error(`${target.kind}: ${one.wrong} of ${one.latencies.length} answers were refusals`);
      if (round < 0) continue;
      (taken[target.kind] ??= []).push({
        p50: quantileOf(one.latencies, 0.5),
        p99: quantileOf(one.latencies, 0.99),
        perSecond: one.perSecond,
      });
    }
  }
  return taken;
};

const column = (rounds: Rounds, kind: Kind, of: keyof Round): number[] | null => rounds[kind]?.map((round) => round[of]) ?? null;

const described = (rounds: Rounds): string =>
  (Object.keys(rounds) as Kind[])
    .map((kind) => {
      const middle = (of: keyof Round): string =>
        Math.round([...column(rounds, kind, of)!].sort((a, b) => a - b)[Math.floor(rounds[kind]!.length / 2)]!).toLocaleString('en-US');
      return `${kind} ${middle('perSecond')}/s p50 ${middle('p50')} p99 ${middle('p99')} µs`;
    })
    .join('; ');

/** The predecessor's throughput is at its best on several connections; one EA is one connection, and waits for each answer. */
const againstPython = (
  label: string,
  connections: number,
  ratio: ((of: keyof Round, than: Kind) => ReturnType<typeof ratioBand>) | null,
): readonly Row[] => {
  const rate = `${label}: ticks/s, ours / Python predecessor`;
  const late = `${label}: p99, ours / Python predecessor`;
  if (ratio === null) return [skippedRow(ITEM, rate, 'no python3 here'), skippedRow(ITEM, late, 'no python3 here')];
  return [
    ratioRow(ITEM, rate, ratio('perSecond', 'python'), atLeast(connections === 1 ? 3.5 : 10)),
    ratioRow(ITEM, late, ratio('p99', 'python'), atMost(0.1)),
  ];
};

export const ingressItem: BenchItem = {
  name: ITEM,
  title: 'tick ingress over HTTP (load from this process, servers in others)',
  async run(context: BenchContext) {
    const targets: Target[] = [];
    const rows: Row[] = [];
    const slow: Slow = { answers: 0, slow: 0, wrong: 0 };
    try {
      for (const kind of ['bare', 'line'] as const) targets.push(await startNode(kind, context.scratch));
      const python = await startPython(context.scratch);
      if (python !== null) targets.push(python);
      for (const connections of [1, 8]) {
        // A fresh one each time: where an EA holds a session, bare ticks are refused.
        targets.unshift(await startNode('ours', context.scratch));
        const requests = context.quick ? 1_500 : connections === 1 ? 9_000 : 20_000;
        const rounds = await measure(targets, connections, context.quick ? 3 : 9, requests, slow);
        const label = connections === 1 ? '1 connection' : `${connections} connections`;
        const ratio = (of: keyof Round, than: Kind): ReturnType<typeof ratioBand> =>
          ratioBand(column(rounds, 'ours', of)!, column(rounds, than, of)!);
        if (connections === 1) {
          rows.push(
            ratioRow(ITEM, `${label}: p50, ours / raw TCP line`, ratio('p50', 'line'), atMost(1.3), { note: described(rounds) }),
            ratioRow(ITEM, `${label}: p99, ours / raw TCP line`, ratio('p99', 'line'), atMost(1.8)),
          );
        }
        rows.push(
          ratioRow(
            ITEM,
            `${label}: requests/s, ours / bare node:http`,
            ratio('perSecond', 'bare'),
            null,
            connections === 1 ? {} : { note: described(rounds) },
          ),
        );
        const steps = await targets[0]?.steps();
        if (steps !== null && steps !== undefined)
          rows.push(
            figureRow(ITEM, `${label}: receipt of a tick → end of its step, p99`, steps.p99, 'µs', null, {
              note: `p50 ${figure(steps.p50)} µs, ${steps.steps.toLocaleString('en-US')} steps (what a newer tick overtakes is not stepped)`,
              figures: { ...steps },
            }),
          );
        await targets.shift()?.end();
        rows.push(...againstPython(label, connections, python === null ? null : ratio));
      }
      rows.push(
        figureRow(ITEM, `answers of ours slower than ${SLOW_MS} ms`, slow.slow, '', atMost(0), {
          note: `of ${slow.answers.toLocaleString('en-US')}`,
        }),
      );
      return rows;
    } finally {
      for (const target of targets) await target.end();
    }
  },
};
