/**
 * The hosts' log: one line a message, `time level text key=value …`, on a stream of the caller's choice. Every
 * line is cut to a maximum, control characters are escaped, and known secrets are blotted out, wherever they are.
 */
export type LogLevel = 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Log {
  info(text: string, fields?: LogFields): void;
  warn(text: string, fields?: LogFields): void;
  error(text: string, fields?: LogFields): void;
  /** From now on these never appear in a line. */
  conceal(secrets: readonly string[]): void;
}

export const MAX_LINE_LENGTH = 2_000;
const BLOT = '[concealed]';

const quoted = (value: string | number | boolean | null): string => {
  const text = String(value);
  return /^[\w.:/@+-]+$/.test(text) ? text : JSON.stringify(text);
};

// JSON's escapes keep a line one line; the quotes around a whole text are not wanted.
const escaped = (text: string): string => JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');

export const createLog = (write: (line: string) => void, unixMs: () => number = Date.now): Log => {
  let hidden: readonly string[] = [];
  // Before quoting, which would change a secret's looks; and again on the whole line, where one may come about.
  const concealed = (text: string): string => hidden.reduce((left, secret) => left.replaceAll(secret, BLOT), text);
  const print = (level: LogLevel, text: string, fields: LogFields = {}): void => {
    const pairs = Object.entries(fields).flatMap(([key, value]) =>
      value === undefined ? [] : [`${key}=${quoted(typeof value === 'string' ? concealed(value) : value)}`],
    );
    const line = concealed([new Date(unixMs()).toISOString(), level, escaped(concealed(text)), ...pairs].join(' '));
    write(line.length > MAX_LINE_LENGTH ? `${line.slice(0, MAX_LINE_LENGTH)}…` : line);
  };
  return {
    info: (text, fields) => print('info', text, fields),
    warn: (text, fields) => print('warn', text, fields),
    error: (text, fields) => print('error', text, fields),
    conceal(secrets) {
      // A secret also shows in its escaped and its URL form.
      hidden = [...new Set([...hidden, ...secrets.flatMap((secret) => [secret, escaped(secret), encodeURIComponent(secret)])])].filter(
        (text) => text.length >= 8,
      );
    },
  };
};
