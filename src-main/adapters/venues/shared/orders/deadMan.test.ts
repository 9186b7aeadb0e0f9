import { describe, expect, it } from 'vitest';
import type { ClientOrderId } from '../../../../../src-shared/domain/ids.ts';
import { DEAD_MAN_LOOK_MS, DEAD_MAN_RETRY_MS, RESTS_AFTER_MS, SNAPSHOT_LAG_MS } from './deadMan.ts';
import { REPORT_GAP_MS } from './reporter.ts';
import { EMPTY, orderOf, refOf, reportOf, stageGateway } from './scriptedDialect.testkit.ts';

const TIMEOUT_MS = 60_000;
const ARM = `XAUUSDT ${TIMEOUT_MS}`;
const OFF = 'XAUUSDT 0';
const yes = () => true;

/** A gateway with one order that was acknowledged and has not ended. */
const resting = async (prepare?: Parameters<typeof stageGateway>[0]) => {
  const stage = stageGateway(prepare);
  await stage.started();
  await stage.gateway.place(orderOf(), yes);
  const end = (state: 'filled' | 'canceled' | 'working', id = 'q1') =>
    stage.dialect.owner!.pushed(
      { reports: [reportOf(state, { clientOrderId: id as ClientOrderId })], fills: [], alarms: [], recheck: false },
      stage.time.monoUs(),
    );
  return { ...stage, end, deadMan: () => stage.reports().at(-1)?.deadMan };
};

describe('the dead-man timer', () => {
  it('is not armed for an order that ends within a moment', async () => {
    const { dialect, time, end } = await resting();
    await time.pass(RESTS_AFTER_MS - DEAD_MAN_LOOK_MS);
    end('canceled');
    await time.pass(TIMEOUT_MS);
    expect(dialect.armed).toEqual([]);
  });

  it('is armed once an order rests, renewed at a third of its time, and off when none does', async () => {
    const { dialect, time, end, deadMan } = await resting((scripted) => {
      scripted.arming = async () => ({ firesUnixMs: 4_711 });
    });
    await time.pass(RESTS_AFTER_MS + 2 * DEAD_MAN_LOOK_MS);
    expect(dialect.armed).toEqual([ARM]);
    await time.pass(REPORT_GAP_MS);
    expect(deadMan()).toEqual({ supported: true, armed: true, firesUnixMs: 4_711, detail: 'armed for XAUUSDT' });
    await time.pass(TIMEOUT_MS / 3 - 4 * DEAD_MAN_LOOK_MS);
    expect(dialect.armed).toEqual([ARM]);
    await time.pass(4 * DEAD_MAN_LOOK_MS);
    expect(dialect.armed).toEqual([ARM, ARM]);
    end('working');
    await time.pass(TIMEOUT_MS / 3 + DEAD_MAN_LOOK_MS);
    expect(dialect.armed).toEqual([ARM, ARM, ARM]);
    end('canceled');
    await time.pass(2 * DEAD_MAN_LOOK_MS + REPORT_GAP_MS);
    expect(dialect.armed).toEqual([ARM, ARM, ARM, OFF]);
    expect(deadMan()).toEqual({ supported: true, armed: false, firesUnixMs: null, detail: 'no order of ours rests' });
    await time.pass(TIMEOUT_MS);
    expect(dialect.armed).toHaveLength(4);
  });

  it('is armed for an order whose outcome is unknown, until a question ends it', async () => {
    const { gateway, dialect, time, started } = stageGateway((scripted) => {
      scripted.placing = async (_order, mayLeave) => (mayLeave(), { code: 'unknown', why: 'lost' });
    });
    await started();
    await gateway.place(orderOf(), yes);
    await time.pass(RESTS_AFTER_MS + 2 * DEAD_MAN_LOOK_MS);
    expect(dialect.armed).toEqual([ARM]);
    await gateway.query(refOf());
    await time.pass(DEAD_MAN_LOOK_MS);
    expect(dialect.armed).toEqual([ARM]);
    await time.pass(3_500);
    await gateway.query(refOf());
    await time.pass(2 * DEAD_MAN_LOOK_MS);
    expect(dialect.armed).toEqual([ARM, OFF]);
  });

  it('is not armed for what was refused or never left', async () => {
    const { gateway, dialect, time, started } = stageGateway((scripted) => {
      scripted.placing = async (_order, mayLeave) => {
        mayLeave();
        return { code: 'refused', refusal: { venueCode: '-2019', text: 'no', retry: 'never', by: 'venue' } };
      };
    });
    await started();
    await gateway.place(orderOf(), yes);
    await gateway.place(orderOf({ clientOrderId: 'q2' as ClientOrderId }), () => false);
    await time.pass(TIMEOUT_MS);
    expect(dialect.armed).toEqual([]);
  });

  it('is not armed where the end was pushed before the acknowledgement', async () => {
    const { gateway, dialect, time, started } = stageGateway((scripted) => {
      scripted.placing = async (_order, mayLeave) => {
        mayLeave();
        scripted.owner!.pushed({ reports: [reportOf('filled')], fills: [], alarms: [], recheck: false }, 0);
        return { code: 'acknowledged', venueOrderId: '7', venueUnixMs: null };
      };
    });
    await started();
    await gateway.place(orderOf(), yes);
    await time.pass(TIMEOUT_MS);
    expect(dialect.armed).toEqual([]);
  });

  it('ends with a snapshot that lacks the order, and only then', async () => {
    const { gateway, dialect, time } = await resting();
    await time.pass(SNAPSHOT_LAG_MS - 1_000);
    await gateway.snapshot(0);
    await time.pass(2 * DEAD_MAN_LOOK_MS);
    expect(dialect.armed).toEqual([ARM]);
    await time.pass(2_000);
    const open = { venueOrderId: '7', clientOrderId: 'q1', symbol: 'XAUUSDT', side: 'buy', qty: '1', filledQty: '0' } as const;
    dialect.reading = async () => ({ ...EMPTY, openOrders: [open] });
    await gateway.snapshot(0);
    await time.pass(2 * DEAD_MAN_LOOK_MS);
    expect(dialect.armed).toEqual([ARM]);
    dialect.reading = async () => EMPTY;
    await gateway.snapshot(0);
    await time.pass(2 * DEAD_MAN_LOOK_MS);
    expect(dialect.armed).toEqual([ARM, OFF]);
  });

  it('says nothing of a first failure: some venues take one such request a second', async () => {
    const answers: string[] = ['our own allowance is used up'];
    const { time, deadMan, inlets, dialect } = await resting((scripted) => {
      scripted.arming = async () => answers.pop() ?? { firesUnixMs: 1 };
    });
    await time.pass(RESTS_AFTER_MS + 2 * DEAD_MAN_LOOK_MS + REPORT_GAP_MS);
    expect(dialect.armed).toEqual([ARM]);
    expect(deadMan()?.detail).toBe('no order of ours rests');
    await time.pass(DEAD_MAN_RETRY_MS + DEAD_MAN_LOOK_MS + REPORT_GAP_MS);
    expect(deadMan()).toMatchObject({ armed: true, detail: 'armed for XAUUSDT' });
    expect(inlets.of('limit-crossed')).toEqual([]);
  });

  it('alarms once where it cannot be armed, tries again, and is not called armed after its time', async () => {
    let fault: string | null = 'HTTP 503';
    const { dialect, time, inlets, deadMan } = await resting((scripted) => {
      scripted.arming = async () => fault ?? { firesUnixMs: 1 };
    });
    await time.pass(RESTS_AFTER_MS + 3 * DEAD_MAN_RETRY_MS);
    expect(dialect.armed.length).toBeGreaterThanOrEqual(2);
    expect(inlets.of('limit-crossed').map(({ limit, detail }) => `${limit} ${detail}`)).toEqual([
      "exchange-dead-man Exchange X: orders of ours may rest (XAUUSDT), and the venue's dead-man timer: failed to arm: HTTP 503",
    ]);
    expect(deadMan()).toMatchObject({ armed: false, detail: 'failed to arm: HTTP 503' });
    fault = null;
    await time.pass(DEAD_MAN_RETRY_MS + DEAD_MAN_LOOK_MS + REPORT_GAP_MS);
    expect(deadMan()).toMatchObject({ armed: true });
    fault = 'gone';
    await time.pass(TIMEOUT_MS / 2);
    expect(deadMan()).toMatchObject({ armed: true, detail: 'failed to arm: gone' });
    await time.pass(TIMEOUT_MS / 2 + REPORT_GAP_MS + DEAD_MAN_LOOK_MS);
    expect(deadMan()).toMatchObject({ armed: false });
  });

  it('is switched off where arming it failed: the venue may have heard, and would cancel orders of others', async () => {
    const { dialect, time, end, deadMan } = await resting((scripted) => {
      scripted.arming = async (_symbols, timeoutMs) => (timeoutMs > 0 ? 'no answer within 5 s' : { firesUnixMs: 0 });
    });
    await time.pass(RESTS_AFTER_MS + 2 * DEAD_MAN_LOOK_MS);
    expect(dialect.armed).toEqual([ARM]);
    end('canceled');
    await time.pass(DEAD_MAN_RETRY_MS + 2 * DEAD_MAN_LOOK_MS + REPORT_GAP_MS);
    expect(dialect.armed).toEqual([ARM, OFF]);
    expect(deadMan()).toEqual({ supported: true, armed: false, firesUnixMs: null, detail: 'no order of ours rests' });
    await time.pass(TIMEOUT_MS);
    expect(dialect.armed).toHaveLength(2);
  });

  it('is switched off in vain no longer than it could have run', async () => {
    const { dialect, time, end } = await resting((scripted) => {
      scripted.arming = async () => 'HTTP 503';
    });
    await time.pass(RESTS_AFTER_MS + 2 * DEAD_MAN_LOOK_MS);
    end('canceled');
    await time.pass(TIMEOUT_MS + 2 * DEAD_MAN_RETRY_MS);
    const asked = dialect.armed.length;
    expect(dialect.armed.slice(1).every((each) => each === OFF)).toBe(true);
    await time.pass(TIMEOUT_MS);
    expect(dialect.armed).toHaveLength(asked);
  });

  it('is said to be missing where the venue has none', async () => {
    const { time, deadMan } = await resting((scripted) => {
      scripted.arming = null;
    });
    await time.pass(TIMEOUT_MS);
    expect(deadMan()).toEqual({ supported: false, armed: false, firesUnixMs: null, detail: 'the venue has no such timer' });
  });
});
