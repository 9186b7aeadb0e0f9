/**
 * How every web-socket to a venue is opened, public or private: what it may take from the peer, how long it may try, and that its
 * certificate counts. What is said on it, and what its end means, is its owner's.
 */
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';

export const NORMAL_CLOSURE = 1_000;
/** A venue that does not answer our closing frame is cut off after this long. */
export const CLOSE_GRACE_MS = 2_000;

export interface VenueSocketOptions {
  /** Longer ones end the socket. */
  readonly maxFrameBytes: number;
  readonly connectMs: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** @throws SyntaxError for a URL that is none. */
export const openVenueSocket = (url: string, { maxFrameBytes, connectMs, headers = {} }: VenueSocketOptions): WebSocket =>
  new WebSocket(url, {
    headers: { ...headers },
    perMessageDeflate: false,
    maxPayload: maxFrameBytes,
    // Decoders judge bytes themselves; a broken letter in a text that nobody reads is no reason to lose the stream.
    skipUTF8Validation: true,
    handshakeTimeout: connectMs,
    followRedirects: false,
    // Said here, no environment variable can take it back: what a stranger says would be believed.
    rejectUnauthorized: true,
  });

/** Of a venue that answered our handshake with HTTP. Lets go of the answer. */
export const refusedHandshake = (response: IncomingMessage) => {
  response.resume();
  const status = response.statusCode ?? 0;
  return { status, reason: `HTTP ${status} instead of a web-socket`, retryAfter: response.headers['retry-after'] };
};
