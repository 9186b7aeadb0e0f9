/** Which account a key belongs to, as our own gateways read it at each simulated exchange, and what the engine makes of another one. */
import { expect, it, onTestFinished } from 'vitest';
import { shortIdentity, type ExchangeReport } from '../../src-shared/domain/exchange.ts';
import type { VenueId } from '../../src-shared/domain/ids.ts';
import { TradingWorld } from '../../src-main/core/hedging/hedging.testkit.ts';
import { armConditions } from '../../src-main/core/risk/arming.ts';
import type { VenueKey } from '../../src-main/runtime/ports.ts';
import { openOwn } from './ownGateway.ts';
import { startStage, type Stage } from './stage.ts';

const VB = 'vb' as VenueId;

/** What a gateway with this key tells once its link is up, and how it answers a question for everything. */
const readThrough = async (
  stage: Stage,
  key: VenueKey,
): Promise<{ readonly report: ExchangeReport; readonly world: (w: TradingWorld) => Promise<void> }> => {
  const own = openOwn({ ...stage, key });
  onTestFinished(() => own.stop());
  await expect.poll(() => own.told.link).toMatchObject({ up: true });
  const report = own.told.report!;
  const world = async (w: TradingWorld): Promise<void> => {
    w.control({ type: 'exchange', venueId: VB, report });
    w.orderLink('vb', 'up');
    const { pendingRequest } = w.state.book.venues[1]!;
    w.control({ type: 'venue-snapshot', venueId: VB, requestId: pendingRequest, outcome: await own.gateway.snapshot(Date.now()) });
  };
  return { report, world };
};

const started = (accounts: Readonly<Record<string, string>> = {}): TradingWorld => {
  const world = new TradingWorld();
  world.ready({ trading: { ...new TradingWorld().remembered(), accounts } });
  world.answersSnapshots = false;
  return world;
};

it.each(['binance-usdm', 'binance-spot', 'okx'] as const)(
  '%s names the account of a key; a key of another sub-account is refused with both names, the first one is taken again',
  async (protocol) => {
    const stage = await startStage({ protocol, relaxed: true });
    onTestFinished(() => stage.stop());
    for (const symbol of stage.instruments.map((x) => x.symbol))
      stage.quote(symbol, { bid: 400_000, ask: 400_010, bidSteps: 100, askSteps: 100 });
    const [mine, other] = [stage.open('mine'), stage.open('other')];
    const first = await readThrough(stage, mine);
    const second = await readThrough(stage, other);
    expect(first.report.account).toMatch(/./);
    expect(second.report.account).toMatch(/./);
    expect(second.report.account).not.toBe(first.report.account);
    expect(first.report.checks.find(({ code }) => code === 'account')).toMatchObject({
      state: 'pass',
      reported: shortIdentity(first.report.account!),
    });

    const world = started();
    await first.world(world);
    expect(world.remembered().accounts).toEqual({ vb: `simulated ${first.report.account}` });
    expect(world.state.book.venues[1]!.reconciled).toBe('yes');

    const wrong = started(world.remembered().accounts);
    await second.world(wrong);
    const [condition] = armConditions(wrong.state).filter((text) => text.includes('Account ('));
    expect(condition).toContain(shortIdentity(`simulated ${first.report.account}`));
    expect(condition).toContain(shortIdentity(`simulated ${second.report.account}`));
    expect(wrong.state.book.venues[1]).toMatchObject({ reconciled: 'failed', answeredRequest: 0 });

    const again = started(world.remembered().accounts);
    const third = await readThrough(stage, mine);
    await third.world(again);
    expect(third.report.account).toBe(first.report.account);
    expect(again.state.book.venues[1]!.reconciled).toBe('yes');
  },
);
