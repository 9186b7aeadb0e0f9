/** First line: may anything trade, what the engine does, which clock. States only what the engine reported. */
import { Menu } from '@base-ui/react/menu';
import { Settings2 } from 'lucide-react';
import { useEngineTime } from '../../parts/useTick.ts';
import { useZone, mt5OffsetOf } from '../../parts/useZone.ts';
import { clockText, dateText, type ClockZone } from '../../format/times.ts';
import { count, fullPrecision, signed } from '../../format/numbers.ts';
import { toneOf } from '../../parts/figures.tsx';
import { Stopwatch } from '../../parts/stopwatch.tsx';
import { exposureOf, exposureText } from '../positions/exposure.ts';
import { ArmControl } from './armControl.tsx';
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
      <span className={armed === true ? 'armed-word' : ''} data-testid="armed-state">
        {armed === true ? 'ARMED' : 'DISARMED'}
      </span>
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
    <time className="figure phone-never" dateTime={new Date(nowMs).toISOString()} title="Engine’s clock">
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
    <fieldset aria-label="Clock" className="segment phone-never">
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

/** Day, what is naked, what is open: the three questions of a glance. */
const Money = () => {
  const dayNetUsd = useEngineField('dayNetUsd');
  const nakedUsd = useEngineField('nakedUsd');
  const nakedSinceUnixMs = useEngineField('nakedSinceUnixMs');
  const openGroups = useEngineField('openGroups');
  const heldGroups = useEngineField('heldGroups') ?? 0;
  return (
    <>
      <span className="figure" title="Realized today (UTC), all groups">
        <span className="label">day</span>
        <span
          className={dayNetUsd === null ? 'tone-faint' : `strong ${toneOf(dayNetUsd)}`}
          data-full={fullPrecision(dayNetUsd)}
          data-testid="day-net"
        >
          {signed(dayNetUsd, 2)}
        </span>
        <span className="label">USD</span>
      </span>
      <span className="figure" title="Unhedged in dollars, and since when the oldest of it">
        <span className="label">naked</span>
        <Stopwatch nakedUsd={nakedUsd} sinceUnixMs={nakedSinceUnixMs} testId="naked" />
      </span>
      <span className="figure" title="Hedge groups that have not ended">
        <span className="label">groups</span>
        <span data-testid="open-groups">
          {count(openGroups)}
          {heldGroups > 0 && <span className="strong tone-error"> · {heldGroups} held</span>}
        </span>
      </span>
    </>
  );
};

/** On a narrow page the positions are a tab away: their sum stays in sight. */
const NetExposure = () => {
  const text = useConsole((state) => exposureText(exposureOf(state.tables.pairs, state.tables.positions)));
  return (
    <span className="figure narrow-figure" title="Net exposure, base units">
      <span className="label">net</span>
      <span data-testid="net-exposure">{text}</span>
    </span>
  );
};

export const Header = () => (
  <header className="header">
    <TradingChip />
    <ArmControl />
    <Money />
    <NetExposure />
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
