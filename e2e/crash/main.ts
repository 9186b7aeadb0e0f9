/**
 * `npm run crash -- --kills N [--seed S]`: the built engine killed N times on simulated venues that survive it, the checker
 * after every one. Prints the seed, what was done and every violation; ends with 1 when there was one.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runCrashes } from './crashRun.ts';

const DEFAULT_KILLS = 300;

const whole = (name: string, text: string | undefined, otherwise: number): number => {
  const value = Number(text ?? otherwise);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} must be a whole number above 0, not "${text}"`);
  return value;
};

const { values } = parseArgs({
  options: { kills: { type: 'string' }, seed: { type: 'string' }, report: { type: 'string' } },
});
const kills = whole('kills', values.kills, DEFAULT_KILLS);
const seed = whole('seed', values.seed, 1);
const begunMs = performance.now();
console.log(`${kills} kills, seed ${seed}`);
const report = await runCrashes({ kills, seed, say: (line) => console.log(line) });
for (const violation of report.violations) console.log(`VIOLATION ${violation}`);
const { moment, boundary, start, fullDisk } = report.kills;
console.log(
  [
    `${moment + boundary + start + fullDisk} kills in ${((performance.now() - begunMs) / 1_000).toFixed(0)} s: ${moment} at random moments, ${boundary} at ledger boundaries, ${start} while starting, ${fullDisk} on a full disk`,
    `${report.groups} hedge groups, ${report.orders} orders and ${report.fills} fills at the venues; ${report.killSwitchKept} kill latches kept; ${report.heldGroups} groups held`,
    `start to answer p50 ${report.recoveryMs.p50.toFixed(0)} ms, max ${report.recoveryMs.max.toFixed(0)} ms`,
    `${report.violations.length} violations${report.violations.length > 0 ? `; again: npm run crash -- --kills ${kills} --seed ${seed}` : ''}`,
  ].join('\n'),
);
if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(report));
// Too few trades prove nothing.
if (report.fills === 0) console.log('VIOLATION nothing was ever traded');
process.exitCode = report.violations.length === 0 && report.fills > 0 ? 0 : 1;
