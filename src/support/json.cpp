#include "support/json.h"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "support/error.h"

namespace polar {
namespace {

// Builds the value as the parser meets its parts. The library's own builder knows no bounds and keeps one of two equal
// keys; its callbacks search a whole list at each of the list's objects.
template <typename Json>
class Builder final : public nlohmann::json_sax<Json> {
 public:
  using typename nlohmann::json_sax<Json>::number_integer_t;
  using typename nlohmann::json_sax<Json>::number_unsigned_t;
  using typename nlohmann::json_sax<Json>::number_float_t;
  using typename nlohmann::json_sax<Json>::string_t;
  using typename nlohmann::json_sax<Json>::binary_t;

  Builder(const std::string& where, const std::string& expected, const std::string& mend)
      : where_(where), expected_(expected), mend_(mend) {}

  Json take() { return std::move(root_); }

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }  // not in text

  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    Json& object = *open_.back();
    if (object.contains(name))
      throw InputError(where_, "the key '" + name + "' twice in one object", "each key once", "remove one of them");
    member_ = &object[name];
    return true;
  }

  bool parse_error(std::size_t byte, const std::string&, const nlohmann::detail::exception& error) override {
    constexpr int kTooLarge = 406;
    throw refusal(error.id == kTooLarge ? "a number that is too large, up to byte " + std::to_string(byte)
                                        : "no JSON from byte " + std::to_string(byte) + " on");
  }

 private:
  InputError refusal(const std::string& found) const { return InputError(where_, found, expected_, mend_); }

  bool add(Json value) { return place(std::move(value)) != nullptr; }

  Json* place(Json value) {
    if (++values_ > kJsonValues)
      throw InputError(where_, "more than " + std::to_string(kJsonValues) + " values", "fewer", "split the file");
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Json& parent = *open_.back();
    if (parent.is_object()) {
      *member_ = std::move(value);
      return member_;
    }
    parent.push_back(std::move(value));
    return &parent.back();
  }

  bool open(Json container) {
    if (open_.size() == kJsonDepth)
      throw refusal("JSON that nests deeper than " + std::to_string(kJsonDepth) + " levels");
    open_.push_back(place(std::move(container)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  const std::string &where_, &expected_, &mend_;
  Json root_;
  std::vector<Json*> open_;  // the containers around the place; a parent does not grow while a child is open
  Json* member_ = nullptr;   // where the value of the key just read goes
  std::size_t values_ = 0;
};

}  // namespace

template <typename Json>
Json parseJsonAs(std::string_view text, const std::string& where, const std::string& expected,
                 const std::string& mend) {
  Builder<Json> builder(where, expected, mend);
  Json::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

template nlohmann::json parseJsonAs(std::string_view, const std::string&, const std::string&, const std::string&);
template nlohmann::ordered_json parseJsonAs(std::string_view, const std::string&, const std::string&,
                                            const std::string&);

nlohmann::json parseJson(std::string_view text, const std::string& where, const std::string& expected,
                         const std::string& mend) {
  return parseJsonAs<nlohmann::json>(text, where, expected, mend);
}

}  // namespace polar
