// WebRequest over a plain socket, with the terminal's own headers, its white list and its error codes.
// Invariants: an address that is not on the list is refused before anything is sent; the call blocks the program; a reply
// that did not arrive whole is an error, never a shorter body.
#pragma once
#include "strings.hpp"
#include "crypt.hpp"
#include <arpa/inet.h>
#include <cerrno>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

namespace shim {

inline constexpr int error_not_allowed = 4014, error_web_address = 5200, error_web_connect = 5201, error_web_timeout = 5202, error_web_request = 5203;
inline constexpr size_t url_limit = 1024;

struct web_address {
  std::string host;
  std::string port;
  std::string path;
};

struct web_reply {
  int status = 0;
  std::string headers;
  std::string body;
};

inline bool parse_address(const std::string &url, web_address &out) {
  static const std::string scheme = "http://";
  if (url.size() > url_limit || !url.starts_with(scheme)) return false;
  const size_t slash = std::min(url.find('/', scheme.size()), url.size());
  const std::string place = url.substr(scheme.size(), slash - scheme.size());
  const size_t colon = place.rfind(':');
  out.host = place.substr(0, colon);
  out.port = colon == std::string::npos ? "80" : place.substr(colon + 1);
  out.path = slash == url.size() ? "/" : url.substr(slash);
  const bool digits = !out.port.empty() && out.port.find_first_not_of("0123456789") == std::string::npos;
  return !out.host.empty() && digits && url.find_first_of(" \r\n") == std::string::npos;
}

/// On the list: an entry, or something below one.
inline bool is_listed(const std::string &url) {
  return std::any_of(settings().allow.begin(), settings().allow.end(), [&](const std::string &entry) {
    return url.starts_with(entry) && (url.size() == entry.size() || entry.ends_with('/') || url[entry.size()] == '/' || url[entry.size()] == ':');
  });
}

class web_connection {
 public:
  ~web_connection() { close(); }
  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
    rest_.clear();
  }
  bool is_open_to(const web_address &to) const { return socket_ >= 0 && to.host == to_.host && to.port == to_.port; }

  int open(const web_address &to, long deadline_us) {
    close();
    addrinfo hints{};
    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *found = nullptr;
    if (::getaddrinfo(to.host.c_str(), to.port.c_str(), &hints, &found) != 0) return error_web_connect;
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int begun = ::connect(socket_, found->ai_addr, found->ai_addrlen);
    const int why = errno;
    ::freeaddrinfo(found);
    if (begun != 0 && why != EINPROGRESS) return refused();
    if (!wait(POLLOUT, deadline_us)) return error_web_timeout;
    int trouble = 0;
    socklen_t size = sizeof trouble;
    ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &trouble, &size);
    if (trouble != 0) return refused();
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    to_ = to;
    return 0;
  }
  int send(const std::string &bytes, long deadline_us) {
    for (size_t done = 0; done < bytes.size();) {
      const ssize_t sent = ::send(socket_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
      if (sent > 0) done += static_cast<size_t>(sent);
      else if (errno != EAGAIN && errno != EINTR) return error_web_request;
      else if (!wait(POLLOUT, deadline_us)) return error_web_timeout;
    }
    return 0;
  }
  int receive(web_reply &reply, long deadline_us) {
    for (size_t head_end = rest_.find("\r\n\r\n");; head_end = rest_.find("\r\n\r\n")) {
      if (head_end != std::string::npos) {
        if (std::sscanf(rest_.c_str(), "HTTP/%*d.%*d %d", &reply.status) != 1) return error_web_request;
        const size_t first = rest_.find("\r\n") + 2;
        reply.headers = first > head_end ? "" : rest_.substr(first, head_end + 2 - first);
        rest_.erase(0, head_end + 4);
        break;
      }
      if (const int error = more(deadline_us); error != 0) return error;
    }
    const std::string encoding = header(reply.headers, "transfer-encoding");
    if (encoding == "chunked") return receive_chunks(reply, deadline_us);
    const std::string length = header(reply.headers, "content-length");
    if (length.empty()) return receive_to_end(reply, deadline_us);
    const size_t wanted = std::strtoul(length.c_str(), nullptr, 10);
    while (rest_.size() < wanted) {
      if (const int error = more(deadline_us); error != 0) return error;
    }
    reply.body = rest_.substr(0, wanted);
    rest_.erase(0, wanted);
    return 0;
  }
  static std::string header(const std::string &headers, const std::string &name) {
    std::string lower = headers;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return static_cast<char>(std::tolower(static_cast<uchar>(c))); });
    const size_t found = ("\r\n" + lower).find("\r\n" + name + ":");
    if (found == std::string::npos) return "";
    const size_t from = lower.find_first_not_of(' ', found + name.size() + 1);
    return lower.substr(from, lower.find("\r\n", from) - from);
  }

 private:
  static int refused() {
    std::this_thread::sleep_for(std::chrono::milliseconds(settings().refused_ms));
    return error_web_connect;
  }
  bool wait(short what, long deadline_us) const {
    pollfd one{socket_, what, 0};
    for (;;) {
      const long left = (deadline_us - steady_us() + 999) / 1000;
      const int ready = ::poll(&one, 1, static_cast<int>(std::max(left, 0L)));
      if (ready > 0) return true;
      if (ready == 0 || errno != EINTR) return false;
    }
  }
  int more(long deadline_us) {
    char buffer[65536];
    for (;;) {
      const ssize_t got = ::recv(socket_, buffer, sizeof buffer, 0);
      if (got > 0) { rest_.append(buffer, static_cast<size_t>(got)); return 0; }
      if (got == 0) return error_web_request;
      if (errno != EAGAIN && errno != EINTR) return error_web_request;
      if (!wait(POLLIN, deadline_us)) return error_web_timeout;
    }
  }
  int receive_to_end(web_reply &reply, long deadline_us) {
    int error = 0;
    while (error == 0) error = more(deadline_us);
    if (error == error_web_timeout) return error;
    reply.body = rest_;
    close();
    return 0;
  }
  int receive_chunks(web_reply &reply, long deadline_us) {
    for (;;) {
      const size_t line = rest_.find("\r\n");
      const size_t size = line == std::string::npos ? 0 : std::strtoul(rest_.c_str(), nullptr, 16);
      if (line != std::string::npos && rest_.size() >= line + size + 4) {
        reply.body += rest_.substr(line + 2, size);
        rest_.erase(0, line + size + 4);
        if (size == 0) return 0;
      } else if (const int error = more(deadline_us); error != 0) return error;
    }
  }
  int socket_ = -1;
  web_address to_;
  std::string rest_;
};

inline std::string request_text(const std::string &method, const web_address &to, const std::string &headers, const std::string &body) {
  std::string text = method + " " + to.path + " HTTP/1.1\r\n";
  text += "Host: " + to.host + (to.port == "80" ? "" : ":" + to.port) + "\r\n";
  text += "User-Agent: MetaTrader 5 Terminal/5." + std::to_string(settings().build) + "\r\n";
  text += "Accept: */*\r\nAccept-Encoding: gzip, deflate\r\n";
  text += std::string("Connection: ") + (settings().keep_alive ? "keep-alive" : "close") + "\r\n";
  text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  size_t from = 0;
  while (from < headers.size()) {
    const size_t to_line = std::min(headers.find("\r\n", from), headers.size());
    if (to_line > from) text += headers.substr(from, to_line - from) + "\r\n";
    from = to_line + 2;
  }
  if (web_connection::header(headers, "content-type").empty()) text += "Content-Type: application/x-www-form-urlencoded\r\n";
  return text + "\r\n" + body;
}

/// 0 or the error code.
inline int web_exchange(const std::string &method, const web_address &to, const std::string &headers, int timeout_ms, const std::string &body, web_reply &reply) {
  static web_connection connection;
  const long deadline = steady_us() + static_cast<long>(timeout_ms) * 1000;
  const bool reused = settings().keep_alive && connection.is_open_to(to);
  int error = reused ? 0 : connection.open(to, deadline);
  const std::string text = request_text(method, to, headers, body);
  if (error == 0) error = connection.send(text, deadline);
  if (error == 0) error = connection.receive(reply, deadline);
  if (error != 0 || !settings().keep_alive || web_connection::header(reply.headers, "connection") == "close") connection.close();
  return error;
}

template <class D, class R>
int web_request(const string &method, const string &url, const string &headers, int timeout_ms, const D &body, R &result, string &result_headers) {
  cross("WebRequest-before");
  web_address to;
  web_reply reply;
  const std::string address = url.utf8();
  int error = !parse_address(address, to) ? error_web_address : !is_listed(address) ? error_not_allowed : 0;
  if (error == 0) error = web_exchange(method.utf8(), to, headers.utf8(), timeout_ms, body, reply);
  cross("WebRequest-after");
  if (error != 0) { fail(error); return -1; }
  result.resize(static_cast<int>(reply.body.size()), 0);
  for (size_t i = 0; i < reply.body.size(); ++i) result[static_cast<int>(i)] = static_cast<element<R>>(reply.body[i]);
  result_headers = string::of(reply.headers);
  return reply.status;
}

}  // namespace shim

template <shim::readable_array D, shim::writable_array R>
  requires shim::byte_array<D> && shim::byte_array<R>
int WebRequest(const string &method, const string &url, const string &headers, int timeout, const D &body, R &&result, string &result_headers) {
  return shim::web_request(method, url, headers, timeout, shim::bytes_of(body), result, result_headers);
}
template <shim::readable_array D, shim::writable_array R>
  requires shim::byte_array<D> && shim::byte_array<R>
int WebRequest(const string &method, const string &url, const string &cookie, const string &referer, int timeout, const D &body, int size, R &&result,
               string &result_headers) {
  const string headers = (StringLen(cookie) > 0 ? u"Cookie: " + cookie + u"\r\n" : string(u"")) + (StringLen(referer) > 0 ? u"Referer: " + referer + u"\r\n" : string(u""));
  return shim::web_request(method, url, headers, timeout, shim::bytes_of(body).substr(0, static_cast<size_t>(std::max(size, 0))), result, result_headers);
}
