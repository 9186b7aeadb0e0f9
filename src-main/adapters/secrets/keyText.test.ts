import { createPrivateKey, createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createConcealer, edPem, OKX, okxEntry, rsaPem, USDM, usdmEntry } from './keys.testkit.ts';
import { keyFromText, keyFromValue, keyTextOf, keyValues, MAX_KEY_TEXT_BYTES, type KeyVenue } from './keyText.ts';
import { SecretsFault } from './secrets.ts';

const read = (value: unknown, venue: KeyVenue = USDM) => keyFromValue(value, venue, 'the place', createConcealer().conceal);

/** The fault's words, which must never hold a part of what was given. */
const faultOf = (value: unknown, venue: KeyVenue = USDM): string => {
  try {
    read(value, venue);
  } catch (error) {
    expect(error).toBeInstanceOf(SecretsFault);
    expect((error as Error).message).not.toMatch(/canary|BEGIN RSA|MII/);
    return (error as Error).message;
  }
  throw new Error('it was taken');
};

describe('the text of a key', () => {
  it('is read and written back the same, HMAC, Ed25519 and with a passphrase', () => {
    const pem = { environment: 'demo', apiKey: 'canary-usdm-api-key', privateKeyPem: edPem };
    for (const [entry, venue] of [
      [usdmEntry, USDM],
      [pem, USDM],
      [okxEntry, OKX],
    ] as const) {
      const key = read(entry, venue);
      expect(keyFromText(keyTextOf(key), venue, 'again', createConcealer().conceal)).toEqual(key);
    }
    expect(read(usdmEntry)).toEqual({
      environment: 'demo',
      apiKey: 'canary-usdm-api-key',
      secret: { algorithm: 'hmac-sha256', text: 'canary-usdm-secret' },
      passphrase: null,
    });
    expect(read(pem).secret).toEqual({ algorithm: 'ed25519', pem: edPem });
    expect(read(okxEntry, OKX).passphrase).toBe('canary phrase');
  });

  it.each([
    [{ ...usdmEntry, environment: 'live' }, USDM, 'the place: environment: is live, and the orders of binance-usdm are set to demo'],
    [{ ...usdmEntry, environment: 'canary' }, USDM, 'the place: environment: one of simulated, demo, live'],
    [{ ...usdmEntry, apiKey: undefined }, USDM, 'the place: apiKey: is missing'],
    [
      { ...usdmEntry, apiKey: 'canary with blanks' },
      USDM,
      'the place: apiKey: letters, digits and signs only, without blanks or line breaks',
    ],
    [{ ...usdmEntry, apiKey: 'canary\n\rx' }, USDM, 'the place: apiKey: letters, digits and signs only, without blanks or line breaks'],
    [{ ...usdmEntry, secret: undefined }, USDM, 'the place: secret: is missing'],
    [{ ...usdmEntry, secret: 'canary1' }, USDM, 'the place: secret: at least 8 characters'],
    [{ ...usdmEntry, secret: usdmEntry.apiKey }, USDM, 'the place: secret: is the same as apiKey'],
    [{ ...usdmEntry, privateKeyPem: edPem }, USDM, 'the place: secret and privateKeyPem: give the one that the exchange gave'],
    [{ ...usdmEntry, passphrase: 'canary' }, USDM, 'the place: passphrase: Binance has none'],
    [{ ...okxEntry, passphrase: undefined }, OKX, 'the place: passphrase: is missing; OKX needs it'],
    [{ ...okxEntry, secret: undefined, privateKeyPem: edPem }, OKX, 'the place: privateKeyPem: OKX signs with a secret'],
    [{ ...usdmEntry, 'canary-secret-as-a-name': 1 }, USDM, 'the place: has a member that means nothing here'],
    ['canary-canary', USDM, 'the place: the whole: '],
    [[], USDM, 'the place: the whole: '],
    [null, USDM, 'the place: the whole: '],
  ])('is refused by source and member, never by content: %#', (value, venue, words) => {
    expect(faultOf(value, venue)).toContain(words);
  });

  it('takes no other private key than an open Ed25519 one', () => {
    const of = (privateKeyPem: string) => ({ environment: 'demo', apiKey: 'canary-usdm-api-key', privateKeyPem });
    expect(faultOf(of(rsaPem))).toContain('privateKeyPem: is of kind rsa; only Ed25519 is taken');
    expect(faultOf(of('canary'))).toContain('privateKeyPem: is no private key in PEM');
    expect(faultOf(of(edPem.slice(0, 60)))).toContain('privateKeyPem: is no private key in PEM');
    expect(faultOf(of(edPem.replaceAll('\n', ' ')))).toContain('privateKeyPem: has lost its line breaks');
    const publicPem = createPublicKey(edPem).export({ type: 'spki', format: 'pem' }).toString();
    expect(faultOf(of(publicPem))).toContain('privateKeyPem: is a public key');
    const locked = createPrivateKey(edPem).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'canary' }).toString();
    expect(faultOf(of(locked))).toContain('privateKeyPem: is locked by a password');
  });

  it('is JSON of a bounded size', () => {
    const { conceal } = createConcealer();
    const padded = (bytes: number) => JSON.stringify(usdmEntry).padEnd(bytes, ' ');
    expect(keyFromText(padded(MAX_KEY_TEXT_BYTES), USDM, 'the place', conceal).apiKey).toBe(usdmEntry.apiKey);
    expect(() => keyFromText(padded(MAX_KEY_TEXT_BYTES + 1), USDM, 'the place', conceal)).toThrow(/is longer than/);
  });

  it.each([
    ['', 'is empty', 'Write one JSON object'],
    [' \n', 'is empty', 'Write one JSON object'],
    ['{"apiKey":"canary', 'is not JSON (line 1 column 18)', 'quote, comma or brace'],
    ['{"apiKey":\n"canary"', 'is not JSON (line 2 column 9)', 'quote, comma or brace'],
    ['{"apiKey":', 'is not JSON (it ends too early)', 'quote, comma or brace'],
    [edPem, 'is a bare PEM, not JSON', '"privateKeyPem"'],
    [JSON.stringify({ ...usdmEntry, privateKeyPem: edPem }).replaceAll('\\n', '\n'), 'goes over several lines', 'as \\n'],
  ])('that is no JSON is told apart, with one fix: %#', (text, what, fix) => {
    let told: SecretsFault | null = null;
    try {
      keyFromText(text, USDM, 'the place', createConcealer().conceal);
    } catch (error) {
      told = error as SecretsFault;
    }
    expect(told).toBeInstanceOf(SecretsFault);
    expect(told?.message).toContain(what);
    expect(told?.fix).toContain(fix);
    expect(`${told?.message} ${told?.fix}`).not.toMatch(/canary|MC4CAQ/);
  });

  it('may begin with a byte order mark and end with a line break', () => {
    const { conceal } = createConcealer();
    expect(keyFromText(`\uFEFF${JSON.stringify(usdmEntry)}\r\n`, USDM, 'the place', conceal).apiKey).toBe(usdmEntry.apiKey);
  });

  it('conceals every value at once, also of what it then refuses', () => {
    const refused = createConcealer();
    expect(() => keyFromValue({ ...okxEntry, environment: 'live' }, OKX, 'the place', refused.conceal)).toThrow(SecretsFault);
    expect(refused.values).toEqual(expect.arrayContaining([okxEntry.apiKey, okxEntry.secret, okxEntry.passphrase]));
    const pem = createConcealer();
    const key = keyFromValue({ environment: 'demo', apiKey: 'canary-usdm-api-key', privateKeyPem: edPem }, USDM, 'the place', pem.conceal);
    expect(pem.values).toEqual(expect.arrayContaining(keyValues(key).filter((text) => text !== '')));
    expect(pem.values).toContain(edPem.split('\n')[1]);
  });
});
