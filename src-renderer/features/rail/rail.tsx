/** The right rail: all parts under each other on a wide page, tabs on a narrow one. */
import { Tabs } from '@base-ui/react/tabs';
import { HistogramPanel } from '../histogram/histogramPanel.tsx';
import { CostsPanel } from '../whyNot/costsPanel.tsx';
import { WhyNotPanel } from '../whyNot/whyNotPanel.tsx';
import { EnginePanel } from './enginePanel.tsx';

const PARTS = [
  ['why', 'Why not', WhyNotPanel],
  ['histogram', 'Histogram', HistogramPanel],
  ['costs', 'Costs', CostsPanel],
  ['engine', 'Engine', EnginePanel],
] as const;

export const Rail = ({ tabbed }: { readonly tabbed: boolean }) =>
  tabbed ? (
    <Tabs.Root className="rail-tabs" defaultValue="why">
      <Tabs.List aria-label="Pair in focus">
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
    <aside aria-label="Pair in focus" className="rail">
      <HistogramPanel />
      <WhyNotPanel />
      <CostsPanel />
      <EnginePanel />
    </aside>
  );
