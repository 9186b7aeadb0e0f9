import { EventEmitter } from 'node:events';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import { os } from '@orpc/server';
import type { RouterClient } from '@orpc/server';
import { RPCHandler } from '@orpc/server/websocket';
import type { IpcMain, WebContents } from 'electron';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import {
  CHANNEL_OPEN,
  CHANNEL_TAKEN,
  CHANNEL_TO_CONSOLE,
  CHANNEL_TO_ENGINE,
  MAX_FRAME_AGE_MS,
  MAX_FRAME_TO_CONSOLE_CHARS,
  MAX_FRAME_TO_ENGINE_CHARS,
  MAX_FRAMES_IN_FLIGHT,
} from '../../../src-shared/contract/bridge.ts';
import { attachContract } from './pageContract.ts';
import { senderFault, serveBridge } from './ipc.ts';
import type { ConsoleSocket } from './ipc.ts';

const NOW_UNIX_MS = 1_800_000_000_000;
const topFrame = { url: 'app://console/', parent: null };

class PretendContents extends EventEmitter {
  readonly sent: Array<readonly [frame: string, number: number]> = [];
  send = (channel: string, frame: string, number: number): void => {
    expect(channel).toBe(CHANNEL_TO_CONSOLE);
    this.sent.push([frame, number]);
    this.emit('sent', frame, number);
  };
}

const setUp = () => {
  const ipcMain = new EventEmitter();
  const sockets: ConsoleSocket[] = [];
  const refused: string[] = [];
  const server = serveBridge(ipcMain as unknown as IpcMain, {
    attach: (socket) => sockets.push(socket),
    refused: (why) => refused.push(why),
    unixMs: () => NOW_UNIX_MS,
  });
  const contents = new PretendContents();
  server.admit(contents as unknown as WebContents);
  const say = (
    channel: string,
    argument?: unknown,
    frame: object | null = topFrame,
    sender: unknown = contents,
    sentUnixMs: unknown = NOW_UNIX_MS,
  ): void => {
    ipcMain.emit(channel, { sender, senderFrame: frame }, argument, sentUnixMs);
  };
  return { server, contents, sockets, refused, say, ipcMain };
};

describe('senderFault', () => {
  const ours = () => true;
  const frame = (url: string, parent: object | null = null) => ({ sender: 1, senderFrame: { url, parent } }) as never;
  it('takes the top frame of a console page only', () => {
    expect(senderFault(frame('app://console/'), ours)).toBeNull();
    expect(senderFault(frame('app://console/', {}), ours)).toBe('not the top frame');
    expect(senderFault(frame('https://evil.example/'), ours)).toContain('a foreign page');
    expect(senderFault(frame('app://console.evil/'), ours)).toContain('a foreign page');
    expect(senderFault({ sender: 1, senderFrame: null }, ours)).toBe('the frame is gone');
    expect(senderFault(frame('app://console/'), () => false)).toBe('not a window of ours');
  });
});

describe('serveBridge', () => {
  it('carries frames of the right page only', () => {
    const { say, sockets, refused } = setUp();
    const heard: string[] = [];
    say(CHANNEL_TO_ENGINE, 'before any page opened');
    say(CHANNEL_OPEN);
    sockets[0]?.addEventListener('message', ({ data }) => heard.push(data));
    say(CHANNEL_TO_ENGINE, 'hello');
    say(CHANNEL_TO_ENGINE, 'from a frame inside', { url: 'app://console/', parent: {} });
    say(CHANNEL_TO_ENGINE, 'from another window', topFrame, new PretendContents());
    say(CHANNEL_TO_ENGINE, { not: 'a string' });
    expect(heard).toEqual(['hello']);
    expect(refused).toEqual(['not the top frame', 'not a window of ours', 'a frame that is no string']);
  });

  it('takes frames up to the bound and no longer', () => {
    const { say, sockets, refused } = setUp();
    const lengths: number[] = [];
    say(CHANNEL_OPEN);
    sockets[0]?.addEventListener('message', ({ data }) => lengths.push(data.length));
    say(CHANNEL_TO_ENGINE, 'x'.repeat(MAX_FRAME_TO_ENGINE_CHARS));
    say(CHANNEL_TO_ENGINE, 'x'.repeat(MAX_FRAME_TO_ENGINE_CHARS + 1));
    expect(lengths).toEqual([MAX_FRAME_TO_ENGINE_CHARS]);
    expect(refused).toEqual([`a frame of ${MAX_FRAME_TO_ENGINE_CHARS + 1} characters`]);
  });

  it('refuses a frame older than the bound, or of no age', () => {
    const { say, sockets, contents, refused } = setUp();
    const heard: string[] = [];
    say(CHANNEL_OPEN);
    sockets[0]?.addEventListener('message', ({ data }) => heard.push(data));
    for (const [frame, sent] of [
      ['just in time', NOW_UNIX_MS - MAX_FRAME_AGE_MS],
      ['too late', NOW_UNIX_MS - MAX_FRAME_AGE_MS - 1],
      ['undated', undefined],
      ['nonsense', 'yesterday'],
    ]) {
      say(CHANNEL_TO_ENGINE, frame, topFrame, contents, sent ?? null);
    }
    expect(heard).toEqual(['just in time']);
    expect(refused).toHaveLength(3);
  });

  it('cuts off a page rather than send it a frame beyond the bound', async () => {
    const { say, sockets, contents, refused } = setUp();
    const closed = vi.fn();
    say(CHANNEL_OPEN);
    sockets[0]?.addEventListener('close', closed);
    await sockets[0]?.send('x'.repeat(MAX_FRAME_TO_CONSOLE_CHARS));
    expect([contents.sent.length, closed.mock.calls.length]).toEqual([1, 0]);
    await sockets[0]?.send('x'.repeat(MAX_FRAME_TO_CONSOLE_CHARS + 1));
    expect([contents.sent.length, closed.mock.calls.length]).toEqual([1, 1]);
    expect(refused).toEqual([`a frame of ${MAX_FRAME_TO_CONSOLE_CHARS + 1} characters for the console; its page is cut off`]);
  });

  it('lets a slow page wait: no more frames than the window, one more for each taken', async () => {
    const { say, sockets, contents } = setUp();
    say(CHANNEL_OPEN);
    const sending = Array.from({ length: MAX_FRAMES_IN_FLIGHT + 2 }, async (_, index) => sockets[0]?.send(`frame ${index}`));
    await Promise.all(sending.slice(0, MAX_FRAMES_IN_FLIGHT));
    expect(contents.sent).toHaveLength(MAX_FRAMES_IN_FLIGHT);
    say(CHANNEL_TAKEN, 9_999);
    say(CHANNEL_TAKEN, contents.sent[0]?.[1]);
    await sending[MAX_FRAMES_IN_FLIGHT];
    expect(contents.sent).toHaveLength(MAX_FRAMES_IN_FLIGHT + 1);
    say(CHANNEL_TAKEN, contents.sent[1]?.[1]);
    await sending[MAX_FRAMES_IN_FLIGHT + 1];
    expect(contents.sent.map(([frame]) => frame)).toEqual(sending.map((_, index) => `frame ${index}`));
  });

  it('a reloaded page gets a conversation of its own, and the old one closes', async () => {
    const { say, sockets, contents } = setUp();
    say(CHANNEL_OPEN);
    const closed: string[] = [];
    sockets[0]?.addEventListener('close', () => closed.push('first'));
    for (let index = 0; index < MAX_FRAMES_IN_FLIGHT; index += 1) await sockets[0]?.send('old');
    const waiting = sockets[0]?.send('old and waiting');
    say(CHANNEL_OPEN);
    await waiting;
    expect(closed).toEqual(['first']);
    await sockets[0]?.send('too late');
    expect(contents.sent).toHaveLength(MAX_FRAMES_IN_FLIGHT);
    for (let index = 0; index < MAX_FRAMES_IN_FLIGHT; index += 1) await sockets[1]?.send('new');
    // The old page's last word must not make room in the new one's window.
    say(CHANNEL_TAKEN, contents.sent[0]?.[1]);
    void sockets[1]?.send('one too many');
    await Promise.resolve();
    expect(contents.sent.filter(([frame]) => frame === 'one too many')).toEqual([]);
  });

  it.each(['render-process-gone', 'destroyed'])('closes the conversation on %s', (event) => {
    const { say, sockets, contents } = setUp();
    say(CHANNEL_OPEN);
    const closed = vi.fn();
    sockets[0]?.addEventListener('close', closed);
    contents.emit(event);
    expect(closed).toHaveBeenCalledOnce();
  });

  it('refuses a destroyed window, and everything once closed', () => {
    const { say, contents, refused, server, sockets, ipcMain } = setUp();
    say(CHANNEL_OPEN);
    contents.emit('destroyed');
    say(CHANNEL_OPEN);
    expect(refused).toEqual(['not a window of ours']);
    server.close();
    expect(sockets).toHaveLength(1);
    expect(ipcMain.eventNames()).toEqual([]);
  });
});

describe('the contract over the bridge', () => {
  const router = {
    add: os.input(z.array(z.number())).handler(({ input }) => input.reduce((sum, term) => sum + term, 0)),
    count: os.handler(async function* () {
      for (let n = 0; ; n += 1) {
        pulled = n;
        yield n;
      }
    }),
  };
  let pulled = 0;

  const connect = (takes: () => boolean) => {
    const { contents, say, sockets } = setUp();
    const faults: string[] = [];
    say(CHANNEL_OPEN);
    const socket = sockets[0];
    if (socket === undefined) throw new Error('no socket was attached');
    attachContract(new RPCHandler(router), socket, (text) => faults.push(text));
    const listeners: Array<(event: { data: string }) => void> = [];
    contents.on('sent', (frame: string, number: number) =>
      queueMicrotask(() => {
        for (const listener of listeners) listener({ data: frame });
        if (takes()) say(CHANNEL_TAKEN, number);
      }),
    );
    const port = {
      addEventListener: (type: string, listener: (event: { data: string }) => void) => type === 'message' && listeners.push(listener),
      postMessage: (frame: string) => say(CHANNEL_TO_ENGINE, frame),
    };
    const client: RouterClient<typeof router> = createORPCClient(new RPCLink({ port: port as unknown as MessagePort }));
    return { client, contents, say, faults };
  };

  it('answers calls', async () => {
    const { client } = connect(() => true);
    expect(await client.add([1, 2, 3])).toBe(6);
  });

  it('survives a page that speaks nonsense', async () => {
    const { client, say, faults } = connect(() => true);
    for (const nonsense of ['', '{', 'null', '[]', '{"i":1}', '{"i":"7","p":{"u":"no url"}}']) say(CHANNEL_TO_ENGINE, nonsense);
    expect(await client.add([4])).toBe(4);
    await expect.poll(() => faults.length).toBeGreaterThanOrEqual(5);
  });

  it('streams no further than a page takes, and ends with it', async () => {
    let taking = true;
    const { client, contents } = connect(() => taking);
    const stream = await client.count();
    const seen: number[] = [];
    for await (const n of stream) {
      seen.push(n);
      if (n === 20) break;
    }
    expect(seen).toEqual(Array.from({ length: 21 }, (_, n) => n));
    taking = false;
    await client.count();
    await expect.poll(() => pulled).toBeGreaterThan(2);
    // The response and the frames in flight went out; one more is in hand, waiting.
    await new Promise((resolve) => setImmediate(resolve));
    expect(pulled).toBeLessThanOrEqual(MAX_FRAMES_IN_FLIGHT + 1);
    contents.emit('destroyed');
  });
});
