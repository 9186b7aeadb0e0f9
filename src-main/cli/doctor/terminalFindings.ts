/**
 * One MetaTrader side as the running engine reports it: the engine's own hand-shake lines as they are, and what only the
 * pairs can tell: that a lot is what it is taken for on the other leg. Pure.
 */
import type { StandingLeg, StandingPair, TerminalStanding } from '../../hosts/terminalStanding.ts';
import { findingsOf, type Finding } from './finding.ts';

/** Mids of the same thing may differ by this much; a wrong unit or symbol differs by more. */
export const MAX_MID_DIFFERENCE = 0.05;

const ATTACH = 'Install the EA (“quant-arb ea”), attach it to one chart and allow WebRequest for this engine’s address.';

/** What the paper side of a link can tell by itself; with an order side the engine judges all of it. */
const quoteSide = ({ venueId, report, link, linkDetail }: TerminalStanding): readonly Finding[] => {
  const { pass, fail, waiting } = findingsOf(venueId);
  if (report === null || (report.sessionId === null && !report.quoteOnly))
    return [waiting('hello', 'EA connected', 'no EA has said hello', ATTACH)];
  if (report.quoteOnly)
    return [
      fail(
        'hello',
        'EA connected',
        'ticks come without a session, from an EA older than the protocol',
        'Install the EA that came with this engine.',
      ),
    ];
  const heard =
    link === 'live'
      ? pass('hello', 'EA connected', `epoch ${report.epoch}`)
      : fail('hello', 'EA connected', linkDetail, 'Look whether MetaTrader runs and its chart with the EA is open.');
  return [
    heard,
    pass('version', 'Versions', `EA ${report.eaVersion ?? 'not known'}, terminal build ${report.terminalBuild ?? 'not known'}`),
    pass('account', 'Account', `${report.login ?? '?'} at ${report.server ?? '?'}, ${report.marginMode ?? 'mode not known'}`),
    pass('gates', 'Permissions', `${report.gates ?? 'not known'}; on paper the EA only brings quotes`),
    pass(
      'offset',
      'Server time',
      report.declaredUtcOffsetS === null ? 'not declared' : `declared ${report.declaredUtcOffsetS / 3_600} h from UTC`,
    ),
  ];
};

/** What the engine makes of the order side now, beyond the hand-shake. */
const orderSide = (terminal: TerminalStanding): readonly Finding[] => {
  const { pass, fail, waiting } = findingsOf(terminal.venueId);
  const { report, orderLink, reconciled, reconcileDetail, disabled } = terminal;
  const side = report?.terminal ?? null;
  if (side === null) return [];
  const found: Finding[] = [];
  const unmet = side.checks.some(({ state }) => state !== 'pass');
  if (orderLink === 'up' && side.trading)
    found.push(pass('orders', 'Orders', `the way to the broker is open, mode ${side.mode.replace('_', ' ')}`));
  else if (unmet) found.push(waiting('orders', 'Orders', side.why, 'Mend the lines above first: this one follows them.'));
  else
    found.push(
      fail(
        'orders',
        'Orders',
        side.why === '' ? 'the order link is down' : side.why,
        'Look at the EA’s panel on its chart: it names what is missing.',
      ),
    );
  if (reconciled === 'yes') found.push(pass('reconciled', 'Books agree', 'positions of the broker and ours are the same'));
  else if (reconciled === 'failed')
    found.push(
      fail(
        'reconciled',
        'Books agree',
        reconcileDetail,
        'Compare the positions in MetaTrader with the console, and accept or close the difference there.',
      ),
    );
  else
    found.push(
      waiting(
        'reconciled',
        'Books agree',
        reconcileDetail === '' ? reconciled : reconcileDetail,
        'Wait until the engine has read the account.',
      ),
    );
  if (side.quarantined > 0)
    found.push(
      fail(
        'quarantined',
        'Quarantined commands',
        `${side.quarantined}`,
        'Compare each with MetaTrader’s history: the console lists them first under Commands.',
      ),
    );
  if (disabled !== null)
    found.push(fail('disabled', 'Venue', disabled, 'Press Enable at the venue in the console when the cause is gone.'));
  return found;
};

const unitFinding = (venueId: string, pairId: string, leg: StandingLeg): Finding | null => {
  const { fail, waiting } = findingsOf(venueId);
  const label = `Lot of ${pairId}`;
  if (leg.metadata === 'awaited')
    return waiting('notional', label, `${leg.instrumentId} is not described yet`, 'Wait until its venue is connected.');
  if (leg.metadata !== 'ok')
    return fail(
      'notional',
      label,
      `${leg.instrumentId}: ${leg.metadata}`,
      'Correct “expected” of this instrument in the configuration, or map another symbol.',
    );
  return null;
};

/** Currencies that are worth the same to within far less than a wrong unit is off. */
const DOLLARS: readonly (string | null)[] = ['USD', 'USDT', 'USDC'];

/** Whether the mids of two legs contradict that they are one thing; false while either is not known or in another currency. */
const areApart = (own: StandingLeg, other: StandingLeg): boolean => {
  const comparable = own.quoteCcy === other.quoteCcy || (DOLLARS.includes(own.quoteCcy) && DOLLARS.includes(other.quoteCcy));
  if (!comparable || own.midPx === null || other.midPx === null) return false;
  return Math.abs(own.midPx - other.midPx) > MAX_MID_DIFFERENCE * Math.min(own.midPx, other.midPx);
};

/** A pair's notional identity: the same thing, in sizes that both legs can hold, at prices that agree. */
export const pairFinding = (venueId: string, pair: StandingPair): Finding => {
  const { pass, fail, waiting } = findingsOf(venueId);
  const { pairId, own, other, identity, commonStepBaseQty, conversion } = pair;
  const label = `Lot of ${pairId}`;
  const unmet = unitFinding(venueId, pairId, own) ?? unitFinding(venueId, pairId, other);
  if (unmet !== null) return unmet;
  if (identity === null) return waiting('notional', label, 'not described yet', 'Wait until both venues are connected.');
  const currencies = own.quoteCcy === other.quoteCcy ? `both in ${own.quoteCcy}` : `${own.quoteCcy} and ${other.quoteCcy}, ${conversion}`;
  if (commonStepBaseQty === null)
    return fail(
      'notional',
      label,
      `${identity}, but no size fits the steps of both legs (${own.qtyStep} and ${other.qtyStep})`,
      'Choose another instrument for one leg: a hedge of this pair would always leave a rest.',
    );
  if (areApart(own, other))
    return fail(
      'notional',
      label,
      `${identity}, but ${own.instrumentId} is at ${own.midPx} and ${other.instrumentId} at ${other.midPx}`,
      'Map the symbol that is the same thing in the same unit; prices of one base unit must agree.',
    );
  const names = own.baseCcy === other.baseCcy ? '' : `; named ${own.baseCcy} and ${other.baseCcy}`;
  return pass('notional', label, `${identity}; least ${commonStepBaseQty} ${own.baseCcy}${names}; ${currencies}`);
};

export const terminalFindings = (terminal: TerminalStanding): readonly Finding[] => {
  const { venueId, report } = terminal;
  const side = report?.terminal ?? null;
  const handshake = side === null ? quoteSide(terminal) : side.checks.map((check): Finding => ({ ...check, venue: venueId }));
  return [...handshake, ...orderSide(terminal), ...terminal.pairs.map((pair) => pairFinding(venueId, pair))];
};
