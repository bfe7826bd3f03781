// The finished questions of a set that is being evaluated: a stop or a kill costs only those in hand.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "data/example.h"
#include "eval/evaluation_table.h"
#include "eval/json_members.h"
#include "support/appended_lines.h"

namespace polar {

// A file of JSON lines. Each call starts with a header, what computes and the keys of its policies (PolicyResult::key):
//   {"origin": {…}, "policies": ["standard", …]}
// and adds a line a question, in the order in which they are finished: its place in the set, and a row for each of the
// header's policies, null where an earlier call had it:
//   {"place": 3, "rows": [{…}, null]}
class SetJournal {
 public:
  // Takes over the rows of `policies` that earlier calls left in `file`, whatever else they ran, but for
  // a line that a kill cut off. InputError where the file is of another set or cannot be written.
  SetJournal(const std::filesystem::path& file, const std::vector<Example>& examples,
             const std::vector<std::string>& policies, const Origin& origin);

  // For each policy, place in the set → its row.
  const std::vector<std::map<std::size_t, Row>>& taken() const { return taken_; }
  // Of all calls, this one's last; each once.
  const std::vector<Origin>& origins() const { return origins_; }

  // `ran`: places in the list of policies, of the rows. Thread-safe.
  void add(std::size_t place, const std::vector<std::size_t>& ran, const std::vector<Row>& rows);

 private:
  void takeRows(const Members& line, const std::vector<std::string>& header, const std::vector<Example>& examples,
                const std::vector<std::string>& policies);

  std::filesystem::path file_;
  AppendedLines lines_;
  std::size_t policies_;
  std::vector<std::map<std::size_t, Row>> taken_;
  std::vector<Origin> origins_;
  std::mutex mutex_;
};

}  // namespace polar
