/**
 * The demo world: simulated exchanges, a simulated MT5 terminal and the market between them, in one process, over
 * loopback. Owns their lives. The engine under test knows nothing but the URLs in `configInput`.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfigInput } from '../../src-shared/config/schema.ts';
import type { VenueKey } from '../runtime/ports.ts';
import { bookOf, engineAccount, SIM_EXCHANGES, worldKeys, type SimExchangeId, type WorldKeys } from './exchangeAccounts.ts';
import type { SimAccounts } from './exchange/account/account.ts';
import { configInputOf, demoConfig, type ConfigPlace, type ExchangeUrls, type WorldConfig } from './demoConfig.ts';
import { startControl, type ControlEndpoint } from './control.ts';
import type { BinanceTimings } from './exchange/binanceStreams.ts';
import { startBinanceVenue, type BinanceVenue } from './exchange/binanceVenue.ts';
import type { OkxTimings } from './exchange/okxStreams.ts';
import { startOkxVenue, type OkxVenue } from './exchange/okxVenue.ts';
import { createFaultSwitch, FaultRefused, type Fault, type FaultInput, type FaultKind, type FaultSwitch } from './faults.ts';
import { DEMO_BREAKS, DEMO_DISLOCATIONS, RESTLESS_DISLOCATIONS } from './market/demoMarket.ts';
import { DEMO_INSTRUMENTS, keyOf, listedAt, priceText, SIM_VENUES, type SimInstrument, type SimVenueId } from './market/instruments.ts';
import { createMarketModel, type BookUpdate, type MarketModel } from './market/model.ts';
import { startPump } from './market/pump.ts';
import { createServerClock } from './metatrader/broker/clock.ts';
import { PROMPT, TerminalSession } from './metatrader/broker/terminalSession.ts';
import type { TradeServer } from './metatrader/broker/tradeServer.ts';
import { openDemoBroker } from './metatrader/demoBroker.ts';
import type { ExpertSettings } from './metatrader/expert/expert.ts';
import { openLineFile } from './metatrader/lineFile.ts';
import { terminalSymbolOf } from './metatrader/messages.ts';
import { startTerminal, type Terminal, type TerminalReport } from './metatrader/terminal.ts';
import { randomStream } from './random.ts';
import { recogniseTape, type Tape } from './tape/recognise.ts';
import { startTapePlayers, type TapePlayers, type TapeStatus } from './tape/tapePlayers.ts';
import { DEMO_ACCOUNT, digitsOf, planTapeWorld, venueOf, type TapeWorld } from './tape/tapeWorld.ts';

export interface DemoWorldOptions {
  readonly seed: number;
  /** Recorded files; each is recognised by its content. */
  readonly tapes?: readonly string[] | undefined;
  /** Of tapes, or of the model where there are none. 1 = as recorded. */
  readonly speed?: number | undefined;
  /** Start ended tapes again; sockets are closed first, since sequence numbers go back. */
  readonly loop?: boolean | undefined;
  /** Where the simulated broker keeps its book and the simulated EA its journal; without it both are forgotten at the end. */
  readonly dataDir?: string | undefined;
  /** Loopback only. */
  readonly host?: string | undefined;
  /** Quotes per second of the model, scaled. */
  readonly rateScale?: number | undefined;
  /** Post ticks as EAs before the protocol did. */
  readonly bareTicks?: boolean | undefined;
  /** Dislocations at almost any moment, for tests that need many hedges. */
  readonly restless?: boolean | undefined;
  /** Open the loopback endpoint that takes faults over HTTP. */
  readonly control?: boolean | undefined;
  /** Keys of the engine's accounts, where they are given and not made. */
  readonly keys?: Partial<WorldKeys> | undefined;
  /** `still`: every instrument is quoted once and stays there, for whoever moves the accounts' market by hand. */
  readonly market?: 'running' | 'still' | undefined;
  readonly timings?: { readonly binance?: Partial<BinanceTimings>; readonly okx?: Partial<OkxTimings> } | undefined;
}

/** Where the simulated terminal posts, and what it signs with; without a key it can only stream quotes. */
export interface TerminalPlace {
  readonly listenerUrl: string;
  readonly token: string;
  readonly key?: string | undefined;
}

export interface WorldFaults {
  /** @throws FaultRefused naming the field that is wrong */
  inject(venue: string, fault: FaultInput): Fault;
  active(): Readonly<Record<SimVenueId, readonly FaultKind[]>>;
}

export interface DemoWorld {
  readonly urls: ExchangeUrls;
  readonly controlUrl: string | null;
  /** A complete configuration whose venues are the simulated ones. */
  readonly configInput: (place: ConfigPlace) => ConfigInput;
  /** Starts the simulated terminal once the engine listens. A second call replaces the first terminal. */
  readonly attachTerminals: (place: TerminalPlace) => Promise<void>;
  /** By venue: what proves the engine at its simulated accounts. */
  readonly keys: () => Readonly<Record<string, VenueKey>>;
  /** Whoever trades at the simulated exchanges, and their books; others may be opened beside the engine's. */
  readonly accounts: Readonly<Record<SimExchangeId, SimAccounts>>;
  readonly faults: WorldFaults;
  readonly terminal: () => TerminalReport | null;
  readonly tapes: () => readonly TapeStatus[];
  /** Resolves when every tape has ended; never in a world without tapes. */
  readonly tapesEnded: Promise<void>;
  readonly stop: () => Promise<void>;
}

/** What every venue's clock shows beyond this host's, ms; the broker's also stands in another zone. */
const CLOCK_LEAD_MS: Record<SimVenueId, number> = { 'binance-spot': 312, 'binance-usdm': 318, okx: -47, mt5: 7_200_650 };
const MAX_RATE_SCALE = 500;
const REWIND_OUTAGE_MS = 500;
const REWIND_WAIT_MS = 2_000;
const TAPE_REWOUND = 1_012;

interface Venues {
  readonly spot: BinanceVenue;
  readonly usdm: BinanceVenue;
  readonly okx: OkxVenue;
}

/** Clock of a venue: this host's with a lead, or the tape's. */
type ClockOf = (venue: SimVenueId) => () => number;

const liveClock = (venue: SimVenueId) => () => Date.now() + CLOCK_LEAD_MS[venue];

const placeOf = (dataDir: string | undefined, name: string) => (dataDir === undefined ? null : join(dataDir, name));

/** Tapes bring their own time, and nobody trades against them: their accounts are forgotten. */
const bookPlace = ({ dataDir, tapes }: DemoWorldOptions, name: string) => ((tapes?.length ?? 0) > 0 ? null : placeOf(dataDir, name));

const startVenues = async (
  options: DemoWorldOptions,
  instruments: readonly SimInstrument[],
  faults: Readonly<Record<SimVenueId, FaultSwitch>>,
  clockOf: ClockOf,
): Promise<Venues> => {
  const binance = (product: 'spot' | 'usdm') =>
    startBinanceVenue({
      product,
      instruments: listedAt(instruments, `binance-${product}`),
      faults: faults[`binance-${product}`],
      clock: clockOf(`binance-${product}`),
      timings: options.timings?.binance,
      file: bookPlace(options, `binance-${product}.jsonl`),
    });
  const [spot, usdm, okx] = await Promise.all([
    binance('spot'),
    binance('usdm'),
    startOkxVenue({
      instruments: listedAt(instruments, 'okx'),
      faults: faults.okx,
      clock: clockOf('okx'),
      seed: options.seed,
      timings: options.timings?.okx,
      file: bookPlace(options, 'okx.jsonl'),
    }),
  ]);
  return { spot, usdm, okx };
};

/** Opens the engine's accounts; what they hold is remembered where there is a data directory. */
const openEngineAccounts = (venues: Venues, keys: WorldKeys) => {
  const accounts = { 'binance-spot': venues.spot.accounts, 'binance-usdm': venues.usdm.accounts, okx: venues.okx.accounts };
  for (const venue of SIM_EXCHANGES) accounts[venue].open(engineAccount(venue, keys[venue], Date.now()));
  const books = () =>
    Object.fromEntries(
      SIM_EXCHANGES.map((venue) => [venue, Object.fromEntries(accounts[venue].list().map((id) => [id, bookOf(accounts[venue], id)]))]),
    );
  return { accounts, books };
};

const urlsOf = ({ spot, usdm, okx }: Venues): ExchangeUrls => {
  const of = (v: { server: { restUrl: string; streamUrl: string } }) => ({ rest: v.server.restUrl, stream: v.server.streamUrl });
  return { 'binance-spot': of(spot), 'binance-usdm': of(usdm), okx: { rest: okx.server.restUrl, stream: `${okx.server.streamUrl}/ws/v5` } };
};

const checkOptions = (options: DemoWorldOptions): void => {
  if (!Number.isSafeInteger(options.seed)) throw new RangeError(`seed must be a whole number, got ${options.seed}`);
  if (options.host !== undefined && options.host !== '127.0.0.1' && options.host !== 'localhost')
    throw new RangeError(`the simulated venues bind loopback only, not ${options.host}`);
  const rate = options.rateScale ?? 1;
  if (!(rate > 0 && rate <= MAX_RATE_SCALE)) throw new RangeError(`rateScale must be above 0 and at most ${MAX_RATE_SCALE}, got ${rate}`);
};

interface Market {
  readonly instruments: readonly SimInstrument[];
  readonly model: MarketModel;
}

const marketOf = (options: DemoWorldOptions, plan: TapeWorld | null): Market => {
  const quoted = plan === null ? DEMO_INSTRUMENTS : plan.companions.map((c) => c.instrument);
  const model = createMarketModel({
    seed: options.seed,
    instruments: quoted,
    dislocations: plan !== null ? [] : options.restless === true ? RESTLESS_DISLOCATIONS : DEMO_DISLOCATIONS,
    breaks: plan === null ? DEMO_BREAKS : {},
    ...(options.rateScale === undefined ? {} : { rateScale: options.rateScale }),
  });
  for (const c of plan?.companions ?? []) model.anchor(c.instrument.underlying, c.tape.firstMid);
  const known = new Set(DEMO_INSTRUMENTS.map(keyOf));
  return { instruments: [...DEMO_INSTRUMENTS, ...quoted.filter((x) => !known.has(keyOf(x)))], model };
};

const DECLARED_UTC_OFFSET_S = 7_200;
const BROKER_FILE = 'broker.jsonl';
const JOURNAL_FILE = 'expert.jsonl';

const openBroker = ({ seed, dataDir }: DemoWorldOptions): TradeServer => {
  const leadMs = CLOCK_LEAD_MS.mt5 - DECLARED_UTC_OFFSET_S * 1_000;
  const clock = createServerClock(() => Date.now(), [{ fromUtcMs: 0, offsetS: DECLARED_UTC_OFFSET_S }], leadMs);
  return openDemoBroker({ instruments: DEMO_INSTRUMENTS, account: DEMO_ACCOUNT, clock, seed, file: placeOf(dataDir, BROKER_FILE) });
};

/** The terminal's own session and the EA's journal; without a key orders cannot go through it. */
const expertOf = (broker: TradeServer, key: string | undefined, { seed, dataDir }: DemoWorldOptions): ExpertSettings | undefined => {
  if (key === undefined) return undefined;
  const random = randomStream(seed, 'mt5/terminal');
  const session = new TerminalSession({ server: broker, login: Number(DEMO_ACCOUNT.login), habits: PROMPT, random });
  return { session, key, random, journal: openLineFile(placeOf(dataDir, JOURNAL_FILE)) };
};

/** @throws TapeRefused, RangeError */
export const startDemoWorld = async (options: DemoWorldOptions): Promise<DemoWorld> => {
  checkOptions(options);
  const tapes = await Promise.all((options.tapes ?? []).map(recogniseTape));
  const plan = tapes.length === 0 ? null : planTapeWorld(tapes);
  const speed = options.speed ?? 1;
  const { instruments, model } = marketOf(options, plan);
  const faults = Object.fromEntries(SIM_VENUES.map((v) => [v, createFaultSwitch(options.seed, v)])) as Record<SimVenueId, FaultSwitch>;
  let players: TapePlayers | null = null;
  let terminal: Terminal | null = null;
  const broker = plan === null ? openBroker(options) : null;
  let expert: ExpertSettings | undefined;

  const clockOf: ClockOf = (venue) => {
    const tape = tapes.find((t) => t.kind === 'binance-frames' && venueOf(t) === venue);
    if (tape?.kind !== 'binance-frames') return liveClock(venue);
    return () => (players?.timelineOf(tape).nowMs() ?? tape.firstMs) + tape.venueLeadMs;
  };
  const venues = await startVenues(options, instruments, faults, clockOf);
  const emit = (update: BookUpdate) => {
    const { instrument: x } = update;
    if (x.venue === 'okx') venues.okx.publish(update);
    else if (x.venue === 'binance-usdm') venues.usdm.publish(update);
    else if (x.venue === 'binance-spot') venues.spot.publish(update);
    else {
      const [bid, ask, timeMsc] = [priceText(x, update.bidTicks), priceText(x, update.askTicks), liveClock('mt5')()];
      broker?.setQuote(x.symbol, bid, ask, timeMsc);
      terminal?.quote(x.symbol, bid, ask, timeMsc);
    }
  };
  const keys = worldKeys(options.dataDir, options.keys);
  const trading = openEngineAccounts(venues, keys);
  const pump = options.market === 'still' ? quoteOnce(model, emit) : startPump(model, plan === null ? speed : 1, emit);
  if (plan !== null) players = playTapes(tapes, plan, options, { venues, model, terminal: () => terminal, faults });
  const stop = async () => {
    pump.stop();
    await Promise.all([players?.stop(), terminal?.stop(), control?.stop()]);
    await Promise.all([venues.spot.stop(), venues.usdm.stop(), venues.okx.stop()]);
  };
  const worldFaults = faultsOf(faults);
  const control: ControlEndpoint | null =
    options.control === true
      ? await startControl({
          faults: worldFaults,
          tapes: () => players?.status() ?? [],
          terminal: () => terminal?.report() ?? null,
          books: trading.books,
        })
      : null;
  const urls = urlsOf(venues);
  const config: WorldConfig = plan === null ? demoConfig(urls) : plan.config(urls);
  return {
    urls,
    controlUrl: control?.url ?? null,
    configInput: (place) => configInputOf(config, place),
    attachTerminals: async ({ listenerUrl, token, key }) => {
      await terminal?.stop();
      expert?.session.end();
      expert = broker === null || options.bareTicks === true ? undefined : expertOf(broker, key, options);
      const symbols = plan === null ? (broker?.symbols() ?? []).map(terminalSymbolOf) : plan.symbols;
      if (symbols.length === 0) return;
      terminal = startTerminal({
        listenerUrl,
        token,
        account: plan?.account ?? DEMO_ACCOUNT,
        symbols,
        faults: faults.mt5,
        declaredUtcOffsetS: DECLARED_UTC_OFFSET_S,
        habit: options.bareTicks === true ? 'bare' : 'protocol',
        expert,
      });
    },
    keys: () => keys,
    accounts: trading.accounts,
    faults: worldFaults,
    terminal: () => terminal?.report() ?? null,
    tapes: () => players?.status() ?? [],
    tapesEnded: players?.ended ?? new Promise(() => undefined),
    stop,
  };
};

const STILL_AT_MS = 2_000;
const quoteOnce = (model: MarketModel, emit: (update: BookUpdate) => void) => {
  model.advance(STILL_AT_MS, emit);
  return { stop: () => undefined };
};

const faultsOf = (faults: Readonly<Record<SimVenueId, FaultSwitch>>): WorldFaults => ({
  inject: (venue, fault) => {
    const known = SIM_VENUES.find((v) => v === venue);
    if (known === undefined) throw new FaultRefused('venue', `no simulated venue "${venue}"; there are ${SIM_VENUES.join(', ')}`);
    return faults[known].inject(fault);
  },
  active: () => Object.fromEntries(SIM_VENUES.map((v) => [v, faults[v].active()])) as unknown as Record<SimVenueId, FaultKind[]>,
});

interface Stage {
  readonly venues: Venues;
  readonly model: MarketModel;
  readonly terminal: () => Terminal | null;
  readonly faults: Readonly<Record<SimVenueId, FaultSwitch>>;
}

const playTapes = (tapes: readonly Tape[], plan: TapeWorld, options: DemoWorldOptions, stage: Stage): TapePlayers => {
  const binance = (tape: Tape) => (venueOf(tape) === 'binance-spot' ? stage.venues.spot : stage.venues.usdm);
  const follow = (tape: Tape, bid: string, ask: string) => {
    const companion = plan.companions.find((c) => c.tape === tape);
    if (companion !== undefined) stage.model.anchor(companion.instrument.underlying, (Number(bid) + Number(ask)) / 2);
  };
  const leads = new Set(plan.companions.map((c) => c.tape));
  return startTapePlayers(
    tapes,
    { speed: options.speed ?? 1, loop: options.loop ?? false },
    {
      frame: (tape, { frame }) => {
        binance(tape).publishFrame(frame);
        if (!leads.has(tape) || !frame.stream.endsWith('@bookTicker')) return;
        const { b, a } = JSON.parse(frame.raw) as { b: string; a: string };
        follow(tape, b, a);
      },
      tick: (tape, { bid, ask, serverLeadMs }) => {
        const digits = digitsOf(tape);
        const timeMsc = Date.now() + (serverLeadMs ?? CLOCK_LEAD_MS.mt5);
        stage.terminal()?.quote(tape.symbol, Number(bid).toFixed(digits), Number(ask).toFixed(digits), timeMsc);
        follow(tape, bid, ask);
      },
      hasAudience: (tape) =>
        tape.kind === 'binance-frames'
          ? binance(tape).wanted(`${tape.symbol.toLowerCase()}@bookTicker`)
          : stage.terminal()?.report().phase === 'running',
      backlogBytes: (tape) => (tape.kind === 'binance-frames' ? binance(tape).server.backlogBytes() : 0),
      rewound: async (tape) => {
        if (tape.kind !== 'binance-frames') return;
        const venue = stage.faults[venueOf(tape)];
        venue.inject({ kind: 'refuse', durationMs: REWIND_OUTAGE_MS });
        venue.inject({ kind: 'close', code: TAPE_REWOUND, reason: 'tape rewinds' });
        const giveUp = performance.now() + REWIND_WAIT_MS;
        while (binance(tape).server.peerCount() > 0 && performance.now() < giveUp) await sleep(5);
      },
    },
  );
};
