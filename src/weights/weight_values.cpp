#include "weights/weight_values.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "support/error.h"

namespace polar {
namespace {

constexpr const char* kMend = "the file is damaged or was converted wrongly: fetch it again";
constexpr std::uint32_t kExponent = 0x7f800000;  // all ones in NaN and infinity alone

// A loop without a branch, which the compiler makes wide.
bool finite(std::span<const float> values) {
  std::uint32_t broken = 0;
  for (const float value : values) broken |= (std::bit_cast<std::uint32_t>(value) & kExponent) == kExponent;
  return broken == 0;
}

// F16 has five bits of exponent where BF16 has eight, so its values, read as BF16, lie
// eight times as many powers of two apart: a matrix whose largest value is seven times
// the middle one seems to hold 2^22 times it. Trained matrices reach some 2^10.
bool spreadLikeHalf(std::span<const float> values) {
  constexpr std::size_t kSample = 4096, kFewest = 256;
  constexpr float kMostSpread = 0x1p17f;
  float largest = 0;
  for (const float value : values) largest = std::max(largest, std::fabs(value));
  std::vector<float> sample;
  const std::size_t step = std::max<std::size_t>(1, values.size() / kSample);
  for (std::size_t i = 0; i < values.size(); i += step)
    if (values[i] != 0) sample.push_back(std::fabs(values[i]));
  if (sample.size() < kFewest) return false;
  const auto middle = sample.begin() + static_cast<std::ptrdiff_t>(sample.size() / 2);
  std::nth_element(sample.begin(), middle, sample.end());
  return largest / kMostSpread > *middle;
}

}  // namespace

void readWeights(const WeightFile& file, const std::string& name, std::span<float> out, const std::string& where) {
  file.read(name, out);
  const std::string place = where + ": tensor " + name;
  if (!finite(out)) {
    const auto first = std::find_if(out.begin(), out.end(), [](float value) { return !std::isfinite(value); });
    throw InputError(place, std::isnan(*first) ? "NaN among its values" : "infinity among its values", "numbers",
                     kMend);
  }
  if (file.type(name) == "BF16" && spreadLikeHalf(out))
    throw InputError(place, "values that lie further apart than weights do", "BF16 values; these look like F16", kMend);
}

}  // namespace polar
