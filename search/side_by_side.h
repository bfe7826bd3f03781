// Searches of several questions, written one by one as if each were alone, whose evaluations go to the evaluator together:
// programs of several questions then share the passes of their decoding (src/llm/joint_decoder.h).
#pragma once

#include <cstddef>
#include <functional>

#include "evaluation/evaluator.h"

namespace polar {

// Calls search(i, evaluator) for i = 0 … count-1, each on a thread of its own that runs only while no other does anything
// but wait for evaluations: what they ask is evaluated by the calling thread once every search waits or is done. Rethrows
// what a search threw, the lowest i first; what `evaluator` throws is thrown to all searches that wait for it. Where the system gives too few threads, throws
// its std::system_error once the searches that had begun have ended.
void searchSideBySide(std::size_t count, const ProgramEvaluator& evaluator,
                      const std::function<void(std::size_t, const ProgramEvaluator&)>& search);

}  // namespace polar
