// SetResult to JSON and back.
#include <algorithm>
#include <fstream>
#include <string_view>

#include "eval/evaluation_table.h"
#include "eval/origin_json.h"
#include "eval/row_json.h"
#include "support/error.h"
#include "support/files.h"
#include "support/json.h"

namespace polar {
namespace {

// 1: prefill counts the reference answer's tokens too, and shared prefixes once a run. 2: choosing counts all that it
// reads, also what the program begins with.
constexpr std::int64_t kResultSchema = 3;
constexpr const char* kMendResult = "polar eval with this run's config and --fresh writes it anew";
constexpr const char* kStart = "{\"schema\":";

PolicyResult readPolicy(const Members& members) {
  PolicyResult policy;
  policy.policy = members.text("policy");
  policy.usesAnswer = members.flag("uses_answer");
  policy.seed = members.wholeNumber("seed");
  policy.price = members.number("price");
  policy.key = members.textIfAny("key");
  policy.settings = members.textIfAny("settings");
  policy.rows = members.each("rows", readRow);
  return policy;
}

Json originsJson(const SetResult& set) {
  Json json = Json::array();
  for (const Origin& origin : set.origins) json.push_back(originJson(origin));
  return json;
}

std::string policiesText(const std::vector<PolicyResult>& policies) {
  std::string text;
  for (std::size_t p = 0; p < policies.size(); ++p) {
    const PolicyResult& policy = policies[p];
    text += std::string(p == 0 ? "\n" : ",\n") + "{\"policy\":" + jsonLine(policy.policy) +
            ",\"uses_answer\":" + (policy.usesAnswer ? "true" : "false") +
            (policy.seed ? ",\"seed\":" + std::to_string(*policy.seed) : "") +
            (policy.price ? ",\"price\":" + jsonLine(*policy.price) : "") +
            (policy.key.empty() ? "" : ",\"key\":" + jsonLine(policy.key)) +
            (policy.settings.empty() ? "" : ",\"settings\":" + jsonLine(policy.settings)) + ",\"rows\":[";
    for (std::size_t i = 0; i < policy.rows.size(); ++i)
      text += std::string(i == 0 ? "\n" : ",\n") + jsonLine(rowJson(policy.rows[i]));
    text += "]}";
  }
  return text;
}

bool readsToChoose(const SetResult& set) {
  return std::ranges::any_of(set.policies, [](const PolicyResult& policy) {
    return std::ranges::any_of(policy.rows, [](const Row& row) { return row.choosingLayerTokens > 0; });
  });
}

Json parseFile(const std::filesystem::path& file) {
  return parseJsonAs<Json>(readFile(file), file.string(), "results of polar eval", kMendResult);
}

}  // namespace

void writeSetResult(const std::filesystem::path& file, const SetResult& set) {
  const std::string text =
      kStart + std::to_string(kResultSchema) + ",\"set\":" + jsonLine(set.name) +
      ",\"in_distribution\":" + (set.inDistribution ? "true" : "false") + ",\"depth\":" + std::to_string(set.depth) +
      ",\"available\":" + std::to_string(set.available) + ",\"left_out\":" + std::to_string(set.leftOut) +
      ",\"origins\":" + jsonLine(originsJson(set)) + ",\"policies\":[" + policiesText(set.policies) + "]" +
      (set.aside.empty() ? "" : ",\"aside\":[" + policiesText(set.aside) + "]") + "}\n";
  writeFileAtomically(file, text);
}

bool isSetResult(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string start(std::string_view(kStart).size(), '\0');
  return in.read(start.data(), static_cast<std::streamsize>(start.size())) && start == kStart;
}

SetResult readSetResult(const std::filesystem::path& file) {
  const Json json = parseFile(file);
  const Members members(json, file.string(), kMendResult);
  const std::int64_t schema = members.count("schema");
  if (schema < 1 || schema > kResultSchema)
    throw InputError(members.path("schema"), std::to_string(schema), "1 to " + std::to_string(kResultSchema),
                     std::string("it was written by another version of Polar; ") + kMendResult);
  SetResult set;
  set.olderCounts = schema < 2;
  set.name = members.text("set");
  set.inDistribution = members.flag("in_distribution");
  set.depth = members.smallCount("depth");
  set.available = members.count("available");
  set.leftOut = members.wholeNumber("left_out").value_or(0);
  set.origins = members.eachIfAny("origins", readOrigin);
  set.policies = members.each("policies", readPolicy);
  set.aside = members.eachIfAny("aside", readPolicy);
  set.fullChoosing = schema < 3 && readsToChoose(set);
  return set;
}

}  // namespace polar
