// Searches of several questions on one thread, whose evaluations go to the evaluator together: programs of several
// questions then share the passes of their decoding (src/llm/joint_decoder.h).
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "evaluation/evaluator.h"
#include "search/example_search.h"

namespace polar {

// Runs all to their end: asks each, evaluates what they want in one call, answers each, and so on. Calls finished(i)
// once, as soon as search i is done. What `evaluator` or a search throws reaches the caller.
void searchSideBySide(std::span<ExampleSearch> searches, const ProgramEvaluator& evaluator,
                      const std::function<void(std::size_t)>& finished = {});

}  // namespace polar
