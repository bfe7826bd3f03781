// The one reader of JSON: bounds, and what it refuses.
#include "support/json.h"

#include <nlohmann/json.hpp>

#include "catch.h"
#include "support/error.h"

using namespace polar;

namespace {

std::string refusal(const std::string& text) {
  try {
    parseJson(text, "a.json", "a test", "mend it");
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + "1" + std::string(depth, ']'); }

}  // namespace

TEST_CASE("values come out as the library reads them") {
  for (const std::string text : {R"({"b":[1,-2,3.5,"x",null,true,{}],"a":{"c":[[],[[]]]},"":"\u00e4"})", "[]", "3",
                                 R"("x")", "null", " [1] ", "18446744073709551615", "-9223372036854775808", "1e308"}) {
    INFO(text);
    CHECK(parseJson(text, "a.json", "a test") == nlohmann::json::parse(text));
  }
  CHECK(parseJsonAs<nlohmann::ordered_json>(R"({"b":1,"a":{"z":2,"y":[3]}})", "a.json", "a test").dump() ==
        R"({"b":1,"a":{"z":2,"y":[3]}})");
}

TEST_CASE("text that is no JSON is refused by its byte") {
  CHECK(refusal("") == "a.json: found no JSON from byte 1 on, expected a test; mend it");
  CHECK(refusal(R"({"a":1)") == "a.json: found no JSON from byte 7 on, expected a test; mend it");
  CHECK(refusal("[1] x") == "a.json: found no JSON from byte 5 on, expected a test; mend it");
  CHECK(refusal("[\"\xff\"]") == "a.json: found no JSON from byte 3 on, expected a test; mend it");
}

TEST_CASE("a number too large for a double is refused, not an internal fault") {
  CHECK(refusal("[1e999]") == "a.json: found a number that is too large, up to byte 6, expected a test; mend it");
  CHECK(refusal("-1e400").find("too large") != std::string::npos);
}

TEST_CASE("nesting is bounded") {
  CHECK(refusal(nested(kJsonDepth)).empty());
  CHECK(refusal(nested(kJsonDepth + 1)) ==
        "a.json: found JSON that nests deeper than 64 levels, expected a test; mend it");
  CHECK(refusal(nested(3'000'000)).find("deeper than 64") != std::string::npos);
  std::string objects;
  for (int i = 0; i < 75'000; ++i) objects += R"({"a":)";
  CHECK(refusal(objects).find("deeper than 64") != std::string::npos);
}

TEST_CASE("a key twice in one object is refused at any depth") {
  CHECK(refusal(R"({"a":1,"b":{"a":1}})").empty());
  CHECK(refusal(R"([{"b":{"a":1,"c":2,"a":1}}])") ==
        "a.json: found the key 'a' twice in one object, expected each key once; remove one of them");
}

TEST_CASE("a list of many objects is read in one pass") {
  std::string text = "[";
  for (int i = 0; i < 300'000; ++i) text += R"({"a":[1]},)";
  text.back() = ']';
  CHECK(parseJson(text, "a.json", "a test").size() == 300'000);
}
