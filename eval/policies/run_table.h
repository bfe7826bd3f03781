// What runs of a menu's programs gave on the labelled questions, and
// came to together: what policies of several runs are tuned on.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "eval/policies/menu_table.h"
#include "grading/answer_form.h"

namespace polar {

class RunTable {
 public:
  using Order = std::vector<std::size_t>;  // places in the menu, in which programs run

  // `labels` must outlive it. InputError as menuTable.
  RunTable(const std::vector<ExampleLabels>& labels, int depth, bool boxOpen, const std::string& who);

  const std::vector<Program>& menu() const { return table_.menu; }
  std::size_t standard() const { return table_.standard; }
  const Example& example(std::size_t question) const { return labels_[question].example; }
  const MenuCell& cell(std::size_t program, std::size_t question) const { return table_.cells[program][question]; }
  // Runs that give the same answer to a question have the same number; -1: no answer (partiesOf).
  int party(std::size_t program, std::size_t question) const { return parties_[question][program]; }
  AnswerForm form(std::size_t program, std::size_t question) const { return forms_[question][program]; }

  // Of the first `runs` of `order` together: layers that they begin with alike count once.
  int layers(const Order& order, std::size_t runs) const;
  // Layer-tokens of those runs, which have so many `layers`.
  double cost(const Order& order, std::size_t runs, int layers, std::size_t question) const;
  double standardCost(std::size_t question) const;
  double meanStandardCost(const std::vector<std::size_t>& questions) const;  // at least 1

 private:
  const std::vector<ExampleLabels>& labels_;
  MenuTable table_;
  std::vector<std::vector<int>> parties_;       // [question][program]
  std::vector<std::vector<AnswerForm>> forms_;  // [question][program]
};

}  // namespace polar
