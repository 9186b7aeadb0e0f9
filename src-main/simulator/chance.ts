/**
 * Randomness of the simulated world: named streams of one seed, and draws that belong to one named thing. A draw by name
 * depends on nothing that happened before it, so that a schedule with one fault less stays the same in everything else.
 */
import { randomStream, type RandomStream } from '../sim/random.ts';

export interface Chance {
  /** Uniform in [0, 1), always the same for the same name. */
  of(name: string): number;
  /** Whether something that happens with this probability happens to the thing of this name. */
  hits(name: string, probability: number): boolean;
  between(name: string, low: number, high: number): number;
  stream(name: string): RandomStream;
}

/** FNV-1a with a finishing mix, so that names that differ in their last character only are far apart. */
const uniformOf = (seed: number, name: string): number => {
  let hash = (2_166_136_261 ^ seed) >>> 0;
  for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 16_777_619) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) >>> 0;
  return ((hash ^ (hash >>> 16)) >>> 0) / 4_294_967_296;
};

export const createChance = (seed: number): Chance => ({
  of: (name) => uniformOf(seed, name),
  hits: (name, probability) => uniformOf(seed, name) < probability,
  between: (name, low, high) => low + uniformOf(seed, name) * (high - low),
  stream: (name) => randomStream(seed, name),
});
