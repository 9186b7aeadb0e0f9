/** How the EA speaks: envelope, numbering, signature, statuses, snapshots, deals as the terminal learns of them. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { inDuel, type Duel, type DuelChoice } from '../duel.ts';
import { scenario, type Scenario } from '../scenario.ts';
import type { Json } from '../scriptedEngine.ts';

const duel = (name: string, choice: DuelChoice, story: (duel: Duel) => Promise<void>): Scenario =>
  scenario(name, (stage) => inDuel(stage, choice, story));

const dealOf = (d: Duel, entry: string): Json | undefined => [...d.engine.deals().values()].find((deal) => deal['entry'] === entry);

export const EA_WORDS: readonly Scenario[] = [
  duel('hello says what there is: account, symbols, limits, hours', {}, async (d) => {
    const hello = d.engine.of('hello')[0]!;
    assert.equal(hello['login'], '500123');
    assert.deepEqual([hello['margin_mode'], hello['account_kind'], hello['server_utc_offset_s']], [2, 0, 7_200]);
    assert.equal(hello['magic_base'], '1600000000000');
    const gold = (hello['symbols'] as readonly Json[]).find((each) => each['name'] === 'XAUUSD')!;
    assert.deepEqual(
      [
        gold['digits'],
        Number(gold['contract_size']),
        Number(gold['vol_step']),
        gold['filling'],
        gold['exemode'],
        gold['trade_mode'],
        gold['base'],
      ],
      [2, 100, 0.01, 3, 2, 4, 'XAU'],
    );
    assert.equal((gold['sessions'] as readonly unknown[]).length, 7);
    const limits = hello['limits'] as Json;
    assert.deepEqual([Number(limits['max_lots_command']), limits['opening']], [5, true]);
    await d.until('a tick', () => d.engine.of('tick').length > 0);
    const tick = d.engine.of('tick').at(-1)!;
    const [row] = tick['ticks'] as readonly Json[];
    assert.ok(Math.abs(Number(row!['time_msc']) - (Date.now() + 7_200_000)) < 5_000);
    assert.ok(Number(row!['bid']) > 3_000);
  }),

  duel('reply lost: the same request again under the same number', {}, async (d) => {
    let lost = 0;
    d.engine.prank = (answer) => ((lost += 1) <= 3 ? 'nothing' : answer);
    await d.until('three lost', () => lost > 3);
    d.engine.prank = null;
    await d.opened();
    const seqs = d.engine.heard.filter(({ path }) => path !== 'hello').map(({ body }) => Number(body['seq']));
    assert.ok(new Set(seqs).size <= seqs.length - 3);
  }),

  duel('another program on the port: unsigned, wrongly signed and foreign replies are not obeyed', {}, async (d) => {
    const command = d.open();
    const withCommand = (body: string): string => JSON.stringify({ ...(JSON.parse(body) as object), command });
    const pranks: readonly ((seq: string, body: string) => string | null)[] = [
      () => null,
      () => 'f'.repeat(64),
      (seq, body) => d.engine.signatureOf(seq, body, 'another key'),
      (seq, body) => d.engine.signatureOf(seq, body, d.engine.key, 'another session'),
      (seq, body) => d.engine.signatureOf(String(Number(seq) + 1), body),
      (seq, body) => d.engine.signatureOf(seq, body).slice(0, 60),
    ];
    for (const sign of pranks) {
      let told = 0;
      d.engine.prank = (answer, { body }) => {
        told += 1;
        const text = withCommand(answer.body);
        return { status: 200, body: text, signature: sign(String(body['seq']), text) };
      };
      await d.until('it was told', () => told >= 1, 20_000);
      d.engine.prank = null;
      await sleep(60);
      assert.equal(d.requests(command).length, 0, 'obeyed');
    }
    await d.until('it goes on with the engine', () => d.engine.of('poll').length > 0);
    assert.equal((await d.end(d.open(), 30_000))['state'], 'done');
  }),

  duel('an unsigned halt is not obeyed either, a signed one is', {}, async (d) => {
    d.engine.mode = 'halt';
    const ack = await d.end(d.open());
    assert.equal(ack['error'], 'mode');
  }),

  duel('a reply of another epoch is not obeyed', {}, async (d) => {
    const command = d.open();
    d.engine.epoch = 6;
    d.engine.give(command);
    await sleep(700);
    d.engine.epoch = 7;
    assert.equal(d.requests(command).length, 0);
  }),

  duel('409 unknown-session: hello again; 409 superseded: stops for good and alerts', {}, async (d) => {
    const refuse = (code: string) => () => ({
      status: 409,
      body: JSON.stringify({ error: { code, field: 'session', message: 'no' } }),
      signature: null,
    });
    d.engine.prank = (answer, { path }) => (path === 'hello' ? answer : refuse('unknown-session')());
    await d.until('hello again', () => d.engine.of('hello').length >= 2);
    d.engine.prank = null;
    await d.opened();
    d.engine.prank = refuse('superseded');
    await d.until('the alert', () => d.ea.alerts().length > 0);
    await sleep(200);
    const heard = d.engine.heard.length;
    await sleep(1_200);
    assert.equal(d.engine.heard.length, heard, 'it still speaks');
  }),

  duel('401 and 412: shows why, idles, and comes back', {}, async (d) => {
    d.engine.prank = () => ({
      status: 401,
      body: '{"error":{"code":"token","field":"Authorization","message":"the bearer token is wrong"}}',
      signature: null,
    });
    await sleep(900);
    const heard = d.engine.heard.length;
    await sleep(1_500);
    assert.ok(d.engine.heard.length - heard <= 2, `${d.engine.heard.length - heard} requests in 1.5 s`);
    d.engine.prank = null;
    await d.until('comes back', () => d.engine.heard.length > heard + 5, 15_000);
  }),

  duel('400 to one thing: everything else goes on', {}, async (d) => {
    d.engine.prank = (answer, { path }) =>
      path === 'fill'
        ? { status: 400, body: '{"error":{"code":"bad-field","field":"deals[0].price","message":"no"}}', signature: null }
        : answer;
    d.engine.give(d.open());
    await d.until('a refused fill', () => d.engine.of('fill').length > 0);
    d.engine.prank = null;
    assert.equal((await d.end(d.open()))['state'], 'done');
  }),

  duel('5xx and no answer: the same request again, later and later', {}, async (d) => {
    const before = d.engine.heard.length;
    d.engine.prank = () => ({ status: 503, body: '{}', signature: null });
    const tries = () => d.engine.heard.slice(before).map(({ atMs }) => atMs);
    await d.until('several tries', () => tries().length >= 6);
    d.engine.prank = null;
    const times = tries();
    assert.ok(times.at(-1)! - times.at(-2)! > 250, JSON.stringify(times));
    await d.until('it goes on', () => d.engine.of('poll').length > 0 && d.engine.complaints.length === 0);
    assert.equal((await d.end(d.open(), 20_000))['state'], 'done');
  }),

  duel('snapshot: begun after it was asked for, told with its number, and all of it', {}, async (d) => {
    const position = await d.opened('0.30');
    d.engine.snapshotRequest = 3;
    const askedMs = performance.now();
    await d.until('the snapshot', () => d.engine.of('snapshot').some((part) => part['last'] === true));
    const parts = d.engine.of('snapshot');
    assert.ok(d.engine.heard.find(({ path }) => path === 'snapshot')!.atMs - askedMs >= 900, 'two reads a second apart take longer');
    assert.ok(parts.every((part) => String(part['request']) === '3'));
    const rows = parts.flatMap((part) => part['positions'] as readonly Json[]);
    assert.deepEqual(
      rows.map((row) => [row['id'], row['side'], Number(row['lots']), row['symbol']]),
      [[position, 'buy', 0.3, 'XAUUSD']],
    );
    const account = parts[0]!['account'] as Json;
    assert.equal(account['currency'], 'USD');
    assert.ok(Math.abs(Number(account['balance']) - 999_998.95) < 0.01);
    d.engine.snapshotRequest = 0;
  }),

  duel('lists empty for a while after start: the snapshot waits until two reads agree', { begin: false }, async (d) => {
    d.ea.start();
    await d.begun();
    const position = await d.opened('0.30');
    await d.ea.kill();
    d.host.setHabits({ syncMs: 700 });
    d.engine.snapshotRequest = 5;
    d.ea.start();
    const before = d.engine.of('snapshot').length;
    await d.until('a snapshot', () =>
      d.engine
        .of('snapshot')
        .slice(before)
        .some((part) => part['last'] === true),
    );
    const rows = d.engine
      .of('snapshot')
      .slice(before)
      .flatMap((part) => part['positions'] as readonly Json[]);
    assert.deepEqual(
      rows.map((row) => row['id']),
      [position],
    );
    d.engine.snapshotRequest = 0;
  }),

  duel('commission by DEAL_UPDATE: the deal again with a higher revision', {}, async (d) => {
    d.host.server.inject({ kind: 'late-commission', afterMs: 3_000 });
    await d.opened('0.30');
    await d.until('the revision', () => Number(dealOf(d, 'in')?.['rev'] ?? 0) >= 1);
    assert.equal(Number(dealOf(d, 'in')!['commission']), -1.05);
    const revisions = d.engine
      .of('fill')
      .flatMap((fill) => fill['deals'] as readonly Json[])
      .map((deal) => Number(deal['rev']));
    assert.ok(revisions.includes(0), 'the first telling came at once');
  }),

  duel(
    'transactions shuffled, doubled and lost: every deal is told once for each revision',
    { habits: { shuffle: true, duplicateShare: 0.5, dropShare: 0.4, lagMs: 30 } },
    async (d) => {
      const commands = Array.from({ length: 12 }, () => d.open({ lots: '0.05' }));
      d.engine.give(...commands);
      for (const command of commands) await d.done(command, 30_000);
      await d.until('twelve deals', () => d.engine.deals().size === 12);
    },
  ),

  duel('SL, stop-out and manual closes: told with their reason', {}, async (d) => {
    const [first, second] = [await d.opened('0.10'), await d.opened('0.20')];
    d.host.server.closePosition(500_123, Number(first), { reason: 4 });
    d.host.server.closePosition(500_123, Number(second), { lots: '0.15' });
    const closes = (): readonly Json[] => [...d.engine.deals().values()].filter((deal) => deal['entry'] === 'out');
    await d.until('both closes', () => closes().length === 2);
    assert.deepEqual(
      new Map(closes().map((deal) => [deal['position_id'], [Number(deal['lots']), deal['reason']]])),
      new Map([
        [first, [0.1, 'sl']],
        [second, [0.15, 'client']],
      ]),
    );
    const ack = await d.end(d.close(first));
    assert.deepEqual([ack['state'], ack['error']], ['rejected', 'position_gone']);
  }),

  duel('10012 is no refusal: nothing is concluded before the evidence', {}, async (d) => {
    d.host.server.inject({ kind: 'unclear', retcode: 10_012, executed: true, afterMs: 400 });
    const command = d.open();
    assert.equal((await d.end(command))['state'], 'done');
    d.host.server.inject({ kind: 'unclear', retcode: 10_012, executed: false });
    const nothing = d.open();
    assert.equal((await d.end(nothing))['state'], 'not_executed');
    assert.deepEqual([d.requests(command).length, d.requests(nothing).length], [1, 1]);
  }),

  duel('comment rewritten by the broker: nothing depends on it', {}, async (d) => {
    d.host.server.inject({ kind: 'comment', comment: '[broker] märkt "x" \\ \u20ac' });
    const position = await d.opened();
    await d.until('the deal', () => d.engine.deals().size === 1);
    assert.equal((await d.end(d.close(position)))['state'], 'done');
  }),

  duel('app down: it backs off, and what happened meanwhile is told', {}, async (d) => {
    const position = await d.opened();
    await d.engine.stop();
    await sleep(600);
    d.host.server.closePosition(500_123, Number(position));
    await sleep(1_200);
    await d.engine.start();
    await d.until('the close', () => dealOf(d, 'out') !== undefined, 20_000);
  }),

  duel('clean end: SIGTERM ends it with nothing lost', {}, async (d) => {
    await d.opened();
    const ending = await d.ea.stop();
    assert.equal(ending.code, 0);
    d.ea.start();
    const before = d.engine.of('poll').length;
    await d.until('back', () => d.engine.of('poll').length > before);
    assert.equal(d.engine.of('hello').at(-1)!['boot_id'] === d.engine.of('hello')[0]!['boot_id'], false);
  }),
];
