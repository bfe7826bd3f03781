// Programs by how often they are right on labelled questions.
#pragma once

#include <vector>

#include "program/program.h"
#include "store/label_store.h"

namespace polar {

// Programs that were run greedily on every one of the examples: by share right, then fewer executed layers, then text
// form. Empty where there is no example or no program was run on all.
std::vector<Program> rankPrograms(const std::vector<ExampleLabels>& labels);

}  // namespace polar
