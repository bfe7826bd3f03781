#include "search/mcts.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <unordered_map>

#include "support/random.h"

namespace polar {
namespace {

// Simulations in a row without a new program, after which UCB alone would take long to find what is left.
constexpr int kIdle = 1000;

struct Node {
  Program program;
  std::vector<Segment> edits;
  std::vector<std::size_t> children;
  // Actions left, the next one last; in the paper's variant they start at a place in the path.
  std::vector<Segment> untried;
  bool opened = false;  // untried has been filled
  double reward = 0;
  std::int64_t visits = 0;
};

using Path = std::vector<std::size_t>;  // nodes from the root down

struct Weights {
  double exploration, lengthPenalty;
};

bool paperVariant(const SearchSettings& settings) { return settings.mctsVariant == "paper"; }

Weights weightsOf(const SearchSettings& settings) {
  const bool paper = paperVariant(settings);
  const auto given = [](double value, double own) { return value >= 0 ? value : own; };
  return {given(settings.exploration, paper ? std::numbers::sqrt2 : 0.1),
          given(settings.lengthPenalty, paper ? 5.0 : 0.1)};
}

class Tree final : public Proposer {
 public:
  explicit Tree(const StrategyOptions& options)
      : options_(options), paper_(paperVariant(options)), weights_(weightsOf(options)), random_(options.seed) {
    addNode(Program::standard(options.depth), {});
  }

  std::vector<Candidate> propose(const History& history, std::size_t n) override {
    for (const Path& path : waiting_) backUp(path, history);
    waiting_.clear();
    std::vector<Candidate> candidates;
    for (int idle = 0; candidates.size() < n && idle < kIdle; ++idle)
      if (simulate(descend(history), history, candidates)) idle = 0;
    while (candidates.size() < n) {
      const Path path = widenOldest(history);
      if (path.empty()) break;
      simulate(path, history, candidates);
    }
    return candidates;
  }

  std::map<std::string, double> statistics() const override {
    return {{"tree_depth", static_cast<double>(depth_)},
            {"ucb_choices", static_cast<double>(choices_)},
            {"simulations", static_cast<double>(simulations_)}};
  }

 private:
  std::size_t addNode(Program program, std::vector<Segment> edits) {
    table_.emplace(program, nodes_.size());
    Node node;
    node.program = std::move(program);
    node.edits = std::move(edits);
    nodes_.push_back(std::move(node));
    return nodes_.size() - 1;
  }

  // The rest of a simulation that went down `path`; whether it gave a new candidate.
  bool simulate(const Path& path, const History& history, std::vector<Candidate>& candidates) {
    for (const std::size_t node : path) ++nodes_[node].visits;
    ++simulations_;
    const Node& last = nodes_[path.back()];
    if (history.find(last.program)) {
      backUp(path, history);
      return false;
    }
    waiting_.push_back(path);
    const auto same = [&](const Candidate& each) { return each.program == last.program; };
    if (std::any_of(candidates.begin(), candidates.end(), same)) return false;
    candidates.push_back({last.program, *history.find(nodes_[path[path.size() - 2]].program)});
    return true;
  }

  // The oldest node that may have another child, and that child; empty where the whole tree has been asked.
  Path widenOldest(const History& history) {
    for (std::size_t at = 0; at < nodes_.size(); ++at) {
      if (static_cast<int>(nodes_[at].edits.size()) >= options_.maxEdits || !history.find(nodes_[at].program)) continue;
      if (const auto child = expand(at, history)) return {at, *child};
    }
    return {};
  }

  // Selection and expansion. Ends at a new child, at a program still waiting, or at a node without children.
  Path descend(const History& history) {
    Path path{0};
    while (static_cast<int>(path.size()) <= options_.maxEdits && history.find(nodes_[path.back()].program)) {
      const std::size_t at = path.back();
      if (mayWiden(at)) {
        if (const auto child = expand(at, history)) {
          path.push_back(*child);
          break;
        }
      }
      if (nodes_[at].children.empty()) break;
      path.push_back(takesRandomChild() ? randomChild(at) : bestChild(at));
      ++choices_;
    }
    depth_ = std::max(depth_, path.size() - 1);
    return path;
  }

  bool mayWiden(std::size_t at) const {
    const Node& node = nodes_[at];
    if (node.opened && node.untried.empty()) return false;
    const double most = std::ceil(2 * std::sqrt(static_cast<double>(std::max<std::int64_t>(1, node.visits))));
    return paper_ || static_cast<double>(node.children.size()) < most;
  }

  // Adds the child of the next action that leads to an allowed program; empty where there is none left.
  std::optional<std::size_t> expand(std::size_t at, const History& history) {
    if (!nodes_[at].opened) open(nodes_[at], history);
    while (!nodes_[at].untried.empty()) {
      const Segment action = nodes_[at].untried.back();
      nodes_[at].untried.pop_back();
      const auto child = paper_ ? childOnPath(nodes_[at], action) : childWithEdit(nodes_[at], action);
      if (!child) continue;
      auto& children = nodes_[at].children;
      if (std::find(children.begin(), children.end(), *child) != children.end()) continue;
      nodes_[at].children.push_back(*child);
      return child;
    }
    return std::nullopt;
  }

  void open(Node& node, const History& history) {
    node.opened = true;
    EditSpace space = options_.space();
    if (paper_) space.depth = node.program.executed();
    node.untried = singleEdits(space);
    random_.shuffle(node.untried);
    if (options_.fromVerdictsAlone() || paper_) return;
    node.untried = rankEdits(history, std::move(node.untried));
    std::reverse(node.untried.begin(), node.untried.end());
  }

  // The paper's tree: a new node even where another path led to the same program.
  std::optional<std::size_t> childOnPath(const Node& node, const Segment& action) {
    const auto layers = node.program.layers();
    const auto begin = layers.begin() + action.start, end = begin + action.length;
    std::vector<LayerIndex> changed(layers.begin(), begin);
    for (int i = 0; i < action.times; ++i) changed.insert(changed.end(), begin, end);
    changed.insert(changed.end(), end, layers.end());
    Program program(std::move(changed));
    auto edits = editsOf(program, options_.space());
    if (!edits || edits->empty() || !allowed(*edits, options_)) return std::nullopt;
    return addNode(std::move(program), std::move(*edits));
  }

  std::optional<std::size_t> childWithEdit(const Node& node, const Segment& action) {
    const auto placed = withEdit(node.edits, action);
    if (!placed || !allowed(*placed, options_)) return std::nullopt;
    Program program = applyEdits(*placed, options_.depth);
    const auto known = table_.find(program);
    if (known != table_.end()) return known->second;
    auto edits = editsOf(program, options_.space());  // two skips side by side are one
    return addNode(std::move(program), std::move(*edits));
  }

  bool takesRandomChild() { return options_.randomChild > 0 && random_.uniform() < options_.randomChild; }

  std::size_t randomChild(std::size_t at) {
    const auto& children = nodes_[at].children;
    return children[random_.below(children.size())];
  }

  std::size_t bestChild(std::size_t at) const {
    const auto& children = nodes_[at].children;
    return *std::max_element(children.begin(), children.end(),
                             [&](std::size_t a, std::size_t b) { return ucb(nodes_[a]) < ucb(nodes_[b]); });
  }

  double ucb(const Node& node) const {
    const double visits = static_cast<double>(std::max<std::int64_t>(1, node.visits));
    const double all = static_cast<double>(std::max<std::int64_t>(1, simulations_));
    return node.reward / visits + weights_.exploration * std::sqrt(std::log(all) / visits) -
           weights_.lengthPenalty * node.program.executed() / options_.depth;
  }

  void backUp(const Path& path, const History& history) {
    const double reward = rewardOf(history, *history.find(nodes_[path.back()].program));
    for (const std::size_t node : path) nodes_[node].reward += reward;
  }

  double rewardOf(const History& history, std::int32_t order) const {
    const History::Entry& entry = history[static_cast<std::size_t>(order)];
    const double verdict = entry.right ? 1 : 0;
    if (options_.fromVerdictsAlone()) return verdict;
    const double gain = 1 / (1 + std::exp(history[0].logprob - entry.logprob));
    return (1 - options_.logprobWeight) * verdict + options_.logprobWeight * gain;
  }

  StrategyOptions options_;
  bool paper_;
  Weights weights_;
  Random random_;
  std::vector<Node> nodes_;
  std::unordered_map<Program, std::size_t> table_;  // the first node of each program; never iterated
  std::vector<Path> waiting_;                       // simulations whose last program is not evaluated yet
  std::int64_t simulations_ = 0, choices_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace

std::unique_ptr<SearchStrategy> makeMcts(const StrategyOptions& options) {
  return makeRounds(options, makeTree(options));
}

std::unique_ptr<Proposer> makeTree(const StrategyOptions& options) { return std::make_unique<Tree>(options); }

bool staysAtDepthOne(const StrategyOptions& options) {
  if (options.maxEdits < 2) return true;
  return paperVariant(options) && options.budget <= static_cast<std::int64_t>(singleEdits(options.space()).size()) + 1;
}

}  // namespace polar
