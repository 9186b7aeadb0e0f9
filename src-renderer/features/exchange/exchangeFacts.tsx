/** What stands still about an exchange account: its checks with both figures, its links, allowances and refusals. */
import { memo } from 'react';
import type { AccountCheck, BudgetReport, ExchangeReport } from '../../../src-shared/domain/exchange.ts';
import type { VenueRow } from '../../../src-shared/domain/view.ts';
import { count, trueMinus, UNKNOWN } from '../../format/numbers.ts';
import { CheckLine } from '../../parts/checkLine.tsx';
import { useEngineTime } from '../../parts/useTick.ts';
import { percentilesText } from '../terminal/terminalText.ts';
import { clockOffsetText, reconciledText } from '../venues/venueText.ts';
import { DeadManClock } from './exchangeStrip.tsx';
import { budgetText, budgetTone, checkFigures, checkName, clockTone, deadManScope, keyExpiryText, orderedChecks } from './exchangeText.ts';

export const AccountChecks = memo(({ checks }: { readonly checks: readonly AccountCheck[] }) =>
  checks.length === 0 ? (
    <p className="empty m-0 py-2!">The account was not read yet: nothing is sent before.</p>
  ) : (
    <ol aria-label="Account checks" className="check-list is-named">
      {orderedChecks(checks).map((check) => (
        <CheckLine
          code={check.code}
          detail={checkFigures(check)}
          fix={trueMinus(check.fix)}
          key={`${check.code} ${check.instrumentId}`}
          name={checkName(check)}
          state={check.state}
        />
      ))}
    </ol>
  ),
);

const link = ({ up, detail }: ExchangeReport['entry']): string => `${up ? 'up' : 'down'} · ${detail === '' ? UNKNOWN : detail}`;

export const AccountFigures = ({ venue, report }: { readonly venue: VenueRow; readonly report: ExchangeReport }) => {
  const nowMs = useEngineTime(1_000);
  const [agrees, agreesTone] = reconciledText(venue, nowMs);
  const scope = deadManScope(venue.protocol);
  const expiry = keyExpiryText(report.keyExpiresUnixMs, nowMs);
  return (
    <dl className="figure-list">
      <dt>Order entry</dt>
      <dd className={report.entry.up ? '' : 'tone-error'}>{link(report.entry)}</dd>
      <dt>Private stream</dt>
      <dd className={report.stream.up ? '' : 'tone-error'}>{link(report.stream)}</dd>
      <dt>Books</dt>
      <dd className={agreesTone}>{agrees}</dd>
      <dt>Equity</dt>
      <dd>{venue.equity === null ? UNKNOWN : `${venue.equity} ${venue.equityCcy ?? ''}`}</dd>
      <dt>Clock beside ours</dt>
      <dd className={clockTone(venue.clockOffsetMs)}>{clockOffsetText(venue.clockOffsetMs, venue.clockUncertaintyMs)} ms</dd>
      <dt>Dead-man timer</dt>
      <dd>
        <DeadManClock report={report} venue={venue} />
        {scope !== null && <span className="block tone-faint">{scope}</span>}
      </dd>
      <dt>Acknowledged, p50 / p95</dt>
      <dd>{percentilesText(report.toAck)}</dd>
      <dt>First fill, p50 / p95</dt>
      <dd>{percentilesText(report.toFill)}</dd>
      {expiry !== null && (
        <>
          <dt>Key ends</dt>
          <dd className={expiry[1]}>{expiry[0]}</dd>
        </>
      )}
    </dl>
  );
};

export const Allowances = ({ budgets }: { readonly budgets: readonly BudgetReport[] }) => {
  const nowMs = useEngineTime(1_000);
  if (budgets.length === 0) return <p className="empty m-0 py-2!">None is counted yet.</p>;
  return (
    <dl aria-label="Allowances" className="figure-list">
      {budgets.map((budget) => (
        <div className="contents" key={budget.name}>
          <dt>
            {budget.name} <span className="tone-faint">in {budget.windowMs / 1_000} s</span>
          </dt>
          <dd className={budgetTone(budget, nowMs)}>{budgetText(budget, nowMs)}</dd>
        </div>
      ))}
    </dl>
  );
};

export const Refusals = memo(({ rejects }: Pick<ExchangeReport, 'rejects'>) =>
  rejects.length === 0 ? (
    <p className="empty m-0 py-2!">No order was refused since the start.</p>
  ) : (
    <ul aria-label="Refused orders" className="m-0 list-none px-3 py-1 leading-relaxed">
      {rejects.map(({ code, text, count: times }) => (
        <li key={`${code} ${text}`}>
          <span className="strong">{count(times)} ×</span> <span className="tone-warn">{code}</span>{' '}
          <span className="tone-dim">{trueMinus(text)}</span>
        </li>
      ))}
    </ul>
  ),
);
