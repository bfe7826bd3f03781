// One JSON object of a dataset file, before its meaning is looked at.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace polar {

struct Record {
  std::optional<std::string> id, question, answer, solution, subject, source;
  std::optional<int> level;
  std::vector<std::string> options;
};

// Parses one line. `where` ("data/test.jsonl:12") heads the message of the InputError thrown for anything but one
// object whose known fields have their types; a duplicate key is an error at any depth. null counts as absent.
Record parseRecord(std::string_view line, const std::string& where);

}  // namespace polar
