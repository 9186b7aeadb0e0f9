/** What a link tells: the desk of the terminal's state, the engine of KILL, trading hours and the terminal as a whole. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecordingDesk } from './desk.testkit.ts';
import { DEAD_AFTER_MS } from './link.ts';
import { connectEa, goldTick, memoryEpochs, pollBody, SERVER_AHEAD_MS, startListener, type RunningListener } from './metatrader.testkit.ts';

let desk: RecordingDesk;
let listener: RunningListener;
beforeEach(async () => {
  desk = new RecordingDesk();
  listener = await startListener([{}], { desk });
});
afterEach(async () => {
  await listener.stop();
});

describe('what the desk hears of the link', () => {
  it('is each change once: gates, broker, silence, the next word', async () => {
    const ea = await connectEa(listener);
    await ea.poll();
    await ea.poll({ gates: 'algo_trading_off' });
    await ea.tick([], { gates: 'ok' });
    await ea.poll({ connected: false });
    await ea.poll();
    await ea.poll({ gates: 'disconnected' });
    await ea.poll();
    listener.advanceMs(DEAD_AFTER_MS);
    listener.metatrader.watch();
    expect(desk.links.at(-1)?.alive).toBe(true);
    listener.advanceMs(1);
    listener.metatrader.watch();
    listener.metatrader.watch();
    await ea.poll();
    expect(desk.links.map(({ alive, connected, gates }) => [alive, connected, gates])).toEqual([
      [true, true, 'ok'],
      [true, true, 'algo_trading_off'],
      [true, true, 'ok'],
      [true, false, 'ok'],
      [true, true, 'ok'],
      [true, false, 'disconnected'],
      [true, true, 'ok'],
      [false, true, 'ok'],
      [true, true, 'ok'],
    ]);
    expect(desk.links[1]?.detail).toBe('Algo Trading is off in MetaTrader');
    expect(desk.watched).toBe(3);
  });

  it('is told anew to every session, though nothing has changed', async () => {
    await connectEa(listener);
    await connectEa(listener, { boot_id: 'boot-2' });
    expect(desk.links.map(({ alive, connected, gates }) => [alive, connected, gates])).toEqual([
      [true, true, 'ok'],
      [true, true, 'ok'],
    ]);
  });

  it('is told before what the same request says', async () => {
    const ea = await connectEa(listener);
    await ea.poll({ gates: 'ea_trading_off' });
    expect(desk.links.at(-1)?.gates).toBe('ea_trading_off');
    expect(desk.polls).toHaveLength(1);
  });

  it('waits for a terminal that waits for its broker', async () => {
    await connectEa(listener);
    desk.silenceMs = 12_000;
    listener.advanceMs(12_000);
    listener.metatrader.watch();
    expect(desk.links.at(-1)?.alive).toBe(true);
    expect(listener.eventsOf('venue-link').at(-1)?.report.state).toBe('stale');
    listener.advanceMs(1);
    listener.metatrader.watch();
    expect(desk.links.at(-1)?.alive).toBe(false);
    expect(listener.eventsOf('venue-link').at(-1)?.report).toEqual({ state: 'down', detail: 'no word from the EA for more than 12 s' });
  });

  it('is that nobody trades once bare ticks have taken the place of a silent EA', async () => {
    await connectEa(listener);
    listener.advanceMs(DEAD_AFTER_MS + 1);
    await listener.post('/mt5/tick', { symbol: 'XAUUSD', bid: 4000.1, ask: 4000.3, time_msc: listener.time.unixMs });
    expect(desk.links.at(-1)?.alive).toBe(false);
  });
});

describe('KILL on the chart', () => {
  const kills = () => listener.eventsOf('operator').map(({ command }) => command);

  it('stops the engine once a press, across repeats and new hellos of the same run', async () => {
    const ea = await connectEa(listener);
    await ea.poll();
    expect(kills()).toEqual([]);
    const poll = ea.envelope({ ...pollBody(), kill_presses: 1 });
    await listener.post('/mt5/poll', poll);
    await listener.post('/mt5/poll', poll);
    await ea.poll({ kill_presses: 1 });
    const again = await connectEa(listener, { kill_presses: 1 });
    await again.poll({ kill_presses: 1 });
    expect(kills()).toEqual([
      {
        kind: 'kill',
        scope: 'all',
        source: 'ea',
        by: '123456',
        reason: 'KILL was pressed on the chart',
        requestId: 'ea:mt5:boot-1:1',
      },
    ]);
    await again.poll({ kill_presses: 2 });
    expect(kills().map(({ requestId }) => requestId)).toEqual(['ea:mt5:boot-1:1', 'ea:mt5:boot-1:2']);
  });

  it('counts from before the first hello, and anew with every run', async () => {
    await connectEa(listener, { kill_presses: 1 });
    await connectEa(listener, { boot_id: 'boot-2', kill_presses: 0 });
    await connectEa(listener, { boot_id: 'boot-3', kill_presses: 1 });
    expect(kills().map(({ requestId }) => requestId)).toEqual(['ea:mt5:boot-1:1', 'ea:mt5:boot-3:1']);
  });

  it('waits for room in the inlet, however often it is said', async () => {
    const ea = await connectEa(listener);
    listener.time.inletFull = true;
    await ea.poll({ kill_presses: 1 });
    await ea.poll({ kill_presses: 1 });
    listener.time.inletFull = false;
    listener.metatrader.watch();
    expect(kills()).toHaveLength(1);
    await ea.poll({ kill_presses: 1 });
    expect(kills()).toHaveLength(1);
  });

  it('is remembered over a restart of the engine where the memory is durable', async () => {
    const kept = new Map<string, { bootId: string; presses: number }>();
    const epochs = {
      ...memoryEpochs(),
      presses: (venueId: string) => kept.get(venueId) ?? null,
      rememberPresses: (venueId: string, bootId: string, presses: number) => void kept.set(venueId, { bootId, presses }),
    };
    const before = await startListener([{}], { epochs });
    await connectEa(before, { kill_presses: 1 });
    expect(before.eventsOf('operator')).toHaveLength(1);
    await before.stop();
    const after = await startListener([{}], { epochs });
    await connectEa(after, { kill_presses: 1 });
    expect(after.eventsOf('operator')).toHaveLength(0);
    await after.stop();
  });

  it('works where the venue is on paper, too', async () => {
    const quotes = await startListener();
    const ea = await connectEa(quotes, { limits: undefined });
    await quotes.post('/mt5/poll', ea.envelope({ connected: true, kill_presses: 1 }));
    expect(quotes.eventsOf('operator')).toHaveLength(1);
    await quotes.stop();
  });
});

describe('what the engine hears', () => {
  it('is the trading hours of the terminal, and anew when its offset has moved', async () => {
    const ea = await connectEa(listener);
    const hours = () => listener.eventsOf('instrument-sessions');
    expect(hours().map(({ instrumentId, serverUtcOffsetMin }) => [instrumentId, serverUtcOffsetMin])).toEqual([
      ['XAUUSD@mt5', 180],
      ['BTCUSD@mt5', 180],
    ]);
    expect(hours()[0]?.weekly[0]).toEqual({ openMinuteOfWeek: 1_500, closeMinuteOfWeek: 2_880 });
    await ea.tick([goldTick(listener)]);
    for (let i = 0; i < 8; i += 1) {
      listener.advanceMs(1_000);
      await ea.tick([goldTick(listener, { time_msc: String(listener.time.unixMs + SERVER_AHEAD_MS - 3_600_000) })]);
    }
    expect(hours().map(({ serverUtcOffsetMin }) => serverUtcOffsetMin)).toEqual([180, 180, 120, 120]);
    expect(listener.eventsOf('limit-crossed')).toEqual([]);
  });

  it('is the trading hours of every session, and of an inlet that was full only the newest', async () => {
    await connectEa(listener);
    await connectEa(listener, { boot_id: 'boot-2' });
    expect(listener.eventsOf('instrument-sessions')).toHaveLength(4);
    listener.time.inletFull = true;
    const ea = await connectEa(listener, { boot_id: 'boot-3' });
    listener.advanceMs(1_000);
    await ea.poll({ server_utc_offset_s: 7_200 });
    listener.time.inletFull = false;
    await ea.poll({ server_utc_offset_s: 7_200 });
    expect(
      listener
        .eventsOf('instrument-sessions')
        .slice(4)
        .map(({ serverUtcOffsetMin }) => serverUtcOffsetMin),
    ).toEqual([120, 120]);
  });

  it('is the terminal as the desk sees it, with the checklist whole and the latency of ticks', async () => {
    const ea = await connectEa(listener);
    await ea.tick([goldTick(listener, { age_ms: '4' })]);
    listener.advanceMs(1_000);
    await ea.poll();
    const terminal = listener.eventsOf('metatrader').at(-1)?.report.terminal;
    expect(terminal).toMatchObject({ trading: true, marginFree: '900', tickToEngine: { p50: 4, p95: 4, count: 1 } });
    expect(terminal?.checks.map(({ code, state }) => [code, state])).toEqual([
      ['hello', 'pass'],
      ['version', 'pass'],
      ['account-mode', 'pass'],
      ['gates', 'pass'],
      ['symbols', 'pass'],
      ['sessions', 'pass'],
      ['offset', 'pass'],
    ]);
    expect(terminal?.checks.every(({ state, fix }) => (state === 'pass') === (fix === ''))).toBe(true);
  });

  it('is no terminal where the venue is on paper', async () => {
    const quotes = await startListener();
    await connectEa(quotes);
    expect(quotes.eventsOf('metatrader').at(-1)?.report.terminal).toBeUndefined();
    await quotes.stop();
  });
});
