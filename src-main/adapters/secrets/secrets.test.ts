import { chmodSync, mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { writeFileDurably } from './durableFile.ts';
import { equalInConstantTime, openSecrets, readSecrets, rotateCookieSecret, SECRETS_FILE, SecretsFault, secretValues } from './secrets.ts';

let dataDir: string;
let file: string;
beforeEach(() => {
  dataDir = mkdtempSync(path.join(os.tmpdir(), 'quant-arb-secrets-'));
  file = path.join(dataDir, SECRETS_FILE);
});
const posix = process.platform !== 'win32';

describe('openSecrets', () => {
  it('makes different secrets on first use, for their owner only, and finds them again', () => {
    const made = openSecrets(dataDir);
    expect(new Set(secretValues(made)).size).toBe(6);
    expect(openSecrets(dataDir)).toEqual(made);
    expect(openSecrets(mkdtempSync(path.join(os.tmpdir(), 'quant-arb-secrets-')))).not.toEqual(made);
    if (posix) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(dataDir)).toEqual([SECRETS_FILE]);
  });

  it('refuses a file that others may read or write, and says what to do', (context) => {
    if (!posix) return context.skip('file modes are POSIX');
    openSecrets(dataDir);
    for (const mode of [0o640, 0o604, 0o660, 0o644, 0o602]) {
      chmodSync(file, mode);
      expect(() => openSecrets(dataDir)).toThrow(/others may read it .*chmod 600/);
    }
    return undefined;
  });

  it('refuses a link', (context) => {
    if (!posix) return context.skip('links need rights on Windows');
    const other = mkdtempSync(path.join(os.tmpdir(), 'quant-arb-secrets-'));
    openSecrets(other);
    symlinkSync(path.join(other, SECRETS_FILE), file);
    expect(() => openSecrets(dataDir)).toThrow(/links are refused/);
    return undefined;
  });

  it.each([
    ['{"password":"hunter2-hunter2', /is not JSON/],
    ['{}', /secrets\.json: version/],
    [JSON.stringify({ version: 1, mt5Token: 'short', mt5Key: 'short', password: 'x', cookieSecret: 'x' }), /mt5Token: at least 43/],
  ])('refuses damage, naming the member and never the content: %s', (text, message) => {
    writeFileSync(file, text, { mode: 0o600 });
    expect(() => openSecrets(dataDir)).toThrow(message);
    expect(() => openSecrets(dataDir)).toThrow(SecretsFault);
    expect(() => openSecrets(dataDir)).not.toThrow(/hunter2|short"/);
  });

  it('makes the tokens that a file of an earlier version lacks, once, and leaves the rest', () => {
    const { killToken: _kill, readToken: _read, ...earlier } = openSecrets(dataDir);
    writeFileSync(file, JSON.stringify(earlier), { mode: 0o600 });
    expect(() => readSecrets(dataDir)).toThrow(/start the engine once/);
    const made = openSecrets(dataDir);
    expect(made).toMatchObject(earlier);
    expect(new Set(secretValues(made)).size).toBe(6);
    expect(openSecrets(dataDir)).toEqual(made);
    expect(readSecrets(dataDir)).toEqual(made);
    expect(readSecrets(mkdtempSync(path.join(os.tmpdir(), 'quant-arb-secrets-')))).toBeNull();
  });

  it('refuses one secret for two purposes', () => {
    const made = openSecrets(dataDir);
    writeFileSync(file, JSON.stringify({ ...made, mt5Key: made.mt5Token }));
    expect(() => openSecrets(dataDir)).toThrow(/must differ/);
  });

  it('says when it cannot write', () => {
    writeFileSync(path.join(dataDir, 'occupied'), '');
    expect(() => openSecrets(path.join(dataDir, 'occupied'))).toThrow(SecretsFault);
  });
});

it('rotates the cookie key alone, durably', () => {
  const before = openSecrets(dataDir);
  const after = rotateCookieSecret(dataDir, before);
  expect(after).toEqual({ ...before, cookieSecret: expect.not.stringMatching(before.cookieSecret) });
  expect(openSecrets(dataDir)).toEqual(after);
  if (posix) expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('compares texts of any length', () => {
  expect(['', 'a', 'é'].map((text) => equalInConstantTime(text, text))).toEqual([true, true, true]);
  expect([equalInConstantTime('a', 'b'), equalInConstantTime('a', 'aa'), equalInConstantTime('', 'a')]).toEqual([false, false, false]);
});

describe('writeFileDurably', () => {
  it('replaces whole files, and leaves the old one and no draft behind when it cannot', () => {
    writeFileDurably(file, 'one');
    writeFileDurably(file, 'two');
    expect(readFileSync(file, 'utf8')).toBe('two');
    const taken = path.join(dataDir, 'directory');
    writeFileDurably(path.join(taken, 'inner'), 'x');
    expect(() => writeFileDurably(taken, 'y')).toThrow();
    expect(readdirSync(dataDir).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
