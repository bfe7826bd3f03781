// runtime.reuse: label files of earlier searches, checked and ready to answer.
#pragma once

#include <memory>

#include "search/stored_evaluations.h"
#include "stages/session.h"

namespace polar {

// Reads the config's files. Each must agree with `own` in what evaluations depend on, and a few of its labels are run
// again: InputError where this machine and this version do not give the same bits. Empty where the config names none.
std::shared_ptr<const StoredEvaluations> loadReusable(const Session& session, const LabelProvenance& own);

}  // namespace polar
