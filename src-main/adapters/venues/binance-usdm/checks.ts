/**
 * Reads a futures account back and compares it with the configuration: mode, margin, leverage, fees, funding, agreement, band. Asks and
 * compares, and never sets anything. A refused key is a finding; what could not be asked is a sentence.
 */
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import type { AccountCheck } from '../../../../src-shared/domain/exchange.ts';
import type { Instrument } from '../../../../src-shared/domain/instrument.ts';
import type { BinanceAccount } from '../shared/binanceAccount.ts';
import type { Asked, BinanceCalls } from '../shared/binanceCalls.ts';
import {
  askKeyRights,
  checkOf,
  clockCheck,
  feeCheck,
  isKeyRefused,
  keyRefused,
  keyRightChecks,
  keyRightsUnknown,
  metadataChecks,
  stpCheck,
  venueCodeOf,
} from '../shared/binanceChecks.ts';
import type { KeyRights } from '../shared/binanceChecks.ts';
import { bandOf } from '../shared/binanceSymbols.ts';
import type { BinanceSymbols, DescribedSymbol, DescribedSymbols } from '../shared/binanceSymbols.ts';
import type { CheckedAccount, GatewayInstrument } from '../shared/orders/parts.ts';
import {
  accountConfig,
  balance,
  commissionRate,
  fundingInfo,
  leverageBracket,
  NO_AGREEMENT,
  ORDINARY_FUNDING_HOURS,
  orderTested,
  PATHS,
  premiumIndex,
  symbolConfig,
  TRADFI_CONTRACT,
  WEIGHTS,
} from './accountWire.ts';

interface CheckedUsdm extends CheckedAccount {
  /** All assets together are the margin. */
  readonly isMultiAssets: boolean;
}

/** `rights`: who is asked for the rights of the key; null = nobody can be here. */
export const checkUsdm = async (
  account: BinanceAccount,
  symbols: BinanceSymbols,
  rights: BinanceCalls | null,
): Promise<CheckedUsdm | string> => {
  const { calls, clock, parts } = account;
  await account.sound();
  const described = await symbols.read();
  if (typeof described === 'string') return described;
  const config = await calls.signed('GET', PATHS.accountConfig, {}, accountConfig, { cost: WEIGHTS.accountConfig });
  const instruments = [...described.values()].flatMap(({ instrument }) => (typeof instrument === 'string' ? [] : [instrument]));
  if (!config.ok)
    return isKeyRefused(config)
      ? { checks: [keyRefused(config)], keyExpiresUnixMs: null, described: instruments, isMultiAssets: false }
      : config.why;
  const funding = await calls.open(PATHS.fundingInfo, {}, fundingInfo, { cost: WEIGHTS.fundingInfo });
  if (!funding.ok) return funding.why;
  const money = await calls.signed('GET', PATHS.balance, {}, balance, { cost: WEIGHTS.balance });
  if (!money.ok && money.reply === null) return money.why;
  const keyRights = rights === null ? null : await askKeyRights(rights);
  const perInstrument = await Promise.all(parts.instruments.map((x) => checksOfInstrument(account, x, described, funding.value)));
  const why = perInstrument.find((found): found is string => typeof found === 'string');
  if (why !== undefined) return why;
  const { canTrade, dualSidePosition, multiAssetsMargin } = config.value;
  return {
    account: money.ok ? (money.value[0]?.accountAlias ?? null) : null,
    checks: [
      checkOf('key', null, 'API key', { state: 'pass', reported: 'taken' }),
      checkOf('trading-right', null, 'trading by this account', {
        state: canTrade ? 'pass' : 'fail',
        configured: 'allowed',
        reported: canTrade ? 'allowed' : 'not allowed',
        fix: 'The account may not trade futures: see its page at the venue.',
      }),
      ...rightsChecks(keyRights, clock.unixMs() ?? 0),
      clockCheck(clock.roundTripMs, clock.why),
      checkOf('position-mode', null, 'position mode', {
        state: dualSidePosition ? 'fail' : 'pass',
        configured: 'one-way',
        reported: dualSidePosition ? 'hedge (long and short apart)' : 'one-way',
        fix: 'Set the position mode of the account to one-way.',
      }),
      checkOf('account-level', null, 'assets mode', {
        state: multiAssetsMargin ? 'warn' : 'pass',
        configured: 'single-asset',
        reported: multiAssetsMargin ? 'multi-assets' : 'single-asset',
        fix: 'All assets are margin together: equity is in USD, and other assets can be used up by our losses.',
      }),
      stpCheck(parts.venue.orders.selfTradePrevention, null),
      ...perInstrument.flatMap((found) => found as readonly AccountCheck[]),
    ],
    keyExpiresUnixMs: keyRights?.ok === true ? (keyRights.value.tradingAuthorityExpirationTime ?? null) : null,
    described: instruments,
    isMultiAssets: multiAssetsMargin,
  };
};

const rightsChecks = (asked: Asked<KeyRights> | null, nowUnixMs: number): readonly AccountCheck[] => {
  if (asked === null) return keyRightsUnknown('the demo environment does not serve them');
  if (!asked.ok) return isKeyRefused(asked) ? [keyRefused(asked)] : keyRightsUnknown(venueCodeOf(asked));
  return keyRightChecks(asked.value, { label: 'futures trading with this key', allowed: asked.value.enableFutures }, nowUnixMs);
};

type Funding = readonly { readonly symbol: string; readonly fundingIntervalHours: number }[];

const checksOfInstrument = async (
  { calls, parts }: BinanceAccount,
  x: GatewayInstrument,
  described: DescribedSymbols,
  funding: Funding,
): Promise<readonly AccountCheck[] | string> => {
  const found = described.get(x.symbol);
  const metadata = metadataChecks(x, found);
  if (found === undefined || typeof found.instrument === 'string') return metadata;
  const { symbol } = x;
  const [config, fees, premium, brackets] = await Promise.all([
    calls.signed('GET', PATHS.symbolConfig, { symbol }, symbolConfig, { cost: WEIGHTS.symbolConfig }),
    calls.signed('GET', PATHS.commissionRate, { symbol }, commissionRate, { cost: WEIGHTS.commissionRate }),
    calls.open(PATHS.premiumIndex, { symbol }, premiumIndex, { cost: WEIGHTS.premiumIndex }),
    calls.signed('GET', PATHS.leverageBracket, { symbol }, leverageBracket, { cost: WEIGHTS.leverageBracket }),
  ]);
  if (!config.ok) return config.why;
  if (!fees.ok) return fees.why;
  if (!premium.ok) return premium.why;
  if (!brackets.ok) return brackets.why;
  const { marginType, leverage } = config.value[0]!;
  const most = (Array.isArray(brackets.value) ? brackets.value[0]! : brackets.value).brackets[0]!.initialLeverage;
  const agreement = await agreementCheck(calls, x, found, premium.value.markPrice);
  if (typeof agreement === 'string') return agreement;
  return [
    ...metadata,
    marginModeCheck(x, parts.venue.orders.marginMode, marginType),
    leverageCheck(x, leverage, most),
    feeCheck(x, new Decimal(fees.value.takerCommissionRate), ''),
    fundingCheck(x, funding.find((row) => row.symbol === symbol)?.fundingIntervalHours ?? ORDINARY_FUNDING_HOURS),
    bandCheck(x, found, premium.value.markPrice),
    ...agreement,
  ];
};

const WIRE_MODE = { cross: 'CROSSED', isolated: 'ISOLATED' } as const;
const marginModeCheck = ({ id }: GatewayInstrument, configured: 'cross' | 'isolated', reported: string): AccountCheck =>
  checkOf('margin-mode', id, 'margin mode', {
    state: reported.toUpperCase() === WIRE_MODE[configured] ? 'pass' : 'fail',
    configured,
    reported,
    fix: 'Set the margin mode of the symbol at the venue, or the configured one, to the other.',
  });

const percent = (share: Decimal): string => `${share.times(100).toDecimalPlaces(3).toFixed()} %`;

/** With leverage the venue locks 1 / leverage of the notional: no more than we count with. */
export const leverageCheck = ({ id, initialMarginRate }: GatewayInstrument, leverage: number, most: number): AccountCheck => {
  const locked = new Decimal(1).div(leverage);
  return checkOf('leverage', id, 'margin by leverage', {
    state: new Decimal(initialMarginRate).times(leverage).gte(1) ? 'pass' : 'fail',
    configured: percent(new Decimal(initialMarginRate)),
    reported: `${percent(locked)} (${leverage}×, at most ${most}×)`,
    fix: 'The venue locks more margin than is counted with: raise the leverage of the symbol there, or initialMarginRate here.',
  });
};

const fundingCheck = ({ id, carryIntervalHours }: GatewayInstrument, hours: number): AccountCheck => {
  const label = 'funding interval';
  const reported = `${hours} h`;
  const fix = 'Set carryIntervalHours to what the venue says.';
  if (carryIntervalHours === null) return checkOf('funding', id, label, { state: 'warn', reported, fix });
  return checkOf('funding', id, label, {
    state: carryIntervalHours === hours ? 'pass' : 'fail',
    configured: `${carryIntervalHours} h`,
    reported,
    fix,
  });
};

const bandCheck = ({ id }: GatewayInstrument, found: DescribedSymbol, markPrice: string): AccountCheck => {
  const band = bandOf(found);
  if (band === null) return checkOf('price-band', id, 'price band', { state: 'pass', reported: 'none' });
  const at = (factor: Decimal | null): string => (factor === null ? '—' : factor.times(markPrice).toFixed());
  return checkOf('price-band', id, 'price band', {
    state: 'pass',
    reported: `buys to ${at(band.highestBuy)}, sells from ${at(band.lowestSell)} (mark ${markPrice})`,
  });
};

/** An order that would be taken, tested and not placed; only contracts that need an agreement are asked for. */
const agreementCheck = async (
  calls: BinanceCalls,
  x: GatewayInstrument,
  found: DescribedSymbol,
  markPrice: string,
): Promise<readonly AccountCheck[] | string> => {
  if (found.wire?.contractType !== TRADFI_CONTRACT || typeof found.instrument === 'string') return [];
  const label = 'agreement on TradFi perpetuals';
  const params = testOrderOf(found.instrument, markPrice);
  const asked = await calls.signed('POST', PATHS.orderTest, params, orderTested, { cost: WEIGHTS.orderTest });
  if (asked.ok) return [checkOf('agreement', x.id, label, { state: 'pass', reported: 'signed' })];
  if (asked.reply === null) return asked.why;
  const venueCode = venueCodeOf(asked);
  if (asked.reply.code === NO_AGREEMENT) {
    const fix = 'Sign the agreement on TradFi perpetuals on the web page of the venue; it is never signed from here.';
    return [checkOf('agreement', x.id, label, { state: 'fail', reported: 'not signed', venueCode, fix })];
  }
  const fix = 'A test order was refused for another reason: whether the agreement is signed is not known.';
  return [checkOf('agreement', x.id, label, { state: 'warn', venueCode, fix })];
};

/** The smallest order at the mark price that no filter refuses. */
export const testOrderOf = ({ symbol, tickSize, qtyStep, minQty, minNotional }: Instrument, markPrice: string) => {
  const price = new Decimal(markPrice).div(tickSize).floor().times(tickSize);
  const least = minNotional === null || price.isZero() ? new Decimal(0) : new Decimal(minNotional).div(price);
  const quantity = Decimal.max(minQty, least.div(qtyStep).ceil().times(qtyStep));
  return {
    symbol,
    side: 'BUY',
    type: 'LIMIT',
    timeInForce: 'IOC',
    quantity: quantity.toFixed(),
    price: price.toFixed(),
    positionSide: 'BOTH',
    selfTradePreventionMode: 'EXPIRE_TAKER',
  };
};
