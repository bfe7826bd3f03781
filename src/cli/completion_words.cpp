#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/completion.h"
#include "config/experiment.h"
#include "search/strategies.h"
#include "text/prompt.h"

namespace polar {
namespace {

using Json = nlohmann::ordered_json;

std::vector<Completable> optionsOf(const CLI::App& command) {
  std::vector<Completable> options;
  for (const CLI::Option* option : command.get_options()) {
    const bool takesValue = option->get_items_expected_max() > 0;
    for (const std::string& name : option->get_lnames())
      options.push_back({"--" + name, option->get_description(), takesValue});
    for (const std::string& name : option->get_snames())
      options.push_back({"-" + name, option->get_description(), takesValue});
  }
  return options;
}

bool takesOverrides(const CLI::App& command) {
  const auto options = command.get_options();
  return std::any_of(options.begin(), options.end(), [](const CLI::Option* option) {
    return option->get_positional() && option->get_name() == "overrides";
  });
}

// Values that the schema leaves open, since lists elsewhere own them.
std::vector<std::string> listedValues(const std::string& key) {
  if (key == "search.strategy") return strategyNames();
  if (key == "prompt.template") return promptTemplateNames();
  return {};
}

std::vector<std::string> valuesOf(const std::string& key, const Json& schema) {
  if (schema.contains("enum")) return schema["enum"].get<std::vector<std::string>>();
  if (schema.value("type", "") == "boolean") return {"true", "false"};
  return listedValues(key);
}

void collectKeys(const Json& group, const std::string& prefix, std::vector<Completable>& keys) {
  for (const auto& [name, schema] : group.at("properties").items()) {
    const std::string path = prefix.empty() ? name : prefix + "." + name;
    if (schema.contains("properties"))
      collectKeys(schema, path, keys);
    else
      keys.push_back({path, schema.value("description", ""), true, valuesOf(path, schema)});
  }
}

}  // namespace

CompletionWords completionWords(const CLI::App& app) {
  CompletionWords words;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    words.commands.push_back(
        {{command->get_name(), command->get_description()}, optionsOf(*command), takesOverrides(*command)});
  collectKeys(Json::parse(experimentSchema()), "", words.keys);
  return words;
}

}  // namespace polar
