#include "data/record.h"

#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "support/error.h"
#include "support/json.h"

namespace polar {
namespace {

using Json = nlohmann::json;

// SAX rather than DOM, whose objects silently keep one of two equal keys.
class RecordHandler : public nlohmann::json_sax<Json> {
 public:
  explicit RecordHandler(const std::string& where) : where_(where) {}

  Record take() {
    if (!complete_) throw InputError(where_, "no JSON object", kObject);
    return std::move(record_);
  }

  bool null() override {
    if (atField() && field_ == "options") fail("null", kOptions);
    return scalar("null");
  }
  bool boolean(bool value) override {
    const char* found = value ? "true" : "false";
    if (atField()) refuse(found);
    return scalar(found);
  }
  bool number_integer(number_integer_t value) override { return integer(value, std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override {
    const bool fits = value <= static_cast<number_unsigned_t>(std::numeric_limits<int>::max());
    return integer(fits ? static_cast<number_integer_t>(value) : -1, std::to_string(value));
  }
  bool number_float(number_float_t, const string_t& text) override {
    if (atField()) refuse(text);
    return scalar(text);
  }
  bool binary(binary_t&) override { return false; }

  bool string(string_t& value) override {
    if (inOptions()) {
      record_.options.push_back(value);
      return true;
    }
    if (atField()) {
      if (field_ == "level" || field_ == "options") refuse("a string");
      if (auto* target = textField(field_)) *target = value;
    }
    return scalar("a string");
  }

  bool start_object(std::size_t) override {
    if (atField()) refuse("an object");
    if (inOptions()) fail("an object", kOptions);
    keys_.emplace_back();
    return open('{');
  }
  bool key(string_t& value) override {
    if (!keys_.back().insert(value).second) {
      throw InputError(where_ + ": " + value, "the key twice", "each key once", "remove one of them");
    }
    if (containers_.size() == 1) field_ = value;
    return true;
  }
  bool end_object() override {
    keys_.pop_back();
    containers_.pop_back();
    complete_ = containers_.empty();
    return true;
  }

  bool start_array(std::size_t) override {
    if (containers_.empty()) throw InputError(where_, "an array", kObject);
    if (atField() && field_ != "options") refuse("an array");
    if (inOptions()) fail("an array", kOptions);
    return open('[');
  }
  bool end_array() override {
    containers_.pop_back();
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    throw InputError(where_, "no JSON from column " + std::to_string(position) + " on", kObject,
                     "check the quotes, commas and UTF-8 of the line");
  }

 private:
  static constexpr const char* kObject = "one JSON object a line";
  static constexpr const char* kOptions = "a list of strings";

  std::optional<std::string>* textField(const std::string& name) {
    if (name == "id") return &record_.id;
    if (name == "question") return &record_.question;
    if (name == "answer") return &record_.answer;
    if (name == "solution") return &record_.solution;
    if (name == "subject") return &record_.subject;
    if (name == "source") return &record_.source;
    return nullptr;
  }

  bool open(char container) {
    if (containers_.size() == kJsonDepth)
      throw InputError(where_, "JSON that nests deeper than " + std::to_string(kJsonDepth) + " levels", kObject);
    containers_.push_back(container);
    return true;
  }

  bool atField() const { return containers_.size() == 1; }
  bool inOptions() const { return containers_.size() == 2 && containers_[1] == '[' && field_ == "options"; }

  [[noreturn]] void fail(const std::string& found, const std::string& expected) const {
    throw InputError(where_ + ": " + field_, found, expected);
  }

  // The value of a known field has a wrong type; fields that Polar does not know may hold anything.
  void refuse(const std::string& found) {
    if (field_ == "level") fail(found, "a whole number from 0 on, or null");
    if (field_ == "options") fail(found, kOptions);
    if (textField(field_)) fail(found, "a string");
  }

  bool scalar(const std::string& found) {
    if (containers_.empty()) throw InputError(where_, found, kObject);
    if (inOptions()) fail(found, kOptions);
    return true;
  }

  bool integer(number_integer_t value, const std::string& text) {
    if (atField()) {
      if (field_ != "level" || value < 0 || value > std::numeric_limits<int>::max()) refuse(text);
      if (field_ == "level") record_.level = static_cast<int>(value);
    }
    return scalar(text);
  }

  const std::string& where_;
  Record record_;
  std::string field_;
  std::vector<std::set<std::string>> keys_;
  std::vector<char> containers_;
  bool complete_ = false;
};

}  // namespace

Record parseRecord(std::string_view line, const std::string& where) {
  RecordHandler handler(where);
  Json::sax_parse(line.begin(), line.end(), &handler);
  return handler.take();
}

}  // namespace polar
