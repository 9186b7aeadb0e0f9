/** The desk's lines of the hand-shake checklist (the link has the others): what the EA said, and one thing to do where it does not do. Pure. */
import type { TerminalCheck } from '../../../../src-shared/domain/metatrader.ts';
import { FILLING_FOK, FILLING_IOC, type Hello } from '../helloWire.ts';
import { accountText } from './admission.ts';

interface Seen {
  readonly money: 'demo' | 'live';
  readonly hello: Hello | null;
  /** The refusal of the last hello; null = it was admitted. */
  readonly refused: { readonly code: string; readonly text: string } | null;
  readonly bound: { readonly login: string; readonly server: string } | null;
  readonly symbols: readonly string[];
  readonly snapshot: {
    readonly complete: boolean;
    readonly positions: number;
    readonly equity: string | null;
    readonly currency: string | null;
  };
}

type Line = Pick<TerminalCheck, 'state' | 'detail' | 'fix'>;
const waiting = (fix: string): Line => ({ state: 'waiting', detail: 'no EA has said hello yet', fix });
const passes = (detail: string): Line => ({ state: 'pass', detail, fix: '' });
const fails = (detail: string, fix: string): Line => ({ state: 'fail', detail, fix });
const HELLO_FIX = 'Attach the EA QuantArb to a chart in MetaTrader.';

const account = ({ hello, bound, refused }: Seen): Line => {
  if (refused?.code === 'account')
    return fails(refused.text, `Log in to account ${bound === null ? '' : accountText(bound)} in MetaTrader.`);
  if (hello === null)
    return waiting(bound === null ? HELLO_FIX : `Log in to account ${accountText(bound)} and attach the EA QuantArb to a chart.`);
  return passes(`${accountText(hello)}, ${hello.company}, ${hello.currency}`);
};

const accountMode = ({ hello, refused }: Seen): Line => {
  if (refused?.code === 'netting') return fails(refused.text, 'Open a hedging account at the broker and start the EA there.');
  return hello === null ? waiting(HELLO_FIX) : passes(`${hello.margin_mode} account: each leg is a position of its own`);
};

const accountKind = ({ money, hello, refused }: Seen): Line => {
  const wanted = money === 'live' ? 'the account of real money that the configuration names' : 'a demo account';
  if (refused?.code === 'account-kind') return fails(refused.text, `Log in to ${wanted} in MetaTrader.`);
  return hello === null ? waiting(HELLO_FIX) : passes(`${hello.account_kind} account, this engine is set to ${money}`);
};

const fillingWords = ({ filling, exemode }: Hello['symbols'][number]): string => {
  const words = [...((filling & FILLING_IOC) === 0 ? [] : ['IOC']), ...((filling & FILLING_FOK) === 0 ? [] : ['FOK'])];
  if (words.length > 0) return words[0]!;
  return exemode === 'market' ? 'none' : 'RETURN';
};

const filling = ({ hello, symbols }: Seen): Line => {
  if (hello === null) return waiting(HELLO_FIX);
  const ours = hello.symbols.filter(({ name }) => symbols.includes(name));
  const words = ours.map((symbol) => `${symbol.name} ${fillingWords(symbol)} (${symbol.exemode} execution)`).join(', ');
  const bad = ours.find((symbol) => fillingWords(symbol) === 'none');
  if (bad !== undefined) return fails(words, `Ask the broker for IOC or FOK orders on ${bad.name}, or remove the instrument.`);
  return passes(words === '' ? 'no symbol of ours is in the map of the EA' : words);
};

const limits = ({ hello }: Seen): Line => {
  if (hello === null) return waiting(HELLO_FIX);
  const { max_lots_command: command, max_lots_total: total, max_commands_minute: rate, opening } = hello.limits;
  const detail = `${command} lots a command, ${total} lots in total, ${rate} commands a minute, opening ${opening ? 'allowed' : 'off'}`;
  return opening ? passes(detail) : fails(detail, 'Set InpAllowOpening to true in the inputs of the EA.');
};

const snapshot = ({ hello, snapshot: seen }: Seen): Line => {
  if (hello === null) return waiting(HELLO_FIX);
  if (!seen.complete)
    return {
      state: 'waiting',
      detail: 'the EA has not sent the account whole yet',
      fix: 'Wait until the terminal is connected to its broker.',
    };
  return passes(`${seen.positions} positions, equity ${seen.equity ?? '—'} ${seen.currency ?? ''}`.trimEnd());
};

/** In the order in which a person goes through them. */
export const checksOf = (seen: Seen): readonly TerminalCheck[] => [
  { code: 'account', label: 'Account', ...account(seen) },
  { code: 'account-mode', label: 'Hedging account', ...accountMode(seen) },
  { code: 'account-kind', label: seen.money === 'live' ? 'Real money' : 'Play money', ...accountKind(seen) },
  { code: 'filling', label: 'Filling', ...filling(seen) },
  { code: 'limits', label: 'Limits of the EA', ...limits(seen) },
  { code: 'snapshot', label: 'Snapshot', ...snapshot(seen) },
];
