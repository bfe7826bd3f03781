#include "eval/report/figure_spec.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "eval/report/number_text.h"
#include "eval/report/report_tables.h"
#include "support/hash.h"

namespace polar {
namespace {

// A cell as the number it spells, else as text.
Json valueOf(const std::string& cell, bool number) {
  if (!number) return cell;
  const char* begin = cell.data() + (cell.starts_with('+') ? 1 : 0);
  const char* end = cell.data() + cell.size();
  std::int64_t whole = 0;
  if (const auto read = std::from_chars(begin, end, whole); read.ec == std::errc() && read.ptr == end) return whole;
  double value = 0;
  const auto read = std::from_chars(begin, end, value);
  return read.ec == std::errc() && read.ptr == end && std::isfinite(value) ? Json(value) : Json(nullptr);
}

// The part of a policy's label that its colour goes by; policyLabel() in report_tables.h.
std::string familyOf(const std::string& label) { return label.substr(0, label.find_first_of("@,")); }

std::size_t digitsOf(const std::string& cell) {
  const std::size_t point = cell.find('.');
  return point == std::string::npos ? 0 : cell.size() - point - 1;
}

// The digits that all numbers of a column have after the point; none where they differ.
std::optional<std::size_t> digitsOf(const Table& table, std::size_t column) {
  std::optional<std::size_t> digits;
  for (const auto& row : table.rows) {
    if (valueOf(row[column], true).is_null()) continue;
    if (digits.value_or(digitsOf(row[column])) != digitsOf(row[column])) return std::nullopt;
    digits = digitsOf(row[column]);
  }
  return digits;
}

// As many shapes as are coprime to the number of colours, so that pairs of both repeat late.
const std::vector<std::string> kShapes = {"circle",        "square",         "diamond", "triangle-up",
                                          "triangle-down", "triangle-right", "cross"};
// After Okabe and Ito (2008), which colour-blind readers can distinguish; lighter on dark ground.
const std::vector<std::string> kLight = {"#30343a", "#8a6d00", "#0072b2", "#c2410c",
                                         "#00805e", "#a1448a", "#3b82c4", "#7a5230"};
const std::vector<std::string> kDark = {"#d5dae0", "#e0bb3f", "#58b4ec", "#ff8f5a",
                                        "#3fc79c", "#e394cf", "#9cc9f5", "#cfa37c"};

// In order of first appearance.
std::vector<std::string> familyOrder(const Report& report) {
  std::vector<std::string> order;
  for (const Summary& summary : report.summaries) {
    const std::string family = familyOf(policyLabel(summary));
    if (std::find(order.begin(), order.end(), family) == order.end()) order.push_back(family);
  }
  return order;
}

// A family's place gives it its colour and shape, whatever other policies a report has.
// Families eight places apart share a colour: the samples' vote with the standard
// program, the programs' vote with the static ranking, and so on. "" is free.
const std::vector<std::string> kFamilies = {"standard",      "random",  "static",      "predictor", "value",   "oracle",
                                            "early_exit",    "cascade", "sample_vote", "samples",   "vote",    "drllm",
                                            "adaptive_vote", "chooser", "shortgpt",    "distilled", "evidence"};

// Families by place, as far as `present` need. One that the table does not have takes a free place by its name's hash.
std::vector<std::string> placesOf(std::vector<std::string> present) {
  std::vector<std::string> places = kFamilies;
  const std::size_t all = kLight.size() * kShapes.size();
  places.resize(all);
  std::sort(present.begin(), present.end());
  std::size_t last = 0;
  for (const std::string& family : present) {
    auto found =
        std::find(places.begin(), places.end(), family.substr(0, family.find(" (")));  // "oracle (uses the answer)"
    if (found == places.end()) {
      std::size_t place = stableHash(family) % all;
      for (std::size_t tried = 0; !places[place].empty() && tried < all; ++tried) place = (place + 1) % all;
      found = places.begin() + static_cast<std::ptrdiff_t>(place);
    }
    *found = family;
    last = std::max(last, static_cast<std::size_t>(found - places.begin()));
  }
  places.resize(last + 1);
  // A domain has no value twice.
  for (std::size_t i = 0; i < places.size(); ++i)
    if (places[i].empty()) places[i] = "(place " + std::to_string(i) + ")";
  return places;
}

template <typename T>
std::vector<T> repeated(const std::vector<T>& values, std::size_t count) {
  std::vector<T> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(values[i % values.size()]);
  return out;
}

}  // namespace

Json dataOf(const Table& table, const std::string& set) {
  Json values = Json::array();
  for (const auto& row : table.rows) {
    if (row.front() != set) continue;
    Json value;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const Column& column = table.columns[i];
      value[column.key] = valueOf(row[i], column.number);
      if (column.key == "policy") value["family"] = familyOf(row[i]);
    }
    values.push_back(std::move(value));
  }
  return {{"values", values}};
}

Json tooltipOf(const Table& table) {
  Json tooltip = Json::array();
  for (std::size_t i = 1; i < table.columns.size(); ++i) {  // the first, the set, is the panel's title
    const Column& column = table.columns[i];
    Json one = field(column.key, column.number ? "quantitative" : "nominal", column.title);
    if (const auto digits = digitsOf(table, i); column.number && digits)
      one["format"] = "." + std::to_string(*digits) + "f";
    tooltip.push_back(std::move(one));
  }
  return tooltip;
}

Json familyColour(const Report& report) {
  const std::vector<std::string> present = familyOrder(report);
  Json channel = field("family", "nominal", "policy");
  channel["scale"] = {{"domain", placesOf(present)}};  // the colours are the theme's
  channel["legend"] = {{"values", present}};
  return channel;
}

Json familyShape(const Report& report) {
  Json channel = familyColour(report);
  channel["scale"]["range"] = repeated(kShapes, channel["scale"]["domain"].size());
  return channel;
}

Json field(const std::string& name, const std::string& type, const std::string& title) {
  return {{"field", name}, {"type", type}, {"title", title}};
}

Json ranged(const std::string& name, const std::string& title, double low, double high) {
  Json channel = field(name, "quantitative", title);
  channel["scale"] = {{"domain", {low, high}}, {"zero", false}, {"nice", true}};
  return channel;
}

Json stepped(const std::string& name, const std::string& title, int least, int most) {
  Json channel = field(name, "ordinal", title);
  channel["scale"]["domain"] = Json::array();
  for (int value = least; value <= most; ++value) channel["scale"]["domain"].push_back(value);
  channel["axis"] = {{"labelAngle", 0}, {"labelOverlap", true}};
  return channel;
}

Json named(const std::string& name, const std::vector<std::string>& order) {
  return {{"field", name}, {"type", "nominal"}, {"title", nullptr}, {"sort", order}, {"axis", {{"labelLimit", 190}}}};
}

std::vector<std::vector<const Summary*>> bySet(const Report& report) {
  std::vector<std::vector<const Summary*>> sets;
  for (const Summary& summary : report.summaries) {
    const auto same = std::find_if(sets.begin(), sets.end(),
                                   [&](const auto& set) { return setLabel(*set.front()) == setLabel(summary); });
    if (same == sets.end())
      sets.push_back({&summary});
    else
      same->push_back(&summary);
  }
  return sets;
}

std::vector<const Summary*> firstSeeds(const Report& report) {
  std::vector<const Summary*> first;
  for (const Summary& one : report.summaries) {
    const bool isLater = std::any_of(report.summaries.begin(), report.summaries.end(), [&](const Summary& other) {
      return setLabel(other) == setLabel(one) && other.name.variant == one.name.variant && other.name.seed &&
             other.name.seed < one.name.seed;
    });
    if (!isLater) first.push_back(&one);
  }
  return first;
}

std::string oneSeedNote(const Report& report) {
  return firstSeeds(report).size() == report.summaries.size() ? "" : " Of a policy with several seeds, the lowest.";
}

std::vector<Column> intervalColumns(double confidence) {
  return {{"low_percent", confidenceText(confidence) + " from", true},
          {"high_percent", confidenceText(confidence) + " to", true}};
}

std::vector<std::string> intervalCells(const Interval& interval) {
  return {percent(interval.low), percent(interval.high)};
}

std::string splitLabel(const LabelStatistics& labels) {
  return labels.split + " (" + std::to_string(labels.questions) + " questions)";
}

Json vegaTheme(bool dark) {
  const std::string text = dark ? "#e6e8eb" : "#1c1e21", quiet = dark ? "#a3abb4" : "#5b6168";
  const std::string rule = dark ? "#3a4149" : "#d5d9de", ground = dark ? "#1e2329" : "#ffffff";
  const std::string font = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
  const Json ramp = dark ? Json{"#2c3a4a", "#1f5688", "#2f86c4", "#74bfe9", "#e2f3ff"}
                         : Json{"#e9eef5", "#bdd7ec", "#6aaed6", "#2272b5", "#08306b"};
  Json config;
  config["background"] = ground;
  config["font"] = font;
  config["view"] = {{"stroke", nullptr}};
  config["axis"] = {{"labelColor", quiet},  {"titleColor", text},          {"gridColor", rule},
                    {"domainColor", quiet}, {"tickColor", quiet},          {"labelFontSize", 12},
                    {"titleFontSize", 12},  {"titleFontWeight", "normal"}, {"titlePadding", 8}};
  config["legend"] = {{"labelColor", text},  {"titleColor", quiet},         {"labelFontSize", 12},
                      {"titleFontSize", 12}, {"titleFontWeight", "normal"}, {"orient", "bottom"},
                      {"columns", 3},        {"labelLimit", 240},           {"symbolSize", 80}};
  config["title"] = {{"color", text}, {"subtitleColor", quiet}, {"anchor", "start"}, {"fontSize", 13}};
  config["rule"] = {{"color", quiet}};
  config["range"] = {{"category", dark ? kDark : kLight}, {"heatmap", ramp}, {"ramp", ramp}};
  return config;
}

}  // namespace polar
