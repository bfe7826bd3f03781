// The block formats of GGUF tensors, dequantised to fp32 (ggml-quants.c is the definition of the layouts).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace polar {

struct BlockFormat {
  std::uint32_t type;                                      // ggml_type
  const char* name;                                        // "Q4_1"
  std::size_t blockValues;                                 // values in a block
  std::size_t blockBytes;                                  // bytes of a block
  void (*dequantize)(const std::byte* block, float* out);  // one block
};

// nullptr for a type we do not read.
const BlockFormat* blockFormat(std::uint32_t type);
// "F32, F16, Q8_0, …": for the error message.
std::string blockFormatNames();

float halfToFloat(std::uint16_t half);
float bfloatToFloat(std::uint16_t bits);

}  // namespace polar
