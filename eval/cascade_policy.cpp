#include <algorithm>
#include <iterator>
#include <map>

#include "eval/known_policies.h"
#include "support/error.h"
#include "train/value_table.h"

namespace polar {
namespace {

struct Plan {
  Program first, second;
  float threshold = 0;  // the second is run where the first one's margin is below
};

// What validation says of running one program on one question.
struct Cell {
  bool right = false;
  float margin = 0;
};

struct Served {
  std::int64_t right = 0, layers = 0;
  bool betterThan(const Served& other) const {
    return right != other.right ? right > other.right : layers < other.layers;
  }
};

// [program][question]
using Cells = std::vector<std::vector<Cell>>;

Cells cellsOf(const std::vector<ExampleLabels>& labels, const std::vector<Program>& menu) {
  Cells cells(menu.size());
  for (const ExampleLabels& example : labels) {
    std::map<Program, const Evaluation*> evaluations;
    for (const LabelledProgram& label : example.programs)
      if (!label.isSample()) evaluations[label.program] = &label.evaluation;
    for (std::size_t i = 0; i < menu.size(); ++i) {
      const Evaluation& evaluation = *evaluations.at(menu[i]);
      cells[i].push_back({evaluation.right(), evaluation.margin});
    }
  }
  return cells;
}

bool keepsLater(float first, float second) { return second > first; }

Served serve(const std::vector<Cell>& first, const std::vector<Cell>& second, float threshold, int firstLayers,
             int secondLayers) {
  Served served;
  for (std::size_t q = 0; q < first.size(); ++q) {
    const bool both = first[q].margin < threshold;
    const bool later = both && keepsLater(first[q].margin, second[q].margin);
    served.right += (later ? second[q] : first[q]).right ? 1 : 0;
    served.layers += firstLayers + (both ? secondLayers : 0);
  }
  return served;
}

// Margins below which a tenth, two tenths, … of the questions fall; first one below which none does.
std::vector<float> thresholds(const std::vector<Cell>& cells) {
  std::vector<float> margins;
  for (const Cell& cell : cells) margins.push_back(cell.margin);
  std::sort(margins.begin(), margins.end());
  std::vector<float> result;
  for (std::size_t tenth = 0; tenth < 10; ++tenth) result.push_back(margins[tenth * margins.size() / 10]);
  return result;
}

Plan bestPlan(const std::vector<ExampleLabels>& labels, int depth) {
  std::vector<ExampleLabels> validation;
  std::copy_if(labels.begin(), labels.end(), std::back_inserter(validation),
               [](const ExampleLabels& example) { return example.split == "validation"; });
  if (validation.empty())
    throw InputError("policy 'cascade'", "no labels of validation examples", "some to choose programs by",
                     "raise data.validation_fraction and run polar search");
  const std::vector<Program> menu = commonMenu(validation, depth);
  const Cells cells = cellsOf(validation, menu);
  Plan best{menu.front(), menu.front(), 0};
  Served most{-1, 0};
  for (std::size_t a = 0; a < menu.size(); ++a)
    for (const float threshold : thresholds(cells[a]))
      for (std::size_t b = 0; b < menu.size(); ++b) {
        if (a == b) continue;
        const Served served = serve(cells[a], cells[b], threshold, menu[a].executed(), menu[b].executed());
        if (!served.betterThan(most)) continue;
        most = served;
        best = {menu[a], menu[b], threshold};
      }
  return best;
}

class CascadePolicy final : public Policy {
 public:
  explicit CascadePolicy(Plan plan) : plan_(std::move(plan)) {}

  std::string name() const override { return "cascade"; }
  std::vector<Program> rank(const Example&, int) const override { return {plan_.first}; }
  std::vector<Choice> further(const Example&, const Outcome& first) const override {
    return first.margin < plan_.threshold ? std::vector<Choice>{{plan_.second}} : std::vector<Choice>{};
  }
  std::size_t kept(const std::vector<Outcome>& ran) const override {
    return keepsLater(ran[0].margin, ran[1].margin) ? 1 : 0;
  }

 private:
  Plan plan_;
};

}  // namespace

std::unique_ptr<Policy> makeCascadePolicy(const PolicyContext& context) {
  if (!context.labels)
    throw InputError("policy 'cascade'", "no oracle labels", "those of the validation examples", "run polar search");
  return std::make_unique<CascadePolicy>(bestPlan(*context.labels, context.space.depth));
}

}  // namespace polar
