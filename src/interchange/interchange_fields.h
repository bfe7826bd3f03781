// Values of a foreign sample, each checked where it is taken. Private to the interchange readers.
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>

#include "interchange/interchange.h"

namespace polar::foreign {

using Json = nlohmann::json;

// "a string", "a list", …: what a value is, for messages.
std::string kind(const Json& value);

// The first of these members that is there and not null; "a.b" looks into the object a. Else null.
const Json* find(const Json& object, std::initializer_list<const char*> names);

// Text, or {question, options, category}, into the example.
void takeQuestion(const Json& value, const std::string& where, Example& example);
// Text (without \boxed{…} around it), a number, or the index of an option.
void takeAnswer(const Json& value, const std::string& where, Example& example);
// true, false, 1 or 0.
bool takeFlag(const Json& value, const std::string& where);
// A list of layer indices.
Program takeProgram(const Json& value, const std::string& where);
// A list of lists, appended to the sample; null = none. `field` names it in messages.
void takePrograms(const Json* value, const std::string& field, Verdict verdict, ForeignSample& sample);

}  // namespace polar::foreign
