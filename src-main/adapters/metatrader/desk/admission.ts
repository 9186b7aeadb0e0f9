/** Whether orders may go through an EA: judged by what it says of its account at `hello`. Changes nothing but the binding. */
import type { CommandRecord } from '../../../../src-shared/domain/metatrader.ts';
import { WireRefusal } from '../fieldsWire.ts';
import type { Hello } from '../helloWire.ts';
import type { DeskFrame } from './parts.ts';

const refuse = (code: string, field: string, message: string): never => {
  throw new WireRefusal(412, code, field, message);
};

export const accountText = ({ login, server }: { readonly login: string; readonly server: string }): string => `${login} at ${server}`;

const NETTING =
  'opposite deals would reduce or turn one common position, and no leg could be closed by itself; open a hedging account and start the EA there';

/** @throws WireRefusal 412 with what to do; nothing has changed then */
export const refuseAccount = ({ mode, store, venue, clock }: DeskFrame, hello: Hello, live: readonly CommandRecord[]): void => {
  if (hello.margin_mode !== 'hedging') refuse('netting', 'margin_mode', `this is a ${hello.margin_mode} account: ${NETTING}`);
  if (mode === 'live' && hello.account_kind !== 'real')
    refuse(
      'account-kind',
      'account_kind',
      `account ${accountText(hello)} is a ${hello.account_kind} account, this engine is set to live; log in to the account that is named there`,
    );
  if (mode === 'demo' && hello.account_kind === 'real')
    refuse(
      'account-kind',
      'account_kind',
      `account ${accountText(hello)} holds real money, this engine is set to demo; log in to a demo account`,
    );
  const bound = store.account(venue.id);
  if (bound !== null && (bound.login !== hello.login || bound.server !== hello.server))
    refuse(
      'account',
      'login',
      `this ledger belongs to account ${accountText(bound)}, the terminal is logged in to ${accountText(hello)}: log in there, or give this account a data directory of its own`,
    );
  const lowest = live.reduce((least, { magic }) => Math.min(least, magic ?? Infinity), Math.floor(clock.unixMs()));
  if (hello.magic_base > lowest)
    refuse(
      'magic-base',
      'magic_base',
      `InpMagicBase ${hello.magic_base} is above the numbers of this engine (${lowest} and up): set it to 1600000000000`,
    );
};

/** The first trading EA decides which account the ledger belongs to. @throws LedgerFault */
export const bindAccount = ({ store, venue }: DeskFrame, { login, server }: Hello): void => {
  if (store.account(venue.id) === null) store.bindAccount(venue.id, { login, server });
};

/** What the EA's journal and ours do not agree on, in words. */
export const journalDifferences = (
  hello: Hello,
  find: (commandId: string) => CommandRecord | null,
  live: readonly CommandRecord[],
): readonly string[] => {
  const strange = hello.open_ids.filter((id) => find(id) === null);
  const open = new Set(hello.open_ids);
  const forgotten = live.filter(({ commandId, state }) => (state === 'sending' || state === 'accepted') && !open.has(commandId));
  return [
    ...(strange.length === 0 ? [] : [`the EA holds commands that this ledger does not have: ${strange.slice(0, 5).join(', ')}`]),
    ...forgotten.map(({ commandId, state }) => `the EA's journal has lost command ${commandId}, which was ${state}`),
  ];
};
