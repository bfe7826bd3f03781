// The figures of a report: each a function from the finished report to panels, caption and data, opening no file.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "eval/evaluation_table.h"
#include "eval/table.h"

namespace polar {

struct Panel {
  std::string title;
  std::string svg;
};

struct Figure {
  std::string name;     // of eval/figures/, and the anchor in the page
  std::string title;
  std::string caption;
  std::vector<Panel> panels;  // one a set; none = nothing to draw, and the page leaves the figure out
  Table data;                 // the same numbers, for readers of tables
};

// All listed figures that have something to draw, in the order of the list.
std::vector<Figure> drawFigures(const Report& report);

// A policy has one series number, hence one colour and marker, in all figures: its place in this list.
std::vector<std::string> policyOrder(const Report& report);
std::size_t seriesOf(const std::string& policy, const std::vector<std::string>& order);

// The summaries of each set, sets in order of first appearance.
std::vector<std::vector<const Summary*>> bySet(const Report& report);

// The policy "standard" among a set's summaries, or null.
const Summary* standardOf(const std::vector<const Summary*>& set);

// "41.2 % (206 of 500), 95 % interval [37.0, 45.5]".
std::string accuracyText(std::int64_t right, std::int64_t n, double confidence);

Figure drawAccuracyLayers(const Report& report);  // figures/accuracy_layers.cpp
Figure drawPassAtK(const Report& report);         // figures/pass_at_k.cpp
Figure drawLevels(const Report& report);          // figures/levels.cpp

}  // namespace polar
