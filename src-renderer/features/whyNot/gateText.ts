/** Words for gates. Pure; the note itself is the engine's. */
import type { GateCode, GateResult, GateUnit, RiskGateCode } from '../../../src-shared/domain/opportunity.ts';
import { count, plain, quantity, signed, UNKNOWN } from '../../format/numbers.ts';
import { age } from '../../format/times.ts';

export const GATE_NAMES: Readonly<Record<GateCode, string>> = {
  metadata: 'Instrument metadata',
  'venue-link': 'Venue links',
  'quote-present': 'Both quotes present',
  'quote-valid': 'Quotes valid',
  'quote-age-a': 'Quote age, leg A',
  'quote-age-b': 'Quote age, leg B',
  'quote-skew': 'Skew between quotes',
  session: 'Sessions open',
  statistics: 'Statistics cover enough',
  'executable-qty': 'Executable quantity',
  edge: 'Edge after costs',
  deviation: 'Deviation from centre',
  'abnormal-edge': 'Edge not abnormal',
  'trading-state': 'Trading state',
  cooldown: 'Cooldown over',
  armed: 'Armed',
  stopped: 'No stop in force',
  reconciled: 'Venues reconciled',
  account: 'Account checks',
  'unknown-leg': 'No unknown leg',
  fence: 'No fence',
  'open-groups': 'Open groups',
  size: 'Hedgeable size',
  notional: 'Notional',
  collar: 'Price collar',
  calendar: 'Calendar',
  messages: 'Message budget',
  repeated: 'Not too many groups',
  duplicate: 'Not a look-alike',
  funds: 'Funds of both legs',
  margin: 'Margin level after',
  loss: 'Loss limits',
  'venue-errors': 'Venue errors',
  heartbeat: 'EA heartbeat',
};

const RISK_GATES: ReadonlySet<string> = new Set<RiskGateCode>([
  'armed',
  'stopped',
  'reconciled',
  'account',
  'unknown-leg',
  'fence',
  'open-groups',
  'size',
  'notional',
  'collar',
  'calendar',
  'messages',
  'repeated',
  'duplicate',
  'funds',
  'margin',
  'loss',
  'venue-errors',
  'heartbeat',
]);

/** Risk gates never stop an intent; they deny its hedge group. */
export const isRiskGate = (code: GateCode): boolean => RISK_GATES.has(code);

/** A row names its gate by code alone. */
export const gateName = (code: string): string => (code in GATE_NAMES ? GATE_NAMES[code as GateCode] : code);

const figure = (value: number | null, unit: GateUnit): string => {
  switch (unit) {
    case 'bps':
      return signed(value, 1);
    case 'ms':
    case 's':
      return value === null ? UNKNOWN : age(unit === 's' ? value * 1_000 : value);
    case 'min':
      return value === null ? UNKNOWN : age(value * 60_000);
    case 'usd':
      return value === null ? UNKNOWN : `$${count(value)}`;
    case 'count':
      return count(value);
    case '%':
      return value === null ? UNKNOWN : `${plain(value, 1)} %`;
    case 'base':
      return quantity(value);
    case 'none':
      return value === null ? UNKNOWN : quantity(value);
    default:
      return unit satisfies never;
  }
};

/** `7.2 / 9.0 bp`: measured against limit; empty where the gate has no figures. */
export const gateFigures = ({ measured, limit, unit }: Pick<GateResult, 'measured' | 'limit' | 'unit'>): string => {
  if (measured === null && limit === null) return '';
  const pair = limit === null ? figure(measured, unit) : `${figure(measured, unit)} / ${figure(limit, unit)}`;
  return unit === 'bps' ? `${pair} bp` : pair;
};
