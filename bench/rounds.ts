/**
 * How two things are compared fairly on a noisy machine: in turns, many short rounds, the order reversed each time, and
 * the ratio taken round by round. The first side is measured twice a round: that is the A/A control, the noise itself.
 */

/** Middle and spread of a set of figures. */
export interface Band {
  readonly median: number;
  readonly p10: number;
  readonly p90: number;
  readonly rounds: number;
}

/** Nearest-rank quantile; NaN of nothing. */
export const quantileOf = (sorted: ArrayLike<number>, q: number): number =>
  sorted.length === 0 ? Number.NaN : sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length - 1e-9) - 1))]!;

export const sortedOf = (values: Iterable<number>): Float64Array => Float64Array.from(values).sort();

export const bandOf = (values: readonly number[]): Band => {
  const sorted = sortedOf(values);
  return { median: quantileOf(sorted, 0.5), p10: quantileOf(sorted, 0.1), p90: quantileOf(sorted, 0.9), rounds: values.length };
};

/** Band of `a[i] / b[i]`. */
export const ratioBand = (a: readonly number[], b: readonly number[]): Band => {
  if (a.length !== b.length) throw new Error(`${a.length} rounds of one side, ${b.length} of the other`);
  return bandOf(a.map((value, i) => value / b[i]!));
};

/** One measurement: does its work and returns its cost. */
export type Side = () => number | Promise<number>;

export interface Interleaved {
  /** Costs by side, one a round. */
  readonly costs: Readonly<Record<string, readonly number[]>>;
  /** The first side against itself. */
  readonly control: Band;
}

/** Runs every side once a round, forwards and backwards in turn, after one unmeasured round. */
export const interleave = async (sides: Readonly<Record<string, Side>>, rounds: number): Promise<Interleaved> => {
  const names = Object.keys(sides);
  const first = names[0];
  if (first === undefined) throw new Error('nothing to measure');
  const order = [...names, ''];
  const costs: Record<string, number[]> = Object.fromEntries(order.map((name) => [name, []]));
  for (const name of names) await sides[name]!();
  for (let round = 0; round < rounds; round++) {
    const turn = round % 2 === 0 ? order : order.toReversed();
    for (const name of turn) costs[name]!.push(await sides[name === '' ? first : name]!());
  }
  const control = ratioBand(costs['']!, costs[first]!);
  delete costs[''];
  return { costs, control };
};

/** CPU time this process has used, all its threads, in nanoseconds: what others do on the machine hardly touches it. */
export const cpuNs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1_000;
};

/** CPU nanoseconds an operation, of `count` operations done by `work`; for work of some milliseconds or more. */
export const timed = (count: number, work: () => void): number => {
  const began = cpuNs();
  work();
  return (cpuNs() - began) / count;
};
