/** First line: may anything trade, what the engine does, which clock. States only what the engine reported. */
import { Menu } from '@base-ui/react/menu';
import { Settings2 } from 'lucide-react';
import { useEngineTime } from '../../parts/useTick.ts';
import { useZone, mt5OffsetOf } from '../../parts/useZone.ts';
import { clockText, dateText, microseconds, type ClockZone } from '../../format/times.ts';
import { count } from '../../format/numbers.ts';
import { useConsole, useEngineField, useIsLive } from '../../store/consoleStore.ts';
import { useUi, type Theme } from '../../store/uiStore.ts';
import { LinkLamp } from './linkLamp.tsx';

const STATE_LAMPS = { active: 'is-live', reducing: 'is-wait', halted: 'is-bad' } as const;

const TradingChip = () => {
  const state = useEngineField('tradingState');
  const armed = useEngineField('armed');
  const paused = useEngineField('pause') !== null;
  const isLive = useIsLive();
  if (state === null) return <span data-testid="trading-state">trading state —</span>;
  const lamp = !isLive ? '' : paused && state === 'active' ? 'is-wait' : STATE_LAMPS[state];
  return (
    <output className="chip" data-testid="trading-state">
      <span aria-hidden="true" className={`lamp ${lamp}`} />
      <span>{armed === true ? 'ARMED' : 'DISARMED'}</span>
      <span className={state === 'active' && !paused ? 'tone-dim' : 'tone-warn'}>{state.toUpperCase()}</span>
      {paused && <span className="tone-warn">PAUSED</span>}
      {!isLive && <span className="tone-faint">last known</span>}
    </output>
  );
};

const Clock = () => {
  const zone = useZone();
  const nowMs = useEngineTime(250);
  return (
    <time className="figure" dateTime={new Date(nowMs).toISOString()} title="Engine’s clock">
      <span className="tone-dim xwide-only">{dateText(nowMs, zone)}</span>
      <span className="strong" data-testid="clock">
        {clockText(nowMs, zone)}
      </span>
    </time>
  );
};

const ZONES: ReadonlyArray<readonly [ClockZone, string]> = [
  ['utc', 'UTC'],
  ['local', 'Local'],
  ['mt5', 'MT5'],
];

const ZoneSwitch = () => {
  const zone = useUi((ui) => ui.zone);
  const mt5Known = useConsole((state) => mt5OffsetOf(state) !== null);
  return (
    <fieldset aria-label="Clock" className="segment">
      {ZONES.map(([value, label]) => (
        <button
          aria-pressed={zone === value}
          className="tool"
          disabled={value === 'mt5' && !mt5Known}
          key={value}
          onClick={() => useUi.setState({ zone: value })}
          title={value === 'mt5' && !mt5Known ? 'No MT5 session has told its server’s time' : undefined}
          type="button"
        >
          {label}
        </button>
      ))}
    </fieldset>
  );
};

const THEMES: ReadonlyArray<readonly [Theme, string]> = [
  ['dark', 'Dark'],
  ['light', 'Light'],
  ['contrast', 'High contrast'],
];

const LooksMenu = () => {
  const theme = useUi((ui) => ui.theme);
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger aria-label="Looks" className="tool">
        <Settings2 aria-hidden="true" size={14} />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner align="end" className="z-40" sideOffset={4}>
          <Menu.Popup className="popup">
            <Menu.RadioGroup onValueChange={(next: Theme) => useUi.setState({ theme: next })} value={theme}>
              {THEMES.map(([value, label]) => (
                <Menu.RadioItem key={value} value={value}>
                  <span aria-hidden="true">{theme === value ? '●' : '○'}</span>
                  {label}
                </Menu.RadioItem>
              ))}
            </Menu.RadioGroup>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
};

const EngineFigures = () => {
  const quotes = useEngineField('quotesPerSecond');
  const stepUs = useEngineField('stepP99Us');
  const profile = useEngineField('profile');
  return (
    <>
      <span className="figure wide-only">
        <span className="label">profile</span>
        {profile ?? '—'}
      </span>
      <span className="figure xwide-only">
        <span className="label">quotes/s</span>
        {count(quotes)}
      </span>
      <span className="figure xwide-only" title="99th percentile of one engine step">
        <span className="label">step p99</span>
        {microseconds(stepUs)}
      </span>
    </>
  );
};

export const Header = () => (
  <header className="header">
    <TradingChip />
    <span className="tone-dim" title="Execution is not part of this version: opportunities are recorded, no order exists">
      watching only: no order can be sent
    </span>
    <EngineFigures />
    <span className="push">
      <LinkLamp />
    </span>
    <Clock />
    <span className="inline-flex items-center">
      <ZoneSwitch />
      <LooksMenu />
    </span>
  </header>
);
