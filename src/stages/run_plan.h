// What an experiment needs and what it takes, before hours are spent on it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "stages/search_preview.h"
#include "stages/session.h"

namespace polar {

// The input of all stages, read once.
struct RunPlan {
  LoadedSet train;
  std::vector<LoadedSet> tests;  // in distribution first
  SearchPreview preview;
};

// Reads the sets. InputError on what a later stage than the search would refuse, as far as it can be
// known now: no train question, a policy that needs programs run on every question where the search
// runs none such, layers that the model does not have, an embedding model that is not there.
RunPlan planRun(const Session& session);

// One line a stage with what it assumes, and a last one with the total.
// `secondsEach`: of one evaluation of the standard program, alone.
std::vector<std::pair<std::string, std::string>> estimates(const Session& session, const RunPlan& plan,
                                                           double secondsEach);

}  // namespace polar
