/** The one dialog that is open, whichever it is. */
import { ReasonDialog } from '../../parts/reasonDialog.tsx';
import { useUi, type OpenDialog } from '../../store/uiStore.ts';
import { ActDialog } from '../groups/actDialog.tsx';
import { FlattenDialog } from '../kill/flattenDialog.tsx';
import { HandsOffDialog } from '../kill/handsOffDialog.tsx';
import { ResetDialog } from '../kill/resetDialog.tsx';
import { scopeText } from '../kill/stops.ts';
import { ArmLiveDialog } from '../live/armLiveDialog.tsx';
import { LiveDialog } from '../live/liveDialog.tsx';
import { LimitDialog } from '../limits/limitDialog.tsx';
import { AcceptAccountDialog } from '../exchange/acceptAccountDialog.tsx';
import { AcceptDialog } from '../positions/acceptDialog.tsx';
import { ArmRefusedDialog } from './armControl.tsx';

const dialogOf = (dialog: OpenDialog) => {
  switch (dialog.kind) {
    case 'reset':
      return <ResetDialog scope={dialog.scope} />;
    case 'hands-off':
      return <HandsOffDialog scope={dialog.scope} />;
    case 'flatten':
      return <FlattenDialog byHold={dialog.byHold} scope={dialog.scope} />;
    case 'enable':
      return (
        <ReasonDialog
          askOf={(reason) => ({ name: 'enable', reason, scope: dialog.scope })}
          beside={scopeText(dialog.scope)}
          sentence="Sends nothing: ends the disablement, so that intents may become orders there again. Errors are counted from zero."
          title="Enable"
        />
      );
    case 'arm-refused':
      return <ArmRefusedDialog conditions={dialog.conditions} />;
    case 'live':
      return <LiveDialog />;
    case 'arm-live':
      return <ArmLiveDialog />;
    case 'climb':
      return (
        <ReasonDialog
          askOf={(reason) => ({ name: 'climb', reason })}
          sentence="Sends nothing: groups begun from now on may be as large as the next rung allows. Every halt and every held group leads back to the first."
          title="One rung up"
        />
      );
    case 'act':
      return <ActDialog act={dialog.act} groupId={dialog.groupId} />;
    case 'limit':
      return <LimitDialog key={dialog.name} name={dialog.name} />;
    case 'accept':
      return <AcceptDialog instrumentId={dialog.instrumentId} />;
    case 'accept-account':
      return <AcceptAccountDialog venueId={dialog.venueId} />;
    default:
      return dialog satisfies never;
  }
};

export const Dialogs = () => {
  const dialog = useUi((ui) => ui.dialog);
  return dialog === null ? null : dialogOf(dialog);
};
