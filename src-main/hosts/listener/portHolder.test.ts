import { createServer, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { listeningInodes, netstatPid, portHolder } from './portHolder.ts';

it('reads listening sockets, and only those, out of /proc/net/tcp', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0100007F:2253 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 111 1 0',
    '   1: 0100007F:2253 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 222 1 0',
    '   2: 0100007F:2254 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 333 1 0',
  ].join('\n');
  expect(listeningInodes(table, 0x2253)).toEqual(['111']);
  expect(listeningInodes('', 80)).toEqual([]);
});

it('reads the process out of netstat in any language', () => {
  const text = [
    'Aktive Verbindungen',
    '  Proto  Lokale Adresse         Remoteadresse          Status           PID',
    '  TCP    127.0.0.1:8787         127.0.0.1:50000        HERGESTELLT      1',
    '  TCP    127.0.0.1:18787        0.0.0.0:0              ABHÖREN          2',
    '  TCP    127.0.0.1:8787         0.0.0.0:0              ABHÖREN          4711',
  ].join('\r\n');
  expect(netstatPid(text, 8_787)).toBe('4711');
  expect(netstatPid(text, 9_999)).toBeNull();
});

it('answers null on systems it does not know and for ports nobody has', async () => {
  expect(await portHolder(1, 'aix')).toBeNull();
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  if (process.platform === 'linux') expect(await portHolder(port)).toBe(`node (process ${process.pid})`);
  await new Promise((resolve) => void server.close(resolve));
  expect(await portHolder(port)).toBeNull();
});
