import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openArchive, openLedger } from '../adapters/ledger/ledger.ts';
import { handClock, sampleIntent, smallSettings, stampedTimer, startedFrom } from '../adapters/ledger/ledger.testkit.ts';
import { startTestApp, type TestApp } from '../hosts/app.testkit.ts';
import { readConfigFile } from '../hosts/configFile.ts';
import { runCommand } from './commands.ts';
import { csvCell } from './export.ts';

const call = async (...argv: string[]) => {
  let out = '';
  let err = '';
  const code = await runCommand(argv, { out: (text) => void (out += text), err: (text) => void (err += text) });
  return { code, out, err };
};
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'quant-arb-cli-'));
});

describe('quant-arb', () => {
  it('says what there is, and what there is not', async () => {
    expect((await call()).out).toContain('backup');
    expect(await call('exprt')).toMatchObject({ code: 2, err: expect.stringContaining('There is no command "exprt"') });
    expect(await call('constructor')).toMatchObject({ code: 2 });
    for (const name of ['run', 'init', 'backup', 'export', 'doctor', 'ea'])
      expect((await call(name, '--help')).out).toContain(`Usage: quant-arb ${name}`);
    expect((await call('help', 'replay')).out).toContain('--tape');
    expect((await call('replay')).code).toBe(2);
    expect((await call('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('init writes a valid configuration once', async () => {
    const file = path.join(directory, 'mine.json');
    expect((await call('init', file)).code).toBe(0);
    expect(readConfigFile(file).profile).toBe('paper');
    for (const example of ['paper', 'demo-exchanges', 'live']) {
      const other = path.join(directory, `${example}.json`);
      expect((await call('init', other, '--for', example)).code).toBe(0);
      expect(readConfigFile(other).mode).toBe(example === 'demo-exchanges' ? 'demo' : example);
    }
    expect(await call('init', path.join(directory, 'x.json'), '--for', 'real')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--for'),
    });
    writeFileSync(file, 'mine');
    expect(await call('init', file)).toMatchObject({ code: 2, err: expect.stringContaining('exists already') });
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect((await call('init', path.join(directory, 'no', 'where.json'))).code).toBe(1);
  });

  it.each([
    [['backup'], 'name one target'],
    [['backup', '--ledger', 'a', '--data-dir', 'b', 't'], '--ledger and --data-dir'],
    [['backup', '--target', 't'], '--target'],
    [['export'], 'say what to export'],
    [['export', 'nothing'], 'say what to export'],
    [['export', 'intents', '--format', 'xls'], '--format'],
    [['export', 'intents', '--from', 'yesterday'], '--from'],
  ])('refuses %j', async (argv, named) => {
    expect(await call(...argv)).toMatchObject({ code: 2, err: expect.stringContaining(named) });
  });

  it('names a ledger that is not there', async () => {
    const ledger = path.join(directory, 'absent.sqlite');
    expect(await call('export', 'intents', '--ledger', ledger)).toMatchObject({ code: 1, err: expect.stringContaining(ledger) });
    expect(await call('backup', '--ledger', ledger, path.join(directory, 't'))).toMatchObject({
      code: 1,
      err: expect.stringContaining(ledger),
    });
    expect(existsSync(path.join(directory, 't'))).toBe(false);
  });
});

describe('beside a running engine', () => {
  let test: TestApp;
  beforeEach(async () => {
    test = await startTestApp();
  });
  afterEach(async () => {
    await test.stop();
  });

  it('backup copies what was committed, without the lease, and never over something', async () => {
    await test.asOperator('/api/pause', { method: 'POST', headers: { 'x-quant-arb': '1' } });
    const target = path.join(directory, 'copy.sqlite');
    expect((await call('backup', '--data-dir', test.dataDir, target)).code).toBe(0);
    const archive = openArchive({ path: target });
    expect(archive.runs().map((run) => run.runId)).toEqual([test.app.runId]);
    expect([...archive.journal(test.app.runId)].some((event) => event.type === 'operator')).toBe(true);
    archive.close();
    const before = readFileSync(target);
    expect(await call('backup', '--data-dir', test.dataDir, target)).toMatchObject({
      code: 1,
      err: expect.stringContaining('exists already'),
    });
    expect(readFileSync(target).equals(before)).toBe(true);
    await test.stop();
    const copied = mkdtempSync(path.join(os.tmpdir(), 'quant-arb-cli-'));
    writeFileSync(path.join(copied, 'ledger.sqlite'), before);
    test = await startTestApp({ dataDir: copied });
    expect(test.app.dashboard().engine['engine']?.pause).toMatchObject({ source: 'http' });
  });

  it('export writes a header alone when there are no intents, and refuses to overwrite', async () => {
    const csv = await call('export', 'intents', '--data-dir', test.dataDir);
    expect([csv.code, csv.out.split('\r\n').length]).toEqual([0, 2]);
    expect((await call('export', 'intents', '--data-dir', test.dataDir, '--format', 'json')).out).toBe('[]\n');
    const file = path.join(directory, 'out.csv');
    expect((await call('export', 'intents', '--data-dir', test.dataDir, '--out', file)).code).toBe(0);
    expect((await call('export', 'intents', '--data-dir', test.dataDir, '--out', file)).code).toBe(1);
  });
});

describe('export intents', () => {
  const at = (iso: string): number => Date.parse(iso);
  const seed = (): string => {
    const file = path.join(directory, 'ledger.sqlite');
    const ledger = openLedger({ path: file, clock: handClock(), owner: 'test' });
    const settings = smallSettings();
    const { runId, recovered } = ledger.beginRun(settings, 'test');
    ledger.commit(startedFrom(runId, recovered), [{ type: 'run-started', runId }], [], 'full', []);
    for (const [i, iso] of ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', '2026-01-03T00:00:00.250Z'].entries()) {
      const intent = sampleIntent(`intent${i}`, at(iso));
      ledger.commit(stampedTimer(i + 2, at(iso)), [{ type: 'intent-proposed', intent }], [], 'full', [null]);
    }
    ledger.close();
    return file;
  };
  const column = (csv: string, index: number): readonly (string | undefined)[] =>
    csv
      .trim()
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(',')[index]);

  it('writes every intent, newest first, in UTC, and keeps to the span', async () => {
    const ledger = seed();
    const all = await call('export', 'intents', '--ledger', ledger);
    expect(column(all.out, 0)).toEqual(['intent2', 'intent1', 'intent0']);
    expect(column(all.out, 4)).toEqual(['2026-01-03T00:00:00.250Z', '2026-01-02T00:00:00.000Z', '2026-01-01T00:00:00.000Z']);
    const some = await call('export', 'intents', '--ledger', ledger, '--from', '2026-01-02', '--to', '2026-01-03T00:00:00.250Z');
    expect(column(some.out, 0)).toEqual(['intent1']);
  });

  it('as JSON carries the evidence', async () => {
    const { out } = await call('export', 'intents', '--ledger', seed(), '--format', 'json');
    const rows = JSON.parse(out) as { row: { id: string }; evidence: { id: string; quotes: unknown[]; gates: unknown[] } }[];
    expect(rows.map(({ row }) => row.id)).toEqual(['intent2', 'intent1', 'intent0']);
    for (const { row, evidence } of rows) {
      expect(evidence.id).toBe(row.id);
      expect(evidence.quotes).toHaveLength(2);
    }
  });
});

it('CSV cells are quoted where they must be', () => {
  expect([null, 1.5, 'a', 'a,b', 'a"b', 'a\nb'].map(csvCell)).toEqual(['', '1.5', 'a', '"a,b"', '"a""b"', '"a\nb"']);
});
