/**
 * What the simulated EA writes, byte for byte: protocol v1 and the bare tick of older EAs. Owns spelling only. Prices
 * are printed as `DoubleToString` would, 64-bit figures travel in quotes; no float takes part.
 */

import { tickValueOf, type BrokerSymbol, type TradeSession } from './broker/symbols.ts';

export const PROTOCOL_VERSION = 1;

export interface TerminalAccount {
  readonly login: string;
  readonly server: string;
  readonly company: string;
  readonly currency: string;
  readonly terminalBuild: number;
  readonly eaVersion: string;
}

/** A row of the broker's symbol table; amounts as the broker prints them. */
export interface TerminalSymbol {
  readonly name: string;
  readonly digits: number;
  readonly point: string;
  readonly tickSize: string;
  readonly tickValue: string;
  readonly contractSize: string;
  readonly volMin: string;
  readonly volStep: string;
  readonly volMax: string;
  readonly base: string;
  readonly profit: string;
  /** What only matters to orders; absent where the terminal only streams. */
  readonly orders?: OrderFigures | undefined;
}

export interface OrderFigures {
  readonly volLimit: string;
  readonly filling: number;
  readonly exeMode: number;
  readonly tradeMode: number;
  readonly margin: string;
  readonly swapMode: number;
  readonly swapLong: string;
  readonly swapShort: string;
  readonly swapTripleDay: number;
  readonly sessions: readonly TradeSession[];
}

/** What an EA says of itself where orders go through it. */
export interface TradingPart {
  readonly accountKind: number;
  readonly marginMode: number;
  readonly magicBase: number;
  readonly limits: {
    readonly maxLotsCommand: string;
    readonly maxLotsTotal: string;
    readonly maxCommandsMinute: number;
    readonly opening: boolean;
  };
  readonly openIds: readonly string[];
}

/** A quote as the terminal knows it. */
export interface TerminalTick {
  readonly symbol: string;
  readonly bid: string;
  readonly ask: string;
  /** Broker server time. */
  readonly timeMsc: number;
  readonly seenMonoMs: number;
}

/** The account as `poll` shows it. */
export interface AccountStanding {
  readonly connected: boolean;
  readonly equity: string;
  readonly marginFree: string;
  readonly openPositions: number;
  readonly openLots: string;
}

/** Of a terminal that only streams. */
export const QUIET_ACCOUNT: AccountStanding = {
  connected: true,
  equity: '25000.00',
  marginFree: '25000.00',
  openPositions: 0,
  openLots: '0',
};

export interface EnvelopeFigures {
  readonly session: string;
  readonly epoch: number;
  readonly seq: number;
  readonly monoMs: number;
  readonly gates: string;
}

const FULL_TRADING = 4;
const RETAIL_HEDGING = 2;
const MARKET_EXECUTION = 2;
const FOK_AND_IOC = 3;

const envelopeText = (e: EnvelopeFigures): string =>
  `"v":${PROTOCOL_VERSION},"session":${JSON.stringify(e.session)},"epoch":${e.epoch},"seq":"${e.seq}","mono_ms":"${Math.floor(e.monoMs)}","gates":${JSON.stringify(e.gates)}`;

/** A row of the broker's own table, as the EA spells it. */
export const terminalSymbolOf = (s: BrokerSymbol): TerminalSymbol => ({
  name: s.name,
  digits: s.digits,
  point: s.point,
  tickSize: s.tickSize,
  tickValue: tickValueOf(s),
  contractSize: s.contractSize,
  volMin: s.volMin,
  volStep: s.volStep,
  volMax: s.volMax,
  base: s.base,
  profit: s.profit,
  orders: s,
});

const ordersText = (o: OrderFigures): string =>
  `,"swap_mode":${o.swapMode},"swap_long":${o.swapLong},"swap_short":${o.swapShort},"swap_triple_day":${o.swapTripleDay},"sessions":${JSON.stringify(o.sessions)}`;

const symbolText = (s: TerminalSymbol): string =>
  `{"name":${JSON.stringify(s.name)},"digits":${s.digits},"point":${s.point},"tick_size":${s.tickSize},"tick_value":${s.tickValue},"contract_size":${s.contractSize},"vol_min":${s.volMin},"vol_step":${s.volStep},"vol_max":${s.volMax},"vol_limit":${s.orders?.volLimit ?? '0.00'},"filling":${s.orders?.filling ?? FOK_AND_IOC},"exemode":${s.orders?.exeMode ?? MARKET_EXECUTION},"trade_mode":${s.orders?.tradeMode ?? FULL_TRADING},"base":${JSON.stringify(s.base)},"profit":${JSON.stringify(s.profit)},"margin":${JSON.stringify(s.orders?.margin ?? s.base)}${s.orders === undefined ? '' : ordersText(s.orders)}}`;

export const helloText = (
  envelope: EnvelopeFigures,
  boot: {
    readonly bootId: string;
    readonly declaredUtcOffsetS: number;
    readonly account: TerminalAccount;
    readonly symbols: readonly TerminalSymbol[];
    readonly trading?: TradingPart | undefined;
  },
): string => {
  const { account, trading } = boot;
  const figures = `"boot_id":${JSON.stringify(boot.bootId)},"login":${JSON.stringify(account.login)},"server":${JSON.stringify(account.server)},"company":${JSON.stringify(account.company)},"currency":${JSON.stringify(account.currency)},"margin_mode":${trading?.marginMode ?? RETAIL_HEDGING},"terminal_build":${account.terminalBuild},"ea_version":${JSON.stringify(account.eaVersion)},"server_utc_offset_s":${boot.declaredUtcOffsetS}`;
  const orders = trading === undefined ? '' : tradingText(trading);
  const openIds = JSON.stringify(trading?.openIds ?? []);
  return `{${envelopeText(envelope)},${figures}${orders},"symbols":[${boot.symbols.map(symbolText).join(',')}],"open_ids":${openIds}}`;
};

const tradingText = ({ accountKind, magicBase, limits: l }: TradingPart): string =>
  `,"account_kind":${accountKind},"magic_base":"${magicBase}","kill_presses":0,"limits":{"max_lots_command":${l.maxLotsCommand},"max_lots_total":${l.maxLotsTotal},"max_commands_minute":${l.maxCommandsMinute},"opening":${l.opening}}`;

/** An ack, a fill or a part of a snapshot. */
export const reportText = (envelope: EnvelopeFigures, body: Readonly<Record<string, unknown>>): string =>
  `{${envelopeText(envelope)},${JSON.stringify(body).slice(1)}`;

/** Ages are computed when the bytes are made, so that a repeated request does not pretend to be fresh. */
export const tickText = (envelope: EnvelopeFigures, ticks: readonly TerminalTick[]): string => {
  const rows = ticks.map(
    (t) =>
      `{"symbol":${JSON.stringify(t.symbol)},"bid":${t.bid},"ask":${t.ask},"time_msc":"${t.timeMsc}","age_ms":${Math.max(0, Math.round(envelope.monoMs - t.seenMonoMs))}}`,
  );
  return `{${envelopeText(envelope)},"ticks":[${rows.join(',')}]}`;
};

export const pollText = (
  envelope: EnvelopeFigures,
  poll: {
    readonly pingUs: number;
    readonly httpUsMax: number;
    readonly queueDepth: number;
    readonly utcOffsetS: number;
    readonly standing: AccountStanding;
  },
): string => {
  const { connected, equity, marginFree, openPositions, openLots } = poll.standing;
  const account = `"connected":${connected},"equity":"${equity}","margin_free":"${marginFree}","open_positions":${openPositions},"open_lots":"${openLots}"`;
  const line = `"ping_us":${poll.pingUs},"queue_depth":${poll.queueDepth},"http_us_max":${poll.httpUsMax}`;
  return `{${envelopeText(envelope)},${account},${line},"server_utc_offset_s":${poll.utcOffsetS},"kill_presses":0}`;
};

/** What EAs posted before there was a protocol: numbers, no session. */
export const bareTickText = (t: TerminalTick): string =>
  `{"symbol":${JSON.stringify(t.symbol)},"bid":${t.bid},"ask":${t.ask},"time_msc":${t.timeMsc}}`;
