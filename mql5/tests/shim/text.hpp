// MQL5's `string`: UTF-16 units with a NULL state. Numbers do not turn into strings by themselves here, although MetaEditor
// only warns of that; `(string)x` is the way.
// Invariant: NULL and "" are different values, and both have length 0.
#pragma once
#include "base.hpp"
#include <charconv>
#include <compare>
#include <type_traits>

using uchar = unsigned char;
using ushort = unsigned short;
using uint = unsigned int;
using ulong = unsigned long;

class datetime;
class color;

namespace shim {

inline void append_utf8(std::string &out, char32_t code) {
  const auto put = [&out](char32_t byte) { out += static_cast<char>(static_cast<uchar>(byte)); };
  if (code < 0x80) put(code);
  else if (code < 0x800) { put(0xC0 | (code >> 6)); put(0x80 | (code & 0x3F)); }
  else if (code < 0x10000) { put(0xE0 | (code >> 12)); put(0x80 | ((code >> 6) & 0x3F)); put(0x80 | (code & 0x3F)); }
  else { put(0xF0 | (code >> 18)); put(0x80 | ((code >> 12) & 0x3F)); put(0x80 | ((code >> 6) & 0x3F)); put(0x80 | (code & 0x3F)); }
}

/// UTF-16 → UTF-8; a lone surrogate becomes U+FFFD, as Windows does.
inline std::string to_utf8(const std::u16string &text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char16_t unit = text[i];
    if (unit < 0xD800 || unit > 0xDFFF) append_utf8(out, unit);
    else if (unit < 0xDC00 && i + 1 < text.size() && text[i + 1] >= 0xDC00 && text[i + 1] <= 0xDFFF) {
      append_utf8(out, 0x10000 + ((static_cast<char32_t>(unit) - 0xD800) << 10) + (static_cast<char32_t>(text[++i]) - 0xDC00));
    } else append_utf8(out, 0xFFFD);
  }
  return out;
}

inline void append_utf16(std::u16string &out, char32_t code) {
  if (code < 0x10000) out += static_cast<char16_t>(code);
  else {
    out += static_cast<char16_t>(0xD800 + ((code - 0x10000) >> 10));
    out += static_cast<char16_t>(0xDC00 + ((code - 0x10000) & 0x3FF));
  }
}

/// UTF-8 → UTF-16; each byte that fits nowhere becomes U+FFFD.
inline std::u16string to_utf16(const std::string &bytes) {
  static constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  std::u16string out;
  for (size_t i = 0; i < bytes.size();) {
    const uchar lead = static_cast<uchar>(bytes[i]);
    const size_t length = lead < 0x80 ? 1 : lead >= 0xC2 && lead < 0xE0 ? 2 : lead >= 0xE0 && lead < 0xF0 ? 3 : lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
    char32_t code = length == 1 ? lead : length == 2 ? lead & 0x1Fu : length == 3 ? lead & 0x0Fu : lead & 0x07u;
    bool whole = length > 0 && i + length <= bytes.size();
    for (size_t k = 1; whole && k < length; ++k) {
      const uchar next = static_cast<uchar>(bytes[i + k]);
      whole = (next & 0xC0) == 0x80;
      code = (code << 6) | (next & 0x3Fu);
    }
    whole = whole && code >= least[length] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
    append_utf16(out, whole ? code : U'\uFFFD');
    i += whole ? length : 1;
  }
  return out;
}

template <class T>
concept number = std::is_arithmetic_v<T> && !std::is_same_v<T, bool>;

/// The shortest decimal that reads back as the same double; MQL5's `(string)double` gives such.
template <number T>
std::u16string number_text(T value) {
  char buffer[64];
  const auto done = std::to_chars(buffer, buffer + sizeof buffer, value);
  return to_utf16(std::string(buffer, done.ptr));
}
template <>
inline std::u16string number_text(char value) { return number_text(static_cast<int>(value)); }

}  // namespace shim

class string {
 public:
  string() = default;
  string(std::nullptr_t) {}
  string(std::u16string text) : text_(std::move(text)), null_(false) {}
  string(const char16_t *text) : text_(text), null_(false) {}
  explicit string(bool value) : string(value ? u"true" : u"false") {}
  template <shim::number T>
  explicit string(T value) : string(shim::number_text(value)) {}
  template <class E>
    requires std::is_enum_v<E>
  explicit string(E value) : string(shim::number_text(static_cast<long>(value))) {}
  explicit string(datetime value);
  explicit string(color value);

  bool null() const { return null_; }
  const std::u16string &units() const { return text_; }
  std::string utf8() const { return shim::to_utf8(text_); }
  static string of(const std::string &bytes) { return string(shim::to_utf16(bytes)); }

  string &operator+=(const string &other) {
    text_ += other.text_;
    null_ = null_ && other.null_;
    return *this;
  }
  friend string operator+(string left, const string &right) { return left += right; }
  friend bool operator==(const string &left, const string &right) { return left.null_ == right.null_ && left.text_ == right.text_; }
  friend std::strong_ordering operator<=>(const string &left, const string &right) {
    const int order = left.text_.compare(right.text_);
    if (order != 0) return order <=> 0;
    return (left.null_ ? 0 : 1) <=> (right.null_ ? 0 : 1);
  }
  /// The unit at an index; beyond the end the program is ended, as with an array.
  template <class I>
    requires std::is_integral_v<I>
  ushort operator[](I index) const {
    if (static_cast<long>(index) < 0 || static_cast<size_t>(index) >= text_.size()) shim::critical("array out of range (string index)");
    return static_cast<ushort>(text_[static_cast<size_t>(index)]);
  }

 private:
  std::u16string text_;
  bool null_ = true;
};
