/**
 * Binance's allowances and how the venue counts them: in `exchangeInfo`, in headers of REST, in `rateLimits` of web-socket replies.
 * Knows the names of our own counters, and nothing of who asks.
 */
import { z } from 'zod';
import { MS_PER_S } from '../../../../src-shared/domain/units.ts';
import type { AllowanceSpec, BudgetSpec, Usage } from './orders/usage.ts';
import { MAX_RETRY_AFTER_MS } from './retryAfter.ts';
import { isAmountNumber, isExactId, isMembers, isText } from './wireGuards.ts';

/** What requests draw on: `weight` by IP address; an `order` counts by account as well. */
export type BinanceBudget = 'weight' | 'order';

const INTERVAL_MS: Readonly<Record<string, number>> = { SECOND: MS_PER_S, MINUTE: 60_000, HOUR: 3_600_000, DAY: 86_400_000 };
const INTERVAL_WORD: Readonly<Record<string, string>> = { SECOND: 's', MINUTE: 'min', HOUR: 'h', DAY: 'd' };
const LETTER: Readonly<Record<string, string>> = { s: 'SECOND', m: 'MINUTE', h: 'HOUR', d: 'DAY' };
const TYPE_WORD: Readonly<Record<string, string>> = { REQUEST_WEIGHT: 'weight', ORDERS: 'orders' };

const rateLimit = z.looseObject({
  rateLimitType: z.string(),
  interval: z.string(),
  intervalNum: z.number().int().positive(),
  limit: z.number().nonnegative(),
  count: z.number().nonnegative().optional(),
});
export type RateLimitWire = z.output<typeof rateLimit>;
const withLimits = z.looseObject({ rateLimits: z.array(rateLimit) });

/** Our name of a counter; null = one that we do not keep. */
const nameOf = (type: string, interval: string, count: number): string | null => {
  const word = TYPE_WORD[type];
  const unit = INTERVAL_WORD[interval];
  return word === undefined || unit === undefined ? null : `${word} ${count} ${unit}`;
};

export interface BinanceAllowances {
  readonly allowances: readonly AllowanceSpec[];
  readonly budgets: readonly BudgetSpec[];
}

/** Of documented limits; what the venue says live replaces the figures. */
export const allowancesOf = (documented: readonly RateLimitWire[]): BinanceAllowances => {
  const allowances = documented.flatMap(({ rateLimitType, interval, intervalNum, limit }) => {
    const name = nameOf(rateLimitType, interval, intervalNum);
    return name === null ? [] : [{ name, max: limit, windowMs: intervalNum * INTERVAL_MS[interval]! }];
  });
  const named = (word: string): string[] => allowances.map(({ name }) => name).filter((name) => name.startsWith(`${word} `));
  return {
    allowances,
    budgets: [
      { name: 'weight' satisfies BinanceBudget, allowances: named('weight') },
      { name: 'order' satisfies BinanceBudget, allowances: named('orders') },
    ],
  };
};

const isRateLimit = (value: unknown): value is RateLimitWire =>
  isMembers(value) &&
  isText(value['rateLimitType']) &&
  isText(value['interval']) &&
  isExactId(value['intervalNum']) &&
  typeof value['intervalNum'] === 'number' &&
  value['intervalNum'] > 0 &&
  isAmountNumber(value['limit']) &&
  (value['count'] === undefined || isAmountNumber(value['count']));
/** Of every frame, hence at a glance where they are as they ordinarily are; the schema judges the rest. */
const limitsIn = (value: unknown): readonly RateLimitWire[] => {
  if (!isMembers(value) || value['rateLimits'] === undefined) return [];
  const limits = value['rateLimits'];
  return Array.isArray(limits) && limits.every(isRateLimit) ? limits : (withLimits.safeParse(value).data?.rateLimits ?? []);
};

/** `rateLimits` of exchangeInfo or of a web-socket reply. */
export const hearLimits = (usage: Usage, value: unknown): void => {
  for (const { rateLimitType, interval, intervalNum, limit, count } of limitsIn(value)) {
    const name = nameOf(rateLimitType, interval, intervalNum);
    if (name === null) continue;
    usage.setMax(name, limit);
    if (count !== undefined) usage.heard(name, count);
  }
};

const COUNT_HEADER = /^x-mbx-(used-weight|order-count)-(\d+)([smhd])$/;

/** `X-MBX-USED-WEIGHT-1M`, `X-MBX-ORDER-COUNT-10S`. */
export const hearHeaders = (usage: Usage, headers: Readonly<Record<string, string>>): void => {
  for (const [header, value] of Object.entries(headers)) {
    const [, what, count, letter] = COUNT_HEADER.exec(header) ?? [];
    if (what === undefined) continue;
    const name = nameOf(what === 'used-weight' ? 'REQUEST_WEIGHT' : 'ORDERS', LETTER[letter!]!, Number(count));
    if (name !== null) usage.heard(name, Number(value));
  }
};

const TOO_MUCH_WEIGHT = -1003;
const TOO_MANY_ORDERS = -1015;
/** Without a `retryAfter`: weight is counted by the minute, orders by ten seconds first. */
const QUIET_MS = { weight: 60_000, orders: 10_000 } as const;
/** The shortest ban; it follows whoever goes on asking, and grows to three days. */
export const BAN_MS = 120_000;
const BANNED = 418;
/** Where the venue names the end of a ban in words alone: futures document no `Retry-After`. Unix ms. */
const BANNED_UNTIL = /banned until (\d{13})/;

const banMsOf = (text: string, venueUnixMs: number | null): number | null => {
  const until = BANNED_UNTIL.exec(text)?.[1];
  return until === undefined || venueUnixMs === null ? null : Math.min(MAX_RETRY_AFTER_MS, Math.max(0, Number(until) - venueUnixMs));
};

/** A ban that a REST answer names; its `Retry-After`, where there is one, is heeded by the client itself. */
export const heedBan = (usage: Usage, { status, text }: { readonly status: number; readonly text: string }, venueUnixMs: number): void => {
  const banMs = status === BANNED ? banMsOf(text, venueUnixMs) : null;
  if (banMs !== null) usage.quietAll(banMs);
};

const refusedForRate = z.looseObject({
  status: z.number().optional(),
  error: z.looseObject({
    code: z.number(),
    msg: z.string().optional(),
    data: z.looseObject({ retryAfter: z.number().optional() }).optional(),
  }),
});

/** A web-socket reply that wants silence; `retryAfter` is a moment on the venue's clock. REST is heeded by its own client. */
export const heedReply = (usage: Usage, value: unknown, venueUnixMs: number | null): void => {
  if (!isMembers(value) || value['error'] === undefined) return;
  const read = refusedForRate.safeParse(value);
  if (!read.success) return;
  const { status, error } = read.data;
  const ofWeight = status === 418 || status === 429 || error.code === TOO_MUCH_WEIGHT;
  if (!ofWeight && error.code !== TOO_MANY_ORDERS) return;
  const until = error.data?.retryAfter;
  const isOfOrders = error.code === TOO_MANY_ORDERS;
  const isKnown = until !== undefined && venueUnixMs !== null;
  // A moment that has passed asks for nothing.
  const usualMs = status === BANNED ? (banMsOf(error.msg ?? '', venueUnixMs) ?? BAN_MS) : isOfOrders ? QUIET_MS.orders : QUIET_MS.weight;
  const quietMs = isKnown ? Math.max(0, until - venueUnixMs) : usualMs;
  if (isOfOrders) usage.quiet('order' satisfies BinanceBudget, quietMs);
  else usage.quietAll(quietMs);
};
