// `menu`: a fixed list of programs that answered many other questions, tried on every question in the same order.
//
// The list is made from the labels of an earlier search by greedy maximum coverage: the program that answers most
// training questions not answered yet (the standard program's are), then the next; where all that can be are answered,
// coverage starts anew. Equals: more questions answered in all, then fewer executed layers, then the order
// of layers. A question never meets a list that its own labels helped to make: the questions of the file fall into two
// halves, and each half is served by the other's list.
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
  const std::vector<Program>& programsFor(const Example& example) const;
  bool empty() const { return whole_.empty(); }

 private:
  std::vector<Program> whole_, fromHalf_[2];
  std::set<std::string> questions_;  // of the labels
};

// The menu that a labels.h5 gives. InputError where it is no such file, its model has another depth, or no
// question of its training split was answered by any program beside the standard one.
std::shared_ptr<const Menu> loadMenu(const std::string& file, int most, int depth);

std::unique_ptr<Proposer> makeMenuPhase(const StrategyOptions& options);
std::unique_ptr<SearchStrategy> makeMenu(const StrategyOptions& options);

}  // namespace polar
