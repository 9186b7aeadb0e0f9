import { describe, expect, test } from 'vitest';
import { createSign } from '../shared/orders/signing.ts';
import { loginFrame, publicRequest, signedRequest } from './sign.ts';

/** Emitted by ccxt 4.5.84 with the secret "s", recomputed with Python. */
const BODY =
  '[{"instId":"XAU-USDT-SWAP","side":"buy","ordType":"ioc","sz":"10","tdMode":"cross","px":"4000","clOrdId":"arb1","reduceOnly":true}]';
const KEY = { apiKey: 'k', passphrase: 'p', sign: createSign({ algorithm: 'hmac-sha256', text: 's' }, 'base64') };

describe('OKX signatures', () => {
  test('REST signs ISO time, method, target and the body as it is sent', () => {
    const request = { method: 'POST', target: '/api/v5/trade/batch-orders', body: BODY } as const;
    const signed = signedRequest(KEY, request, Date.parse('2026-11-22T13:16:03.591Z'), { 'x-simulated-trading': '1' });
    expect(signed).toEqual({
      ...request,
      headers: {
        'x-simulated-trading': '1',
        'OK-ACCESS-KEY': 'k',
        'OK-ACCESS-SIGN': 'n4x//SmHtNC92PNZuugQhesU5NgcLoicZ3OFVlvF0g0=',
        'OK-ACCESS-TIMESTAMP': '2026-11-22T13:16:03.591Z',
        'OK-ACCESS-PASSPHRASE': 'p',
        'content-type': 'application/json',
      },
    });
  });

  test('the log-in of a socket signs whole seconds', () => {
    const frame = JSON.parse(loginFrame(KEY, 1_795_353_363_999.7)) as { op: string; args: unknown[] };
    expect(frame).toEqual({
      op: 'login',
      args: [{ apiKey: 'k', passphrase: 'p', timestamp: '1795353363', sign: 'Lj4qaeStKuTixQeguvbz9wQIMEj21VcxxhNyH7tgcuY=' }],
    });
  });

  test('the query is part of what is signed, a public question is not signed at all', () => {
    const at = (target: string) =>
      signedRequest(KEY, { method: 'GET', target, body: null }, 1_795_353_363_591, {}).headers['OK-ACCESS-SIGN'];
    expect(at('/api/v5/trade/order?instId=A&clOrdId=b')).not.toBe(at('/api/v5/trade/order'));
    expect(publicRequest('/api/v5/public/time', {})).toEqual({ method: 'GET', target: '/api/v5/public/time', headers: {}, body: null });
  });
});
