// Tables of text cells and their four renderings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace polar {

struct Column {
  std::string key;  // CSV head, JSON member
  std::string title;
  bool number = false;  // set to the right
};

struct Table {
  std::string title;
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  // every row as long as columns

  void add(std::vector<std::string> row);  // std::logic_error where the length differs
};

// & < > " ' for HTML and SVG text and attributes; control characters that XML forbids become U+FFFD.
std::string escapeMarkup(std::string_view text);

// Text for a markdown cell or line, and for a TeX document; line ends become spaces.
std::string escapeMarkdown(const std::string& text);
std::string escapeTex(const std::string& text);

std::string markdown(const Table& table);
std::string tex(const Table& table);  // tabular with booktabs rules
std::string csv(const Table& table);  // RFC 4180, keys as head, "\n" line ends
// In a table whose first column is keyed "set", a rule above every row of another set than the one before.
std::string html(const Table& table);

}  // namespace polar
