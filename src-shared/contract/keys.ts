/** What a console is told of exchange keys, and what it may hand in. Nothing that the engine says here ever holds a part of a key. */
import { z } from 'zod';
import type { Environment, Region } from '../domain/exchange.ts';

export interface KeyStanding {
  readonly venueId: string;
  readonly label: string;
  readonly protocol: string;
  readonly environment: Environment;
  readonly region: Region;
  /** `unusable`: there is one that must not be used; `source` says why. */
  readonly state: 'found' | 'none' | 'unusable';
  /** Where it comes from, or where it was looked for, for people. */
  readonly source: string;
  /** Entered at this desktop, hence removable there. */
  readonly stored: boolean;
  /** Entered or removed since this engine started: counts from its next start. */
  readonly atNextStart: boolean;
}

export interface KeysStanding {
  /** Whether this host can keep keys that are entered in the console. */
  readonly storable: boolean;
  /** Why not; empty while it can. */
  readonly why: string;
  /** Every venue whose orders go to an exchange. */
  readonly venues: readonly KeyStanding[];
}

const MAX_FIELD_CHARS = 8_192;
const field = z.string().max(MAX_FIELD_CHARS);

/** As typed; the engine checks each member and says which is wrong, never what it held. */
export const keyEntry = z.strictObject({
  venueId: z.string().max(24),
  /** What the form said it was for: refused when the venue's differs. */
  environment: field,
  apiKey: field,
  secret: field.optional(),
  privateKeyPem: field.optional(),
  passphrase: field.optional(),
});
export type KeyEntry = z.infer<typeof keyEntry>;
