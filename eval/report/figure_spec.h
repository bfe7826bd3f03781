// What the figures under eval/report/figures/ build their Vega-Lite panels from.
#pragma once

#include <string>
#include <vector>

#include "eval/report/figures.h"

namespace polar {

inline constexpr double kPanelWidth = 460, kPanelHeight = 300;  // of the .vl.json; a page fits the width to its own

// The rows of a figure's table whose first cell is `set`, as Vega-Lite data: numbers as numbers, a missing one ("–") as
// null. A column "policy" brings a field "family" beside it, which colours and shapes go by.
Json dataOf(const Table& table, const std::string& set);

// What hovering over a mark shows: the row, under the table's titles (which must differ: Vega joins equal ones), with
// the table's digits.
Json tooltipOf(const Table& table);

// A family has one colour and one shape in all figures of all reports;
// legends list those of the report, in order of first appearance.
Json familyColour(const Report& report);
Json familyShape(const Report& report);

Json field(const std::string& name, const std::string& type, const std::string& title);
// A numeric channel over a fixed range, so that the panels of a figure share it; widened to round numbers.
Json ranged(const std::string& name, const std::string& title, double low, double high);

// A whole-number channel as equal steps, labels upright: every number from least to most, also where no row has it.
Json stepped(const std::string& name, const std::string& title, int least, int most);
// A row for each name, in this order.
Json named(const std::string& name, const std::vector<std::string>& order);

// The summaries of each set, sets in order of first appearance.
std::vector<std::vector<const Summary*>> bySet(const Report& report);

// Without the further seeds of a policy, whose marks would hide one another: the lowest represents it. The note
// says so where there are any; it is empty otherwise.
std::vector<const Summary*> firstSeeds(const Report& report);
std::string oneSeedNote(const Report& report);

// Interval columns of a table and their cells, in percent: "low_percent", "high_percent".
std::vector<Column> intervalColumns(double confidence);
std::vector<std::string> intervalCells(const Interval& interval);

// "train (200 questions)".
std::string splitLabel(const LabelStatistics& labels);

// Colours and letters of a page in light or dark; Vega's `config`.
Json vegaTheme(bool dark);

}  // namespace polar
