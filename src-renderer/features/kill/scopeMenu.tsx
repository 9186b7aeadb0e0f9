/** The stops of one pair or one venue, from the menu of its row. Whatever is in force offers its end instead. */
import { Menu } from '@base-ui/react/menu';
import { EllipsisVertical } from 'lucide-react';
import type { StopScope } from '../../../src-shared/domain/tradingState.ts';
import { useLiveConsole } from '../../connection/console.ts';
import { engineRowOf, useConsole, useIsLive } from '../../store/consoleStore.ts';
import { openDialog } from '../../store/uiStore.ts';
import { latchOf, scopeText } from './stops.ts';

const Items = ({ scope }: { readonly scope: StopScope }) => {
  const { commands } = useLiveConsole();
  const isLive = useIsLive();
  const isPaused = useConsole((state) =>
    (engineRowOf(state)?.scopedStops ?? []).some((stop) => stop.scope === scope && stop.level === 'pause'),
  );
  const isLatched = useConsole((state) => latchOf(engineRowOf(state), scope) !== null);
  const dead = isLive ? '' : ' (not connected)';
  return (
    <>
      <Menu.Item onClick={() => void commands.run({ name: isPaused ? 'resume' : 'pause', reason: '', scope })}>
        {isPaused ? 'Resume' : 'Pause'}
        {dead}
      </Menu.Item>
      <Menu.Item onClick={() => commands.press({ level: 'kill', scope })}>Kill{dead}</Menu.Item>
      <Menu.Item onClick={() => openDialog({ kind: 'flatten', scope, byHold: false })}>Flatten…{dead}</Menu.Item>
      <Menu.Item onClick={() => openDialog({ kind: 'hands-off', scope })}>Hands off…{dead}</Menu.Item>
      {isLatched && <Menu.Item onClick={() => openDialog({ kind: 'reset', scope })}>Reset…{dead}</Menu.Item>}
    </>
  );
};

export const ScopeMenu = ({ scope }: { readonly scope: StopScope }) => (
  <Menu.Root modal={false}>
    <Menu.Trigger aria-label={`Stops of ${scopeText(scope)}`} className="tool is-icon" onClick={(event) => event.stopPropagation()}>
      <EllipsisVertical aria-hidden="true" size={13} />
    </Menu.Trigger>
    <Menu.Portal>
      <Menu.Positioner align="start" className="z-40" sideOffset={2}>
        <Menu.Popup className="popup" onClick={(event) => event.stopPropagation()}>
          <Items scope={scope} />
        </Menu.Popup>
      </Menu.Positioner>
    </Menu.Portal>
  </Menu.Root>
);
