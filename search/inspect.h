// The content of labels as text: `polar inspect FILE.h5`.
#pragma once

#include <optional>
#include <string>

#include "store/label_store.h"

namespace polar {

// Counts; the share of questions with a right program, in all and by level; lengths of valid programs; the ten programs
// valid on most examples; with an id, every program of that example. Temperature samples are counted, but they are not
// programs of the search.
// InputError where no example has the id.
std::string inspectLabels(const LabelFile& labels, const std::optional<std::string>& exampleId);

}  // namespace polar
