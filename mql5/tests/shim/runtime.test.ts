/** The MQL5 runtime as an expert sees it: `cases/RuntimeCases.mq5`, translated, built and run, one case a run. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildEa, CompilerMissing, compilerVersion } from '../build.ts';

const SOURCE = fileURLToPath(new URL('cases/RuntimeCases.mq5', import.meta.url));
const BUILD_LIMIT_MS = 400_000;
const STEP_LEAST_MS = 10;

interface Ended {
  readonly code: number | null;
  readonly lines: readonly string[];
}

class Program {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #closed: Promise<unknown[]>;
  readonly #waiting = new Set<() => void>();
  #text = '';

  constructor(path: string, options: readonly string[]) {
    this.#child = spawn(path, options);
    this.#closed = once(this.#child, 'close');
    this.#child.stdout.on('data', (bytes: Buffer) => {
      this.#text += bytes.toString();
      for (const look of this.#waiting) look();
    });
    this.#child.stderr.on('data', (bytes: Buffer) => {
      this.#text += bytes.toString();
    });
  }

  lines = (): string[] => this.#text.split('\n').filter((line) => line !== '');
  type = (line: string): boolean => this.#child.stdin.write(`${line}\n`);
  stop = (signal: NodeJS.Signals): boolean => this.#child.kill(signal);

  async line(start: string, times = 1): Promise<void> {
    const seen = (): boolean => this.lines().filter((line) => line.startsWith(start)).length >= times;
    if (seen()) return;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!seen()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
    });
  }

  async end(): Promise<Ended> {
    const [code] = await this.#closed;
    return { code: code as number | null, lines: this.lines() };
  }
}

describe('the runtime', () => {
  let path = '';
  let started: Program[] = [];

  beforeAll(async () => {
    if (compilerVersion() !== null) path = await buildEa({ source: SOURCE });
  }, BUILD_LIMIT_MS);
  beforeEach((context) => {
    if (compilerVersion() === null) context.skip(new CompilerMissing().message);
  });
  afterEach(() => {
    for (const one of started) one.stop('SIGKILL');
    started = [];
  });

  const start = (
    name: string,
    options: readonly string[] = [],
    inputs: readonly string[] = [],
    files = mkdtempSync(join(tmpdir(), 'mql5-')),
  ): Program => {
    const inputsFile = `${files}.inputs`;
    writeFileSync(inputsFile, [`InpCase=${name}`, ...inputs, ''].join('\n'));
    const program = new Program(path, ['--files', files, '--inputs', inputsFile, ...options]);
    started.push(program);
    return program;
  };
  const run = (...words: Parameters<typeof start>): Promise<Ended> => start(...words).end();
  const facts = async (...words: Parameters<typeof start>): Promise<Record<string, string>> => {
    const { code, lines } = await run(...words);
    expect(code, lines.join('\n')).toBe(0);
    const told = lines.filter((line) => line.startsWith('PRINT ')).map((line) => /^PRINT (\S+?):? (.*)$/.exec(line));
    return Object.fromEntries(told.flatMap((one) => (one === null ? [] : [[one[1]!, one[2]!]])));
  };

  test('strings', async () => {
    expect(await facts('strings', [], ['InpBig=18446744073709551615'])).toMatchObject({
      null: 'true false false 0',
      sub: 'cde|bc|',
      find: '2 -1 3',
      replace: '2 a+b+c',
      split: '4 a||b|',
      nothing: '0',
      trim: '[x y]',
      order: 'true true 0 -1',
      numbers: '12 0 150 0 0',
      shown: '0.1 true 5 MOOD_WILD 007',
      double: '1.00 -2 0.33333333 0.33333333',
      normal: '1.23 -2',
      format: '00042|ab  |1.50|18446744073709551615|ff|%|A',
      surrogates: '2 8364 €',
    });
  });

  test('code pages: UTF-8 keeps everything, the ANSI page loses what it has no sign for, and the zero comes along', async () => {
    expect(await facts('pages')).toMatchObject({
      copied: '8',
      utf8: '195 169 226 130 172 208 182 0',
      ansi: '233 128 63 0',
      back: 'é€?',
      tail: '97 98 0 122 122 122',
      counted: '3 3',
      stops: 'é 1',
      broken: '65533',
    });
  });

  test('arrays and structures: rubbish where nothing was set, zeros where asked', async () => {
    expect(await facts('arrays')).toMatchObject({
      rubbish: 'false',
      fixed: '-1 2',
      copy: '2 4 5',
      remove: 'true 2 4',
      zero: '0 true 0',
      zeroed: '0 true 9 x',
      unset: 'false',
    });
  });

  test('time', async () => {
    expect(await facts('time')).toMatchObject({
      parts: '2026 3 29 0 87 true',
      shown: '2026.03.29 12:34:56 2026.03.29 12:34 2026.03.29 12:34:56',
      parsed: '-56 60',
      slept: 'true',
    });
  });

  test('SHA-256 is the one of the standard', async () => {
    const bytesOf = (text: string): string => [...createHash('sha256').update(text).digest()].join(' ');
    expect(await facts('hash')).toMatchObject({ empty: '32', hash: bytesOf(''), abc: bytesOf('abc') });
  });

  test('files stay in the sandbox and behave as on Windows', async () => {
    const files = mkdtempSync(join(tmpdir(), 'mql5-'));
    expect(await facts('files', [], [], files)).toMatchObject({
      open: 'true',
      wrote: '17',
      read: 'één|two|false|three|true',
      size: '17 17',
      again: '-1 5004',
      busy: 'false',
      moved: 'true true false',
      array: '3',
      kept: 'false true',
      shared: 'true true',
      outside: '-1 5002',
      absent: '-1 5019',
      wide: '4 6',
    });
    expect([...readFileSync(join(files, 'moved.txt'))]).toEqual([1, 0, 255]);
    expect([...readFileSync(join(files, 'wide.txt'))]).toEqual([0xff, 0xfe, 97, 0, 98, 0]);
  });

  test.each([
    ['FileWrite:1', 'fir'],
    ['FileFlush:1', ''],
    ['FileFlush:2', 'first\r\n'],
    ['FileWrite:2', 'first\r\nseco'],
    ['FileClose:1', 'first\r\n'],
    ['FileClose:2', 'first\r\nsecond\r\n'],
  ])('killed at %s it leaves %j', async (point, left) => {
    const files = mkdtempSync(join(tmpdir(), 'mql5-'));
    const { code, lines } = await run('journal', ['--die-at', point], [], files);
    expect(code).toBe(137);
    expect(lines).not.toContain('PRINT done');
    expect(readFileSync(join(files, 'journal.txt'), 'latin1')).toBe(left);
  });

  test('counts its points, and a point beyond the last kills nothing', async () => {
    const { code, lines } = await run('journal', ['--journal-points', '--die-at', 'FileWrite:3']);
    expect(code).toBe(0);
    expect(lines.filter((line) => line.startsWith('POINT'))).toEqual(['POINT FileClose 2', 'POINT FileFlush 2', 'POINT FileWrite 2']);
  });

  test('the timer moves in steps of 10 ms and more', async () => {
    const { code, lines } = await run('timer');
    const turns = lines.filter((line) => line.startsWith('PRINT turn ')).map((line) => Number(line.slice('PRINT turn '.length)) / 1000);
    expect(code).toBe(0);
    expect(turns).toHaveLength(30);
    const gaps = turns.slice(1).map((at, index) => at - turns[index]!);
    // A turn that was late makes the gap behind it short: one or the other may be, on a busy machine, most are not.
    const median = gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)]!;
    expect(median).toBeGreaterThan(20 - STEP_LEAST_MS);
    expect(gaps.reduce((sum, one) => sum + one, 0) / gaps.length).toBeGreaterThan(20);
    expect(new Set(gaps.map((one) => Math.round(one))).size).toBeGreaterThan(1);
  });

  test('timer events coalesce behind a slow handler', async () => {
    const { lines } = await run('slow');
    const turns = lines.filter((line) => line.startsWith('PRINT slow ')).map((line) => Number(line.slice('PRINT slow '.length)) / 1000);
    const gaps = turns.slice(1).map((at, index) => at - turns[index]!);
    expect(gaps).toHaveLength(3);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(100);
  });

  test('an index outside an array ends the program and calls no handler', async () => {
    const { code, lines } = await run('range');
    expect(code).toBe(70);
    expect(lines.at(-1)).toBe('CRITICAL array out of range: index 0, size 0');
  });

  test('a conversion that does not fit its value ends the program', async () => {
    const { code, lines } = await run('format');
    expect(code).toBe(70);
    expect(lines.at(-1)).toMatch(/^CRITICAL format '%d': a 64-bit value needs/);
  });

  test('OnInit that fails is followed by OnDeinit', async () => {
    expect(await run('refuse')).toEqual({ code: 71, lines: ['PRINT init 1 turns 0', 'INIT failed 1', 'PRINT deinit 8 true'] });
  });

  test('SIGTERM is the closing terminal; a press is a click; a new start keeps the globals of the program', async () => {
    const program = start('stay');
    await program.line('PANEL kill KILL');
    program.type('press kill');
    await program.line('PRINT pressed true kill 1');
    program.type('press kill');
    await program.line('PRINT pressed true kill 0');
    program.type('reinit');
    await program.line('PRINT init 2');
    program.stop('SIGTERM');
    const { code, lines } = await program.end();
    expect(code).toBe(0);
    expect(lines).toContain('PRINT deinit 3 true');
    expect(lines.at(-1)).toBe('PRINT deinit 9 true');
  });

  test('refuses inputs the expert does not have, and such as cannot be read', async () => {
    expect((await run('strings', [], ['InpWrong=1'])).code).toBe(64);
    expect((await run('strings', [], ['InpTimerMs=soon'])).code).toBe(64);
    expect((await run('strings', [], ['InpTimerMs=20x'])).code).toBe(64);
  });

  test('global variables: shared by two programs of one terminal, temporary ones end with it', async () => {
    const files = mkdtempSync(join(tmpdir(), 'mql5-'));
    const first = start('globals-stay', [], [], files);
    await first.line('PRINT kept');
    expect(first.lines()).toContain('PRINT temp true false');
    expect(first.lines()).toContain('PRINT taken true false 1');
    expect(await facts('globals', [], [], files)).toMatchObject({ temp: 'false false', taken: 'false false 1', kept: 'true false 2' });
    first.stop('SIGKILL');
    await first.end();
    expect(await facts('globals', [], [], files)).toMatchObject({ temp: 'true false', taken: 'true false 1' });
    expect(existsSync(join(files, '.terminal/kept'))).toBe(true);
  });

  describe('WebRequest', () => {
    let server: Server;
    let seen: { head: IncomingMessage; body: string }[] = [];
    let answer: RequestListener = () => undefined;
    let url = '';

    beforeAll(async () => {
      server = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          seen.push({ head: request, body: Buffer.concat(chunks).toString() });
          answer(request, response);
        });
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(() => {
      server.closeAllConnections();
      server.close();
    });
    afterEach(() => {
      seen = [];
    });

    const ask = (allow: string, path = '/mt5/hello', inputs: readonly string[] = []): Promise<Record<string, string>> =>
      facts('web', ['--allow', allow], [`InpUrl=${url}${path}`, ...inputs]);

    test('speaks HTTP with the headers of the terminal', async () => {
      answer = (_, response) => response.writeHead(201, { 'X-Back': 'yes' }).end('ünd €');
      expect(await ask(url)).toMatchObject({ status: '201 0', body: 'ünd €', header: 'true' });
      expect(seen.map(({ body }) => body)).toEqual(['{"a":"é"}']);
      expect(seen[0]!.head.headers).toMatchObject({
        'user-agent': 'MetaTrader 5 Terminal/5.5200',
        'accept-encoding': 'gzip, deflate',
        'content-type': 'application/json',
        'x-one': '1',
        connection: 'close',
        host: url.slice('http://'.length),
      });
    });

    test('takes chunks', async () => {
      answer = (_, response) => {
        response.write('one ');
        response.end('two');
      };
      expect(await ask('http://127.0.0.1')).toMatchObject({ status: '200 0', body: 'one two' });
    });

    test('an address that is not listed is not asked', async () => {
      expect(await ask(`${url}1`)).toMatchObject({ status: '-1 4014' });
      expect(await ask(url.slice(0, -1))).toMatchObject({ status: '-1 4014' });
      expect(seen).toEqual([]);
    });

    test('a server that does not answer in time is error 5202', async () => {
      answer = () => undefined;
      const told = await ask(url, '/', ['InpTimeoutMs=100']);
      expect(told['status']).toBe('-1 5202');
      expect(Number(told['took'])).toBeGreaterThanOrEqual(100);
    });

    test('half an answer is error 5203, never a shorter body', async () => {
      answer = (request) => void request.socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
      expect(await ask(url)).toMatchObject({ status: '-1 5203', body: '' });
    });

    test('nobody there is error 5201, no address at all 5200', async () => {
      const gone = createServer();
      gone.listen(0, '127.0.0.1');
      await once(gone, 'listening');
      const { port } = gone.address() as AddressInfo;
      gone.close();
      await once(gone, 'close');
      expect(await facts('web', ['--allow', 'http://127.0.0.1'], [`InpUrl=http://127.0.0.1:${port}/`])).toMatchObject({
        status: '-1 5201',
      });
      expect(await facts('web', ['--allow', 'x'], ['InpUrl=127.0.0.1:80'])).toMatchObject({ status: '-1 5200' });
    });

    test.each([
      ['WebRequest-before:1', 0],
      ['WebRequest-after:1', 1],
    ])('killed at %s the server has seen %d requests', async (point, requests) => {
      answer = (_, response) => response.end('{}');
      const { code } = await run('web', ['--allow', url, '--die-at', point], [`InpUrl=${url}/`]);
      expect(code).toBe(137);
      expect(seen).toHaveLength(requests);
    });
  });
});
