/**
 * What programs are told of each MetaTrader side: its link, its report with the hand-shake, and for each of its pairs what a
 * lot is on the other leg. From the console's tables. Pure; a part of `EngineStatus`, added to and never renamed.
 */
import { identityText, notionalIdentity } from '../../src-shared/domain/notionalIdentity.ts';
import type { LinkState, MetatraderReport } from '../../src-shared/domain/venueLink.ts';
import type { ConsoleTables, InstrumentRow, VenueRow } from '../../src-shared/domain/view.ts';

/** A leg as its venue describes it; null figures are not known yet. */
export interface StandingLeg {
  readonly instrumentId: string;
  /** `ok`, `awaited`, or what the configuration says otherwise. */
  readonly metadata: string;
  readonly baseCcy: string | null;
  readonly quoteCcy: string | null;
  /** Base units in one lot, contract or coin. */
  readonly baseQtyPerUnit: string | null;
  readonly qtyStep: string | null;
  readonly minQty: string | null;
  /** Mid; null while there is no fresh quote. */
  readonly midPx: number | null;
}

export interface StandingPair {
  readonly pairId: string;
  /** The leg in lots. */
  readonly own: StandingLeg;
  readonly other: StandingLeg;
  /** `1.00 lot XAUUSD = 100 XAU = 100,000 contracts XAU-USDT-SWAP`; null until both are described. */
  readonly identity: string | null;
  /** Smallest size in base units that both legs hold exactly; null where there is none, or not known. */
  readonly commonStepBaseQty: string | null;
  /** How leg a's currency becomes leg b's. */
  readonly conversion: string;
}

export interface TerminalStanding {
  readonly venueId: string;
  readonly label: string;
  readonly simulated: boolean;
  readonly link: LinkState;
  readonly linkDetail: string;
  readonly quoteAgeMs: number | null;
  readonly orderLink: VenueRow['orderLink'];
  readonly reconciled: VenueRow['reconciled'];
  readonly reconcileDetail: string;
  readonly disabled: string | null;
  readonly report: MetatraderReport | null;
  readonly pairs: readonly StandingPair[];
}

const midOf = ({ bidPx, askPx, stale }: InstrumentRow): number | null =>
  stale || bidPx === null || askPx === null ? null : (bidPx + askPx) / 2;

const legOf = (instrumentId: string, row: InstrumentRow | undefined): StandingLeg => ({
  instrumentId,
  metadata: row?.metadata ?? 'awaited',
  baseCcy: row?.described?.baseCcy ?? null,
  quoteCcy: row?.described?.quoteCcy ?? null,
  baseQtyPerUnit: row?.described?.baseQtyPerUnit ?? null,
  qtyStep: row?.described?.qtyStep ?? null,
  minQty: row?.described?.minQty ?? null,
  midPx: row === undefined ? null : midOf(row),
});

const pairsOf = (tables: ConsoleTables, venueId: string): readonly StandingPair[] =>
  Object.entries(tables.pairs).flatMap(([pairId, { a, b, conversion }]) => {
    const ownId = [a, b].find((id) => tables.instruments[id]?.venueId === venueId);
    if (ownId === undefined) return [];
    const otherId = ownId === a ? b : a;
    const [own, other] = [tables.instruments[ownId], tables.instruments[otherId]];
    const terms = own?.described && other?.described ? ([own.described, other.described] as const) : null;
    return [
      {
        pairId,
        own: legOf(ownId, own),
        other: legOf(otherId, other),
        identity: terms === null ? null : identityText(...terms),
        commonStepBaseQty: terms === null ? null : notionalIdentity(...terms).commonStepBaseQty,
        conversion,
      },
    ];
  });

export const terminalsOf = (tables: ConsoleTables): readonly TerminalStanding[] =>
  Object.entries(tables.venues)
    .filter(([, { protocol }]) => protocol === 'metatrader')
    .map(([venueId, row]) => ({
      venueId,
      label: row.label,
      simulated: row.simulated,
      link: row.link,
      linkDetail: row.linkDetail,
      quoteAgeMs: row.quoteAgeMs,
      orderLink: row.orderLink,
      reconciled: row.reconciled,
      reconcileDetail: row.reconcileDetail,
      disabled: row.disabled,
      report: row.metatrader,
      pairs: pairsOf(tables, venueId),
    }));
