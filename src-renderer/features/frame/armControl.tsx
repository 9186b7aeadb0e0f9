/** Arming: at once where it is possible, else the list of what stands against it. Never retried, never kept for later. */
import { Dialog } from '@base-ui/react/dialog';
import { trueMinus } from '../../format/numbers.ts';
import { useLiveConsole } from '../../connection/console.ts';
import { ConsoleDialog } from '../../parts/consoleDialog.tsx';
import { useEngineField, useIsLive } from '../../store/consoleStore.ts';
import { closeDialog, openDialog } from '../../store/uiStore.ts';

const ARM_TITLES = {
  paper: 'From then on intents become orders, on paper',
  demo: 'From then on intents become orders, with play money',
  live: 'Real money: asks for the accounts and the worst case to be typed',
} as const;

export const ArmControl = () => {
  const { commands } = useLiveConsole();
  const isLive = useIsLive();
  const armed = useEngineField('armed');
  const conditions = useEngineField('armConditions') ?? [];
  const mode = useEngineField('mode');
  const arm = async (): Promise<void> => {
    if (conditions.length > 0) {
      openDialog({ kind: 'arm-refused', conditions });
      return;
    }
    // Real money is armed by what was typed, never by a press alone; the engine refuses it too.
    if (mode === 'live') {
      openDialog({ kind: 'arm-live' });
      return;
    }
    const result = await commands.run({ name: 'arm', reason: '' });
    if (result.kind === 'refused') openDialog({ kind: 'arm-refused', conditions: result.conditions });
  };
  const title = isLive ? undefined : 'Not connected: nothing can be sent now';
  return armed === true ? (
    <button
      className="control is-small"
      disabled={!isLive}
      onClick={() => void commands.run({ name: 'disarm', reason: '' })}
      title={title ?? 'Intents stop becoming orders; open groups run their course'}
      type="button"
    >
      Disarm
    </button>
  ) : (
    <button
      className="control is-small"
      disabled={!isLive || armed === null}
      onClick={() => void arm()}
      title={title ?? ARM_TITLES[mode ?? 'paper']}
      type="button"
    >
      {mode === 'live' ? 'Arm LIVE…' : 'Arm'}
    </button>
  );
};

/** The conditions of the moment; they may have gone since it was opened. */
export const ArmRefusedDialog = ({ conditions }: { readonly conditions: readonly string[] }) => {
  const { commands } = useLiveConsole();
  const isLive = useIsLive();
  const now = useEngineField('armConditions') ?? [];
  const listed = now.length > 0 ? now : conditions;
  const isPossible = now.length === 0 && isLive;
  const mode = useEngineField('mode');
  const retry = async (): Promise<void> => {
    if (mode === 'live') return openDialog({ kind: 'arm-live' });
    const result = await commands.run({ name: 'arm', reason: '' });
    if (result.kind === 'done') closeDialog();
    else if (result.kind === 'refused') openDialog({ kind: 'arm-refused', conditions: result.conditions });
    return undefined;
  };
  return (
    <ConsoleDialog
      description={isPossible ? 'It was refused; nothing stands against it now.' : 'The engine does not arm now, because:'}
      title="Cannot arm"
    >
      <ul aria-label="Conditions" className={`m-0 mt-2 list-disc pl-5 ${isPossible ? 'tone-dim' : 'tone-warn'}`}>
        {listed.map((condition) => (
          <li key={condition}>{trueMinus(condition)}</li>
        ))}
      </ul>
      <div className="mt-3 flex justify-end gap-2">
        <Dialog.Close className="control">Close</Dialog.Close>
        {isPossible && (
          <button className="control is-grave" onClick={() => void retry()} type="button">
            Try again
          </button>
        )}
      </div>
    </ConsoleDialog>
  );
};
