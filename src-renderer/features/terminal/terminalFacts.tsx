/** What stands still about a terminal: its hand-shake, its account, and what a lot is on the other leg. */
import { useShallow } from 'zustand/react/shallow';
import { identityText } from '../../../src-shared/domain/notionalIdentity.ts';
import type { TerminalCheck } from '../../../src-shared/domain/metatrader.ts';
import type { MetatraderReport } from '../../../src-shared/domain/venueLink.ts';
import { count, trueMinus, UNKNOWN } from '../../format/numbers.ts';
import { age } from '../../format/times.ts';
import { CheckLine } from '../../parts/checkLine.tsx';
import { venueOf } from '../../parts/names.ts';
import { useConsole } from '../../store/consoleStore.ts';
import { MODE_WORDS } from './terminalText.ts';

export const Handshake = ({ checks }: { readonly checks: readonly TerminalCheck[] }) => (
  <ol aria-label="Hand-shake" className="check-list">
    {checks.map(({ code, state, label, detail, fix }) => (
      <CheckLine code={code} detail={trueMinus(detail)} fix={fix} key={code} name={label} state={state} />
    ))}
  </ol>
);

/** What is asked of a person who has connected nothing yet. */
export const FirstSteps = () => (
  <ol aria-label="First steps" className="m-0 list-decimal py-2 pr-3 pl-8 tone-dim leading-relaxed">
    <li>Run “quant-arb ea --to” with MetaTrader’s data folder: it copies the EA there and prints its inputs.</li>
    <li>Compile QuantArb.mq5 in MetaEditor (F7) and attach it to one chart.</li>
    <li>Allow this engine’s address under Tools, Options, Expert Advisors.</li>
    <li>Press the Algo Trading button. This page then ticks off the hand-shake.</li>
  </ol>
);

const money = (amount: string | null, ccy: string | null): string => (amount === null ? UNKNOWN : `${amount} ${ccy ?? ''}`.trim());

/** `[name, value]`, from the account to the connection. */
export const accountFigures = (report: MetatraderReport): ReadonlyArray<readonly [string, string]> => {
  const { terminal = null } = report;
  const account = [report.login, report.server].filter((part) => part !== null).join(' at ');
  const orders: ReadonlyArray<readonly [string, string]> =
    terminal === null
      ? []
      : [
          ['Free margin', money(terminal.marginFree, report.currency)],
          [
            'Open positions, all',
            terminal.openPositions === null ? UNKNOWN : `${terminal.openPositions} · ${terminal.openLots ?? UNKNOWN} lots`,
          ],
          ['The EA may', MODE_WORDS[terminal.mode]],
          ['Commands under way', count(terminal.liveCommands)],
        ];
  return [
    ['Account', account === '' ? UNKNOWN : account],
    ['Kind · mode', `${terminal?.accountKind ?? UNKNOWN} · ${report.marginMode ?? UNKNOWN}`],
    ['Broker', report.company ?? UNKNOWN],
    ['Equity', money(report.equity, report.currency)],
    ...orders,
    ['Terminal · EA', `build ${report.terminalBuild ?? UNKNOWN} · ${report.eaVersion ?? UNKNOWN}`],
    [
      'Server time',
      report.declaredUtcOffsetS === null
        ? UNKNOWN
        : `UTC${report.declaredUtcOffsetS < 0 ? '−' : '+'}${Math.abs(report.declaredUtcOffsetS) / 3_600} h`,
    ],
    ['Ping to broker', report.pingUs === null ? UNKNOWN : age(report.pingUs / 1_000)],
    ['Slowest post', report.httpUsMax === null ? UNKNOWN : age(report.httpUsMax / 1_000)],
  ];
};

export const AccountFigures = ({ report }: { readonly report: MetatraderReport }) => (
  <dl className="figure-list">
    {accountFigures(report).map(([name, value]) => (
      <div className="contents" key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);

/** `1.00 lot XAUUSD = 100 XAU = 100,000 contracts XAU-USDT-SWAP`, a line for each pair of the terminal. */
export const Identities = ({ venueId }: { readonly venueId: string }) => {
  const lines = useConsole(
    useShallow((state) =>
      Object.values(state.tables.pairs).flatMap(({ a, b }) => {
        const [own, other] = venueOf(a) === venueId ? [a, b] : [b, a];
        if (venueOf(own) !== venueId) return [];
        const [lots, units] = [state.tables.instruments[own]?.described ?? null, state.tables.instruments[other]?.described ?? null];
        return [lots === null || units === null ? `${own} and ${other}: not described yet` : identityText(lots, units)];
      }),
    ),
  );
  if (lines.length === 0) return <p className="empty m-0 py-2!">No pair uses this terminal.</p>;
  return (
    <ul aria-label="What a lot is" className="m-0 list-none px-3 py-2 leading-relaxed">
      {[...new Set(lines)].map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
};
