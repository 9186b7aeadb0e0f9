import { describe, expect, it } from 'vitest';
import { interpretOkx, okxSubscribeCalls } from './stream.ts';
import { MAX_ARGUMENT_BYTES, subscribeCall } from './wire.ts';

describe('subscriptions', () => {
  it('stay below the size limit with as few calls as possible, and lose nobody', () => {
    const symbols = Array.from({ length: 1_500 }, (_, k) => `INSTRUMENT-NUMBER-${String(k).padStart(8, '0')}-SWAP`);
    const calls = okxSubscribeCalls(symbols);
    const read = calls.map(({ text }) => subscribeCall.parse(JSON.parse(text)));
    for (const { text } of calls) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_ARGUMENT_BYTES);
    expect(calls).toHaveLength(2);
    expect(Buffer.byteLength(calls[0]!.text)).toBeGreaterThan(MAX_ARGUMENT_BYTES - 200);
    expect(read.flatMap(({ args }) => args.map(({ instId }) => instId))).toEqual(symbols);
    expect(calls.flatMap(({ slots }) => slots)).toEqual([...symbols.keys()]);
  });
});

describe('messages', () => {
  it('finds the instrument of a refusal in its words', () => {
    const msg = "Wrong URL or channel:bbo-tbt,instId:XAUX-USDT-SWAP doesn't exist. Please use the correct URL.";
    expect(interpretOkx({ event: 'error', code: '60018', msg, connId: 'a' })).toEqual({
      kind: 'refused',
      requestId: null,
      symbol: 'XAUX-USDT-SWAP',
      code: '60018',
      text: msg,
    });
  });

  it('knows the notice of an upgrade from other notices', () => {
    expect(interpretOkx({ event: 'notice', code: '64008', msg: 'soon' })).toEqual({ kind: 'closing-soon', code: '64008', text: 'soon' });
    expect(interpretOkx({ event: 'notice', code: '1' })).toEqual({ kind: 'ignored' });
    expect(interpretOkx({ event: 'channel-conn-count', connCount: '1' })).toEqual({ kind: 'ignored' });
    expect(interpretOkx({ hello: 1 })).toEqual({ kind: 'unrecognised' });
  });
});
