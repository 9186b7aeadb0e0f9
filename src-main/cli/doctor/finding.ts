/** One line of the doctor: what was looked at, how it stands, and while it does not pass exactly one thing to do. */
export interface Finding {
  /** Stable word for programs. */
  readonly code: string;
  /** The venue it is about; null = this computer, its data, or the engine. */
  readonly venue: string | null;
  readonly label: string;
  /** `warn` stands in nobody's way: it is for a person to know. */
  readonly state: 'pass' | 'warn' | 'fail' | 'waiting';
  readonly detail: string;
  /** Empty while it passes, else one sentence. */
  readonly fix: string;
}

/** Lines of one subject: `pass`, `warn`, `fail` and `waiting` with that subject filled in. */
export const findingsOf = (venue: string | null) => ({
  pass: (code: string, label: string, detail: string): Finding => ({ code, venue, label, state: 'pass', detail, fix: '' }),
  warn: (code: string, label: string, detail: string, fix: string): Finding => ({ code, venue, label, state: 'warn', detail, fix }),
  fail: (code: string, label: string, detail: string, fix: string): Finding => ({ code, venue, label, state: 'fail', detail, fix }),
  waiting: (code: string, label: string, detail: string, fix: string): Finding => ({ code, venue, label, state: 'waiting', detail, fix }),
});

const MARKS = { pass: 'pass   ', warn: 'warn   ', fail: 'FAIL   ', waiting: 'waiting' } as const;
const LABEL_WIDTH = 24;
const MAX_LABEL_WIDTH = 44;

/** Of lines that stand under each other. */
export const widthOf = (findings: readonly Finding[]): number =>
  Math.min(MAX_LABEL_WIDTH, Math.max(LABEL_WIDTH, ...findings.map(({ label }) => label.length)));

/** As it is printed: the fix on a line of its own, under what it mends. */
export const findingText = ({ label, state, detail, fix }: Finding, width = LABEL_WIDTH): string =>
  [`  ${MARKS[state]}  ${label.padEnd(width)} ${detail}`, ...(fix === '' ? [] : [`           → ${fix}`])].join('\n');
