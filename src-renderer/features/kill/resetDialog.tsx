/**
 * RESET in two steps: a reason, then an explicit confirmation. Not modal, so that KILL stays within reach. Refused
 * conditions are listed in the engine's words.
 */
import { Dialog } from '@base-ui/react/dialog';
import { useEffect, useState } from 'react';
import { MAX_REASON_LENGTH } from '../../../src-shared/contract/contract.ts';
import type { CommandResult } from '../../connection/commands.ts';
import { useLiveConsole } from '../../connection/console.ts';
import { utcClock } from '../../format/times.ts';
import { useEngineField } from '../../store/consoleStore.ts';

interface ResetDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

const Outcome = ({ result }: { readonly result: CommandResult | null }) => {
  if (result === null || result.kind === 'done') return null;
  return (
    <div className="mt-3 tone-error" role="alert">
      <p className="m-0">Not reset: {result.text}</p>
      {result.kind === 'refused' && result.conditions.length > 0 && (
        <ul className="m-0 mt-1 list-disc pl-5">
          {result.conditions.map((condition) => (
            <li key={condition}>{condition}</li>
          ))}
        </ul>
      )}
    </div>
  );
};

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
      <textarea maxLength={MAX_REASON_LENGTH} onChange={(event) => onReason(event.target.value)} required rows={3} value={reason} />
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
  busy,
  onBack,
  onReset,
}: {
  readonly reason: string;
  readonly busy: boolean;
  readonly onBack: () => void;
  readonly onReset: () => void;
}) => (
  <>
    <p className="mt-3 mb-1 tone-dim">Step 2 of 2 · Confirm</p>
    <p className="m-0">
      End the kill latch and stay DISARMED. Reason: <strong>{reason.trim()}</strong>
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

const ResetForm = ({ onClose }: { readonly onClose: () => void }) => {
  const { commands } = useLiveConsole();
  const [reason, setReason] = useState('');
  const [step, setStep] = useState<'reason' | 'confirm'>('reason');
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<CommandResult | null>(null);
  const reset = async (): Promise<void> => {
    setBusy(true);
    const outcome = await commands.run('reset', reason.trim());
    setBusy(false);
    setResult(outcome);
    if (outcome.kind === 'done') onClose();
  };
  return (
    <>
      {step === 'reason' ? (
        <ReasonStep onNext={() => setStep('confirm')} onReason={setReason} reason={reason} />
      ) : (
        <ConfirmStep busy={busy} onBack={() => setStep('reason')} onReset={() => void reset()} reason={reason} />
      )}
      <Outcome result={result} />
    </>
  );
};

export const ResetDialog = ({ open, onClose }: ResetDialogProps) => {
  const latch = useEngineField('kill');
  useEffect(() => {
    if (latch === null && open) onClose();
  }, [latch, open, onClose]);
  return (
    <Dialog.Root modal={false} onOpenChange={(next) => !next && onClose()} open={open}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog">
          <Dialog.Title>Reset the kill switch</Dialog.Title>
          <Dialog.Description className="m-0">
            {latch === null
              ? 'The kill switch is not latched.'
              : `Latched ${utcClock(latch.latchedUnixMs)} by ${latch.by} (${latch.source})${latch.reason === '' ? '' : `: ${latch.reason}`}. `}
            {latch !== null && (latch.remaining.length > 0 ? `Remaining: ${latch.remaining.join('; ')}.` : 'Nothing remains open.')}
          </Dialog.Description>
          {open && <ResetForm onClose={onClose} />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
};
