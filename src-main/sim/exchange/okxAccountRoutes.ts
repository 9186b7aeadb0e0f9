/**
 * What may be asked and set of a simulated OKX account itself: configuration, money, positions, leverage, fees, bills. Owns
 * parameters and refusals of these paths.
 */
import type { FaultSwitch } from '../faults.ts';
import type { SimAccounts } from './account/account.ts';
import { negated } from './okxAccountRows.ts';
import { tradeBill, transferBill } from './okxMoneyRows.ts';
import type { OkxAccountView } from './okxAccountView.ts';
import { MAX_LEVERAGE, type OkxInstrument } from './okxListings.ts';
import { argText, DEFAULT_STP } from './okxOrderArgs.ts';
import type { PrivateRoute, RouteRequest } from './okxPrivateRest.ts';
import * as no from './okxRefusals.ts';
import type { OkxRefused } from './okxRefusals.ts';

const MAX_BILLS = 100;
const KYC_LEVEL = '2';

export interface AccountScene {
  readonly accounts: SimAccounts;
  readonly view: OkxAccountView;
  readonly instruments: readonly OkxInstrument[];
  readonly faults: FaultSwitch;
  readonly venueNow: () => number;
  /** New and amended orders of one account in two seconds. */
  readonly accountOrdersPer2s: number;
}

/** A number for people, the same for the same account. */
export const uidOf = (account: string): string => {
  let hash = 7n;
  for (const char of account) hash = (hash * 1_000_003n + BigInt(char.codePointAt(0) ?? 0)) % 900_000_000_000_000_000n;
  return String(44_705_892_343_619_584n + hash);
};

const config = ({ accounts }: AccountScene, { caller }: RouteRequest): readonly object[] => {
  const { account, key } = caller;
  const perm = ['read_only', ...(key.mayWithdraw ? ['withdraw'] : []), ...(key.mayTrade ? ['trade'] : [])].join(',');
  const uid = uidOf(account);
  return [
    {
      acctLv: '2',
      acctStpMode: DEFAULT_STP,
      autoLoan: false,
      ctIsoMode: 'automatic',
      enableSpotBorrow: false,
      feeType: '0',
      greeksType: 'PA',
      ip: key.addresses.join(','),
      kycLv: KYC_LEVEL,
      label: account,
      level: 'Lv1',
      levelTmp: '',
      liquidationGear: '-1',
      mainUid: uid,
      mgnIsoMode: 'automatic',
      opAuth: '0',
      perm,
      posMode: accounts.conditions(account).positionMode === 'net' ? 'net_mode' : 'long_short_mode',
      roleType: '0',
      settleCcy: 'USDT',
      settleCcyList: ['USDT'],
      spotBorrowAutoRepay: false,
      spotOffsetType: '',
      spotRoleType: '0',
      spotTraderInsts: [],
      stgyType: '0',
      traderInsts: [],
      type: '0',
      uid,
    },
  ];
};

const ccysOf = (query: URLSearchParams): readonly string[] => (query.get('ccy') ?? '').split(',').filter((ccy) => ccy !== '');

const balance = ({ view }: AccountScene, { caller, query }: RouteRequest): readonly object[] => [
  view.account(caller.account, ccysOf(query)),
];

const positions = ({ view }: AccountScene, { caller, query }: RouteRequest): readonly object[] => {
  const ids = (query.get('instId') ?? '').split(',').filter((id) => id !== '');
  const type = query.get('instType') ?? '';
  if (type !== '' && type !== 'SWAP' && type !== 'ANY') return [];
  return view.positions(caller.account).filter((p) => ids.length === 0 || ids.includes(p.instId));
};

const swapsNamed = ({ instruments }: AccountScene, text: string): readonly OkxInstrument[] | OkxRefused => {
  if (text === '') return no.empty('instId');
  const found = text.split(',').map((id) => instruments.find((x) => x.instType === 'SWAP' && x.listing.symbol === id));
  return found.every((x) => x !== undefined) ? found : no.NO_INSTRUMENT;
};
const isMarginMode = (text: string): text is 'cross' | 'isolated' => text === 'cross' || text === 'isolated';

const leverageInfo = (scene: AccountScene, { caller, query }: RouteRequest): readonly object[] | OkxRefused => {
  const swaps = swapsNamed(scene, query.get('instId') ?? '');
  if ('code' in swaps) return swaps;
  const mgnMode = query.get('mgnMode') ?? '';
  if (mgnMode === '') return no.empty('mgnMode');
  if (!isMarginMode(mgnMode)) return no.wrong('mgnMode');
  const sides = scene.accounts.conditions(caller.account).positionMode === 'net' ? ['net'] : ['long', 'short'];
  return swaps.flatMap(({ listing }) =>
    sides.map((posSide) => ({
      ccy: '',
      instId: listing.symbol,
      mgnMode,
      posSide,
      lever: String(scene.accounts.position(caller.account, listing.symbol).leverage),
    })),
  );
};

const setLeverage = (scene: AccountScene, { caller, body }: RouteRequest): readonly object[] | OkxRefused => {
  const [instId, lever, mgnMode] = [argText(body, 'instId'), argText(body, 'lever'), argText(body, 'mgnMode')];
  const swaps = swapsNamed(scene, instId);
  if ('code' in swaps) return swaps;
  if (lever === '') return no.empty('lever');
  if (!/^\d{1,3}$/.test(lever) || Number(lever) < 1) return no.wrong('lever');
  if (!isMarginMode(mgnMode)) return mgnMode === '' ? no.empty('mgnMode') : no.wrong('mgnMode');
  if (Number(lever) > MAX_LEVERAGE) return no.LEVERAGE_TOO_HIGH;
  const set = scene.accounts.setLeverage(caller.account, instId, Number(lever));
  if (!set.ok) return no.REFUSALS[set.code];
  return [{ instId, lever, mgnMode, posSide: argText(body, 'posSide') === '' ? 'net' : argText(body, 'posSide') }];
};

const setPositionMode = ({ accounts }: AccountScene, { caller, body }: RouteRequest): readonly object[] | OkxRefused => {
  const posMode = argText(body, 'posMode');
  if (posMode !== 'net_mode' && posMode !== 'long_short_mode') return posMode === '' ? no.empty('posMode') : no.wrong('posMode');
  const set = accounts.setPositionMode(caller.account, posMode === 'net_mode' ? 'net' : 'hedge');
  return !set.ok && set.code !== 'already-set' ? no.CLOSE_FIRST : [{ posMode }];
};

const tradeFee = (scene: AccountScene, { caller, query }: RouteRequest): readonly object[] | OkxRefused => {
  const instType = query.get('instType') ?? '';
  if (instType === '') return no.empty('instType');
  if (instType !== 'SPOT' && instType !== 'SWAP') return no.wrong('instType');
  const instId = query.get('instId') ?? '';
  const family = query.get('instFamily') ?? query.get('uly') ?? '';
  const of = scene.instruments.filter((x) => x.instType === instType);
  const found =
    of.find(
      (x) => (instId === '' || x.listing.symbol === instId) && (family === '' || `${x.listing.base}-${x.listing.quote}` === family),
    ) ?? null;
  if (found === null) return no.NO_INSTRUMENT;
  const rate = scene.accounts.feeRate(caller.account, found.listing.symbol);
  const [maker, taker] = [negated(rate.maker), negated(rate.taker)];
  const swap = instType === 'SWAP';
  return [
    {
      category: '1',
      delivery: '',
      exercise: '',
      feeGroup: [{ elpMaker: '', groupId: swap ? '4' : '1', maker, rpiMaker: '', taker }],
      fiat: [],
      instType,
      level: 'Lv1',
      maker: swap ? '' : maker,
      makerU: swap ? maker : '',
      makerUSDC: swap ? maker : '',
      ruleType: 'normal',
      taker: swap ? '' : taker,
      takerU: swap ? taker : '',
      takerUSDC: swap ? taker : '',
      ts: String(scene.venueNow()),
    },
  ];
};

/** Newest first; fills are type 2, funding type 8. */
const bills = ({ accounts, view, instruments }: AccountScene, { caller, query }: RouteRequest): readonly object[] => {
  const type = query.get('type') ?? '';
  const listed = new Set(instruments.map((x) => x.listing.symbol));
  const trades = accounts
    .fills(caller.account)
    .filter((f) => listed.has(f.symbol))
    .map((f) => tradeBill(f, view.instrument(f.symbol)));
  const moved = accounts.transfers(caller.account).map((t) => transferBill(t, ''));
  return [...trades, ...moved]
    .filter((row) => type === '' || row.type === type)
    .toSorted((a, b) => Number(b.ts) - Number(a.ts))
    .slice(0, MAX_BILLS);
};

export const ACCOUNT_ROUTES: ReadonlyArray<readonly [string, PrivateRoute]> = [
  ['GET /api/v5/account/config', { per2s: 5, answer: config }],
  ['GET /api/v5/account/balance', { per2s: 10, answer: balance }],
  ['GET /api/v5/account/positions', { per2s: 10, answer: positions }],
  ['GET /api/v5/account/leverage-info', { per2s: 20, answer: leverageInfo }],
  ['POST /api/v5/account/set-leverage', { per2s: 20, changes: true, answer: setLeverage }],
  ['POST /api/v5/account/set-position-mode', { per2s: 5, changes: true, answer: setPositionMode }],
  ['GET /api/v5/account/trade-fee', { per2s: 5, answer: tradeFee }],
  ['GET /api/v5/account/bills', { per2s: 10, answer: bills }],
];
