/**
 * One simulated exchange on loopback with a market that moves only when told to, and accounts of our choosing: what referees and
 * fault runs play on. Owns the venue's life; its book of accounts is read directly, which is the third opinion beside ours and a
 * referee's.
 */
import { randomBytes } from 'node:crypto';
import type { ExchangeProtocol } from '../../src-shared/config/exchangeSites.ts';
import type { InstrumentId } from '../../src-shared/domain/ids.ts';
import type { GatewayInstrument } from '../../src-main/adapters/venues/gateway.ts';
import type { VenueKey } from '../../src-main/runtime/ports.ts';
import type { AccountOpening, BookFill, BookOrder, SimAccounts } from '../../src-main/sim/exchange/account/account.ts';
import { startBinanceVenue } from '../../src-main/sim/exchange/binanceVenue.ts';
import { startOkxVenue } from '../../src-main/sim/exchange/okxVenue.ts';
import { createFaultSwitch, type FaultSwitch } from '../../src-main/sim/faults.ts';
import { DEMO_INSTRUMENTS, listedAt, priceText, type SimInstrument } from '../../src-main/sim/market/instruments.ts';
import type { BookUpdate } from '../../src-main/sim/market/model.ts';

const FEES = { maker: '0.0002', taker: '0.0005' };
const SPOT_FEES = { maker: '0.0008', taker: '0.001' };
const CONFIGURED_FEE_BPS = { spot: 10, perpetual: 5 };
export const FIRST_BALANCES: Readonly<Record<string, string>> = { USDT: '1000000', BTC: '10' };

/** What each venue trades here; the first is the one that tests use. */
export const TRADED: Readonly<Record<ExchangeProtocol, readonly string[]>> = {
  'binance-usdm': ['XAUUSDT', 'BTCUSDT'],
  'binance-spot': ['BTCUSDT'],
  okx: ['XAU-USDT-SWAP', 'BTC-USDT'],
};
/** How far the venue's clock is ahead of ours. */
const CLOCK_LEAD_MS: Readonly<Record<ExchangeProtocol, number>> = { 'binance-usdm': 318, 'binance-spot': 312, okx: -47 };

export interface Quote {
  /** In ticks of the instrument. */
  readonly bid: number;
  readonly ask: number;
  /** In steps of its quantity. */
  readonly bidSteps: number;
  readonly askSteps: number;
}

export interface Stage {
  readonly protocol: ExchangeProtocol;
  readonly restUrl: string;
  readonly socketUrl: string;
  readonly accounts: SimAccounts;
  readonly faults: FaultSwitch;
  readonly instruments: readonly GatewayInstrument[];
  listed(symbol: string): SimInstrument;
  /** Price of so many ticks, as the venue writes it. */
  price(symbol: string, ticks: number): string;
  quote(symbol: string, quote: Quote): void;
  /** A new sub-account with money and one key. */
  open(id: string, over?: Partial<AccountOpening>): VenueKey;
  orders(account: string): readonly BookOrder[];
  fills(account: string): readonly BookFill[];
  stop(): Promise<void>;
}

export interface StageChoice {
  readonly protocol: ExchangeProtocol;
  readonly seed?: number;
  /** Where the venue keeps its book; null = in memory. */
  readonly file?: string | null;
  readonly port?: number;
  /** Allowances beyond what any run uses up; as in life otherwise, but for connections, of which many clients on one host need many. */
  readonly relaxed?: boolean;
}

const PLENTY = 1_000_000;

interface Venue {
  readonly server: { readonly restUrl: string; readonly streamUrl: string };
  readonly accounts: SimAccounts;
  publish(update: BookUpdate): void;
  stop(): Promise<void>;
}

const startVenue = (choice: StageChoice, faults: FaultSwitch): Promise<Venue> => {
  const { protocol, file = null, port, seed = 1, relaxed = false } = choice;
  const clock = () => Date.now() + CLOCK_LEAD_MS[protocol];
  const instruments = listedAt(DEMO_INSTRUMENTS, protocol);
  if (protocol === 'okx') {
    const more = { requestsPer2s: PLENTY, ordersPer2s: PLENTY, batchedOrdersPer2s: PLENTY, accountOrdersPer2s: PLENTY };
    const timings = { connectionsPerSecond: PLENTY, ...(relaxed ? more : {}) };
    return startOkxVenue({ instruments, faults, clock, seed, file, port, timings });
  }
  const timings = relaxed ? { weightPerMinute: PLENTY, ordersPer10s: PLENTY, ordersPerMinute: PLENTY, ordersPerDay: PLENTY } : {};
  return startBinanceVenue({ product: protocol === 'binance-spot' ? 'spot' : 'usdm', instruments, faults, clock, file, port, timings });
};

const secret = (): string => randomBytes(24).toString('base64url');

export const simulatedKey = (protocol: ExchangeProtocol): VenueKey => ({
  environment: 'simulated',
  apiKey: secret(),
  secret: { algorithm: 'hmac-sha256', text: secret() },
  passphrase: protocol === 'okx' ? secret() : null,
});

const gatewayInstrument = (protocol: ExchangeProtocol, listed: SimInstrument): GatewayInstrument => ({
  id: `${listed.symbol}@${protocol}` as InstrumentId,
  symbol: listed.symbol,
  kind: listed.kind,
  expected: {},
  takerFeeBps: listed.kind === 'spot' ? CONFIGURED_FEE_BPS.spot : CONFIGURED_FEE_BPS.perpetual,
  initialMarginRate: 0.2,
  carryIntervalHours: listed.kind === 'spot' ? null : 8,
});

export const startStage = async (choice: StageChoice): Promise<Stage> => {
  const { protocol, seed = 1 } = choice;
  const faults = createFaultSwitch(seed, protocol);
  const venue = await startVenue(choice, faults);
  const { accounts } = venue;
  const listed = (symbol: string): SimInstrument => {
    const found = DEMO_INSTRUMENTS.find((each) => each.venue === protocol && each.symbol === symbol);
    if (found === undefined) throw new Error(`${protocol} lists no ${symbol}`);
    return found;
  };
  let updates = 0;
  return {
    protocol,
    restUrl: venue.server.restUrl,
    socketUrl: venue.server.streamUrl,
    accounts,
    faults,
    instruments: TRADED[protocol].map((symbol) => gatewayInstrument(protocol, listed(symbol))),
    listed,
    price: (symbol, ticks) => priceText(listed(symbol), ticks),
    quote: (symbol, { bid, ask, bidSteps, askSteps }) => {
      const instrument = listed(symbol);
      updates += 1;
      venue.publish({
        instrument,
        atMs: Date.now(),
        bidTicks: bid,
        askTicks: ask,
        bidQtySteps: bidSteps,
        askQtySteps: askSteps,
        updateId: instrument.firstUpdateId + updates,
      });
    },
    open: (id, over = {}) => {
      const key = simulatedKey(protocol);
      accounts.open({
        id,
        keys: [
          {
            apiKey: key.apiKey,
            proof: { algorithm: 'hmac-sha256', secret: key.secret.algorithm === 'hmac-sha256' ? key.secret.text : '' },
            passphrase: key.passphrase,
            mayTrade: true,
            mayWithdraw: false,
            addresses: [],
            expiresMs: null,
            createdMs: Date.now(),
          },
        ],
        balances: FIRST_BALANCES,
        fees: { spot: SPOT_FEES, perpetual: FEES },
        leverage: 10,
        ...over,
      });
      return key;
    },
    orders: (account) => accounts.orders(account),
    fills: (account) => accounts.fills(account),
    stop: () => venue.stop(),
  };
};
