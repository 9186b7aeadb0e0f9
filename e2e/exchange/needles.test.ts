/** The search for canaries finds what is planted, in every spelling, and nothing where nothing is. */
import { describe, expect, it } from 'vitest';
import { canaryKey, foundIn } from './needles.ts';

const { needles, file } = canaryKey('okx', 'hmac-passphrase');
const pem = canaryKey('binance-spot', 'ed25519');

describe('canaries', () => {
  for (const { name, text } of [...needles, ...pem.needles]) {
    const spellings: Readonly<Record<string, string | Buffer>> = {
      plain: text,
      'in a page of other bytes': Buffer.concat([Buffer.alloc(4_000, 7), Buffer.from(text), Buffer.alloc(90)]),
      hex: Buffer.from(text).toString('hex'),
      base64: Buffer.from(text).toString('base64'),
      'base64 with something before': Buffer.from(`x:${text}:y`).toString('base64'),
      'base64 with more before': Buffer.from(`x${text}:y`).toString('base64'),
      'in a URL': `https://host/?a=${encodeURIComponent(text)}&b=1`,
      'UTF-16': Buffer.from(text, 'utf16le'),
      'JSON in JSON': JSON.stringify(JSON.stringify({ text })),
      'its first half': text.slice(0, Math.ceil(text.length / 2)),
      'its last half': text.slice(-Math.ceil(text.length / 2)),
    };
    for (const [spelling, planted] of Object.entries(spellings))
      it(`${name}, ${spelling}`, () => {
        const bytes = typeof planted === 'string' ? Buffer.from(planted) : planted;
        expect(foundIn('here', bytes, [...needles, ...pem.needles])).toContain(`${name} stands in here`);
      });
  }
  it('a whole PEM file', () => {
    expect(foundIn('a file', Buffer.from(pem.file['privateKeyPem']!), pem.needles)).toEqual(['binance-spot PEM stands in a file']);
    expect(foundIn('a file', Buffer.from(JSON.stringify(pem.file)), pem.needles)).toHaveLength(2);
  });
  it('nothing where nothing is', () => {
    const other = canaryKey('okx', 'hmac-passphrase');
    expect(foundIn('another', Buffer.from(JSON.stringify(other.file)), needles)).toEqual([]);
    expect(foundIn('an HMAC key', Buffer.from(JSON.stringify(file)), pem.needles)).toEqual([]);
    const stranger = canaryKey('binance-spot', 'ed25519');
    expect(foundIn('another PEM', Buffer.from(stranger.file['privateKeyPem']!), pem.needles)).toEqual([]);
  });
});
