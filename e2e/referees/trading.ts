/**
 * What a referee does at an exchange while our own gateways trade beside it: every kind of order there is, partial fills as maker
 * and as taker, cancels, and the way back to flat. Owns the moves; what became of them is compared elsewhere.
 */
import { Decimal } from 'decimal.js';
import { qtyText } from '../../src-main/sim/market/instruments.ts';
import { freshId, type Own } from '../exchange/ownGateway.ts';
import type { Stage } from '../exchange/stage.ts';
import { eventually, type Ask, type Referee, type Road, type Said } from './view.ts';

/** Best prices in ticks; room for an order between them. */
const BID_TICKS: Readonly<Record<string, number>> = {
  'XAUUSDT@binance-usdm': 400_000,
  'BTCUSDT@binance-usdm': 618_000,
  'BTCUSDT@binance-spot': 6_180_000,
  'XAU-USDT-SWAP@okx': 400_000,
  'BTC-USDT@okx': 618_000,
};
const bidOf = (stage: Stage, symbol: string): number => {
  const bid = BID_TICKS[`${symbol}@${stage.protocol}`];
  if (bid === undefined) throw new Error(`${symbol} has no price here`);
  return bid;
};
/** Everything that the venue trades has a market. */
export const openMarkets = (stage: Stage, symbols: readonly string[]): void => {
  for (const symbol of symbols) {
    const bid = bidOf(stage, symbol);
    stage.quote(symbol, { bid, ask: bid + SPREAD_TICKS, bidSteps: DISPLAYED_STEPS, askSteps: DISPLAYED_STEPS });
  }
};
const SPREAD_TICKS = 10;
const DISPLAYED_STEPS = 500;
const MAX_FIRST_ORDERS = 100;
const MAX_ID_CHARS = 32;
const HEARD_WITHIN_MS = 150;

export interface Table {
  readonly stage: Stage;
  readonly symbol: string;
  readonly referee: Referee;
  /** On the referee's own account. */
  readonly beside: Own;
  /** On another account: takes what the referee lets rest. */
  readonly other: Own;
}

export class Player {
  readonly #table: Table;
  readonly ids: string[] = [];

  constructor(table: Table) {
    this.#table = table;
  }

  get bid(): number {
    return bidOf(this.#table.stage, this.#table.symbol);
  }
  get ask(): number {
    return this.bid + SPREAD_TICKS;
  }
  steps(count: number): string {
    return qtyText(this.#table.stage.listed(this.#table.symbol), count);
  }
  px(ticks: number): string {
    return this.#table.stage.price(this.#table.symbol, ticks);
  }
  /** A price between two ticks. */
  between(ticks: number): string {
    return new Decimal(this.px(ticks))
      .plus(this.px(ticks + 1))
      .div(2)
      .toFixed();
  }
  /** The displayed sizes are whole again. */
  quote(steps = DISPLAYED_STEPS): void {
    this.#table.stage.quote(this.#table.symbol, { bid: this.bid, ask: this.ask, bidSteps: steps, askSteps: steps });
  }

  asked(side: 'buy' | 'sell', count: number, ticks: number | null, kind: Ask['kind'], over: Partial<Ask> = {}): Ask {
    return {
      symbol: this.#table.symbol,
      side,
      qty: this.steps(count),
      px: ticks === null ? null : this.px(ticks),
      kind,
      reduceOnly: false,
      clientId: `${this.#table.referee.idPrefix}${freshId()}`.slice(0, MAX_ID_CHARS),
      ...over,
    };
  }

  /** @throws when it is refused */
  async place(ask: Ask, road: Road): Promise<string> {
    const said: Said = await this.#table.referee.place(ask, road);
    if (!said.taken) throw new Error(`${this.#table.referee.name} was refused by ${road}: ${said.code} ${said.text}`);
    this.ids.push(ask.clientId);
    return ask.clientId;
  }

  /** A library subscribes when it likes: the first orders are only to hear when it has. */
  async untilHeard(): Promise<void> {
    const { referee } = this.#table;
    for (let tries = 0; tries < MAX_FIRST_ORDERS; tries += 1) {
      const id = await this.place(this.asked('buy', 100, this.bid - 20, 'gtc'), 'rest');
      const heard = await eventually('the first push', HEARD_WITHIN_MS, () => (referee.pushed().orders.has(id) ? true : null)).catch(
        () => false,
      );
      await this.cancel(id);
      if (heard) return;
      this.#unheard.add(id);
    }
    throw new Error(`${referee.name} hears no push`);
  }
  /** Placed before the referee listened. */
  readonly #unheard = new Set<string>();
  get unheard(): ReadonlySet<string> {
    return this.#unheard;
  }

  async cancel(id: string): Promise<void> {
    const said = await this.#table.referee.cancel(this.#table.symbol, id);
    if (!said.taken) throw new Error(`${this.#table.referee.name} could not cancel: ${said.code} ${said.text}`);
  }

  async own(own: Own, side: 'buy' | 'sell', count: number, ticks: number, reduceOnly = false): Promise<string> {
    const order = own.request({ symbol: this.#table.symbol, side, qty: this.steps(count), px: this.px(ticks), reduceOnly });
    const outcome = await own.place(order);
    if (outcome.code !== 'acknowledged') throw new Error(`our gateway: ${JSON.stringify(outcome)}`);
    return order.clientOrderId;
  }
}

/** Everything once by this road; leaves one order resting, and a position where the venue has positions. */
export const tradeBy = async (table: Table, player: Player, road: Road): Promise<void> => {
  const spot = table.stage.listed(table.symbol).kind === 'spot';
  player.quote();
  await player.place(player.asked('buy', 200, player.ask, 'ioc'), road);
  player.quote();
  await player.place(player.asked('buy', 700, player.ask, 'ioc'), road);
  const resting = await player.place(player.asked('buy', 300, player.bid + 5, 'gtc'), road);
  await player.own(table.other, 'sell', 100, player.bid + 5);
  await player.cancel(resting);
  player.quote();
  const quiet = await player.place(player.asked('buy', 100, player.bid - 5, 'post-only'), road);
  await player.cancel(quiet);
  player.ids.push(await player.own(table.beside, 'buy', 50, player.ask));
  player.quote();
  await player.place(player.asked('sell', 200, null, 'market'), road);
  player.quote();
  await player.place(player.asked('sell', 150, player.bid, 'fok'), road);
  player.quote(1_000);
  player.ids.push(await player.own(table.beside, 'sell', 100, player.bid, !spot));
  await player.place(player.asked('buy', 40, player.bid - 20, 'gtc'), road);
};

/** Gives back what is held and cancels what rests. */
export const goFlat = async (table: Table, player: Player, heldSteps: number, road: Road): Promise<void> => {
  const spot = table.stage.listed(table.symbol).kind === 'spot';
  for (const { clientId } of await table.referee.openOrders(table.symbol)) await player.cancel(clientId);
  player.quote(10_000);
  await player.place(player.asked('sell', heldSteps, player.bid, 'ioc', { reduceOnly: !spot }), road);
};

/** Steps held after one `tradeBy`. */
export const HELD_STEPS = 200 + 500 + 100 + 50 - 200 - 150 - 100;
