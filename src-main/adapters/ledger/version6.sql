BEGIN TRANSACTION;
CREATE TABLE charges (
  number INTEGER PRIMARY KEY,
  venue_id TEXT NOT NULL,
  instrument_id TEXT NOT NULL,
  charge_id TEXT NOT NULL,
  trade_id TEXT NOT NULL,
  client_order_id TEXT NOT NULL REFERENCES orders (client_order_id) DEFERRABLE INITIALLY DEFERRED,
  group_id TEXT NOT NULL REFERENCES hedge_groups (group_id) DEFERRABLE INITIALLY DEFERRED,
  leg TEXT NOT NULL,
  amount TEXT NOT NULL,
  ccy TEXT NOT NULL,
  venue_unix_ms REAL,
  why TEXT NOT NULL,
  booked_unix_ms REAL NOT NULL,
  UNIQUE (venue_id, instrument_id, charge_id)
) STRICT;
CREATE TABLE commands (
  venue_id TEXT NOT NULL,
  magic INTEGER NOT NULL,
  client_order_id TEXT NOT NULL UNIQUE REFERENCES orders (client_order_id) DEFERRABLE INITIALLY DEFERRED,
  PRIMARY KEY (venue_id, magic)
) STRICT, WITHOUT ROWID;
CREATE TABLE configuration_versions (
  digest TEXT PRIMARY KEY,
  settings TEXT NOT NULL,
  first_used_unix_ms REAL NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "configuration_versions" VALUES('87e0dbf6c9237e3ed8b7b7371feb0776b5ee5ba8f3c52ed898b213cb3632a7d7','{"mode":"paper","profile":"test","venues":[{"id":"va","label":"va","protocol":"okx","simulated":true,"maxQuoteAgeMs":500,"ackTimeoutMs":2000,"orderValidityMs":1500},{"id":"vb","label":"vb","protocol":"okx","simulated":true,"maxQuoteAgeMs":500,"ackTimeoutMs":2000,"orderValidityMs":1500}],"instruments":[{"id":"X@va","venueId":"va","symbol":"X","kind":"perpetual","expected":{},"costs":{"takerFeeBps":0,"commissionPerLot":0,"slippageBps":0,"carryLongBpsPerDay":0,"carryShortBpsPerDay":0,"tripleCarryUtcWeekday":null,"rolloverUtcMinute":null,"carryIntervalHours":null},"assumedDisplayedBaseQty":1,"sessions":[],"calendar":null,"initialMarginRate":1},{"id":"X@vb","venueId":"vb","symbol":"X","kind":"perpetual","expected":{},"costs":{"takerFeeBps":0,"commissionPerLot":0,"slippageBps":0,"carryLongBpsPerDay":0,"carryShortBpsPerDay":0,"tripleCarryUtcWeekday":null,"rolloverUtcMinute":null,"carryIntervalHours":null},"assumedDisplayedBaseQty":1,"sessions":[],"calendar":null,"initialMarginRate":1}],"pairs":[{"id":"pair","underlying":"X","a":"X@va","b":"X@vb","conversion":{"kind":"fixed","rate":1,"why":"one currency"},"deviationFloorBps":2,"deviationPercentile":90,"minEdgeBps":1,"hysteresisBps":0.5,"displayedShare":0.5,"minExecutableBaseQty":0,"maxSkewMs":750,"abnormalEdgeBps":100,"abnormalP99Multiple":3,"expectedHoldMs":3600000,"cooldownMs":1000,"legOrder":"exchange-first","exits":{"convergenceBps":-1000,"takeProfitBps":null,"stopLossBps":50,"maxHoldMs":14400000,"closeBeforeSessionEndMs":600000},"usdPerQuoteCcy":1}],"statistics":{"windowMs":3600000,"minCoveredMs":0,"bucketBps":0.01},"frozenQuoteMs":60000,"limits":{"maxGroupNotionalUsd":5000,"maxTotalNotionalUsd":10000,"maxOpenGroups":3,"maxOpenGroupsPerPair":1,"priceCollarBps":10,"maxVenuesApartBps":100,"maxMessagesPerSecond":50,"maxMessagesPerMinute":500,"reservedMessagesPct":30,"maxGroupsPerMinute":3,"maxGroupsPerHour":20,"duplicateWindowMs":2000,"minMarginLevelPct":300,"noEntryBeforeCloseMin":15,"noEntryAfterOpenMin":5,"noEntryBeforeWeekendMin":60,"maxLosingGroups":3,"losingCooldownMs":900000,"maxDayLossPct":1,"maxVenueErrors":50,"venueErrorWindowMs":300000,"heartbeatWarnMs":3000,"heartbeatHaltMs":10000,"fenceAfterEntryMs":2000,"fenceAfterFailureMs":30000,"fenceAfterLossMs":60000,"fenceAfterReconnectMs":5000},"hedging":{"compensateAfterMs":3000,"alarmAfterMs":10000,"haltAfterMs":30000,"compensationSlippageBps":30,"maxCompleteAttempts":2,"maxUnwindAttempts":5,"openingDeadlineMs":10000,"queryEveryMs":2000,"notFoundMarginMs":2000,"nakedLegsOnKill":"repair","fillsSweepMs":60000,"positionsSweepMs":30000,"snapshotTimeoutMs":5000}}',1767787200000.0);
CREATE TABLE day_results (
  utc_day INTEGER PRIMARY KEY,
  start_equity_usd REAL,
  net_usd REAL NOT NULL,
  hedge_groups INTEGER NOT NULL,
  losing_streak INTEGER NOT NULL
) STRICT;
INSERT INTO "day_results" VALUES(20460,2000000.0,0.0,0,0);
CREATE TABLE disablements (
  ordinal INTEGER PRIMARY KEY,
  scope TEXT NOT NULL,
  code TEXT NOT NULL,
  text TEXT NOT NULL,
  since_unix_ms REAL NOT NULL,
  until_unix_ms REAL
) STRICT;
CREATE TABLE dust (
  number INTEGER PRIMARY KEY,
  group_id TEXT NOT NULL REFERENCES hedge_groups (group_id) DEFERRABLE INITIALLY DEFERRED,
  leg TEXT NOT NULL,
  instrument_id TEXT NOT NULL,
  qty TEXT NOT NULL,
  base_qty TEXT NOT NULL,
  kind TEXT NOT NULL,
  reason TEXT NOT NULL,
  unix_ms REAL NOT NULL
) STRICT;
CREATE TABLE effects (
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  type TEXT NOT NULL,
  payload TEXT NOT NULL,
  done_unix_ms REAL,
  settled_by_run INTEGER,
  PRIMARY KEY (run, seq, ordinal),
  FOREIGN KEY (run, seq) REFERENCES events (run, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO "effects" VALUES(1,1,0,'announce-mode','{"type":"announce-mode","mode":"normal"}',NULL,NULL);
INSERT INTO "effects" VALUES(1,8,0,'take-snapshot','{"type":"take-snapshot","venueId":"va","requestId":1,"fillsSinceUnixMs":1767787200000}',NULL,NULL);
INSERT INTO "effects" VALUES(1,10,0,'take-snapshot','{"type":"take-snapshot","venueId":"vb","requestId":1,"fillsSinceUnixMs":1767787200000}',NULL,NULL);
INSERT INTO "effects" VALUES(1,215,0,'place-order','{"type":"place-order","clientOrderId":"q0cifqaribyall00f1b01"}',NULL,NULL);
INSERT INTO "effects" VALUES(1,217,0,'place-order','{"type":"place-order","clientOrderId":"q0cifqaribyall00f1a01"}',NULL,NULL);
CREATE TABLE event_log (
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  unix_ms REAL NOT NULL,
  severity TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT,
  text TEXT NOT NULL,
  PRIMARY KEY (run, seq, ordinal)
) STRICT, WITHOUT ROWID;
INSERT INTO "event_log" VALUES(1,1,0,1767787200000.0,'info','engine','mk3yutc0n64','engine started, disarmed');
INSERT INTO "event_log" VALUES(1,2,0,1767787200000.0,'info','venue','va','idle → live: test');
INSERT INTO "event_log" VALUES(1,3,0,1767787200000.0,'info','venue','vb','idle → live: test');
INSERT INTO "event_log" VALUES(1,4,0,1767787200000.0,'info','venue','X@va','metadata as configured; pairs accepted: pair');
INSERT INTO "event_log" VALUES(1,5,0,1767787200000.0,'info','venue','X@vb','metadata as configured; pairs accepted: pair');
INSERT INTO "event_log" VALUES(1,8,0,1767787200000.0,'info','venue','va','order link up: test');
INSERT INTO "event_log" VALUES(1,9,2,1767787200000.0,'info','venue','va','reconciled (the order link came up)');
INSERT INTO "event_log" VALUES(1,10,0,1767787200000.0,'info','venue','vb','order link up: test');
INSERT INTO "event_log" VALUES(1,11,2,1767787200000.0,'info','venue','vb','reconciled (the order link came up)');
INSERT INTO "event_log" VALUES(1,213,0,1767787210000.0,'warn','operator',NULL,'ARMED by tester (console): because');
INSERT INTO "event_log" VALUES(1,215,0,1767787210000.0,'info','intent','pair','i0cifqaribyall00f1: sell-a-buy-b spread 5.00 bps, edge 4.98 bps; hedging');
INSERT INTO "event_log" VALUES(1,215,1,1767787210000.0,'info','group','g0cifqaribyall00f1','pair: new → proposed: an intent fired');
INSERT INTO "event_log" VALUES(1,215,2,1767787210000.0,'info','group','g0cifqaribyall00f1','pair: proposed → opening: leg b was sent, leg a follows its fills');
INSERT INTO "event_log" VALUES(1,215,3,1767787210000.0,'info','order','g0cifqaribyall00f1','b: open buy 0.5 X at 10010 or better (q0cifqaribyall00f1b01)');
INSERT INTO "event_log" VALUES(1,216,0,1767787210020.0,'info','order','g0cifqaribyall00f1','b: q0cifqaribyall00f1b01 in-flight → working, filled 0 of 0.5: acknowledged');
INSERT INTO "event_log" VALUES(1,217,0,1767787210020.0,'info','order','g0cifqaribyall00f1','b: buy 0.5 X@vb at 10000.005, fee 0.1 USD (trade t1, by push)');
INSERT INTO "event_log" VALUES(1,217,3,1767787210020.0,'info','order','g0cifqaribyall00f1','b: q0cifqaribyall00f1b01 working → filled, filled 0.5 of 0.5: filled 0.5 of 0.5');
INSERT INTO "event_log" VALUES(1,217,4,1767787210020.0,'info','order','g0cifqaribyall00f1','a: open sell 0.5 X at 9995.01 or better (q0cifqaribyall00f1a01)');
INSERT INTO "event_log" VALUES(1,218,0,1767787210040.0,'info','order','g0cifqaribyall00f1','a: q0cifqaribyall00f1a01 in-flight → working, filled 0 of 0.5: acknowledged');
INSERT INTO "event_log" VALUES(1,219,0,1767787210040.0,'info','order','g0cifqaribyall00f1','a: sell 0.5 X@va at 10005.006251562889, fee 0.1 USD (trade t2, by push)');
INSERT INTO "event_log" VALUES(1,219,3,1767787210040.0,'info','order','g0cifqaribyall00f1','a: q0cifqaribyall00f1a01 working → filled, filled 0.5 of 0.5: filled 0.5 of 0.5');
INSERT INTO "event_log" VALUES(1,219,4,1767787210040.0,'info','group','g0cifqaribyall00f1','pair: opening → open: both legs hold the same');
INSERT INTO "event_log" VALUES(1,100000,0,1767787210540.0,'info','risk',NULL,'ladder of sizes: rung 1 → 2: climbed');
CREATE TABLE events (
  run INTEGER NOT NULL REFERENCES runs (run),
  seq INTEGER NOT NULL,
  unix_ms REAL NOT NULL,
  mono_us REAL NOT NULL,
  type TEXT NOT NULL,
  payload TEXT NOT NULL,
  PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO "events" VALUES(1,1,1767787200000.0,1000000.0,'started','{"runId":"mk3yutc0n64","pause":null,"kill":null,"sampleIntervalMs":1000,"openIntents":[],"stretch":{"fromUnixMs":0,"toUnixMs":0,"count":0,"checksum":0}}');
INSERT INTO "events" VALUES(1,2,1767787200000.0,1000000.0,'venue-link','{"venueId":"va","report":{"state":"live","detail":"test"}}');
INSERT INTO "events" VALUES(1,3,1767787200000.0,1000000.0,'venue-link','{"venueId":"vb","report":{"state":"live","detail":"test"}}');
INSERT INTO "events" VALUES(1,4,1767787200000.0,1000000.0,'instrument','{"instrument":{"id":"X@va","venueId":"va","symbol":"X","kind":"perpetual","baseCcy":"X","quoteCcy":"USD","tickSize":"0.01","qtyStep":"0.001","minQty":"0.001","maxQty":null,"minNotional":null,"baseQtyPerUnit":"1","tradable":true,"venueState":"live","instIdCode":null},"mismatches":[]}');
INSERT INTO "events" VALUES(1,5,1767787200000.0,1000000.0,'instrument','{"instrument":{"id":"X@vb","venueId":"vb","symbol":"X","kind":"perpetual","baseCcy":"X","quoteCcy":"USD","tickSize":"0.01","qtyStep":"0.001","minQty":"0.001","maxQty":null,"minNotional":null,"baseQtyPerUnit":"1","tradable":true,"venueState":"live","instIdCode":null},"mismatches":[]}');
INSERT INTO "events" VALUES(1,8,1767787200000.0,1000000.0,'order-link','{"venueId":"va","state":"up","detail":"test"}');
INSERT INTO "events" VALUES(1,9,1767787200000.0,1000000.0,'venue-snapshot','{"venueId":"va","requestId":1,"outcome":{"code":"answered","snapshot":{"venueUnixMs":1767787200000,"openOrders":[],"fills":[],"positions":[],"account":{"ccy":"USD","equity":"1000000","marginUsed":"0","marginFree":"1000000","balances":[{"ccy":"USD","free":"1000000","total":"1000000"}]}}}}');
INSERT INTO "events" VALUES(1,10,1767787200000.0,1000000.0,'order-link','{"venueId":"vb","state":"up","detail":"test"}');
INSERT INTO "events" VALUES(1,11,1767787200000.0,1000000.0,'venue-snapshot','{"venueId":"vb","requestId":1,"outcome":{"code":"answered","snapshot":{"venueUnixMs":1767787200000,"openOrders":[],"fills":[],"positions":[],"account":{"ccy":"USD","equity":"1000000","marginUsed":"0","marginFree":"1000000","balances":[{"ccy":"USD","free":"1000000","total":"1000000"}]}}}}');
INSERT INTO "events" VALUES(1,212,1767787210000.0,11000000.0,'timer','{}');
INSERT INTO "events" VALUES(1,213,1767787210000.0,11000000.0,'operator','{"command":{"kind":"arm","requestId":"request-212","reason":"because","source":"console","by":"tester"}}');
INSERT INTO "events" VALUES(1,215,1767787210000.0,11000000.0,'quote','{"instrument":0,"bidPx":10005.006251562889,"bidQty":10,"askPx":10005.016251562889,"askQty":10,"venueMs":null,"updateId":null,"receivedMonoUs":11000000}');
INSERT INTO "events" VALUES(1,216,1767787210020.0,11020000.0,'order-outcome','{"clientOrderId":"q0cifqaribyall00f1b01","outcome":{"code":"acknowledged","venueOrderId":"v-q0cifqaribyall00f1b01","venueUnixMs":1767787210020}}');
INSERT INTO "events" VALUES(1,217,1767787210020.0,11020000.0,'fill','{"fill":{"venueId":"vb","instrumentId":"X@vb","tradeId":"t1","clientOrderId":"q0cifqaribyall00f1b01","side":"buy","qty":"0.5","px":"10000.005","fee":"0.1","feeCcy":"USD","positionId":null,"venueUnixMs":1767787210020}}');
INSERT INTO "events" VALUES(1,218,1767787210040.0,11040000.0,'order-outcome','{"clientOrderId":"q0cifqaribyall00f1a01","outcome":{"code":"acknowledged","venueOrderId":"v-q0cifqaribyall00f1a01","venueUnixMs":1767787210040}}');
INSERT INTO "events" VALUES(1,219,1767787210040.0,11040000.0,'fill','{"fill":{"venueId":"va","instrumentId":"X@va","tradeId":"t2","clientOrderId":"q0cifqaribyall00f1a01","side":"sell","qty":"0.5","px":"10005.006251562889","fee":"0.1","feeCcy":"USD","positionId":null,"venueUnixMs":1767787210040}}');
INSERT INTO "events" VALUES(1,100000,1767787210540.0,11540000.0,'timer','{}');
CREATE TABLE facts (
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  type TEXT NOT NULL,
  payload TEXT NOT NULL,
  PRIMARY KEY (run, seq, ordinal),
  FOREIGN KEY (run, seq) REFERENCES events (run, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO "facts" VALUES(1,1,0,'run-started','{"type":"run-started","runId":"mk3yutc0n64"}');
INSERT INTO "facts" VALUES(1,2,0,'noted','{"type":"noted","severity":"info","kind":"venue","subject":"va","text":"idle → live: test"}');
INSERT INTO "facts" VALUES(1,3,0,'noted','{"type":"noted","severity":"info","kind":"venue","subject":"vb","text":"idle → live: test"}');
INSERT INTO "facts" VALUES(1,4,0,'noted','{"type":"noted","severity":"info","kind":"venue","subject":"X@va","text":"metadata as configured; pairs accepted: pair"}');
INSERT INTO "facts" VALUES(1,5,0,'noted','{"type":"noted","severity":"info","kind":"venue","subject":"X@vb","text":"metadata as configured; pairs accepted: pair"}');
INSERT INTO "facts" VALUES(1,8,0,'noted','{"type":"noted","severity":"info","kind":"venue","subject":"va","text":"order link up: test"}');
INSERT INTO "facts" VALUES(1,9,0,'cursor-moved','{"type":"cursor-moved","venueId":"va","fillsSinceUnixMs":1767787080000}');
INSERT INTO "facts" VALUES(1,9,1,'holding-changed','{"type":"holding-changed","instrumentId":"X@va","before":null,"after":{"qty":"0","foreignQty":"0"},"why":"first sight: what is there is foreign"}');
INSERT INTO "facts" VALUES(1,9,2,'venue-reconciled','{"type":"venue-reconciled","venueId":"va","detail":"reconciled (the order link came up)","missedFills":0}');
INSERT INTO "facts" VALUES(1,10,0,'noted','{"type":"noted","severity":"info","kind":"venue","subject":"vb","text":"order link up: test"}');
INSERT INTO "facts" VALUES(1,11,0,'cursor-moved','{"type":"cursor-moved","venueId":"vb","fillsSinceUnixMs":1767787080000}');
INSERT INTO "facts" VALUES(1,11,1,'holding-changed','{"type":"holding-changed","instrumentId":"X@vb","before":null,"after":{"qty":"0","foreignQty":"0"},"why":"first sight: what is there is foreign"}');
INSERT INTO "facts" VALUES(1,11,2,'venue-reconciled','{"type":"venue-reconciled","venueId":"vb","detail":"reconciled (the order link came up)","missedFills":0}');
INSERT INTO "facts" VALUES(1,212,0,'day-changed','{"type":"day-changed","day":{"utcDay":20460,"startEquityUsd":2000000,"netUsd":0,"groups":0,"losingStreak":0}}');
INSERT INTO "facts" VALUES(1,213,0,'arming-changed','{"type":"arming-changed","before":null,"after":{"latchedUnixMs":1767787210000,"source":"console","by":"tester","reason":"because"},"why":"because"}');
INSERT INTO "facts" VALUES(1,215,0,'intent-proposed','{"type":"intent-proposed","intentId":"i0cifqaribyall00f1"}');
INSERT INTO "facts" VALUES(1,215,1,'group-changed','{"type":"group-changed","groupId":"g0cifqaribyall00f1","before":null}');
INSERT INTO "facts" VALUES(1,215,2,'group-changed','{"type":"group-changed","groupId":"g0cifqaribyall00f1","before":"proposed","replaced":{"state":"proposed","why":"an intent fired","legs":"{\"a\":{\"leg\":\"a\",\"venueId\":\"va\",\"instrumentId\":\"X@va\",\"symbol\":\"X\",\"side\":\"sell\",\"baseQtyPerUnit\":\"1\",\"baseCcy\":\"X\",\"quoteCcy\":\"USD\",\"plannedQty\":\"0.5\",\"referencePx\":\"10005.006251562889\",\"openedQty\":\"0\",\"closedQty\":\"0\",\"cash\":\"0\",\"fees\":{},\"feeQty\":\"0\",\"settledQty\":\"0\",\"positions\":[],\"orders\":[]},\"b\":{\"leg\":\"b\",\"venueId\":\"vb\",\"instrumentId\":\"X@vb\",\"symbol\":\"X\",\"side\":\"buy\",\"baseQtyPerUnit\":\"1\",\"baseCcy\":\"X\",\"quoteCcy\":\"USD\",\"plannedQty\":\"0.5\",\"referencePx\":\"10000.005\",\"openedQty\":\"0\",\"closedQty\":\"0\",\"cash\":\"0\",\"fees\":{},\"feeQty\":\"0\",\"settledQty\":\"0\",\"positions\":[],\"orders\":[]}}"}}');
INSERT INTO "facts" VALUES(1,215,3,'order-changed','{"type":"order-changed","clientOrderId":"q0cifqaribyall00f1b01","before":null}');
INSERT INTO "facts" VALUES(1,215,4,'fences-changed','{"type":"fences-changed","fences":[{"pairId":"pair","kind":"entry","untilUnixMs":1767787212000}]}');
INSERT INTO "facts" VALUES(1,216,0,'order-changed','{"type":"order-changed","clientOrderId":"q0cifqaribyall00f1b01","before":"in-flight","replaced":{"state":"in-flight","venue_order_id":null,"why":"committed; void at the venue after 1500 ms","acknowledged_unix_ms":null}}');
INSERT INTO "facts" VALUES(1,217,0,'fill-booked','{"type":"fill-booked","venueId":"vb","instrumentId":"X@vb","tradeId":"t1"}');
INSERT INTO "facts" VALUES(1,217,1,'holding-changed','{"type":"holding-changed","instrumentId":"X@vb","before":{"qty":"0","foreignQty":"0"},"after":{"qty":"0.5","foreignQty":"0"},"why":"fill t1"}');
INSERT INTO "facts" VALUES(1,217,2,'group-changed','{"type":"group-changed","groupId":"g0cifqaribyall00f1","before":"opening","replaced":{"why":"leg b was sent, leg a follows its fills","legs":"{\"a\":{\"leg\":\"a\",\"venueId\":\"va\",\"instrumentId\":\"X@va\",\"symbol\":\"X\",\"side\":\"sell\",\"baseQtyPerUnit\":\"1\",\"baseCcy\":\"X\",\"quoteCcy\":\"USD\",\"plannedQty\":\"0.5\",\"referencePx\":\"10005.006251562889\",\"openedQty\":\"0\",\"closedQty\":\"0\",\"cash\":\"0\",\"fees\":{},\"feeQty\":\"0\",\"settledQty\":\"0\",\"positions\":[],\"orders\":[]},\"b\":{\"leg\":\"b\",\"venueId\":\"vb\",\"instrumentId\":\"X@vb\",\"symbol\":\"X\",\"side\":\"buy\",\"baseQtyPerUnit\":\"1\",\"baseCcy\":\"X\",\"quoteCcy\":\"USD\",\"plannedQty\":\"0.5\",\"referencePx\":\"10000.005\",\"openedQty\":\"0\",\"closedQty\":\"0\",\"cash\":\"0\",\"fees\":{},\"feeQty\":\"0\",\"settledQty\":\"0\",\"positions\":[],\"orders\":[\"q0cifqaribyall00f1b01\"]}}","residual_base_qty":"0"}}');
INSERT INTO "facts" VALUES(1,217,3,'order-changed','{"type":"order-changed","clientOrderId":"q0cifqaribyall00f1b01","before":"working","replaced":{"state":"working","filled_qty":"0","booked_qty":"0","avg_px":null,"why":"acknowledged","first_fill_unix_ms":null,"ended_unix_ms":null}}');
INSERT INTO "facts" VALUES(1,217,4,'order-changed','{"type":"order-changed","clientOrderId":"q0cifqaribyall00f1a01","before":null}');
INSERT INTO "facts" VALUES(1,218,0,'order-changed','{"type":"order-changed","clientOrderId":"q0cifqaribyall00f1a01","before":"in-flight","replaced":{"state":"in-flight","venue_order_id":null,"why":"committed; void at the venue after 1500 ms","acknowledged_unix_ms":null}}');
INSERT INTO "facts" VALUES(1,219,0,'fill-booked','{"type":"fill-booked","venueId":"va","instrumentId":"X@va","tradeId":"t2"}');
INSERT INTO "facts" VALUES(1,219,1,'holding-changed','{"type":"holding-changed","instrumentId":"X@va","before":{"qty":"0","foreignQty":"0"},"after":{"qty":"-0.5","foreignQty":"0"},"why":"fill t2"}');
INSERT INTO "facts" VALUES(1,219,2,'group-changed','{"type":"group-changed","groupId":"g0cifqaribyall00f1","before":"opening","replaced":{"legs":"{\"a\":{\"leg\":\"a\",\"venueId\":\"va\",\"instrumentId\":\"X@va\",\"symbol\":\"X\",\"side\":\"sell\",\"baseQtyPerUnit\":\"1\",\"baseCcy\":\"X\",\"quoteCcy\":\"USD\",\"plannedQty\":\"0.5\",\"referencePx\":\"10005.006251562889\",\"openedQty\":\"0\",\"closedQty\":\"0\",\"cash\":\"0\",\"fees\":{},\"feeQty\":\"0\",\"settledQty\":\"0\",\"positions\":[],\"orders\":[\"q0cifqaribyall00f1a01\"]},\"b\":{\"leg\":\"b\",\"venueId\":\"vb\",\"instrumentId\":\"X@vb\",\"symbol\":\"X\",\"side\":\"buy\",\"baseQtyPerUnit\":\"1\",\"baseCcy\":\"X\",\"quoteCcy\":\"USD\",\"plannedQty\":\"0.5\",\"referencePx\":\"10000.005\",\"openedQty\":\"0.5\",\"closedQty\":\"0\",\"cash\":\"-5000.0025\",\"fees\":{\"USD\":\"0.1\"},\"feeQty\":\"0\",\"settledQty\":\"0\",\"positions\":[],\"orders\":[\"q0cifqaribyall00f1b01\"]}}","residual_base_qty":"0.5"}}');
INSERT INTO "facts" VALUES(1,219,3,'order-changed','{"type":"order-changed","clientOrderId":"q0cifqaribyall00f1a01","before":"working","replaced":{"state":"working","filled_qty":"0","booked_qty":"0","avg_px":null,"why":"acknowledged","first_fill_unix_ms":null,"ended_unix_ms":null}}');
INSERT INTO "facts" VALUES(1,219,4,'group-changed','{"type":"group-changed","groupId":"g0cifqaribyall00f1","before":"opening","replaced":{"state":"opening","state_since_unix_ms":1767787210000,"why":"leg b holds 0.5 base units, leg a follows","opened_unix_ms":null}}');
INSERT INTO "facts" VALUES(1,100000,0,'rung-changed','{"type":"rung-changed","before":{"rung":0,"maxNotionalUsd":null,"closedWell":3,"sinceUnixMs":1767787210540},"after":{"rung":1,"maxNotionalUsd":500,"closedWell":2,"sinceUnixMs":1767787210540},"why":"climbed"}');
CREATE TABLE fences (
  ordinal INTEGER PRIMARY KEY,
  pair_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  until_unix_ms REAL NOT NULL
) STRICT;
INSERT INTO "fences" VALUES(0,'pair','entry',1767787212000.0);
CREATE TABLE fill_cursors (
  venue_id TEXT PRIMARY KEY,
  fills_since_unix_ms REAL NOT NULL,
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "fill_cursors" VALUES('va',1767787080000.0,1,9);
INSERT INTO "fill_cursors" VALUES('vb',1767787080000.0,1,11);
CREATE TABLE fills (
  number INTEGER PRIMARY KEY,
  venue_id TEXT NOT NULL,
  instrument_id TEXT NOT NULL,
  trade_id TEXT NOT NULL,
  client_order_id TEXT REFERENCES orders (client_order_id) DEFERRABLE INITIALLY DEFERRED,
  group_id TEXT NOT NULL REFERENCES hedge_groups (group_id) DEFERRABLE INITIALLY DEFERRED,
  leg TEXT NOT NULL,
  side TEXT NOT NULL,
  qty TEXT NOT NULL,
  px TEXT NOT NULL,
  fee TEXT NOT NULL,
  fee_ccy TEXT NOT NULL,
  position_id TEXT,
  venue_unix_ms REAL,
  base_qty TEXT NOT NULL,
  booked_unix_ms REAL NOT NULL,
  via TEXT NOT NULL,
  UNIQUE (venue_id, instrument_id, trade_id)
) STRICT;
INSERT INTO "fills" VALUES(1,'vb','X@vb','t1','q0cifqaribyall00f1b01','g0cifqaribyall00f1','b','buy','0.5','10000.005','0.1','USD',NULL,1767787210020.0,'0.5',1767787210020.0,'push');
INSERT INTO "fills" VALUES(2,'va','X@va','t2','q0cifqaribyall00f1a01','g0cifqaribyall00f1','a','sell','0.5','10005.006251562889','0.1','USD',NULL,1767787210040.0,'0.5',1767787210040.0,'push');
CREATE TABLE hedge_groups (
  number INTEGER PRIMARY KEY,
  group_id TEXT NOT NULL UNIQUE,
  intent_id TEXT NOT NULL UNIQUE REFERENCES intents (intent_id) DEFERRABLE INITIALLY DEFERRED,
  pair_id TEXT NOT NULL,
  direction TEXT NOT NULL,
  leg_order TEXT NOT NULL,
  state TEXT NOT NULL,
  state_since_unix_ms REAL NOT NULL,
  why TEXT NOT NULL,
  legs TEXT NOT NULL,
  created_unix_ms REAL NOT NULL,
  opened_unix_ms REAL,
  ended_unix_ms REAL,
  deadline_unix_ms REAL NOT NULL,
  base_qty TEXT NOT NULL,
  notional_usd REAL NOT NULL,
  conversion_rate REAL NOT NULL,
  expected TEXT NOT NULL,
  residual_base_qty TEXT NOT NULL,
  residual_since_unix_ms REAL,
  residual_alarmed INTEGER NOT NULL,
  ladder TEXT NOT NULL,
  close_reason TEXT,
  settled_base_qty TEXT NOT NULL,
  denials TEXT NOT NULL,
  result TEXT,
  first_run INTEGER NOT NULL,
  first_seq INTEGER NOT NULL,
  last_run INTEGER NOT NULL,
  last_seq INTEGER NOT NULL
) STRICT;
INSERT INTO "hedge_groups" VALUES(1,'g0cifqaribyall00f1','i0cifqaribyall00f1','pair','sell-a-buy-b','exchange-first','open',1767787210040.0,'both legs hold the same','{"a":{"leg":"a","venueId":"va","instrumentId":"X@va","symbol":"X","side":"sell","baseQtyPerUnit":"1","baseCcy":"X","quoteCcy":"USD","plannedQty":"0.5","referencePx":"10005.006251562889","openedQty":"0.5","closedQty":"0","cash":"5002.5031257814445","fees":{"USD":"0.1"},"feeQty":"0","settledQty":"0","positions":[],"orders":["q0cifqaribyall00f1a01"]},"b":{"leg":"b","venueId":"vb","instrumentId":"X@vb","symbol":"X","side":"buy","baseQtyPerUnit":"1","baseCcy":"X","quoteCcy":"USD","plannedQty":"0.5","referencePx":"10000.005","openedQty":"0.5","closedQty":"0","cash":"-5000.0025","fees":{"USD":"0.1"},"feeQty":"0","settledQty":"0","positions":[],"orders":["q0cifqaribyall00f1b01"]}}',1767787210000.0,1767787210040.0,NULL,1767787220000.0,'0.5',5000.0,1.0,'{"spreadBps":4.999998750311995,"edgeBps":4.984998750311996,"costsBps":0.015}','0',NULL,0,'[]',NULL,'0','[]',NULL,1,215,1,219);
CREATE TABLE holdings (
  instrument_id TEXT PRIMARY KEY,
  qty TEXT NOT NULL,
  foreign_qty TEXT NOT NULL
, accepted_qty TEXT) STRICT, WITHOUT ROWID;
INSERT INTO "holdings" VALUES('X@va','-0.5','0',NULL);
INSERT INTO "holdings" VALUES('X@vb','0.5','0',NULL);
CREATE TABLE intents (
  intent_id TEXT PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (run),
  seq INTEGER NOT NULL,
  pair_id TEXT NOT NULL,
  proposed_unix_ms REAL NOT NULL,
  evidence TEXT NOT NULL,
  ended_unix_ms REAL,
  end_reason TEXT,
  best_edge_bps REAL NOT NULL,
  duration_ms REAL,
  suppressed INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO "intents" VALUES('i0cifqaribyall00f1',1,215,'pair',1767787210000.0,'{"id":"i0cifqaribyall00f1","pairId":"pair","direction":"sell-a-buy-b","episode":1,"proposedUnixMs":1767787210000,"spreadBps":4.999998750311995,"edgeBps":4.984998750311996,"centreBps":0.005,"deviationBps":4.9949987503119955,"thresholdBps":2,"entrySpreadBps":2.005,"percentiles":{"p50":0.005,"p75":0.005,"p90":0.005,"p99":0.005},"triggerRate":0,"coverage":1,"executableBaseQty":5,"conversionRate":1,"costs":{"feesBps":0,"commissionBps":0,"slippageBps":0,"carryBps":0,"exitSpreadBps":0.015,"totalBps":0.015},"quotes":[{"instrumentId":"X@va","bidPx":"10005.006251562889","bidQty":"10","askPx":"10005.016251562889","askQty":"10","venueMs":null,"updateId":null,"receivedUnixMs":1767787210000,"ageMs":0},{"instrumentId":"X@vb","bidPx":"9999.995","bidQty":"10","askPx":"10000.005","askQty":"10","venueMs":null,"updateId":null,"receivedUnixMs":1767787210000,"ageMs":0}],"gates":[{"code":"metadata","passed":true,"measured":null,"limit":null,"unit":"none","note":"both instruments are as configured"},{"code":"venue-link","passed":true,"measured":null,"limit":null,"unit":"none","note":"both venues are live"},{"code":"quote-present","passed":true,"measured":null,"limit":null,"unit":"none","note":"every leg is quoted"},{"code":"quote-valid","passed":true,"measured":null,"limit":null,"unit":"none","note":"every quote is sound"},{"code":"quote-age-a","passed":true,"measured":0,"limit":500,"unit":"ms","note":"X@va is 0 ms old, limit 500 ms"},{"code":"quote-age-b","passed":true,"measured":0,"limit":500,"unit":"ms","note":"X@vb is 0 ms old, limit 500 ms"},{"code":"quote-skew","passed":true,"measured":0,"limit":750,"unit":"ms","note":"quotes are 0 ms apart, limit 750 ms"},{"code":"session","passed":true,"measured":null,"limit":null,"unit":"none","note":"both legs are in session"},{"code":"statistics","passed":true,"measured":10,"limit":0,"unit":"s","note":"10 s of spread recorded, 0 s needed"},{"code":"executable-qty","passed":true,"measured":5,"limit":0.001,"unit":"base","note":"5.000000 base units executable, 0.001000 needed"},{"code":"edge","passed":true,"measured":4.984998750311996,"limit":1,"unit":"bps","note":"edge 4.98 = spread 5.00 − costs 0.01, at least 1.00 bps needed"},{"code":"deviation","passed":true,"measured":4.9949987503119955,"limit":2,"unit":"bps","note":"4.99 from the centre 0.01, threshold 2.00 bps"},{"code":"abnormal-edge","passed":true,"measured":4.999998750311995,"limit":6.005,"unit":"bps","note":"spread 5.00, too good to be true above 6.00 bps"},{"code":"trading-state","passed":true,"measured":null,"limit":null,"unit":"none","note":"active"},{"code":"cooldown","passed":true,"measured":0,"limit":0,"unit":"ms","note":"no cooldown"},{"code":"armed","passed":true,"measured":null,"limit":null,"unit":"none","note":"armed by tester"},{"code":"stopped","passed":true,"measured":null,"limit":null,"unit":"none","note":"trading state active"},{"code":"reconciled","passed":true,"measured":null,"limit":null,"unit":"none","note":"both venues agree with us"},{"code":"account","passed":true,"measured":null,"limit":null,"unit":"none","note":"no check of either account fails"},{"code":"unknown-leg","passed":true,"measured":0,"limit":0,"unit":"count","note":"every outcome is known"},{"code":"fence","passed":true,"measured":0,"limit":0,"unit":"ms","note":"no fence"},{"code":"open-groups","passed":true,"measured":0,"limit":3,"unit":"count","note":"0 groups are open, at most 3"},{"code":"size","passed":true,"measured":0.5,"limit":5,"unit":"base","note":"0.5 base units of 5 executable"},{"code":"notional","passed":true,"measured":5000,"limit":10000,"unit":"usd","note":"$5000.00 in all, at most $10000.00"},{"code":"collar","passed":true,"measured":5.00999624531409,"limit":100,"unit":"bps","note":"the venues are 5.01 bps apart, at most 100"},{"code":"calendar","passed":true,"measured":null,"limit":15,"unit":"min","note":"X@va stays open"},{"code":"messages","passed":true,"measured":0,"limit":350,"unit":"count","note":"0 messages in a minute, entries may make it 350"},{"code":"repeated","passed":true,"measured":0,"limit":20,"unit":"count","note":"0 groups within an hour, at most 20"},{"code":"duplicate","passed":true,"measured":null,"limit":2000,"unit":"ms","note":"not a duplicate"},{"code":"funds","passed":true,"measured":5007.505628907225,"limit":1000000,"unit":"none","note":"va: 5007.51 USD needed with what is reserved, 1000000.00 free margin"},{"code":"margin","passed":true,"measured":19970.02248439264,"limit":300,"unit":"%","note":"va: margin level 19970.02 % after the entry, at least 300 % needed"},{"code":"loss","passed":true,"measured":0,"limit":1,"unit":"%","note":"0.00 % lost today, below 1 % allowed"},{"code":"venue-errors","passed":true,"measured":0,"limit":50,"unit":"count","note":"0 venue errors, disabled at 50"},{"code":"heartbeat","passed":true,"measured":0,"limit":10000,"unit":"ms","note":"no EA is silent"}],"exactSpreadBps":"4.999998750311","disposition":"hedging","denials":[],"groupId":"g0cifqaribyall00f1"}',NULL,NULL,4.98499875031199568553e+00,NULL,NULL);
CREATE TABLE latches (
  name TEXT PRIMARY KEY CHECK (name IN ('pause', 'kill')),
  latch TEXT,
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE lease (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  token TEXT NOT NULL,
  owner TEXT NOT NULL,
  pid INTEGER NOT NULL,
  host TEXT NOT NULL,
  taken_unix_ms REAL NOT NULL,
  expires_unix_ms REAL NOT NULL
) STRICT;
CREATE TABLE limit_overrides (
  name TEXT PRIMARY KEY,
  value REAL NOT NULL,
  configured REAL NOT NULL,
  changed_unix_ms REAL NOT NULL,
  operator TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE live_rung (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  rung INTEGER NOT NULL,
  max_notional_usd REAL,
  closed_well INTEGER NOT NULL,
  since_unix_ms REAL NOT NULL
) STRICT;
INSERT INTO "live_rung" VALUES(1,1,500.0,2,1767787210540.0);
CREATE TABLE operator_actions (
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  unix_ms REAL NOT NULL,
  request_id TEXT NOT NULL,
  command TEXT NOT NULL,
  source TEXT NOT NULL,
  operator TEXT NOT NULL,
  reason TEXT NOT NULL,
  refused_because TEXT, target TEXT, detail TEXT,
  PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO "operator_actions" VALUES(1,213,1767787210000.0,'request-212','arm','console','tester','because',NULL,NULL,NULL);
CREATE TABLE orders (
  client_order_id TEXT NOT NULL PRIMARY KEY,
  group_id TEXT NOT NULL REFERENCES hedge_groups (group_id) DEFERRABLE INITIALLY DEFERRED,
  leg TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  purpose TEXT NOT NULL,
  authority TEXT NOT NULL,
  venue_id TEXT NOT NULL,
  instrument_id TEXT NOT NULL,
  symbol TEXT NOT NULL,
  side TEXT NOT NULL,
  qty TEXT NOT NULL,
  limit_px TEXT NOT NULL,
  time_in_force TEXT NOT NULL,
  reduce_only INTEGER NOT NULL,
  position_id TEXT,
  magic INTEGER,
  validity_ms REAL NOT NULL,
  quote TEXT NOT NULL,
  state TEXT NOT NULL,
  venue_order_id TEXT,
  filled_qty TEXT NOT NULL,
  booked_qty TEXT NOT NULL,
  avg_px TEXT,
  refusal TEXT,
  why TEXT NOT NULL,
  committed_unix_ms REAL NOT NULL,
  acknowledged_unix_ms REAL,
  first_fill_unix_ms REAL,
  ended_unix_ms REAL,
  unknown_since_unix_ms REAL,
  cancel_requested_unix_ms REAL,
  queries INTEGER NOT NULL,
  last_query_unix_ms REAL,
  UNIQUE (group_id, leg, attempt)
) STRICT;
INSERT INTO "orders" VALUES('q0cifqaribyall00f1b01','g0cifqaribyall00f1','b',1,'open','rule','vb','X@vb','X','buy','0.5','10010','ioc',0,NULL,NULL,1500.0,'{"instrumentId":"X@vb","bidPx":"9999.995","bidQty":"10","askPx":"10000.005","askQty":"10","venueMs":null,"updateId":null,"receivedUnixMs":1767787210000,"ageMs":0}','filled','v-q0cifqaribyall00f1b01','0.5','0.5','10000.005',NULL,'filled 0.5 of 0.5',1767787210000.0,1767787210020.0,1767787210020.0,1767787210020.0,NULL,NULL,0,NULL);
INSERT INTO "orders" VALUES('q0cifqaribyall00f1a01','g0cifqaribyall00f1','a',1,'open','rule','va','X@va','X','sell','0.5','9995.01','ioc',0,NULL,NULL,1500.0,'{"instrumentId":"X@va","bidPx":"10005.006251562889","bidQty":"10","askPx":"10005.016251562889","askQty":"10","venueMs":null,"updateId":null,"receivedUnixMs":1767787210000,"ageMs":20}','filled','v-q0cifqaribyall00f1a01','0.5','0.5','10005.006251562889',NULL,'filled 0.5 of 0.5',1767787210020.0,1767787210040.0,1767787210040.0,1767787210040.0,NULL,NULL,0,NULL);
CREATE TABLE position_differences (
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  unix_ms REAL NOT NULL,
  venue_id TEXT NOT NULL,
  instrument_id TEXT NOT NULL,
  own_qty TEXT NOT NULL,
  reported_qty TEXT,
  PRIMARY KEY (run, seq, ordinal)
) STRICT, WITHOUT ROWID;
CREATE TABLE recoveries (
  run INTEGER PRIMARY KEY REFERENCES runs (run),
  trading TEXT NOT NULL
) STRICT;
INSERT INTO "recoveries" VALUES(1,'{"groups":[],"orders":[],"tradeIds":[],"holdings":{},"magics":{},"fences":[],"disablements":[],"scopedStops":[],"overrides":[],"day":null,"entries":[],"cursors":{},"rung":null}');
CREATE TABLE runs (
  run INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  version TEXT NOT NULL,
  owner TEXT NOT NULL,
  configuration TEXT NOT NULL REFERENCES configuration_versions (digest),
  started_unix_ms REAL NOT NULL,
  ended_unix_ms REAL,
  end_reason TEXT
) STRICT;
INSERT INTO "runs" VALUES(1,'mk3yutc0n64','6','test','87e0dbf6c9237e3ed8b7b7371feb0776b5ee5ba8f3c52ed898b213cb3632a7d7',1767787200000.0,NULL,NULL);
CREATE TABLE sampled_pairs (
  pair INTEGER PRIMARY KEY,
  pair_id TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE samples (
  pair INTEGER NOT NULL REFERENCES sampled_pairs (pair),
  unix_ms REAL NOT NULL,
  f_bps REAL,
  r_bps REAL,
  PRIMARY KEY (pair, unix_ms)
) STRICT, WITHOUT ROWID;
CREATE TABLE scoped_stops (
  scope TEXT PRIMARY KEY,
  level TEXT NOT NULL,
  latch TEXT NOT NULL,
  run INTEGER NOT NULL,
  seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE terminal_accounts (
  venue_id TEXT PRIMARY KEY,
  login TEXT NOT NULL,
  server TEXT NOT NULL,
  bound_unix_ms REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE terminal_commands (
  number INTEGER PRIMARY KEY,
  venue_id TEXT NOT NULL,
  command_id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL CHECK (kind IN ('open', 'close', 'cancel', 'query', 'flatten')),
  magic INTEGER,
  client_order_id TEXT,
  instrument_id TEXT,
  body TEXT NOT NULL,
  state TEXT NOT NULL,
  why TEXT NOT NULL,
  deliveries INTEGER NOT NULL,
  lease_id TEXT,
  retcode INTEGER,
  broker_order TEXT,
  cum_lots TEXT NOT NULL,
  avg_px TEXT,
  queued_unix_ms REAL NOT NULL,
  delivered_unix_ms REAL,
  acknowledged_unix_ms REAL,
  ended_unix_ms REAL,
  first_deal_unix_ms REAL,
  broker_ms REAL,
  quarantine TEXT
) STRICT;
CREATE TABLE terminal_deal_revisions (
  number INTEGER PRIMARY KEY,
  venue_id TEXT NOT NULL,
  deal TEXT NOT NULL,
  rev INTEGER NOT NULL,
  broker_order TEXT NOT NULL,
  position_id TEXT NOT NULL,
  magic INTEGER NOT NULL,
  own INTEGER NOT NULL,
  instrument_id TEXT,
  symbol TEXT NOT NULL,
  side TEXT,
  entry TEXT NOT NULL,
  lots TEXT NOT NULL,
  price TEXT NOT NULL,
  commission TEXT NOT NULL,
  swap TEXT NOT NULL,
  fee TEXT NOT NULL,
  profit TEXT NOT NULL,
  time_msc INTEGER NOT NULL,
  unix_ms REAL NOT NULL,
  reason TEXT NOT NULL,
  reported_unix_ms REAL NOT NULL,
  UNIQUE (venue_id, deal, rev)
) STRICT;
CREATE TABLE terminal_deals (
  number INTEGER PRIMARY KEY,
  venue_id TEXT NOT NULL,
  deal TEXT NOT NULL,
  rev INTEGER NOT NULL,
  broker_order TEXT NOT NULL,
  position_id TEXT NOT NULL,
  magic INTEGER NOT NULL,
  own INTEGER NOT NULL,
  instrument_id TEXT,
  symbol TEXT NOT NULL,
  side TEXT,
  entry TEXT NOT NULL,
  lots TEXT NOT NULL,
  price TEXT NOT NULL,
  commission TEXT NOT NULL,
  swap TEXT NOT NULL,
  fee TEXT NOT NULL,
  profit TEXT NOT NULL,
  time_msc INTEGER NOT NULL,
  unix_ms REAL NOT NULL,
  reason TEXT NOT NULL,
  UNIQUE (venue_id, deal)
) STRICT;
CREATE TABLE terminal_transitions (
  number INTEGER PRIMARY KEY,
  command_id TEXT NOT NULL REFERENCES terminal_commands (command_id),
  unix_ms REAL NOT NULL,
  state TEXT NOT NULL,
  why TEXT NOT NULL,
  deliveries INTEGER NOT NULL,
  lease_id TEXT,
  retcode INTEGER,
  cum_lots TEXT NOT NULL,
  quarantine TEXT
) STRICT;
CREATE TABLE "trading_mode" (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  mode TEXT NOT NULL CHECK (mode IN ('paper', 'demo', 'live'))
) STRICT;
INSERT INTO "trading_mode" VALUES(1,'paper');
CREATE INDEX effects_undone ON effects (run, seq) WHERE done_unix_ms IS NULL AND settled_by_run IS NULL;
CREATE INDEX intents_by_time ON intents (proposed_unix_ms);
CREATE INDEX intents_open ON intents (intent_id) WHERE ended_unix_ms IS NULL;
CREATE INDEX event_log_by_time ON event_log (unix_ms);
CREATE INDEX hedge_groups_by_time ON hedge_groups (created_unix_ms);
CREATE INDEX hedge_groups_live ON hedge_groups (number) WHERE state NOT IN ('closed', 'denied');
CREATE INDEX hedge_groups_ended ON hedge_groups (last_run, last_seq, number) WHERE state IN ('closed', 'denied');
CREATE INDEX dust_by_group ON dust (group_id);
CREATE INDEX orders_by_time ON orders (committed_unix_ms);
CREATE INDEX fills_by_group ON fills (group_id);
CREATE INDEX fills_by_time ON fills (booked_unix_ms);
CREATE INDEX event_log_by_subject ON event_log (subject, run, seq, ordinal) WHERE subject IS NOT NULL;
CREATE UNIQUE INDEX terminal_commands_by_magic ON terminal_commands (venue_id, magic) WHERE magic IS NOT NULL;
CREATE UNIQUE INDEX terminal_commands_by_order ON terminal_commands (client_order_id) WHERE kind IN ('open', 'close');
CREATE INDEX terminal_commands_live ON terminal_commands (venue_id, number) WHERE state NOT IN ('done', 'partial', 'rejected', 'expired', 'canceled', 'not-executed');
CREATE INDEX terminal_commands_by_time ON terminal_commands (queued_unix_ms, number);
CREATE TRIGGER terminal_commands_final BEFORE UPDATE ON terminal_commands
WHEN old.state IN ('done', 'partial', 'rejected', 'expired', 'canceled', 'not-executed') AND new.state <> old.state
BEGIN SELECT raise(ABORT, 'a final state of a command never changes'); END;
CREATE INDEX terminal_transitions_by_command ON terminal_transitions (command_id, number);
CREATE TRIGGER terminal_transitions_kept BEFORE UPDATE ON terminal_transitions
BEGIN SELECT raise(ABORT, 'transitions are only added to'); END;
CREATE TRIGGER terminal_transitions_never_gone BEFORE DELETE ON terminal_transitions
BEGIN SELECT raise(ABORT, 'transitions are only added to'); END;
CREATE INDEX terminal_deals_by_magic ON terminal_deals (venue_id, magic, number);
CREATE INDEX terminal_deals_by_position ON terminal_deals (venue_id, position_id, number);
CREATE INDEX terminal_deals_by_time ON terminal_deals (venue_id, unix_ms, number);
CREATE TRIGGER terminal_deal_revisions_kept BEFORE UPDATE ON terminal_deal_revisions
BEGIN SELECT raise(ABORT, 'revisions of deals are only added to'); END;
CREATE TRIGGER terminal_deal_revisions_never_gone BEFORE DELETE ON terminal_deal_revisions
BEGIN SELECT raise(ABORT, 'revisions of deals are only added to'); END;
CREATE INDEX charges_by_group ON charges (group_id);
COMMIT;