/**
 * A turn for every socket of a test, on a slow machine as on a quick one: a byte sent over this computer's own network and back.
 * Whatever was sent before it has arrived by then, and was answered once. Turns of the event loop alone say nothing of that.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

const openEcho = async (): Promise<() => Promise<void>> => {
  const server = createServer((peer) => {
    peer.unref().setNoDelay(true);
    peer.on('data', (bytes) => peer.write(bytes));
    peer.on('error', () => peer.destroy());
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  const socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  socket.unref();
  const waiting: (() => void)[] = [];
  socket.on('data', (bytes) => {
    for (const arrived of waiting.splice(0, bytes.length)) arrived();
  });
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      socket.write('.');
    });
};

let echo: Promise<() => Promise<void>> | null = null;

export const roundTrip = async (): Promise<void> => {
  echo ??= openEcho();
  const send = await echo;
  await send();
  // What came together with the echo is read before this.
  await new Promise((resolve) => setImmediate(resolve));
};
