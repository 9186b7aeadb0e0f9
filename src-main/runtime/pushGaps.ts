/**
 * Venues whose reports found no room in the queue. A lost report is a gap in the venue's channel, exactly like a lost
 * connection, and is closed like one: by reconciling. Holds one entry a venue.
 */
import type { VenueId } from '../../src-shared/domain/ids.ts';
import type { ControlInput } from '../core/events.ts';

export interface PushGap {
  readonly venueId: VenueId;
  readonly dropped: number;
  /** What the newest dropped report on the link itself said; null = none was dropped. */
  readonly link: 'up' | 'down' | null;
}

const venueOf = (input: ControlInput): VenueId | null => {
  if (input.type === 'order-report') return input.report.venueId;
  if (input.type === 'fill') return input.fill.venueId;
  return input.type === 'order-link' ? input.venueId : null;
};

export const createPushGaps = () => {
  const gaps = new Map<VenueId, PushGap>();
  return {
    get any(): boolean {
      return gaps.size > 0;
    },
    /** Of an event that was refused; nothing where it was no report of a venue. */
    note(input: ControlInput): void {
      const venueId = venueOf(input);
      if (venueId === null) return;
      const { dropped, link } = gaps.get(venueId) ?? { dropped: 0, link: null };
      gaps.set(venueId, { venueId, dropped: dropped + 1, link: input.type === 'order-link' ? input.state : link });
    },
    take(): readonly PushGap[] {
      const taken = [...gaps.values()];
      gaps.clear();
      return taken;
    },
  };
};
