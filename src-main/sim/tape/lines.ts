/** Lines of a byte stream, in batches, in bounded memory. A line beyond the limit ends the reading with an error. */
import type { Readable } from 'node:stream';

/** The longest line of the recordings is a depth snapshot of some 100 KB. */
export const MAX_LINE_CHARACTERS = 4 * 1024 * 1024;

export async function* linesOf(stream: Readable): AsyncGenerator<string[]> {
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  for await (const chunk of stream) {
    const pieces = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n');
    rest = pieces.pop()!;
    if (rest.length > MAX_LINE_CHARACTERS) throw new Error(`a line of more than ${MAX_LINE_CHARACTERS} characters`);
    if (pieces.length > 0) yield pieces;
  }
  rest += decoder.decode();
  if (rest !== '') yield [rest];
}
