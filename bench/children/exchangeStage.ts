/**
 * Three simulated exchanges in a process of their own, so that a client's cost is not the exchange's: accounts for every contender,
 * a book deep enough for all of them, and what the exchange's own book counts at the end.
 */
import type { ExchangeProtocol } from '../../src-shared/config/exchangeSites.ts';
import type { VenueKey } from '../../src-main/runtime/ports.ts';
import { startStage, TRADED, type Stage } from '../../e2e/exchange/stage.ts';

export interface StagePlace {
  readonly restUrl: string;
  readonly socketUrl: string;
  readonly symbol: string;
  readonly keys: Readonly<Record<string, VenueKey>>;
  /** Prices at which an order takes, and at which it ends at once without. */
  readonly px: { readonly bid: string; readonly ask: string; readonly below: string };
  readonly qty: string;
}
export type StageAnswer = Readonly<Record<ExchangeProtocol, StagePlace>>;
export type StageQuestion = { readonly count: ExchangeProtocol; readonly account: string };

const CONTENDERS = ['ours', 'floor', 'ccxt', 'official', 'siebly'];
const MID_TICKS: Readonly<Record<ExchangeProtocol, number>> = { 'binance-usdm': 400_000, 'binance-spot': 6_180_000, okx: 400_000 };
const QTY: Readonly<Record<ExchangeProtocol, string>> = { 'binance-usdm': '0.010', 'binance-spot': '0.00100', okx: '10' };
const DEEP_STEPS = 100_000_000;
const REQUOTE_MS = 500;

const place = (stage: Stage): StagePlace => {
  const symbol = TRADED[stage.protocol][0]!;
  const mid = MID_TICKS[stage.protocol];
  const quote = () => stage.quote(symbol, { bid: mid, ask: mid + 1, bidSteps: DEEP_STEPS, askSteps: DEEP_STEPS });
  quote();
  setInterval(quote, REQUOTE_MS).unref();
  const balances = { USDT: '1000000000', BTC: '100000' };
  return {
    restUrl: stage.restUrl,
    socketUrl: stage.socketUrl,
    symbol,
    keys: Object.fromEntries(CONTENDERS.map((name) => [name, stage.open(name, { balances })])),
    px: { bid: stage.price(symbol, mid), ask: stage.price(symbol, mid + 1), below: stage.price(symbol, mid - 20) },
    qty: QTY[stage.protocol],
  };
};

const stages = {
  'binance-usdm': await startStage({ protocol: 'binance-usdm', relaxed: true }),
  'binance-spot': await startStage({ protocol: 'binance-spot', relaxed: true }),
  okx: await startStage({ protocol: 'okx', relaxed: true }),
};
const answer: StageAnswer = {
  'binance-usdm': place(stages['binance-usdm']),
  'binance-spot': place(stages['binance-spot']),
  okx: place(stages.okx),
};
process.on('message', ({ count, account }: StageQuestion) => {
  const orders = stages[count].orders(account);
  process.send?.({ orders: orders.length, fills: stages[count].fills(account).length });
});
process.send?.(answer);
// Not to outlive the bench.
process.once('disconnect', () => process.exit());
