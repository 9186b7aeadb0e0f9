/** The queue of the program's one thread: what waits, what is dropped, what runs together. In C++, for no expert can post events. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import { buildProgram, CompilerMissing, compilerVersion } from '../build.ts';

const BUILD_LIMIT_MS = 400_000;

const PROGRAM = `
#include "runtime.hpp"
int ticks = 0, timers = 0, trades = 0, first_trade = -1;
void told(const char *what, long count) { shim::say(what, std::to_string(count)); }
void run_all() { while (!shim::events().empty()) shim::events().deliver_next(); }
int main() {
  auto &queue = shim::events();
  bool quote_comes = false;
  shim::expert_handlers().on_tick = [] { ++ticks; };
  shim::outside().pump_trade_events = [&] { if (quote_comes) { shim::post_tick(); shim::post_tick(); } };

  quote_comes = true;
  queue.during(shim::event_kind::init, [] { shim::post_trade([] { ++trades; }); });
  quote_comes = false;
  run_all();
  told("during-init", ticks + trades);

  shim::post_tick();
  shim::post_tick();
  run_all();
  told("two-quotes-waiting", ticks);

  ticks = 0;
  quote_comes = true;
  queue.during(shim::event_kind::tick, [] {});
  quote_comes = false;
  run_all();
  told("quotes-during-tick", ticks);

  quote_comes = true;
  queue.during(shim::event_kind::timer, [] {});
  quote_comes = false;
  run_all();
  told("quotes-during-timer", ticks);

  for (int i = 0; i < 3; ++i) queue.post_timer([] { ++timers; });
  run_all();
  told("timers", timers);

  for (int i = 0; i < 1030; ++i) shim::post_trade([i] { if (first_trade < 0) first_trade = i; ++trades; });
  run_all();
  told("trades", trades);
  told("oldest-trade", first_trade);
  shim::end(0);
}`;

describe('the event queue', () => {
  beforeEach((context) => {
    if (compilerVersion() === null) context.skip(new CompilerMissing().message);
  });
  test(
    'drops, holds and joins as the terminal does',
    async () => {
      const program = await buildProgram(PROGRAM);
      const { stdout } = await promisify(execFile)(program);
      expect(stdout.trim().split('\n')).toEqual([
        'during-init 0',
        'two-quotes-waiting 1',
        'quotes-during-tick 0',
        'quotes-during-timer 1',
        'timers 1',
        'trades 1024',
        'oldest-trade 6',
      ]);
      expect(await buildProgram(PROGRAM)).toBe(program);
    },
    BUILD_LIMIT_MS,
  );
});
