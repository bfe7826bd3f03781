#include <map>
#include <set>
#include <sstream>

#include "store/label_file.h"
#include "store/label_parts.h"
#include "support/error.h"
#include "support/process_file.h"
#include "support/progress.h"

namespace polar {
namespace {

namespace fs = std::filesystem;

struct Located {
  ExampleLabels labels;
  fs::path part;
};

// Equal in every stored bit.
bool same(const ExampleLabels& a, const ExampleLabels& b, int depth) {
  const LabelColumns left = columnsOf({a}, depth), right = columnsOf({b}, depth);
  std::vector<std::string> bytes;
  for (const LabelColumns* columns : {&left, &right}) {
    std::string& all = bytes.emplace_back();
    visitColumns(*columns, [&](const char*, const auto& values, Rows) {
      using Value = typename std::decay_t<decltype(values)>::value_type;
      all += std::to_string(values.size()) + ":";
      for (const Value& value : values) {
        if constexpr (std::is_same_v<Value, std::string>)
          all += value + '\0';
        else
          all.append(reinterpret_cast<const char*>(&value), sizeof value);
      }
    });
  }
  return bytes[0] == bytes[1];
}

// Every example of the parts by id, and the provenance they share.
class Gathered {
 public:
  explicit Gathered(const fs::path& folder) {
    const std::vector<fs::path> parts = partsOf(folder);
    if (parts.empty())
      throw InputError(folder.string(), "no part-NNNNNN.h5", "the parts of a search", "run polar search first");
    for (const fs::path& part : parts) add(part);
    tellMachines(folder);
  }

  LabelProvenance provenance;
  std::map<std::string, Located> examples;

 private:
  void add(const fs::path& part) {
    LabelFile file = readLabels(part);
    if (first_.empty()) {
      provenance = file.provenance;
      first_ = part;
    } else if (file.provenance.fingerprint != provenance.fingerprint || file.provenance.depth != provenance.depth) {
      throw InputError(part.string(), "the fingerprint " + file.provenance.fingerprint,
                       provenance.fingerprint + ", as in " + first_.filename().string(),
                       "parts of two runs cannot be joined");
    }
    examplesOn_[file.provenance.computedOn] += file.examples.size();
    for (ExampleLabels& labels : file.examples) {
      const std::string id = labels.example.id;
      const auto [place, added] = examples.try_emplace(id, Located{{}, part});
      if (added)
        place->second.labels = std::move(labels);
      else if (!same(place->second.labels, labels, provenance.depth))
        throw InputError(part.string() + ": example '" + id + "'",
                         "other labels than in " + place->second.part.filename().string(),
                         "the same labels wherever an example was searched twice",
                         "one of the machines does not compute reproducibly; remove its part");
    }
  }

  // Processors and libraries may differ in the last bits; what was joined must say so.
  void tellMachines(const fs::path& folder) {
    std::set<std::string> machines;
    std::string text;
    for (const auto& [machine, count] : examplesOn_) {
      std::istringstream lines(machine);
      for (std::string line; std::getline(lines, line);) machines.insert(line);
      text += (text.empty() ? "" : "; ") + (machine.empty() ? std::string("a machine that is not named") : machine) +
              " (" + std::to_string(count) + " questions)";
    }
    provenance.computedOn.clear();
    for (const std::string& machine : machines)
      provenance.computedOn += (provenance.computedOn.empty() ? "" : "\n") + machine;
    if (examplesOn_.size() > 1) logLine(folder.string() + ": labels of unlike machines are joined: " + text);
  }

  fs::path first_;
  std::map<std::string, std::size_t> examplesOn_;  // by LabelProvenance::computedOn
};

std::vector<std::string> orderOf(const Gathered& gathered, const std::vector<std::string>& wanted,
                                 const fs::path& folder) {
  std::vector<std::string> order;
  for (const auto& [id, located] : gathered.examples)
    if (wanted.empty()) order.push_back(id);
  std::size_t missing = 0;
  std::string firstMissing;
  for (const std::string& id : wanted) {
    order.push_back(id);
    if (!gathered.examples.contains(id) && missing++ == 0) firstMissing = id;
  }
  if (missing > 0)
    throw InputError(folder.string(),
                     "no labels of " + std::to_string(missing) + " of " + std::to_string(wanted.size()) +
                         " examples (first: " + firstMissing + ")",
                     "labels of every example", "run polar search again: it goes on where it stopped");
  return order;
}

}  // namespace

void mergeParts(const fs::path& folder, const fs::path& output, const std::vector<std::string>& exampleIds) {
  Gathered gathered(folder);
  LabelFile merged{gathered.provenance, {}};
  for (const std::string& id : orderOf(gathered, exampleIds, folder))
    merged.examples.push_back(std::move(gathered.examples.at(id).labels));
  gathered.examples.clear();
  writeLabels(output, merged);
  // What killed writers and mergers left open holds nothing that is not in the parts.
  removeAbandoned(folder);
  removeAbandoned(output.has_parent_path() ? output.parent_path() : fs::path("."));
}

}  // namespace polar
