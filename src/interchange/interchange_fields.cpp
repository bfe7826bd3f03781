#include "interchange/interchange_fields.h"

#include <cstdint>

#include "grading/grader.h"
#include "support/error.h"

namespace polar::foreign {
namespace {

constexpr std::int64_t kMostLayers = 65535;

// "\boxed{1/2}" → "1/2", where one box holds all of it.
std::string withoutBox(const std::string& text) {
  const std::string blanks = " \t\r\n", open = "\\boxed{";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string::npos) return text;
  const std::size_t end = text.find_last_not_of(blanks) + 1;
  std::string whole = text.substr(begin, end - begin);
  if (whole.size() >= 2 && whole.front() == '$' && whole.back() == '$' && whole.find(open) == 1)
    whole = whole.substr(1, whole.size() - 2);
  if (!whole.starts_with(open)) return text;
  const std::string inside = whole.substr(open.size());
  int depth = 1;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] == '\\') {
      ++i;
      continue;
    }
    depth += inside[i] == '{' ? 1 : inside[i] == '}' ? -1 : 0;
    if (depth == 0) return i + 1 == inside.size() ? inside.substr(0, i) : text;
  }
  return text;
}

}  // namespace

std::string kind(const Json& value) {
  if (value.is_null()) return "null";
  if (value.is_boolean() || value.is_number()) return value.dump();
  if (value.is_string()) return "a string";
  return value.is_array() ? "a list" : "an object";
}

const Json* find(const Json& object, std::initializer_list<const char*> names) {
  for (const std::string name : names) {
    const std::size_t dot = name.find('.');
    const Json* inside = &object;
    if (dot != std::string::npos) {
      const auto outer = object.find(name.substr(0, dot));
      if (outer == object.end() || !outer->is_object()) continue;
      inside = &*outer;
    }
    const auto found = inside->find(dot == std::string::npos ? name : name.substr(dot + 1));
    if (found != inside->end() && !found->is_null()) return &*found;
  }
  return nullptr;
}

void takeQuestion(const Json& value, const std::string& where, Example& example) {
  if (value.is_string()) {
    example.question = value.get<std::string>();
    return;
  }
  const Json* text = value.is_object() ? find(value, {"question"}) : nullptr;
  if (!text || !text->is_string())
    throw InputError(where + ": question", kind(value), "a text, or an object with question and options");
  example.question = text->get<std::string>();
  if (const Json* options = find(value, {"options"})) {
    if (!options->is_array()) throw InputError(where + ": question.options", kind(*options), "a list of texts");
    for (const Json& option : *options) {
      if (!option.is_string())
        throw InputError(where + ": question.options", kind(option) + " in it", "a list of texts");
      example.options.push_back(option.get<std::string>());
    }
  }
  const Json* category = find(value, {"category"});
  if (category && category->is_string()) example.subject = category->get<std::string>();
}

void takeAnswer(const Json& value, const std::string& where, Example& example) {
  const std::size_t options = example.options.size();
  if (value.is_string()) {
    example.answer = withoutBox(value.get<std::string>());
  } else if (value.is_number_integer() && options > 0) {
    const bool large = value.is_number_unsigned() && value.get<std::uint64_t>() > 25;
    const std::int64_t index = large ? 26 : value.get<std::int64_t>();
    if (index < 0 || index > 25 || static_cast<std::size_t>(index) >= options)
      throw InputError(where + ": answer", "option " + value.dump(),
                       "the index of one of " + std::to_string(options) + " options, from 0");
    example.answer = std::string(1, static_cast<char>('A' + index));
  } else if (value.is_number()) {
    example.answer = value.dump();
  } else {
    throw InputError(where + ": answer", kind(value), "a text, a number, or the index of an option");
  }
}

bool takeFlag(const Json& value, const std::string& where) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number() && (value.get<double>() == 0 || value.get<double>() == 1)) return value.get<double>() == 1;
  throw InputError(where, kind(value), "1 or 0");
}

Program takeProgram(const Json& value, const std::string& where) {
  if (!value.is_array()) throw InputError(where, kind(value), "a list of layer indices");
  std::vector<LayerIndex> layers;
  layers.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    const Json& layer = value[i];
    if (!layer.is_number_unsigned() || layer.get<std::uint64_t>() >= kMostLayers)
      throw InputError(where + "[" + std::to_string(i) + "]", layer.is_number() ? "layer " + layer.dump() : kind(layer),
                       "a layer index from 0 on");
    layers.push_back(static_cast<LayerIndex>(layer.get<std::uint64_t>()));
  }
  return Program(std::move(layers));
}

void takePrograms(const Json* value, const std::string& field, Verdict verdict, ForeignSample& sample) {
  if (!value) return;
  if (!value->is_array()) throw InputError(sample.where + ": " + field, kind(*value), "a list of programs");
  for (std::size_t i = 0; i < value->size(); ++i) {
    const std::string place = field + "[" + std::to_string(i) + "]";
    sample.programs.push_back({takeProgram((*value)[i], sample.where + ": " + place), verdict, place});
  }
}

}  // namespace polar::foreign
