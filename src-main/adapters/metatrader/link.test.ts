import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEAD_AFTER_MS, DEGRADED_AFTER_MS } from './link.ts';
import { connectEa, goldSymbol, goldTick, pollBody, SERVER_AHEAD_MS, startListener, type RunningListener } from './metatrader.testkit.ts';
import { HOP_NOISE_MS, MAX_AGE_MS, MAX_IGNORED_SYMBOLS } from './quoteIntake.ts';
import { STEP_MS } from './serverClock.ts';

let listener: RunningListener;
beforeEach(async () => {
  listener = await startListener();
});
afterEach(async () => {
  await listener.stop();
});

describe('what becomes of it', () => {
  it('quotes without sizes, with the broker time as it came, received when the terminal knew it', async () => {
    const ea = await connectEa(listener);
    await ea.tick([goldTick(listener, { age_ms: '250' }), goldTick(listener, { symbol: 'BTCUSD', bid: 100_000.5, ask: 100_001 })]);
    expect(listener.quotes).toEqual([
      {
        instrument: 0,
        bidPx: 4000.1,
        bidQty: NaN,
        askPx: 4000.35,
        askQty: NaN,
        venueMs: listener.time.unixMs + 10_800_000,
        receivedMonoUs: 750_000,
      },
      {
        instrument: 1,
        bidPx: 100_000.5,
        bidQty: NaN,
        askPx: 100_001,
        askQty: NaN,
        venueMs: listener.time.unixMs + 10_800_000,
        receivedMonoUs: 1_000_000,
      },
    ]);
  });

  it('does not make a quote young again when the terminal merely reads it again', async () => {
    const ea = await connectEa(listener);
    const tick = goldTick(listener);
    await ea.tick([tick]);
    listener.advanceMs(900);
    await ea.tick([{ ...tick, age_ms: '900' }, goldTick(listener, { time_msc: Number(tick.time_msc) - 5, bid: '3999' })]);
    expect(listener.quotes).toHaveLength(1);
  });

  it('goes on when the server clock goes back an hour', async () => {
    const ea = await connectEa(listener);
    await ea.tick([goldTick(listener)]);
    await ea.tick([goldTick(listener, { time_msc: String(listener.time.unixMs + 2 * 3_600_000) })]);
    expect(listener.quotes).toHaveLength(2);
  });

  it('reports the account, and its symbols with what the configuration got wrong', async () => {
    await connectEa(listener, { symbols: [{ ...goldSymbol, contract_size: '10.0', tick_size: 0 }] });
    expect(listener.eventsOf('metatrader').at(-1)?.report).toMatchObject({
      sessionId: 'session-1',
      epoch: 1,
      quoteOnly: false,
      gates: 'ok',
      login: '123456',
      marginMode: 'hedging',
      declaredUtcOffsetS: 10_800,
    });
    expect(listener.eventsOf('instrument')).toEqual([
      {
        type: 'instrument',
        instrument: expect.objectContaining({
          id: 'XAUUSD@mt5',
          baseQtyPerUnit: '10',
          tickSize: '0.01',
          qtyStep: '0.01',
          tradable: true,
          venueState: 'full',
        }),
        mismatches: [{ field: 'baseQtyPerUnit', configured: '100', reported: '10' }],
      },
    ]);
    expect(listener.eventsOf('instrument-missing')).toEqual([
      { type: 'instrument-missing', instrumentId: 'BTCUSD@mt5', why: expect.stringContaining('"BTCUSD"') },
    ]);
  });

  it('takes a netting account for quotes only and says so', async () => {
    const ea = await connectEa(listener, { margin_mode: 0 });
    expect((await ea.tick([goldTick(listener)])).status).toBe(200);
    expect(listener.eventsOf('venue-link').at(-1)?.report).toEqual({
      state: 'live',
      detail: '123456 at Broker-Demo, netting account: quotes only',
    });
    expect(listener.eventsOf('metatrader').at(-1)?.report.marginMode).toBe('netting');
  });

  it('passes the first failing gate on at once, from ticks and from polls', async () => {
    const ea = await connectEa(listener);
    await ea.tick([], { gates: 'TERMINAL_TRADE_ALLOWED' });
    await ea.poll({ gates: 'ok' });
    expect(listener.eventsOf('metatrader').map((event) => event.report.gates)).toEqual(['ok', 'TERMINAL_TRADE_ALLOWED', 'ok']);
  });

  it('tells every EA the mode of the engine', async () => {
    const ea = await connectEa(listener);
    listener.metatrader.announceMode('halt');
    expect((await ea.poll()).json['mode']).toBe('halt');
  });

  it('answers ticks of unconfigured symbols with 200, counts them, and notes each symbol once', async () => {
    const ea = await connectEa(listener);
    const ticks = Array.from({ length: MAX_IGNORED_SYMBOLS + 5 }, (_, i) => goldTick(listener, { symbol: `S${i}` }));
    expect((await ea.tick(ticks)).status).toBe(200);
    expect((await ea.tick(ticks)).status).toBe(200);
    expect(listener.quotes).toEqual([]);
    expect(listener.notes).toHaveLength(MAX_IGNORED_SYMBOLS);
    expect(listener.metatrader.figures()['mt5']?.ignoredTicks).toBe(2 * ticks.length);
  });

  it('shows malformed requests on the venue, cut, without their content', async () => {
    const ea = await connectEa(listener);
    await ea.tick([goldTick(listener, { bid: 'SECRET-LOOKING' })]);
    listener.advanceMs(2_000);
    await ea.poll();
    const counters = listener.eventsOf('venue-counters').at(-1)?.counters;
    expect(counters?.malformedFrames).toBe(1);
    expect(counters?.lastMalformed).toBe('400 bad-field ticks[0].bid: a finite number, or a plain decimal in quotes');
  });
});

describe('heartbeat', () => {
  const states = () => listener.eventsOf('venue-link').map((event) => event.report.state);
  const look = () => listener.metatrader.watch();

  it('is idle, live, degraded at 1.5 s, dead at 5 s, and live again with the next word', async () => {
    listener.metatrader.start();
    const ea = await connectEa(listener);
    listener.advanceMs(DEGRADED_AFTER_MS);
    look();
    expect(states()).toEqual(['idle', 'live']);
    listener.advanceMs(1);
    look();
    expect(states()).toEqual(['idle', 'live', 'stale']);
    listener.advanceMs(DEAD_AFTER_MS - DEGRADED_AFTER_MS - 1);
    look();
    expect(states()).toEqual(['idle', 'live', 'stale']);
    listener.advanceMs(1);
    look();
    look();
    expect(states()).toEqual(['idle', 'live', 'stale', 'down']);
    await ea.poll();
    expect(states()).toEqual(['idle', 'live', 'stale', 'down', 'live']);
  });

  it('is stale while the terminal has lost its broker, though the EA goes on polling', async () => {
    const ea = await connectEa(listener);
    await ea.poll({ connected: false });
    look();
    expect(listener.eventsOf('venue-link').at(-1)?.report).toEqual({ state: 'stale', detail: 'the terminal has lost its broker' });
    await ea.poll();
    expect(states().at(-1)).toBe('live');
  });

  it('hears nothing in repeats and late copies: who sends them may have heard nothing of us', async () => {
    const ea = await connectEa(listener);
    const early = ea.envelope(pollBody());
    const last = ea.envelope(pollBody());
    for (const request of [early, last]) expect((await listener.post('/mt5/poll', request)).status).toBe(200);
    for (let second = 0; second < 6; second += 1) {
      listener.advanceMs(1_000);
      look();
      for (const copy of [early, last]) expect((await listener.post('/mt5/poll', copy)).status).toBe(200);
    }
    look();
    expect(states()).toEqual(['live', 'stale', 'down']);
    expect(listener.metatrader.figures()['mt5']).toMatchObject({ requests: 15, repeatedRequests: 12 });
    await ea.poll();
    expect(states().at(-1)).toBe('live');
  });

  it('says again what a full inlet did not take', async () => {
    listener.time.inletFull = true;
    const ea = await connectEa(listener);
    expect(states()).toEqual([]);
    listener.time.inletFull = false;
    await ea.poll();
    expect(states()).toEqual(['live']);
    expect(listener.eventsOf('metatrader')).toHaveLength(1);
    expect(listener.eventsOf('instrument')).toHaveLength(2);
  });
});

describe('bare ticks of an old EA', () => {
  const bare = (own: Record<string, unknown> = {}) => ({
    symbol: 'XAUUSD',
    bid: 4000.1,
    ask: 4000.35,
    time_msc: listener.time.unixMs,
    ...own,
  });

  it('are quotes, and shown as quote-only', async () => {
    const reply = await listener.post('/mt5/tick', bare());
    expect([reply.status, reply.json['ack_seq'], reply.json['command']]).toEqual([200, '0', null]);
    expect(listener.quotes).toHaveLength(1);
    expect(listener.eventsOf('metatrader').at(-1)?.report).toMatchObject({ quoteOnly: true, sessionId: null });
    expect(listener.eventsOf('venue-link').at(-1)?.report.detail).toBe('quotes only: an EA without a session');
  });

  it.each([
    [{ bid: '4000.1' }, 'bid'],
    [{ bid: 0 }, 'bid'],
    [{ ask: undefined }, 'ask'],
    [{ ask: null }, 'ask'],
    [{ time_msc: '1790000000000' }, 'time_msc'],
    [{ time_msc: 1_790_000_000 }, 'time_msc'],
    [{ time_msc: 1.5e12 + 0.5 }, 'time_msc'],
    [{ symbol: 5 }, 'symbol'],
  ])('are strict: %j', async (own, field) => {
    const reply = await listener.post('/mt5/tick', bare(own));
    expect([reply.status, reply.json.error?.field]).toEqual([400, field]);
    expect(listener.quotes).toEqual([]);
  });

  it('are refused beside a live session, and taken over when it has gone silent', async () => {
    await connectEa(listener);
    expect((await listener.post('/mt5/tick', bare())).json.error?.code).toBe('session-active');
    listener.advanceMs(DEAD_AFTER_MS + 1);
    expect((await listener.post('/mt5/tick', bare())).status).toBe(200);
    await connectEa(listener);
    expect(listener.eventsOf('metatrader').at(-1)?.report.quoteOnly).toBe(false);
  });

  it('make way again for the session that comes back', async () => {
    const ea = await connectEa(listener);
    listener.advanceMs(DEAD_AFTER_MS + 1);
    await listener.post('/mt5/tick', bare());
    await ea.poll();
    expect(listener.eventsOf('metatrader').at(-1)?.report).toMatchObject({
      quoteOnly: false,
      sessionId: ea.session,
      login: '123456',
      gates: 'ok',
    });
    expect(listener.eventsOf('venue-link').at(-1)?.report).toEqual({ state: 'live', detail: '123456 at Broker-Demo' });
    expect((await listener.post('/mt5/tick', bare())).json.error?.code).toBe('session-active');
  });

  it('are refused where the configuration does not want them, and still need the token', async () => {
    expect((await listener.post('/mt5/tick', bare(), { headers: { authorization: undefined } })).status).toBe(401);
    await listener.stop();
    listener = await startListener([{ acceptBareTicks: false }]);
    expect((await listener.post('/mt5/tick', bare())).json.error?.code).toBe('bare-tick');
  });
});

describe('server clock', () => {
  it('is measured from ticks and reported', async () => {
    const ea = await connectEa(listener);
    await ea.tick([goldTick(listener, { time_msc: String(listener.time.unixMs + SERVER_AHEAD_MS - 40) })]);
    listener.advanceMs(1_000);
    await ea.tick([goldTick(listener, { time_msc: String(listener.time.unixMs + SERVER_AHEAD_MS - 15) })]);
    listener.advanceMs(1_000);
    await ea.poll({ ping_us: 2_500 });
    expect(listener.eventsOf('venue-clock').at(-1)?.report).toEqual({ offsetMs: 10_799_985, uncertaintyMs: 25, roundTripMs: 2.5 });
  });

  it('prefers ticks that agree to what the EA declares, and alarms the difference', async () => {
    const ea = await connectEa(listener, { server_utc_offset_s: -18_000 });
    for (let i = 0; i < 8; i += 1) {
      await ea.tick([goldTick(listener)]);
      listener.advanceMs(1_000);
    }
    expect(listener.eventsOf('venue-clock').at(-1)?.report.offsetMs).toBe(SERVER_AHEAD_MS);
    expect(listener.eventsOf('limit-crossed').map((event) => event.limit)).toEqual(['mt5-server-clock-step']);
  });

  it('learns nothing from the last tick of a shut market, and gives its quote the age it has', async () => {
    const ea = await connectEa(listener);
    const fridayMs = listener.time.unixMs + SERVER_AHEAD_MS - 40 * 3_600_000;
    await ea.tick([goldTick(listener, { time_msc: String(fridayMs), age_ms: '0' })]);
    listener.advanceMs(1_000);
    await ea.poll();
    expect(listener.eventsOf('venue-clock')).toEqual([]);
    expect(listener.quotes[0]?.receivedMonoUs).toBe(1_000_000 - MAX_AGE_MS * 1_000);
  });

  it('learns nothing from a tick that was known for long, and takes its age as told while only the EA vouches for the clock', async () => {
    const ea = await connectEa(listener);
    await ea.tick([goldTick(listener, { time_msc: String(listener.time.unixMs + SERVER_AHEAD_MS - 300_000), age_ms: '2000' })]);
    listener.advanceMs(1_000);
    await ea.poll();
    expect(listener.eventsOf('venue-clock')).toEqual([]);
    expect(listener.quotes[0]?.receivedMonoUs).toBe(1_000_000 - 2_000_000);
  });

  it('gives a quote the time its request was on its way, once that is more than clocks step by', async () => {
    const ea = await connectEa(listener);
    const sentMs = () => listener.time.monoUs / 1_000;
    const tick = (bid: string, mono_ms: number) => ea.tick([goldTick(listener, { bid, age_ms: '10' })], { mono_ms: String(mono_ms) });
    await tick('1', sentMs() + 7_000);
    listener.advanceMs(100);
    await tick('2', sentMs() + 7_000 - HOP_NOISE_MS);
    listener.advanceMs(100);
    await tick('3', sentMs() + 7_000 - HOP_NOISE_MS - 1);
    listener.advanceMs(100);
    await tick('4', sentMs() + 7_000 - 2_000);
    const ages = listener.quotes.map((quote, i) => (1_000_000 + i * 100_000 - quote.receivedMonoUs) / 1_000);
    expect(ages).toEqual([10, 10, 10 + HOP_NOISE_MS + 1, 2_010]);
    // Another run of the EA counts from another moment.
    const again = await connectEa(listener, { boot_id: 'boot-2' });
    await again.tick([goldTick(listener, { bid: '5', age_ms: '10' })], { mono_ms: '3' });
    expect(listener.time.monoUs - (listener.quotes.at(-1)?.receivedMonoUs ?? 0)).toBe(10_000);
  });

  it('never makes a quote younger than the measured clock says, beyond what a clock may drift', async () => {
    const ea = await connectEa(listener);
    await ea.tick([goldTick(listener)]);
    await ea.tick([goldTick(listener, { symbol: 'BTCUSD', time_msc: String(listener.time.unixMs + SERVER_AHEAD_MS - STEP_MS - 1) })]);
    expect(listener.quotes.map((quote) => 1_000_000 - quote.receivedMonoUs)).toEqual([0, (STEP_MS + 1) * 1_000]);
  });

  it('alarms a step that is no daylight saving', async () => {
    const ea = await connectEa(listener);
    const tickAt = (aheadMs: number) => {
      listener.advanceMs(1_000);
      return ea.tick([goldTick(listener, { time_msc: String(listener.time.unixMs + aheadMs) })]);
    };
    await tickAt(10_800_000);
    for (let i = 0; i < 8; i += 1) await tickAt(10_800_000 + 600_000);
    expect(listener.eventsOf('limit-crossed').map((event) => event.limit)).toEqual(['mt5-server-clock-step']);
    for (let i = 0; i < 8; i += 1) await tickAt(10_800_000 + 600_000 + 3_600_000);
    expect(listener.eventsOf('limit-crossed')).toHaveLength(1);
    expect(listener.notes.some((note) => note.includes('daylight saving'))).toBe(true);
  });
});
