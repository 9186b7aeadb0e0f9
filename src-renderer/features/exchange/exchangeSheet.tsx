/** One exchange account whole: its world, links, checks with both figures, allowances, refusals, and where its key comes from. */
import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { VenueRow } from '../../../src-shared/domain/view.ts';
import { useConsole, useIsLive } from '../../store/consoleStore.ts';
import { openDialog, useUi } from '../../store/uiStore.ts';
import { LampFigure } from '../terminal/terminalStrip.tsx';
import { dataLamp } from '../terminal/terminalText.ts';
import { AccountChecks, AccountFigures, Allowances, Refusals } from './exchangeFacts.tsx';
import { EnvironmentWord } from './exchangeStrip.tsx';
import { checksText, ENVIRONMENT_WORDS, entryLamp, ordersLamp, otherAccount, streamLamp } from './exchangeText.ts';
import { KeySection } from './keyForm.tsx';

type Reported = VenueRow & { readonly exchange: NonNullable<VenueRow['exchange']> };

const Standing = ({ venue }: { readonly venue: Reported }) => {
  const isLive = useIsLive();
  const { exchange } = venue;
  return (
    <div className="headline">
      <div className="flex flex-wrap items-baseline gap-x-5 gap-y-1">
        <EnvironmentWord report={exchange} />
        <span className="tone-dim">{ENVIRONMENT_WORDS[exchange.environment][2]}</span>
        <LampFigure label="orders" lamp={ordersLamp(venue)} />
        <LampFigure label="entry" lamp={entryLamp(exchange)} />
        <LampFigure label="stream" lamp={streamLamp(exchange)} />
        <LampFigure label="data" lamp={dataLamp(venue)} />
        {!isLive && <span className="tone-warn">NOT CONNECTED: as last known</span>}
      </div>
      {venue.disabled !== null && <p className="m-0 pt-1 tone-warn">Disabled: {venue.disabled}</p>}
    </div>
  );
};

const Body = ({ venueId, venue }: { readonly venueId: string; readonly venue: Reported }) => {
  const isLive = useIsLive();
  const { exchange } = venue;
  return (
    <>
      <Standing venue={venue} />
      <div className="terminal-facts">
        <section aria-labelledby="exchange-checks">
          <h3 id="exchange-checks">
            Account<span className="tone-faint normal-case"> · {checksText(exchange.checks)}</span>
          </h3>
          <AccountChecks checks={exchange.checks} />
          {otherAccount(exchange.checks) !== null && (
            <div className="px-3 py-2">
              <button
                className="control is-small"
                disabled={!isLive}
                onClick={() => openDialog({ kind: 'accept-account', venueId })}
                type="button"
              >
                Accept this account…
              </button>
            </div>
          )}
        </section>
        <section aria-labelledby="exchange-links">
          <h3 id="exchange-links">Links</h3>
          <AccountFigures report={exchange} venue={venue} />
          <h3>Allowances</h3>
          <Allowances budgets={exchange.budgets} />
          <h3>Refused orders</h3>
          <Refusals rejects={exchange.rejects} />
        </section>
      </div>
      <section aria-labelledby="exchange-key">
        <h3 id="exchange-key">Key</h3>
        <KeySection venueId={venueId} />
      </section>
    </>
  );
};

/** Escape belongs to the dialog that lies over it. */
const close = (): void => {
  if (useUi.getState().dialog === null) useUi.setState({ exchangeVenueId: null });
};

const isReported = (venue: VenueRow | undefined): venue is Reported => venue !== undefined && venue.exchange !== null;

export const ExchangeSheet = () => {
  const venueId = useUi((ui) => ui.exchangeVenueId);
  const venue = useConsole((state) => (venueId === null ? undefined : state.tables.venues[venueId]));
  const isLive = useIsLive();
  return (
    <Dialog.Root disablePointerDismissal modal={false} onOpenChange={(next) => !next && close()} open={venueId !== null}>
      <Dialog.Portal>
        <Dialog.Popup className={`drawer is-wide${isLive ? '' : ' is-dim'}`} data-testid="exchange-sheet">
          <div className="panel-head">
            <Dialog.Title>Exchange account</Dialog.Title>
            <span className="tone-dim">{venue?.label ?? venueId}</span>
            <Dialog.Close aria-label="Close" className="tool ml-auto">
              <X aria-hidden="true" size={14} />
            </Dialog.Close>
          </div>
          {venueId !== null && isReported(venue) && <Body key={venueId} venue={venue} venueId={venueId} />}
          {venueId !== null && !isReported(venue) && <p className="empty m-0">Nothing was heard of this account.</p>}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
};
