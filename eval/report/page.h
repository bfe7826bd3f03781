// HTML pages that need nothing from outside: styles, Vega and data inside; light and dark; for keyboards and screen
// readers as well.
#pragma once

#include <string>
#include <vector>

#include "eval/report/figures.h"
#include "eval/report/table.h"

namespace polar {

// What is between a page's head and its end, in order; figures among it are drawn by Vega.
class Page {
 public:
  explicit Page(std::string title);

  void lead(const std::string& text);
  // A note that must not be overlooked: "Partial run.", and why.
  void banner(const std::string& strong, const std::string& text);
  // Begins a section, which the page's contents list.
  void section(const std::string& title);
  void paragraph(const std::string& text);
  void notes(const std::vector<std::string>& items);
  void table(const Table& table);
  void proseTable(const Table& table);  // its cells wrap
  void denseTable(const Table& table);  // of many columns, the first three of which are names and wrap
  // Figure, caption, panels, and its folded table; a section of its own.
  void figure(const Figure& figure);
  void definitions(const std::vector<std::pair<std::string, std::string>>& facts);
  void folded(const std::string& summary, const std::string& text);

  std::string html() const;

 private:
  void open(const std::string& anchor, const std::string& title);
  void close();

  std::string title_, head_, body_, contents_;
  Json panels_ = Json::array();
  bool isOpen_ = false;
};

}  // namespace polar
