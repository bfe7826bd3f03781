// Label files of earlier searches, checked and ready to answer: what runtime.reuse names, and a run's own.
#pragma once

#include <filesystem>
#include <memory>

#include "search/stored_evaluations.h"
#include "stages/session.h"

namespace polar {

// Reads the config's files. Each must agree with `own` in what evaluations depend on, and a few of its labels are run
// again: InputError where this machine and this version do not give the same bits. Empty where the config names none.
std::shared_ptr<StoredEvaluations> loadReusable(const Session& session, const LabelProvenance& own);

// For an evaluation: the config's files, and the labels of the test questions, which the oracle's search left in
// `oracle` (none where there is no such file). Those are not used, and a line says so, where they would come out
// otherwise here. `own`: of the run's labels.
std::shared_ptr<StoredEvaluations> loadReusableForTest(const Session& session, const LabelProvenance& own,
                                                       const std::filesystem::path& oracle);

}  // namespace polar
