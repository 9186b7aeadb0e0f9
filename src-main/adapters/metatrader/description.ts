/**
 * What an EA's hello says of our instruments, told to the engine: metadata with what the configuration got wrong, and trading
 * hours. Owns what the inlet has not taken yet: at most two events for each instrument, offered again until it does.
 */
import { MS_PER_MIN } from '../../../src-shared/domain/units.ts';
import type { Inlets } from '../../runtime/ports.ts';
import type { QuotedSymbol, QuotesHello } from './helloWire.ts';
import type { MetatraderInstrument } from './link.ts';
import { instrumentOf, mismatchesOf } from './mapping.ts';
import { weeklyOf } from './tradingHours.ts';

/** Offsets are told in whole quarters of an hour, as zones are. */
const ZONE_STEP_MIN = 15;

export class Description {
  readonly #instruments: readonly MetatraderInstrument[];
  readonly #inlets: Inlets;
  #table: ReadonlyMap<string, QuotedSymbol> | null = null;
  #toldOffsetMin: number | null = null;
  #owed: Parameters<Inlets['offer']>[0][] = [];

  constructor(instruments: readonly MetatraderInstrument[], inlets: Inlets) {
    this.#instruments = instruments;
    this.#inlets = inlets;
  }

  said(hello: QuotesHello, offsetMs: number): void {
    const table = new Map(hello.symbols.map((symbol) => [symbol.name, symbol]));
    this.#table = table;
    this.#owed = this.#instruments.map(({ settings }) => {
      const symbol = table.get(settings.symbol);
      if (symbol === undefined) {
        const why = `the terminal at ${hello.server} does not list "${settings.symbol}" (names are case-sensitive and may carry a suffix)`;
        return { type: 'instrument-missing', instrumentId: settings.id, why };
      }
      const instrument = instrumentOf(settings, symbol);
      return { type: 'instrument', instrument, mismatches: mismatchesOf(settings.expected, instrument) };
    });
    this.#toldOffsetMin = null;
    this.hoursAt(offsetMs);
    this.pay();
  }

  /** Trading hours are in server time: they are told anew when the server's offset has moved. */
  hoursAt(offsetMs: number): void {
    if (this.#table === null) return;
    // Adding zero turns −0, which no journal keeps, into 0.
    const serverUtcOffsetMin = Math.round(offsetMs / MS_PER_MIN / ZONE_STEP_MIN) * ZONE_STEP_MIN + 0;
    if (serverUtcOffsetMin === this.#toldOffsetMin) return;
    this.#toldOffsetMin = serverUtcOffsetMin;
    this.#owed = this.#owed.filter((event) => event.type !== 'instrument-sessions');
    for (const { settings } of this.#instruments) {
      const sessions = this.#table.get(settings.symbol)?.sessions ?? null;
      if (sessions === null) continue;
      this.#owed.push({ type: 'instrument-sessions', instrumentId: settings.id, serverUtcOffsetMin, weekly: weeklyOf(sessions) });
    }
  }

  pay(): void {
    while (this.#owed[0] !== undefined && this.#inlets.offer(this.#owed[0]) === 'taken') this.#owed.shift();
  }
}
