// The figures of a report: each a function from the finished report to Vega-Lite panels, a caption, and the table that
// the panels' data are taken from, cell by cell: a figure cannot show another number than its table.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "eval/report/report.h"
#include "eval/report/table.h"

namespace polar {

using Json = nlohmann::ordered_json;

struct Panel {
  std::string title;
  std::string description;  // read out by screen readers: what is drawn, and how to read it
  Json spec;                // Vega-Lite, a unit or layered view with its own data; no schema, title, size or theme
};

struct Figure {
  std::string name;  // of eval/report/figures/, of the .vl.json, and the anchor in the page
  std::string title;
  std::string caption;
  std::vector<Panel> panels;  // one a set; none = nothing to draw, and the page leaves the figure out
  Table data;                 // all numbers of all panels
  bool wide = false;          // a panel takes the page's whole width
};

// All listed figures that have something to draw, in the order of the list.
std::vector<Figure> drawFigures(const Report& report);

// A figure as one Vega-Lite file, in the light theme: its panels side by side.
std::string figureFile(const Figure& figure);

Figure drawAccuracyCost(const Report& report);       // figures/accuracy_cost.cpp
Figure drawPassAtK(const Report& report);            // figures/pass_at_k.cpp
Figure drawLevels(const Report& report);             // figures/levels.cpp
Figure drawFirstChoiceLayers(const Report& report);  // figures/first_choice_layers.cpp
Figure drawEditTolerance(const Report& report);      // figures/edit_tolerance.cpp
Figure drawSearchCost(const Report& report);         // figures/search_cost.cpp
Figure drawShortestRight(const Report& report);      // figures/shortest_right.cpp

struct RunComparison;
Figure drawRunDifferences(const RunComparison& comparison);  // figures/run_differences.cpp; of no report

}  // namespace polar
