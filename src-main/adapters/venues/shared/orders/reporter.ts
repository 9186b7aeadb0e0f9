/**
 * Tells the engine what the order side is worth: at once when something changed that decides, at most four times a second; figures
 * that merely move (allowances, latencies) now and then. A report that finds no room is told again by a newer one.
 */
import type { ExchangeReport } from '../../../../../src-shared/domain/exchange.ts';
import { US_PER_MS } from '../../../../../src-shared/domain/units.ts';
import type { Clock } from '../../../../runtime/ports.ts';
import type { Timers } from '../timers.ts';

export const REPORT_GAP_MS = 250;
export const FIGURES_EVERY_MS = 30_000;

export interface ReporterParts {
  readonly describe: () => ExchangeReport;
  /** false = no room. */
  readonly tell: (report: ExchangeReport) => boolean;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** What decides; the rest are figures. */
const substanceOf = ({ toAck: _toAck, toFill: _toFill, budgets, deadMan, ...rest }: ExchangeReport): string =>
  JSON.stringify([
    rest,
    { ...deadMan, firesUnixMs: null },
    budgets.map(({ name, max, quietUntilUnixMs }) => [name, max, quietUntilUnixMs !== null]),
  ]);

export class Reporter {
  readonly #parts: ReporterParts;
  #said = '';
  #saidFigures = '';
  #saidUs = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | null = null;
  #cancelFigures: () => void = () => undefined;
  #running = false;

  constructor(parts: ReporterParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#running = true;
    this.#tell();
    this.#figuresLater();
  }

  /** Tells the last word, if there is one. */
  stop(): void {
    this.#tell();
    this.#running = false;
    this.#cancel?.();
    this.#cancel = null;
    this.#cancelFigures();
  }

  /** Tells now, where there is anything to tell: before the link first rises, what the account is must be known. */
  flush(): void {
    this.#tell();
  }

  /** Something changed; whether it decides is found when the report is written. */
  touch(): void {
    if (!this.#running || this.#cancel !== null) return;
    const sinceMs = (this.#parts.clock.monoUs() - this.#saidUs) / US_PER_MS;
    this.#later(Math.max(0, REPORT_GAP_MS - sinceMs));
  }

  #later(delayMs: number): void {
    this.#cancel = this.#parts.timers.after(delayMs, () => {
      this.#cancel = null;
      this.#tell();
    });
  }

  #figuresLater(): void {
    this.#cancelFigures = this.#parts.timers.after(FIGURES_EVERY_MS, () => {
      const figures = JSON.stringify(this.#parts.describe());
      if (figures !== this.#saidFigures) {
        this.#said = '';
        this.touch();
      }
      this.#figuresLater();
    });
  }

  #tell(): void {
    if (!this.#running) return;
    const report = this.#parts.describe();
    const substance = substanceOf(report);
    if (substance === this.#said) return;
    if (!this.#parts.tell(report)) {
      if (this.#cancel === null) this.#later(REPORT_GAP_MS);
      return;
    }
    this.#said = substance;
    this.#saidFigures = JSON.stringify(report);
    this.#saidUs = this.#parts.clock.monoUs();
  }
}
