/**
 * What programs are told of each exchange account: its link, its report, and where its key comes from. From the console's tables
 * and the host's own keys. Pure; a part of `EngineStatus`, added to and never renamed. Holds no part of a key.
 */
import type { KeysStanding, KeyStanding } from '../../src-shared/contract/keys.ts';
import type { ExchangeReport } from '../../src-shared/domain/exchange.ts';
import type { LinkState } from '../../src-shared/domain/venueLink.ts';
import type { ConsoleTables, VenueRow } from '../../src-shared/domain/view.ts';

export interface ExchangeStanding {
  readonly venueId: string;
  readonly label: string;
  readonly protocol: string;
  readonly simulated: boolean;
  readonly link: LinkState;
  readonly linkDetail: string;
  readonly clockOffsetMs: number | null;
  readonly clockUncertaintyMs: number | null;
  readonly roundTripMs: number | null;
  readonly orderLink: VenueRow['orderLink'];
  readonly reconciled: VenueRow['reconciled'];
  readonly reconcileDetail: string;
  readonly disabled: string | null;
  /** null = its orders stay on paper, or nothing was heard of it yet. */
  readonly report: ExchangeReport | null;
  /** null = it takes none: its orders stay on paper. */
  readonly key: KeyStanding | null;
}

export const exchangesOf = (tables: ConsoleTables, keys: KeysStanding | null): readonly ExchangeStanding[] =>
  Object.entries(tables.venues)
    .filter(([, { protocol }]) => protocol !== 'metatrader')
    .map(([venueId, row]) => ({
      venueId,
      label: row.label,
      protocol: row.protocol,
      simulated: row.simulated,
      link: row.link,
      linkDetail: row.linkDetail,
      clockOffsetMs: row.clockOffsetMs,
      clockUncertaintyMs: row.clockUncertaintyMs,
      roundTripMs: row.roundTripMs,
      orderLink: row.orderLink,
      reconciled: row.reconciled,
      reconcileDetail: row.reconcileDetail,
      disabled: row.disabled,
      report: row.exchange,
      key: keys?.venues.find((each) => each.venueId === venueId) ?? null,
    }));
