/**
 * The least that an order can cost on our own stack: a frame that was built beforehand, one signature over it where the venue wants
 * one, `ws.send`, and a reply that is found by its id. No account is kept, nothing is checked, hence it is no client: what ours costs
 * more than this is what it knows and guards.
 */
import { WebSocket } from 'ws';
import type { ExchangeProtocol } from '../src-shared/config/exchangeSites.ts';
import { createSign, type Sign } from '../src-main/adapters/venues/shared/orders/signing.ts';
import { entryPaths } from '../e2e/exchange/ownGateway.ts';
import type { StagePlace } from './children/exchangeStage.ts';

export interface Floor {
  /** Writes an order of this client id; resolves when its reply was found. */
  place(clientId: string): Promise<void>;
  close(): void;
}

const opened = async (url: string): Promise<WebSocket> => {
  const socket = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true });
  await new Promise<void>((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return socket;
};
const next = async (socket: WebSocket): Promise<string> =>
  new Promise((resolve) => socket.once('message', (frame: Buffer) => resolve(frame.toString())));
/** Asks one thing and reads the answer as JSON. */
const ask = async (socket: WebSocket, frame: string): Promise<string> => {
  const answer = next(socket);
  socket.send(frame);
  return answer;
};

interface Frames {
  readonly entry: WebSocket;
  /** Of the order's pushes, where they come on a line of their own. */
  readonly stream: WebSocket | null;
  readonly frame: (id: number, clientId: string) => string;
}

const RECV_WINDOW_MS = 5_000;

const binance = async (protocol: 'binance-usdm' | 'binance-spot', place: StagePlace): Promise<Frames> => {
  const { restUrl, socketUrl, symbol, keys, qty, px } = place;
  const { apiKey, secret } = keys['floor']!;
  const sign: Sign = createSign(secret, 'hex');
  const entry = await opened(`${socketUrl}${entryPaths[protocol].entry}`);
  let stream: WebSocket | null = null;
  if (protocol === 'binance-usdm') {
    const made = await fetch(`${restUrl}/fapi/v1/listenKey`, { method: 'POST', headers: { 'X-MBX-APIKEY': apiKey } });
    const { listenKey } = (await made.json()) as { readonly listenKey: string };
    stream = await opened(`${socketUrl}${entryPaths[protocol].stream}?listenKey=${listenKey}&events=ORDER_TRADE_UPDATE/TRADE_LITE`);
  } else {
    const now = Date.now();
    const signature = sign(`apiKey=${apiKey}&timestamp=${now}`);
    const params = { apiKey, timestamp: now, signature };
    await ask(entry, JSON.stringify({ id: 'sub', method: 'userDataStream.subscribe.signature', params }));
  }
  const [tellsAll, position] = protocol === 'binance-usdm' ? ['RESULT', 'positionSide=BOTH&'] : ['FULL', ''];
  const more = protocol === 'binance-usdm' ? ',"positionSide":"BOTH"' : '';
  const signedBefore = `apiKey=${apiKey}&newClientOrderId=`;
  const signedBehind = `&newOrderRespType=${tellsAll}&${position}price=${px.below}&quantity=${qty}&recvWindow=${RECV_WINDOW_MS}&side=BUY&symbol=${symbol}&timeInForce=IOC&timestamp=`;
  const middle =
    `","method":"order.place","params":{"symbol":"${symbol}","side":"BUY","type":"LIMIT","timeInForce":"IOC","quantity":"${qty}",` +
    `"price":"${px.below}","newOrderRespType":"${tellsAll}"${more},"recvWindow":${RECV_WINDOW_MS},"apiKey":"${apiKey}","newClientOrderId":"`;
  return {
    entry,
    stream,
    frame: (id, clientId) => {
      const now = Date.now();
      const signature = sign(`${signedBefore}${clientId}${signedBehind}${now}&type=LIMIT`);
      return `{"id":"${id}${middle}${clientId}","timestamp":${now},"signature":"${signature}"}}`;
    },
  };
};

const okx = async (place: StagePlace): Promise<Frames> => {
  const { restUrl, socketUrl, symbol, keys, qty, px } = place;
  const { apiKey, passphrase, secret } = keys['floor']!;
  const listed = await fetch(`${restUrl}/api/v5/public/instruments?instType=SWAP&instId=${symbol}`);
  const { data } = (await listed.json()) as { readonly data: readonly { readonly instIdCode: number }[] };
  const entry = await opened(`${socketUrl}${entryPaths.okx.entry}`);
  const timestamp = `${Math.floor(Date.now() / 1_000)}`;
  const sign = createSign(secret, 'base64')(`${timestamp}GET/users/self/verify`);
  await ask(entry, JSON.stringify({ op: 'login', args: [{ apiKey, passphrase, timestamp, sign }] }));
  await ask(entry, JSON.stringify({ op: 'subscribe', args: [{ channel: 'orders', instType: 'ANY' }] }));
  const before = `","op":"order","args":[{"instIdCode":${data[0]!.instIdCode},"tdMode":"cross","side":"buy","ordType":"ioc","px":"${px.below}","sz":"${qty}","clOrdId":"`;
  return { entry, stream: null, frame: (id, clientId) => `{"id":"${id}${before}${clientId}"}]}` };
};

export const openFloor = async (protocol: ExchangeProtocol, place: StagePlace): Promise<Floor> => {
  const { entry, stream, frame } = protocol === 'okx' ? await okx(place) : await binance(protocol, place);
  const waiting = new Map<string, (frame: Buffer) => void>();
  let lastId = 0;
  entry.on('message', (reply: Buffer) => {
    // The id stands in front, as every simulated venue writes it.
    const text = reply.toString('latin1', 0, 24);
    const id = /^\{"id":"(\d+)"/.exec(text)?.[1];
    if (id !== undefined) waiting.get(id)?.(reply);
  });
  stream?.on('message', () => undefined);
  return {
    place: (clientId) =>
      new Promise((resolve, reject) => {
        const id = (lastId += 1);
        waiting.set(`${id}`, (reply) => {
          waiting.delete(`${id}`);
          if (reply.includes(clientId)) resolve();
          else reject(new Error(`floor: ${reply.toString()}`));
        });
        entry.send(Buffer.from(frame(id, clientId), 'utf8'), { binary: false });
      }),
    close: () => {
      entry.terminate();
      stream?.terminate();
    },
  };
};
