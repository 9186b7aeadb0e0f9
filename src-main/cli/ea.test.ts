/** The inputs of the EA, and its sources into MetaTrader's folder: all or none, never over another's work. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { openSecrets } from '../adapters/secrets/secrets.ts';
import { testConfig } from '../hosts/app.testkit.ts';
import { runCommand } from './commands.ts';
import { copyEa, eaSources } from './eaFiles.ts';

const call = async (...argv: string[]) => {
  let out = '';
  let err = '';
  const code = await runCommand(argv, { out: (text) => void (out += text), err: (text) => void (err += text) });
  return { code, out, err };
};

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'quant-arb-ea-'));
});
const configured = (): string => {
  const file = path.join(root, 'config.json');
  writeFileSync(file, JSON.stringify({ ...testConfig(), dataDir: 'data', listener: { host: '127.0.0.1', port: 18_787 } }));
  return file;
};

describe('the inputs', () => {
  it('are printed without secrets, and with them only when asked', async () => {
    const config = configured();
    const before = await call('ea', '--config', config, '--venue', 'mt5');
    expect(before).toMatchObject({ code: 0, out: expect.stringContaining('InpUrl=http://127.0.0.1:18787\n') });
    expect(before.out).toContain('InpSymbols=XAUUSD\n');
    expect(before.out).toContain('made at the engine’s first start');
    mkdirSync(path.join(root, 'data'), { mode: 0o700 });
    const { mt5Token, mt5Key } = openSecrets(path.join(root, 'data'));
    const hidden = await call('ea', '--config', config, '--venue', 'mt5');
    expect(hidden.out).toContain('--show-secrets prints it');
    for (const secret of [mt5Token, mt5Key]) expect(hidden.out).not.toContain(secret);
    const shown = await call('ea', '--config', config, '--venue', 'mt5', '--show-secrets');
    expect(shown.out).toContain(`InpToken=${mt5Token}\nInpKey=${mt5Key}\n`);
  });

  it.each([
    [[], 'say which with --venue: mt5, mt5-b'],
    [['--venue', 'okx'], '--venue must be one of mt5, mt5-b'],
    [['--force'], '--force belongs to --to'],
    [['--now'], '--now'],
  ])('refuses %j', async (argv, named) => {
    expect(await call('ea', '--config', configured(), ...argv)).toMatchObject({ code: 2, err: expect.stringContaining(named) });
  });

  it('says what is wrong with a configuration, and where symbols would come from', async () => {
    expect(await call('ea', '--config', path.join(root, 'absent.json'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('no such file'),
    });
    expect(await call('ea', '--data-dir', path.join(root, 'empty'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('start the engine once'),
    });
  });
});

describe('the sources', () => {
  const product = (): string => path.join(root, 'product');
  const terminal = (): string => path.join(root, 'terminal');
  const experts = (): string => path.join(terminal(), 'MQL5', 'Experts', 'QuantArb.mq5');
  beforeEach(() => {
    mkdirSync(path.join(product(), 'Experts'), { recursive: true });
    mkdirSync(path.join(product(), 'Include', 'QuantArb', 'inner'), { recursive: true });
    mkdirSync(path.join(terminal(), 'MQL5'), { recursive: true });
    writeFileSync(path.join(product(), 'Experts', 'QuantArb.mq5'), '//ea');
    writeFileSync(path.join(product(), 'Include', 'QuantArb', 'a.mqh'), '//a');
    writeFileSync(path.join(product(), 'Include', 'QuantArb', 'inner', 'b.mqh'), '//b');
    writeFileSync(path.join(product(), 'Include', 'QuantArb', 'notes.txt'), 'no source');
  });

  it('go into place whole, and a second time are the same', () => {
    const first = copyEa(product(), terminal(), false);
    expect(first.written).toEqual(eaSources(product()));
    expect(first.written).toHaveLength(3);
    expect(readFileSync(experts(), 'utf8')).toBe('//ea');
    expect(existsSync(path.join(terminal(), 'MQL5', 'Include', 'QuantArb', 'inner', 'b.mqh'))).toBe(true);
    expect(existsSync(path.join(terminal(), 'MQL5', 'Include', 'QuantArb', 'notes.txt'))).toBe(false);
    expect(copyEa(product(), path.join(terminal(), 'MQL5'), false)).toMatchObject({ written: [], refused: [], unchanged: first.written });
    expect(readdirSync(path.dirname(experts()))).toEqual(['QuantArb.mq5']);
  });

  it('one changed file keeps all of them out, unless told to write over it', () => {
    mkdirSync(path.dirname(experts()), { recursive: true });
    writeFileSync(experts(), '//mine');
    expect(copyEa(product(), terminal(), false)).toMatchObject({ written: [], refused: [path.join('Experts', 'QuantArb.mq5')] });
    expect(readFileSync(experts(), 'utf8')).toBe('//mine');
    expect(existsSync(path.join(terminal(), 'MQL5', 'Include'))).toBe(false);
    expect(copyEa(product(), terminal(), true).written).toHaveLength(3);
    expect(readFileSync(experts(), 'utf8')).toBe('//ea');
  });

  it('go only into a data folder of MetaTrader, and only where the EA is', async () => {
    expect(() => copyEa(product(), root, false)).toThrow(/Open Data Folder/);
    expect(() => eaSources(root)).toThrow(/no QuantArb\.mq5/);
    expect(await call('ea', '--config', configured(), '--venue', 'mt5', '--to', root)).toMatchObject({ code: 2 });
  });
});
