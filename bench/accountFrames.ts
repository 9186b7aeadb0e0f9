/**
 * Frames of an account as the exchanges write them, one after the other, all different: an execution that fills an order, and the
 * acknowledgement of one. Futures order ids are beyond 2^53, as they are.
 */
import type { ExchangeProtocol } from '../src-shared/config/exchangeSites.ts';

const FIRST_ORDER_ID = 8_389_766_145_050_669_870n;
const FIRST_MS = 1_795_353_000_000;

export const clientIdOf = (i: number): string => `q${i.toString(36).padStart(31, '0')}`;

const USDM_FILL = (i: number): string =>
  `{"e":"ORDER_TRADE_UPDATE","E":${FIRST_MS + i},"T":${FIRST_MS + i},"o":{"s":"BTCUSDT","c":"${clientIdOf(i)}","S":"BUY","o":"LIMIT","f":"IOC","q":"0.010","p":"61800.1","ap":"61800.10000","sp":"0","x":"TRADE","X":"FILLED","i":${FIRST_ORDER_ID + BigInt(i)},"l":"0.010","z":"0.010","L":"61800.1${i % 10}","n":"0.30900050","N":"USDT","T":${FIRST_MS + i},"t":${5_000_000_000 + i},"b":"0","a":"0","m":false,"R":false,"wt":"CONTRACT_PRICE","ot":"LIMIT","ps":"BOTH","cp":false,"rp":"0","pP":false,"si":0,"ss":0,"V":"EXPIRE_TAKER","pm":"NONE","gtd":0,"er":"0"}}`;
const SPOT_FILL = (i: number): string =>
  `{"subscriptionId":0,"event":{"e":"executionReport","E":${FIRST_MS + i},"s":"BTCUSDT","c":"${clientIdOf(i)}","S":"BUY","o":"LIMIT","f":"IOC","q":"0.01000000","p":"61800.10000000","P":"0.00000000","F":"0.00000000","g":-1,"C":"","x":"TRADE","X":"FILLED","r":"NONE","i":${60_000_000_000 + i},"l":"0.01000000","z":"0.01000000","L":"61800.1${i % 10}000000","n":"0.00001000","N":"BTC","T":${FIRST_MS + i},"t":${4_000_000_000 + i},"I":${130_000_000_000 + i},"w":false,"m":false,"M":false,"O":${FIRST_MS + i},"Z":"618.00100000","Y":"618.00100000","Q":"0.00000000","W":${FIRST_MS + i},"V":"EXPIRE_TAKER"}}`;
const OKX_FILL = (i: number): string =>
  `{"arg":{"channel":"orders","instType":"ANY","uid":"44705892343619584"},"data":[{"instType":"SWAP","instId":"BTC-USDT-SWAP","ccy":"","tgtCcy":"","clOrdId":"${clientIdOf(i)}","ordId":"31226986536${String(5_374_016 + i)}","algoClOrdId":"","algoId":"","amendResult":"","amendSource":"","avgPx":"61800.1","cancelSource":"","category":"normal","code":"0","cTime":"${FIRST_MS + i}","execType":"T","fee":"-0.309","feeCcy":"USDT","fillFee":"-0.309","fillFeeCcy":"USDT","fillFwdPx":"","fillMarkPx":"61800","fillNotionalUsd":"618","fillPnl":"0","fillPx":"61800.${i % 10}","fillSz":"1","fillTime":"${FIRST_MS + i}","lastPx":"61800.1","lever":"5","msg":"","notionalUsd":"618","ordType":"ioc","pnl":"0","posSide":"net","px":"61800.1","quickMgnType":"","rebate":"0","rebateCcy":"USDT","reduceOnly":"false","reqId":"","side":"buy","accFillSz":"1","slOrdPx":"","slTriggerPx":"","source":"","state":"filled","stpId":"","stpMode":"cancel_taker","sz":"1","tag":"","tdMode":"cross","tpOrdPx":"","tpTriggerPx":"","tradeId":"${900_000_000 + i}","uTime":"${FIRST_MS + i}"}]}`;

const USDM_ACK = (i: number): string =>
  `{"id":"${i}","status":200,"result":{"orderId":${FIRST_ORDER_ID + BigInt(i)},"symbol":"BTCUSDT","status":"EXPIRED","clientOrderId":"${clientIdOf(i)}","price":"61800.10","origQty":"0.010","executedQty":"0.000","cumQty":"0.000","timeInForce":"IOC","type":"LIMIT","reduceOnly":false,"closePosition":false,"side":"BUY","positionSide":"BOTH","stopPrice":"0.00","workingType":"CONTRACT_PRICE","priceProtect":false,"origType":"LIMIT","priceMatch":"NONE","selfTradePreventionMode":"EXPIRE_TAKER","goodTillDate":0,"updateTime":${FIRST_MS + i}},"rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":2400,"count":1},{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":300,"count":1},{"rateLimitType":"ORDERS","interval":"MINUTE","intervalNum":1,"limit":1200,"count":1}]}`;
const SPOT_ACK = (i: number): string =>
  `{"id":"${i}","status":200,"result":{"symbol":"BTCUSDT","orderId":${60_000_000_000 + i},"orderListId":-1,"clientOrderId":"${clientIdOf(i)}","transactTime":${FIRST_MS + i},"price":"61800.10000000","origQty":"0.01000000","executedQty":"0.00000000","origQuoteOrderQty":"0.00000000","cummulativeQuoteQty":"0.00000000","status":"EXPIRED","timeInForce":"IOC","type":"LIMIT","side":"BUY","workingTime":${FIRST_MS + i},"fills":[],"selfTradePreventionMode":"EXPIRE_TAKER"},"rateLimits":[{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":50,"count":1}]}`;
const OKX_ACK = (i: number): string =>
  `{"id":"${i}","op":"order","code":"0","msg":"","data":[{"ordId":"31226986536${String(5_374_016 + i)}","clOrdId":"${clientIdOf(i)}","tag":"","ts":"${FIRST_MS + i}","sCode":"0","sMsg":"","subCode":""}],"inTime":"${FIRST_MS + i}123","outTime":"${FIRST_MS + i}456"}`;

export const FILL_FRAMES: Readonly<Record<ExchangeProtocol, (i: number) => string>> = {
  'binance-usdm': USDM_FILL,
  'binance-spot': SPOT_FILL,
  okx: OKX_FILL,
};
export const ACK_FRAMES: Readonly<Record<ExchangeProtocol, (i: number) => string>> = {
  'binance-usdm': USDM_ACK,
  'binance-spot': SPOT_ACK,
  okx: OKX_ACK,
};
