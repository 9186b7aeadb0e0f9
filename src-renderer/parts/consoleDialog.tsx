/**
 * The shell of every dialog: titled, below the dock, never modal, so that KILL stays within reach of pointer and key.
 * A press elsewhere does not close it: what is being decided is closed by a decision.
 */
import { Dialog } from '@base-ui/react/dialog';
import type { ReactNode, RefObject } from 'react';
import { trueMinus } from '../format/numbers.ts';
import type { CommandResult } from '../connection/asks.ts';
import { closeDialog } from '../store/uiStore.ts';

interface ConsoleDialogProps {
  readonly title: string;
  readonly beside?: ReactNode;
  readonly description?: ReactNode;
  readonly wide?: boolean;
  /** false: the focus stays where it is. */
  readonly initialFocus?: boolean | RefObject<HTMLElement | null>;
  readonly children: ReactNode;
}

export const ConsoleDialog = ({ title, beside, description, wide = false, initialFocus = true, children }: ConsoleDialogProps) => (
  <Dialog.Root disablePointerDismissal modal={false} onOpenChange={(next) => !next && closeDialog()} open>
    <Dialog.Portal>
      <Dialog.Backdrop className="backdrop" />
      <Dialog.Popup className={wide ? 'dialog is-wide' : 'dialog'} initialFocus={initialFocus}>
        <div className="mb-2 flex flex-wrap items-baseline gap-x-3">
          <Dialog.Title className="m-0!">{title}</Dialog.Title>
          {beside !== undefined && <span className="tone-dim">{beside}</span>}
        </div>
        {description !== undefined && <Dialog.Description className="m-0">{description}</Dialog.Description>}
        {children}
      </Dialog.Popup>
    </Dialog.Portal>
  </Dialog.Root>
);

/** Why it was not done, with every condition the engine named. */
export const Refusal = ({ result, what }: { readonly result: CommandResult | null; readonly what: string }) => {
  if (result === null || result.kind === 'done') return null;
  return (
    <div className="mt-3 tone-error" role="alert">
      <p className="m-0">
        {what}: {result.text}
      </p>
      {result.kind === 'refused' && result.conditions.length > 0 && (
        <ul className="m-0 mt-1 list-disc pl-5">
          {result.conditions.map((condition) => (
            <li key={condition}>{trueMinus(condition)}</li>
          ))}
        </ul>
      )}
    </div>
  );
};
