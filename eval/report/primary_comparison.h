// The one comparison that was named before the evaluation.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "eval/report/pooled_summary.h"

namespace polar {

// The policy `variant` ("value@price=0.2") against the standard program on the questions of
// all sets together, its seeds pooled: one test. Of the sets that `names` lists, where it
// lists any. `set` says which they are. None where `variant` is empty, or no set ran both.
std::optional<PooledSummary> primaryComparison(const std::vector<SetResult>& sets, const std::string& variant,
                                               const std::vector<std::string>& names, double confidence);

// In a sentence, without its heading.
std::string inWords(const PooledSummary& primary, double confidence);

}  // namespace polar
