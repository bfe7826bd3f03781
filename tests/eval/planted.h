// Planted labels, results and a report with known numbers.
#pragma once

#include <string>
#include <vector>

#include "eval/report/report_sets.h"
#include "store/label_store.h"

namespace polar::testing {

// "" where `text` holds `part`, else the text: CHECK(without(error, "depth") == "") shows it on failure.
inline std::string without(const std::string& text, const std::string& part) {
  return text.find(part) == std::string::npos ? "'" + part + "' not in: " + text : "";
}

inline Example plantedExample(int i) {
  Example example;
  example.id = "planted/" + std::to_string(i);
  example.question = "What is " + std::to_string(i) + " + 1?";
  example.answer = std::to_string(i + 1);
  example.level = 1 + i % 3;
  return example;
}

inline LabelledProgram planted(const std::string& program, int depth, Verdict verdict,
                               const std::string& origin = "enumerate") {
  LabelledProgram labelled;
  labelled.program = Program::parse(program, depth);
  labelled.evaluation.verdict = verdict;
  labelled.evaluation.executed = labelled.program.executed();
  labelled.evaluation.unique = labelled.program.unique();
  labelled.origin = origin;
  return labelled;
}

inline Trial trial(const std::string& program, bool right, int depth) {
  const Program parsed = Program::parse(program, depth);
  return {program,
          right ? Verdict::right : Verdict::wrong,
          parsed.executed(),
          parsed.unique(),
          right ? "\\boxed{7}" : "\\boxed{8}",
          40 * parsed.executed(),
          5 * parsed.executed()};
}

// A policy that is right on example i where `rightAt(i)`, with `programs` in turn as its first choice.
template <typename RightAt>
PolicyResult plantedPolicy(const std::string& name, int n, bool levels, const std::vector<std::string>& programs,
                           std::size_t ranked, RightAt rightAt) {
  PolicyResult result{name, name == "oracle", {}};
  for (int i = 0; i < n; ++i) {
    Row row;
    row.exampleId = plantedExample(i).id;
    if (levels) row.level = plantedExample(i).level;
    row.choosingLayerTokens = name == "predictor" ? 12 : 0;
    for (std::size_t r = 0; r < ranked; ++r) {
      const std::string& program = programs[(static_cast<std::size_t>(i) + r) % programs.size()];
      row.trials.push_back(trial(program, rightAt(i + 5 * static_cast<int>(r)), 12));
    }
    result.rows.push_back(std::move(row));
  }
  return result;
}

// A policy that is right on question i where bit i of `bits` is '1'.
inline PolicyResult answered(const std::string& name, const std::string& bits) {
  return plantedPolicy(name, static_cast<int>(bits.size()), false, {"0-11"}, 1,
                       [&](int i) { return bits[static_cast<std::size_t>(i)] == '1'; });
}

inline SetResult plantedSet(const std::string& name, bool inDistribution, int n, int harder) {
  const std::vector<std::string> edits = {"0-11,10-11", "0-5,4-11", "0-3,5-11", "0-7,6-7,6-11", "1-11"};
  SetResult set{name, inDistribution, 12, n, {}};
  const bool levels = inDistribution;
  set.policies.push_back(
      plantedPolicy("standard", n, levels, {"0-11"}, 1, [&](int i) { return (7 * i) % 20 < 9 - harder; }));
  set.policies.push_back(
      plantedPolicy("random", n, levels, edits, 3, [&](int i) { return (7 * i) % 20 < 6 - harder; }));
  set.policies.push_back(plantedPolicy("static", n, levels, {"0-5,4-11", "0-11", "1-11"}, 3,
                                       [&](int i) { return (7 * i + 3) % 20 < 10 - harder; }));
  set.policies.push_back(plantedPolicy("predictor", n, levels, {"0-11", "0-5,4-11", "0-11", "0-3,5-11"}, 3,
                                       [&](int i) { return (7 * i) % 20 < 12 - harder; }));
  set.policies.push_back(
      plantedPolicy("oracle", n, levels, edits, 3, [&](int i) { return (7 * i) % 20 < 17 - harder; }));
  return set;
}

// Two layer prices of one policy, two seeds at each: one named so, the other by the record's members.
inline void addPrices(SetResult& set) {
  const int n = static_cast<int>(set.policies.front().rows.size());
  for (int seed = 1; seed <= 2; ++seed) {
    set.policies.push_back(plantedPolicy("value@price=0.1,seed=" + std::to_string(seed), n, false, {"0-11", "1-11"}, 2,
                                         [&](int i) { return (7 * i + seed) % 20 < 10; }));
    set.policies.push_back(plantedPolicy("value@cheap", n, false, {"0-3,5-11", "0-5,8-11"}, 2,
                                         [&](int i) { return (7 * i + seed) % 20 < 8; }));
    set.policies.back().seed = seed;
    set.policies.back().price = 2;
    for (Row& row : set.policies.back().rows) row.seconds = 0.25 * seed;
  }
}

// Questions 0 … n-1 with the standard program and three edits; every third is right by skipping layer 5 alone.
inline std::vector<ExampleLabels> plantedLabels(int n) {
  std::vector<ExampleLabels> labels;
  for (int i = 0; i < n; ++i) {
    ExampleLabels one;
    one.example = plantedExample(i);
    one.split = i % 5 == 0 ? "validation" : "train";
    const auto verdict = [](bool right) { return right ? Verdict::right : Verdict::wrong; };
    one.standardVerdict = verdict(i % 2 == 0);
    one.programs = {planted("0-11", 12, verdict(i % 2 == 0)), planted("0-4,6-11", 12, verdict(i % 3 == 0)),
                    planted("0-7,6-11", 12, verdict(i % 5 == 0)), planted("0-3,3-11", 12, verdict(i % 2 == 0)),
                    planted("0-11", 12, Verdict::right, "sample")};
    for (std::size_t order = 0; order < one.programs.size(); ++order)
      one.programs[order].order = static_cast<std::uint32_t>(order);
    labels.push_back(std::move(one));
  }
  return labels;
}

inline Report plantedReport() {
  Report report;
  report.title = "Planted <b>run</b> & co";
  report.description = "Numbers made up for a test; 100 % invented.";
  report.partial = true;
  report.partialReason = "60 of 120 test questions were run (data.test.limit).";
  std::vector<SetResult> sets = {plantedSet("test", true, 60, 0), plantedSet("ood_range", false, 40, 3)};
  addPrices(sets.front());
  sets.front().policies[6].settings = sets.front().policies[8].settings = "threshold 0.95, the best of 7";
  sets.front().leftOut = 3;
  sets.front().origins = {{"A processor, 2 cores", "2.13.0", "polar eval x.yaml"},
                          {"Another, 8 cores", "2.13.0", "polar eval x.yaml --shard 1/2"}};
  for (const SetResult& set : sets) {
    addSet(report, set);
    for (auto& fact : setFacts(set)) report.facts.push_back(std::move(fact));
  }
  report.findings = {{"Share solved by skip | loop | both", "20.0 < 30.5 < 41.0 %", "31.7 < 39.0 < 59.1 %"},
                     {"Right by the standard program, with a shorter valid program", "61.2 % (30 of 49)", "75.5 %"}};
  report.labels = labelStatistics(plantedLabels(24), 12);
  report.facts.insert(report.facts.begin(), {{"Model", "planted, 12 layers"}, {"Data", "\"planted\" <questions>"}});
  report.configYaml = "name: planted\nprompt:\n  template: \"<x> & 'y'\"\n";
  return report;
}

}  // namespace polar::testing
