// A table as JSON: an object a row, the cells as the other files print them, keyed by column.
#pragma once

#include <nlohmann/json.hpp>

#include "eval/report/table.h"

namespace polar {

inline nlohmann::ordered_json tableJson(const Table& table) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const auto& row : table.rows) {
    nlohmann::ordered_json json;
    for (std::size_t i = 0; i < row.size(); ++i) json[table.columns[i].key] = row[i];
    rows.push_back(std::move(json));
  }
  return rows;
}

}  // namespace polar
