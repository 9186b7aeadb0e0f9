/**
 * RESET in two steps: a reason, then an explicit confirmation. Not modal, so that KILL stays within reach. The conditions
 * of the moment are listed while it is open; the engine alone decides.
 */
import { Dialog } from '@base-ui/react/dialog';
import { useEffect, useState } from 'react';
import { trueMinus } from '../../format/numbers.ts';
import { MAX_REASON_LENGTH } from '../../../src-shared/contract/contract.ts';
import type { KillLatch, StopScope } from '../../../src-shared/domain/tradingState.ts';
import type { CommandResult } from '../../connection/asks.ts';
import { useLiveConsole } from '../../connection/console.ts';
import { utcClock } from '../../format/times.ts';
import { ConsoleDialog, Refusal } from '../../parts/consoleDialog.tsx';
import { engineRowOf, useConsole, useEngineField } from '../../store/consoleStore.ts';
import { closeDialog } from '../../store/uiStore.ts';
import { LEVEL_WORDS, latchOf, scopeText } from './stops.ts';

const ReasonStep = ({
  reason,
  onReason,
  onNext,
}: {
  readonly reason: string;
  readonly onReason: (text: string) => void;
  readonly onNext: () => void;
}) => (
  <form
    onSubmit={(event) => {
      event.preventDefault();
      if (reason.trim() !== '') onNext();
    }}
  >
    <label className="mt-3 block">
      <span className="mb-1 block tone-dim">Step 1 of 2 · Reason (goes to the ledger)</span>
      <textarea maxLength={MAX_REASON_LENGTH} onChange={(event) => onReason(event.target.value)} required rows={2} value={reason} />
    </label>
    <div className="mt-3 flex justify-end gap-2">
      <Dialog.Close className="control">Cancel</Dialog.Close>
      <button className="control" disabled={reason.trim() === ''} type="submit">
        Continue
      </button>
    </div>
  </form>
);

const ConfirmStep = ({
  reason,
  scope,
  busy,
  onBack,
  onReset,
}: {
  readonly reason: string;
  readonly scope: StopScope;
  readonly busy: boolean;
  readonly onBack: () => void;
  readonly onReset: () => void;
}) => (
  <>
    <p className="mt-3 mb-1 tone-dim">Step 2 of 2 · Confirm</p>
    <p className="m-0">
      {scope === 'all' ? 'End the kill latch and stay DISARMED.' : `End the stop of ${scopeText(scope)}.`} Reason:{' '}
      <strong>{reason.trim()}</strong>
    </p>
    <div className="mt-3 flex justify-end gap-2">
      <button className="control" disabled={busy} onClick={onBack} type="button">
        Back
      </button>
      <button className="control is-grave" disabled={busy} onClick={onReset} type="button">
        Confirm reset
      </button>
    </div>
  </>
);

const ResetForm = ({ scope }: { readonly scope: StopScope }) => {
  const { commands } = useLiveConsole();
  const [reason, setReason] = useState('');
  const [step, setStep] = useState<'reason' | 'confirm'>('reason');
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<CommandResult | null>(null);
  const reset = async (): Promise<void> => {
    setBusy(true);
    const outcome = await commands.run({ name: 'reset', reason: reason.trim(), scope });
    setBusy(false);
    setResult(outcome);
    if (outcome.kind === 'done') closeDialog();
  };
  return (
    <>
      {step === 'reason' ? (
        <ReasonStep onNext={() => setStep('confirm')} onReason={setReason} reason={reason} />
      ) : (
        <ConfirmStep busy={busy} onBack={() => setStep('reason')} onReset={() => void reset()} reason={reason} scope={scope} />
      )}
      <Refusal result={result} what="Not reset" />
    </>
  );
};

const Conditions = () => {
  const conditions = useEngineField('resetConditions') ?? [];
  return (
    <div className="mt-3">
      <h3 className="dialog-head">
        {conditions.length === 0 ? 'Every condition of a reset is met now' : 'A reset is refused now because'}
      </h3>
      {conditions.length > 0 && (
        <ul aria-label="Conditions" className="m-0 list-disc pl-5 tone-warn">
          {conditions.map((condition) => (
            <li key={condition}>{trueMinus(condition)}</li>
          ))}
        </ul>
      )}
    </div>
  );
};

const latchWords = ({ level, latchedUnixMs, by, source, reason, remaining }: KillLatch): string => {
  const told = reason === '' ? '' : `: ${reason}`;
  const rest = remaining.length > 0 ? `Remaining: ${remaining.join('; ')}.` : 'Nothing remains open.';
  return `${LEVEL_WORDS[level]}, latched ${utcClock(latchedUnixMs)} by ${by} (${source})${told}. ${rest}`;
};

export const ResetDialog = ({ scope }: { readonly scope: StopScope }) => {
  const latch = useConsole((state) => latchKey(latchOf(engineRowOf(state), scope)));
  const words = latch === null ? 'It is not latched any more.' : latchWords(JSON.parse(latch) as KillLatch);
  useEffect(() => {
    if (latch === null) closeDialog();
  }, [latch]);
  return (
    <ConsoleDialog description={words} title={scope === 'all' ? 'Reset the kill switch' : `Reset the stop of ${scopeText(scope)}`}>
      {scope === 'all' && <Conditions />}
      <ResetForm scope={scope} />
    </ConsoleDialog>
  );
};

/** A scoped latch is composed anew at each look: as text it compares. */
const latchKey = (latch: KillLatch | null): string | null => (latch === null ? null : JSON.stringify(latch));
