#include "weights/quantization.h"

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

// Value i of a 5-bit block of 32: a nibble, and above it bit i of the 32 high bits.
int fiveBits(const std::byte* nibbles, std::uint32_t high, int i) {
  return nibble(nibbles[i % 16], i >= 16) | static_cast<int>(high >> i & 1u) << 4;
}

void q5_0(const std::byte* block, float* out) {
  const float scale = half(block);
  const auto high = load<std::uint32_t>(block + 2);
  for (int i = 0; i < 32; ++i) out[i] = static_cast<float>(fiveBits(block + 6, high, i) - 16) * scale;
}

void q5_1(const std::byte* block, float* out) {
  const float scale = half(block), minimum = half(block + 2);
  const auto high = load<std::uint32_t>(block + 4);
  for (int i = 0; i < 32; ++i) out[i] = static_cast<float>(fiveBits(block + 8, high, i)) * scale + minimum;
}

// The 6-bit scale and minimum of group i of 8, packed into 12 bytes: groups 4 … 7 keep their upper two bits above those
// of groups 0 … 3.
struct ScaleMinimum {
  int scale, minimum;
};
ScaleMinimum groupScale(const std::byte* packed, int i) {
  const auto at = [packed](int index) { return std::to_integer<int>(packed[index]); };
  if (i < 4) return {at(i) & 63, at(i + 4) & 63};
  return {(at(i + 4) & 15) | at(i - 4) >> 6 << 4, at(i + 4) >> 4 | at(i) >> 6 << 4};
}

// 256 values in 8 groups of 32; two groups share 32 bytes, the first in the low nibbles. `high`: the fifth bits, bit g
// of byte i for value i of group g, or nullptr.
void groupsOf32(const std::byte* block, const std::byte* high, const std::byte* nibbles, float* out) {
  const float scale = half(block), minimum = half(block + 2);
  for (int group = 0; group < 8; ++group) {
    const ScaleMinimum packed = groupScale(block + 4, group);
    const float d = scale * static_cast<float>(packed.scale), m = minimum * static_cast<float>(packed.minimum);
    for (int i = 0; i < 32; ++i) {
      const int fifth = high ? std::to_integer<int>(high[i] >> group & std::byte{1}) << 4 : 0;
      out[32 * group + i] = d * static_cast<float>(nibble(nibbles[32 * (group / 2) + i], group % 2 == 1) | fifth) - m;
    }
  }
}

void q4_k(const std::byte* block, float* out) { groupsOf32(block, nullptr, block + 16, out); }
void q5_k(const std::byte* block, float* out) { groupsOf32(block, block + 16, block + 48, out); }

// Two halves of 128 values: 64 bytes of low nibbles, 32 bytes of upper bit pairs and 8 scales each.
void q6_k(const std::byte* block, float* out) {
  const float scale = half(block + 208);
  for (int i = 0; i < 256; ++i) {
    const int part = i / 128, quarter = i % 128 / 32, column = i % 32;
    const int low = nibble(block[64 * part + 32 * (quarter % 2) + column], quarter >= 2);
    const int high = std::to_integer<int>(block[128 + 32 * part + column] >> (2 * quarter) & std::byte{3});
    const auto groupFactor = load<std::int8_t>(block + 192 + i / 16);
    out[i] = scale * static_cast<float>(groupFactor) * static_cast<float>((low | high << 4) - 32);
  }
}

constexpr std::array kFormats{
    BlockFormat{0, "F32", 1, 4, f32},        BlockFormat{1, "F16", 1, 2, f16},
    BlockFormat{2, "Q4_0", 32, 18, q4_0},    BlockFormat{3, "Q4_1", 32, 20, q4_1},
    BlockFormat{6, "Q5_0", 32, 22, q5_0},    BlockFormat{7, "Q5_1", 32, 24, q5_1},
    BlockFormat{8, "Q8_0", 32, 34, q8_0},    BlockFormat{12, "Q4_K", 256, 144, q4_k},
    BlockFormat{13, "Q5_K", 256, 176, q5_k}, BlockFormat{14, "Q6_K", 256, 210, q6_k},
    BlockFormat{30, "BF16", 1, 2, bf16},
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
