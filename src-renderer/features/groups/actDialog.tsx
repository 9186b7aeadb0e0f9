/** An operator's act on one group: what it will do in one sentence, the reason, and the engine's conditions if it refuses. */
import type { GroupAct } from '../../../src-shared/domain/hedgeGroup.ts';
import { ReasonDialog } from '../../parts/reasonDialog.tsx';
import { useConsole } from '../../store/consoleStore.ts';
import { ACT_NAMES, actSentence } from './groupText.ts';

export const ActDialog = ({ groupId, act }: { readonly groupId: string; readonly act: GroupAct }) => {
  const row = useConsole((state) => state.tables.groups[groupId]);
  const allowed = row?.acts.includes(act) ?? false;
  return (
    <ReasonDialog
      askOf={(reason) => ({ name: 'actOnGroup', reason, groupId, act })}
      beside={groupId}
      sentence={row === undefined ? 'The group is not live any more.' : actSentence(act, row)}
      title={ACT_NAMES[act]}
    >
      {!allowed && <p className="m-0 mt-2 tone-warn">The group has moved on: this is not possible any more.</p>}
    </ReasonDialog>
  );
};
