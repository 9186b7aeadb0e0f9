/** Finds an instrument by the bytes of its symbol, without making a string. Fixed once built. */
import { isSpelt } from './byteScanner.ts';
import type { Bytes } from './byteScanner.ts';

export const UNKNOWN_SLOT = -1;

/** FNV-1a. */
const FNV_START = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

export class SymbolTable {
  readonly symbols: readonly string[];
  readonly #spellings: readonly Bytes[];
  /** Slot + 1 at the place of its hash, 0 = free; at most half full. */
  readonly #places: Int32Array;
  readonly #mask: number;

  /** @throws RangeError for a symbol given twice. */
  constructor(symbols: readonly string[]) {
    this.symbols = symbols;
    this.#spellings = symbols.map((symbol) => new TextEncoder().encode(symbol));
    let size = 4;
    while (size < symbols.length * 2) size *= 2;
    this.#places = new Int32Array(size);
    this.#mask = size - 1;
    for (const [slot, spelling] of this.#spellings.entries()) {
      if (this.slotOf(spelling, 0, spelling.length) !== UNKNOWN_SLOT) throw new RangeError(`symbol given twice: ${symbols[slot]}`);
      let place = hashOf(spelling, 0, spelling.length) & this.#mask;
      while (this.#places[place] !== 0) place = (place + 1) & this.#mask;
      this.#places[place] = slot + 1;
    }
  }

  /** Position in `symbols` of the symbol spelt in `[start, end)`, or `UNKNOWN_SLOT`. */
  slotOf(bytes: Bytes, start: number, end: number): number {
    let place = hashOf(bytes, start, end) & this.#mask;
    for (;;) {
      const slot = this.#places[place]! - 1;
      if (slot < 0) return UNKNOWN_SLOT;
      if (isSpelt(this.#spellings[slot]!, bytes, start, end)) return slot;
      place = (place + 1) & this.#mask;
    }
  }

  slotOfText(symbol: string): number {
    return this.symbols.indexOf(symbol);
  }
}

const hashOf = (bytes: Bytes, start: number, end: number): number => {
  let hash = FNV_START;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, FNV_PRIME);
  return hash ^ (hash >>> 15);
};
