/**
 * What was read of an OKX account, compared with the configuration: the key and its rights, the account's modes, and for each instrument
 * leverage, fees, funding, metadata, price limits and terms. Pure: figures in, checks out, with both figures and the venue's own words.
 */
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import type { AccountCheck, AccountCheckCode, Environment } from '../../../../src-shared/domain/exchange.ts';
import type { Instrument } from '../../../../src-shared/domain/instrument.ts';
import { MS_PER_HOUR } from '../../../../src-shared/domain/units.ts';
import { mismatchesOf } from '../shared/instrumentSource.ts';
import type { GatewayInstrument } from '../shared/orders/parts.ts';
import { STP_MODES } from './orderCalls.ts';
import type { OrderTerms } from './orderCalls.ts';
import { TERMS_NOT_ACCEPTED } from './outcomes.ts';
import type { ConfigEntry, PositionEntry } from './orderWire.ts';

const LABELS: Readonly<Record<AccountCheckCode, string>> = {
  account: 'Account',
  key: 'API key',
  'trading-right': 'Right to trade',
  'withdrawal-right': 'No right to withdraw',
  'ip-binding': 'Key bound to an address',
  'key-expiry': 'Key expiry',
  clock: 'Venue clock',
  'account-level': 'Account mode',
  'position-mode': 'Position mode',
  'margin-mode': 'Margin mode',
  leverage: 'Leverage',
  metadata: 'Instrument',
  fees: 'Taker fee',
  funding: 'Funding interval',
  agreement: 'Terms accepted',
  'price-band': 'Price limits',
  'self-trade-prevention': 'Self-trade prevention',
};

type Verdict = Pick<AccountCheck, 'state'> & Partial<Pick<AccountCheck, 'configured' | 'reported' | 'venueCode' | 'fix'>>;
const check = (code: AccountCheckCode, of: GatewayInstrument | null, verdict: Verdict): AccountCheck => ({
  code,
  instrumentId: of?.id ?? null,
  label: LABELS[code],
  configured: null,
  reported: null,
  venueCode: null,
  fix: '',
  ...verdict,
});

/** The venue refused the key itself. */
export const keyRefused = (code: string, why: string): AccountCheck =>
  check('key', null, {
    state: 'fail',
    venueCode: code,
    reported: why,
    fix: 'Enter a key of this site and environment, with its own secret and passphrase.',
  });

export const ACCOUNT_LEVELS: Readonly<Record<string, string>> = {
  '1': 'spot',
  '2': 'futures',
  '3': 'multi-currency margin',
  '4': 'portfolio margin',
};
/** Spot as cash exists in the first two; reduce-only swaps in the middle two. */
const SPOT_LEVELS = ['1', '2'];
const SWAP_LEVELS = ['2', '3'];

/** Identified less than this, some regions may not trade on margin (59113). */
const LEAST_KYC = 2;
const levelOf = (instruments: readonly GatewayInstrument[], { acctLv, kycLv }: ConfigEntry): AccountCheck => {
  const needed = ['1', '2', '3', '4'].filter((level) =>
    instruments.every(({ kind }) => (kind === 'spot' ? SPOT_LEVELS : SWAP_LEVELS).includes(level)),
  );
  const configured = needed.map((level) => ACCOUNT_LEVELS[level]).join(' or ');
  const isGood = needed.includes(acctLv);
  const isKnown = kycLv === '' || Number(kycLv) >= LEAST_KYC;
  const unknown = isGood && !isKnown ? 'Identify yourself to OKX at level 2: without it orders may be refused (59113).' : '';
  return check('account-level', null, {
    state: isGood ? (isKnown ? 'pass' : 'warn') : 'fail',
    configured,
    reported: ACCOUNT_LEVELS[acctLv] ?? acctLv,
    venueCode: `acctLv ${acctLv}, kycLv ${kycLv === '' ? 'not said' : kycLv}`,
    fix: isGood ? unknown : `Set the account mode to ${configured} on OKX: spot is bought as cash, swaps are closed reduce-only.`,
  });
};

/** Whoever asks signs, hence there is a clock. */
export const clockCheck = (roundTripMs: number | null): AccountCheck =>
  check('clock', null, { state: 'pass', reported: roundTripMs === null ? 'measured' : `measured to ±${Math.ceil(roundTripMs / 2)} ms` });

/** Rights and modes of the account, from its configuration. */
export const accountChecks = (
  config: ConfigEntry,
  instruments: readonly GatewayInstrument[],
  terms: Pick<OrderTerms, 'selfTradePrevention'>,
): AccountCheck[] => {
  const rights = config.perm.split(',').map((right) => right.trim());
  const trades = rights.includes('trade');
  const withdraws = rights.includes('withdraw');
  const isBound = config.ip.trim() !== '';
  const hasSwaps = instruments.some(({ kind }) => kind !== 'spot');
  const isOneWay = config.posMode === 'net_mode' || !hasSwaps;
  const rightsSeen = { reported: config.perm, venueCode: `perm ${config.perm}` };
  return [
    check('key', null, { state: 'pass', reported: 'accepted' }),
    check('trading-right', null, {
      ...rightsSeen,
      state: trades ? 'pass' : 'fail',
      configured: 'trade',
      fix: trades ? '' : 'Give the key the right to trade.',
    }),
    check('withdrawal-right', null, {
      ...rightsSeen,
      state: withdraws ? 'fail' : 'pass',
      configured: 'none',
      fix: withdraws ? 'Make a key without the right to withdraw; this one is not used.' : '',
    }),
    check('ip-binding', null, {
      state: isBound ? 'pass' : 'warn',
      configured: 'bound',
      reported: isBound ? config.ip : 'not bound',
      venueCode: `ip ${config.ip}`.trim(),
      fix: isBound ? '' : 'Bind the key to your address: OKX drops an unbound trading key after 14 days without use.',
    }),
    levelOf(instruments, config),
    check('position-mode', null, {
      state: isOneWay ? 'pass' : 'fail',
      configured: 'net_mode',
      reported: config.posMode,
      venueCode: `posMode ${config.posMode}`,
      fix: isOneWay ? '' : 'Switch OKX to the net position mode; nothing here sends a position side.',
    }),
    check('self-trade-prevention', null, {
      state: 'pass',
      configured: `${STP_MODES[terms.selfTradePrevention]}, sent with every order`,
      reported: `${config.acctStpMode === '' ? 'not said' : config.acctStpMode} where an order says nothing`,
      venueCode: `acctStpMode ${config.acctStpMode}`.trim(),
    }),
  ];
};

/** Everything that was read about one instrument; null = it does not apply to it. */
export interface InstrumentFigures {
  readonly described: Instrument;
  readonly instCategory: string;
  readonly leverage: string | null;
  /** As a rate, positive = paid. */
  readonly takerRate: string;
  readonly fundingHours: number | null;
  readonly band: { readonly buyLmt: string; readonly sellLmt: string; readonly enabled: boolean };
  readonly positions: readonly PositionEntry[];
  /** What orders told: accepted once, or refused for want of the terms. */
  readonly agreed: boolean | null;
}

const leverageOf = (of: GatewayInstrument, lever: string): AccountCheck => {
  const least = new Decimal(1).div(of.initialMarginRate);
  const isEnough = new Decimal(1).div(lever).lte(of.initialMarginRate);
  const configured = `at least ${least.toDecimalPlaces(2, Decimal.ROUND_UP).toFixed()}×`;
  return check('leverage', of, {
    state: isEnough ? 'pass' : 'fail',
    configured,
    reported: `${lever}×`,
    venueCode: `lever ${lever}`,
    fix: isEnough ? '' : `Set ${of.symbol} to ${configured} on OKX, or raise initialMarginRate in the configuration.`,
  });
};

const BPS = 10_000;
const feeOf = (of: GatewayInstrument, takerRate: string): AccountCheck => {
  const bps = new Decimal(takerRate).times(BPS);
  const order = bps.comparedTo(of.takerFeeBps);
  const states = { '-1': 'warn', '0': 'pass', '1': 'fail' } as const;
  return check('fees', of, {
    state: states[`${order as -1 | 0 | 1}`],
    configured: `${of.takerFeeBps} bps`,
    reported: `${bps.toFixed()} bps`,
    venueCode: `taker ${takerRate}`,
    fix: order === 0 ? '' : `Set takerFeeBps of ${of.symbol} to ${bps.toFixed()}.`,
  });
};

const fundingOf = (of: GatewayInstrument, hours: number): AccountCheck => {
  const isSame = of.carryIntervalHours === hours;
  return check('funding', of, {
    state: isSame ? 'pass' : of.carryIntervalHours === null ? 'warn' : 'fail',
    configured: of.carryIntervalHours === null ? 'not configured' : `every ${of.carryIntervalHours} h`,
    reported: `every ${hours} h`,
    fix: isSame ? '' : `Set carryIntervalHours of ${of.symbol} to ${hours}.`,
  });
};

const metadataOf = (of: GatewayInstrument, described: Instrument): AccountCheck => {
  const wrong = mismatchesOf(of.expected, described);
  const configured = wrong.map(({ field, configured: text }) => `${field} ${text}`);
  const reported = wrong.map(({ field, reported: text }) => `${field} ${text}`);
  if (described.kind !== of.kind) {
    configured.push(of.kind);
    reported.push(described.kind);
  }
  if (described.instIdCode === null) {
    configured.push('an instIdCode');
    reported.push('none');
  }
  const isGood = reported.length === 0;
  return check('metadata', of, {
    state: isGood ? (described.tradable ? 'pass' : 'fail') : 'fail',
    configured: isGood ? 'live' : configured.join(', '),
    reported: isGood ? described.venueState : reported.join(', '),
    venueCode: `state ${described.venueState}`,
    fix: isGood && described.tradable ? '' : `Compare ${of.symbol} on OKX with the configuration before anything is traded.`,
  });
};

const bandOf = (of: GatewayInstrument, { buyLmt, sellLmt, enabled }: InstrumentFigures['band']): AccountCheck => {
  const isKnown = enabled && buyLmt !== '' && sellLmt !== '';
  return check('price-band', of, {
    state: isKnown || !enabled ? 'pass' : 'warn',
    reported: enabled ? `buy up to ${buyLmt || '?'}, sell from ${sellLmt || '?'}` : 'none now',
    fix: isKnown || !enabled ? '' : 'OKX gives no price limits yet; they come with the first trades.',
  });
};

/** Margin mode goes with every order; a position that stands in the other one would not be closed by ours. */
const marginModeOf = (of: GatewayInstrument, positions: readonly PositionEntry[], marginMode: string): AccountCheck => {
  const other = positions.find(({ instId, pos, mgnMode }) => instId === of.symbol && Number(pos) !== 0 && mgnMode !== marginMode);
  return check('margin-mode', of, {
    state: other === undefined ? 'pass' : 'fail',
    configured: marginMode,
    reported: other === undefined ? `${marginMode}, sent with every order` : `a position of ${other.pos} in ${other.mgnMode}`,
    venueCode: other === undefined ? null : `mgnMode ${other.mgnMode}`,
    fix: other === undefined ? '' : `Close that position of ${of.symbol}, or configure its margin mode.`,
  });
};

const CRYPTO = '1';
/** No endpoint says whether the terms of TradFi perpetuals were accepted: only an order does. */
const agreementOf = (of: GatewayInstrument, { instCategory, agreed }: InstrumentFigures, environment: Environment): AccountCheck => {
  const isNeeded = of.kind === 'perpetual' && instCategory !== CRYPTO && instCategory !== '';
  if (!isNeeded) return check('agreement', of, { state: 'pass', reported: 'none needed' });
  if (agreed === false)
    return check('agreement', of, {
      state: 'fail',
      reported: 'not accepted',
      venueCode: TERMS_NOT_ACCEPTED,
      fix: `Place one order of ${of.symbol} on OKX’s site and accept the terms there, once for each sub-account; then check again.`,
    });
  const isOpen = agreed === null && environment === 'live';
  return check('agreement', of, {
    state: isOpen ? 'warn' : 'pass',
    reported: agreed === null ? 'only an order tells' : 'accepted',
    fix: isOpen
      ? `OKX asks for its TradFi terms before ${of.symbol} may be traded by key, and shows nowhere whether they were accepted.`
      : '',
  });
};

export const instrumentChecks = (
  of: GatewayInstrument,
  figures: InstrumentFigures,
  context: { readonly marginMode: string; readonly environment: Environment },
): AccountCheck[] => [
  metadataOf(of, figures.described),
  feeOf(of, figures.takerRate),
  bandOf(of, figures.band),
  agreementOf(of, figures, context.environment),
  ...(of.kind === 'spot' ? [] : [marginModeOf(of, figures.positions, context.marginMode)]),
  ...(figures.leverage === null ? [] : [leverageOf(of, figures.leverage)]),
  ...(figures.fundingHours === null ? [] : [fundingOf(of, figures.fundingHours)]),
];

/** Hours between two funding times; null = the venue gave none. */
export const hoursBetween = (fundingTime: string, nextFundingTime: string): number | null =>
  nextFundingTime === '' ? null : (Number(nextFundingTime) - Number(fundingTime)) / MS_PER_HOUR;
