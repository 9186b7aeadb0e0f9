/** Taking a venue's excess as not ours: the operator's word for what own orders cannot explain. */
import { ReasonDialog } from '../../parts/reasonDialog.tsx';
import { minus, signedQty } from '../../format/exact.ts';
import { useConsole } from '../../store/consoleStore.ts';

export const AcceptDialog = ({ instrumentId }: { readonly instrumentId: string }) => {
  const row = useConsole((state) => state.tables.positions[instrumentId]);
  const reported = row?.reportedQty ?? null;
  const sentence =
    row === undefined || reported === null
      ? 'There is no difference any more.'
      : `Sends nothing: books what ${row.venueId} reports beyond our own fills as foreign, never to be touched by the engine (${signedQty(minus(reported, row.ownQty))} between ours, ${signedQty(row.ownQty)}, and the venue’s ${signedQty(reported)}), and lets the pair enter again.`;
  return (
    <ReasonDialog
      askOf={(reason) => ({ name: 'acceptPosition', reason, instrumentId })}
      beside={instrumentId}
      sentence={sentence}
      title="Accept as foreign"
    />
  );
};
