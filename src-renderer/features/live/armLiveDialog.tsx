/**
 * Arming real money: the accounts and the worst case are read and typed, letter for letter. Pasting and dropping are refused,
 * because the typing is the point: whoever writes each account and the sum has read them. Dictation and switch keyboards type.
 */
import { Dialog } from '@base-ui/react/dialog';
import { useState, type SyntheticEvent } from 'react';
import { confirms, MAX_CONFIRMATION_LENGTH } from '../../../src-shared/domain/live.ts';
import type { CommandResult } from '../../connection/asks.ts';
import { useLiveConsole } from '../../connection/console.ts';
import { trueMinus } from '../../format/numbers.ts';
import { ConsoleDialog, Refusal } from '../../parts/consoleDialog.tsx';
import { useEngineField, useIsLive } from '../../store/consoleStore.ts';
import { closeDialog } from '../../store/uiStore.ts';
import { rungPlace, worstCaseText } from './liveText.ts';

const REFUSED = 'Pasting is off here: type it, so that every account and the sum have been read.';

export const ArmLiveDialog = () => {
  const { commands } = useLiveConsole();
  const isLive = useIsLive();
  const live = useEngineField('live') ?? null;
  // What came to stand against it while it was being typed: a KILL, a venue that went.
  const against = useEngineField('armConditions') ?? [];
  const [typed, setTyped] = useState('');
  const [said, setSaid] = useState('');
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<CommandResult | null>(null);
  if (live === null) return null;
  const { phrase } = live;
  const matches = phrase !== null && confirms(typed, phrase);
  const refuse = (event: SyntheticEvent): void => {
    event.preventDefault();
    setSaid(REFUSED);
  };
  const submit = async (): Promise<void> => {
    if (!matches || busy || against.length > 0) return;
    setBusy(true);
    const outcome = await commands.run({ name: 'arm', reason: '', confirmation: typed });
    setBusy(false);
    setResult(outcome);
    if (outcome.kind === 'done') closeDialog();
  };
  return (
    <ConsoleDialog
      beside={rungPlace(live)}
      description={
        <>
          From then on intents become orders with <strong>real money</strong>. Worst case now: <strong>{worstCaseText(live)}</strong>,{' '}
          {trueMinus(live.worstCaseWhy)}.
        </>
      }
      title="Arm LIVE"
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <p className="m-0 mt-3 tone-dim" id="live-phrase-label">
          Type this, letter for letter:
        </p>
        <p className="live-phrase" data-testid="live-phrase" id="live-phrase">
          {phrase ?? 'Nothing can be typed: the worst case cannot be said now.'}
        </p>
        <input
          aria-describedby="live-phrase"
          aria-label="Confirmation"
          autoCapitalize="off"
          autoComplete="off"
          autoCorrect="off"
          className="field is-typed w-full!"
          maxLength={MAX_CONFIRMATION_LENGTH}
          onChange={(event) => {
            setTyped(event.target.value);
            setSaid('');
          }}
          onDrop={refuse}
          onPaste={refuse}
          spellCheck={false}
          value={typed}
        />
        <output className="mt-1 block tone-warn">{said !== '' ? said : matches ? '' : typed === '' ? '' : 'Not the same yet.'}</output>
        {!isLive && <p className="m-0 mt-2 tone-warn">Not connected: nothing can be sent now, and nothing will be kept for later.</p>}
        {against.length > 0 && (
          <>
            <p className="m-0 mt-2 tone-warn">The engine does not arm now, because:</p>
            <ul aria-label="Conditions" className="m-0 list-disc pl-5 tone-warn">
              {against.map((condition) => (
                <li className="wrap-anywhere" key={condition}>
                  {trueMinus(condition)}
                </li>
              ))}
            </ul>
          </>
        )}
        <Refusal result={result} what="Not armed" />
        <div className="mt-3 flex justify-end gap-2">
          <Dialog.Close className="control">Cancel</Dialog.Close>
          <button className="control is-grave" disabled={!matches || busy || !isLive || against.length > 0} type="submit">
            Arm LIVE
          </button>
        </div>
      </form>
    </ConsoleDialog>
  );
};
