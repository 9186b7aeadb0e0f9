// MQL5's arrays: `arr` is `T a[]`, `farr` is `T a[N]`, `aref`/`cref` are the parameters `T &a[]` and `const T &a[]` that take both.
// An index outside ends the program, as the terminal does. What ArrayResize adds holds rubbish, as in MQL5, so that a
// program which relies on zeros fails here too.
#pragma once
#include "base.hpp"
#include <algorithm>
#include <memory>
#include <type_traits>

inline constexpr int WHOLE_ARRAY = -1;

namespace shim {

inline constexpr int error_array_resize = 4007;
inline constexpr int error_array_range = 4003;
inline constexpr int rubbish = 0xAA;

template <class I>
size_t checked(I index, int size) {
  if (index < 0 || static_cast<long>(index) >= size) {
    critical("array out of range: index " + std::to_string(index) + ", size " + std::to_string(size));
  }
  return static_cast<size_t>(index);
}

template <class T>
void spoil(T *from, int count) {
  if constexpr (std::is_same_v<T, bool>) std::fill_n(from, count, true);
  else if constexpr (std::is_trivially_default_constructible_v<T> && std::is_trivially_copyable_v<T>) {
    if (count > 0) std::memset(static_cast<void *>(from), rubbish, sizeof(T) * static_cast<size_t>(count));
  }
}

}  // namespace shim

template <class T>
class arr {
 public:
  using value_type = T;
  arr() = default;
  arr(const arr &other) { *this = other; }
  arr(arr &&) noexcept = default;
  arr(std::initializer_list<T> values) {
    resize(static_cast<int>(values.size()), 0);
    std::copy(values.begin(), values.end(), cells_.get());
  }
  ~arr() = default;
  arr &operator=(const arr &other) {
    if (this == &other) return *this;
    resize(other.size_, 0);
    std::copy_n(other.cells_.get(), other.size_, cells_.get());
    return *this;
  }
  arr &operator=(arr &&) noexcept = default;

  int size() const { return size_; }
  T *begin() { return cells_.get(); }
  const T *begin() const { return cells_.get(); }
  int resize(int size, int reserve) {
    if (size < 0) { shim::fail(shim::error_array_resize); return -1; }
    if (size > room_) {
      const int room = size + std::max(reserve, 0);
      std::unique_ptr<T[]> bigger(new T[static_cast<size_t>(room)]);
      for (int i = 0; i < size_; ++i) bigger[static_cast<size_t>(i)] = std::move(cells_[static_cast<size_t>(i)]);
      cells_ = std::move(bigger);
      room_ = room;
    }
    if (size > size_) shim::spoil(cells_.get() + size_, size - size_);
    for (int i = size; i < size_; ++i) {
      if constexpr (!std::is_trivially_copyable_v<T>) cells_[static_cast<size_t>(i)] = T();
    }
    size_ = size;
    return size;
  }
  static constexpr bool dynamic() { return true; }
  template <class I>
  T &operator[](I index) { return cells_[shim::checked(index, size_)]; }
  template <class I>
  const T &operator[](I index) const { return cells_[shim::checked(index, size_)]; }

 private:
  std::unique_ptr<T[]> cells_;
  int size_ = 0;
  int room_ = 0;
};

template <class T, int N>
struct farr {
  using value_type = T;
  T cells[N];
  int size() const { return N; }
  T *begin() { return cells; }
  const T *begin() const { return cells; }
  int resize(int, int) { shim::fail(shim::error_array_resize); return -1; }
  static constexpr bool dynamic() { return false; }
  template <class I>
  T &operator[](I index) { return cells[shim::checked(index, N)]; }
  template <class I>
  const T &operator[](I index) const { return cells[shim::checked(index, N)]; }
};

/// `T &a[]`.
template <class T>
class aref {
 public:
  using value_type = T;
  aref(arr<T> &whole) : whole_(&whole) {}
  template <int N>
  aref(farr<T, N> &fixed) : fixed_(fixed.cells), size_(N) {}
  int size() const { return whole_ != nullptr ? whole_->size() : size_; }
  T *begin() const { return whole_ != nullptr ? whole_->begin() : fixed_; }
  int resize(int size, int reserve) const {
    if (whole_ != nullptr) return whole_->resize(size, reserve);
    shim::fail(shim::error_array_resize);
    return -1;
  }
  bool dynamic() const { return whole_ != nullptr; }
  template <class I>
  T &operator[](I index) const { return begin()[shim::checked(index, size())]; }

 private:
  arr<T> *whole_ = nullptr;
  T *fixed_ = nullptr;
  int size_ = 0;
};

/// `const T &a[]`.
template <class T>
class cref {
 public:
  using value_type = T;
  cref(const arr<T> &whole) : whole_(&whole) {}
  template <int N>
  cref(const farr<T, N> &fixed) : fixed_(fixed.cells), size_(N) {}
  cref(const aref<T> &other) : fixed_(other.begin()), size_(other.size()) {}
  int size() const { return whole_ != nullptr ? whole_->size() : size_; }
  const T *begin() const { return whole_ != nullptr ? whole_->begin() : fixed_; }
  bool dynamic() const { return whole_ != nullptr; }
  template <class I>
  const T &operator[](I index) const { return begin()[shim::checked(index, size())]; }

 private:
  const arr<T> *whole_ = nullptr;
  const T *fixed_ = nullptr;
  int size_ = 0;
};

namespace shim {

template <class A>
concept readable_array = requires(const std::remove_cvref_t<A> &a) {
  typename std::remove_cvref_t<A>::value_type;
  { a.size() } -> std::same_as<int>;
  a.begin();
  a[0];
};
template <class A>
concept writable_array = readable_array<A> && requires(A &a) { a.resize(0, 0); };
template <class A>
using element = typename std::remove_cvref_t<A>::value_type;
template <class A>
concept byte_array = readable_array<A> && (std::is_same_v<element<A>, char> || std::is_same_v<element<A>, unsigned char>);

/// How many of `size` lie from `start`, at most `count` (negative: all).
inline int span(int size, int start, int count) {
  if (start < 0 || start > size) return -1;
  return count < 0 ? size - start : std::min(count, size - start);
}

template <class A>
void grow_to(A &array, int size) {
  if (array.size() < size && array.dynamic()) array.resize(size, 0);
}

}  // namespace shim

template <shim::readable_array A>
int ArraySize(const A &array) { return array.size(); }
template <shim::readable_array A>
bool ArrayIsDynamic(const A &array) { return array.dynamic(); }
template <shim::writable_array A>
int ArrayResize(A &array, int size, int reserve = 0) { return array.resize(size, reserve); }
template <shim::writable_array A>
void ArrayFree(A &array) { array.resize(0, 0); }
template <shim::writable_array A, class V>
int ArrayInitialize(A &array, V value) {
  std::fill_n(array.begin(), array.size(), static_cast<shim::element<A>>(value));
  return array.size();
}
template <shim::writable_array A, class V>
void ArrayFill(A &array, int start, int count, V value) {
  if (start < 0 || count < 0 || start + count > array.size()) shim::critical("array out of range in ArrayFill");
  std::fill_n(array.begin() + start, count, static_cast<shim::element<A>>(value));
}

template <shim::writable_array A, shim::readable_array B>
int ArrayCopy(A &&to, const B &from, int to_start = 0, int from_start = 0, int count = WHOLE_ARRAY) {
  int moved = shim::span(from.size(), from_start, count);
  if (moved < 0 || to_start < 0) { shim::fail(shim::error_array_range); return -1; }
  std::vector<shim::element<A>> between(from.begin() + from_start, from.begin() + from_start + moved);
  shim::grow_to(to, to_start + moved);
  moved = std::min(moved, std::max(0, to.size() - to_start));
  std::copy_n(between.begin(), moved, to.begin() + to_start);
  return moved;
}

template <shim::writable_array A>
bool ArrayRemove(A &array, uint start, uint count = static_cast<uint>(WHOLE_ARRAY)) {
  const int from = static_cast<int>(start);
  const int moved = shim::span(array.size(), from, static_cast<int>(count));
  if (moved < 0) return shim::fail(shim::error_array_range);
  std::move(array.begin() + from + moved, array.begin() + array.size(), array.begin() + from);
  return array.resize(array.size() - moved, 0) >= 0;
}

template <shim::writable_array A, shim::readable_array B>
bool ArrayInsert(A &to, const B &from, uint to_start, uint from_start = 0, uint count = static_cast<uint>(WHOLE_ARRAY)) {
  const int at = static_cast<int>(to_start);
  const int added = shim::span(from.size(), static_cast<int>(from_start), static_cast<int>(count));
  if (added < 0 || at > to.size()) return shim::fail(shim::error_array_range);
  std::vector<shim::element<A>> between(from.begin() + from_start, from.begin() + from_start + added);
  const int before = to.size();
  if (to.resize(before + added, 0) < 0) return false;
  std::move_backward(to.begin() + at, to.begin() + before, to.begin() + before + added);
  std::copy(between.begin(), between.end(), to.begin() + at);
  return true;
}

template <shim::writable_array A>
bool ArraySort(A &array) {
  std::sort(array.begin(), array.begin() + array.size());
  return true;
}
template <shim::writable_array A>
bool ArrayReverse(A &array, uint start = 0, uint count = static_cast<uint>(WHOLE_ARRAY)) {
  const int turned = shim::span(array.size(), static_cast<int>(start), static_cast<int>(count));
  if (turned < 0) return shim::fail(shim::error_array_range);
  std::reverse(array.begin() + start, array.begin() + start + turned);
  return true;
}
template <shim::writable_array A, shim::writable_array B>
bool ArraySwap(A &one, B &other) {
  std::swap(one, other);
  return true;
}
template <shim::readable_array A>
int ArrayMaximum(const A &array, int start = 0, int count = WHOLE_ARRAY) {
  const int seen = shim::span(array.size(), start, count);
  return seen <= 0 ? -1 : static_cast<int>(std::max_element(array.begin() + start, array.begin() + start + seen) - array.begin());
}
template <shim::readable_array A>
int ArrayMinimum(const A &array, int start = 0, int count = WHOLE_ARRAY) {
  const int seen = shim::span(array.size(), start, count);
  return seen <= 0 ? -1 : static_cast<int>(std::min_element(array.begin() + start, array.begin() + start + seen) - array.begin());
}

/// Zeros a variable: strings become NULL, dynamic arrays empty.
template <class T>
void ZeroMemory(T &variable) {
  if constexpr (std::is_trivially_copyable_v<T>) std::memset(static_cast<void *>(&variable), 0, sizeof(T));
  else variable = T{};
}
