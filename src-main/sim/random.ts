/**
 * Seeded randomness of the simulated world. Owns the one generator (sfc32, public domain) and the distributions
 * drawn from it. Named streams of one seed are independent, so that adding a consumer never changes another's draws.
 */

export interface RandomStream {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Exponential with the given mean. */
  exponential(mean: number): number;
  /** Whole number in [low, high]. */
  integer(low: number, high: number): number;
}

const UINT32 = 4_294_967_296;
const WARM_UP_ROUNDS = 16;

/** FNV-1a, 32 bits. */
const hashOf = (text: string, start: number): number => {
  let hash = start >>> 0;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 16_777_619) >>> 0;
  return hash;
};

const sfc32 = (a: number, b: number, c: number, d: number): (() => number) => {
  let [x, y, z, counter] = [a | 0, b | 0, c | 0, d | 0];
  return () => {
    const sum = (((x + y) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    x = y ^ (y >>> 9);
    y = (z + (z << 3)) | 0;
    z = (z << 21) | (z >>> 11);
    z = (z + sum) | 0;
    return (sum >>> 0) / UINT32;
  };
};

/** The stream called `name` of `seed`; the same two always give the same draws. */
export const randomStream = (seed: number, name: string): RandomStream => {
  const text = `${seed}/${name}`;
  const next = sfc32(hashOf(text, 2_166_136_261), hashOf(text, 84_696_351), hashOf(text, 50_331_653), 1);
  for (let i = 0; i < WARM_UP_ROUNDS; i += 1) next();
  return {
    uniform: next,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    exponential: (mean) => -mean * Math.log(1 - next()),
    integer: (low, high) => low + Math.floor(next() * (high - low + 1)),
  };
};
