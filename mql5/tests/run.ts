/**
 * `npm run mql5:worlds -- [words]`: scenarios whose name holds the words, one after another or `--together N`, with the whole story of
 * each failure. `--plain` builds without sanitizers, `--source DIR` takes another EA, `--list` names them.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildEa } from './build.ts';
import { ALL_SCENARIOS } from './scenarios/all.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    together: { type: 'string', default: '1' },
    plain: { type: 'boolean', default: false },
    source: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
});
const wanted = positionals.join(' ').toLowerCase();
const chosen = ALL_SCENARIOS.filter(({ name }) => name.toLowerCase().includes(wanted));
if (values.list) {
  for (const { name } of chosen) console.log(name);
  process.exit(0);
}
const program = await buildEa({ sanitize: !values.plain, ...(values.source === undefined ? {} : { source: values.source }) });
const folder = mkdtempSync(path.join(tmpdir(), 'quant-arb-ea-'));
let failed = 0;
const waiting = [...chosen.entries()];
const work = async (): Promise<void> => {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const [n, { name, run }] = next;
    const begunMs = performance.now();
    try {
      await run({ program, folder: path.join(folder, String(n)) });
      console.log(`ok    ${((performance.now() - begunMs) / 1_000).toFixed(1).padStart(5)} s  ${name}`);
    } catch (error) {
      failed += 1;
      console.log(
        `FAIL  ${((performance.now() - begunMs) / 1_000).toFixed(1).padStart(5)} s  ${name}\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      );
    }
  }
};
await Promise.all(Array.from({ length: Number(values.together) }, work));
console.log(`${chosen.length - failed} passed, ${failed} failed; files in ${folder}`);
process.exit(failed === 0 ? 0 : 1);
