/**
 * Token buckets, one a peer, for rate limits. Bounded: past the maximum number of peers the one unheard longest
 * is forgotten, and a peer that has been forgotten starts with a full bucket.
 */
import { US_PER_S } from '../../../src-shared/domain/units.ts';
import type { Clock } from '../../runtime/ports.ts';

export const MAX_PEERS = 1_024;

export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export interface PeerBudgets {
  /** Takes one; false when the peer's bucket is empty. */
  take(peer: string): boolean;
  /** Whether one could be taken. */
  has(peer: string): boolean;
  readonly size: number;
}

interface Bucket {
  left: number;
  atUs: number;
}

export const createPeerBudgets = ({ perSecond, burst }: Rate, clock: Clock, maxPeers: number = MAX_PEERS): PeerBudgets => {
  const buckets = new Map<string, Bucket>();
  const bucketOf = (peer: string): Bucket => {
    const nowUs = clock.monoUs();
    const bucket = buckets.get(peer) ?? { left: burst, atUs: nowUs };
    bucket.left = Math.min(burst, bucket.left + ((nowUs - bucket.atUs) / US_PER_S) * perSecond);
    bucket.atUs = nowUs;
    // Re-inserting keeps the map in order of last use.
    buckets.delete(peer);
    buckets.set(peer, bucket);
    if (buckets.size > maxPeers) buckets.delete(buckets.keys().next().value as string);
    return bucket;
  };
  return {
    take(peer) {
      const bucket = bucketOf(peer);
      if (bucket.left < 1) return false;
      bucket.left -= 1;
      return true;
    },
    has: (peer) => bucketOf(peer).left >= 1,
    get size() {
      return buckets.size;
    },
  };
};
