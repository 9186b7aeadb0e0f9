/** Translates events, facts and effects of the engine into the oracle's own words. Decides nothing. */
import type { Stamp } from '../../src-shared/domain/units.ts';
import type { EngineEvent } from '../core/events.ts';
import type { Fact, StepResult } from '../core/facts.ts';
import type { Said } from './oracle/account.ts';
import type { Oracle } from './oracle/oracle.ts';

/** What reaches the engine with this event. */
export const hearEvent = (oracle: Oracle, event: EngineEvent, instrumentIds: readonly string[]): void => {
  switch (event.type) {
    case 'quote':
      return oracle.quoted(instrumentIds[event.instrument]!, event.bidPx, event.askPx, event.receivedMonoUs);
    case 'fill':
      return oracle.toldFill(event.fill);
    case 'order-report':
      return oracle.toldReport(event.report);
    case 'order-outcome':
      if (event.outcome.code === 'refused') oracle.toldRefused(event.clientOrderId);
      return;
    case 'order-query':
      if (event.outcome.code !== 'found') return;
      for (const fill of event.outcome.fills) oracle.toldFill(fill);
      return oracle.toldReport(event.outcome.report);
    case 'venue-snapshot':
      if (event.outcome.code !== 'answered') return;
      oracle.toldPositions(event.venueId, event.outcome.snapshot.positions);
      for (const fill of event.outcome.snapshot.fills) oracle.offeredFill(fill);
      return;
    case 'timer':
      return oracle.watch();
    case 'operator':
      return oracle.commanded(event.command.requestId);
    // Nothing else that reaches the engine is about what became of orders.
    case 'started':
    case 'stopping':
    case 'limit-crossed':
    case 'cancel-outcome':
    case 'order-link':
    case 'venue-link':
    case 'venue-clock':
    case 'charge':
    case 'venue-counters':
    case 'metatrader':
    case 'instrument':
    case 'instrument-missing':
    case 'instrument-sessions':
    case 'exchange':
    case 'live-checklist':
      return;
  }
};

const saidOf = (fact: Fact, { monoUs, unixMs }: Stamp): Said | null => {
  switch (fact.type) {
    case 'group-changed':
      return { of: 'group', group: fact.group };
    case 'fill-booked':
      return { of: 'fill', fill: fact.fill };
    case 'holding-changed':
      return { of: 'holding', instrumentId: fact.instrumentId, qty: fact.after.qty };
    case 'dust-booked':
      return fact.dust.kind === 'dust' ? null : { of: 'settled', instrumentId: fact.dust.instrumentId, qty: fact.dust.qty };
    case 'pause-changed':
      return { of: 'pause', on: fact.after !== null };
    case 'kill-latched':
    case 'kill-verified':
      return { of: 'kill', level: fact.latch.level, verified: fact.latch.verifiedUnixMs !== null };
    case 'kill-raised':
      return { of: 'kill', level: fact.after.level, verified: fact.after.verifiedUnixMs !== null };
    case 'kill-reset':
      return { of: 'kill', level: null, verified: false };
    case 'scoped-stop': {
      const { scope, level, after } = fact;
      return { of: 'scoped', scope, level: after === null ? null : level, verified: after !== null && after.verifiedUnixMs !== null };
    }
    case 'fences-changed':
      return { of: 'fences', fences: fact.fences, at: { monoUs, unixMs } };
    case 'disablements-changed':
      return {
        of: 'disablements',
        disablements: fact.disablements,
        byPerson: fact.why.includes(' enabled again by '),
        at: { monoUs, unixMs },
      };
    case 'position-difference':
      return { of: 'difference', instrumentId: fact.instrumentId, reported: fact.reported };
    case 'venue-reconciled':
      return { of: 'reconciled', venueId: fact.venueId };
    case 'arming-changed':
      return { of: 'armed', on: fact.after !== null };
    case 'order-changed':
    case 'cursor-moved':
    case 'trade-passed':
    case 'account-bound':
    case 'rung-changed':
    case 'charge-booked':
    case 'intent-proposed':
    case 'intent-ended':
    case 'command-refused':
    case 'limit-changed':
    case 'day-changed':
    case 'group-acted':
    case 'trading-state':
    case 'run-started':
    case 'run-stopping':
    case 'noted':
      return null;
  }
};

/** What is durable of what the engine said. */
export const durableOf = (facts: readonly Fact[], at: Stamp): readonly Said[] =>
  facts.flatMap((fact) => (fact.type === 'order-changed' ? { of: 'order' as const, order: fact.order } : (saidOf(fact, at) ?? [])));

/** What the engine said and wished for in one step. */
export const hearResult = (oracle: Oracle, result: StepResult, at: Stamp): void => {
  for (const fact of result.facts) {
    if (fact.type === 'order-changed') {
      const said = { of: 'order', order: fact.order } as const;
      oracle.ordered(said, fact.before);
      oracle.said(said);
      continue;
    }
    const said = saidOf(fact, at);
    if (said !== null) oracle.said(said);
  }
  for (const effect of result.effects) if (effect.type === 'place-order') oracle.wished(effect.order, at);
  oracle.stepped();
};
