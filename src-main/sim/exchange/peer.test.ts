import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';
import { describe, expect, it } from 'vitest';
import { createFaultSwitch } from '../faults.ts';
import { createPeer, MAX_DELAYED_FRAMES } from './peer.ts';

/** A socket whose unread bytes the test decides. */
class PretendSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  readonly sent: string[] = [];
  readonly closes: string[] = [];
  send(text: string): void {
    this.sent.push(text);
  }
  close(code: number, reason: string): void {
    this.readyState = 2;
    this.closes.push(`${code} ${reason}`);
  }
  terminate(): void {
    this.readyState = 3;
    this.closes.push('torn');
  }
}

const setUp = () => {
  const socket = new PretendSocket();
  const faults = createFaultSwitch(1, 'okx');
  const peer = createPeer(socket as unknown as WebSocket, {
    faults,
    slowReaderCode: 4_005,
    slowReaderReason: 'Write buffer full',
    maxUnreadBytes: 1_000,
  });
  return { socket, faults, peer };
};

describe('a client that does not read', () => {
  it('is written to up to the limit, and closed with the venue’s code beyond it', () => {
    const { socket, peer } = setUp();
    socket.bufferedAmount = 1_000;
    peer.data('a');
    expect(socket.sent).toEqual(['a']);
    socket.bufferedAmount = 1_001;
    peer.data('b');
    expect(socket.sent).toEqual(['a']);
    expect(socket.closes).toEqual(['4005 Write buffer full']);
    peer.data('c');
    expect(socket.closes).toHaveLength(1);
  });

  it('is held back no more frames than the limit by a delay', () => {
    const { socket, faults, peer } = setUp();
    faults.inject({ kind: 'delay', delayMs: 60_000, durationMs: 60_000 });
    for (let i = 0; i < MAX_DELAYED_FRAMES; i += 1) peer.data('x');
    expect(socket.closes).toEqual([]);
    peer.data('x');
    expect(socket.closes).toEqual(['4005 Write buffer full']);
    expect(socket.sent).toEqual([]);
  });
});

describe('closing', () => {
  it('tears the connection for 1006, which no close frame may carry', () => {
    const { socket, peer } = setUp();
    peer.close(1_006, '');
    expect(socket.closes).toEqual(['torn']);
  });
});
