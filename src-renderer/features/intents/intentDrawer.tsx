/** One intent whole: every figure that led to it, both quotes, all gates, as the journal holds them. */
import { Dialog } from '@base-ui/react/dialog';
import { useEffect, useState } from 'react';
import { X } from 'lucide-react';
import { useLiveConsole } from '../../connection/console.ts';
import { bps, percentOf, signedText, plain, quantity, trueMinus, UNKNOWN } from '../../format/numbers.ts';
import { age, isoUtc, preciseClockText } from '../../format/times.ts';
import { useZone } from '../../parts/useZone.ts';
import { openGroup, useUi } from '../../store/uiStore.ts';
import type { Intent } from '../../../src-shared/domain/opportunity.ts';
import type { QuoteEvidence } from '../../../src-shared/domain/quote.ts';
import { GATE_NAMES, gateFigures } from '../whyNot/gateText.ts';

type Loaded =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly text: string }
  | { readonly kind: 'ready'; readonly intent: Intent };

const useIntent = (intentId: string | null): Loaded => {
  const { client } = useLiveConsole();
  const [answer, setAnswer] = useState<{ readonly of: string; readonly loaded: Loaded } | null>(null);
  useEffect(() => {
    if (intentId === null) return undefined;
    let over = false;
    const asked = client()?.intent({ intentId }) ?? Promise.reject(new Error('not connected: the intent cannot be read now'));
    const settle = (loaded: Loaded): void => {
      if (!over) setAnswer({ of: intentId, loaded });
    };
    asked.then(
      (intent) => settle({ kind: 'ready', intent }),
      (error: unknown) => settle({ kind: 'failed', text: error instanceof Error ? error.message : String(error) }),
    );
    return () => {
      over = true;
    };
  }, [client, intentId]);
  return answer === null || answer.of !== intentId ? { kind: 'loading' } : answer.loaded;
};

const Figures = ({ entries }: { readonly entries: ReadonlyArray<readonly [string, string]> }) => (
  <dl className="figure-list">
    {entries.map(([name, value]) => (
      <div className="contents" key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);

const QuoteTable = ({ quotes }: { readonly quotes: readonly QuoteEvidence[] }) => {
  const zone = useZone();
  return (
    <table className="grid-table">
      <caption className="sr-only">Quotes relied on</caption>
      <thead>
        <tr>
          {['Instrument', 'Bid', 'Bid qty', 'Ask', 'Ask qty', 'Received', 'Age'].map((head, index) => (
            <th className={index > 0 ? 'num' : ''} key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {quotes.map((quote) => (
          <tr key={quote.instrumentId} title={`venue time ${isoUtc(quote.venueMs) || UNKNOWN}, update id ${quote.updateId ?? UNKNOWN}`}>
            <th scope="row">{quote.instrumentId}</th>
            <td className="num">{quote.bidPx}</td>
            <td className="num tone-dim">{quote.bidQty ?? UNKNOWN}</td>
            <td className="num">{quote.askPx}</td>
            <td className="num tone-dim">{quote.askQty ?? UNKNOWN}</td>
            <td className="num tone-dim">{preciseClockText(quote.receivedUnixMs, zone)}</td>
            <td className="num">{age(quote.ageMs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

const signalFigures = (intent: Intent): ReadonlyArray<readonly [string, string]> => [
  ['Spread, executable', `${bps(intent.spreadBps)} bp`],
  ['Spread, rechecked in decimals', `${signedText(intent.exactSpreadBps)} bp`],
  ['Edge after all costs', `${bps(intent.edgeBps)} bp`],
  ['Entry spread of the rule', `${bps(intent.entrySpreadBps)} bp`],
  ['Centre', `${bps(intent.centreBps)} bp`],
  ['Deviation / threshold', `${bps(intent.deviationBps)} / ${plain(intent.thresholdBps, 1)} bp`],
  [
    'p50 · p75 · p90 · p99',
    [intent.percentiles.p50, intent.percentiles.p75, intent.percentiles.p90, intent.percentiles.p99].map(bps).join(' · '),
  ],
  ['Trigger rate', `${percentOf(intent.triggerRate, 2)} %`],
  ['Coverage of the window', `${percentOf(intent.coverage)} %`],
  ['Executable quantity, base', quantity(intent.executableBaseQty)],
  ['Conversion rate', quantity(intent.conversionRate)],
];

const costFigures = ({ costs }: Intent): ReadonlyArray<readonly [string, string]> => [
  ['Taker fees', bps(costs.feesBps)],
  ['Commission', bps(costs.commissionBps)],
  ['Slippage', bps(costs.slippageBps)],
  ['Carry', bps(costs.carryBps)],
  ['Leaving', bps(costs.exitSpreadBps)],
  ['Total', `${bps(costs.totalBps)} bp`],
];

const Disposition = ({ intent: { disposition, groupId } }: { readonly intent: Intent }) => (
  <>
    <span className={disposition === 'hedging' ? 'strong' : 'tone-warn'}>
      {disposition}
      {disposition !== 'hedging' && ': nothing was sent'}
    </span>
    {groupId !== null && (
      <button className="tool is-outlined ml-2" onClick={() => openGroup(groupId)} type="button">
        Group {groupId}
      </button>
    )}
  </>
);

const Body = ({ intent }: { readonly intent: Intent }) => (
  <>
    <p className="headline m-0">
      <strong>{intent.pairId}</strong> · {intent.direction} · episode {intent.episode} · {isoUtc(intent.proposedUnixMs)} ·{' '}
      <Disposition intent={intent} />
    </p>
    {intent.denials.length > 0 && (
      <>
        <h3>Denied by</h3>
        <ul className="m-0 list-disc py-1 pl-8">
          {intent.denials.map((denial) => (
            <li key={`${denial.code} ${denial.text}`}>
              <span className="tone-warn strong">{denial.code}</span> {trueMinus(denial.text)}
            </li>
          ))}
        </ul>
      </>
    )}
    <h3>Quotes relied on</h3>
    <div className="overflow-x-auto">
      <QuoteTable quotes={intent.quotes} />
    </div>
    <h3>Signal</h3>
    <Figures entries={signalFigures(intent)} />
    <h3>Costs of the round trip, bp of mid</h3>
    <Figures entries={costFigures(intent)} />
    <h3>Gates</h3>
    <ol className="gate-list">
      {intent.gates.map((gate) => (
        <li className={`gate${gate.passed ? '' : ' is-failed'}`} key={gate.code}>
          <span aria-hidden="true">{gate.passed ? '✓' : '✗'}</span>
          <span className="gate-name">
            {GATE_NAMES[gate.code]}
            <span className="sr-only">{gate.passed ? ' passed' : ' failed'}</span>
          </span>
          <span className="gate-figures">{gateFigures(gate)}</span>
          <span className="gate-note">{trueMinus(gate.note)}</span>
        </li>
      ))}
    </ol>
  </>
);

export const IntentDrawer = () => {
  const intentId = useUi((ui) => ui.drawerIntentId);
  const loaded = useIntent(intentId);
  return (
    <Dialog.Root modal={false} onOpenChange={(next) => !next && useUi.setState({ drawerIntentId: null })} open={intentId !== null}>
      <Dialog.Portal>
        <Dialog.Popup className="drawer">
          <div className="panel-head">
            <Dialog.Title>Intent {intentId}</Dialog.Title>
            <Dialog.Close aria-label="Close" className="tool ml-auto">
              <X aria-hidden="true" size={14} />
            </Dialog.Close>
          </div>
          {loaded.kind === 'loading' && <p className="empty m-0">Reading the journal…</p>}
          {loaded.kind === 'failed' && <p className="empty m-0 tone-error">{loaded.text}</p>}
          {loaded.kind === 'ready' && <Body intent={loaded.intent} />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
};
