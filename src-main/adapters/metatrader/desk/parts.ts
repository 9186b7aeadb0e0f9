/** What a desk is made from, and what its parts share. Types and the bounds that several of them keep to. */
import type { CommandRecord } from '../../../../src-shared/domain/metatrader.ts';
import type { VenueId } from '../../../../src-shared/domain/ids.ts';
import type { InstrumentSettings } from '../../../../src-shared/domain/settings.ts';
import { US_PER_MS } from '../../../../src-shared/domain/units.ts';
import type { Clock, CommandStore, ControlInlet } from '../../../runtime/ports.ts';
import type { Pushes } from './pushes.ts';

/** Without a word of the EA, a command may be delivered again after this. */
export const LEASE_MS = 2_000;
/** Added to a command's time and one lease before silence makes it unknown. */
export const ANSWER_MARGIN_MS = 1_000;
/** What has begun may take so much longer than its lease: the terminal waits for its broker. */
export const BEGUN_EXTRA_MS = 10_000;
/** Numbers of ours are milliseconds of this age; what is above them belongs to other programs. */
export const MAX_OWN_MAGIC = 10_000_000_000_000;
/** Until an EA has said its own. */
export const DEFAULT_MAGIC_BASE = 1_600_000_000_000;

export interface DeskParts {
  /** `demo` refuses accounts of real money, `live` every other. */
  readonly mode: 'demo' | 'live';
  readonly venue: { readonly id: VenueId; readonly label: string };
  /** Those of the venue. */
  readonly instruments: readonly Pick<InstrumentSettings, 'id' | 'symbol'>[];
  readonly store: CommandStore;
  readonly inlet: ControlInlet;
  readonly clock: Clock;
  /** So many bytes of chance, for ids. */
  readonly random: (bytes: number) => Uint8Array;
}

/** The hands that every part of one desk shares. */
export interface DeskFrame extends Omit<DeskParts, 'inlet' | 'random'> {
  readonly pushes: Pushes;
  readonly newId: () => string;
  /** A named limit was crossed, for a person. */
  readonly alarm: (limit: string, detail: string) => void;
  /** Keeps the contradiction with the command and alarms; commits. @returns the command as it is then */
  readonly quarantine: (record: CommandRecord, why: string) => CommandRecord;
  /** Of the account; null before the first session. */
  readonly currency: () => string | null;
  /** Lowest number that is ours. */
  readonly magicBase: () => number;
}

export const usOf = (ms: number): number => ms * US_PER_MS;
export const isOwnMagic = (frame: Pick<DeskFrame, 'magicBase'>, magic: number): boolean =>
  magic >= frame.magicBase() && magic < MAX_OWN_MAGIC;
