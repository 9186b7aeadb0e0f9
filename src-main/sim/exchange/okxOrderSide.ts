/**
 * The order side of a simulated OKX, joined: accounts, desk, signed REST, private channels. Owns their lives and the timers of
 * the accounts; the market tells it of every book.
 */
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { FaultSwitch } from '../faults.ts';
import { priceText, qtyText, type SimInstrument } from '../market/instruments.ts';
import type { BookUpdate } from '../market/model.ts';
import { randomStream } from '../random.ts';
import type { SimAccounts } from './account/account.ts';
import { createSimAccounts } from './account/accounts.ts';
import { OkxAccountView } from './okxAccountView.ts';
import { OKX_POLICY, okxInstruments, type OkxInstrument } from './okxListings.ts';
import { OkxOrderDesk, type EntryLimits } from './okxOrderDesk.ts';
import { OkxPrivateChannels } from './okxPrivateChannels.ts';
import { createOkxPrivateRest, type OkxPrivateRest } from './okxPrivateRest.ts';
import { loginOf } from './okxSignature.ts';
import type { OkxPrivateDoor } from './okxStreams.ts';

const TICK_MS = 100;

export interface OkxOrderSideSettings {
  readonly instruments: readonly SimInstrument[];
  readonly faults: FaultSwitch;
  readonly venueNow: () => number;
  readonly seed: number;
  readonly file: string | null;
  readonly demoKeys: ReadonlySet<string>;
  readonly lastOf: (symbol: string) => string;
  readonly limits: EntryLimits;
}

export interface OkxOrderSide {
  readonly accounts: SimAccounts;
  readonly rest: OkxPrivateRest;
  readonly door: OkxPrivateDoor;
  instrument(symbol: string): OkxInstrument;
  market(update: BookUpdate): void;
  stop(): void;
}

/** The exchange closes this share of every position in the symbol that anybody holds. */
const liquidate = (accounts: SimAccounts, x: OkxInstrument, share: number, origin: 'liquidation' | 'deleveraging'): void => {
  for (const id of accounts.list()) {
    const held = new Decimal(accounts.position(id, x.listing.symbol).qty).abs();
    const part = held.times(share).div(x.lotSz).ceil().times(x.lotSz);
    if (!held.isZero()) accounts.closeByVenue(id, x.listing.symbol, origin, part.toFixed());
  }
};

export const joinOkxOrderSide = (settings: OkxOrderSideSettings): OkxOrderSide => {
  const { faults, venueNow, lastOf } = settings;
  const instruments = okxInstruments(settings.instruments);
  const accounts = createSimAccounts({
    listings: instruments.map((x) => x.listing),
    policy: OKX_POLICY,
    clock: venueNow,
    file: settings.file,
  });
  const view = new OkxAccountView({ accounts, instruments, venueNow, lastOf });
  const desk = new OkxOrderDesk({ accounts, instruments, faults, venueNow, limits: settings.limits });
  const keyring = { accounts, demoKeys: settings.demoKeys };
  const random = randomStream(settings.seed, 'okx/pushes');
  const channels = new OkxPrivateChannels({ accounts, view, faults, venueNow, random });
  const rest = createOkxPrivateRest({
    scene: { accounts, view, instruments, faults, venueNow, accountOrdersPer2s: settings.limits.account },
    keyring,
    desk,
    faults,
    venueNow,
  });
  const timer = setInterval(() => accounts.tick(), TICK_MS);
  faults.attachOrders({
    liquidate: (symbol, share, how) => {
      const x = instruments.find(({ listing, instType }) => instType === 'SWAP' && listing.symbol === symbol);
      if (x !== undefined) liquidate(accounts, x, share, how === 'adl' ? 'deleveraging' : 'liquidation');
    },
  });
  return {
    accounts,
    rest,
    door: {
      channels,
      login: (args) => loginOf(keyring, args, venueNow()),
      act: (caller, op, args, expTime) => desk.act(caller, op, args, 'socket', expTime),
      dead: () => faults.timed('dead-private-socket') !== null,
      venueNow,
    },
    instrument: (symbol) => view.instrument(symbol),
    market: ({ instrument: x, bidTicks, askTicks, bidQtySteps, askQtySteps }) =>
      accounts.market(x.symbol, () => ({
        bidPrice: priceText(x, bidTicks),
        bidQty: qtyText(x, bidQtySteps),
        askPrice: priceText(x, askTicks),
        askQty: qtyText(x, askQtySteps),
      })),
    stop: () => {
      clearInterval(timer);
      channels.stop();
    },
  };
};
