#include "llm/attention.h"

#include <array>

namespace polar {

std::span<const AttentionWay> attentionWays() {
  static constexpr auto everywhere = [](const ModelConfig&, const at::TensorOptions&) { return true; };
  static constexpr std::array ways{AttentionWay{"blocks", attendInBlocks, canAttendInBlocks},
                                   AttentionWay{"flash", attendByFlash, canAttendByFlash},
                                   AttentionWay{"tiles", attendInTiles, everywhere}};
  return ways;
}

}  // namespace polar
