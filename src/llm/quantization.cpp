#include "llm/quantization.h"

#include <array>
#include <bit>
#include <cstring>

namespace polar {
namespace {

template <typename T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

float half(const std::byte* from) { return halfToFloat(load<std::uint16_t>(from)); }
int nibble(std::byte byte, bool high) { return std::to_integer<int>(high ? byte >> 4 : byte & std::byte{15}); }

void f32(const std::byte* block, float* out) { *out = load<float>(block); }
void f16(const std::byte* block, float* out) { *out = half(block); }
void bf16(const std::byte* block, float* out) { *out = bfloatToFloat(load<std::uint16_t>(block)); }

// In all 4- and 5-bit blocks of 32, byte i holds value i in its low nibble and value i + 16 in its high one.
void q4_0(const std::byte* block, float* out) {
  const float scale = half(block);
  for (int i = 0; i < 16; ++i) {
    out[i] = static_cast<float>(nibble(block[2 + i], false) - 8) * scale;
    out[i + 16] = static_cast<float>(nibble(block[2 + i], true) - 8) * scale;
  }
}

void q4_1(const std::byte* block, float* out) {
  const float scale = half(block), minimum = half(block + 2);
  for (int i = 0; i < 16; ++i) {
    out[i] = static_cast<float>(nibble(block[4 + i], false)) * scale + minimum;
    out[i + 16] = static_cast<float>(nibble(block[4 + i], true)) * scale + minimum;
  }
}

void q8_0(const std::byte* block, float* out) {
  const float scale = half(block);
  for (int i = 0; i < 32; ++i) out[i] = static_cast<float>(load<std::int8_t>(block + 2 + i)) * scale;
}

constexpr std::array kFormats{
    BlockFormat{0, "F32", 1, 4, f32},     BlockFormat{1, "F16", 1, 2, f16},     BlockFormat{2, "Q4_0", 32, 18, q4_0},
    BlockFormat{3, "Q4_1", 32, 20, q4_1}, BlockFormat{8, "Q8_0", 32, 34, q8_0}, BlockFormat{30, "BF16", 1, 2, bf16},
};

}  // namespace

const BlockFormat* blockFormat(std::uint32_t type) {
  for (const BlockFormat& format : kFormats)
    if (format.type == type) return &format;
  return nullptr;
}

std::string blockFormatNames() {
  std::string text;
  for (const BlockFormat& format : kFormats) text += (text.empty() ? "" : ", ") + std::string(format.name);
  return text;
}

float bfloatToFloat(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

float halfToFloat(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000u) << 16;
  std::uint32_t exponent = bits >> 10 & 31u, fraction = bits & 1023u;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000u | fraction << 13);
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;  // subnormal or zero, exact in fp32
    return sign ? -magnitude : magnitude;
  }
  return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
}

}  // namespace polar
