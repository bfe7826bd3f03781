// `menu`: a fixed list of programs that answered many other questions, tried on every question in the same order.
//
// The list is made from the labels of an earlier search by greedy maximum coverage. First comes the program that
// answers most of the training questions that the standard program does not answer, then the program that answers most
// of the rest, and so on. Once all questions that can be answered are, coverage starts again from none. Among equals:
// more questions answered in all, then fewer executed layers, then the order of layers. A search runs different
// programs on different questions. Where a program was not run, it counts with its share on the others (Coverage),
// neither as wrong nor as right.
//
// A question never gets a list that its own labels helped to make: the questions of the file are divided into two
// halves, and each half gets the list of the other. Or the list is a text file (`polar inspect LABELS --menu N` writes
// one), for every question: then it should be made from labels of questions that are not searched.
//
// Source: RE-PoLar's menu coverage (arXiv 2609.31360); Nemhauser, Wolsey, Fisher 1978 for the greedy.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "search/rounds.h"
#include "store/label_store.h"

namespace polar {

// At most `most` programs, best first, from labels with split "train" only; without the standard program and without
// temperature samples.
std::vector<Program> greedyMenu(const std::vector<const ExampleLabels*>& labels, std::size_t most);

class Menu {
 public:
  Menu(const std::vector<ExampleLabels>& labels, std::size_t most);
  explicit Menu(std::vector<Program> programs) : whole_(std::move(programs)) {}
  const std::vector<Program>& programsFor(const Example& example) const;
  bool empty() const { return whole_.empty(); }

 private:
  std::vector<Program> whole_, fromHalf_[2];
  std::set<std::string> questions_;  // of the labels
};

// The menu of a labels.h5, or of a text file (.txt): one program a line in the form of Program::parse, best first; what
// follows a # is a comment. At most `most` programs. InputError where the file is neither, its model has another depth,
// or it gives no program (labels: no training question was answered by a program other than the standard one).
std::shared_ptr<const Menu> loadMenu(const std::string& file, int most, int depth);

// The greedy menu of labels as such a text, with how many questions each program answers of those it was run on.
std::string menuText(const std::vector<ExampleLabels>& labels, std::size_t most);

std::unique_ptr<Proposer> makeMenuPhase(const StrategyOptions& options);
std::unique_ptr<SearchStrategy> makeMenu(const StrategyOptions& options);

}  // namespace polar
