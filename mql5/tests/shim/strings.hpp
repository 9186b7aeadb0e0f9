// String* functions and the conversions between strings, numbers and bytes.
// Invariant: a code page other than UTF-8 is the Western ANSI page and loses what it has no sign for, as on Windows.
#pragma once
#include "array.hpp"
#include "clock.hpp"
#include "text.hpp"
#include <cmath>

inline constexpr uint CP_ACP = 0;
inline constexpr uint CP_OEMCP = 1;
inline constexpr uint CP_MACCP = 2;
inline constexpr uint CP_THREAD_ACP = 3;
inline constexpr uint CP_UTF7 = 65000;
inline constexpr uint CP_UTF8 = 65001;

namespace shim {

inline constexpr int error_wrong_parameter = 4003;

/// What bytes 0x80…0x9F of the Western page mean; 0 where they mean nothing.
inline constexpr char16_t western[32] = {0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
                                         0x2039, 0x0152, 0, 0x017D, 0, 0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                         0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178};

inline char western_byte(char16_t unit) {
  if (unit < 0x80 || (unit >= 0xA0 && unit <= 0xFF)) return static_cast<char>(static_cast<uchar>(unit));
  for (int i = 0; i < 32; ++i) {
    if (western[i] == unit) return static_cast<char>(static_cast<uchar>(0x80 + i));
  }
  return '?';
}

inline std::string encode(const string &text, uint codepage) {
  if (codepage == CP_UTF8) return text.utf8();
  std::string out;
  for (const char16_t unit : text.units()) out += western_byte(unit);
  return out;
}

inline string decode(const std::string &bytes, uint codepage) {
  if (codepage == CP_UTF8) return string::of(bytes);
  std::u16string out;
  for (const char byte : bytes) {
    const uchar code = static_cast<uchar>(byte);
    out += code >= 0x80 && code < 0xA0 ? western[code - 0x80] : static_cast<char16_t>(code);
  }
  return string(out);
}

inline bool is_space(char16_t unit) { return unit == u' ' || (unit >= u'\t' && unit <= u'\r'); }
inline void fold(std::u16string &text, bool up) {
  for (char16_t &unit : text) {
    if (up && unit >= u'a' && unit <= u'z') unit = static_cast<char16_t>(unit - 32);
    if (!up && unit >= u'A' && unit <= u'Z') unit = static_cast<char16_t>(unit + 32);
  }
}

}  // namespace shim

inline int StringLen(const string &text) { return static_cast<int>(text.units().size()); }
inline int StringBufferLen(const string &text) { return StringLen(text); }

inline string StringSubstr(const string &text, int start, int length = -1) {
  if (start < 0 || start > StringLen(text)) return string(u"");
  return string(text.units().substr(static_cast<size_t>(start), length < 0 ? std::u16string::npos : static_cast<size_t>(length)));
}
inline int StringFind(const string &text, const string &wanted, int start = 0) {
  const size_t found = text.units().find(wanted.units(), static_cast<size_t>(std::max(start, 0)));
  return found == std::u16string::npos || StringLen(wanted) == 0 ? -1 : static_cast<int>(found);
}
inline int StringReplace(string &text, const string &find, const string &replacement) {
  if (StringLen(find) == 0) return -1;
  std::u16string out = text.units();
  int count = 0;
  for (size_t at = 0; (at = out.find(find.units(), at)) != std::u16string::npos; at += replacement.units().size()) {
    out.replace(at, find.units().size(), replacement.units());
    ++count;
  }
  if (count > 0) text = string(out);
  return count;
}
template <shim::writable_array A>
  requires std::is_same_v<shim::element<A>, string>
int StringSplit(const string &text, ushort separator, A &result) {
  result.resize(0, 0);
  const std::u16string &units = text.units();
  if (units.empty()) return 0;
  for (size_t from = 0;;) {
    const size_t to = units.find(static_cast<char16_t>(separator), from);
    result.resize(result.size() + 1, 0);
    result[result.size() - 1] = string(units.substr(from, to == std::u16string::npos ? to : to - from));
    if (to == std::u16string::npos) return result.size();
    from = to + 1;
  }
}
inline int StringTrimLeft(string &text) {
  const std::u16string &units = text.units();
  size_t cut = 0;
  while (cut < units.size() && shim::is_space(units[cut])) ++cut;
  if (cut > 0) text = string(units.substr(cut));
  return static_cast<int>(cut);
}
inline int StringTrimRight(string &text) {
  const std::u16string &units = text.units();
  size_t end = units.size();
  while (end > 0 && shim::is_space(units[end - 1])) --end;
  const int cut = static_cast<int>(units.size() - end);
  if (cut > 0) text = string(units.substr(0, end));
  return cut;
}
inline bool StringToLower(string &text) {
  std::u16string units = text.units();
  shim::fold(units, false);
  text = string(units);
  return true;
}
inline bool StringToUpper(string &text) {
  std::u16string units = text.units();
  shim::fold(units, true);
  text = string(units);
  return true;
}
inline ushort StringGetCharacter(const string &text, int at) {
  if (at >= 0 && at < StringLen(text)) return static_cast<ushort>(text.units()[static_cast<size_t>(at)]);
  shim::fail(5041);
  return 0;
}
inline bool StringSetCharacter(string &text, int at, ushort value) {
  std::u16string units = text.units();
  if (at < 0 || static_cast<size_t>(at) > units.size()) return shim::fail(5041);
  if (static_cast<size_t>(at) == units.size()) units += static_cast<char16_t>(value);
  else if (value == 0) units.resize(static_cast<size_t>(at));
  else units[static_cast<size_t>(at)] = static_cast<char16_t>(value);
  text = string(units);
  return true;
}
inline int StringCompare(const string &one, const string &other, bool case_sensitive = true) {
  std::u16string left = one.units();
  std::u16string right = other.units();
  if (!case_sensitive) { shim::fold(left, false); shim::fold(right, false); }
  const int order = left.compare(right);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}
inline bool StringAdd(string &text, const string &more) { text += more; return true; }
inline bool StringInit(string &text, int length = 0, ushort unit = 0) {
  text = string(std::u16string(static_cast<size_t>(unit == 0 ? 0 : length), static_cast<char16_t>(unit)));
  return true;
}
inline bool StringFill(string &text, ushort unit) { return StringInit(text, StringLen(text), unit); }

inline string ShortToString(ushort unit) { return string(std::u16string(1, static_cast<char16_t>(unit))); }
inline string CharToString(uchar byte) { return shim::decode(std::string(1, static_cast<char>(byte)), CP_ACP); }

template <class T>
  requires std::is_integral_v<T>
string IntegerToString(T number, int length = 0, ushort fill = ' ') {
  std::u16string digits = shim::number_text(number);
  if (static_cast<int>(digits.size()) < length) digits.insert(0, static_cast<size_t>(length) - digits.size(), static_cast<char16_t>(fill));
  return string(digits);
}
inline string IntegerToString(datetime time, int length = 0, ushort fill = ' ') { return IntegerToString(static_cast<long>(time), length, fill); }

inline string DoubleToString(double value, int digits = 8) {
  char buffer[512];
  if (std::isnan(value)) return string(u"nan");
  if (std::isinf(value)) return string(value > 0 ? u"inf" : u"-inf");
  if (digits < 0 && digits >= -16) std::snprintf(buffer, sizeof buffer, "%.*e", -digits, value);
  else std::snprintf(buffer, sizeof buffer, "%.*f", digits > 16 || digits < 0 ? 8 : digits, value);
  return string::of(buffer);
}
/// What can be read from the left as a number; 0 where there is none.
inline double StringToDouble(const string &text) {
  const std::string bytes = text.utf8();
  const size_t from = bytes.find_first_not_of(" \t\r\n");
  if (from == std::string::npos) return 0;
  const size_t digit = from + (bytes[from] == '-' || bytes[from] == '+' ? 1 : 0);
  const bool begins = digit < bytes.size() && (std::isdigit(static_cast<uchar>(bytes[digit])) != 0 || bytes[digit] == '.');
  const bool hex = digit + 1 < bytes.size() && bytes[digit] == '0' && (bytes[digit + 1] | 32) == 'x';
  return begins && !hex ? std::strtod(bytes.c_str() + from, nullptr) : 0;
}
inline long StringToInteger(const string &text) { return std::strtol(text.utf8().c_str(), nullptr, 10); }

/// Appends the zero byte when it copies to the end. A bigger array keeps its old tail.
template <shim::writable_array A>
  requires shim::byte_array<A>
int StringToCharArray(const string &text, A &&array, int start = 0, int count = -1, uint codepage = CP_ACP) {
  std::string bytes = shim::encode(text, codepage);
  bytes += '\0';
  const int length = static_cast<int>(bytes.size());
  int copied = count < 0 ? length : std::min(count, length);
  if (start < 0) { shim::fail(shim::error_wrong_parameter); return 0; }
  shim::grow_to(array, start + copied);
  copied = std::min(copied, std::max(0, array.size() - start));
  for (int i = 0; i < copied; ++i) array[start + i] = static_cast<shim::element<A>>(bytes[static_cast<size_t>(i)]);
  return copied;
}
/// Ends at a zero byte, if there is one.
template <shim::readable_array A>
  requires shim::byte_array<A>
string CharArrayToString(const A &array, int start = 0, int count = -1, uint codepage = CP_ACP) {
  const int seen = shim::span(array.size(), start, count);
  std::string bytes;
  for (int i = 0; i < seen && array[start + i] != 0; ++i) bytes += static_cast<char>(array[start + i]);
  return shim::decode(bytes, codepage);
}
template <shim::writable_array A>
  requires std::is_same_v<shim::element<A>, ushort>
int StringToShortArray(const string &text, A &&array, int start = 0, int count = -1) {
  const int length = StringLen(text) + 1;
  int copied = count < 0 ? length : std::min(count, length);
  shim::grow_to(array, start + copied);
  copied = std::min(copied, std::max(0, array.size() - start));
  for (int i = 0; i < copied; ++i) array[start + i] = i < length - 1 ? text[i] : ushort(0);
  return copied;
}
template <shim::readable_array A>
  requires std::is_same_v<shim::element<A>, ushort>
string ShortArrayToString(const A &array, int start = 0, int count = -1) {
  const int seen = shim::span(array.size(), start, count);
  std::u16string units;
  for (int i = 0; i < seen && array[start + i] != 0; ++i) units += static_cast<char16_t>(array[start + i]);
  return string(units);
}
