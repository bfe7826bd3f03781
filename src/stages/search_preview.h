// What a search will ask, before it is run: its strategy is bookkeeping, so it is asked with made-up verdicts.
#pragma once

#include <cstddef>
#include <vector>

#include "data/example.h"
#include "stages/session.h"

namespace polar {

struct SearchPreview {
  std::size_t questions = 0;  // asked: up to 200
  double programs = 0;        // mean of a question, the standard program included; samples not
  std::size_t common = 0;     // programs that every one of them was asked to run, the standard one included
};

SearchPreview previewSearch(const Session& session, const std::vector<Example>& examples);

}  // namespace polar
