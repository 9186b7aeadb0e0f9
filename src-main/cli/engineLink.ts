/**
 * How a command of the command line speaks with the running engine: found by the marker in its data directory, asked over
 * HTTP with the tokens of its secrets. Every answer is one of three: it answered, nobody listens there, or no answer came.
 */
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import path from 'node:path';
import { defaultDataDir } from '../hosts/dataDir.ts';
import { isAlive, readMarker, type EngineMarker } from '../hosts/engineMarker.ts';
import { UsageFault } from '../hosts/headless/args.ts';

/** An engine that lives answers within milliseconds; a stop must not wait long for one that does not. */
export const ANSWER_WITHIN_MS = 3_000;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

export type Answer =
  | { readonly code: 'answered'; readonly status: number; readonly body: unknown }
  /** No process has that port. */
  | { readonly code: 'nobody'; readonly why: string }
  /** Something is there, or may be, and said nothing that can be understood. */
  | { readonly code: 'silent'; readonly why: string };

export interface Ask {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly token: string;
  readonly body?: object;
  readonly withinMs?: number;
}

/** The engine answered, and the answer was no. */
export class EngineRefusal extends Error {
  constructor(status: number, body: unknown) {
    super(`the engine refused (${status}): ${refusalText(body)}`);
    this.name = 'EngineRefusal';
  }
}

export type EngineLink = (ask: Ask) => Promise<Answer>;

export const DATA_DIR_USAGE = `  --data-dir DIR         the data directory of the engine, or
  --profile NAME         the profile whose usual data directory it is (default demo)
`;

/** @throws UsageFault when both are named */
export const dataDirOf = (choice: { readonly 'data-dir'?: string | undefined; readonly profile?: string | undefined }): string => {
  if (choice['data-dir'] !== undefined && choice.profile !== undefined)
    throw new UsageFault('name the data directory once: --data-dir and --profile were given');
  return choice['data-dir'] === undefined ? defaultDataDir(choice.profile ?? 'demo') : path.resolve(choice['data-dir']);
};

/** Only the very certificate that the engine shows is believed, whoever signed it and whatever name it carries. */
const trustOf = ({ certFile }: EngineMarker): object =>
  certFile === null ? {} : { ca: readFileSync(certFile), allowPartialTrustChain: true, checkServerIdentity: () => undefined };

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** Never rejects. */
export const askEngine =
  (marker: EngineMarker): EngineLink =>
  ({ method, path: route, token, body, withinMs = ANSWER_WITHIN_MS }) =>
    new Promise((resolve) => {
      const url = new URL(route, marker.url);
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers = { authorization: `Bearer ${token}`, ...(text === undefined ? {} : { 'content-type': 'application/json' }) };
      const signal = AbortSignal.timeout(withinMs);
      const failed = (error: NodeJS.ErrnoException): void =>
        resolve(
          error.code === 'ECONNREFUSED'
            ? { code: 'nobody', why: `nobody listens at ${marker.url}` }
            : { code: 'silent', why: signal.aborted ? `no answer from ${marker.url} within ${withinMs} ms` : error.message },
        );
      try {
        const ask = url.protocol === 'https:' ? httpsRequest : httpRequest;
        const sent = ask(url, { method, headers, signal, agent: false, ...trustOf(marker) }, (response) => {
          const chunks: Buffer[] = [];
          let length = 0;
          response.on('error', failed);
          response.on('data', (chunk: Buffer) => {
            length += chunk.length;
            if (length > MAX_ANSWER_BYTES) response.destroy(new Error(`an answer beyond ${MAX_ANSWER_BYTES} bytes`));
            else chunks.push(chunk);
          });
          response.on('end', () =>
            resolve({ code: 'answered', status: response.statusCode ?? 0, body: jsonOf(Buffer.concat(chunks).toString('utf8')) }),
          );
        });
        sent.on('error', failed);
        sent.end(text);
      } catch (error) {
        failed(error as NodeJS.ErrnoException);
      }
    });

export interface FoundEngine {
  readonly marker: EngineMarker;
  readonly ask: EngineLink;
  /** Whether the process that wrote the marker still exists. */
  alive(): boolean;
}

/** The engine whose marker is in the data directory; whether it lives must be asked. null = no marker. */
export const findEngine = (dataDir: string): FoundEngine | null => {
  const marker = readMarker(dataDir);
  return marker === null ? null : { marker, ask: askEngine(marker), alive: () => isAlive(marker.pid) };
};

/** What an error answer of ours says, in words. */
export const refusalText = (body: unknown): string => {
  const { error } = (body ?? {}) as { readonly error?: { readonly message?: string } };
  return error?.message ?? 'no reason was given';
};
