// The finished questions of a set that is being evaluated: a stop or a kill costs only those in hand.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <vector>

#include "data/example.h"
#include "eval/evaluation_table.h"
#include "support/appended_lines.h"

namespace polar {

// A file of one JSON line a question, in the order in which they were finished: its place in the set, and a row a policy.
class SetJournal {
 public:
  // Takes over what an earlier call left in `file`, but for a line that a kill cut off. InputError where the file is of
  // another set or other policies, or cannot be written.
  SetJournal(const std::filesystem::path& file, const std::vector<Example>& examples, std::size_t policies);

  // Place in the set → a row a policy.
  const std::map<std::size_t, std::vector<Row>>& taken() const { return taken_; }

  // Thread-safe.
  void add(std::size_t place, const std::vector<Row>& rows);

 private:
  AppendedLines lines_;
  std::map<std::size_t, std::vector<Row>> taken_;
  std::mutex mutex_;
};

}  // namespace polar
