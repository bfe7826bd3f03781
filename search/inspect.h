// What labels hold, as text: `polar inspect FILE.h5`.
#pragma once

#include <optional>
#include <string>

#include "store/label_store.h"

namespace polar {

// Counts, found share overall and per level, lengths of valid programs, the ten programs valid on most examples; and,
// with an id, every program of that example. Temperature samples are counted but are not programs of the search.
// InputError where no example has the id.
std::string inspectLabels(const LabelFile& labels, const std::optional<std::string>& exampleId);

}  // namespace polar
