/** Whether the engine sees what it is meant to see, and if not, every reason why. Pure. */
import type { ConsoleTables } from '../../src-shared/domain/view.ts';

export interface Readiness {
  readonly ready: boolean;
  /** One sentence each; empty when ready. */
  readonly reasons: readonly string[];
}

const KILLED = 'the kill switch is latched';

/** A latched kill is a reason too: whoever relies on readiness relies on an engine that may act. */
export const readinessOf = (tables: ConsoleTables): Readiness => {
  const engine = tables.engine['engine'];
  if (engine === undefined) return { ready: false, reasons: ['the engine has not started'] };
  const reasons: string[] = [];
  if (engine.ledgerFault !== null) reasons.push(`the ledger cannot be written: ${engine.ledgerFault}`);
  if (engine.kill !== null) reasons.push(KILLED);
  for (const [id, venue] of Object.entries(tables.venues))
    if (venue.link !== 'live') reasons.push(`venue ${id} is ${venue.link}${venue.linkDetail === '' ? '' : `: ${venue.linkDetail}`}`);
  for (const [id, instrument] of Object.entries(tables.instruments)) {
    if (instrument.metadata !== 'ok') reasons.push(`instrument ${id}: metadata ${instrument.metadata}`);
    else if (instrument.bidPx === null) reasons.push(`instrument ${id}: no quote yet`);
    else if (instrument.stale) reasons.push(`instrument ${id}: quote is stale (${Math.round(instrument.ageMs ?? 0)} ms)`);
  }
  return { ready: reasons.length === 0, reasons };
};
