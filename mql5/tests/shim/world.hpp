// What lies outside the program: the broker's side, put in by trade.hpp; and the queue of events of the program's one thread.
// Queue rules of the terminal: a quote that arrives while OnTick runs is dropped, at most one waits behind another handler;
// timer events coalesce; everything before the end of OnInit is dropped; the queue of trade events keeps the newest 1024.
#pragma once
#include "clock.hpp"
#include <deque>

namespace shim {

enum class event_kind { init, tick, timer, trade, chart, book, deinit, none };

/// The broker's side of the terminal. trade.hpp sets what it answers; the rest stays as here: no broker, nothing happens.
struct world {
  /// Before OnInit: connect, select the chart's symbol, set `_Digits` and `_Point`.
  std::function<void()> start = [] {};
  /// After OnDeinit.
  std::function<void()> stop = [] {};
  /// A descriptor that becomes readable when `pump_trade_events` has something to do; -1 for none.
  std::function<int()> descriptor = [] { return -1; };
  /// Takes in what has arrived, without waiting, and posts events: `post_tick`, `post_trade`.
  std::function<void()> pump_trade_events = [] {};
  /// TerminalInfoInteger of what only the broker's side knows (connected, ping, trading allowed); false: not answered here.
  std::function<bool(int property, long &value)> terminal_integer = [](int, long &) { return false; };
  /// MQLInfoInteger likewise (MQL_TRADE_ALLOWED).
  std::function<bool(int property, long &value)> program_integer = [](int, long &) { return false; };
  std::function<datetime()> time_current = [] { return TimeGMT(); };
  std::function<datetime()> time_trade_server = [] { return TimeGMT(); };
};

inline world &outside() {
  static world one;
  return one;
}

inline constexpr size_t trade_queue_limit = 1024;

class event_queue {
 public:
  struct event {
    event_kind kind;
    std::function<void()> deliver;
  };

  /// A quote of the chart's symbol has come.
  void post_tick(std::function<void()> deliver) {
    if (deliver == nullptr || running == event_kind::init || running == event_kind::tick || waits(event_kind::tick)) return;
    events_.push_back({event_kind::tick, std::move(deliver)});
  }
  void post_timer(std::function<void()> deliver) {
    if (running == event_kind::init || waits(event_kind::timer)) return;
    events_.push_back({event_kind::timer, std::move(deliver)});
  }
  void post_trade(std::function<void()> deliver) {
    if (running == event_kind::init) return;
    const auto is_trade = [](const event &one) { return one.kind == event_kind::trade; };
    if (static_cast<size_t>(std::count_if(events_.begin(), events_.end(), is_trade)) >= trade_queue_limit) {
      events_.erase(std::find_if(events_.begin(), events_.end(), is_trade));
    }
    events_.push_back({event_kind::trade, std::move(deliver)});
  }
  void post_chart(std::function<void()> deliver) {
    if (running != event_kind::init) events_.push_back({event_kind::chart, std::move(deliver)});
  }

  bool empty() const { return events_.empty(); }
  void clear() { events_.clear(); }
  /// Runs the oldest event. What arrived meanwhile is taken in while it still counts as running.
  void deliver_next() {
    const event next = std::move(events_.front());
    events_.pop_front();
    during(next.kind, next.deliver);
  }
  void during(event_kind kind, const std::function<void()> &handler) {
    running = kind;
    handler();
    outside().pump_trade_events();
    running = event_kind::none;
  }

  event_kind running = event_kind::none;

 private:
  bool waits(event_kind kind) const {
    return std::any_of(events_.begin(), events_.end(), [kind](const event &one) { return one.kind == kind; });
  }
  std::deque<event> events_;
};

inline event_queue &events() {
  static event_queue queue;
  return queue;
}

/// What the expert has; the translator fills in those it found. OnTradeTransaction is trade.hpp's `on_trade_transaction`,
/// because its parameters are types of the trade side.
struct handlers {
  std::function<int()> on_init;
  std::function<void(int)> on_deinit;
  std::function<void()> on_tick;
  std::function<void()> on_timer;
  std::function<void()> on_trade;
  std::function<void(int, const long &, const double &, const string &)> on_chart_event;
};

inline handlers &expert_handlers() {
  static handlers table;
  return table;
}

inline void post_tick() { events().post_tick(expert_handlers().on_tick); }
inline void post_trade(std::function<void()> deliver) { events().post_trade(std::move(deliver)); }

}  // namespace shim

inline datetime TimeCurrent() { return shim::outside().time_current(); }
inline datetime TimeCurrent(MqlDateTime &parts) { const datetime now = TimeCurrent(); TimeToStruct(now, parts); return now; }
inline datetime TimeTradeServer() { return shim::outside().time_trade_server(); }
inline datetime TimeTradeServer(MqlDateTime &parts) { const datetime now = TimeTradeServer(); TimeToStruct(now, parts); return now; }

inline string _Symbol = string::of(shim::settings().chart);
inline int _Digits = 5;
inline double _Point = 0.00001;
