/** Taking another account of an exchange for the one that this ledger belongs to: the operator's word, with nothing open there. */
import { ReasonDialog } from '../../parts/reasonDialog.tsx';
import { useConsole } from '../../store/consoleStore.ts';
import { otherAccount } from './exchangeText.ts';

export const AcceptAccountDialog = ({ venueId }: { readonly venueId: string }) => {
  const venue = useConsole((state) => state.tables.venues[venueId]);
  const check = otherAccount(venue?.exchange?.checks ?? []);
  const sentence =
    check === null
      ? 'The account is the one that this ledger belongs to.'
      : `Sends nothing: from now on this ledger belongs to the account that answers at ${venue?.label ?? venueId}, ${check.reported ?? 'whichever it names next'}, no longer to ${check.configured ?? 'the one before'}. Its books begin anew, and the ladder of real money at its first rung. Refused while anything is open there.`;
  return (
    <ReasonDialog
      askOf={(reason) => (check === null ? null : { name: 'acceptAccount', reason, venueId })}
      beside={venue?.label ?? venueId}
      sentence={sentence}
      title="Accept another account"
    />
  );
};
