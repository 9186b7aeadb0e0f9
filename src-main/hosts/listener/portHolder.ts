/**
 * Which process has a TCP port, where the operating system tells: /proc on Linux, lsof on macOS, netstat and
 * tasklist on Windows. For one message to a person; never throws, answers null when it cannot know.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';

const COMMAND_TIMEOUT_MS = 3_000;
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
const TCP_LISTEN = '0A';

const output = (file: string, args: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    execFile(file, args, { timeout: COMMAND_TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES, windowsHide: true }, (error, stdout) =>
      resolve(error === null ? stdout : ''),
    );
  });

/** Inodes of sockets that listen on the port, out of `/proc/net/tcp` and `tcp6`. */
export const listeningInodes = (table: string, port: number): readonly string[] => {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(suffix) && columns[3] === TCP_LISTEN)
    .flatMap((columns) => columns[9] ?? []);
};

const onLinux = async (port: number): Promise<string | null> => {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'utf8').catch(() => '')));
  const wanted = new Set(tables.flatMap((table) => listeningInodes(table, port)).map((inode) => `socket:[${inode}]`));
  if (wanted.size === 0) return null;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    const links = await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
    if (!links.some((link) => wanted.has(link))) continue;
    // `comm` names a thread ("MainThread" for Node), hence the program's file first.
    const program = path.basename(await readlink(`/proc/${pid}/exe`).catch(() => ''));
    const name = program || (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim();
    return `${name || 'a program'} (process ${pid})`;
  }
  return null;
};

const onMac = async (port: number): Promise<string | null> => {
  const text = await output('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc']);
  const pid = /^p(\d+)$/m.exec(text)?.[1];
  return pid === undefined ? null : `${/^c(.+)$/m.exec(text)?.[1] ?? 'a program'} (process ${pid})`;
};

/** The process id in `netstat -ano -p TCP`, whose words are translated but whose columns are not. */
export const netstatPid = (text: string, port: number): string | null => {
  for (const line of text.split(/\r?\n/)) {
    const [protocol, local, remote, , pid] = line.trim().split(/\s+/);
    if (protocol === 'TCP' && local?.endsWith(`:${port}`) && remote?.endsWith(':0') && pid !== undefined) return pid;
  }
  return null;
};

const onWindows = async (port: number): Promise<string | null> => {
  const pid = netstatPid(await output('netstat', ['-ano', '-p', 'TCP']), port);
  if (pid === null) return null;
  const name = /^"([^"]+)"/.exec(await output('tasklist', ['/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH']))?.[1];
  return `${name ?? 'a program'} (process ${pid})`;
};

/** For example `node (process 4711)`. */
export const portHolder = async (port: number, platform: NodeJS.Platform = process.platform): Promise<string | null> => {
  try {
    if (platform === 'linux') return await onLinux(port);
    if (platform === 'darwin') return await onMac(port);
    return platform === 'win32' ? await onWindows(port) : null;
  } catch {
    return null;
  }
};
