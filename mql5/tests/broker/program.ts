/**
 * One EA program connected to the broker: its session, what it has selected, and the answer to each of its questions.
 * Owns nothing of the broker; when the program dies, what it sent is carried out all the same.
 */
import type { Socket } from 'node:net';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { figuresOf, marginOf } from '../../../src-main/sim/metatrader/broker/money.ts';
import type { TradeAnswer, TradeRequest } from '../../../src-main/sim/metatrader/broker/records.ts';
import { RETCODE, retcodeOf } from '../../../src-main/sim/metatrader/broker/retcodes.ts';
import type { TerminalSession } from '../../../src-main/sim/metatrader/broker/terminalSession.ts';
import { accountRow, answerRow, dealRow, fieldsOf, lineOf, orderRow, positionRow, requestOf, symbolRow, transactionRow } from './rows.ts';

type Field = string | number | boolean;

const CHECK_PASSED = 0;
const PING_US = 42_000;

export interface ProgramParts {
  readonly socket: Socket;
  readonly session: TerminalSession;
  /** Round trip of one request to the broker. */
  readonly delayMs: () => number;
  /** Before each question is answered. */
  readonly asked: (verb: string) => void;
}

export class Program {
  readonly session: TerminalSession;
  readonly #socket: Socket;
  readonly #delayMs: () => number;
  readonly #asked: (verb: string) => void;
  readonly #selected = new Set<string>();
  #chart = '';
  #rest = '';

  constructor({ socket, session, delayMs, asked }: ProgramParts) {
    this.session = session;
    this.#socket = socket;
    this.#delayMs = delayMs;
    this.#asked = asked;
    socket.setNoDelay(true);
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.#read(text));
    socket.on('error', () => socket.destroy());
  }

  /** Sends what has happened meanwhile. */
  push(): void {
    if (this.#socket.destroyed) return;
    for (const t of this.session.takeTransactions()) this.#socket.write(lineOf(['!T', ...transactionRow(t)]));
    for (const name of this.session.takeTicks()) if (name === this.#chart) this.#socket.write(lineOf(['!K', name]));
  }

  end(): void {
    this.#socket.destroy();
  }

  #read(text: string): void {
    this.#rest += text;
    const lines = this.#rest.split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#ask(fieldsOf(line));
  }

  #ask([verb = '', ...args]: string[]): void {
    this.#asked(verb);
    if (verb === 'SEND' || verb === 'ASYNC') this.#send(requestOf(args), verb === 'ASYNC');
    else this.#say(this.#answer(verb, args));
  }

  #say(fields: readonly Field[]): void {
    if (!this.#socket.destroyed) this.#socket.write(lineOf(['=', ...fields]));
  }

  #answer(verb: string, args: readonly string[]): Field[] {
    const { session } = this;
    const book = session.book();
    const [first = '', second = '0', third = '0'] = args;
    const row = <T>(found: T | undefined, render: (one: T) => Field[]): Field[] => (found === undefined ? [] : render(found));
    const position = (found: Parameters<typeof positionRow>[0] | undefined) => row(found, (p) => positionRow(p, session));
    switch (verb) {
      case 'HELLO':
        this.#chart = first;
        this.#selected.add(first);
        return row(session.symbol(first) ?? undefined, (s) => [s.digits, s.point]);
      case 'TERM':
        return [session.connected, session.switches.algoTrading, session.switches.expertAllowed, PING_US];
      case 'CLOCK':
        return [session.timeCurrentS(), session.timeTradeServerS()];
      case 'ACC':
        return accountRow(book.account, figuresOf(session, book));
      case 'SEL':
        return [this.#select(first, second === '1')];
      case 'SYM':
        return row(session.symbol(first) ?? undefined, (s) => symbolRow(s, session.quote(first), this.#selected.has(first)));
      case 'SYMS':
        return first === '1' ? [...this.#selected] : session.symbols().map((s) => s.name);
      case 'MARGIN':
        return row(session.symbol(first) ?? undefined, (s) => [
          marginOf(s, new Decimal(Number(second)), String(Number(third)), book.account.leverage).toFixed(),
        ]);
      case 'SYNC':
        return [this.#selected.has(first) && session.isSynchronized(first)];
      case 'SESS':
        return this.#session(first, Number(second), Number(third));
      case 'POS':
        return [book.positions.size];
      case 'POSN':
        return position([...book.positions.values()][Number(first)]);
      case 'POST':
        return position(book.positions.get(Number(first)));
      case 'POSS':
        return position([...book.positions.values()].find((p) => p.symbol === first));
      case 'ORD':
        return [book.orders.size];
      case 'ORDN':
        return row([...book.orders.values()][Number(first)], orderRow);
      case 'ORDT':
        return row(book.orders.get(Number(first)), orderRow);
      case 'HS':
        return this.#history(Number(first) * 1_000, Number(second) * 1_000 + 999);
      case 'HSP':
        return this.#historyOf(Number(first));
      case 'HO':
        return args.flatMap((ticket) => row(book.history.get(Number(ticket)), orderRow));
      case 'HD':
        return args.flatMap((ticket) => row(book.deals.get(Number(ticket)), dealRow));
      case 'CHECK':
        return this.#check(requestOf(args));
      default:
        return [];
    }
  }

  #select(name: string, wanted: boolean): boolean {
    if (this.session.symbol(name) === null) return false;
    if (wanted) this.#selected.add(name);
    else this.#selected.delete(name);
    return true;
  }

  #session(name: string, day: number, index: number): Field[] {
    const found = this.session.symbol(name)?.sessions.filter(([of]) => of === day)[index];
    return found === undefined ? [] : [found[1], found[2]];
  }

  #history(fromMsc: number, toMsc: number): Field[] {
    const { history, deals } = this.session.book();
    const orders = [...history.values()].filter((o) => o.doneMsc >= fromMsc && o.doneMsc <= toMsc);
    const found = [...deals.values()].filter((d) => d.timeMsc >= fromMsc && d.timeMsc <= toMsc);
    return [orders.length, ...orders.map((o) => o.ticket), ...found.map((d) => d.ticket)];
  }

  #historyOf(positionId: number): Field[] {
    const { history, deals } = this.session.book();
    const orders = [...history.values()].filter((o) => o.positionId === positionId);
    const found = [...deals.values()].filter((d) => d.positionId === positionId);
    return [orders.length, ...orders.map((o) => o.ticket), ...found.map((d) => d.ticket)];
  }

  /** `OrderCheck`: retcode 0 when there is nothing against it, and what would be left. */
  #check(request: TradeRequest): Field[] {
    const code = this.session.check(request);
    const { balance, equity, profit, margin, marginFree, marginLevel } = this.session.figures();
    const money = [balance, equity, profit, margin, marginFree, marginLevel].map((x) => x.toFixed());
    return [code, ...money, code === CHECK_PASSED ? 'Done' : retcodeOf(code).text];
  }

  /** What has arrived is executed, whether or not anybody waits for the answer. */
  #send(request: TradeRequest, async: boolean): void {
    const { session } = this;
    const refused = session.refusal(request);
    const id = session.nextRequestId();
    if (refused !== null) {
      this.#say(answerRow(refused, id));
      return;
    }
    if (async) this.#say(answerRow(this.#accepted(), id));
    setTimeout(() => {
      const answer = session.deliver(request, id);
      if (!async) this.#say(answerRow(session.connected ? answer : this.#lost(answer), id));
      this.push();
    }, this.#delayMs());
  }

  /** An asynchronous request is always "placed": what the server thinks of it comes as a transaction. */
  #accepted(): TradeAnswer {
    const blank = { deal: 0, order: 0, volume: '0', price: '0', bid: '0', ask: '0' };
    return { ...blank, sent: true, error: 0, retcode: RETCODE.placed, comment: retcodeOf(RETCODE.placed).text };
  }

  /** The link was cut between the request and its answer. */
  #lost(answer: TradeAnswer): TradeAnswer {
    const blank = { deal: 0, order: 0, volume: '0', price: '0' };
    return { ...answer, ...blank, sent: false, error: 4_756, retcode: RETCODE.connection, comment: retcodeOf(RETCODE.connection).text };
  }
}
