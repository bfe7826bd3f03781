#include "eval/report/table.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <stdexcept>

namespace polar {
namespace {

std::string join(const std::vector<std::string>& cells, const std::string& between,
                 const std::function<std::string(const std::string&)>& escape) {
  std::string text;
  for (std::size_t i = 0; i < cells.size(); ++i) text += (i == 0 ? "" : between) + escape(cells[i]);
  return text;
}

std::vector<std::string> titles(const Table& table) {
  std::vector<std::string> texts;
  for (const Column& column : table.columns) texts.push_back(column.title);
  return texts;
}

bool isWordCharacter(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

}  // namespace

std::string escapeMarkdown(const std::string& text) {
  std::string escaped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i], next = i + 1 < text.size() ? text[i + 1] : ' ';
    // Only where markdown would read a tag or emphasis: the table is also read on a terminal.
    const bool tag = c == '<' && (isWordCharacter(next) ? !std::isdigit(static_cast<unsigned char>(next))
                                                        : std::string_view("/!?").find(next) != std::string_view::npos);
    const bool emphasis = c == '_' && !(i > 0 && isWordCharacter(text[i - 1]) && isWordCharacter(next));
    if (c == '\n' || c == '\r')
      escaped += ' ';
    else if (tag)
      escaped += "&lt;";
    else if (emphasis || std::string_view("|\\`*").find(c) != std::string_view::npos)
      escaped += {'\\', c};
    else
      escaped += c;
  }
  return escaped;
}

std::string escapeTex(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\n' || c == '\r')
      escaped += ' ';
    else if (c == '\\')
      escaped += "\\textbackslash{}";
    else if (c == '~')
      escaped += "\\textasciitilde{}";
    else if (c == '^')
      escaped += "\\textasciicircum{}";
    else if (c == '<' || c == '>')
      escaped += std::string("$") + c + "$";
    else if (std::string_view("&%$#_{}").find(c) != std::string_view::npos)
      escaped += {'\\', c};
    else
      escaped += c;
  }
  // pdfTeX knows these only as commands.
  for (const auto& [sign, command] :
       std::initializer_list<std::pair<std::string, std::string>>{{"Δ", "$\\Delta$"}, {"×", "$\\times$"}, {"–", "--"}})
    for (std::size_t at = escaped.find(sign); at != std::string::npos; at = escaped.find(sign, at + command.size()))
      escaped.replace(at, sign.size(), command);
  return escaped;
}

namespace {

// Whether another set than that of the row before begins here.
bool startsSet(const Table& table, std::size_t row) {
  return row > 0 && table.columns.front().key == "set" && table.rows[row].front() != table.rows[row - 1].front();
}

std::string quoteCsv(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

}  // namespace

void Table::add(std::vector<std::string> row) {
  if (row.size() != columns.size()) throw std::logic_error("table '" + title + "': a row of another length");
  rows.push_back(std::move(row));
}

std::string escapeMarkup(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&')
      escaped += "&amp;";
    else if (c == '<')
      escaped += "&lt;";
    else if (c == '>')
      escaped += "&gt;";
    else if (c == '"')
      escaped += "&quot;";
    else if (c == '\'')
      escaped += "&#39;";
    else if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' && c != '\r')
      escaped += "\xEF\xBF\xBD";
    else
      escaped += c;
  }
  return escaped;
}

std::string markdown(const Table& table) {
  std::string text = "| " + join(titles(table), " | ", escapeMarkdown) + " |\n|";
  for (const Column& column : table.columns) text += column.number ? "---:|" : "---|";
  text += '\n';
  for (const auto& row : table.rows) text += "| " + join(row, " | ", escapeMarkdown) + " |\n";
  return text;
}

std::string tex(const Table& table) {
  std::string text = "% " + join({table.title}, "", escapeTex) + "\n\\begin{tabular}{";
  for (const Column& column : table.columns) text += column.number ? 'r' : 'l';
  text += "}\n\\toprule\n" + join(titles(table), " & ", escapeTex) + " \\\\\n\\midrule\n";
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    if (startsSet(table, i)) text += "\\midrule\n";
    text += join(table.rows[i], " & ", escapeTex) + " \\\\\n";
  }
  return text + "\\bottomrule\n\\end{tabular}\n";
}

std::string csv(const Table& table) {
  std::vector<std::string> keys;
  for (const Column& column : table.columns) keys.push_back(column.key);
  std::string text = join(keys, ",", quoteCsv) + "\n";
  for (const auto& row : table.rows) text += join(row, ",", quoteCsv) + "\n";
  return text;
}

std::string html(const Table& table) {
  const auto cell = [&](const char* tag, std::size_t column, const std::string& text) {
    const std::string scope = std::string(tag) == "th" ? " scope=\"col\"" : "";
    const std::string kind = table.columns[column].number ? " class=\"n\"" : "";
    return "<" + std::string(tag) + scope + kind + ">" + escapeMarkup(text) + "</" + tag + ">";
  };
  // Wider than the page, it scrolls: by keyboard too, once it has the focus.
  std::string text = "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" + escapeMarkup(table.title) +
                     "\"><table>\n<caption>" + escapeMarkup(table.title) + "</caption>\n<thead><tr>";
  for (std::size_t i = 0; i < table.columns.size(); ++i) text += cell("th", i, table.columns[i].title);
  text += "</tr></thead>\n<tbody>\n";
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    text += startsSet(table, r) ? "<tr class=\"apart\">" : "<tr>";
    for (std::size_t i = 0; i < table.columns.size(); ++i) text += cell("td", i, table.rows[r][i]);
    text += "</tr>\n";
  }
  return text + "</tbody>\n</table></div>\n";
}

}  // namespace polar
