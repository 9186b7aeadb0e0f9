/**
 * The EA as a program: the real source, translated and built, run with its files, inputs and broker. Owns its process and what it
 * printed; a kill leaves its files as they are, like the death of a terminal.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface TerminalChoice {
  readonly program: string;
  readonly folder: string;
  readonly broker: string;
  readonly inputs: Readonly<Record<string, string>>;
  /** URLs on the white-list. */
  readonly allow: readonly string[];
  readonly args?: readonly string[];
}

const MAX_LINES = 50_000;
const STOP_WITHIN_MS = 10_000;
/** What a sanitizer or a check of the runtime ends the program with, besides being killed. */
const SANITIZER = /runtime error:|AddressSanitizer|LeakSanitizer|SUMMARY: /;

export class Terminal {
  readonly lines: string[] = [];
  errors = '';
  deaths = 0;
  readonly #choice: TerminalChoice;
  #child: ChildProcess | null = null;
  #ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> = Promise.resolve({ code: 0, signal: null });

  constructor(choice: TerminalChoice) {
    this.#choice = choice;
    mkdirSync(this.files, { recursive: true });
  }

  /** The sandbox that MQL5 calls `MQL5\\Files`. */
  get files(): string {
    return path.join(this.#choice.folder, 'files');
  }
  get alive(): boolean {
    return this.#child !== null;
  }
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  start(
    more: { readonly dieAt?: string; readonly inputs?: Readonly<Record<string, string>>; readonly args?: readonly string[] } = {},
  ): void {
    if (this.#child !== null) throw new Error('the terminal runs already');
    const { program, folder, broker, inputs, allow, args = [] } = this.#choice;
    const inputFile = path.join(folder, 'inputs.txt');
    writeFileSync(
      inputFile,
      Object.entries({ ...inputs, ...more.inputs })
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
    const all = ['--broker', broker, '--files', this.files, '--inputs', inputFile, ...allow.flatMap((url) => ['--allow', url]), ...args];
    const child = spawn(program, [...all, ...(more.args ?? []), ...(more.dieAt === undefined ? [] : ['--die-at', more.dieAt])], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=0', UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1' },
    });
    this.#child = child;
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop() ?? '';
      this.lines.push(...parts);
      if (this.lines.length > MAX_LINES) this.lines.splice(0, MAX_LINES / 2);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.errors = (this.errors + text).slice(-50_000)));
    this.#ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        if (this.#child === child) this.#child = null;
        this.deaths += 1;
        resolve({ code, signal });
      });
      child.once('error', (error) => {
        this.errors += String(error);
        if (this.#child === child) this.#child = null;
        resolve({ code: -1, signal: null });
      });
    });
  }

  ended(): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
    return this.#ended;
  }

  /** The terminal is gone from one moment to the next. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#ended;
  }

  /** The EA is removed from its chart. */
  async stop(): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
    this.#child?.kill('SIGTERM');
    const overdue = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_WITHIN_MS);
    const ending = await this.#ended;
    clearTimeout(overdue);
    return ending;
  }

  /** What the runtime or a sanitizer found wrong; empty = nothing. */
  damage(): string {
    return SANITIZER.test(this.errors) ? this.errors : '';
  }

  alerts(): readonly string[] {
    return this.lines.filter((line) => line.startsWith('ALERT ')).map((line) => line.slice('ALERT '.length));
  }

  /** The newest text of each part of the panel. */
  panel(): string {
    return this.lines
      .filter((line) => line.startsWith('PANEL '))
      .slice(-200)
      .join('\n');
  }

  said(pattern: RegExp): boolean {
    return this.lines.some((line) => pattern.test(line));
  }

  /** Files of the EA, by name. */
  written(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      readdirSync(this.files, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.join(entry.parentPath, entry.name))
        .map((file) => [path.relative(this.files, file), readFileSync(file, 'latin1')]),
    );
  }

  /** As when somebody reinstalls the terminal. */
  forget(): void {
    rmSync(this.files, { recursive: true, force: true });
    mkdirSync(this.files, { recursive: true });
  }
}
