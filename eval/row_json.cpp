#include "eval/row_json.h"

namespace polar {
namespace {

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

Verdict readVerdict(const Members& members) {
  const std::string text = members.text("verdict");
  for (const Verdict verdict : {Verdict::wrong, Verdict::right, Verdict::undecided})
    if (text == name(verdict)) return verdict;
  members.refuse(members.path("verdict"), members.member("verdict"), "right, wrong or undecided");
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

}  // namespace

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

Row readRow(const Members& members) {
  Row row;
  row.exampleId = members.text("id");
  row.level = members.level("level");
  row.choosingLayerTokens = members.count("choosing_layer_tokens");
  row.seconds = members.number("seconds");
  row.trials = members.each("trials", readTrial);
  if (row.trials.empty()) members.refuse(members.path("trials"), members.list("trials"), "at least one trial");
  return row;
}

}  // namespace polar
