/**
 * What the simulated venues list. Owns each instrument's trading rules, its spelling on the wire and the shape of its
 * market. Prices and quantities are whole ticks and steps inside the simulation; text is made from them without floats.
 */

export const SIM_VENUES = ['binance-spot', 'binance-usdm', 'okx', 'mt5'] as const;
export type SimVenueId = (typeof SIM_VENUES)[number];
export type Underlying = 'BTC' | 'ETH' | 'XAU';

/** How an instrument trades; times in virtual milliseconds. */
export interface MarketShape {
  readonly meanGapMs: number;
  /** No silence longer than this while its session is open. */
  readonly maxGapMs: number;
  readonly halfWidthBps: number;
  readonly basisMeanBps: number;
  readonly basisSdBps: number;
  readonly basisReversionMs: number;
  /** Share of updates that change nothing but a size. */
  readonly sizeOnlyShare: number;
  /** A price departs when its fair value is this far away. */
  readonly requoteBps: number;
  /** Typical displayed quantity, in steps. */
  readonly typicalQtySteps: number;
  /** Whether a session break stops its quotes; else they only widen. */
  readonly stopsInBreak: boolean;
}

export interface SimInstrument {
  readonly venue: SimVenueId;
  readonly symbol: string;
  readonly underlying: Underlying;
  readonly kind: 'spot' | 'perpetual' | 'cfd';
  readonly base: string;
  readonly quote: string;
  /** Decimals in which the venue prints prices, and one tick in units of the last of them. */
  readonly priceDecimals: number;
  readonly tickUnits: number;
  readonly qtyDecimals: number;
  readonly stepUnits: number;
  /** Base units in one contract or lot; 1 for base-quantity venues. */
  readonly unitsPerContract: string;
  /** First update id of a world; the size of the venue's own ids. */
  readonly firstUpdateId: number;
  readonly shape: MarketShape;
}

/** `61800.30` from whole units; exact for any safe integer. `trimmed` drops the zeros behind, as OKX does. */
export const fixedText = (units: number, decimals: number, trimmed = false): string => {
  const sign = units < 0 ? '-' : '';
  const digits = String(Math.abs(units)).padStart(decimals + 1, '0');
  if (decimals === 0) return sign + digits;
  const whole = digits.slice(0, -decimals);
  const fraction = trimmed ? digits.slice(-decimals).replace(/0+$/, '') : digits.slice(-decimals);
  return sign + whole + (fraction === '' ? '' : `.${fraction}`);
};

export const priceText = (instrument: SimInstrument, ticks: number): string =>
  fixedText(ticks * instrument.tickUnits, instrument.priceDecimals, instrument.venue === 'okx');
export const qtyText = (instrument: SimInstrument, steps: number): string =>
  fixedText(steps * instrument.stepUnits, instrument.qtyDecimals, instrument.venue === 'okx');
export const tickSizeOf = (instrument: SimInstrument): number => instrument.tickUnits / 10 ** instrument.priceDecimals;

const shape = (over: Partial<MarketShape>): MarketShape => ({
  meanGapMs: 80,
  maxGapMs: 350,
  halfWidthBps: 0.1,
  basisMeanBps: 0,
  basisSdBps: 0.6,
  basisReversionMs: 20_000,
  sizeOnlyShare: 0.8,
  requoteBps: 0.5,
  typicalQtySteps: 2_000,
  stopsInBreak: false,
  ...over,
});

const spot = (symbol: string, over: Partial<SimInstrument>): SimInstrument => ({
  venue: 'binance-spot',
  symbol,
  underlying: 'BTC',
  kind: 'spot',
  base: 'BTC',
  quote: 'USDT',
  priceDecimals: 8,
  tickUnits: 1_000_000,
  qtyDecimals: 8,
  stepUnits: 1_000,
  unitsPerContract: '1',
  firstUpdateId: 98_494_969_448,
  shape: shape({ meanGapMs: 35, halfWidthBps: 0.001, basisMeanBps: 1.6, sizeOnlyShare: 0.75, typicalQtySteps: 320_000 }),
  ...over,
});

const usdm = (symbol: string, over: Partial<SimInstrument>): SimInstrument => ({
  venue: 'binance-usdm',
  symbol,
  underlying: 'BTC',
  kind: 'perpetual',
  base: 'BTC',
  quote: 'USDT',
  priceDecimals: 2,
  tickUnits: 10,
  qtyDecimals: 3,
  stepUnits: 1,
  unitsPerContract: '1',
  firstUpdateId: 5_123_107_832_006,
  shape: shape({ meanGapMs: 18, halfWidthBps: 0.008, basisMeanBps: -2, sizeOnlyShare: 0.97, typicalQtySteps: 4_200 }),
  ...over,
});

const okx = (symbol: string, over: Partial<SimInstrument>): SimInstrument => ({
  venue: 'okx',
  symbol,
  underlying: 'BTC',
  kind: 'perpetual',
  base: 'BTC',
  quote: 'USDT',
  priceDecimals: 1,
  tickUnits: 1,
  qtyDecimals: 2,
  stepUnits: 1,
  unitsPerContract: '0.01',
  firstUpdateId: 71_830_442_917,
  shape: shape({ meanGapMs: 30, halfWidthBps: 0.008, basisMeanBps: -1.4, sizeOnlyShare: 0.93, typicalQtySteps: 80_000 }),
  ...over,
});

const mt5 = (symbol: string, over: Partial<SimInstrument>): SimInstrument => ({
  venue: 'mt5',
  symbol,
  underlying: 'BTC',
  kind: 'cfd',
  base: 'BTC',
  quote: 'USD',
  priceDecimals: 2,
  tickUnits: 1,
  qtyDecimals: 2,
  stepUnits: 1,
  unitsPerContract: '1',
  firstUpdateId: 0,
  shape: shape({ meanGapMs: 170, maxGapMs: 800, halfWidthBps: 0.9, basisMeanBps: 0.4, basisSdBps: 0.4, sizeOnlyShare: 0, requoteBps: 0.1 }),
  ...over,
});

/** Everything the model can quote; a tape takes the place of some, see `tape/tapeWorld.ts`. */
export const DEMO_INSTRUMENTS: readonly SimInstrument[] = [
  spot('BTCUSDT', {}),
  usdm('BTCUSDT', {}),
  usdm('XAUUSDT', {
    underlying: 'XAU',
    base: 'XAU',
    tickUnits: 1,
    firstUpdateId: 400_900_217,
    shape: shape({ meanGapMs: 70, halfWidthBps: 0.14, basisMeanBps: 2.6, basisSdBps: 0.7, sizeOnlyShare: 0.9, typicalQtySteps: 31_000 }),
  }),
  okx('BTC-USDT-SWAP', {}),
  okx('XAU-USDT-SWAP', {
    underlying: 'XAU',
    base: 'XAU',
    priceDecimals: 2,
    qtyDecimals: 0,
    unitsPerContract: '0.001',
    firstUpdateId: 1_902_443_310,
    shape: shape({ meanGapMs: 80, halfWidthBps: 0.16, basisMeanBps: -3.1, basisSdBps: 0.7, sizeOnlyShare: 0.88, typicalQtySteps: 24_000 }),
  }),
  okx('BTC-USDT', {
    kind: 'spot',
    qtyDecimals: 8,
    unitsPerContract: '',
    firstUpdateId: 82_114_908_553,
    shape: shape({ meanGapMs: 60, halfWidthBps: 0.008, basisMeanBps: 1.2, sizeOnlyShare: 0.8, typicalQtySteps: 65_000_000 }),
  }),
  mt5('XAUUSD', {
    underlying: 'XAU',
    base: 'XAU',
    unitsPerContract: '100',
    shape: shape({
      meanGapMs: 140,
      maxGapMs: 700,
      halfWidthBps: 0.45,
      basisSdBps: 0.3,
      sizeOnlyShare: 0,
      requoteBps: 0.05,
      stopsInBreak: true,
    }),
  }),
  mt5('BTCUSD', {}),
];

/** Stands against a tape of ETH; the demo itself does not trade it. */
export const ETH_SWAP: SimInstrument = okx('ETH-USDT-SWAP', {
  underlying: 'ETH',
  base: 'ETH',
  priceDecimals: 2,
  unitsPerContract: '0.1',
  firstUpdateId: 64_118_203_977,
  shape: shape({ meanGapMs: 50, halfWidthBps: 0.03, basisMeanBps: -1.2, sizeOnlyShare: 0.9, typicalQtySteps: 90_000 }),
});

/** @throws Error for what the simulation does not list */
export const demoInstrument = (venue: SimVenueId, symbol: string): SimInstrument => {
  const found = DEMO_INSTRUMENTS.find((x) => x.venue === venue && x.symbol === symbol);
  if (found === undefined) throw new Error(`the simulation lists no ${symbol}@${venue}`);
  return found;
};

export const listedAt = (instruments: readonly SimInstrument[], venue: SimVenueId): SimInstrument[] =>
  instruments.filter((x) => x.venue === venue);
export const keyOf = (x: Pick<SimInstrument, 'venue' | 'symbol'>): string => `${x.symbol}@${x.venue}`;
