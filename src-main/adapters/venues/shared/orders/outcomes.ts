/**
 * What a venue's reply means, by its table: the first row that matches wins, and what no row matches is unknown. Turns meanings into
 * the outcomes of a placement and of a cancel. Nothing here guesses: a text that nobody wrote down is a text that may mean anything.
 */
import type { CancelOutcome, PlaceOutcome, Refusal } from '../../../../../src-shared/domain/order.ts';
import type { Meaning, NoAnswer, OutcomeRow, OutcomeTable } from './parts.ts';

/** A refusal, or what looks like one, as the venue sent it. `status`: of HTTP, or of the web-socket reply where there is one. */
export interface VenueReply {
  readonly code: string | null;
  readonly status: number | null;
  readonly text: string;
}

/** A venue's words are shown and kept, but not by the kilobyte. */
export const MAX_REPLY_CHARS = 200;

const matches = (row: OutcomeRow, { code, status, text }: VenueReply): boolean =>
  (row.code === null || row.code === code) &&
  (row.status === undefined || (status !== null && status >= row.status.from && status <= row.status.to)) &&
  (row.text === undefined || text.includes(row.text));

/** The first row that matches; null = nobody wrote down what this means. */
export const rowOf = (table: OutcomeTable, reply: VenueReply): OutcomeRow | null => table.find((row) => matches(row, reply)) ?? null;

export const meaningOf = (table: OutcomeTable, reply: VenueReply): Meaning | null => rowOf(table, reply)?.meaning ?? null;

const cut = (text: string): string => {
  const plain = text.replace(/\s+/g, ' ').trim();
  return plain.length > MAX_REPLY_CHARS ? `${plain.slice(0, MAX_REPLY_CHARS)}…` : plain;
};

/** Status, code and text in one line, for people. */
export const wordsOf = ({ code, status, text }: VenueReply): string =>
  [status === null || status === 200 ? '' : `HTTP ${status}`, code ?? '', cut(text)].filter((part) => part !== '').join(' ');

const RETRY: Readonly<Partial<Record<Meaning, Refusal['retry']>>> = {
  rejected: 'never',
  'retry-later': 'later',
  'retry-fresh': 'fresh-price',
  clock: 'later',
};

/** What a reply that is no acknowledgement says of a placement. */
export const placeOutcomeOf = (table: OutcomeTable, reply: VenueReply): Exclude<PlaceOutcome, { code: 'acknowledged' }> => {
  const row = rowOf(table, reply);
  if (row === null) return { code: 'unknown', why: `a reply that is in no table: ${wordsOf(reply)}` };
  const retry = RETRY[row.meaning];
  if (retry === undefined) {
    const what = row.meaning === 'duplicate-id' ? 'an earlier order of this id may live' : row.words;
    return { code: 'unknown', why: `${what}: ${wordsOf(reply)}` };
  }
  const text = cut(reply.text) === '' ? row.words : `${cut(reply.text)} (${row.words})`;
  return {
    code: 'refused',
    refusal: { venueCode: reply.code ?? (reply.status === null ? null : `HTTP ${reply.status}`), text, retry, by: 'venue' },
  };
};

/** What a reply that is no acknowledgement says of a cancel: only `nothing-to-cancel` and plain refusals are definite. */
export const cancelOutcomeOf = (table: OutcomeTable, reply: VenueReply): Exclude<CancelOutcome, { code: 'acknowledged' }> => {
  const row = rowOf(table, reply);
  const definite = row !== null && (row.meaning === 'nothing-to-cancel' || row.meaning === 'not-found' || RETRY[row.meaning] !== undefined);
  if (!definite) return { code: 'unknown', why: `${row === null ? 'a reply that is in no table' : row.words}: ${wordsOf(reply)}` };
  return { code: 'refused', venueCode: reply.code, text: `${wordsOf(reply)} (${row.words})` };
};

export const gatewayRefusal = (text: string, retry: Refusal['retry']): PlaceOutcome => ({
  code: 'refused',
  refusal: { venueCode: null, text, retry, by: 'gateway' },
});

/** A placement that got no answer: unknown once bytes may have left, else certainly not sent. */
export const placeWithoutAnswer = ({ left, why }: NoAnswer): PlaceOutcome =>
  left ? { code: 'unknown', why } : gatewayRefusal(why, 'later');

/** A cancel that got no answer. Not sent is no refusal of the venue's, yet as definite. */
export const cancelWithoutAnswer = ({ left, why }: NoAnswer): CancelOutcome =>
  left ? { code: 'unknown', why } : { code: 'refused', venueCode: null, text: `not sent: ${why}` };
