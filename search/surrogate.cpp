#include "search/surrogate.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "search/edit_features.h"
#include "search/ridge.h"
#include "support/random.h"

namespace polar {
namespace {

constexpr double kClip = 4;              // nats: larger differences from the standard program count as this
constexpr double kPenalty = 4;           // as a prior: weights of about half a nat
constexpr std::size_t kBest = 8;         // programs that get a further edit
constexpr std::size_t kShortlist = 256;  // options by prediction, among which deviations then choose
constexpr std::size_t kPairs = 8;

struct Option {
  std::vector<Segment> edits;
  std::int32_t parent = 0;
};

class Surrogate final : public Proposer {
 public:
  explicit Surrogate(const StrategyOptions& options) : options_(options), edits_(singleEdits(options.space())) {
    Random(options.seed).shuffle(edits_);
    if (options.maxEdits < 1) edits_.clear();
  }

  std::vector<Candidate> propose(const History& history, std::size_t n) override {
    takePredictions(history);
    if (static_cast<std::int64_t>(history.size()) <= std::max<std::int64_t>(options_.round, options_.budget / 5)) {
      auto candidates = firstEdits(history, n);
      if (!candidates.empty()) return candidates;
    }
    return best(history, n);
  }

  std::map<std::string, double> statistics() const override {
    if (predicted_.size() < kPairs) return {};
    const double rho = spearman(predicted_, observed_);
    if (std::isnan(rho)) return {};
    return {{"spearman", rho}, {"predicted", static_cast<double>(predicted_.size())}};
  }

 private:
  static double target(const History& history, std::size_t order) {
    return std::clamp(history[order].logprob - history[0].logprob, -kClip, kClip);
  }

  void takePredictions(const History& history) {
    for (const auto& [order, mean] : open_) {
      predicted_.push_back(mean);
      observed_.push_back(target(history, order));
    }
    open_.clear();
  }

  std::vector<Candidate> firstEdits(const History& history, std::size_t n) {
    std::vector<Candidate> candidates;
    for (; first_ < edits_.size() && candidates.size() < n; ++first_) {
      Program program = applyEdits(std::vector<Segment>{edits_[first_]}, options_.depth);
      if (!history.find(program)) candidates.push_back({std::move(program), 0});
    }
    return candidates;
  }

  std::vector<Candidate> best(const History& history, std::size_t n) {
    Ridge ridge = fit(history);
    const double price = history.layerPrice();
    const std::vector<Option> pool = shortlist(options(history), ridge, price);
    const Eigen::MatrixXd rows = features(pool.size(), [&](std::size_t i) -> auto& { return pool[i].edits; });
    const Eigen::VectorXd means = ridge.means(rows);
    Eigen::VectorXd variances = ridge.variances(rows);
    std::vector<bool> gone(pool.size(), false);
    std::vector<Candidate> candidates;
    while (candidates.size() < n) {
      const auto at = pick(rows, means, variances, price, gone);
      if (at < 0) break;
      gone[static_cast<std::size_t>(at)] = true;
      const Option& option = pool[static_cast<std::size_t>(at)];
      Program program = applyEdits(option.edits, options_.depth);
      const auto same = [&](const Candidate& each) { return each.program == program; };
      if (history.find(program) || std::any_of(candidates.begin(), candidates.end(), same)) continue;
      open_.emplace_back(history.size() + candidates.size(), means[at]);
      candidates.push_back({std::move(program), option.parent});
      ridge.shrink(rows.row(at).transpose(), rows, variances);
    }
    return candidates;
  }

  Ridge fit(const History& history) const {
    const Eigen::MatrixXd rows = features(history.size(), [&](std::size_t i) -> auto& { return history[i].edits; });
    Eigen::VectorXd targets(static_cast<Eigen::Index>(history.size()));
    for (std::size_t i = 0; i < history.size(); ++i) targets[static_cast<Eigen::Index>(i)] = target(history, i);
    return Ridge(rows, targets, kPenalty);
  }

  template <typename EditsOf>
  Eigen::MatrixXd features(std::size_t count, EditsOf edits) const {
    Eigen::MatrixXd rows(static_cast<Eigen::Index>(count), featureCount(options_.space()));
    Eigen::RowVectorXd row(rows.cols());
    for (std::size_t i = 0; i < count; ++i) {
      writeFeatures(edits(i), options_.space(), row);
      rows.row(static_cast<Eigen::Index>(i)) = row;
    }
    return rows;
  }

  // Those whose predictions, less the price of layers, are best; equals keep their order.
  std::vector<Option> shortlist(std::vector<Option> pool, const Ridge& ridge, double price) const {
    if (pool.size() <= kShortlist) return pool;
    const Eigen::MatrixXd rows = features(pool.size(), [&](std::size_t i) -> auto& { return pool[i].edits; });
    const Eigen::VectorXd values = ridge.means(rows) - price * rows.col(rows.cols() - 1);
    std::vector<std::size_t> order(pool.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return values[static_cast<Eigen::Index>(a)] > values[static_cast<Eigen::Index>(b)];
    });
    std::vector<Option> best;
    for (std::size_t i = 0; i < kShortlist; ++i) best.push_back(std::move(pool[order[i]]));
    return best;
  }

  // Every edit added to the standard program and to the best others.
  std::vector<Option> options(const History& history) const {
    std::vector<std::size_t> parents(history.size() - 1);
    std::iota(parents.begin(), parents.end(), 1);
    std::stable_sort(parents.begin(), parents.end(),
                     [&](std::size_t a, std::size_t b) { return history.score(a) > history.score(b); });
    std::erase_if(parents, [&](std::size_t order) {
      return static_cast<std::int64_t>(history[order].edits.size()) >= options_.maxEdits;
    });
    parents.resize(std::min(parents.size(), kBest));
    parents.insert(parents.begin(), 0);
    std::vector<Option> pool;
    std::set<std::vector<Segment>> seen;
    for (std::size_t order = 0; order < history.size(); ++order) seen.insert(history[order].edits);
    for (const std::size_t parent : parents)
      for (const Segment& edit : edits_) {
        auto edits = withEdit(history[parent].edits, edit);
        if (edits && seen.insert(*edits).second) pool.push_back({std::move(*edits), static_cast<std::int32_t>(parent)});
      }
    return pool;
  }

  // The option that ranks best, the first among equals; -1 where all are gone.
  Eigen::Index pick(const Eigen::MatrixXd& rows, const Eigen::VectorXd& means, const Eigen::VectorXd& variances,
                    double price, const std::vector<bool>& gone) const {
    const Eigen::Index length = rows.cols() - 1;  // executed layers beyond the standard program's
    Eigen::Index best = -1;
    double most = 0;
    for (Eigen::Index i = 0; i < rows.rows(); ++i) {
      if (gone[static_cast<std::size_t>(i)]) continue;
      const double rank =
          means[i] + options_.optimism * std::sqrt(std::max(0.0, variances[i])) - price * rows(i, length);
      if (best < 0 || rank > most) best = i, most = rank;
    }
    return best;
  }

  StrategyOptions options_;
  std::vector<Segment> edits_;  // in an order of the seed's
  std::size_t first_ = 0;       // in edits_: the next one to ask before there is anything to learn from
  std::vector<std::pair<std::size_t, double>> open_;  // orders and predictions of the round that is being evaluated
  std::vector<double> predicted_, observed_;
};

}  // namespace

std::unique_ptr<Proposer> makeSurrogatePhase(const StrategyOptions& options) {
  return std::make_unique<Surrogate>(options);
}

std::unique_ptr<SearchStrategy> makeSurrogate(const StrategyOptions& options) {
  return makeRounds(options, makeSurrogatePhase(options));
}

}  // namespace polar
