/**
 * OKX's order entry, the same for REST and sockets: place, amend and cancel, alone and in batches. Owns allowances, validity
 * (expTime), the faults that strike a request, and what is answered. A request is carried out whole before anything is answered.
 */
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { FaultSwitch } from '../faults.ts';
import type { OrderOperation } from '../orderFaults.ts';
import type { Placed, Refused, SimAccounts } from './account/account.ts';
import { createBudget, type Budget } from './budget.ts';
import { bandOf, type OkxInstrument } from './okxListings.ts';
import { argText, CLIENT_ID, isRefusedArgs, keyOfArgs, newOrderOf, priceRefusal, sizeRefusal, type OkxArgs } from './okxOrderArgs.ts';
import * as no from './okxRefusals.ts';
import type { OkxRefused } from './okxRefusals.ts';
import type { OkxCaller } from './okxSignature.ts';

export const ORDER_OPS = {
  order: { operation: 'place', batch: false },
  'batch-orders': { operation: 'place', batch: true },
  'cancel-order': { operation: 'cancel', batch: false },
  'batch-cancel-orders': { operation: 'cancel', batch: true },
  'amend-order': { operation: 'amend', batch: false },
  'batch-amend-orders': { operation: 'amend', batch: true },
} as const satisfies Record<string, { operation: OrderOperation; batch: boolean }>;
export type OrderOp = keyof typeof ORDER_OPS;

export const MAX_BATCH = 20;
const WINDOW_MS = 2_000;
/** Requests of one kind for one instrument, singles and batches counted apart; new and amended orders of the whole account. */
export interface EntryLimits {
  readonly single: number;
  readonly batch: number;
  readonly account: number;
}
const MAX_BUDGETS = 4_096;

export interface ActReply {
  readonly status: number;
  readonly code: string;
  readonly msg: string;
  readonly data: readonly object[];
}
/** `drop`: no answer; `close`: none, and the connection ends. */
export type ActOutcome = ActReply | 'drop' | 'close';

export interface OkxDeskSettings {
  readonly accounts: SimAccounts;
  readonly instruments: readonly OkxInstrument[];
  readonly faults: FaultSwitch;
  readonly venueNow: () => number;
  readonly limits: EntryLimits;
}

/** How an instrument is named: REST by `instId`, sockets by `instIdCode` alone. */
export type OkxPathKind = 'rest' | 'socket';

interface Act {
  readonly caller: OkxCaller;
  readonly op: OrderOp;
  readonly items: readonly OkxArgs[];
  readonly path: OkxPathKind;
  readonly expTime: string;
}

const whole = (refused: OkxRefused): ActReply => ({ status: refused.status, code: refused.code, msg: refused.msg, data: [] });

export class OkxOrderDesk {
  readonly #settings: OkxDeskSettings;
  readonly #budgets = new Map<string, Budget>();

  constructor(settings: OkxDeskSettings) {
    this.#settings = settings;
  }

  /** `args` as it came. A malformed list answers 60013 on a socket and 50002 over REST. */
  act(caller: OkxCaller, op: OrderOp, args: unknown, path: OkxPathKind, expTime: string): ActOutcome | Promise<ActOutcome> {
    const items = itemsOf(args, ORDER_OPS[op].batch);
    if (items === null) return whole(path === 'rest' ? no.BAD_JSON : { status: 200, code: '60013', msg: 'Invalid args' });
    const { faults } = this.#settings;
    const act = { caller, op, items, path, expTime };
    const stopped = this.#stopped(act);
    if (stopped !== null) return stopped;
    const late = faults.next('late-accept', ORDER_OPS[op].operation);
    if (late === null) return this.#deliver(act);
    return new Promise((resolve) => setTimeout(() => resolve(this.#deliver(act)), late.delayMs).unref());
  }

  /** What keeps the request from reaching the matching at all. */
  #stopped({ caller, op, items, path, expTime }: Act): ActReply | null {
    const { faults, venueNow } = this.#settings;
    const { operation } = ORDER_OPS[op];
    if (!caller.key.mayTrade) return whole(no.NO_RIGHT);
    if (faults.timed('maintenance') !== null) return whole(no.MAINTENANCE);
    const limited = faults.timed('rate-limit');
    if (limited !== null && (limited.operation === null || limited.operation === operation))
      return limited.account ? this.#answer(items.map((item) => this.#entry(item, no.ACCOUNT_TOO_OFTEN))) : this.#tooOften(path);
    if (expTime !== '' && !/^\d{13}$/.test(expTime)) return whole(no.wrong('expTime'));
    if (expTime !== '' && Number(expTime) <= venueNow()) return whole(no.EXPIRES_IN_THE_PAST);
    return this.#spend(caller, op, items, path) ? null : this.#tooOften(path);
  }

  #tooOften(path: OkxPathKind): ActReply {
    return whole(path === 'rest' ? no.TOO_OFTEN : { status: 200, code: '60014', msg: 'Requests too frequent' });
  }

  #spend(caller: OkxCaller, op: OrderOp, items: readonly OkxArgs[], path: OkxPathKind): boolean {
    const { limits } = this.#settings;
    const { operation, batch } = ORDER_OPS[op];
    const now = performance.now();
    const take = (name: string, limit: number) => {
      if (this.#budgets.size > MAX_BUDGETS) this.#budgets.clear();
      const budget = this.#budgets.get(name) ?? createBudget(limit, WINDOW_MS);
      this.#budgets.set(name, budget);
      return budget.take(now);
    };
    return items.every((item) => {
      const symbol = this.#instrumentOf(item, path)?.listing.symbol ?? '';
      return take(`${caller.account}/${operation}/${batch}/${symbol}`, batch ? limits.batch : limits.single);
    });
  }

  /** At the matching: late or not, its validity is judged here once more. */
  #deliver(act: Act): ActOutcome {
    const { faults, venueNow } = this.#settings;
    const { operation } = ORDER_OPS[act.op];
    if (act.expTime !== '' && Number(act.expTime) <= venueNow())
      return this.#answer(act.items.map((item) => this.#entry(item, no.ORDER_EXPIRED)));
    const failing = faults.next('unknown-503', operation);
    if (failing !== null) {
      if (failing.accepted) this.#carryOut(act);
      return whole(no.SYSTEM_ERROR);
    }
    const dropped = faults.next('accept-then-drop-reply', operation);
    const reply = this.#carryOut(act);
    if (dropped === null) return reply;
    return dropped.close ? 'close' : 'drop';
  }

  #carryOut(act: Act): ActReply {
    const { operation } = ORDER_OPS[act.op];
    return this.#answer(
      act.items.map((item) => {
        const rejected = this.#settings.faults.next('reject', operation);
        if (rejected !== null) return this.#entry(item, { status: 200, code: rejected.code, msg: rejected.message });
        if (operation === 'place') return this.#place(act, item);
        return operation === 'cancel' ? this.#cancel(act, item) : this.#amend(act, item);
      }),
    );
  }

  #answer(data: readonly Entry[]): ActReply {
    const good = data.filter((entry) => entry.sCode === '0').length;
    if (good === data.length) return { status: 200, code: '0', msg: '', data };
    return good === 0
      ? { status: 200, code: '1', msg: 'All operations failed', data }
      : { status: 200, code: '2', msg: 'Bulk operation partially succeeded.', data };
  }

  #entry(item: OkxArgs, outcome: OkxRefused | { readonly orderId: string; readonly clientId: string; readonly tag: string }): Entry {
    const ts = String(this.#settings.venueNow());
    if ('code' in outcome)
      return { clOrdId: argText(item, 'clOrdId'), ordId: '', tag: '', ts, sCode: outcome.code, sMsg: outcome.msg, subCode: '' };
    return { clOrdId: outcome.clientId, ordId: outcome.orderId, tag: outcome.tag, ts, sCode: '0', sMsg: '', subCode: '' };
  }

  #instrumentOf(item: OkxArgs, path: OkxPathKind): OkxInstrument | null {
    const { instruments } = this.#settings;
    const found =
      path === 'rest'
        ? instruments.find((x) => x.listing.symbol === item['instId'])
        : instruments.find((x) => String(x.instIdCode) === argText(item, 'instIdCode'));
    return found ?? null;
  }

  /** The instrument, or the code for its absence. */
  #named(item: OkxArgs, path: OkxPathKind): OkxInstrument | OkxRefused {
    const name = path === 'rest' ? 'instId' : 'instIdCode';
    const given = argText(item, name);
    if (given === '') return no.empty(name);
    // Documented as a whole number, and so it has to come.
    if (path === 'socket' && !(typeof item[name] === 'number' && /^\d{1,10}$/.test(given))) return no.wrong(name);
    return this.#instrumentOf(item, path) ?? no.NO_INSTRUMENT;
  }

  #place({ caller, path }: Act, item: OkxArgs): Entry {
    const { accounts, faults } = this.#settings;
    const instrument = this.#named(item, path);
    if ('code' in instrument) return this.#entry(item, instrument);
    if (!this.#takesAccountShare(caller)) return this.#entry(item, no.ACCOUNT_TOO_OFTEN);
    const { symbol } = instrument.listing;
    const swap = instrument.instType === 'SWAP';
    if (instrument.needsAgreement && !accounts.conditions(caller.account).signed) return this.#entry(item, no.NOT_AGREED);
    const wanted = newOrderOf(item, {
      instrument,
      hedged: accounts.conditions(caller.account).positionMode === 'hedge',
      band: bandOf(instrument, accounts.mark(symbol)),
      held: new Decimal(swap ? accounts.position(caller.account, symbol).qty : 0),
    });
    if (isRefusedArgs(wanted)) return this.#entry(item, wanted);
    if (swap && wanted.marginMode !== null && accounts.position(caller.account, symbol).marginMode !== wanted.marginMode) {
      const set = accounts.setMarginMode(caller.account, symbol, wanted.marginMode);
      if (!set.ok) return this.#entry(item, no.wrong('tdMode'));
    }
    const partial = faults.next('partial', 'place');
    if (partial !== null) accounts.partialNext(caller.account, partial.share);
    return this.#placed(item, accounts.place(caller.account, wanted.order));
  }

  #placed(item: OkxArgs, placed: Placed | Refused): Entry {
    if (!placed.ok) return this.#entry(item, no.REFUSALS[placed.code]);
    const { orderId, clientId, tag } = placed.order;
    return this.#entry(item, { orderId, clientId, tag });
  }

  #takesAccountShare(caller: OkxCaller): boolean {
    const name = `${caller.account}/account`;
    const budget = this.#budgets.get(name) ?? createBudget(this.#settings.limits.account, WINDOW_MS);
    this.#budgets.set(name, budget);
    return budget.take(performance.now());
  }

  #cancel({ caller, path }: Act, item: OkxArgs): Entry {
    const instrument = this.#named(item, path);
    if ('code' in instrument) return this.#entry(item, instrument);
    const key = keyOfArgs(item, instrument.listing.symbol);
    if (key === null) return this.#entry(item, no.NO_ID);
    const canceled = this.#settings.accounts.cancel(caller.account, key);
    if (!canceled.ok) return { ...this.#entry(item, no.CANNOT_CANCEL), ordId: argText(item, 'ordId') };
    return this.#entry(item, canceled.order);
  }

  #amend({ caller, path }: Act, item: OkxArgs): Entry & { readonly reqId: string } {
    const { accounts } = this.#settings;
    const reqId = argText(item, 'reqId');
    const refuse = (refused: OkxRefused) => ({ ...this.#entry(item, refused), ordId: argText(item, 'ordId'), reqId });
    const instrument = this.#named(item, path);
    if ('code' in instrument) return refuse(instrument);
    if (!this.#takesAccountShare(caller)) return refuse(no.ACCOUNT_TOO_OFTEN);
    const key = keyOfArgs(item, instrument.listing.symbol);
    if (key === null) return refuse(no.NO_ID);
    if (reqId !== '' && !CLIENT_ID.test(reqId)) return refuse(no.wrong('reqId'));
    const [qty, price] = [argText(item, 'newSz'), argText(item, 'newPx')];
    if (qty === '' && price === '') return refuse(no.empty('newSz'));
    const known = accounts.order(caller.account, key);
    if (known === null) return refuse(no.CANNOT_AMEND);
    const band = bandOf(instrument, accounts.mark(key.symbol));
    const bad =
      (qty === '' ? null : sizeRefusal(qty, instrument, 'limit', false)) ??
      (price === '' ? null : priceRefusal(price, known.side, instrument, band));
    if (bad !== null) return refuse(bad);
    const amended = accounts.amend(caller.account, key, { ...(qty === '' ? {} : { qty }), ...(price === '' ? {} : { price }) });
    if (!amended.ok) return refuse(amended.code === 'unknown-order' ? no.CANNOT_AMEND : no.REFUSALS[amended.code]);
    return { ...this.#entry(item, amended.order), reqId };
  }
}

interface Entry {
  readonly clOrdId: string;
  readonly ordId: string;
  readonly tag: string;
  readonly ts: string;
  readonly sCode: string;
  readonly sMsg: string;
  readonly subCode: string;
}

/** One object for a single request (a socket wraps it in a list), a list for a batch; null = malformed. */
const itemsOf = (args: unknown, batch: boolean): readonly OkxArgs[] | null => {
  const list: readonly unknown[] = Array.isArray(args) ? args : [args];
  if (list.length === 0 || list.length > (batch ? MAX_BATCH : 1)) return null;
  return list.every((x) => typeof x === 'object' && x !== null && !Array.isArray(x)) ? (list as readonly OkxArgs[]) : null;
};
