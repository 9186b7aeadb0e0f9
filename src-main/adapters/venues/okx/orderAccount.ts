/**
 * Reads back what an OKX account is: its configuration, and for each instrument metadata with `instIdCode`, leverage, fees, funding and
 * price limits; keeps the venue's dead-man timer. Asks and compares, changes nothing but that timer.
 */
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import type { VenueId } from '../../../../src-shared/domain/ids.ts';
import type { Instrument } from '../../../../src-shared/domain/instrument.ts';
import { MS_PER_S } from '../../../../src-shared/domain/units.ts';
import { wordsOf } from '../shared/orders/outcomes.ts';
import type { CheckedAccount, GatewayInstrument, GatewayParts, PriceBand } from '../shared/orders/parts.ts';
import type { Usage } from '../shared/orders/usage.ts';
import { instrumentOfOkx } from './mapping.ts';
import { ACCOUNT_ORDERS } from './orderBudgets.ts';
import type { Endpoint } from './orderBudgets.ts';
import { accountChecks, clockCheck, hoursBetween, instrumentChecks, keyRefused } from './orderChecks.ts';
import type { InstrumentFigures } from './orderChecks.ts';
import { mayBeOurs } from './orderDecode.ts';
import { isUnusableKey, QUESTION_MS, readEntries } from './orderRest.ts';
import type { Answered, Asked, OkxRest } from './orderRest.ts';
import * as wire from './orderWire.ts';
import type { PositionEntry } from './orderWire.ts';
import { instrumentsQuery, instTypeOf, restReply } from './wire.ts';

export interface AccountParts {
  readonly rest: OkxRest;
  readonly usage: Usage;
  readonly gateway: GatewayParts;
  readonly roundTripMs: () => number | null;
  /** What orders told of the terms: accepted once, refused for want of them, or nothing yet. */
  readonly agreed: (symbol: string) => boolean | null;
}

/** Whoever wants more than one answer wants the first that is none. */
const firstWhy = (asked: readonly (Asked | null)[]): string | null => {
  for (const one of asked) if (one !== null && !one.ok) return one.why;
  return null;
};
const entriesOf = (asked: Asked | null): readonly unknown[] => (asked?.ok === true ? asked.entries : []);
/** Times before 2001 in milliseconds are none. */
const LEAST_MS = 1e11;

export class OkxAccount {
  readonly #parts: AccountParts;
  /** Symbols for whose orders the timer runs: OKX has one for all. */
  readonly #guarded = new Set<string>();
  #firesUnixMs = 0;

  constructor(parts: AccountParts) {
    this.#parts = parts;
  }

  #ask(target: string, endpoint: Endpoint, signed = true): Promise<Asked> {
    return this.#parts.rest.ask(target, endpoint, signed);
  }

  async check(): Promise<CheckedAccount | string> {
    const { gateway, usage } = this.#parts;
    const { instruments } = gateway;
    const terms = gateway.venue.orders;
    const asked = await this.#ask(wire.CONFIG_PATH, 'account config');
    if (isUnusableKey(asked)) return { checks: [keyRefused(asked.code, asked.why)], keyExpiresUnixMs: null, described: [] };
    if (!asked.ok) return asked.why;
    const config = wire.configEntry.safeParse(asked.entries[0]);
    if (!config.success) return 'the account’s configuration cannot be read';
    const [limits, held] = await Promise.all([
      this.#ask(wire.RATE_LIMIT_PATH, 'account limits'),
      this.#ask(wire.POSITIONS_PATH, 'positions'),
    ]);
    const limit = wire.rateLimitEntry.safeParse(entriesOf(limits)[0]);
    if (limit.success) usage.setMax(ACCOUNT_ORDERS, Number(limit.data.accRateLimit));
    if (!held.ok) return held.why;
    const symbols = new Set(instruments.map(({ symbol }) => symbol));
    const positions = readEntries(wire.positionEntry, held, 'a position', (one) => mayBeOurs(symbols, one));
    if (typeof positions === 'string') return positions;
    const checks = [...accountChecks(config.data, instruments, terms), clockCheck(this.#parts.roundTripMs())];
    const described: Instrument[] = [];
    for (const of of instruments) {
      const figures = await this.#figures(of, positions);
      if (typeof figures === 'string') return `${of.symbol}: ${figures}`;
      described.push(figures.described);
      checks.push(...instrumentChecks(of, figures, terms));
    }
    return { checks, account: config.data.uid === '' ? null : config.data.uid, keyExpiresUnixMs: null, described };
  }

  /** Metadata come from the account's own environment: `instIdCode` is another one on demo. */
  async describe(
    symbol: string,
  ): Promise<{ readonly instrument: Instrument; readonly groupId: string; readonly category: string } | string> {
    const asked = await this.#ask(instrumentsQuery(symbol), 'instruments', false);
    if (!asked.ok) return asked.why;
    const entry = asked.entries.find((one) => wire.feeGroupOf.safeParse(one).data?.instId === symbol);
    if (entry === undefined) return 'the venue does not list it';
    const instrument = instrumentOfOkx(this.#parts.gateway.venue.id as VenueId, entry);
    if (typeof instrument === 'string') return `its description cannot be used: ${instrument}`;
    const { groupId, instCategory } = wire.feeGroupOf.parse(entry);
    return { instrument, groupId, category: instCategory };
  }

  async #figures(of: GatewayInstrument, positions: readonly PositionEntry[]): Promise<InstrumentFigures | string> {
    const described = await this.describe(of.symbol);
    if (typeof described === 'string') return described;
    const name = encodeURIComponent(of.symbol);
    const isSwap = instTypeOf(of.symbol) === 'SWAP';
    const mode = this.#parts.gateway.venue.orders.marginMode;
    const family = of.symbol.split('-').slice(0, 2).join('-');
    const feeQuery = isSwap ? `instType=SWAP&instFamily=${encodeURIComponent(family)}` : `instType=SPOT&instId=${name}`;
    const [fees, band, leverage, funding] = await Promise.all([
      this.#ask(`${wire.TRADE_FEE_PATH}?${feeQuery}`, 'fees'),
      this.#ask(`${wire.PRICE_LIMIT_PATH}?instId=${name}`, 'price limits', false),
      isSwap ? this.#ask(`${wire.LEVERAGE_PATH}?instId=${name}&mgnMode=${mode}`, 'leverage') : null,
      isSwap ? this.#ask(`${wire.FUNDING_RATE_PATH}?instId=${name}`, 'funding rate', false) : null,
    ]);
    const why = firstWhy([fees, band, leverage, funding]);
    if (why !== null) return why;
    const takerRate = takerRateOf(fees, described.groupId);
    if (takerRate === null) return 'its fee is in none of the fee groups that the venue answered';
    const limits = wire.priceLimitEntry.safeParse(entriesOf(band)[0]);
    if (!limits.success) return 'its price limits cannot be read';
    const levers = leverage === null ? [] : readEntries(wire.leverageEntry, leverage as Answered, 'its leverage');
    if (typeof levers === 'string') return levers;
    if (isSwap && levers.length === 0) return 'the venue does not say its leverage';
    const times = funding === null ? null : wire.fundingEntry.safeParse(entriesOf(funding)[0]);
    if (times?.success === false) return 'its funding times cannot be read';
    return {
      described: described.instrument,
      instCategory: described.category,
      // In two-way mode there are two; the smaller one is what an order may count on.
      leverage: levers.length === 0 ? null : Decimal.min(...levers.map(({ lever }) => lever)).toFixed(),
      takerRate,
      fundingHours: times === null ? null : hoursBetween(times.data.fundingTime, times.data.nextFundingTime),
      band: limits.data,
      positions,
      agreed: this.#parts.agreed(of.symbol),
    };
  }

  async bands(): Promise<readonly PriceBand[] | string> {
    const bands: PriceBand[] = [];
    for (const { id, symbol } of this.#parts.gateway.instruments) {
      const asked = await this.#ask(`${wire.PRICE_LIMIT_PATH}?instId=${encodeURIComponent(symbol)}`, 'price limits', false);
      if (!asked.ok) return asked.why;
      const limits = wire.priceLimitEntry.safeParse(asked.entries[0]);
      if (!limits.success) return `${symbol}: its price limits cannot be read`;
      const { enabled, buyLmt, sellLmt } = limits.data;
      const side = (limit: string) => (enabled && limit !== '' ? limit : null);
      bands.push({ instrumentId: id, highestBuyPx: side(buyLmt), lowestSellPx: side(sellLmt) });
    }
    return bands;
  }

  /** One timer guards all orders that carry our tag: it is off only when no symbol needs it. */
  async deadMan(symbols: readonly string[], timeoutMs: number): Promise<{ readonly firesUnixMs: number } | string> {
    if (symbols.length === 0) return { firesUnixMs: this.#firesUnixMs };
    const isOff = timeoutMs <= 0;
    const wanted = new Set(this.#guarded);
    for (const symbol of symbols)
      if (isOff) wanted.delete(symbol);
      else wanted.add(symbol);
    if (isOff && wanted.size > 0) {
      for (const symbol of symbols) this.#guarded.delete(symbol);
      return { firesUnixMs: this.#firesUnixMs };
    }
    const { least, most } = wire.DEAD_MAN_S;
    const seconds = isOff ? 0 : Math.min(most, Math.max(least, Math.ceil(timeoutMs / MS_PER_S)));
    const use = { budget: 'dead man', lane: 'safety', deadlineMs: QUESTION_MS } as const;
    const answer = await this.#parts.rest.act(wire.DEAD_MAN_PATH, JSON.stringify({ timeOut: `${seconds}`, tag: wire.ORDER_TAG }), use);
    if (!answer.came) return answer.why;
    const reply = restReply.safeParse(answer.value);
    const entry = wire.deadManEntry.safeParse(reply.data?.data?.[0]);
    if (reply.data?.code !== '0' || !entry.success)
      return `the timer was not set: ${wordsOf({ code: reply.data?.code ?? null, status: answer.status, text: reply.data?.msg ?? answer.text })}`;
    this.#guarded.clear();
    for (const symbol of wanted) this.#guarded.add(symbol);
    const at = Number(entry.data.triggerTime);
    this.#firesUnixMs = at > 0 && at < LEAST_MS ? at * MS_PER_S : at;
    return { firesUnixMs: this.#firesUnixMs };
  }
}

/**
 * Positive = paid. Of the instrument's own fee group, or of the only one, for the question named the instrument; the old figure beside
 * the groups where the venue sends none.
 */
export const takerRateOf = (asked: Asked, groupId: string): string | null => {
  const fees = wire.feeEntry.safeParse(entriesOf(asked)[0]);
  if (!fees.success) return null;
  const { feeGroup, taker } = fees.data;
  const own = feeGroup.find((group) => group.groupId === groupId) ?? (feeGroup.length === 1 ? feeGroup[0] : undefined);
  const rate = feeGroup.length === 0 ? taker : own?.taker;
  return rate === undefined || rate === '' ? null : new Decimal(rate).negated().plus(0).toFixed();
};
