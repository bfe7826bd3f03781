#include "eval/report/report_sets.h"

#include <algorithm>

#include "eval/report/pooled_summary.h"
#include "eval/report/report_tables.h"

namespace polar {
namespace {

std::string originText(const Origin& origin) {
  return origin.machine + "; libtorch " + origin.libtorch + "; " + origin.command;
}

void addTuned(Report& report, const PolicyResult& policy, const Summary& summary) {
  const TunedSetting tuned{policyLabel(summary), policy.settings};
  if (!policy.settings.empty() && std::ranges::find(report.tuned, tuned) == report.tuned.end())
    report.tuned.push_back(tuned);
}

void addRemarks(Report& report, const SetResult& set) {
  if (!sameMachines(set.origins))
    report.remarks.push_back("Set " + set.name +
                             ": parts were computed on unlike machines or by unlike libtorch "
                             "versions, whose arithmetic may differ in the last bits; “What was run” names them.");
  if (set.olderCounts)
    report.remarks.push_back("Set " + set.name +
                             ": an earlier Polar counted its layer-tokens, the reference answer's "
                             "tokens among them, and what several runs of an answer share for each of them; polar eval "
                             "--fresh counts anew.");
  if (set.fullChoosing)
    report.remarks.push_back("Set " + set.name +
                             ": an earlier Polar counted all that choosing reads, also layers that the chosen program "
                             "begins with; polar eval counts anew.");
}

}  // namespace

void addSet(Report& report, const SetResult& set) {
  std::vector<Summary> summaries = summarise(set, report.confidence);
  for (PooledSummary& pooled : poolSeeds(set, summaries, report.confidence)) report.pooled.push_back(std::move(pooled));
  for (std::size_t i = 0; i < summaries.size(); ++i) {
    addTuned(report, set.policies[i], summaries[i]);
    report.summaries.push_back(std::move(summaries[i]));
  }
  addRemarks(report, set);
}

std::vector<std::pair<std::string, std::string>> setFacts(const SetResult& set) {
  const std::size_t run = set.policies.empty() ? 0 : set.policies.front().rows.size();
  std::string questions = std::to_string(run) + " of " + std::to_string(set.available);
  if (set.leftOut > 0)
    questions +=
        ", " + std::to_string(set.leftOut) + (set.leftOut == 1 ? " near-duplicate" : " near-duplicates") + " left out";
  std::vector<std::pair<std::string, std::string>> facts = {{"questions of " + set.name, questions}};
  for (const Origin& origin : set.origins) facts.emplace_back(set.name + " was computed on", originText(origin));
  if (set.origins.empty()) facts.emplace_back(set.name + " was computed on", "not recorded");
  return facts;
}

}  // namespace polar
