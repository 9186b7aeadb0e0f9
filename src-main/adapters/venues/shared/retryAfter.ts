/** `Retry-After` of HTTP: seconds, as both exchanges send it. */
import { MS_PER_S } from '../../../../src-shared/domain/units.ts';

/** Bans go up to three days; more than a week is not believed. */
export const MAX_RETRY_AFTER_MS = 7 * 24 * 3_600_000;

/** 0 where the header is missing or not a number of seconds. */
export const retryAfterMsOf = (header: string | undefined): number => {
  const seconds = Number(header ?? '');
  return header === undefined || header === '' || !(seconds >= 0) ? 0 : Math.min(MAX_RETRY_AFTER_MS, Math.ceil(seconds * MS_PER_S));
};
