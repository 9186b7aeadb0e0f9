/** One terminal whole: lamps, hand-shake with its fixes, account, what a lot is, and the commands that went to its EA. */
import { Dialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { VenueRow } from '../../../src-shared/domain/view.ts';
import { clockText } from '../../format/times.ts';
import { ExportMenu } from '../../parts/exportMenu.tsx';
import { useZone } from '../../parts/useZone.ts';
import { useConsole, useEngineField, useIsLive } from '../../store/consoleStore.ts';
import { useUi } from '../../store/uiStore.ts';
import { COMMAND_COLUMNS } from './commandColumns.ts';
import { CommandTable } from './commandTable.tsx';
import { AccountFigures, FirstSteps, Handshake, Identities } from './terminalFacts.tsx';
import { LampFigure } from './terminalStrip.tsx';
import { algoLamp, checksText, dataLamp, gateFault, orderLamp, orderedCommands } from './terminalText.ts';
import { useCommands } from './useCommands.ts';

const Standing = ({ venue }: { readonly venue: VenueRow }) => {
  const mode = useEngineField('mode');
  const isLive = useIsLive();
  const terminal = venue.metatrader?.terminal ?? null;
  const isHeld = mode !== 'paper' && terminal !== null && !terminal.trading;
  const trouble = isHeld ? `No orders: ${terminal.why}` : gateFault(venue.metatrader?.gates ?? null);
  return (
    <div className="headline">
      <div className="flex flex-wrap items-baseline gap-x-5 gap-y-1">
        <LampFigure label="data" lamp={dataLamp(venue)} />
        <LampFigure label="orders" lamp={orderLamp(venue, mode)} />
        <LampFigure label="Algo Trading" lamp={algoLamp(venue)} />
        {!isLive && <span className="tone-warn">NOT CONNECTED: as last known</span>}
      </div>
      {mode === 'paper' && <p className="m-0 pt-1 tone-dim">Orders stay on paper: the EA only brings quotes.</p>}
      {trouble !== null && <p className="m-0 pt-1 tone-warn">{trouble}</p>}
    </div>
  );
};

const Commands = ({ venueId, quarantined }: { readonly venueId: string; readonly quarantined: number }) => {
  const zone = useZone();
  const isLive = useIsLive();
  const mode = useEngineField('mode');
  const { rows, readUnixMs, fault } = useCommands();
  const shown = rows === null ? null : orderedCommands(rows, venueId);
  const beyond = quarantined - (shown?.filter((row) => row.quarantine !== null).length ?? 0);
  const isOld = shown !== null && (!isLive || fault !== null);
  return (
    <section aria-labelledby="terminal-commands">
      <div className="flex items-baseline pr-2">
        <h3 id="terminal-commands">Commands</h3>
        <span className="ml-auto">
          {shown !== null && shown.length > 0 && <ExportMenu columns={COMMAND_COLUMNS} rows={() => shown} table="commands" />}
        </span>
      </div>
      {isOld && (
        <output className="block px-3 pt-1 tone-warn">
          Not current: read at {clockText(readUnixMs, zone)}.{fault === null ? '' : ` ${fault}.`}
        </output>
      )}
      {shown === null && fault !== null && (
        <p className="empty m-0 tone-error">The commands could not be read: {fault}. Asked again each second.</p>
      )}
      {shown === null && fault === null && (
        <p className="empty m-0">{isLive ? 'Reading the commands…' : 'Not connected: nothing can be read now.'}</p>
      )}
      {shown?.length === 0 && (
        <p className="empty m-0">
          {mode === 'paper' ? 'None: on paper nothing is sent to the EA.' : 'No command yet: one is made when a hedge needs this terminal.'}
        </p>
      )}
      {shown !== null && shown.length > 0 && <CommandTable rows={shown} />}
      {shown !== null && beyond > 0 && (
        <output className="block px-3 py-2 tone-error">
          {beyond} more quarantined, older than this list: “quant-arb doctor” counts them, the ledger keeps them.
        </output>
      )}
    </section>
  );
};

const Body = ({ venueId, venue }: { readonly venueId: string; readonly venue: VenueRow }) => {
  const { metatrader } = venue;
  const terminal = metatrader?.terminal ?? null;
  const isStranger = metatrader === null || (metatrader.sessionId === null && !metatrader.quoteOnly);
  return (
    <>
      <Standing venue={venue} />
      <div className="terminal-facts">
        <section aria-labelledby="terminal-handshake">
          <h3 id="terminal-handshake">
            Hand-shake{terminal !== null && <span className="tone-faint normal-case"> · {checksText(terminal.checks)}</span>}
          </h3>
          {isStranger && <FirstSteps />}
          {terminal !== null && <Handshake checks={terminal.checks} />}
          {terminal === null && !isStranger && (
            <p className="empty m-0 py-2!">On paper only the session counts; the whole hand-shake is checked in mode demo.</p>
          )}
        </section>
        <section aria-labelledby="terminal-account">
          <h3 id="terminal-account">Account</h3>
          {metatrader === null ? <p className="empty m-0 py-2!">No EA has said hello.</p> : <AccountFigures report={metatrader} />}
          <h3>What a lot is</h3>
          <Identities venueId={venueId} />
        </section>
      </div>
      <Commands quarantined={terminal?.quarantined ?? 0} venueId={venueId} />
    </>
  );
};

/** Escape belongs to the dialog that lies over it. */
const close = (): void => {
  if (useUi.getState().dialog === null) useUi.setState({ terminalVenueId: null });
};

export const TerminalSheet = () => {
  const venueId = useUi((ui) => ui.terminalVenueId);
  const venue = useConsole((state) => (venueId === null ? undefined : state.tables.venues[venueId]));
  const isLive = useIsLive();
  return (
    <Dialog.Root disablePointerDismissal modal={false} onOpenChange={(next) => !next && close()} open={venueId !== null}>
      <Dialog.Portal>
        <Dialog.Popup className={`drawer is-wide${isLive ? '' : ' is-dim'}`} data-testid="terminal-sheet">
          <div className="panel-head">
            <Dialog.Title>MetaTrader terminal</Dialog.Title>
            <span className="tone-dim">{venue?.label ?? venueId}</span>
            <Dialog.Close aria-label="Close" className="tool ml-auto">
              <X aria-hidden="true" size={14} />
            </Dialog.Close>
          </div>
          {venueId !== null && venue !== undefined && <Body key={venueId} venue={venue} venueId={venueId} />}
          {venueId !== null && venue === undefined && <p className="empty m-0">No terminal of this name is reported.</p>}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
};
