// Trading: requests to the broker, trade events to the program, and the broker's side of the terminal (connection, allowed
// trading, server time). What has been sent is with the broker, whatever becomes of this process.
#pragma once
#include "trade_market.hpp"

namespace shim {

/// The expert's handler; set by the generated program when it has one.
inline std::function<void(const MqlTradeTransaction &, const MqlTradeRequest &, const MqlTradeResult &)> on_trade_transaction;

inline row fields_of(const MqlTradeRequest &r) {
  return {std::to_string(static_cast<int>(r.action)), std::to_string(r.magic), std::to_string(r.order), r.symbol.utf8(), number_of(r.volume),
          number_of(r.price), number_of(r.sl), number_of(r.tp), std::to_string(r.deviation), std::to_string(static_cast<int>(r.type)),
          std::to_string(static_cast<int>(r.type_filling)), std::to_string(static_cast<long>(r.expiration)), r.comment.utf8(),
          std::to_string(r.position)};
}

inline MqlTradeRequest request_of(const row &f, size_t at) {
  MqlTradeRequest r{};
  r.action = static_cast<ENUM_TRADE_REQUEST_ACTIONS>(whole(f, at));
  r.magic = static_cast<ulong>(whole(f, at + 1));
  r.order = static_cast<ulong>(whole(f, at + 2));
  r.symbol = string::of(field(f, at + 3));
  r.volume = real(f, at + 4);
  r.price = real(f, at + 5);
  r.sl = real(f, at + 6);
  r.tp = real(f, at + 7);
  r.deviation = static_cast<ulong>(whole(f, at + 8));
  r.type = static_cast<ENUM_ORDER_TYPE>(whole(f, at + 9));
  r.type_filling = static_cast<ENUM_ORDER_TYPE_FILLING>(whole(f, at + 10));
  r.expiration = datetime(whole(f, at + 11));
  r.comment = string::of(field(f, at + 12));
  r.position = static_cast<ulong>(whole(f, at + 13));
  return r;
}
inline constexpr size_t request_width = 14;

/// An answer row begins with what OrderSend returns and the error it leaves.
inline MqlTradeResult result_of(const row &f, size_t at) {
  MqlTradeResult r{};
  r.retcode = static_cast<uint>(whole(f, at + 2));
  r.deal = static_cast<ulong>(whole(f, at + 3));
  r.order = static_cast<ulong>(whole(f, at + 4));
  r.volume = real(f, at + 5);
  r.price = real(f, at + 6);
  r.bid = real(f, at + 7);
  r.ask = real(f, at + 8);
  r.comment = string::of(field(f, at + 9));
  r.request_id = static_cast<uint>(whole(f, at + 10));
  return r;
}

inline MqlTradeTransaction transaction_of(const row &f) {
  MqlTradeTransaction t{};
  t.type = static_cast<ENUM_TRADE_TRANSACTION_TYPE>(whole(f, 1));
  t.deal = static_cast<ulong>(whole(f, 2));
  t.order = static_cast<ulong>(whole(f, 3));
  t.symbol = string::of(field(f, 4));
  t.order_type = static_cast<ENUM_ORDER_TYPE>(whole(f, 5));
  t.order_state = static_cast<ENUM_ORDER_STATE>(whole(f, 6));
  t.deal_type = static_cast<ENUM_DEAL_TYPE>(whole(f, 7));
  t.price = real(f, 8);
  t.volume = real(f, 9);
  t.position = static_cast<ulong>(whole(f, 10));
  return t;
}
inline constexpr size_t transaction_width = 11;

inline bool send_order(const char *verb, const char *before, const char *after, const MqlTradeRequest &request, MqlTradeResult &result) {
  cross(before);
  row question = fields_of(request);
  question.insert(question.begin(), verb);
  const row answer = ask(question);
  cross(after);
  if (answer.empty()) {
    result = MqlTradeResult{};
    return fail(ERR_TRADE_SEND_FAILED);
  }
  result = result_of(answer, 0);
  return whole(answer, 0) == 1 || fail(static_cast<int>(whole(answer, 1)));
}

inline void tell_news() {
  for (const row &news : broker().news()) {
    if (news[0] == "!K") post_tick();
    else if (on_trade_transaction != nullptr) {
      const bool answered = news.size() > transaction_width;
      const auto request = answered ? request_of(news, transaction_width) : MqlTradeRequest{};
      const auto result = answered ? result_of(news, transaction_width + request_width) : MqlTradeResult{};
      post_trade([transaction = transaction_of(news), request, result] { on_trade_transaction(transaction, request, result); });
    }
    if (news[0] == "!T" && expert_handlers().on_trade != nullptr) post_trade([] { expert_handlers().on_trade(); });
  }
}

inline void join_broker() {
  if (settings().broker_port == 0) return;
  if (!broker().open(settings().broker_host, settings().broker_port)) {
    usage("no broker at " + settings().broker_host + ":" + std::to_string(settings().broker_port));
  }
  const row chart = ask("HELLO", _Symbol);
  if (chart.size() < 2) return;
  _Digits = static_cast<int>(whole(chart, 0));
  _Point = real(chart, 1);
}

/// Connected, trading allowed by the button, allowed for this program, ping: from one answer of the broker's side.
enum class of_terminal { connected, algo_trading, expert_allowed, ping_us };

inline bool terminal_answer(of_terminal which, long &value) {
  value = whole(ask(row{"TERM"}), which);
  return true;
}
inline bool terminal_integer(int property, long &value) {
  switch (property) {
    case TERMINAL_CONNECTED: return terminal_answer(of_terminal::connected, value);
    case TERMINAL_TRADE_ALLOWED: return terminal_answer(of_terminal::algo_trading, value);
    case TERMINAL_PING_LAST: return terminal_answer(of_terminal::ping_us, value);
    default: return false;
  }
}
inline bool program_integer(int property, long &value) {
  return property == MQL_TRADE_ALLOWED && terminal_answer(of_terminal::expert_allowed, value);
}

inline const bool broker_joined = ([] {
  outside().start = join_broker;
  outside().stop = [] { broker().close(); };
  outside().descriptor = [] { return broker().descriptor(); };
  outside().pump_trade_events = tell_news;
  outside().terminal_integer = terminal_integer;
  outside().program_integer = program_integer;
  outside().time_current = [] { return datetime(whole(ask(row{"CLOCK"}), 0)); };
  outside().time_trade_server = [] { return datetime(whole(ask(row{"CLOCK"}), 1)); };
  return true;
})();

}  // namespace shim

inline bool OrderSend(const MqlTradeRequest &request, MqlTradeResult &result) {
  return shim::send_order("SEND", "OrderSend-before", "OrderSend-after", request, result);
}
inline bool OrderSendAsync(const MqlTradeRequest &request, MqlTradeResult &result) {
  return shim::send_order("ASYNC", "OrderSendAsync-before", "OrderSendAsync-after", request, result);
}
inline bool OrderCheck(const MqlTradeRequest &request, MqlTradeCheckResult &result) {
  shim::row question = shim::fields_of(request);
  question.insert(question.begin(), "CHECK");
  const shim::row a = shim::ask(question);
  result = MqlTradeCheckResult{};
  if (a.empty()) return shim::fail(ERR_TRADE_SEND_FAILED);
  result.retcode = static_cast<uint>(shim::whole(a, 0));
  result.balance = shim::real(a, 1);
  result.equity = shim::real(a, 2);
  result.profit = shim::real(a, 3);
  result.margin = shim::real(a, 4);
  result.margin_free = shim::real(a, 5);
  result.margin_level = shim::real(a, 6);
  result.comment = string::of(shim::field(a, 7));
  return result.retcode == 0 || shim::fail(ERR_TRADE_SEND_FAILED);
}
inline bool OrderCalcMargin(ENUM_ORDER_TYPE, const string &symbol, double volume, double price, double &margin) {
  const shim::row a = shim::ask(shim::row{"MARGIN", symbol.utf8(), shim::number_of(volume), shim::number_of(price)});
  if (a.empty()) return shim::fail(ERR_TRADE_CALC_FAILED);
  margin = shim::real(a, 0);
  return true;
}
