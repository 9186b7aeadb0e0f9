// What a program reads of the account and of symbols. A symbol that is not in the Market Watch has no quote.
#pragma once
#include "trade_read.hpp"

namespace shim {

inline bool integer_of(const row &a, ENUM_ACCOUNT_INFO_INTEGER property, long &out) {
  switch (property) {
    case ACCOUNT_LOGIN: out = whole(a, of_account::login); return true;
    case ACCOUNT_TRADE_MODE: out = whole(a, of_account::kind); return true;
    case ACCOUNT_LEVERAGE: out = whole(a, of_account::leverage); return true;
    case ACCOUNT_LIMIT_ORDERS: out = whole(a, of_account::max_orders); return true;
    case ACCOUNT_MARGIN_SO_MODE: out = whole(a, of_account::stop_out_mode); return true;
    case ACCOUNT_TRADE_ALLOWED: out = whole(a, of_account::trade_allowed); return true;
    case ACCOUNT_TRADE_EXPERT: out = whole(a, of_account::trade_expert); return true;
    case ACCOUNT_MARGIN_MODE: out = whole(a, of_account::margin_mode); return true;
    case ACCOUNT_CURRENCY_DIGITS: out = whole(a, of_account::currency_digits); return true;
    case ACCOUNT_FIFO_CLOSE: out = whole(a, of_account::fifo); return true;
    case ACCOUNT_HEDGE_ALLOWED: out = whole(a, of_account::hedge); return true;
  }
  return false;
}
inline bool double_of(const row &a, ENUM_ACCOUNT_INFO_DOUBLE property, double &out) {
  switch (property) {
    case ACCOUNT_BALANCE: out = real(a, of_account::balance); return true;
    case ACCOUNT_PROFIT: out = real(a, of_account::profit); return true;
    case ACCOUNT_EQUITY: out = real(a, of_account::equity); return true;
    case ACCOUNT_MARGIN: out = real(a, of_account::margin); return true;
    case ACCOUNT_MARGIN_FREE: out = real(a, of_account::margin_free); return true;
    case ACCOUNT_MARGIN_LEVEL: out = real(a, of_account::margin_level); return true;
    case ACCOUNT_MARGIN_SO_CALL:
    case ACCOUNT_MARGIN_SO_SO: out = real(a, of_account::stop_out); return true;
    default: out = 0; return true;
  }
}
inline bool string_of(const row &a, ENUM_ACCOUNT_INFO_STRING property, string &out) {
  switch (property) {
    case ACCOUNT_NAME: out = string::of(field(a, of_account::name)); return true;
    case ACCOUNT_SERVER: out = string::of(field(a, of_account::server)); return true;
    case ACCOUNT_CURRENCY: out = string::of(field(a, of_account::currency)); return true;
    case ACCOUNT_COMPANY: out = string::of(field(a, of_account::company)); return true;
  }
  return false;
}

inline bool integer_of(const row &s, ENUM_SYMBOL_INFO_INTEGER property, long &out) {
  switch (property) {
    case SYMBOL_EXIST: out = 1; return true;
    case SYMBOL_SELECT:
    case SYMBOL_VISIBLE: out = whole(s, of_symbol::selected); return true;
    case SYMBOL_DIGITS: out = whole(s, of_symbol::digits); return true;
    case SYMBOL_TIME: out = whole(s, of_symbol::time_msc) / 1000; return true;
    case SYMBOL_TIME_MSC: out = whole(s, of_symbol::time_msc); return true;
    case SYMBOL_SPREAD_FLOAT: out = 1; return true;
    case SYMBOL_SPREAD: out = std::lround((real(s, of_symbol::ask) - real(s, of_symbol::bid)) / real(s, of_symbol::point)); return true;
    case SYMBOL_TRADE_CALC_MODE: out = whole(s, of_symbol::calc_mode); return true;
    case SYMBOL_TRADE_MODE: out = whole(s, of_symbol::trade_mode); return true;
    case SYMBOL_TRADE_STOPS_LEVEL: out = whole(s, of_symbol::stops_level); return true;
    case SYMBOL_TRADE_EXEMODE: out = whole(s, of_symbol::execution); return true;
    case SYMBOL_SWAP_MODE: out = whole(s, of_symbol::swap_mode); return true;
    case SYMBOL_SWAP_ROLLOVER3DAYS: out = whole(s, of_symbol::swap_triple); return true;
    case SYMBOL_FILLING_MODE: out = whole(s, of_symbol::filling); return true;
    case SYMBOL_EXPIRATION_MODE: out = SYMBOL_EXPIRATION_GTC | SYMBOL_EXPIRATION_DAY | SYMBOL_EXPIRATION_SPECIFIED; return true;
    case SYMBOL_ORDER_MODE: out = SYMBOL_ORDER_MARKET | SYMBOL_ORDER_LIMIT | SYMBOL_ORDER_STOP | SYMBOL_ORDER_SL | SYMBOL_ORDER_TP; return true;
    default: out = 0; return true;
  }
}
inline bool double_of(const row &s, ENUM_SYMBOL_INFO_DOUBLE property, double &out) {
  switch (property) {
    case SYMBOL_BID: out = real(s, of_symbol::bid); return true;
    case SYMBOL_ASK: out = real(s, of_symbol::ask); return true;
    case SYMBOL_POINT: out = real(s, of_symbol::point); return true;
    case SYMBOL_TRADE_TICK_VALUE:
    case SYMBOL_TRADE_TICK_VALUE_PROFIT:
    case SYMBOL_TRADE_TICK_VALUE_LOSS: out = real(s, of_symbol::tick_value); return true;
    case SYMBOL_TRADE_TICK_SIZE: out = real(s, of_symbol::tick_size); return true;
    case SYMBOL_TRADE_CONTRACT_SIZE: out = real(s, of_symbol::contract_size); return true;
    case SYMBOL_VOLUME_MIN: out = real(s, of_symbol::volume_min); return true;
    case SYMBOL_VOLUME_MAX: out = real(s, of_symbol::volume_max); return true;
    case SYMBOL_VOLUME_STEP: out = real(s, of_symbol::volume_step); return true;
    case SYMBOL_VOLUME_LIMIT: out = real(s, of_symbol::volume_limit); return true;
    case SYMBOL_SWAP_LONG: out = real(s, of_symbol::swap_long); return true;
    case SYMBOL_SWAP_SHORT: out = real(s, of_symbol::swap_short); return true;
    default: out = 0; return true;
  }
}
inline bool string_of(const row &s, ENUM_SYMBOL_INFO_STRING property, string &out) {
  switch (property) {
    case SYMBOL_CURRENCY_BASE: out = string::of(field(s, of_symbol::base)); return true;
    case SYMBOL_CURRENCY_PROFIT: out = string::of(field(s, of_symbol::profit)); return true;
    case SYMBOL_CURRENCY_MARGIN: out = string::of(field(s, of_symbol::margin)); return true;
    case SYMBOL_DESCRIPTION:
    case SYMBOL_PATH: out = string::of(field(s, of_symbol::name)); return true;
    default: out = string(u""); return true;
  }
}

inline row account() { return ask(row{"ACC"}); }
inline row symbol(const string &name) { return ask("SYM", name.null() ? _Symbol : name); }

}  // namespace shim

inline long AccountInfoInteger(ENUM_ACCOUNT_INFO_INTEGER property) {
  const shim::row a = shim::account();
  return shim::read_value<long>(&a, property, ERR_TRADE_WRONG_PROPERTY);
}
inline double AccountInfoDouble(ENUM_ACCOUNT_INFO_DOUBLE property) {
  const shim::row a = shim::account();
  return shim::read_value<double>(&a, property, ERR_TRADE_WRONG_PROPERTY);
}
inline string AccountInfoString(ENUM_ACCOUNT_INFO_STRING property) {
  const shim::row a = shim::account();
  return shim::read_value<string>(&a, property, ERR_TRADE_WRONG_PROPERTY);
}

inline bool SymbolInfoInteger(const string &name, ENUM_SYMBOL_INFO_INTEGER property, long &out) {
  const shim::row s = shim::symbol(name);
  if (s.empty() && property == SYMBOL_EXIST) { out = 0; return true; }
  return shim::read(&s, property, out, ERR_MARKET_UNKNOWN_SYMBOL);
}
inline long SymbolInfoInteger(const string &name, ENUM_SYMBOL_INFO_INTEGER property) {
  long out = 0;
  SymbolInfoInteger(name, property, out);
  return out;
}
inline bool SymbolInfoDouble(const string &name, ENUM_SYMBOL_INFO_DOUBLE property, double &out) {
  const shim::row s = shim::symbol(name);
  return shim::read(&s, property, out, ERR_MARKET_UNKNOWN_SYMBOL);
}
inline double SymbolInfoDouble(const string &name, ENUM_SYMBOL_INFO_DOUBLE property) {
  double out = 0;
  SymbolInfoDouble(name, property, out);
  return out;
}
inline bool SymbolInfoString(const string &name, ENUM_SYMBOL_INFO_STRING property, string &out) {
  const shim::row s = shim::symbol(name);
  return shim::read(&s, property, out, ERR_MARKET_UNKNOWN_SYMBOL);
}
inline string SymbolInfoString(const string &name, ENUM_SYMBOL_INFO_STRING property) {
  string out;
  SymbolInfoString(name, property, out);
  return out;
}
inline bool SymbolInfoTick(const string &name, MqlTick &tick) {
  const shim::row s = shim::symbol(name);
  if (s.empty()) return shim::fail(ERR_MARKET_UNKNOWN_SYMBOL);
  if (shim::whole(s, shim::of_symbol::selected) == 0) return shim::fail(ERR_MARKET_NOT_SELECTED);
  const long time_msc = shim::whole(s, shim::of_symbol::time_msc);
  if (time_msc == 0) return shim::fail(ERR_MARKET_LASTTIME_UNKNOWN);
  constexpr uint bid_and_ask = 2u | 4u;
  tick = {datetime(time_msc / 1000), shim::real(s, shim::of_symbol::bid), shim::real(s, shim::of_symbol::ask), 0.0, 0, time_msc, bid_and_ask, 0.0};
  return true;
}
inline bool SymbolSelect(const string &name, bool select) {
  const shim::row done = shim::ask(shim::row{"SEL", name.utf8(), select ? "1" : "0"});
  return shim::whole(done, 0) == 1 || shim::fail(ERR_MARKET_SELECT_ERROR);
}
inline bool SymbolIsSynchronized(const string &name) { return shim::whole(shim::ask("SYNC", name), 0) == 1; }
inline bool SymbolExist(const string &name, bool &is_custom) {
  is_custom = false;
  return !shim::symbol(name).empty();
}
inline int SymbolsTotal(bool selected) { return static_cast<int>(shim::ask(shim::row{"SYMS", selected ? "1" : "0"}).size()); }
inline string SymbolName(int index, bool selected) {
  const shim::row names = shim::ask(shim::row{"SYMS", selected ? "1" : "0"});
  return index < 0 || index >= static_cast<int>(names.size()) ? string(u"") : string::of(names[static_cast<size_t>(index)]);
}
inline bool SymbolInfoSessionTrade(const string &name, ENUM_DAY_OF_WEEK day, uint index, datetime &from, datetime &to) {
  const shim::row found = shim::ask(shim::row{"SESS", name.utf8(), std::to_string(static_cast<int>(day)), std::to_string(index)});
  if (found.size() < 2) return shim::fail(ERR_MARKET_SESSION_INDEX);
  from = datetime(shim::whole(found, 0));
  to = datetime(shim::whole(found, 1));
  return true;
}
inline bool SymbolInfoSessionQuote(const string &name, ENUM_DAY_OF_WEEK day, uint index, datetime &from, datetime &to) {
  return SymbolInfoSessionTrade(name, day, index, from, to);
}
