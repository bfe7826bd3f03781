// SetResult to JSON and back.
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "eval/evaluation_table.h"
#include "support/error.h"
#include "support/files.h"

namespace polar {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kResultSchema = 1;

std::string line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json trialJson(const Trial& trial) {
  Json json;
  json["program"] = trial.program;
  json["verdict"] = std::string(name(trial.verdict));
  json["executed"] = trial.executed;
  json["unique"] = trial.unique;
  json["text"] = trial.text;
  json["prefill_layer_tokens"] = trial.prefillLayerTokens;
  json["decode_layer_tokens"] = trial.decodeLayerTokens;
  return json;
}

Json rowJson(const Row& row) {
  Json json;
  json["id"] = row.exampleId;
  json["level"] = row.level ? Json(*row.level) : Json(nullptr);
  json["choosing_layer_tokens"] = row.choosingLayerTokens;
  json["trials"] = Json::array();
  for (const Trial& trial : row.trials) json["trials"].push_back(trialJson(trial));
  if (row.seconds) json["seconds"] = *row.seconds;
  return json;
}

// Reads members of one object; `where` names it in messages ("eval/test.json: policies[0].rows[3]").
class Members {
 public:
  Members(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
    if (!json.is_object()) refuse(where_, json, "an object");
  }

  const std::string& where() const { return where_; }

  std::string text(const char* key) const {
    const Json& value = member(key);
    if (!value.is_string()) refuse(path(key), value, "a string");
    return value.get<std::string>();
  }

  bool flag(const char* key) const {
    const Json& value = member(key);
    if (!value.is_boolean()) refuse(path(key), value, "true or false");
    return value.get<bool>();
  }

  // A whole number from 0 to `most`.
  std::int64_t count(const char* key, std::int64_t most = std::numeric_limits<std::int64_t>::max()) const {
    const Json& value = member(key);
    // A number without a sign is stored as unsigned, so anything else is negative, a fraction or no number.
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > static_cast<std::uint64_t>(most))
      refuse(path(key), value, "a whole number from 0 to " + std::to_string(most));
    return value.get<std::int64_t>();
  }

  int smallCount(const char* key) const {
    return static_cast<int>(count(key, std::numeric_limits<int>::max()));
  }

  std::optional<int> level(const char* key) const {
    const Json& value = member(key);
    if (value.is_null()) return std::nullopt;
    if (!value.is_number_integer() || value.get<double>() < -1e9 || value.get<double>() > 1e9)
      refuse(path(key), value, "a whole number or null");
    return value.get<int>();
  }

  // Members that a record may leave out.
  std::optional<double> number(const char* key) const {
    const auto found = json_.find(key);
    if (found == json_.end()) return std::nullopt;
    if (!found->is_number() || !std::isfinite(found->get<double>())) refuse(path(key), *found, "a number");
    return found->get<double>();
  }

  std::optional<std::int64_t> wholeNumber(const char* key) const {
    if (!json_.contains(key)) return std::nullopt;
    return count(key);
  }

  const Json& list(const char* key) const {
    const Json& value = member(key);
    if (!value.is_array()) refuse(path(key), value, "a list");
    return value;
  }

  const Json& member(const char* key) const {
    const auto found = json_.find(key);
    if (found == json_.end()) throw InputError(where_, "no member '" + std::string(key) + "'", "one", kMend);
    return *found;
  }

  std::string path(const char* key) const { return where_ + "." + key; }

  [[noreturn]] static void refuse(const std::string& where, const Json& value, const std::string& expected) {
    std::string found = line(value);
    if (found.size() > 60) found = found.substr(0, 57) + "...";
    throw InputError(where, found, expected, kMend);
  }

 private:
  static constexpr const char* kMend = "run polar eval again to write it anew";
  const Json& json_;
  std::string where_;
};

Verdict readVerdict(const Members& members) {
  const std::string text = members.text("verdict");
  for (const Verdict verdict : {Verdict::wrong, Verdict::right, Verdict::undecided})
    if (text == name(verdict)) return verdict;
  Members::refuse(members.path("verdict"), members.member("verdict"), "right, wrong or undecided");
}

Trial readTrial(const Members& members) {
  Trial trial;
  trial.program = members.text("program");
  trial.verdict = readVerdict(members);
  trial.executed = members.smallCount("executed");
  trial.unique = members.smallCount("unique");
  trial.text = members.text("text");
  trial.prefillLayerTokens = members.count("prefill_layer_tokens");
  trial.decodeLayerTokens = members.count("decode_layer_tokens");
  return trial;
}

Row readRow(const Members& members) {
  Row row;
  row.exampleId = members.text("id");
  row.level = members.level("level");
  row.choosingLayerTokens = members.count("choosing_layer_tokens");
  row.seconds = members.number("seconds");
  const Json& trials = members.list("trials");
  if (trials.empty()) Members::refuse(members.path("trials"), trials, "at least one trial");
  for (std::size_t i = 0; i < trials.size(); ++i)
    row.trials.push_back(readTrial(Members(trials[i], members.path("trials") + "[" + std::to_string(i) + "]")));
  return row;
}

PolicyResult readPolicy(const Members& members) {
  PolicyResult policy;
  policy.policy = members.text("policy");
  policy.usesAnswer = members.flag("uses_answer");
  policy.seed = members.wholeNumber("seed");
  policy.price = members.number("price");
  const Json& rows = members.list("rows");
  for (std::size_t i = 0; i < rows.size(); ++i)
    policy.rows.push_back(readRow(Members(rows[i], members.path("rows") + "[" + std::to_string(i) + "]")));
  return policy;
}

Json parseFile(const std::filesystem::path& file) {
  try {
    return Json::parse(readFile(file));
  } catch (const Json::parse_error& error) {
    throw InputError(file.string(), "text that is no JSON at byte " + std::to_string(error.byte),
                     "results of polar eval", "run polar eval again to write it anew");
  }
}

}  // namespace

void writeSetResult(const std::filesystem::path& file, const SetResult& set) {
  std::string text = "{\"schema\":" + std::to_string(kResultSchema) + ",\"set\":" + line(set.name) +
                     ",\"in_distribution\":" + (set.inDistribution ? "true" : "false") +
                     ",\"depth\":" + std::to_string(set.depth) + ",\"available\":" + std::to_string(set.available) +
                     ",\"policies\":[";
  for (std::size_t p = 0; p < set.policies.size(); ++p) {
    const PolicyResult& policy = set.policies[p];
    text += std::string(p == 0 ? "\n" : ",\n") + "{\"policy\":" + line(policy.policy) +
            ",\"uses_answer\":" + (policy.usesAnswer ? "true" : "false") +
            (policy.seed ? ",\"seed\":" + std::to_string(*policy.seed) : "") +
            (policy.price ? ",\"price\":" + line(*policy.price) : "") + ",\"rows\":[";
    for (std::size_t i = 0; i < policy.rows.size(); ++i)
      text += std::string(i == 0 ? "\n" : ",\n") + line(rowJson(policy.rows[i]));
    text += "]}";
  }
  writeFileAtomically(file, text + "]}\n");
}

SetResult readSetResult(const std::filesystem::path& file) {
  const Json json = parseFile(file);
  const Members members(json, file.string());
  const std::int64_t schema = members.count("schema");
  if (schema != kResultSchema)
    throw InputError(members.path("schema"), std::to_string(schema), std::to_string(kResultSchema),
                     "it was written by another version of Polar; run polar eval again");
  SetResult set;
  set.name = members.text("set");
  set.inDistribution = members.flag("in_distribution");
  set.depth = members.smallCount("depth");
  set.available = members.count("available");
  const Json& policies = members.list("policies");
  for (std::size_t i = 0; i < policies.size(); ++i)
    set.policies.push_back(readPolicy(Members(policies[i], file.string() + ": policies[" + std::to_string(i) + "]")));
  return set;
}

}  // namespace polar
