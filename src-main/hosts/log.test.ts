import { describe, expect, it } from 'vitest';
import { createLog, MAX_LINE_LENGTH } from './log.ts';

const setUp = () => {
  const lines: string[] = [];
  return {
    lines,
    log: createLog(
      (line) => void lines.push(line),
      () => 0,
    ),
  };
};

describe('log', () => {
  it('is one readable line a message, whatever is in it', () => {
    const { lines, log } = setUp();
    log.warn('two\nlines\u001b[31m', { port: 1, why: 'a "b"\r\n', none: null, absent: undefined });
    expect(lines).toEqual(['1970-01-01T00:00:00.000Z warn two\\nlines\\u001b[31m port=1 why="a \\"b\\"\\r\\n" none=null']);
  });

  it('conceals secrets in text, fields and addresses, also when a second set comes', () => {
    const { lines, log } = setUp();
    log.conceal(['p@ss "word"/+']);
    log.conceal(['second-secret']);
    log.info('p@ss "word"/+', {
      url: `http://x/?t=${encodeURIComponent('p@ss "word"/+')}`,
      field: 'p@ss "word"/+',
      other: 'second-secret',
    });
    expect(lines[0]).not.toMatch(/p@ss|p%40ss|second-secret/);
    expect(lines[0]?.match(/\[concealed\]/g)).toHaveLength(4);
  });

  it('cuts a line at its maximum', () => {
    const { lines, log } = setUp();
    log.info('x'.repeat(2 * MAX_LINE_LENGTH));
    expect(lines[0]).toHaveLength(MAX_LINE_LENGTH + 1);
  });
});
