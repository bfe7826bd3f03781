#include "eval/report/report_comparison.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "eval/report/figures.h"
#include "eval/report/number_text.h"
#include "eval/report/page.h"
#include "eval/report/report_tables.h"
#include "eval/report/table_json.h"
#include "support/files.h"

namespace polar {
namespace {

Table differingKeys(const std::vector<ComparedRun>& runs) {
  Table table{"Config keys that differ", {{"key", "Key"}}, {}};
  std::set<std::string> names;
  for (const ComparedRun& run : runs) {
    table.columns.push_back({run.name, run.name});
    for (const auto& [key, value] : run.keys) names.insert(key);
  }
  for (const std::string& name : names) {
    std::vector<std::string> row = {name};
    std::set<std::string> values;
    for (const ComparedRun& run : runs) {
      const auto found = run.keys.find(name);
      row.push_back(found == run.keys.end() ? "(absent)" : found->second);
      values.insert(row.back());
    }
    if (values.size() > 1) table.add(std::move(row));
  }
  return table;
}

Table emptyPairs(const std::string& first, double confidence) {
  const std::string interval = ", " + confidenceText(confidence) + " interval";
  return {"Paired comparison with " + first,
          {{"set", "Set"},
           {"policy", "Policy"},
           {"run", "Run"},
           {"n", "n", true},
           {"first_percent", "pass@1 %, " + first, true},
           {"first_interval", first + interval},
           {"run_percent", "pass@1 %, this run", true},
           {"run_interval", "this run" + interval},
           {"difference_points", "Δ points", true},
           {"difference_low", "Δ from", true},
           {"difference_high", "Δ to", true},
           {"gained", "Only this run right", true},
           {"lost", "Only " + first + " right", true},
           {"mcnemar_p", "McNemar p", true},
           {"p_holm", "p (Holm)", true},
           {"first_layer_tokens", "Layer-tokens, " + first, true},
           {"run_layer_tokens", "Layer-tokens, this run", true},
           {"first_layers", "Executed layers, " + first, true},
           {"run_layers", "Executed layers, this run", true}},
          {}};
}

// What the column p_holm holds until all tests are there, and for good where a policy uses the answer.
const std::string kUncorrected = "–";

// A policy of one set: its summary for labels and seeds, its rows for pairs.
struct Entry {
  Summary summary;
  const PolicyResult* result;
};

std::vector<Entry> entriesOf(const SetResult& set, double confidence) {
  std::vector<Summary> summaries = summarise(set, confidence);
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < summaries.size(); ++i) entries.push_back({std::move(summaries[i]), &set.policies[i]});
  return entries;
}

// The questions that both runs answered.
struct Paired {
  PairedCounts counts;  // A: the later run, B: the first
  double firstLayers = 0, runLayers = 0, firstTokens = 0, runTokens = 0;

  Paired(const PolicyResult& first, const PolicyResult& run) {
    std::map<std::string, const Row*> known;
    for (const Row& row : first.rows) known[row.exampleId] = &row;
    for (const Row& row : run.rows) {
      const auto found = known.find(row.exampleId);
      if (found == known.end()) continue;
      counts.add(firstRight(row), firstRight(*found->second));
      runLayers += row.trials.front().executed;
      firstLayers += found->second->trials.front().executed;
      runTokens += static_cast<double>(totalLayerTokens(row));
      firstTokens += static_cast<double>(totalLayerTokens(*found->second));
    }
    const double n = static_cast<double>(std::max<std::int64_t>(1, counts.all()));
    for (double* sum : {&firstLayers, &runLayers, &firstTokens, &runTokens}) *sum /= n;
  }
};

std::vector<std::string> pairCells(const Entry& entry, const std::string& run, const Paired& paired,
                                   double confidence) {
  const PairedCounts& counts = paired.counts;
  const auto share = [&](std::int64_t part) { return static_cast<double>(part) / static_cast<double>(counts.all()); };
  const std::int64_t first = counts.both + counts.onlyB, later = counts.both + counts.onlyA;
  const Interval difference = pairedDifference(counts, confidence);
  return {setLabel(entry.summary),
          policyLabel(entry.summary),
          run,
          std::to_string(counts.all()),
          percent(share(first)),
          percentInterval(wilson(first, counts.all(), confidence)),
          percent(share(later)),
          percentInterval(wilson(later, counts.all(), confidence)),
          points(share(counts.onlyA - counts.onlyB)),
          points(difference.low),
          points(difference.high),
          std::to_string(counts.onlyA),
          std::to_string(counts.onlyB),
          pValue(mcnemarExact(counts.onlyA, counts.onlyB)),
          kUncorrected,
          fixed(paired.firstTokens, 0),
          fixed(paired.runTokens, 0),
          fixed(paired.firstLayers, 2),
          fixed(paired.runLayers, 2)};
}

class Comparer {
 public:
  Comparer(const ComparedRun& first, RunComparison& comparison) : first_(first), comparison_(comparison) {}

  void add(const ComparedRun& run) {
    for (const SetResult& set : first_.sets) {
      const SetResult* other = sameSet(run, set);
      if (other)
        addSet(set, run.name, *other);
      else
        remark("set " + set.name + ": only " + first_.name + " ran it, " + run.name + " did not");
    }
    for (const SetResult& set : run.sets)
      if (!sameSet(first_, set))
        remark("set " + set.name + ": only " + run.name + " ran it, " + first_.name + " did not");
  }

  // When every run was added: p for all tests together.
  void correct() {
    std::vector<double> p;
    for (const auto& [row, value] : tests_) p.push_back(value);
    const std::vector<double> corrected = holm(p);
    const auto column = std::ranges::find(comparison_.pairs.columns, "p_holm", &Column::key);
    const auto place = static_cast<std::size_t>(column - comparison_.pairs.columns.begin());
    for (std::size_t i = 0; i < tests_.size(); ++i)
      comparison_.pairs.rows[tests_[i].first][place] = pValue(corrected[i]);
  }

 private:
  static const SetResult* sameSet(const ComparedRun& run, const SetResult& set) {
    const auto found = std::find_if(run.sets.begin(), run.sets.end(), [&](const SetResult& one) {
      return one.name == set.name && one.inDistribution == set.inDistribution;
    });
    return found == run.sets.end() ? nullptr : &*found;
  }

  static const Entry* samePolicy(const std::vector<Entry>& entries, const Entry& entry) {
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& one) {
      return policyLabel(one.summary) == policyLabel(entry.summary);
    });
    return found == entries.end() ? nullptr : &*found;
  }

  void addSet(const SetResult& set, const std::string& run, const SetResult& other) {
    remarkOrigins(run, set, other);
    const std::vector<Entry> entries = entriesOf(set, comparison_.confidence);
    const std::vector<Entry> others = entriesOf(other, comparison_.confidence);
    std::string onlyFirst, onlyRun;
    for (const Entry& entry : entries) {
      if (const Entry* same = samePolicy(others, entry))
        addPolicy(entry, run, *same);
      else
        onlyFirst += (onlyFirst.empty() ? "" : ", ") + policyLabel(entry.summary);
    }
    for (const Entry& entry : others)
      if (!samePolicy(entries, entry)) onlyRun += (onlyRun.empty() ? "" : ", ") + policyLabel(entry.summary);
    if (!onlyFirst.empty()) remark("set " + set.name + ": only " + first_.name + " ran " + onlyFirst);
    if (!onlyRun.empty()) remark("set " + set.name + ": only " + run + " ran " + onlyRun);
  }

  void addPolicy(const Entry& entry, const std::string& run, const Entry& other) {
    const Paired paired(*entry.result, *other.result);
    const std::string where = "set " + entry.summary.set + ", policy " + policyLabel(entry.summary);
    if (paired.counts.all() == 0) {
      remark(where + ": " + first_.name + " and " + run + " have no question in common");
      return;
    }
    const std::int64_t most = std::max(entry.summary.n, other.summary.n);
    if (paired.counts.all() < most)
      remark(where + ": " + std::to_string(paired.counts.all()) + " questions are in both runs (" + first_.name +
             " has " + std::to_string(entry.summary.n) + ", " + run + " has " + std::to_string(other.summary.n) +
             "); only those are compared");
    if (!entry.summary.usesAnswer)
      tests_.emplace_back(comparison_.pairs.rows.size(), mcnemarExact(paired.counts.onlyA, paired.counts.onlyB));
    comparison_.pairs.add(pairCells(entry, run, paired, comparison_.confidence));
  }

  void remarkOrigins(const std::string& run, const SetResult& set, const SetResult& other) {
    std::vector<Origin> both = set.origins;
    both.insert(both.end(), other.origins.begin(), other.origins.end());
    if (!sameMachines(both))
      remark("set " + set.name + ": " + first_.name + " and " + run +
             " were computed on unlike machines or by unlike "
             "libtorch versions, whose arithmetic may differ in the last bits");
    if (set.olderCounts != other.olderCounts)
      remark("set " + set.name + ": an earlier Polar counted the layer-tokens of " +
             (set.olderCounts ? first_.name : run) + ", the reference answer's among them; do not compare them");
    if (set.fullChoosing != other.fullChoosing)
      remark("set " + set.name + ": an earlier Polar counted all that choosing reads in " +
             (set.fullChoosing ? first_.name : run) + ", also layers that the chosen program begins with");
  }

  void remark(const std::string& text) { comparison_.remarks.push_back(text); }

  const ComparedRun& first_;
  RunComparison& comparison_;
  std::vector<std::pair<std::size_t, double>> tests_;  // row of pairs, p
};

std::string noteOf(const RunComparison& comparison) {
  const std::string& first = comparison.runs.front();
  return "Every run is compared with " + first +
         ", on the questions that both answered. Δ points: this run's share right "
         "minus " +
         first + "'s; its interval is Newcombe's for paired shares at " + confidenceText(comparison.confidence) +
         ", p is McNemar's exact two-sided one, shares have Wilson's intervals. p (Holm) holds for all lines together, "
         "by Holm's correction; those of policies that use the answer are not counted. Seeds of a policy answer the "
         "same questions: their lines are no experiments of their own.";
}

std::string pageOf(const RunComparison& comparison, const Figure& figure) {
  Page page(comparison.title);
  page.lead(noteOf(comparison));
  page.section("Paired comparison");
  if (comparison.pairs.rows.empty())
    page.paragraph("No set and policy of these runs can be paired.");
  else
    page.denseTable(comparison.pairs);
  page.notes(comparison.remarks);
  if (!figure.panels.empty()) page.figure(figure);
  page.section("Config keys that differ");
  if (comparison.keys.rows.empty())
    page.paragraph("None.");
  else
    page.proseTable(comparison.keys);
  return page.html();
}

}  // namespace

RunComparison compareRuns(const std::vector<ComparedRun>& runs, double confidence) {
  if (runs.size() < 2) throw std::logic_error("compareRuns: fewer than two runs");
  RunComparison comparison;
  comparison.confidence = confidence;
  for (const ComparedRun& run : runs) {
    comparison.title += (comparison.title.empty() ? "" : " and ") + run.name;
    comparison.runs.push_back(run.name);
  }
  comparison.keys = differingKeys(runs);
  comparison.pairs = emptyPairs(runs.front().name, confidence);
  Comparer comparer(runs.front(), comparison);
  for (std::size_t i = 1; i < runs.size(); ++i) comparer.add(runs[i]);
  comparer.correct();
  return comparison;
}

std::string markdownComparison(const RunComparison& comparison) {
  std::string text = "# " + escapeMarkdown(comparison.title) + "\n\n" + escapeMarkdown(noteOf(comparison)) + "\n\n";
  text +=
      comparison.pairs.rows.empty() ? "No set and policy of these runs can be paired.\n" : markdown(comparison.pairs);
  if (!comparison.remarks.empty()) text += '\n';
  for (const std::string& remark : comparison.remarks) text += "- " + escapeMarkdown(remark) + "\n";
  return text + "\n## Config keys that differ\n\n" +
         (comparison.keys.rows.empty() ? "None.\n" : markdown(comparison.keys));
}

void writeComparison(const std::filesystem::path& folder, const RunComparison& comparison) {
  requireWritableFolder(folder);
  const Figure figure = drawRunDifferences(comparison);
  Json json = {{"schema", 1}, {"title", comparison.title}, {"confidence", comparison.confidence}};
  json["runs"] = comparison.runs;
  json["pairs"] = tableJson(comparison.pairs);
  json["keys"] = tableJson(comparison.keys);
  json["remarks"] = comparison.remarks;
  writeFileAtomically(folder / "table.md", markdownComparison(comparison));
  writeFileAtomically(folder / "table.tex", tex(comparison.pairs));
  writeFileAtomically(folder / "table.csv", csv(comparison.pairs));
  writeFileAtomically(folder / "results.json", json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
  if (!figure.panels.empty()) writeFileAtomically(folder / (figure.name + ".vl.json"), figureFile(figure));
  writeFileAtomically(folder / "index.html", pageOf(comparison, figure));
}

}  // namespace polar
