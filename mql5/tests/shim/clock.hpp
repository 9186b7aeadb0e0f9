// Time as a program sees it: `datetime` (seconds since 1970), MqlDateTime, the clocks, Sleep.
// TimeCurrent and TimeTradeServer belong to the broker's server; the world outside answers them (world.hpp).
#pragma once
#include "text.hpp"
#include <array>
#include <chrono>
#include <ctime>
#include <thread>

/// Seconds since 1970, without a zone. Mixes with whole numbers as MQL5 lets it.
class datetime {
 public:
  datetime() = default;
  template <class I>
    requires std::is_integral_v<I>
  constexpr datetime(I seconds) : seconds_(static_cast<long>(seconds)) {}
  template <class F>
    requires std::is_floating_point_v<F>
  explicit constexpr datetime(F seconds) : seconds_(static_cast<long>(seconds)) {}
  constexpr operator long() const { return seconds_; }
  datetime &operator+=(long seconds) { seconds_ += seconds; return *this; }
  datetime &operator-=(long seconds) { seconds_ -= seconds; return *this; }

 private:
  long seconds_;
};

class color {
 public:
  color() = default;
  template <class I>
    requires std::is_integral_v<I>
  constexpr color(I bgr) : bgr_(static_cast<uint>(bgr)) {}
  constexpr operator uint() const { return bgr_; }

 private:
  uint bgr_;
};

struct MqlDateTime {
  int year;
  int mon;
  int day;
  int hour;
  int min;
  int sec;
  int day_of_week;
  int day_of_year;
};

enum ENUM_DATETIME_FLAGS : int { TIME_DATE = 1, TIME_MINUTES = 2, TIME_SECONDS = 4 };

namespace shim {

inline long real_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}
inline long steady_us() {
  static const auto begun = std::chrono::steady_clock::now();
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun).count();
}
inline long computer_ms() { return real_ms() + settings().clock_skew_ms; }
/// The milliseconds since this computer was started: not zero when the program starts.
inline ulong uptime_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<ulong>(now.tv_sec) * 1000UL + static_cast<ulong>(now.tv_nsec) / 1000000UL;
}

inline std::string two(int value) { return (value < 10 ? "0" : "") + std::to_string(value); }

inline bool &stop_asked() {
  static bool asked = false;
  return asked;
}
inline volatile int &stop_signal() {
  static volatile int signal = 0;
  return signal;
}

}  // namespace shim

inline bool TimeToStruct(datetime time, MqlDateTime &parts) {
  const time_t seconds = static_cast<long>(time);
  std::tm found{};
  gmtime_r(&seconds, &found);
  parts = {found.tm_year + 1900, found.tm_mon + 1, found.tm_mday, found.tm_hour, found.tm_min, found.tm_sec, found.tm_wday, found.tm_yday};
  return true;
}
inline datetime StructToTime(const MqlDateTime &parts) {
  std::tm wanted{};
  wanted.tm_year = parts.year - 1900;
  wanted.tm_mon = parts.mon - 1;
  wanted.tm_mday = parts.day;
  wanted.tm_hour = parts.hour;
  wanted.tm_min = parts.min;
  wanted.tm_sec = parts.sec;
  return datetime(timegm(&wanted));
}
inline string TimeToString(datetime time, int flags = TIME_DATE | TIME_MINUTES) {
  MqlDateTime at{};
  TimeToStruct(time, at);
  std::string out;
  if ((flags & TIME_DATE) != 0) out = std::to_string(at.year) + "." + shim::two(at.mon) + "." + shim::two(at.day);
  if ((flags & (TIME_MINUTES | TIME_SECONDS)) != 0) {
    if (!out.empty()) out += " ";
    out += shim::two(at.hour) + ":" + shim::two(at.min);
    if ((flags & TIME_SECONDS) != 0) out += ":" + shim::two(at.sec);
  }
  return string::of(out);
}
inline datetime StringToTime(const string &text) {
  MqlDateTime at{};
  at.mon = at.day = 1;
  const int read = std::sscanf(text.utf8().c_str(), "%d.%d.%d %d:%d:%d", &at.year, &at.mon, &at.day, &at.hour, &at.min, &at.sec);
  return read >= 3 ? StructToTime(at) : datetime(0);
}
inline string::string(datetime value) : string(TimeToString(value, TIME_DATE | TIME_SECONDS)) {}
inline string::string(color value) {
  const uint bgr = value;
  *this = string::of(std::to_string(bgr & 255u) + "," + std::to_string((bgr >> 8) & 255u) + "," + std::to_string((bgr >> 16) & 255u));
}

/// The computer of these programs stands in UTC.
inline datetime TimeLocal() { return datetime(shim::computer_ms() / 1000); }
inline datetime TimeLocal(MqlDateTime &parts) { const datetime now = TimeLocal(); TimeToStruct(now, parts); return now; }
inline datetime TimeGMT() { return TimeLocal(); }
inline datetime TimeGMT(MqlDateTime &parts) { return TimeLocal(parts); }
inline int TimeGMTOffset() { return 0; }
inline int TimeDaylightSavings() { return 0; }
inline ulong GetTickCount64() { return shim::uptime_ms(); }
inline uint GetTickCount() { return static_cast<uint>(shim::uptime_ms()); }
inline ulong GetMicrosecondCount() { return static_cast<ulong>(shim::steady_us()); }

inline bool IsStopped() { return shim::stop_asked() || shim::stop_signal() != 0; }
/// Blocks the program's only thread; returns early when it is to stop.
inline void Sleep(int milliseconds) {
  const long until = shim::steady_us() + static_cast<long>(milliseconds) * 1000;
  for (long left = until - shim::steady_us(); left > 0 && !IsStopped(); left = until - shim::steady_us()) {
    std::this_thread::sleep_for(std::chrono::microseconds(std::min(left, 20000L)));
  }
}
