// What a program reads of account, symbols, positions, orders and history. Positions and orders are copied when selected, as
// in the terminal; selecting one deal or order of the history resets the list.
#pragma once
#include "trade_link.hpp"

#include <unordered_map>

namespace shim {

inline row &selected_position() { static row one; return one; }
inline row &selected_order() { static row one; return one; }

/// The list a program has asked for, and the rows of it that were needed so far.
class history_list {
 public:
  history_list(const char *verb, size_t width) : verb_(verb), width_(width) {}
  void reset(std::vector<std::string> tickets) {
    tickets_ = std::move(tickets);
    places_.clear();
    for (size_t i = 0; i < tickets_.size(); ++i) places_[tickets_[i]] = i;
    rows_.clear();
  }
  int size() const { return static_cast<int>(tickets_.size()); }
  ulong ticket_at(int index) const {
    return index < 0 || index >= size() ? 0UL : std::strtoul(tickets_[static_cast<size_t>(index)].c_str(), nullptr, 10);
  }
  /// The row of a ticket in the list; nullptr when the list does not hold it.
  const row *find(ulong ticket) {
    const std::string wanted = std::to_string(ticket);
    const auto known = rows_.find(wanted);
    if (known != rows_.end()) return &known->second;
    const auto at = places_.find(wanted);
    if (at == places_.end()) return nullptr;
    load(at->second);
    const auto loaded = rows_.find(wanted);
    return loaded == rows_.end() ? nullptr : &loaded->second;
  }

 private:
  /// Whole blocks: programs read forwards and backwards.
  static constexpr size_t batch = 64;
  void load(size_t place) {
    const size_t first = place - place % batch;
    const size_t last = std::min(first + batch, tickets_.size());
    row question{verb_};
    for (size_t i = first; i < last; ++i) question.push_back(tickets_[i]);
    const row answer = ask(question);
    for (size_t i = 0; i + width_ <= answer.size(); i += width_) {
      const auto begin = answer.begin() + static_cast<long>(i);
      rows_[answer[i]] = row(begin, begin + static_cast<long>(width_));
    }
  }
  const char *verb_;
  size_t width_;
  std::vector<std::string> tickets_;
  std::unordered_map<std::string, size_t> places_;
  std::unordered_map<std::string, row> rows_;
};

inline history_list &history_orders() { static history_list list("HO", static_cast<size_t>(of_order::count)); return list; }
inline history_list &history_deals() { static history_list list("HD", static_cast<size_t>(of_deal::count)); return list; }

inline bool select_history(const row &question) {
  const row answer = ask(question);
  if (answer.empty()) return false;
  const auto middle = answer.begin() + 1 + whole(answer, 0);
  history_orders().reset({answer.begin() + 1, middle});
  history_deals().reset({middle, answer.end()});
  return true;
}

inline bool keep(row &place, row found, int error) {
  if (found.empty()) return fail(error);
  place = std::move(found);
  return true;
}

inline bool integer_of(const row &p, ENUM_POSITION_PROPERTY_INTEGER property, long &out) {
  switch (property) {
    case POSITION_TICKET: out = whole(p, of_position::ticket); return true;
    case POSITION_IDENTIFIER: out = whole(p, of_position::identifier); return true;
    case POSITION_TYPE: out = whole(p, of_position::type); return true;
    case POSITION_MAGIC: out = whole(p, of_position::magic); return true;
    case POSITION_REASON: out = whole(p, of_position::reason); return true;
    case POSITION_TIME_MSC: out = whole(p, of_position::time_msc); return true;
    case POSITION_TIME: out = whole(p, of_position::time_msc) / 1000; return true;
    case POSITION_TIME_UPDATE_MSC: out = whole(p, of_position::update_msc); return true;
    case POSITION_TIME_UPDATE: out = whole(p, of_position::update_msc) / 1000; return true;
  }
  return false;
}
inline bool double_of(const row &p, ENUM_POSITION_PROPERTY_DOUBLE property, double &out) {
  switch (property) {
    case POSITION_VOLUME: out = real(p, of_position::volume); return true;
    case POSITION_PRICE_OPEN: out = real(p, of_position::price_open); return true;
    case POSITION_SL: out = real(p, of_position::sl); return true;
    case POSITION_TP: out = real(p, of_position::tp); return true;
    case POSITION_PRICE_CURRENT: out = real(p, of_position::price_current); return true;
    case POSITION_SWAP: out = real(p, of_position::swap); return true;
    case POSITION_PROFIT: out = real(p, of_position::profit); return true;
  }
  return false;
}
inline bool string_of(const row &p, ENUM_POSITION_PROPERTY_STRING property, string &out) {
  switch (property) {
    case POSITION_SYMBOL: out = string::of(field(p, of_position::symbol)); return true;
    case POSITION_COMMENT: out = string::of(field(p, of_position::comment)); return true;
    case POSITION_EXTERNAL_ID: out = string(u""); return true;
  }
  return false;
}
inline bool integer_of(const row &o, ENUM_ORDER_PROPERTY_INTEGER property, long &out) {
  switch (property) {
    case ORDER_TICKET: out = whole(o, of_order::ticket); return true;
    case ORDER_TYPE: out = whole(o, of_order::type); return true;
    case ORDER_STATE: out = whole(o, of_order::state); return true;
    case ORDER_MAGIC: out = whole(o, of_order::magic); return true;
    case ORDER_REASON: out = whole(o, of_order::reason); return true;
    case ORDER_POSITION_ID: out = whole(o, of_order::position_id); return true;
    case ORDER_TYPE_FILLING: out = whole(o, of_order::filling); return true;
    case ORDER_TIME_SETUP_MSC: out = whole(o, of_order::setup_msc); return true;
    case ORDER_TIME_SETUP: out = whole(o, of_order::setup_msc) / 1000; return true;
    case ORDER_TIME_DONE_MSC: out = whole(o, of_order::done_msc); return true;
    case ORDER_TIME_DONE: out = whole(o, of_order::done_msc) / 1000; return true;
    case ORDER_TIME_EXPIRATION:
    case ORDER_TYPE_TIME:
    case ORDER_POSITION_BY_ID: out = 0; return true;
  }
  return false;
}
inline bool double_of(const row &o, ENUM_ORDER_PROPERTY_DOUBLE property, double &out) {
  switch (property) {
    case ORDER_VOLUME_INITIAL: out = real(o, of_order::volume_initial); return true;
    case ORDER_VOLUME_CURRENT: out = real(o, of_order::volume_current); return true;
    case ORDER_PRICE_OPEN:
    case ORDER_PRICE_CURRENT: out = real(o, of_order::price_open); return true;
    case ORDER_SL: out = real(o, of_order::sl); return true;
    case ORDER_TP: out = real(o, of_order::tp); return true;
    case ORDER_PRICE_STOPLIMIT: out = 0; return true;
  }
  return false;
}
inline bool string_of(const row &o, ENUM_ORDER_PROPERTY_STRING property, string &out) {
  switch (property) {
    case ORDER_SYMBOL: out = string::of(field(o, of_order::symbol)); return true;
    case ORDER_COMMENT: out = string::of(field(o, of_order::comment)); return true;
    case ORDER_EXTERNAL_ID: out = string(u""); return true;
  }
  return false;
}
inline bool integer_of(const row &d, ENUM_DEAL_PROPERTY_INTEGER property, long &out) {
  switch (property) {
    case DEAL_TICKET: out = whole(d, of_deal::ticket); return true;
    case DEAL_ORDER: out = whole(d, of_deal::order); return true;
    case DEAL_POSITION_ID: out = whole(d, of_deal::position_id); return true;
    case DEAL_MAGIC: out = whole(d, of_deal::magic); return true;
    case DEAL_TYPE: out = whole(d, of_deal::type); return true;
    case DEAL_ENTRY: out = whole(d, of_deal::entry); return true;
    case DEAL_REASON: out = whole(d, of_deal::reason); return true;
    case DEAL_TIME_MSC: out = whole(d, of_deal::time_msc); return true;
    case DEAL_TIME: out = whole(d, of_deal::time_msc) / 1000; return true;
  }
  return false;
}
inline bool double_of(const row &d, ENUM_DEAL_PROPERTY_DOUBLE property, double &out) {
  switch (property) {
    case DEAL_VOLUME: out = real(d, of_deal::volume); return true;
    case DEAL_PRICE: out = real(d, of_deal::price); return true;
    case DEAL_COMMISSION: out = real(d, of_deal::commission); return true;
    case DEAL_SWAP: out = real(d, of_deal::swap); return true;
    case DEAL_FEE: out = real(d, of_deal::fee); return true;
    case DEAL_PROFIT: out = real(d, of_deal::profit); return true;
    case DEAL_SL:
    case DEAL_TP: out = 0; return true;
  }
  return false;
}
inline bool string_of(const row &d, ENUM_DEAL_PROPERTY_STRING property, string &out) {
  switch (property) {
    case DEAL_SYMBOL: out = string::of(field(d, of_deal::symbol)); return true;
    case DEAL_COMMENT: out = string::of(field(d, of_deal::comment)); return true;
    case DEAL_EXTERNAL_ID: out = string(u""); return true;
  }
  return false;
}

/// A property of a row that may be missing; what is wrong is in the last error.
template <class Property>
bool read(const row *from, Property property, long &out, int missing) {
  if (from == nullptr || from->empty()) return fail(missing);
  return integer_of(*from, property, out) || fail(ERR_TRADE_WRONG_PROPERTY);
}
template <class Property>
bool read(const row *from, Property property, double &out, int missing) {
  if (from == nullptr || from->empty()) return fail(missing);
  return double_of(*from, property, out) || fail(ERR_TRADE_WRONG_PROPERTY);
}
template <class Property>
bool read(const row *from, Property property, string &out, int missing) {
  if (from == nullptr || from->empty()) return fail(missing);
  return string_of(*from, property, out) || fail(ERR_TRADE_WRONG_PROPERTY);
}
/// The same as a value: zero or an empty string when there is none.
template <class T, class Property>
T read_value(const row *from, Property property, int missing) {
  T out{};
  read(from, property, out, missing);
  return out;
}

}  // namespace shim

// Positions

inline int PositionsTotal() { return static_cast<int>(shim::whole(shim::ask(shim::row{"POS"}), 0)); }
inline ulong PositionGetTicket(int index) {
  auto &place = shim::selected_position();
  if (!shim::keep(place, shim::ask(shim::row{"POSN", std::to_string(index)}), ERR_TRADE_POSITION_NOT_FOUND)) return 0;
  return static_cast<ulong>(shim::whole(place, shim::of_position::ticket));
}
inline string PositionGetSymbol(int index) {
  return PositionGetTicket(index) == 0 ? string(u"") : string::of(shim::field(shim::selected_position(), shim::of_position::symbol));
}
inline bool PositionSelectByTicket(ulong ticket) {
  return shim::keep(shim::selected_position(), shim::ask(shim::row{"POST", std::to_string(ticket)}), ERR_TRADE_POSITION_NOT_FOUND);
}
inline bool PositionSelect(const string &symbol) {
  return shim::keep(shim::selected_position(), shim::ask("POSS", symbol), ERR_TRADE_POSITION_NOT_FOUND);
}
inline long PositionGetInteger(ENUM_POSITION_PROPERTY_INTEGER property) {
  return shim::read_value<long>(&shim::selected_position(), property, ERR_TRADE_POSITION_NOT_FOUND);
}
inline bool PositionGetInteger(ENUM_POSITION_PROPERTY_INTEGER property, long &out) {
  return shim::read(&shim::selected_position(), property, out, ERR_TRADE_POSITION_NOT_FOUND);
}
inline double PositionGetDouble(ENUM_POSITION_PROPERTY_DOUBLE property) {
  return shim::read_value<double>(&shim::selected_position(), property, ERR_TRADE_POSITION_NOT_FOUND);
}
inline bool PositionGetDouble(ENUM_POSITION_PROPERTY_DOUBLE property, double &out) {
  return shim::read(&shim::selected_position(), property, out, ERR_TRADE_POSITION_NOT_FOUND);
}
inline string PositionGetString(ENUM_POSITION_PROPERTY_STRING property) {
  return shim::read_value<string>(&shim::selected_position(), property, ERR_TRADE_POSITION_NOT_FOUND);
}
inline bool PositionGetString(ENUM_POSITION_PROPERTY_STRING property, string &out) {
  return shim::read(&shim::selected_position(), property, out, ERR_TRADE_POSITION_NOT_FOUND);
}

// Active orders

inline int OrdersTotal() { return static_cast<int>(shim::whole(shim::ask(shim::row{"ORD"}), 0)); }
inline ulong OrderGetTicket(int index) {
  auto &place = shim::selected_order();
  if (!shim::keep(place, shim::ask(shim::row{"ORDN", std::to_string(index)}), ERR_TRADE_ORDER_NOT_FOUND)) return 0;
  return static_cast<ulong>(shim::whole(place, shim::of_order::ticket));
}
inline bool OrderSelect(ulong ticket) {
  return shim::keep(shim::selected_order(), shim::ask(shim::row{"ORDT", std::to_string(ticket)}), ERR_TRADE_ORDER_NOT_FOUND);
}
inline long OrderGetInteger(ENUM_ORDER_PROPERTY_INTEGER property) {
  return shim::read_value<long>(&shim::selected_order(), property, ERR_TRADE_ORDER_NOT_FOUND);
}
inline bool OrderGetInteger(ENUM_ORDER_PROPERTY_INTEGER property, long &out) {
  return shim::read(&shim::selected_order(), property, out, ERR_TRADE_ORDER_NOT_FOUND);
}
inline double OrderGetDouble(ENUM_ORDER_PROPERTY_DOUBLE property) {
  return shim::read_value<double>(&shim::selected_order(), property, ERR_TRADE_ORDER_NOT_FOUND);
}
inline bool OrderGetDouble(ENUM_ORDER_PROPERTY_DOUBLE property, double &out) {
  return shim::read(&shim::selected_order(), property, out, ERR_TRADE_ORDER_NOT_FOUND);
}
inline string OrderGetString(ENUM_ORDER_PROPERTY_STRING property) {
  return shim::read_value<string>(&shim::selected_order(), property, ERR_TRADE_ORDER_NOT_FOUND);
}
inline bool OrderGetString(ENUM_ORDER_PROPERTY_STRING property, string &out) {
  return shim::read(&shim::selected_order(), property, out, ERR_TRADE_ORDER_NOT_FOUND);
}

// History

inline bool HistorySelect(datetime from, datetime to) {
  return shim::select_history({"HS", std::to_string(static_cast<long>(from)), std::to_string(static_cast<long>(to))});
}
inline bool HistorySelectByPosition(long position_id) { return shim::select_history({"HSP", std::to_string(position_id)}); }
inline bool HistoryOrderSelect(ulong ticket) {
  shim::history_orders().reset({std::to_string(ticket)});
  if (shim::history_orders().find(ticket) != nullptr) return true;
  shim::history_orders().reset({});
  return shim::fail(ERR_TRADE_ORDER_NOT_FOUND);
}
inline bool HistoryDealSelect(ulong ticket) {
  shim::history_deals().reset({std::to_string(ticket)});
  if (shim::history_deals().find(ticket) != nullptr) return true;
  shim::history_deals().reset({});
  return shim::fail(ERR_TRADE_DEAL_NOT_FOUND);
}
inline int HistoryOrdersTotal() { return shim::history_orders().size(); }
inline int HistoryDealsTotal() { return shim::history_deals().size(); }
inline ulong HistoryOrderGetTicket(int index) { return shim::history_orders().ticket_at(index); }
inline ulong HistoryDealGetTicket(int index) { return shim::history_deals().ticket_at(index); }
inline long HistoryOrderGetInteger(ulong ticket, ENUM_ORDER_PROPERTY_INTEGER property) {
  return shim::read_value<long>(shim::history_orders().find(ticket), property, ERR_TRADE_ORDER_NOT_FOUND);
}
inline bool HistoryOrderGetInteger(ulong ticket, ENUM_ORDER_PROPERTY_INTEGER property, long &out) {
  return shim::read(shim::history_orders().find(ticket), property, out, ERR_TRADE_ORDER_NOT_FOUND);
}
inline double HistoryOrderGetDouble(ulong ticket, ENUM_ORDER_PROPERTY_DOUBLE property) {
  return shim::read_value<double>(shim::history_orders().find(ticket), property, ERR_TRADE_ORDER_NOT_FOUND);
}
inline bool HistoryOrderGetDouble(ulong ticket, ENUM_ORDER_PROPERTY_DOUBLE property, double &out) {
  return shim::read(shim::history_orders().find(ticket), property, out, ERR_TRADE_ORDER_NOT_FOUND);
}
inline string HistoryOrderGetString(ulong ticket, ENUM_ORDER_PROPERTY_STRING property) {
  return shim::read_value<string>(shim::history_orders().find(ticket), property, ERR_TRADE_ORDER_NOT_FOUND);
}
inline bool HistoryOrderGetString(ulong ticket, ENUM_ORDER_PROPERTY_STRING property, string &out) {
  return shim::read(shim::history_orders().find(ticket), property, out, ERR_TRADE_ORDER_NOT_FOUND);
}
inline long HistoryDealGetInteger(ulong ticket, ENUM_DEAL_PROPERTY_INTEGER property) {
  return shim::read_value<long>(shim::history_deals().find(ticket), property, ERR_TRADE_DEAL_NOT_FOUND);
}
inline bool HistoryDealGetInteger(ulong ticket, ENUM_DEAL_PROPERTY_INTEGER property, long &out) {
  return shim::read(shim::history_deals().find(ticket), property, out, ERR_TRADE_DEAL_NOT_FOUND);
}
inline double HistoryDealGetDouble(ulong ticket, ENUM_DEAL_PROPERTY_DOUBLE property) {
  return shim::read_value<double>(shim::history_deals().find(ticket), property, ERR_TRADE_DEAL_NOT_FOUND);
}
inline bool HistoryDealGetDouble(ulong ticket, ENUM_DEAL_PROPERTY_DOUBLE property, double &out) {
  return shim::read(shim::history_deals().find(ticket), property, out, ERR_TRADE_DEAL_NOT_FOUND);
}
inline string HistoryDealGetString(ulong ticket, ENUM_DEAL_PROPERTY_STRING property) {
  return shim::read_value<string>(shim::history_deals().find(ticket), property, ERR_TRADE_DEAL_NOT_FOUND);
}
inline bool HistoryDealGetString(ulong ticket, ENUM_DEAL_PROPERTY_STRING property, string &out) {
  return shim::read(shim::history_deals().find(ticket), property, out, ERR_TRADE_DEAL_NOT_FOUND);
}
