/** The pairs and paper accounts of the trading specs. */
import type { EagerChoice } from './world.ts';

const FOR_EVER_MS = 3_600_000;
const held = { maxHoldMs: FOR_EVER_MS, stopLossBps: null, convergenceBps: -10_000 };
const quick = { latencyMs: 20, latencyJitterMs: 0, slippageBps: 0 };

/** MetaTrader against an exchange: the slow leg first. Open until somebody closes it. */
export const metatraderPair: EagerChoice = {
  pairs: { 'btc-mt5': ['BTCUSD@mt5', 'BTC-USDT-SWAP@okx'] },
  paper: quick,
  exits: held,
  limits: { maxOpenGroups: 1 },
};

/** Two exchanges. Open until somebody closes it. */
export const exchangePair: EagerChoice = {
  pairs: { 'btc-x': ['BTC-USDT-SWAP@okx', 'BTCUSDT@binance-usdm'] },
  paper: quick,
  exits: held,
  limits: { maxOpenGroups: 1 },
};

export const withExit = (choice: EagerChoice, maxHoldMs: number): EagerChoice => ({ ...choice, exits: { ...choice.exits, maxHoldMs } });
export const withPaper = (choice: EagerChoice, paper: Readonly<Record<string, unknown>>): EagerChoice => ({
  ...choice,
  paper: { ...choice.paper, ...paper },
});
