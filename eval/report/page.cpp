#include "eval/report/page.h"

#include <cctype>

#include "eval/report/figure_spec.h"
#include "eval/report/page_assets.h"

namespace polar {
namespace {

// `attributes` is markup already: " class=\"lead\"".
std::string element(const std::string& tag, const std::string& text, const std::string& attributes = "") {
  return "<" + tag + attributes + ">" + escapeMarkup(text) + "</" + tag + ">\n";
}

std::string attribute(const std::string& name, const std::string& value) {
  return " " + name + "=\"" + escapeMarkup(value) + "\"";
}

// JSON inside <script>: no "<" can end the element or open a comment.
std::string scriptSafe(const Json& json) {
  std::string safe;
  for (const char c : json.dump(-1, ' ', false, Json::error_handler_t::replace))
    safe += c == '<' ? "\\u003c" : std::string(1, c);
  return safe;
}

// Proof that the page needs nothing from outside: the browser itself would refuse. Vega's export makes data: pictures.
constexpr const char* kPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:";

}  // namespace

Page::Page(std::string title) : title_(std::move(title)) { head_ = element("h1", title_); }

void Page::lead(const std::string& text) { head_ += element("p", text, attribute("class", "lead")); }

void Page::banner(const std::string& strong, const std::string& text) {
  head_ += "<div class=\"banner\" role=\"note\"><strong>" + escapeMarkup(strong) + "</strong> " + escapeMarkup(text) +
           "</div>\n";
}

void Page::open(const std::string& anchor, const std::string& title) {
  close();
  isOpen_ = true;
  body_ += "<section" + attribute("aria-labelledby", anchor) + ">\n" + element("h2", title, attribute("id", anchor));
  contents_ += "<li><a" + attribute("href", "#" + anchor) + ">" + escapeMarkup(title) + "</a></li>\n";
}

void Page::close() {
  if (isOpen_) body_ += "</section>\n";
  isOpen_ = false;
}

void Page::section(const std::string& title) {
  std::string anchor;
  for (const char c : title) anchor += std::isalnum(static_cast<unsigned char>(c)) ? c : '-';
  open("section-" + anchor, title);
}

void Page::paragraph(const std::string& text) { body_ += element("p", text); }

void Page::notes(const std::vector<std::string>& items) {
  body_ += "<ul class=\"notes\">\n";
  for (const std::string& item : items) body_ += element("li", item);
  body_ += "</ul>\n";
}

void Page::table(const Table& table) { body_ += polar::html(table); }

void Page::proseTable(const Table& table) { body_ += "<div class=\"wrap\">" + polar::html(table) + "</div>\n"; }

void Page::denseTable(const Table& table) { body_ += "<div class=\"dense\">" + polar::html(table) + "</div>\n"; }

void Page::figure(const Figure& figure) {
  open(figure.name, figure.title);
  body_ += "<figure" + attribute("aria-labelledby", figure.name) +
           attribute("aria-describedby", figure.name + "-caption") + ">\n" +
           element("figcaption", figure.caption, attribute("id", figure.name + "-caption")) + "<div" +
           attribute("class", figure.wide ? "panels wide" : "panels") + ">\n";
  for (const Panel& panel : figure.panels) {
    Json spec = {{"$schema", "https://vega.github.io/schema/vega-lite/v6.json"}, {"description", panel.description}};
    spec.update(panel.spec);
    panels_.push_back({{"name", figure.name}, {"spec", std::move(spec)}});
    body_ += "<div class=\"panel\">\n" + element("h3", panel.title) + "<div class=\"plot\"></div>\n</div>\n";
  }
  body_ +=
      "</div>\n<noscript><p>The picture needs JavaScript; its numbers are in the table.</p></noscript>\n"
      "<details>" +
      element("summary", "The numbers of “" + figure.title + "” as a table") + polar::html(figure.data) +
      "</details>\n</figure>\n";
}

void Page::definitions(const std::vector<std::pair<std::string, std::string>>& facts) {
  body_ += "<dl>\n";
  for (const auto& [name, value] : facts) body_ += element("dt", name) + element("dd", value);
  body_ += "</dl>\n";
}

void Page::folded(const std::string& summary, const std::string& text) {
  body_ +=
      "<details>" + element("summary", summary) + element("pre", text, attribute("tabindex", "0")) + "</details>\n";
}

std::string Page::html() const {
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta" +
      attribute("http-equiv", "Content-Security-Policy") + " content=\"" + kPolicy + "\">\n" +
      element("title", title_) + "<style>" + std::string(pageStyle()) + "</style>\n</head>\n<body>\n" +
      "<a class=\"skip\" href=\"#main\">Skip to the results</a>\n<header>\n" + head_ + "</header>\n" +
      "<nav aria-label=\"Contents\">\n<ul>\n" + contents_ + "</ul>\n</nav>\n<main id=\"main\" tabindex=\"-1\">\n" +
      body_ + (isOpen_ ? "</section>\n" : "") + "</main>\n";
  if (!panels_.empty()) {
    const Json data = {{"themes", {{"light", vegaTheme(false)}, {"dark", vegaTheme(true)}}}, {"panels", panels_}};
    page += "<footer>\n" + element("p", "Figures drawn by Vega-Lite, inside this page; its licence is in the source.") +
            "</footer>\n";
    page += "<script type=\"application/json\" id=\"panels\">" + scriptSafe(data) + "</script>\n<script>/*!\n" +
            std::string(vegaLicence()) + "*/\n" + std::string(vegaScript()) + "</script>\n<script>" +
            std::string(pageScript()) + "</script>\n";
  }
  return page + "</body>\n</html>\n";
}

}  // namespace polar
