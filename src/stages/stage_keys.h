// The values that a stage's output is a function of (StageRecord), and their digest.
#pragma once

#include <map>
#include <string>

#include "stages/session.h"

namespace polar {

using StageKeys = std::map<std::string, std::string>;

// The questions of a set, whose order counts.
std::string questionsDigest(const LoadedSet& set);

// The config's keys up to a stage, and what they do not say: "(weights)", "(tokenizer)", "(grader)", "(questions)",
// "(prompt)", "(menu)".
StageKeys sharedKeys(const Session& session, Stage stage, const std::string& questions);

std::string digest(const StageKeys& keys);

}  // namespace polar
