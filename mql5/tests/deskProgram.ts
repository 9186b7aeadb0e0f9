/**
 * The engine's MetaTrader side as a program of its own: the production listener, desk and ledger on real sockets and a real file,
 * without the core. Whoever started it places orders through messages, and hears every outcome and push; it may be killed at
 * any moment and started again on the same file. Decides nothing.
 */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { engineSettingsOf } from '../../src-shared/config/engineSettings.ts';
import { configSchema, type MetatraderVenueConfig } from '../../src-shared/config/schema.ts';
import type { VenueId } from '../../src-shared/domain/ids.ts';
import { openLedger } from '../../src-main/adapters/ledger/ledger.ts';
import { createDesk } from '../../src-main/adapters/metatrader/desk/desk.ts';
import { createMetatraderListener } from '../../src-main/adapters/metatrader/listener.ts';
import { CHOICE_VARIABLE, LEDGER_FILE, type DeskAsk, type DeskChoice, type DeskMessage } from './deskChoice.ts';
import { openEpochFile } from '../../src-main/hosts/epochFile.ts';
import { systemClock } from '../../src-main/runtime/clock.ts';

const tell = (message: DeskMessage): void => {
  // The one who started it may be gone; then it ends with the channel.
  if (process.connected) process.send?.(message);
};

const configOf = ({ folder, symbols, mode, login, server }: DeskChoice) =>
  configSchema.parse({
    version: 1,
    profile: 'test',
    mode,
    dataDir: folder,
    venues: [
      { id: 'mt5', label: 'MT5', protocol: 'metatrader', simulated: true, login, server, acceptBareTicks: false },
      { id: 'okx', label: 'OKX', protocol: 'okx', simulated: true, urls: { rest: 'http://127.0.0.1:1', stream: 'ws://127.0.0.1:1' } },
    ],
    instruments: [
      ...symbols.map((symbol) => ({ venue: 'mt5', symbol, kind: 'cfd', costs: { takerFeeBps: 0 } })),
      { venue: 'okx', symbol: 'OTHER-LEG', kind: 'perpetual', costs: { takerFeeBps: 5 } },
    ],
    pairs: symbols.map((symbol, i) => ({
      id: `pair-${i}`,
      underlying: 'X',
      a: `${symbol}@mt5`,
      b: 'OTHER-LEG@okx',
      conversion: { kind: 'fixed', rate: 1, why: 'only to have a pair' },
    })),
  });

const start = async (choice: DeskChoice): Promise<void> => {
  const config = configOf(choice);
  const settings = engineSettingsOf(config, systemClock.unixMs());
  const ledger = openLedger({ path: path.join(choice.folder, LEDGER_FILE), clock: systemClock, owner: 'desk program' });
  ledger.beginRun(settings, '0.0.0');
  const quotes = { count: 0 };
  const inlets = {
    quote: () => void (quotes.count += 1),
    offer: (event: { readonly type: string }) => (tell({ push: event, atUnixMs: Date.now() }), 'taken' as const),
  };
  const venue = config.venues.find((each): each is MetatraderVenueConfig => each.protocol === 'metatrader')!;
  const instruments = settings.instruments.flatMap((each, index) => (each.venueId === venue.id ? [{ index, settings: each }] : []));
  const note = (severity: 'info' | 'warn', text: string): void => tell({ note: `${severity} ${text}` });
  const randomId = (): string => randomBytes(24).toString('base64url');
  const desk = createDesk({
    mode: 'demo',
    venue: { id: venue.id as VenueId, label: venue.label },
    instruments: instruments.map((each) => each.settings),
    store: ledger.commands,
    inlet: inlets,
    clock: systemClock,
    random: randomBytes,
  });
  const listener = createMetatraderListener({
    venues: [venue],
    instruments,
    inlets,
    clock: systemClock,
    epochs: openEpochFile(choice.folder),
    token: choice.token,
    key: choice.key,
    randomId,
    note,
    desks: choice.mode === 'demo' ? new Map([[venue.id, desk]]) : new Map(),
  });
  const server = Fastify({ bodyLimit: 1024 * 1024, forceCloseConnections: true, keepAliveTimeout: 65_000 });
  await server.register(async (inner) => listener.plugin(inner));
  await server.listen({ host: '127.0.0.1', port: choice.port });
  listener.start();
  let allowed = true;
  const act = (ask: DeskAsk): unknown => {
    switch (ask.op) {
      case 'place':
        return desk.gateway.place(ask.order, () => allowed && ask.mayLeave);
      case 'cancel':
        return desk.gateway.cancel(ask.ref, () => true);
      case 'query':
        return desk.gateway.query(ask.ref);
      case 'snapshot':
        return desk.gateway.snapshot(ask.sinceUnixMs);
      case 'mode':
        return listener.announceMode(ask.mode);
      case 'mayLeave':
        allowed = ask.allowed;
        return null;
      case 'quotes':
        return quotes.count;
      case 'report':
        return desk.report();
    }
  };
  process.on('message', (message: { readonly ask?: number; readonly what?: DeskAsk }) => {
    const { ask, what } = message;
    if (ask === undefined || what === undefined) return;
    Promise.resolve(act(what)).then(
      (result) => tell({ answer: ask, result: result ?? null }),
      (error: unknown) => tell({ answer: ask, result: { fault: String(error) } }),
    );
  });
  process.once('SIGTERM', () => {
    void (async () => {
      await desk.gateway.stop();
      listener.stop();
      await server.close();
      ledger.endRun('stopped');
      ledger.close();
      process.exit(0);
    })();
  });
  desk.gateway.start();
  tell({ ready: { port: (server.server.address() as AddressInfo).port, pid: process.pid } });
};

process.once('disconnect', () => process.exit(1));
await start(JSON.parse(process.env[CHOICE_VARIABLE] ?? '') as DeskChoice);
