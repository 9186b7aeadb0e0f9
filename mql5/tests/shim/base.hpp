// What every part of the MQL5 runtime stands on: the program's options, the lines it prints, the last error, the points
// at which a test may let it die, and how it ends. Knows nothing of MQL5 types.
// Invariant: what is printed has left the process before the next statement runs, so that a death hides nothing said.
#pragma once
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <sys/types.h>
#include <unistd.h>
#include <vector>

namespace shim {

/// Exit statuses of a program that did not end as asked.
inline constexpr int exit_usage = 64;
inline constexpr int exit_critical = 70;
inline constexpr int exit_init_failed = 71;
inline constexpr int exit_killed = 137;

struct options {
  std::string broker_host;
  int broker_port = 0;
  std::string files = ".";
  std::string inputs;
  std::vector<std::string> allow;
  std::string chart = "EURUSD";
  std::string die_point;
  long die_at = 0;
  bool journal_points = false;
  bool keep_alive = false;
  /// How long a refused connection takes to be noticed: Windows tries again before it believes it.
  long refused_ms = 0;
  /// How wrong the clock of this computer is.
  long clock_skew_ms = 0;
  unsigned long seed = 1;
  int build = 5200;
};

[[noreturn]] inline void usage(const std::string &why) {
  std::fprintf(stderr, "%s\nea --broker host:port --files DIR --inputs FILE [--allow URL]… [--chart SYMBOL] [--die-at POINT:N]\n"
               "   [--journal-points] [--keep-alive] [--refused-ms N] [--clock-skew-ms N] [--seed N] [--build N]\n", why.c_str());
  std::exit(exit_usage);
}

inline std::vector<std::string> command_line() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  std::vector<std::string> words;
  for (std::string word; std::getline(file, word, '\0');) words.push_back(word);
  return words;
}

/// The whole of a text as a number; a caller's mistake otherwise.
template <class N>
N number_from(const std::string &name, const std::string &text) {
  N value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) usage(name + " cannot be '" + text + "'");
  return value;
}

inline options parse_options() {
  options found;
  const std::vector<std::string> words = command_line();
  for (size_t i = 1; i < words.size(); ++i) {
    const std::string &name = words[i];
    if (name == "--journal-points") { found.journal_points = true; continue; }
    if (name == "--keep-alive") { found.keep_alive = true; continue; }
    if (i + 1 >= words.size()) usage(name + " needs a value");
    const std::string &value = words[++i];
    const auto colon = value.rfind(':');
    if (name == "--files") found.files = value;
    else if (name == "--inputs") found.inputs = value;
    else if (name == "--allow") found.allow.push_back(value);
    else if (name == "--chart") found.chart = value;
    else if (name == "--refused-ms") found.refused_ms = number_from<long>(name, value);
    else if (name == "--clock-skew-ms") found.clock_skew_ms = number_from<long>(name, value);
    else if (name == "--seed") found.seed = number_from<unsigned long>(name, value);
    else if (name == "--build") found.build = number_from<int>(name, value);
    else if (name == "--broker" && colon != std::string::npos) {
      found.broker_host = value.substr(0, colon);
      found.broker_port = number_from<int>(name, value.substr(colon + 1));
    } else if (name == "--die-at" && colon != std::string::npos) {
      found.die_point = value.substr(0, colon);
      found.die_at = number_from<long>(name, value.substr(colon + 1));
    } else usage("unknown option " + name + " " + value);
  }
  return found;
}

/// The command line; read on first use, because inputs are set before `main` runs.
inline const options &settings() {
  static const options parsed = parse_options();
  return parsed;
}

inline void write_whole(int descriptor, const char *bytes, size_t length) {
  while (length > 0) {
    const ssize_t written = ::write(descriptor, bytes, length);
    if (written < 0) return;
    bytes += written;
    length -= static_cast<size_t>(written);
  }
}

/// One line to stdout: the kind in capitals, then the text, in which a line break becomes ⏎.
inline void say(const std::string &kind, const std::string &text) {
  std::string line = kind + " ";
  for (const char unit : text) {
    if (unit == '\n') line += "\u23ce";
    else if (unit != '\r') line += unit;
  }
  line += "\n";
  write_whole(STDOUT_FILENO, line.data(), line.size());
}

inline int &last_error() {
  static int code = 0;
  return code;
}

/// Notes an error code as MQL5 does and returns false.
inline bool fail(int code) {
  last_error() = code;
  return false;
}

inline std::map<std::string, long> &crossings() {
  static std::map<std::string, long> counts;
  return counts;
}

[[noreturn]] inline void die() { ::_exit(exit_killed); }

/// Counts one crossing of a named point; true when the process is to die at this one.
inline bool dies_crossing(const char *point) {
  const long count = ++crossings()[point];
  return settings().die_at == count && settings().die_point == point;
}

/// A named point at which `--die-at POINT:N` ends the process as `kill -9` would.
inline void cross(const char *point) {
  if (dies_crossing(point)) die();
}

/// What the terminal does for an ended program; buffered file bytes reach the disk there.
inline std::vector<std::function<void()>> &closers() {
  static std::vector<std::function<void()>> list;
  return list;
}

[[noreturn]] inline void end(int status) {
  for (const auto &close : closers()) close();
  if (settings().journal_points) {
    for (const auto &[point, count] : crossings()) say("POINT", point + " " + std::to_string(count));
  }
  std::fflush(nullptr);
  ::_exit(status);
}

/// A critical error: the terminal ends the program and calls no handler of it.
[[noreturn]] inline void critical(const std::string &what) {
  say("CRITICAL", what);
  end(exit_critical);
}

}  // namespace shim
