import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { assert as holds, property, stringMatching } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOkxDecoder } from '../okx/decode.ts';
import { interpretOkx } from '../okx/stream.ts';
import { createBinanceDecoder } from './binanceDecoder.ts';
import { interpretBinance } from './binanceStream.ts';
import { scanDecimalText, scanned } from './byteScanner.ts';
import { numberOfDecimalText } from './exactJson.ts';
import {
  BINANCE_FRAMES,
  BINANCE_SYMBOLS,
  isSame,
  judgeBinance,
  judgeOkx,
  mutate,
  OKX_FRAMES,
  OKX_SYMBOLS,
  seeded,
  sharedDataPath,
  verdictOf,
} from './frames.testkit.ts';

const MUTATIONS = 25_000;
/** A guard against hanging on a busy machine, for the tests that read some hundred thousand frames. */
const PATIENCE_MS = 180_000;
const bytesOf = (text: string) => Buffer.from(text);

describe('Binance decoder', () => {
  const decoder = createBinanceDecoder(BINANCE_SYMBOLS);

  it('reads futures, spot and combined frames without JSON.parse', () => {
    for (const frame of BINANCE_FRAMES.slice(0, 3)) expect(decoder.decode(bytesOf(frame))).toBe('quote');
    expect(decoder.fallbacks).toBe(0);
    expect(verdictOf(decoder, decoder.decode(bytesOf(BINANCE_FRAMES[0]!)))).toEqual({
      slot: 0,
      bidPx: 4000.01,
      bidQty: 31.21,
      askPx: 4000.11,
      askQty: 40.66,
      venueMs: 1_795_353_000_001,
      sentMs: 1_795_353_000_005,
      updateId: 400_900_217,
    });
  });

  it('forgets the times of the frame before', () => {
    decoder.decode(bytesOf(BINANCE_FRAMES[0]!));
    decoder.decode(bytesOf(BINANCE_FRAMES[1]!));
    expect(decoder.draft.venueMs).toBeNaN();
    expect(decoder.draft.sentMs).toBeNaN();
    expect(decoder.draft.slot).toBe(2);
  });

  it('keeps 64-bit ids exact on both roads', () => {
    const frame = (gap: string) => bytesOf(`{"u":9223372036854775807,${gap}"s":"BTCUSDT","b":"1","B":"1","a":"2","A":"1"}`);
    expect(decoder.decode(frame(''))).toBe('quote');
    expect(decoder.draft.updateId).toBe(9_223_372_036_854_775_807n);
    const before = decoder.fallbacks;
    expect(decoder.decode(frame('"\\u0061b":1,'))).toBe('quote');
    expect(decoder.fallbacks).toBe(before + 1);
    expect(decoder.draft.updateId).toBe(9_223_372_036_854_775_807n);
  });

  it('skips unknown keys with nested values and escapes', () => {
    const before = decoder.fallbacks;
    const frame =
      '{ "zz" : [1,-2.5e+3,{"deep":["\\"}\\u00e9\\\\",null,true]}] ,"A":"1","a":"2","B":"3","b":"1.5","s":"XAUUSDT","u":7,"é":{}}\n';
    expect(decoder.decode(bytesOf(frame))).toBe('quote');
    expect(decoder.draft.bidPx).toBe(1.5);
    expect(decoder.fallbacks).toBe(before);
  });

  it('refuses what a double cannot carry, and says why', () => {
    expect(decoder.decode(bytesOf('{"u":1,"s":"BTCUSDT","b":"1234567890.1234567","B":"1","a":"2","A":"1"}'))).toBe('malformed');
    expect(decoder.why).toContain('15 significant digits');
    expect(decoder.decode(bytesOf('{"u":1,"s":"BTCUSDT","b":"1.5","B":"1","a":"2"}'))).toBe('malformed');
    expect(decoder.why).toContain('A');
    expect(decoder.decode(bytesOf('{"u":1,'))).toBe('malformed');
    expect(decoder.decode(Buffer.alloc(0))).toBe('malformed');
  });

  it('gives everything else as a message', () => {
    expect(decoder.decode(bytesOf('{"result":null,"id":1}'))).toBe('message');
    expect(decoder.message).toEqual({ result: null, id: 1 });
  });

  it('agrees with JSON.parse on mutated frames', { timeout: PATIENCE_MS }, () => {
    const random = seeded(1);
    const quotes = { count: 0 };
    for (let i = 0; i < MUTATIONS; i++) {
      const frame = mutate(BINANCE_FRAMES[i % BINANCE_FRAMES.length]!, random);
      const judged = judgeBinance(frame, BINANCE_SYMBOLS);
      if (typeof judged === 'object') quotes.count++;
      const verdict = verdictOf(decoder, decoder.decode(frame));
      if (!isSame(verdict, judged)) expect(verdict, frame.toString()).toEqual(judged);
    }
    expect(quotes.count).toBeGreaterThan(MUTATIONS / 50);
  });

  it('agrees with JSON.parse on every recorded frame, without falling back', { timeout: PATIENCE_MS }, ({ skip }) => {
    const found = ['spot_btcusdt_20240808.gz', 'usdm_btcusdt_20240808.gz'].map((name) => sharedDataPath('binance-raw', name));
    if (found.includes(null)) skip('the recorded market data is not on this machine');
    const counts = found.map((path) => {
      const fresh = createBinanceDecoder(['BTCUSDT']);
      let quotes = 0;
      for (const line of gunzipSync(readFileSync(path!)).toString().split('\n')) {
        if (line === '') continue;
        const frame = bytesOf(line.slice(line.indexOf(' ') + 1));
        const verdict = verdictOf(fresh, fresh.decode(frame));
        if (typeof verdict === 'object') quotes++;
        if (!line.includes('@bookTicker')) {
          if (verdict !== 'message') expect.fail(line);
        } else if (!isSame(verdict, judgeBinance(frame, ['BTCUSDT']))) expect.fail(line);
      }
      expect(fresh.fallbacks).toBe(0);
      return quotes;
    });
    expect(counts).toEqual([28_040, 66_089]);
  });

  it('reads the single recorded frames, and the live ones of August 2026, like JSON.parse', ({ skip }) => {
    const single = sharedDataPath('single-frames', 'binance.frames.ndjson');
    const live = sharedDataPath('live-frames-2026', 'binance_ws_live_frames.json');
    if (single === null || live === null) skip('the recorded market data is not on this machine');
    const lines = readFileSync(single ?? '', 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    const { cases } = JSON.parse(readFileSync(live ?? '', 'utf8')) as { cases: { messages: unknown[] }[] };
    const frames = [...lines, ...cases.flatMap(({ messages }) => messages.map((message) => JSON.stringify(message)))];
    const fresh = createBinanceDecoder(['BTCUSDT', 'ETHUSDT']);
    let quotes = 0;
    for (const frame of frames) {
      const verdict = verdictOf(fresh, fresh.decode(bytesOf(frame)));
      expect(isSame(verdict, judgeBinance(bytesOf(frame), ['BTCUSDT', 'ETHUSDT'])), frame).toBe(true);
      if (typeof verdict === 'object') quotes++;
      // The file also holds REST documents and spot's partial depth: neither carries a name, and we ask for neither.
      else {
        const isNamed = /^\{"(e|stream|result)":/.test(frame);
        expect(interpretBinance(fresh.message).kind === 'unrecognised', frame).toBe(!isNamed);
      }
    }
    expect(quotes).toBe(7);
    expect(fresh.fallbacks).toBe(0);
  });
});

describe('OKX decoder', () => {
  const decoder = createOkxDecoder(OKX_SYMBOLS);

  it('reads bbo-tbt without JSON.parse, an empty side as zero', () => {
    expect(verdictOf(decoder, decoder.decode(bytesOf(OKX_FRAMES[0]!)))).toEqual({
      slot: 0,
      bidPx: 4000.01,
      bidQty: 40_660,
      askPx: 4000.11,
      askQty: 31_210,
      venueMs: 1_795_353_000_001,
      sentMs: null,
      updateId: 123_456_789,
    });
    decoder.decode(bytesOf(OKX_FRAMES[1]!));
    expect([decoder.draft.askPx, decoder.draft.askQty]).toEqual([0, 0]);
    expect(decoder.fallbacks).toBe(0);
  });

  it('reads books5 and tickers through JSON.parse', () => {
    const books =
      '{"arg":{"channel":"books5","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","asks":[["2","1","0","1"],["3","1","0","1"]],"bids":[["1","4","0","1"]],"ts":"5","seqId":9}]}';
    expect(decoder.decode(bytesOf(books))).toBe('quote');
    expect(decoder.draft).toMatchObject({ slot: 1, bidPx: 1, bidQty: 4, askPx: 2, askQty: 1, venueMs: 5, updateId: 9 });
    const ticker = '{"arg":{"channel":"tickers","instId":"BTC-USDT"},"data":[{"bidPx":"1","bidSz":"2","askPx":"","askSz":"","ts":"6"}]}';
    expect(decoder.decode(bytesOf(ticker))).toBe('quote');
    expect(decoder.draft).toMatchObject({ bidPx: 1, bidQty: 2, askPx: 0, askQty: 0, venueMs: 6, updateId: null });
  });

  it('agrees with JSON.parse on mutated frames', { timeout: PATIENCE_MS }, () => {
    const random = seeded(2);
    for (let i = 0; i < MUTATIONS; i++) {
      const frame = mutate(OKX_FRAMES[i % OKX_FRAMES.length]!, random);
      const judged = judgeOkx(frame, OKX_SYMBOLS);
      const verdict = verdictOf(decoder, decoder.decode(frame));
      if (!isSame(verdict, judged)) expect(verdict, frame.toString()).toEqual(judged);
    }
  });

  it('reads the recorded frames of both exchanges', ({ skip }) => {
    const okx = sharedDataPath('single-frames', 'okx.frames.ndjson');
    if (okx === null) skip('the recorded market data is not on this machine');
    const lines = readFileSync(okx ?? '', 'utf8').split('\n');
    const bbo = lines.filter((line) => line.includes('"bbo-tbt"') && line.includes('"data"'));
    expect(bbo.length).toBeGreaterThan(0);
    for (const line of lines.filter((text) => text !== '')) {
      const symbol = (JSON.parse(line) as { arg?: { instId?: string } }).arg?.instId ?? 'none';
      const fresh = createOkxDecoder([symbol]);
      const outcome = fresh.decode(bytesOf(line));
      expect(outcome, `${fresh.why} ${line}`).not.toBe('malformed');
      if (bbo.includes(line)) {
        expect(verdictOf(fresh, outcome)).toEqual(judgeOkx(bytesOf(line), [symbol]));
        expect(fresh.fallbacks).toBe(0);
      }
    }
  });

  it('understands every live message of August 2026', ({ skip }) => {
    const path = sharedDataPath('live-frames-2026', 'okx_ws_live_frames.json');
    if (path === null) skip('the recorded market data is not on this machine');
    const { messages } = JSON.parse(readFileSync(path ?? '', 'utf8')) as { messages: unknown[] };
    const fresh = createOkxDecoder(['BTC-USDT', 'BTC-USDT-SWAP']);
    const outcomes = messages.map((message) => fresh.decode(bytesOf(JSON.stringify(message))));
    expect(outcomes).toEqual(['message', 'quote', 'quote', 'message', 'quote', 'quote']);
    expect(fresh.draft).toMatchObject({
      slot: 1,
      bidPx: 63_921,
      bidQty: 751.56,
      askPx: 63_921.1,
      askQty: 1_853.07,
      venueMs: 1_786_540_471_871,
    });
    expect(interpretOkx(fresh.message)).toEqual({ kind: 'ignored' });
  });

  it('reads a recorded session of the real venue to its end', ({ skip }) => {
    const path = sharedDataPath('okx-raw', 'OKX.ws.1.0');
    if (path === null) skip('the recorded market data is not on this machine');
    const fresh = createOkxDecoder(['BTC-USD-220527', 'UNI-USD-SWAP', 'BTC-USDT']);
    const outcomes = { quote: 0, message: 0, malformed: 0 };
    for (const line of readFileSync(path ?? '', 'utf8').split('\n')) {
      const frame = /^\d+\.\d+: (\{.*)$/.exec(line)?.[1];
      if (frame !== undefined) outcomes[fresh.decode(bytesOf(frame))]++;
    }
    expect(outcomes.malformed).toBe(0);
    expect(outcomes.quote).toBe(28);
  });
});

describe('decimal reader', () => {
  const read = (text: string) => scanDecimalText(bytesOf(`"${text}"`), 0);

  it('reads what Number reads, or leaves it', () => {
    holds(
      property(stringMatching(/^[0-9]{1,18}(\.[0-9]{1,18})?$/), (text) => {
        const value = read(text);
        if (!Number.isNaN(value)) expect(value).toBe(numberOfDecimalText(text));
      }),
      { numRuns: 3_000 },
    );
  });

  it.each(['', '.', '1.', '.5', '-1', '+1', '1e5', '1.2.3', '1 ', '12345678901234.56', '0x10'])('leaves %j', (text) => {
    expect(read(text)).toBeNaN();
  });

  it.each(['0', '0.00', '61837.63000000', '0.00000001', '123456789012345', '12345678901234.500000', '0.000000000000123'])(
    'reads %s',
    (text) => {
      expect(read(text)).toBe(Number(text));
      expect(scanned.end).toBe(text.length + 2);
    },
  );
});
