// `menu`: a fixed list of programs that answered many other questions, tried on every question in the same order.
//
// The list is made from the labels of an earlier search by greedy maximum coverage: the program that answers most
// training questions not answered yet (the standard program's are), then the next; where all that can be are answered,
// coverage starts anew. Equals: more questions answered in all, then fewer executed layers, then the order
// of layers. A search runs different programs on different questions: on those where a program was not run it counts with
// its share on the others (Coverage), neither as wrong nor as right. A question never meets a list that its own labels helped to make: the questions of the file fall into two
// halves, and each half is served by the other's list. Or the list stands in a text file (`polar inspect LABELS --menu N`
// writes one) and serves every question: then its labels are to be of questions that are not searched.
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

// At most `most` programs, best first, from the labels with split "train" alone; neither the standard program nor
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

// The menu that a labels.h5 gives, or a text file (.txt): a program a line in the form of Program::parse, best first; what
// follows a # is a remark. At most `most` programs. InputError where it is no such file, its model has another depth, no
// question of its training split was answered by any program beside the standard one, or a text has none.
std::shared_ptr<const Menu> loadMenu(const std::string& file, int most, int depth);

// The greedy menu of labels as such a text, with how many questions each program answers, of those it was run on.
std::string menuText(const std::vector<ExampleLabels>& labels, std::size_t most);

std::unique_ptr<Proposer> makeMenuPhase(const StrategyOptions& options);
std::unique_ptr<SearchStrategy> makeMenu(const StrategyOptions& options);

}  // namespace polar
