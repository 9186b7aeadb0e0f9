/** The main screen: what stands where. KILL comes first in the document, hence first in the tab order. */
import { useEffect } from 'react';
import { renewPalette } from './chart/palette.ts';
import { Banners } from './features/frame/banners.tsx';
import { Dialogs } from './features/frame/dialogs.tsx';
import { Header } from './features/frame/header.tsx';
import { ModeFrame } from './features/frame/modeFrame.tsx';
import { EventsPanel } from './features/events/eventsPanel.tsx';
import { GroupDrawer } from './features/groups/groupDrawer.tsx';
import { GroupsPanel } from './features/groups/groupsPanel.tsx';
import { IntentDrawer } from './features/intents/intentDrawer.tsx';
import { IntentsPanel } from './features/intents/intentsPanel.tsx';
import { ExchangeSheet } from './features/exchange/exchangeSheet.tsx';
import { ExchangeStrips } from './features/exchange/exchangeStrip.tsx';
import { KillDock } from './features/kill/killDock.tsx';
import { LiveStrip } from './features/live/liveStrip.tsx';
import { PairsPanel } from './features/pairs/pairsPanel.tsx';
import { Rail } from './features/rail/rail.tsx';
import { TerminalSheet } from './features/terminal/terminalSheet.tsx';
import { TerminalStrips } from './features/terminal/terminalStrip.tsx';
import { SpreadPanel } from './features/spread/spreadPanel.tsx';
import { VenuesPanel } from './features/venues/venuesPanel.tsx';
import { useMediaQuery } from './parts/useMediaQuery.ts';
import { useIsLive } from './store/consoleStore.ts';
import { useUi } from './store/uiStore.ts';

export const WIDE_PAGE = '(width >= 80rem)';

const useTheme = (): void => {
  const theme = useUi((ui) => ui.theme);
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
    renewPalette();
  }, [theme]);
};

export const App = () => {
  useTheme();
  const isLive = useIsLive();
  const isWide = useMediaQuery(WIDE_PAGE);
  return (
    <>
      <KillDock />
      <ModeFrame />
      <div className={isLive ? 'page' : 'page is-dim'}>
        <main className="main-column">
          <h1 className="sr-only">Quant Arb console</h1>
          <Header />
          <Banners />
          <LiveStrip />
          <TerminalStrips />
          <ExchangeStrips />
          <VenuesPanel />
          <PairsPanel />
          <GroupsPanel />
          {!isWide && <Rail tabbed />}
          <div className="bottom">
            <SpreadPanel />
            <div className="bottom-logs dimmable">
              <IntentsPanel />
              <EventsPanel />
            </div>
          </div>
        </main>
        {isWide && <Rail tabbed={false} />}
      </div>
      <IntentDrawer />
      <GroupDrawer />
      <TerminalSheet />
      <ExchangeSheet />
      <Dialogs />
    </>
  );
};
