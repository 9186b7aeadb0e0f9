/** Whether the engine sees what it is meant to see and may act, and if not, every reason why. Pure. */
import type { ConsoleTables, EngineRow, VenueRow } from '../../src-shared/domain/view.ts';

export interface Readiness {
  readonly ready: boolean;
  /** One sentence each; empty when ready. */
  readonly reasons: readonly string[];
}

const explained = (text: string, detail: string): string => (detail === '' ? text : `${text}: ${detail}`);

/** A latched stop is a reason too: whoever relies on readiness relies on an engine that may act. */
const engineReasons = ({ ledgerFault, kill, scopedStops, tradingState }: EngineRow): readonly string[] => [
  ...(ledgerFault === null ? [] : [`the ledger cannot be written: ${ledgerFault}`]),
  ...(kill === null ? [] : [explained(`the kill switch is latched (${kill.level}, ${kill.source}, by ${kill.by})`, kill.reason)]),
  ...(kill?.remaining ?? []).map((what) => `not yet stopped: ${what}`),
  ...scopedStops.map(({ scope, level, latch }) =>
    explained(`${scope} is stopped (${level}, ${latch.source}, by ${latch.by})`, latch.reason),
  ),
  ...(tradingState === 'halted' && kill === null ? ['trading is halted'] : []),
];

const RECONCILED: { readonly [state in VenueRow['reconciled']]: string | null } = {
  yes: null,
  // An ordinary sweep of a venue that has agreed before.
  'under-way': null,
  never: 'is not reconciled yet',
  failed: 'could not be reconciled',
  stale: 'is not reconciled since its link was down',
};

const venueReasons = (id: string, venue: VenueRow): readonly string[] => {
  const unreconciled =
    venue.reconciled === 'under-way' && venue.reconciledUnixMs === null ? RECONCILED.never : RECONCILED[venue.reconciled];
  return [
    ...(venue.link === 'live' ? [] : [explained(`venue ${id} is ${venue.link}`, venue.linkDetail)]),
    ...(unreconciled === null ? [] : [explained(`venue ${id} ${unreconciled}`, venue.reconcileDetail)]),
    ...(venue.disabled === null ? [] : [`venue ${id} is disabled: ${venue.disabled}`]),
  ];
};

export const readinessOf = (tables: ConsoleTables): Readiness => {
  const engine = tables.engine['engine'];
  if (engine === undefined) return { ready: false, reasons: ['the engine has not started'] };
  const reasons = [...engineReasons(engine), ...Object.entries(tables.venues).flatMap(([id, venue]) => venueReasons(id, venue))];
  for (const [id, group] of Object.entries(tables.groups))
    if (group.state === 'operator-held') reasons.push(explained(`hedge group ${id} of ${group.pairId} waits for an operator`, group.why));
  for (const [id, instrument] of Object.entries(tables.instruments)) {
    if (instrument.metadata !== 'ok') reasons.push(`instrument ${id}: metadata ${instrument.metadata}`);
    else if (instrument.bidPx === null) reasons.push(`instrument ${id}: no quote yet`);
    else if (instrument.stale) reasons.push(`instrument ${id}: quote is stale (${Math.round(instrument.ageMs ?? 0)} ms)`);
  }
  for (const [id, { ownQty, foreignQty, reportedQty }] of Object.entries(tables.positions))
    if (reportedQty !== null)
      reasons.push(`instrument ${id}: ${ownQty} by our fills, ${foreignQty} foreign, and the venue says ${reportedQty}`);
  return { ready: reasons.length === 0, reasons };
};
