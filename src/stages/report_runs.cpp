#include "stages/report_runs.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

#include "stages/eval_stage.h"
#include "support/error.h"

namespace polar {
namespace {

namespace fs = std::filesystem;

std::string textOf(const YAML::Node& node) {
  if (node.IsNull()) return "(empty)";
  if (node.IsScalar()) return node.Scalar().empty() ? "(empty)" : node.Scalar();
  std::string text;
  for (const YAML::Node& item : node) text += (text.empty() ? "" : ", ") + textOf(item);
  return "[" + text + "]";
}

// "data.ood[0].path" → its text; a list of plain values is one value.
void flatten(const YAML::Node& node, const std::string& name, std::map<std::string, std::string>& keys) {
  const bool ofGroups = node.IsSequence() && node.size() > 0 && !node[0].IsScalar();
  if (node.IsMap()) {
    for (const auto& member : node)
      flatten(member.second, name + (name.empty() ? "" : ".") + member.first.Scalar(), keys);
  } else if (ofGroups) {
    for (std::size_t i = 0; i < node.size(); ++i) flatten(node[i], name + "[" + std::to_string(i) + "]", keys);
  } else {
    keys[name] = textOf(node);
  }
}

// A policy that was added, and whose evaluation was stopped, has rows of some sets alone.
void requirePolicies(const SetResult& set, const fs::path& file, const std::vector<PolicyVariant>& wanted) {
  for (const PolicyVariant& variant : wanted)
    if (std::ranges::find(set.policies, variant.name, &PolicyResult::policy) == set.policies.end())
      throw InputError(file.string(), "no rows of policy " + variant.name, "those of every policy of the run's config",
                       "run polar eval with this run's config first");
}

}  // namespace

std::string folderName(const std::string& folder) {
  const fs::path path = fs::path(folder).lexically_normal();
  return (path.has_filename() ? path : path.parent_path()).filename().string();
}

std::vector<SetResult> readSets(const ExperimentConfig& config, const RunPaths& paths) {
  std::vector<SetResult> results;
  for (const DatasetSettings& set : testSets(config.data)) {
    const fs::path file = paths.eval / (set.name + ".json");
    if (!fs::exists(file))
      throw InputError(file.string(), "no such file", "the finished evaluation of set " + set.name,
                       "run polar eval with this run's config first");
    results.push_back(readSetResult(file));
    requirePolicies(results.back(), file, evaluatedPolicies(config, results.size() == 1));
  }
  return results;
}

ExperimentConfig readRunConfig(const RunPaths& paths) {
  if (!fs::exists(paths.config))
    throw InputError(paths.run.string(), "no config.yaml", "the folder of a run", "start one with polar run CONFIG");
  return loadExperiment(paths.config);
}

std::vector<ComparedRun> readRuns(const std::vector<std::string>& folders) {
  std::set<fs::path> places;
  std::set<std::string> names;
  for (const std::string& folder : folders) {
    if (!places.insert(fs::weakly_canonical(folder)).second)
      throw InputError("report", "the run " + folder + " twice", "different runs", "leave one out");
    names.insert(folderName(folder));
  }
  std::vector<ComparedRun> runs;
  for (const std::string& folder : folders) {
    const RunPaths paths{fs::path(folder)};
    const ExperimentConfig config = readRunConfig(paths);
    ComparedRun run{names.size() == folders.size() ? folderName(folder) : folder, {}, readSets(config, paths)};
    flatten(YAML::Load(resolvedYaml(config)), "", run.keys);  // our own text: it parses
    run.keys.erase("name");
    runs.push_back(std::move(run));
  }
  return runs;
}

}  // namespace polar
