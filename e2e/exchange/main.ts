/**
 * `npm run storm -- --orders 1000 [--seed S] [--venue okx]`: the long storms. Prints what the weather was, what became of the
 * orders and every violation; ends with 1 when there was one.
 */
import { parseArgs } from 'node:util';
import { runStorm } from './storm.ts';

const DEFAULT_ORDERS = 1_000;
const VENUES = ['binance-usdm', 'binance-spot', 'okx'] as const;

const whole = (name: string, text: string | undefined, otherwise: number): number => {
  const value = Number(text ?? otherwise);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} must be a whole number above 0, not "${text}"`);
  return value;
};

const { values } = parseArgs({ options: { orders: { type: 'string' }, seed: { type: 'string' }, venue: { type: 'string' } } });
const orders = whole('orders', values.orders, DEFAULT_ORDERS);
const seed = whole('seed', values.seed, 1);
const venues = VENUES.filter((each) => values.venue === undefined || each === values.venue);
if (venues.length === 0) throw new Error(`--venue must be one of ${VENUES.join(', ')}`);

let violations = 0;
for (const protocol of venues) {
  const report = await runStorm({ protocol, orders, seed, restarts: 5 });
  const counted = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ');
  console.log(
    [
      `${protocol}: ${report.sent} orders sent in ${report.seconds.toFixed(0)} s, seed ${seed}`,
      `  answers: ${counted(report.answers)}; ends: ${counted(report.ends)}; ${report.queries} queries`,
      `  weather: ${counted(report.faults)}`,
      `  the exchange's book: ${report.bookOrders} orders, ${report.bookFills} fills; ${report.repeatedPushes} fills pushed again`,
      `  ${report.violations.length} violations`,
    ].join('\n'),
  );
  for (const violation of report.violations) console.log(`VIOLATION ${violation}`);
  violations += report.violations.length;
}
process.exit(violations === 0 ? 0 : 1);
