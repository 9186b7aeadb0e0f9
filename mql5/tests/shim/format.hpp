// Print, Alert, Comment, StringFormat, PrintFormat. MQL5 hands the values to a C formatter: a conversion that does not fit
// its value prints rubbish there, and ends the program here.
#pragma once
#include "strings.hpp"
#include <climits>
#include <variant>

namespace shim {

/// One value of a format call: what it is decides which conversions fit.
struct format_value {
  enum class shape { integer32, unsigned32, integer64, unsigned64, real, text } kind;
  long whole = 0;
  double real = 0;
  string text;
};

template <class T>
format_value value_of(const T &value) {
  using shape = format_value::shape;
  if constexpr (std::is_same_v<T, string>) return {shape::text, 0, 0, value};
  else if constexpr (std::is_floating_point_v<T>) return {shape::real, 0, static_cast<double>(value), {}};
  else if constexpr (std::is_same_v<T, datetime>) return {shape::integer64, static_cast<long>(value), 0, {}};
  else if constexpr (std::is_same_v<T, color>) return {shape::unsigned32, static_cast<long>(static_cast<uint>(value)), 0, {}};
  else if constexpr (std::is_enum_v<T>) return {shape::integer32, static_cast<long>(value), 0, {}};
  else {
    constexpr bool wide = sizeof(T) == 8;
    constexpr bool positive = std::is_unsigned_v<T> && sizeof(T) >= 4;
    return {wide ? (positive ? shape::unsigned64 : shape::integer64) : (positive ? shape::unsigned32 : shape::integer32), static_cast<long>(value), 0, {}};
  }
}

struct conversion {
  std::string flags;
  bool wide = false;
  char letter = 0;
};

[[noreturn]] inline void bad_format(const std::string &format, const std::string &why) { critical("format '" + format + "': " + why); }

/// Reads `%[flags][width][.precision][size]letter` behind the percent sign.
inline conversion read_conversion(const std::string &format, size_t &at) {
  conversion found;
  while (at < format.size() && std::strchr("-+ #0123456789.", format[at]) != nullptr) found.flags += format[at++];
  const auto prefix = [&](const char *word) {
    const size_t length = std::strlen(word);
    if (format.compare(at, length, word) != 0) return false;
    at += length;
    return true;
  };
  if (prefix("I64") || prefix("ll")) found.wide = true;
  else if (!prefix("I32") && !prefix("h")) prefix("l");
  if (at >= format.size()) bad_format(format, "ends within a conversion");
  found.letter = format[at++];
  return found;
}

inline std::string integer_text(const std::string &format, const conversion &how, const format_value &value) {
  using shape = format_value::shape;
  const bool is_wide = value.kind == shape::integer64 || value.kind == shape::unsigned64;
  if (value.kind == shape::text || value.kind == shape::real) bad_format(format, std::string("%") + how.letter + " needs a whole number");
  if (is_wide != how.wide) bad_format(format, is_wide ? "a 64-bit value needs %I64d or %I64u" : "%I64 with a 32-bit value");
  const bool as_signed = how.letter == 'd' || how.letter == 'i';
  if (as_signed && value.kind == shape::unsigned64 && value.whole < 0) bad_format(format, "ulong beyond the range of %I64d");
  if (as_signed && value.kind == shape::unsigned32 && value.whole > INT_MAX) bad_format(format, "uint beyond the range of %d");
  char buffer[256];
  const std::string spec = "%" + how.flags + (how.wide ? "l" : "") + how.letter;
  if (how.wide) std::snprintf(buffer, sizeof buffer, spec.c_str(), value.whole);
  else std::snprintf(buffer, sizeof buffer, spec.c_str(), static_cast<int>(value.whole));
  return buffer;
}

inline std::u16string converted(const std::string &format, const conversion &how, const format_value &value) {
  using shape = format_value::shape;
  char buffer[512];
  const std::string spec = "%" + how.flags + how.letter;
  if (std::strchr("diouxX", how.letter) != nullptr) return to_utf16(integer_text(format, how, value));
  if (std::strchr("aAeEfgG", how.letter) != nullptr) {
    if (value.kind != shape::real) bad_format(format, std::string("%") + how.letter + " needs a double");
    std::snprintf(buffer, sizeof buffer, spec.c_str(), value.real);
    return to_utf16(buffer);
  }
  if (how.letter == 's' || how.letter == 'S') {
    if (value.kind != shape::text) bad_format(format, "%s needs a string");
    std::u16string out = value.text.null() ? u"(null)" : value.text.units();
    const size_t dot = how.flags.find('.');
    if (dot != std::string::npos) out = out.substr(0, static_cast<size_t>(std::strtol(how.flags.c_str() + dot + 1, nullptr, 10)));
    const long width = std::strtol(how.flags.c_str(), nullptr, 10);
    const size_t room = static_cast<size_t>(std::labs(width));
    if (out.size() < room) out.insert(width < 0 ? out.size() : 0, room - out.size(), u' ');
    return out;
  }
  if (how.letter == 'c' && value.kind != shape::text && value.kind != shape::real) return std::u16string(1, static_cast<char16_t>(value.whole));
  bad_format(format, std::string("unknown conversion %") + how.letter);
}

inline string formatted(const string &format_text, const std::vector<format_value> &values) {
  const std::string format = format_text.utf8();
  std::u16string out;
  size_t next = 0;
  for (size_t at = 0; at < format.size();) {
    const size_t percent = std::min(format.find('%', at), format.size());
    out += to_utf16(format.substr(at, percent - at));
    at = percent + 1;
    if (percent == format.size()) break;
    if (at < format.size() && format[at] == '%') { out += u'%'; ++at; continue; }
    const conversion how = read_conversion(format, at);
    if (next >= values.size()) bad_format(format, "more conversions than values");
    out += converted(format, how, values[next++]);
  }
  if (next < values.size()) bad_format(format, "more values than conversions");
  return string(out);
}

template <class T>
string shown(const T &value) {
  if constexpr (std::is_same_v<T, string>) return value;
  else return string(value);
}
template <size_t N>
string shown(const char16_t (&value)[N]) { return string(value); }

template <class... T>
std::string joined(const T &...values) {
  string whole(u"");
  ((whole += shown(values)), ...);
  return whole.utf8();
}

}  // namespace shim

template <class... T>
string StringFormat(const string &format, const T &...values) { return shim::formatted(format, {shim::value_of(values)...}); }
template <class... T>
void PrintFormat(const string &format, const T &...values) { shim::say("PRINT", StringFormat(format, values...).utf8()); }
template <class... T>
void Print(const T &...values) { shim::say("PRINT", shim::joined(values...)); }
template <class... T>
void Alert(const T &...values) { shim::say("ALERT", shim::joined(values...)); }
template <class... T>
void Comment(const T &...values) { shim::say("PANEL", "comment " + shim::joined(values...)); }
template <class... T>
int StringConcatenate(string &to, const T &...values) {
  to = string::of(shim::joined(values...));
  return StringLen(to);
}
