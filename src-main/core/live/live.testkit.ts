/** A world of real money: two exchanges whose keys are proved, a ladder of three rungs, everything shown. */
import type { AccountCheck, ExchangeReport } from '../../../src-shared/domain/exchange.ts';
import type { VenueId } from '../../../src-shared/domain/ids.ts';
import { LIVE_CHECK_CODES, type LiveCheck, type LiveSettings } from '../../../src-shared/domain/live.ts';
import { DEFAULT_EXITS } from '../../../src-shared/domain/settings.ts';
import { settingsOf } from '../core.testkit.ts';
import { TradingWorld, type TradingOptions } from '../hedging/hedging.testkit.ts';
import { liveReport } from './guard.ts';

export const LIVE: LiveSettings = {
  accounts: [
    { venueId: 'va', name: 'Binance main' },
    { venueId: 'vb', name: 'OKX  sub 1' },
  ],
  ladder: [
    { maxNotionalUsd: null, groups: 2 },
    { maxNotionalUsd: 100, groups: 1 },
    { maxNotionalUsd: 1_000, groups: 1 },
  ],
};

export const check = (more: Partial<AccountCheck> = {}): AccountCheck => ({
  code: 'key',
  instrumentId: null,
  state: 'pass',
  label: 'key accepted',
  configured: null,
  reported: null,
  venueCode: null,
  fix: '',
  ...more,
});

export const KEYS_PROVED: readonly AccountCheck[] = [
  check(),
  check({ code: 'trading-right', label: 'may trade' }),
  check({ code: 'withdrawal-right', label: 'may not withdraw' }),
];

export const exchangeReport = (more: Partial<ExchangeReport> = {}): ExchangeReport => ({
  environment: 'live',
  region: 'global',
  entry: { up: true, detail: 'logged in' },
  stream: { up: true, detail: 'subscribed' },
  checks: KEYS_PROVED,
  deadMan: { supported: true, armed: false, firesUnixMs: null, detail: 'nothing rests' },
  budgets: [],
  keyExpiresUnixMs: null,
  toAck: null,
  toFill: null,
  rejects: [],
  ...more,
});

export const item = (code: LiveCheck['code'], state: LiveCheck['state'] = 'pass'): LiveCheck => ({
  code,
  state,
  label: `label of ${code}`,
  detail: `what was found of ${code}`,
  fix: state === 'pass' ? '' : 'do it',
});

export class LiveWorld extends TradingWorld {
  constructor(options: TradingOptions = {}, live: LiveSettings = LIVE) {
    const base = settingsOf();
    const limits = { ...base.limits, maxMessagesPerSecond: 50, maxMessagesPerMinute: 500, maxVenueErrors: 50, ...options.settings?.limits };
    super({
      ...options,
      pair: { exits: { ...DEFAULT_EXITS, convergenceBps: 0.5 }, cooldownMs: 0, ...options.pair },
      settings: { mode: 'live', live, ...options.settings, limits },
    });
  }

  exchange(venueId: string, more: Partial<ExchangeReport> = {}): void {
    this.control({ type: 'exchange', venueId: venueId as VenueId, report: exchangeReport(more) });
  }

  /** Everything but the keys, as the host tells it. */
  shown(items: readonly LiveCheck[] = LIVE_CHECK_CODES.filter((code) => code !== 'keys').map((code) => item(code))): void {
    this.control({ type: 'live-checklist', items, checkedUnixMs: this.unixMs });
  }

  /** Calm, quoted, keys proved, everything shown; not armed. */
  proved(): this {
    this.trading().hold(0, 10_000);
    for (const { settings } of this.state.venues) this.exchange(settings.id);
    this.shown();
    this.timer();
    return this;
  }

  get phrase(): string {
    return liveReport(this.state)!.phrase!;
  }

  arm(confirmation: string | undefined = this.phrase): boolean {
    return this.command('arm', 'go', confirmation === '' ? {} : { confirmation }).verdict?.code === 'applied';
  }

  conditions(): readonly string[] {
    const verdict = this.results.at(-1)?.verdict;
    return verdict?.code === 'not-allowed' ? verdict.conditions : [];
  }

  /** One group from entry to its planned end. */
  round(): void {
    this.state.book.fences = [];
    this.state.book.entries = [];
    this.pass(50).spread(0);
    this.pass(3_000).spread(5);
    this.done(this.order('b'));
    this.done(this.order('a'));
    this.wait(300, 0);
    this.done(this.order('b'));
    this.done(this.order('a'));
  }
}
