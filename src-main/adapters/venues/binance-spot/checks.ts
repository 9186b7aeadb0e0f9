/**
 * Reads a spot account back and compares it with the configuration: key, fees with their discount, description, self-trade prevention.
 * Asks and compares, and never sets anything. A refused key is a finding; what could not be asked is a sentence.
 */
import type { z } from 'zod';
import { Decimal } from '../../../../src-shared/domain/decimal.ts';
import type { AccountCheck } from '../../../../src-shared/domain/exchange.ts';
import type { BinanceAccount } from '../shared/binanceAccount.ts';
import type { Asked } from '../shared/binanceCalls.ts';
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
import { idText } from '../shared/binanceReports.ts';
import { bandOf } from '../shared/binanceSymbols.ts';
import type { BinanceSymbols, DescribedSymbols } from '../shared/binanceSymbols.ts';
import type { CheckedAccount, GatewayInstrument } from '../shared/orders/parts.ts';
import { account as accountWire, commission, PATHS, WEIGHTS } from './accountWire.ts';
import type { CommissionWire } from './accountWire.ts';

type AccountWire = z.output<typeof accountWire>;

/** What a taker pays: its own rate and that of the dearer side, of all three parts; the discount is taken off the standard one. */
export const takerRateOf = (
  { standardCommission, specialCommission, taxCommission, discount }: CommissionWire,
  hasDiscountAsset: boolean,
): { readonly rate: Decimal; readonly how: string } => {
  const paid = (rates: CommissionWire['standardCommission'] | undefined): Decimal =>
    rates === undefined ? new Decimal(0) : Decimal.max(rates.buyer ?? 0, rates.seller ?? 0).plus(rates.taker);
  const isDiscounted = discount !== undefined && discount.enabledForAccount && discount.enabledForSymbol && hasDiscountAsset;
  const standard = isDiscounted ? paid(standardCommission).times(discount.discount) : paid(standardCommission);
  const how = isDiscounted ? `paid in ${discount.discountAsset} while there is any` : '';
  return { rate: standard.plus(paid(specialCommission)).plus(paid(taxCommission)), how };
};

/** `mayAskRights`: the environment serves the rights of keys. */
export const checkSpot = async (
  account: BinanceAccount,
  symbols: BinanceSymbols,
  mayAskRights: boolean,
): Promise<CheckedAccount | string> => {
  const { calls, clock, parts } = account;
  await account.sound();
  const described = await symbols.read();
  if (typeof described === 'string') return described;
  const instruments = [...described.values()].flatMap(({ instrument }) => (typeof instrument === 'string' ? [] : [instrument]));
  const money = await calls.signed('GET', PATHS.account, { omitZeroBalances: 'true' }, accountWire, { cost: WEIGHTS.account });
  if (!money.ok) return isKeyRefused(money) ? { checks: [keyRefused(money)], keyExpiresUnixMs: null, described: instruments } : money.why;
  const rights = mayAskRights ? await askKeyRights(calls) : null;
  const perInstrument = await Promise.all(parts.instruments.map((x) => checksOfInstrument(account, x, described, money.value)));
  const why = perInstrument.find((found): found is string => typeof found === 'string');
  if (why !== undefined) return why;
  const { canTrade, uid } = money.value;
  return {
    account: uid === undefined ? null : idText(uid),
    checks: [
      checkOf('key', null, 'API key', { state: 'pass', reported: 'taken' }),
      checkOf('trading-right', null, 'trading by this account', {
        state: canTrade ? 'pass' : 'fail',
        configured: 'allowed',
        reported: canTrade ? 'allowed' : 'not allowed',
        fix: 'The account may not trade: see its page at the venue.',
      }),
      ...rightsChecks(rights, clock.unixMs() ?? 0),
      clockCheck(clock.roundTripMs, clock.why),
      stpCheck(parts.venue.orders.selfTradePrevention, modesOf(described)),
      ...perInstrument.flatMap((found) => found as readonly AccountCheck[]),
    ],
    keyExpiresUnixMs: rights?.ok === true ? (rights.value.tradingAuthorityExpirationTime ?? null) : null,
    described: instruments,
  };
};

/** Modes that every symbol takes; null where the venue does not say. */
const modesOf = (described: DescribedSymbols): readonly string[] | null => {
  const lists = [...described.values()].flatMap(({ wire }) => wire?.allowedSelfTradePreventionModes ?? []);
  if (lists.length === 0) return null;
  return [...new Set(lists)].filter((mode) =>
    [...described.values()].every(({ wire }) => wire?.allowedSelfTradePreventionModes?.includes(mode) ?? true),
  );
};

const rightsChecks = (asked: Asked<KeyRights> | null, nowUnixMs: number): readonly AccountCheck[] => {
  if (asked === null) return keyRightsUnknown('the demo environment does not serve them');
  if (!asked.ok) return isKeyRefused(asked) ? [keyRefused(asked)] : keyRightsUnknown(venueCodeOf(asked));
  return keyRightChecks(asked.value, { label: 'spot trading with this key', allowed: asked.value.enableSpotAndMarginTrading }, nowUnixMs);
};

const checksOfInstrument = async (
  { calls }: BinanceAccount,
  x: GatewayInstrument,
  described: DescribedSymbols,
  { balances }: AccountWire,
): Promise<readonly AccountCheck[] | string> => {
  const found = described.get(x.symbol);
  const metadata = metadataChecks(x, found);
  if (found === undefined || typeof found.instrument === 'string') return metadata;
  const fees = await calls.signed('GET', PATHS.commission, { symbol: x.symbol }, commission, { cost: WEIGHTS.commission });
  if (!fees.ok) return fees.why;
  const asset = fees.value.discount?.discountAsset;
  const { rate, how } = takerRateOf(
    fees.value,
    balances.some((b) => b.asset === asset && new Decimal(b.free).gt(0)),
  );
  const band = bandOf(found);
  const share = (factor: Decimal | null): string => (factor === null ? '—' : `${factor.toFixed()}×`);
  return [
    ...metadata,
    feeCheck(x, rate, how),
    checkOf('price-band', x.id, 'price band', {
      state: 'pass',
      reported:
        band === null
          ? 'none'
          : `buys to ${share(band.highestBuy)}, sells from ${share(band.lowestSell)} of the reference price, or of the average one`,
    }),
  ];
};
