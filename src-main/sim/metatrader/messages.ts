/**
 * What the simulated EA writes, byte for byte: protocol v1 and the bare tick of older EAs. Owns spelling only. Prices
 * are printed as `DoubleToString` would, 64-bit figures travel in quotes; no float takes part.
 */

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

const symbolText = (s: TerminalSymbol): string =>
  `{"name":${JSON.stringify(s.name)},"digits":${s.digits},"point":${s.point},"tick_size":${s.tickSize},"tick_value":${s.tickValue},"contract_size":${s.contractSize},"vol_min":${s.volMin},"vol_step":${s.volStep},"vol_max":${s.volMax},"vol_limit":0.00,"filling":${FOK_AND_IOC},"exemode":${MARKET_EXECUTION},"trade_mode":${FULL_TRADING},"base":${JSON.stringify(s.base)},"profit":${JSON.stringify(s.profit)},"margin":${JSON.stringify(s.base)}}`;

export const helloText = (
  envelope: EnvelopeFigures,
  boot: {
    readonly bootId: string;
    readonly declaredUtcOffsetS: number;
    readonly account: TerminalAccount;
    readonly symbols: readonly TerminalSymbol[];
  },
): string => {
  const { account } = boot;
  const figures = `"boot_id":${JSON.stringify(boot.bootId)},"login":${JSON.stringify(account.login)},"server":${JSON.stringify(account.server)},"company":${JSON.stringify(account.company)},"currency":${JSON.stringify(account.currency)},"margin_mode":${RETAIL_HEDGING},"terminal_build":${account.terminalBuild},"ea_version":${JSON.stringify(account.eaVersion)},"server_utc_offset_s":${boot.declaredUtcOffsetS}`;
  return `{${envelopeText(envelope)},${figures},"symbols":[${boot.symbols.map(symbolText).join(',')}],"open_ids":[]}`;
};

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
  poll: { readonly pingUs: number; readonly httpUsMax: number; readonly queueDepth: number },
): string =>
  `{${envelopeText(envelope)},"connected":true,"ping_us":${poll.pingUs},"equity":"25000.00","margin_free":"25000.00","queue_depth":${poll.queueDepth},"http_us_max":${poll.httpUsMax}}`;

/** What EAs posted before there was a protocol: numbers, no session. */
export const bareTickText = (t: TerminalTick): string =>
  `{"symbol":${JSON.stringify(t.symbol)},"bid":${t.bid},"ask":${t.ask},"time_msc":${t.timeMsc}}`;
