// Math*, NormalizeDouble, and the pseudo-random numbers of MQL5 (0…32767).
#pragma once
#include "text.hpp"
#include <cfloat>
#include <climits>
#include <cmath>

inline constexpr double EMPTY_VALUE = DBL_MAX;
inline constexpr int EMPTY = -1;

inline bool MathIsValidNumber(double value) { return std::isfinite(value); }
template <shim::number T>
T MathAbs(T value) { return value < T(0) ? static_cast<T>(-value) : value; }
template <shim::number A, shim::number B>
std::common_type_t<A, B> MathMax(A one, B other) {
  using C = std::common_type_t<A, B>;
  return static_cast<C>(one) < static_cast<C>(other) ? static_cast<C>(other) : static_cast<C>(one);
}
template <shim::number A, shim::number B>
std::common_type_t<A, B> MathMin(A one, B other) {
  using C = std::common_type_t<A, B>;
  return static_cast<C>(other) < static_cast<C>(one) ? static_cast<C>(other) : static_cast<C>(one);
}
inline double MathFloor(double value) { return std::floor(value); }
inline double MathCeil(double value) { return std::ceil(value); }
inline double MathRound(double value) { return std::round(value); }
inline double MathPow(double base, double exponent) { return std::pow(base, exponent); }
inline double MathSqrt(double value) { return std::sqrt(value); }
inline double MathMod(double value, double by) { return std::fmod(value, by); }
inline double MathExp(double value) { return std::exp(value); }
inline double MathLog(double value) { return std::log(value); }
inline double MathLog10(double value) { return std::log10(value); }

inline double NormalizeDouble(double value, int digits) {
  const double scale = std::pow(10.0, digits);
  return std::isfinite(value) ? std::round(value * scale) / scale : value;
}

namespace shim {
inline uint &random_state() {
  static uint state = 1;
  return state;
}
}  // namespace shim

inline void MathSrand(int seed) { shim::random_state() = static_cast<uint>(seed); }
inline int MathRand() {
  uint &state = shim::random_state();
  state = static_cast<uint>(static_cast<ulong>(state) * 214013UL + 2531011UL);
  return static_cast<int>((state >> 16) & 0x7FFFu);
}
