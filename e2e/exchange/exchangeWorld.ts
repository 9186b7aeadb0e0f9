/**
 * The demo's venues in a process of their own, with the engine's accounts at the simulated exchanges; a configuration whose hedges go
 * through the exchange gateways, and the exchanges' own books as their files have them. One dollar is declared to be worth more than
 * it is, so that a hedge seems to pay at almost any moment: fees stay what the accounts really pay.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { VenueBook, VenueFill, VenueOrder } from '../crash/evidence.ts';
import { eagerConfig, startWorldProcess, type EagerChoice, type WorldConfig } from '../drivers/world.ts';

/** By so much every dollar is declared too dear. */
const SEEMING_EDGE_BPS = 60;
export const EXCHANGES = ['okx', 'binance-usdm', 'binance-spot'] as const;
export type ExchangeId = (typeof EXCHANGES)[number];
const EXCHANGE_PAIRS = {
  'xau-x': ['XAU-USDT-SWAP@okx', 'XAUUSDT@binance-usdm'],
  'btc-x': ['BTC-USDT-SWAP@okx', 'BTCUSDT@binance-usdm'],
} as const;

export interface ExchangeWorld {
  readonly config: WorldConfig;
  readonly controlUrl: string;
  /** As key files spell them, by venue. */
  readonly keys: Readonly<Record<ExchangeId, object>>;
  readBooks(): readonly VenueBook[];
  stop(): Promise<void>;
}

export interface ExchangeWorldChoice {
  readonly seed: number;
  /** Where the venues keep their books. */
  readonly worldDir: string;
  readonly listenerUrl: string;
  readonly token: string;
  /** What the simulated terminal signs with. */
  readonly terminalKey: string;
  readonly rateScale?: number;
  /** Dislocations at almost any moment. */
  readonly restless?: boolean;
  /** Absent = made by the world. */
  readonly keys?: Readonly<Record<string, object>>;
}

interface Row {
  readonly t: string;
  readonly order?: {
    readonly orderId: string;
    readonly clientId: string;
    readonly symbol: string;
    readonly side: 'buy' | 'sell';
    readonly orderQty: string;
    readonly filledQty: string;
  };
  readonly fill?: {
    readonly tradeId: string;
    readonly orderId: string;
    readonly clientId: string;
    readonly symbol: string;
    readonly side: 'buy' | 'sell';
    readonly qty: string;
    readonly price: string;
    readonly fee: string;
    readonly feeAsset: string;
  };
}

/** A line that is still being written is not there yet. */
const rowsIn = (file: string): readonly Row[] => {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  lines.pop();
  return lines.flatMap((line) => JSON.parse(line) as readonly Row[]);
};

/** A venue's book by its file: every order in the order of acceptance, as it is now, with what was executed of it. */
export const readExchangeBook = (venueId: string, file: string): VenueBook => {
  const orders = new Map<string, VenueOrder>();
  /** By order: what is executed on arrival is written before the order itself. */
  const executed = new Map<string, VenueFill[]>();
  const fillsOf = (orderId: string): VenueFill[] => {
    const fills = executed.get(orderId) ?? [];
    executed.set(orderId, fills);
    return fills;
  };
  for (const { t, order, fill } of rowsIn(file)) {
    if (t === 'order' && order !== undefined) {
      const { clientId, symbol, side, orderQty, filledQty, orderId } = order;
      orders.set(orderId, { clientOrderId: clientId, symbol, side, qty: orderQty, filledQty, fills: fillsOf(orderId) });
    }
    if (t !== 'fill' || fill === undefined) continue;
    fillsOf(fill.orderId).push({
      venueId,
      instrumentId: `${fill.symbol}@${venueId}`,
      tradeId: fill.tradeId,
      clientOrderId: fill.clientId,
      side: fill.side,
      qty: fill.qty,
      px: fill.price,
      fee: fill.fee,
      feeCcy: fill.feeAsset,
    });
  }
  return { venueId, file, fresh: [...orders.values()], past: [], countedBefore: 0, positionsBefore: new Map() };
};

export const startExchangeWorld = async (choice: ExchangeWorldChoice): Promise<ExchangeWorld> => {
  const { seed, worldDir, listenerUrl, token, terminalKey, rateScale = 1, restless = false, keys } = choice;
  const args = [
    '--seed',
    String(seed),
    '--listener',
    listenerUrl,
    '--rate-scale',
    String(rateScale),
    '--data-dir',
    worldDir,
    ...(restless ? ['--restless'] : []),
  ];
  const given = keys === undefined ? {} : { QUANT_ARB_SIM_KEYS: JSON.stringify(keys) };
  const env = { QUANT_ARB_SIM_TOKEN: token, QUANT_ARB_SIM_KEY: terminalKey, ...given };
  const { told, stop } = await startWorldProcess(args, env);
  return {
    ...(told as Pick<ExchangeWorld, 'config' | 'controlUrl' | 'keys'>),
    readBooks: () => EXCHANGES.map((venueId) => readExchangeBook(venueId, path.join(worldDir, `${venueId}.jsonl`))),
    stop,
  };
};

/** Which environment variable hands an engine the key of a venue. */
export const keyVariable = (venueId: string): string => `QUANT_ARB_${venueId.toUpperCase().replaceAll('-', '_')}_KEY`;

/** Demo needs a MetaTrader venue; it is there, quotes, and no pair trades on it. */
export const exchangeConfig = (
  world: Pick<ExchangeWorld, 'config'>,
  dataDir: string,
  port: number,
  choice: Partial<EagerChoice> = {},
): WorldConfig => {
  const eager = eagerConfig(world.config, dataDir, port, { pairs: EXCHANGE_PAIRS, ...choice });
  const used = new Set(eager.instruments.map(({ symbol, venue }) => `${symbol}@${venue}`));
  const traded = new Set(eager.instruments.map(({ venue }) => venue));
  const terminal = world.config.venues.find(({ protocol }) => protocol === 'metatrader');
  if (terminal === undefined) throw new Error('the world has no MetaTrader venue');
  return {
    ...eager,
    mode: 'demo',
    // A centre that follows the spread at once is crossed again and again.
    statistics: { windowMs: 2_000, minCoveredMs: 500 },
    venues: [...world.config.venues.filter(({ id, protocol }) => protocol !== 'metatrader' && traded.has(id)), terminal].map((each) => ({
      ...each,
      ...choice.venue,
    })),
    instruments: world.config.instruments.filter((each) => used.has(`${each.symbol}@${each.venue}`) || each.venue === terminal.id),
    pairs: eager.pairs.map((pair) => ({
      ...pair,
      conversion: { kind: 'fixed', rate: 1 + SEEMING_EDGE_BPS / 10_000, why: 'declared too dear, so that a hedge seems to pay' },
    })),
  };
};
