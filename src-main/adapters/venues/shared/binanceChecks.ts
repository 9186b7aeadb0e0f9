/**
 * What both Binance products compare with the configuration, each with both figures: key rights, description, fees, clock. Pure but
 * for the one question about the key. Nothing is ever set at the venue from here.
 */
import { z } from 'zod';
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import type { AccountCheck, AccountCheckCode } from '../../../../src-shared/domain/exchange.ts';
import type { InstrumentId } from '../../../../src-shared/domain/ids.ts';
import type { Asked, BinanceCalls, Failed } from './binanceCalls.ts';
import type { DescribedSymbol } from './binanceSymbols.ts';
import { mismatchesOf } from './instrumentSource.ts';
import type { GatewayInstrument } from './orders/parts.ts';

export type Finding = Pick<AccountCheck, 'state'> & Partial<Pick<AccountCheck, 'configured' | 'reported' | 'venueCode' | 'fix'>>;

export const checkOf = (code: AccountCheckCode, instrumentId: InstrumentId | null, label: string, finding: Finding): AccountCheck => ({
  code,
  instrumentId,
  label: label.charAt(0).toUpperCase() + label.slice(1),
  state: finding.state,
  configured: finding.configured ?? null,
  reported: finding.reported ?? null,
  venueCode: finding.venueCode ?? null,
  fix: finding.state === 'pass' ? '' : (finding.fix ?? ''),
});

/** The venue's own code and text, as it came. */
export const venueCodeOf = ({ reply, why }: Failed): string => (reply === null ? why : `${reply.code ?? ''} ${reply.text}`.trim());

/** Refusals of the key itself: they are findings, not failures to read. */
const KEY_CODES: readonly string[] = ['-1002', '-1022', '-2014', '-2015'];
export const isKeyRefused = ({ reply }: Failed): boolean =>
  reply?.code !== undefined && reply.code !== null && KEY_CODES.includes(reply.code);

export const keyRefused = (failed: Failed): AccountCheck =>
  checkOf('key', null, 'API key', {
    state: 'fail',
    venueCode: venueCodeOf(failed),
    fix: 'Check the key, its secret and the addresses it is bound to; a key of another environment is refused, too.',
  });

const BPS = 10_000;
const asBps = (rate: Decimal): Decimal => rate.times(BPS);
const bpsText = (bps: Decimal | number): string => `${new Decimal(bps).toDecimalPlaces(4).toFixed()} bps`;

/** `rate`: what a taker pays, as a share. More than configured fails, less warns. `how` says what it is made of. */
export const feeCheck = ({ id, takerFeeBps }: GatewayInstrument, rate: Decimal, how: string): AccountCheck => {
  const charged = asBps(rate);
  const order = charged.comparedTo(takerFeeBps);
  const figures = { configured: bpsText(takerFeeBps), reported: `${bpsText(charged)}${how === '' ? '' : ` (${how})`}` };
  const label = 'taker fee';
  if (order === 0) return checkOf('fees', id, label, { state: 'pass', ...figures });
  const fix =
    order > 0
      ? 'The venue charges more than is configured: every edge is too rosy. Set takerFeeBps to what it charges.'
      : 'The venue charges less than is configured: set takerFeeBps to it, or leave it as a margin.';
  return checkOf('fees', id, label, { state: order > 0 ? 'fail' : 'warn', ...figures, fix });
};

/** Description against the configuration's claims, and whether it trades at all. */
export const metadataChecks = ({ id, expected }: GatewayInstrument, described: DescribedSymbol | undefined): readonly AccountCheck[] => {
  const instrument = described?.instrument ?? 'the venue does not list it';
  const label = 'instrument';
  const fix = 'Correct the configuration of the instrument to what the venue says.';
  if (typeof instrument === 'string') return [checkOf('metadata', id, label, { state: 'fail', reported: instrument, fix })];
  if (!instrument.tradable) {
    const figures = { configured: 'TRADING', reported: instrument.venueState };
    return [checkOf('metadata', id, label, { state: 'fail', ...figures, fix: 'The venue takes no orders for it now.' })];
  }
  const wrong = mismatchesOf(expected, instrument);
  if (wrong.length > 0)
    return wrong.map(({ field, configured, reported }) =>
      checkOf('metadata', id, `instrument: ${field}`, { state: 'fail', configured, reported, fix }),
    );
  const { tickSize, qtyStep, minQty } = instrument;
  return [checkOf('metadata', id, label, { state: 'pass', reported: `tick ${tickSize}, step ${qtyStep}, least ${minQty}` })];
};

export const stpCheck = (mode: string, allowed: readonly string[] | null): AccountCheck => {
  const wire = `EXPIRE_${mode.toUpperCase()}`;
  const label = 'self-trade prevention, sent with every order';
  const figures = { configured: wire, reported: allowed === null ? null : allowed.join(', ') };
  if (allowed === null || allowed.includes(wire)) return checkOf('self-trade-prevention', null, label, { state: 'pass', ...figures });
  return checkOf('self-trade-prevention', null, label, { state: 'fail', ...figures, fix: 'Choose a mode that the venue takes.' });
};

export const clockCheck = (roundTripMs: number | null, why: string): AccountCheck =>
  roundTripMs === null
    ? checkOf('clock', null, 'clock of the venue', { state: 'fail', reported: why, fix: 'Without its clock nothing can be stamped.' })
    : checkOf('clock', null, 'clock of the venue', { state: 'pass', reported: `measured to ±${Math.ceil(roundTripMs / 2)} ms` });

/** Of the API key, at the spot host, for keys of every product. Demo hosts do not serve it. */
export const KEY_RIGHTS_PATH = '/sapi/v1/account/apiRestrictions';
/** One question in ten minutes: far below whatever that host allows. */
export const KEY_RIGHTS_LIMITS = [{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 100 }] as const;
const keyRights = z.looseObject({
  ipRestrict: z.boolean(),
  enableReading: z.boolean().optional(),
  enableWithdrawals: z.boolean(),
  enableFutures: z.boolean().optional(),
  enableSpotAndMarginTrading: z.boolean().optional(),
  /** Unix ms; absent = it does not expire. */
  tradingAuthorityExpirationTime: z.number().int().positive().optional(),
});
export type KeyRights = z.output<typeof keyRights>;

export const askKeyRights = (calls: BinanceCalls): Promise<Asked<KeyRights>> =>
  calls.signed('GET', KEY_RIGHTS_PATH, {}, keyRights, { cost: 1 });

export const MS_PER_DAY = 86_400_000;
/** An expiry nearer than this is warned of. */
export const EXPIRY_WARN_MS = 14 * MS_PER_DAY;

const yesNo = (allowed: boolean): string => (allowed ? 'allowed' : 'not allowed');

const expiryCheck = (expiresUnixMs: number | undefined, nowUnixMs: number): AccountCheck => {
  const label = 'expiry of the key';
  if (expiresUnixMs === undefined) return checkOf('key-expiry', null, label, { state: 'pass', reported: 'none' });
  const leftMs = expiresUnixMs - nowUnixMs;
  const reported = leftMs <= 0 ? 'expired' : `in ${Math.floor(leftMs / MS_PER_DAY)} days`;
  const fix = 'Renew the trading right of the key: bind it to addresses, or make a new key.';
  return checkOf('key-expiry', null, label, { state: leftMs <= 0 ? 'fail' : leftMs < EXPIRY_WARN_MS ? 'warn' : 'pass', reported, fix });
};

export const keyRightChecks = (
  rights: KeyRights,
  trading: { readonly label: string; readonly allowed: boolean | undefined },
  nowUnixMs: number,
): readonly AccountCheck[] => {
  const { enableWithdrawals, ipRestrict, tradingAuthorityExpirationTime } = rights;
  return [
    checkOf('withdrawal-right', null, 'withdrawals with this key', {
      state: enableWithdrawals ? 'fail' : 'pass',
      configured: yesNo(false),
      reported: yesNo(enableWithdrawals),
      fix: 'Take the withdrawal right from the key: an engine never needs it.',
    }),
    checkOf('ip-binding', null, 'key bound to addresses', {
      state: ipRestrict ? 'pass' : 'warn',
      reported: ipRestrict ? 'yes' : 'no',
      fix: 'Bind the key to the address of this machine.',
    }),
    checkOf('trading-right', null, trading.label, {
      state: trading.allowed === false ? 'fail' : 'pass',
      configured: yesNo(true),
      reported: trading.allowed === undefined ? null : yesNo(trading.allowed),
      fix: 'Give the key the right to trade.',
    }),
    expiryCheck(tradingAuthorityExpirationTime, nowUnixMs),
  ];
};

/** Where the rights of a key cannot be asked for: said, not assumed. */
export const keyRightsUnknown = (why: string): readonly AccountCheck[] =>
  (['withdrawal-right', 'ip-binding', 'key-expiry'] as const).map((code) =>
    checkOf(code, null, 'rights of the key', {
      state: 'warn',
      venueCode: why,
      fix: 'The venue does not tell the rights of this key here; look at them on its web page.',
    }),
  );
