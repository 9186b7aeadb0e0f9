// CryptEncode for SHA-256 (FIPS 180-4). Other methods are refused: no expert here needs them.
#pragma once
#include "array.hpp"
#include <array>
#include <bit>

enum ENUM_CRYPT_METHOD : int {
  CRYPT_BASE64, CRYPT_AES128, CRYPT_AES256, CRYPT_DES, CRYPT_HASH_SHA1, CRYPT_HASH_SHA256, CRYPT_HASH_MD5, CRYPT_ARCH_ZIP
};

namespace shim {

/// The first 32 bits of the fractional parts of the cube (power 3) or square roots of the first primes, as the standard defines.
template <size_t N>
constexpr std::array<uint32_t, N> root_fractions(int power) {
  std::array<uint32_t, N> out{};
  unsigned prime = 2;
  for (size_t found = 0; found < N; ++prime) {
    bool is_prime = true;
    for (unsigned by = 2; by * by <= prime; ++by) is_prime = is_prime && prime % by != 0;
    if (!is_prime) continue;
    // The largest r with r^power <= prime * 2^(32 * power), bit by bit; its low 32 bits are the fraction.
    unsigned __int128 root = 0;
    for (int bit = 36; bit >= 0; --bit) {
      const unsigned __int128 guess = root | (static_cast<unsigned __int128>(1) << bit);
      const unsigned __int128 square = guess * guess;
      const bool fits = power == 2 ? square <= static_cast<unsigned __int128>(prime) << 64
                                   : square <= (static_cast<unsigned __int128>(prime) << 96) / guess;
      if (fits) root = guess;
    }
    out[found++] = static_cast<uint32_t>(root);
  }
  return out;
}

class sha256 {
 public:
  static std::array<unsigned char, 32> of(const std::string &message) {
    std::string padded = message + static_cast<char>(0x80);
    while (padded.size() % 64 != 56) padded += '\0';
    const uint64_t bits = static_cast<uint64_t>(message.size()) * 8;
    for (int shift = 56; shift >= 0; shift -= 8) padded += static_cast<char>((bits >> shift) & 0xFF);
    sha256 hash;
    for (size_t at = 0; at < padded.size(); at += 64) hash.block(padded.data() + at);
    std::array<unsigned char, 32> out{};
    for (size_t i = 0; i < 32; ++i) out[i] = static_cast<unsigned char>(hash.state_[i / 4] >> (24 - 8 * (i % 4)));
    return out;
  }

 private:
  void block(const char *bytes) {
    static constexpr auto constants = root_fractions<64>(3);
    std::array<uint32_t, 64> w{};
    for (size_t i = 0; i < 64; ++i) w[i / 4] = (w[i / 4] << 8) | static_cast<unsigned char>(bytes[i]);
    for (size_t i = 16; i < 64; ++i) {
      const uint32_t small0 = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ (w[i - 15] >> 3);
      const uint32_t small1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ (w[i - 2] >> 10);
      w[i] = w[i - 16] + small0 + w[i - 7] + small1;
    }
    std::array<uint32_t, 8> s = state_;
    for (size_t i = 0; i < 64; ++i) {
      const uint32_t big1 = std::rotr(s[4], 6) ^ std::rotr(s[4], 11) ^ std::rotr(s[4], 25);
      const uint32_t first = s[7] + big1 + ((s[4] & s[5]) ^ (~s[4] & s[6])) + constants[i] + w[i];
      const uint32_t big0 = std::rotr(s[0], 2) ^ std::rotr(s[0], 13) ^ std::rotr(s[0], 22);
      const uint32_t second = big0 + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
      s = {first + second, s[0], s[1], s[2], s[3] + first, s[4], s[5], s[6]};
    }
    for (size_t i = 0; i < 8; ++i) state_[i] += s[i];
  }
  std::array<uint32_t, 8> state_ = root_fractions<8>(2);
};

template <readable_array A>
std::string bytes_of(const A &array) {
  std::string out;
  for (int i = 0; i < array.size(); ++i) out += static_cast<char>(array[i]);
  return out;
}

}  // namespace shim

template <shim::readable_array A, shim::readable_array K, shim::writable_array R>
  requires shim::byte_array<A> && shim::byte_array<K> && shim::byte_array<R>
int CryptEncode(ENUM_CRYPT_METHOD method, const A &bytes, const K &, R &&result) {
  if (method != CRYPT_HASH_SHA256) { shim::fail(4003); return 0; }
  const auto digest = shim::sha256::of(shim::bytes_of(bytes));
  result.resize(static_cast<int>(digest.size()), 0);
  for (size_t i = 0; i < digest.size(); ++i) result[static_cast<int>(i)] = static_cast<shim::element<R>>(digest[i]);
  return result.size();
}
