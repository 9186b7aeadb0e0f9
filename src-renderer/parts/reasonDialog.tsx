/** An act that goes to the ledger with a reason: one sentence of what will happen, the reason, and the engine's answer. */
import { Dialog } from '@base-ui/react/dialog';
import { useState, type ReactNode } from 'react';
import { MAX_REASON_LENGTH } from '../../src-shared/contract/contract.ts';
import type { Ask, CommandResult } from '../connection/asks.ts';
import { useLiveConsole } from '../connection/console.ts';
import { useIsLive } from '../store/consoleStore.ts';
import { closeDialog } from '../store/uiStore.ts';
import { ConsoleDialog, Refusal } from './consoleDialog.tsx';

interface ReasonDialogProps {
  readonly title: string;
  readonly beside?: ReactNode;
  /** What will be sent or booked, in one sentence. */
  readonly sentence: ReactNode;
  /** null = what is entered is not complete. */
  readonly askOf: (reason: string) => Ask | null;
  /** Before the reason: further fields. */
  readonly children?: ReactNode;
}

export const ReasonDialog = ({ title, beside, sentence, askOf, children }: ReasonDialogProps) => {
  const { commands } = useLiveConsole();
  const isLive = useIsLive();
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<CommandResult | null>(null);
  const ask = reason.trim() === '' ? null : askOf(reason.trim());
  const submit = async (): Promise<void> => {
    if (ask === null || busy) return;
    setBusy(true);
    const outcome = await commands.run(ask);
    setBusy(false);
    setResult(outcome);
    if (outcome.kind === 'done') closeDialog();
  };
  return (
    <ConsoleDialog beside={beside} description={sentence} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {children}
        <label className="mt-3 block">
          <span className="mb-1 block tone-dim">Reason (goes to the ledger)</span>
          <textarea
            aria-label="Reason"
            maxLength={MAX_REASON_LENGTH}
            onChange={(event) => setReason(event.target.value)}
            required
            rows={2}
            value={reason}
          />
        </label>
        {!isLive && <p className="m-0 mt-2 tone-warn">Not connected: nothing can be sent now, and nothing will be kept for later.</p>}
        <Refusal result={result} what="Not done" />
        <div className="mt-3 flex justify-end gap-2">
          <Dialog.Close className="control">Cancel</Dialog.Close>
          <button className="control is-grave" disabled={ask === null || busy || !isLive} type="submit">
            Confirm
          </button>
        </div>
      </form>
    </ConsoleDialog>
  );
};
