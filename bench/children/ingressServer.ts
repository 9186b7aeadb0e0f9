/**
 * Servers that take a tick, one kind a process: ours (the real MetaTrader listener under Fastify, in front of the runner, the
 * core's step and a ledger on disk), a bare node:http that parses the body, and a raw TCP line, the floor. Tells its port, how to
 * speak to it, and when asked how long ticks took from their receipt to the end of their step.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify from 'fastify';
import { configSchema } from '../../src-shared/config/schema.ts';
import { engineSettingsOf } from '../../src-shared/config/engineSettings.ts';
import { createMetatraderListener } from '../../src-main/adapters/metatrader/listener.ts';
import { openLedger } from '../../src-main/adapters/ledger/ledger.ts';
import { createEngine, step } from '../../src-main/core/engine.ts';
import { systemClock } from '../../src-main/runtime/clock.ts';
import { createDispatcher } from '../../src-main/runtime/dispatcher.ts';
import { createRunner, type Runner } from '../../src-main/runtime/runner.ts';
import { quantileOf, sortedOf } from '../rounds.ts';

export interface IngressReady {
  readonly port: number;
  readonly token: string;
}
/** Since it was last asked, microseconds. */
export interface IngressSteps {
  readonly steps: number;
  readonly p50: number;
  readonly p99: number;
}

/** Above anything the load can reach; the product's own limit is for one EA. */
const NO_LIMIT_PER_SECOND = 10_000_000;
const TOKEN = 'bench-token-0123456789';

const config = configSchema.parse({
  version: 1,
  profile: 'bench',
  mode: 'paper',
  dataDir: '.',
  venues: [{ id: 'broker', label: 'broker', protocol: 'metatrader' }],
  instruments: [
    { venue: 'broker', symbol: 'BTCUSD', kind: 'cfd', costs: { takerFeeBps: 0 } },
    { venue: 'broker', symbol: 'ETHUSD', kind: 'cfd', costs: { takerFeeBps: 0 } },
  ],
  pairs: [
    {
      id: 'pair',
      underlying: 'BTC',
      a: 'BTCUSD@broker',
      b: 'ETHUSD@broker',
      conversion: { kind: 'fixed', rate: 1, why: 'only to have a pair' },
    },
  ],
});

let sinceReceipt: number[] = [];

const startOurs = async (): Promise<number> => {
  const settings = engineSettingsOf(config, Date.now());
  const ledger = openLedger({
    path: join(process.argv[3] ?? mkdtempSync(join(tmpdir(), 'quant-arb-ingress-')), `ingress-${process.pid}.sqlite`),
    clock: systemClock,
    owner: 'bench',
  });
  const runner: Runner = createRunner({
    settings,
    state: createEngine(settings),
    ledger,
    clock: systemClock,
    effects: createDispatcher({ gateways: [], announceMode: () => undefined }),
    version: '0.0.0',
    step: (held, event) => {
      const stepped = step(held, event);
      if (event.type === 'quote') sinceReceipt.push(systemClock.monoUs() - event.receivedMonoUs);
      return stepped;
    },
  });
  const epochs = new Map<string, number>();
  const venue = config.venues[0]!;
  if (venue.protocol !== 'metatrader') throw new Error('no MetaTrader venue');
  const listener = createMetatraderListener({
    venues: [venue],
    instruments: settings.instruments.map((each, index) => ({ index, settings: each })),
    inlets: runner,
    clock: systemClock,
    epochs: {
      next: (id) => {
        const epoch = (epochs.get(id) ?? 0) + 1;
        epochs.set(id, epoch);
        return epoch;
      },
      last: (id) => epochs.get(id) ?? 0,
    },
    token: TOKEN,
    key: 'bench-key-0123456789',
    randomId: randomUUID,
    note: (_severity, text) => console.error(text),
    maxRequestsPerSecond: NO_LIMIT_PER_SECOND,
  });
  runner.start();
  const server = Fastify({ bodyLimit: 65_536 });
  await server.register((scope) => listener.plugin(scope));
  await server.listen({ host: '127.0.0.1', port: 0 });
  listener.start();
  return (server.server.address() as AddressInfo).port;
};

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

const startBare = (): Promise<number> =>
  listen(
    createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const body = JSON.stringify({ ok: typeof JSON.parse(Buffer.concat(parts).toString()) === 'object' });
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
      });
    }),
  );

const startLine = (): Promise<number> =>
  listen(
    createTcpServer({ noDelay: true }, (socket) => {
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        let lines = 0;
        for (const byte of bytes) if (byte === 10) lines += 1;
        if (lines > 0) socket.write('ok\n'.repeat(lines));
      });
    }),
  );

const START = { ours: startOurs, bare: startBare, line: startLine } as const;
const port = await START[process.argv[2] as keyof typeof START]();
process.send?.({ port, token: TOKEN } satisfies IngressReady);
process.on('message', () => {
  const sorted = sortedOf(sinceReceipt);
  process.send?.({ steps: sorted.length, p50: quantileOf(sorted, 0.5), p99: quantileOf(sorted, 0.99) } satisfies IngressSteps);
  sinceReceipt = [];
});
// Not to outlive the bench.
process.once('disconnect', () => process.exit());
