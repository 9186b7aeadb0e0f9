import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { engineSettingsOf } from '../../src-shared/config/engineSettings.ts';
import { ConfigFault, readConfigFile } from './configFile.ts';
import { productRoot } from './version.ts';

const example = path.join(productRoot(), 'config', 'paper.example.json');

describe('paper.example.json', () => {
  it('is a valid configuration of the real hosts', () => {
    const config = readConfigFile(example);
    const urls = config.venues.flatMap((venue) => ('urls' in venue ? [venue.urls.rest, venue.urls.stream] : []));
    expect(new Set(config.venues.map((venue) => venue.protocol))).toEqual(new Set(['metatrader', 'okx', 'binance-spot', 'binance-usdm']));
    expect(config.venues.every((venue) => !venue.simulated)).toBe(true);
    expect(urls.every((url) => /^(https|wss):\/\/[a-z.]+\.(com|vision)(:\d+)?(\/|$)/.test(url))).toBe(true);
    expect(new Set(engineSettingsOf(config, Date.UTC(2026, 0, 5)).pairs.map((pair) => pair.underlying))).toEqual(new Set(['XAU', 'BTC']));
  });
});

describe('examples of orders at exchanges', () => {
  it.each([
    ['demo-exchanges', 'demo', 'demo'],
    ['live', 'live', 'live'],
  ] as const)('%s.example.json is valid, and every order has a place of its own world', (name, mode, environment) => {
    const config = readConfigFile(path.join(productRoot(), 'config', `${name}.example.json`));
    expect(config.mode).toBe(mode);
    const orders = config.venues.flatMap((venue) => ('orders' in venue ? [venue.orders] : []));
    expect(orders.map((each) => each?.environment)).toEqual([environment, environment, environment]);
    expect(engineSettingsOf(config, Date.UTC(2026, 0, 5)).live?.ladder[0] ?? null).toEqual(
      mode === 'live' ? { maxNotionalUsd: null, groups: 5 } : null,
    );
  });
});

describe('readConfigFile', () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'quant-arb-config-'));
  const write = (text: string): string => {
    const file = path.join(directory, 'config.json');
    writeFileSync(file, text);
    return file;
  };

  it('names every wrong field at once, with its place', () => {
    const config = readConfigFile(example);
    const broken = { ...config, pairs: [{ ...config.pairs[0], a: 'NOPE@mt5', maxSkewMs: -1 }], dataDirectory: 'x' };
    expect(() => readConfigFile(write(JSON.stringify(broken)))).toThrow(/pairs\[0\]\.maxSkewMs/);
    expect(() => readConfigFile(write(JSON.stringify(broken)))).toThrow(/dataDirectory/);
  });

  it('calls what is missing missing, and a key in it a key, whose value is not repeated', () => {
    const { conversion: _, ...pair } = readConfigFile(example).pairs[0]!;
    const [venue] = readConfigFile(example).venues;
    const of = (more: object): string => write(JSON.stringify({ ...readConfigFile(example), ...more }));
    expect(() => readConfigFile(of({ pairs: [pair] }))).toThrow(/pairs\[0\]\.conversion: is missing/);
    const told = (() => {
      try {
        return readConfigFile(of({ venues: [{ ...venue, apiKey: 'canary' }] }));
      } catch (error) {
        return (error as Error).message;
      }
    })();
    expect(told).toMatch(/venues\[0\]: apiKey: a key stands in no configuration/);
    expect(told).not.toContain('canary');
  });

  it('names the file when it is missing, not JSON, or not a configuration', () => {
    expect(() => readConfigFile(path.join(directory, 'absent.json'))).toThrow(/absent\.json:\n {2}there is no such file/);
    expect(() => readConfigFile(write('{"version":1,'))).toThrow(/config\.json:\n {2}is not JSON/);
    expect(() => readConfigFile(write('[]'))).toThrow(ConfigFault);
  });
});
