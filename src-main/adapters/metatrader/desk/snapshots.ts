/**
 * Snapshots of the account: asked for by number, sent in parts, answered whole. Invariants: a snapshot answers only questions
 * asked before it was begun; parts follow each other and are of one session; what does not come whole in time is no answer.
 */
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import type { OpenOrderReport, PositionReport, SnapshotOutcome, VenueSnapshot } from '../../../../src-shared/domain/order.ts';
import { WireRefusal } from '../fieldsWire.ts';
import type { SnapshotRequest, WireOrder, WirePosition } from '../tradeWire.ts';
import type { CommandBook } from './book.ts';
import { isOwnMagic, usOf, type DeskFrame } from './parts.ts';
import { closedByOthers, fillOf, isExecution } from './standing.ts';

/** An EA needs two equal reads a second apart; what is not here by then has failed. */
export const SNAPSHOT_DEADLINE_MS = 15_000;

/** More parts than an account can need are those of a program that never ends. */
export const MAX_PARTS = 256;

type Account = SnapshotRequest['account'];

export interface Snapshots {
  /** Of the replies; 0 = none is wanted. */
  readonly wanted: number;
  /** Since when deals are wanted besides, UTC; null = nobody asks. */
  readonly sinceUnixMs: number | null;
  /** Whether one has come in this session. */
  readonly complete: boolean;
  readonly positions: readonly WirePosition[];
  readonly account: Account | null;
  ask(fillsSinceUnixMs: number): Promise<SnapshotOutcome>;
  /** Deals of the part are taken by the caller first. @throws WireRefusal 400 naming the field; the snapshot is then begun anew */
  take(part: SnapshotRequest): void;
  /** A new session: nothing of the one before belongs to it. */
  restart(): void;
  fail(why: string): void;
  sweep(): void;
}

interface Question {
  readonly request: number;
  readonly sinceUnixMs: number;
  readonly askedUnixMs: number;
  readonly dueUs: number;
  readonly resolve: (outcome: SnapshotOutcome) => void;
}

interface Parts {
  readonly request: number;
  readonly account: Account;
  readonly positions: WirePosition[];
  readonly orders: WireOrder[];
  next: number;
}

const signed = ({ side, lots }: WirePosition): Decimal => (side === 'buy' ? new Decimal(lots) : new Decimal(lots).negated());
const textOf = (amount: Decimal): string => (amount.isZero() ? '0' : amount.toFixed());

const refuse = (field: string, message: string): never => {
  throw new WireRefusal(400, 'bad-field', field, message);
};

export const createSnapshots = (frame: DeskFrame, book: CommandBook, completed: () => void): Snapshots => {
  let raised = 0;
  let wanted = 0;
  let complete = false;
  let questions: Question[] = [];
  let parts: Parts | null = null;
  let last: Parts | null = null;

  const raise = (): number => {
    raised += 1;
    wanted = raised;
    return raised;
  };

  const positionsOf = (rows: readonly WirePosition[]): readonly PositionReport[] =>
    frame.instruments.flatMap(({ id, symbol }) => {
      const held = rows.filter((row) => row.symbol === symbol);
      if (held.length === 0) return [];
      const sum = (some: readonly WirePosition[]): Decimal => some.reduce((qty, row) => qty.plus(signed(row)), new Decimal(0));
      const lots = held.reduce((all, row) => all.plus(row.lots), new Decimal(0));
      const worth = held.reduce((all, row) => all.plus(new Decimal(row.lots).times(row.price_open)), new Decimal(0));
      return [
        {
          instrumentId: id,
          qty: textOf(sum(held)),
          foreignQty: textOf(sum(held.filter(({ magic }) => !isOwnMagic(frame, magic)))),
          avgPx: worth.isZero() ? null : worth.div(lots).toSignificantDigits(15).toFixed(),
        },
      ];
    });
  const orderOf = ({ order, symbol, side, lots, lots_left: left, magic }: WireOrder): OpenOrderReport => ({
    venueOrderId: order,
    clientOrderId: isOwnMagic(frame, magic) ? (book.ofMagic(magic)?.clientOrderId ?? null) : null,
    symbol,
    side,
    qty: lots,
    filledQty: textOf(new Decimal(lots).minus(left)),
  });
  const answerTo = ({ sinceUnixMs, askedUnixMs }: Question, { account, positions, orders }: Parts): VenueSnapshot => {
    const { store, venue } = frame;
    const fills = store.dealsSince(venue.id, sinceUnixMs).flatMap((deal) => {
      const command = deal.own && deal.side !== null ? book.ofMagic(deal.magic) : null;
      if (command !== null && isExecution(command, deal)) return [fillOf(store, command, deal, account.currency)];
      // Of a position that is none of ours the engine takes nothing.
      return closedByOthers(deal, account.currency) ?? [];
    });
    return {
      // It was begun after it was asked for, and says at least what was true then.
      venueUnixMs: Math.floor(askedUnixMs),
      openOrders: orders.map(orderOf),
      fills,
      positions: positionsOf(positions),
      account: {
        ccy: account.currency,
        equity: account.equity,
        marginUsed: account.margin,
        marginFree: account.margin_free,
        balances: [{ ccy: account.currency, free: account.margin_free, total: account.balance }],
      },
    };
  };
  const finish = (whole: Parts): void => {
    last = whole;
    if (whole.request === wanted) wanted = 0;
    const answered = questions.filter(({ request }) => request <= whole.request);
    questions = questions.filter(({ request }) => request > whole.request);
    const first = !complete;
    complete = true;
    for (const question of answered) question.resolve({ code: 'answered', snapshot: answerTo(question, whole) });
    if (first) completed();
  };
  const begin = ({ request, account }: SnapshotRequest): Parts => ({ request, account, positions: [], orders: [], next: 0 });

  return {
    get wanted() {
      return wanted;
    },
    get sinceUnixMs() {
      return questions.length === 0 ? null : Math.min(...questions.map(({ sinceUnixMs }) => sinceUnixMs));
    },
    get complete() {
      return complete;
    },
    get positions() {
      return last?.positions ?? [];
    },
    get account() {
      return last?.account ?? null;
    },
    ask(sinceUnixMs) {
      const { promise, resolve } = Promise.withResolvers<SnapshotOutcome>();
      const { clock } = frame;
      questions.push({
        request: raise(),
        sinceUnixMs,
        askedUnixMs: clock.unixMs(),
        dueUs: clock.monoUs() + usOf(SNAPSHOT_DEADLINE_MS),
        resolve,
      });
      return promise;
    },
    take(part) {
      if (part.request > raised) refuse('request', `snapshot ${part.request} was not asked for`);
      // One whose question has been answered, or has waited too long.
      if (part.request <= (last?.request ?? 0)) return;
      if (part.part === 0) parts = begin(part);
      else if (parts === null || parts.request !== part.request || parts.next !== part.part) {
        const expected = parts?.request === part.request ? parts.next : 0;
        parts = null;
        refuse('part', `part ${part.part} of snapshot ${part.request} does not follow: ${expected} does`);
      }
      const whole = parts!;
      if (whole.next >= MAX_PARTS) {
        parts = null;
        refuse('part', `a snapshot has at most ${MAX_PARTS} parts`);
      }
      if (part.account.currency !== whole.account.currency) {
        parts = null;
        refuse('account.currency', 'not that of the parts before');
      }
      whole.next += 1;
      whole.positions.push(...part.positions);
      whole.orders.push(...part.orders);
      if (!part.last) return;
      parts = null;
      finish(whole);
    },
    restart() {
      parts = null;
      last = null;
      complete = false;
      raise();
    },
    fail(why) {
      const failed = questions;
      questions = [];
      parts = null;
      for (const { resolve } of failed) resolve({ code: 'failed', why });
    },
    sweep() {
      const nowUs = frame.clock.monoUs();
      const late = questions.filter(({ dueUs }) => nowUs >= dueUs);
      if (late.length === 0) return;
      questions = questions.filter(({ dueUs }) => nowUs < dueUs);
      // The terminal's own question stays: without a first snapshot nothing is traded.
      if (questions.length === 0 && complete) wanted = 0;
      for (const { resolve } of late) resolve({ code: 'failed', why: `no whole snapshot within ${SNAPSHOT_DEADLINE_MS} ms` });
    },
  };
};
