// What choosing and prefill of an answer cost: what is run over the prompt counts once, whoever reads it.
#pragma once

#include <cstdint>
#include <vector>

#include "eval/policy.h"

namespace polar {

struct PromptCost {
  std::int64_t prefill = 0;   // of the answer's programs together: layers that they begin with alike once
  std::int64_t choosing = 0;  // layers read to choose that none of them begins with, and what else was read
};

// In layer-tokens. programs: of all runs that the answer takes.
PromptCost promptCost(const Policy& policy, const Example& example, std::vector<Program> programs,
                      std::int64_t promptTokens);

}  // namespace polar
