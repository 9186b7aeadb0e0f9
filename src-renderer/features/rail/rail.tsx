/** The right rail: what is held and what it may cost first, then the pair in focus; tabs on a narrow page. */
import { Tabs } from '@base-ui/react/tabs';
import { HistogramPanel } from '../histogram/histogramPanel.tsx';
import { LimitsPanel } from '../limits/limitsPanel.tsx';
import { PositionsPanel } from '../positions/positionsPanel.tsx';
import { CostsPanel } from '../whyNot/costsPanel.tsx';
import { WhyNotPanel } from '../whyNot/whyNotPanel.tsx';
import { EnginePanel } from './enginePanel.tsx';

const PARTS = [
  ['positions', 'Positions', PositionsPanel],
  ['limits', 'Limits', LimitsPanel],
  ['why', 'Why not', WhyNotPanel],
  ['histogram', 'Histogram', HistogramPanel],
  ['costs', 'Costs', CostsPanel],
  ['engine', 'Engine', EnginePanel],
] as const;

export const Rail = ({ tabbed }: { readonly tabbed: boolean }) =>
  tabbed ? (
    <Tabs.Root className="rail-tabs" defaultValue="positions">
      <Tabs.List aria-label="Account and pair in focus">
        {PARTS.map(([key, label]) => (
          <Tabs.Tab key={key} value={key}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {PARTS.map(([key, , Part]) => (
        <Tabs.Panel className="rail-tab-panel" key={key} tabIndex={-1} value={key}>
          <Part />
        </Tabs.Panel>
      ))}
    </Tabs.Root>
  ) : (
    <aside aria-label="Account and pair in focus" className="rail">
      <PositionsPanel />
      <LimitsPanel />
      <WhyNotPanel />
      <HistogramPanel />
      <CostsPanel />
      <EnginePanel />
    </aside>
  );
