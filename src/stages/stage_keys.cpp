#include "stages/stage_keys.h"

#include "grading/grader.h"
#include "support/hash.h"

namespace polar {
namespace {

std::string idsDigest(const std::vector<Example>& examples) {
  std::string ids;
  for (const Example& example : examples) ids += example.id + "\n";
  return sha256(ids);
}

}  // namespace

std::string questionsDigest(const LoadedSet& set) { return sha256(set.sha256 + idsDigest(set.examples)); }

StageKeys sharedKeys(const Session& session, Stage stage, const std::string& questions) {
  StageKeys keys = resultKeys(session.config(), stage);
  keys["(weights)"] = session.model()->weightsSha256();
  keys["(tokenizer)"] = session.tokenizer()->fingerprint();
  keys["(grader)"] = kGraderVersion;
  keys["(questions)"] = questions;
  const PromptTemplate& prompt = session.prompts()->promptTemplate();
  keys["(prompt)"] = sha256(prompt.head + '\0' + prompt.body + '\0' + prompt.open + '\0' + prompt.chat + '\0' +
                            prompt.system + '\0' + prompt.stop);
  // A menu is what its labels say, wherever the file lies.
  const std::string& menu = session.config().search.menu;
  if (!menu.empty()) keys["(menu)"] = sha256File(menu);
  return keys;
}

std::string digest(const StageKeys& keys) {
  std::string text;
  for (const auto& [key, value] : keys) text += key + "=" + value + "\n";
  return sha256(text);
}

}  // namespace polar
