/** HANDS OFF, typed: the one stop that also forbids cancels and repairs, so it is never one click away. */
import { Dialog } from '@base-ui/react/dialog';
import { useState } from 'react';
import { MAX_REASON_LENGTH } from '../../../src-shared/contract/contract.ts';
import type { StopScope } from '../../../src-shared/domain/tradingState.ts';
import { useLiveConsole } from '../../connection/console.ts';
import { ConsoleDialog } from '../../parts/consoleDialog.tsx';
import { useIsLive } from '../../store/consoleStore.ts';
import { closeDialog } from '../../store/uiStore.ts';
import { DEAD_NOTE } from './killText.ts';
import { scopeText } from './stops.ts';

export const HANDS_OFF_TYPED = 'HANDS OFF';

export const HandsOffDialog = ({ scope }: { readonly scope: StopScope }) => {
  const { commands } = useLiveConsole();
  const isLive = useIsLive();
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const isTyped = typed.trim() === HANDS_OFF_TYPED;
  const submit = (): void => {
    if (!isTyped) return;
    commands.press({ level: 'hands-off', scope }, reason.trim());
    closeDialog();
  };
  return (
    <ConsoleDialog
      beside={scopeText(scope)}
      description="From this moment the engine sends nothing at all: no orders, no cancels, no repairs. Naked legs stay naked until somebody acts at the venue itself."
      title="Hands off"
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <label className="mt-3 block">
          <span className="mb-1 block tone-dim">Type {HANDS_OFF_TYPED} to confirm</span>
          <input
            aria-label={`Type ${HANDS_OFF_TYPED}`}
            autoComplete="off"
            className="field is-typed"
            onChange={(event) => setTyped(event.target.value)}
            value={typed}
          />
        </label>
        <label className="mt-2 block">
          <span className="mb-1 block tone-dim">Reason</span>
          <input
            className="field is-typed"
            maxLength={MAX_REASON_LENGTH}
            onChange={(event) => setReason(event.target.value)}
            value={reason}
          />
        </label>
        {!isLive && <p className="m-0 mt-2 tone-warn">NOT CONNECTED: {DEAD_NOTE}</p>}
        <div className="mt-3 flex justify-end gap-2">
          <Dialog.Close className="control">Cancel</Dialog.Close>
          <button className={`control is-grave${isLive ? '' : ' is-dead'}`} disabled={!isTyped} type="submit">
            Take hands off
          </button>
        </div>
      </form>
    </ConsoleDialog>
  );
};
