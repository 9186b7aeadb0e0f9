// The line to the broker: one question and one answer at a time, and news in between. Field order is that of rows.ts beside
// the broker. A broken line is a terminal without a broker: questions stay unanswered, nothing throws.
#pragma once
#include "trade_types.hpp"
#include <arpa/inet.h>
#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <utility>

namespace shim {

/// A type of its own, so that readers of rows are found wherever they are declared.
struct row : std::vector<std::string> {
  using std::vector<std::string>::vector;
};

/// Field numbers of the rows the broker sends.
enum class of_position { ticket, identifier, symbol, type, magic, volume, price_open, sl, tp, price_current, swap, profit, time_msc, update_msc, reason, comment, count };
enum class of_order { ticket, symbol, type, state, magic, volume_initial, volume_current, price_open, sl, tp, filling, setup_msc, done_msc, position_id, reason, comment, count };
enum class of_deal { ticket, order, position_id, magic, symbol, type, entry, volume, price, commission, swap, fee, profit, time_msc, reason, comment, count };
enum class of_account { login, kind, leverage, max_orders, stop_out_mode, trade_allowed, trade_expert, margin_mode, currency_digits, fifo, hedge, balance, profit, equity, margin, margin_free, margin_level, stop_out, name, server, currency, company, count };
enum class of_symbol { name, digits, point, tick_size, tick_value, contract_size, volume_min, volume_step, volume_max, volume_limit, filling, execution, trade_mode, base, profit, margin, swap_mode, swap_long, swap_short, swap_triple, stops_level, calc_mode, bid, ask, time_msc, selected, count };

template <class Field>
const std::string &field(const row &from, Field which) {
  static const std::string none;
  const auto at = static_cast<size_t>(which);
  return at < from.size() ? from[at] : none;
}
template <class Field>
double real(const row &from, Field which) { return std::strtod(field(from, which).c_str(), nullptr); }
template <class Field>
long whole(const row &from, Field which) { return std::strtol(field(from, which).c_str(), nullptr, 10); }

inline std::string escaped(const std::string &text) {
  std::string out;
  for (const char unit : text) {
    if (unit == '\\') out += "\\\\";
    else if (unit == '\t') out += "\\t";
    else if (unit == '\n') out += "\\n";
    else if (unit == '\r') out += "\\r";
    else out += unit;
  }
  return out;
}

inline row fields_of(const std::string &line) {
  row fields(1);
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\t') fields.emplace_back();
    else if (line[i] == '\\' && i + 1 < line.size()) {
      const char next = line[++i];
      fields.back() += next == 't' ? '\t' : next == 'n' ? '\n' : next == 'r' ? '\r' : next;
    } else fields.back() += line[i];
  }
  return fields;
}

inline std::string number_of(double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.17g", value);
  return buffer;
}

class broker_line {
 public:
  int descriptor() const { return socket_; }

  bool open(const std::string &host, int port) {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    inet_pton(AF_INET, host.c_str(), &address.sin_addr);
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(socket_, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0) return true;
    close();
    return false;
  }
  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

  /// Waits for the answer however long the broker takes; empty when the line is broken.
  std::optional<row> ask(const row &question) {
    std::string line;
    for (const std::string &one : question) line += (line.empty() ? "" : "\t") + escaped(one);
    if (!send(line + "\n")) return std::nullopt;
    while (socket_ >= 0) {
      for (auto found = next_line(); found; found = next_line()) {
        row fields = fields_of(*found);
        if (fields[0] != "=") { news_.push_back(std::move(fields)); continue; }
        fields.erase(fields.begin());
        if (fields.size() == 1 && fields[0].empty()) fields.clear();
        return fields;
      }
      receive(true);
    }
    return std::nullopt;
  }

  /// What has come unasked, oldest first; does not wait.
  std::deque<row> news() {
    while (receive(false)) {}
    for (auto found = next_line(); found; found = next_line()) news_.push_back(fields_of(*found));
    return std::exchange(news_, {});
  }

 private:
  bool send(const std::string &bytes) {
    for (size_t sent = 0; sent < bytes.size();) {
      const ssize_t count = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) { close(); return false; }
      sent += static_cast<size_t>(count);
    }
    return true;
  }
  /// True when something came.
  bool receive(bool wait) {
    if (socket_ < 0) return false;
    char bytes[16384];
    const ssize_t count = ::recv(socket_, bytes, sizeof bytes, wait ? 0 : MSG_DONTWAIT);
    if (count > 0) { rest_.append(bytes, static_cast<size_t>(count)); return true; }
    if (count < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) return false;
    close();
    return false;
  }
  std::optional<std::string> next_line() {
    const size_t end = rest_.find('\n', read_);
    if (end == std::string::npos) {
      rest_.erase(0, read_);
      read_ = 0;
      return std::nullopt;
    }
    std::string line = rest_.substr(read_, end - read_);
    read_ = end + 1;
    return line;
  }

  int socket_ = -1;
  std::string rest_;
  size_t read_ = 0;
  std::deque<row> news_;
};

inline broker_line &broker() {
  static broker_line line;
  return line;
}

/// The answer as a row; empty when there is none, or nothing was found.
inline row ask(const row &question) { return broker().ask(question).value_or(row{}); }
inline row ask(const char *verb, const string &name) { return ask(row{verb, name.utf8()}); }

}  // namespace shim
