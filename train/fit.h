// The loop of every training: run an epoch, look at validation, keep the best weights, write the log.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace torch::nn {
class Module;
}

namespace polar {

// How good the weights are on the validation questions.
struct ValidationScore {
  double passAt1 = 0;              // share of the questions whose chosen program is right
  std::optional<double> loss;      // nothing where no question has one
  std::optional<double> executed;  // layers that the chosen programs run, on average; nothing where it is not measured

  // By pass@1, then by loss. Never by loss first: that rewards the collapse to the standard program.
  bool betterThan(const ValidationScore& other) const;
};

struct EpochResult {
  int epoch = 0;                         // from 1
  double loss = 0;                       // of training, on average
  std::optional<ValidationScore> score;  // nothing without validation questions
};

// What each kind of training has of its own.
class EpochTraining {
 public:
  virtual ~EpochTraining() = default;
  virtual torch::nn::Module& network() = 0;
  // Trains on every question once; returns the mean loss.
  virtual double runEpoch(int epoch) = 0;
  virtual std::optional<ValidationScore> validate() = 0;
  // The line of the log for this epoch, without the member "best". May also show it to the user.
  virtual nlohmann::ordered_json report(const EpochResult& result) = 0;
};

struct FitPlan {
  int epochs = 0;
  int evaluateEvery = 1;  // epochs between two looks at validation; the last epoch always has one
  std::string rateKey;    // the config key to lower where the loss is not finite
};

struct BestEpoch {
  int epoch = 0;  // from 1
  std::optional<ValidationScore> score;
};

// Leaves the weights of the best epoch in the network, the earliest of equal ones; without validation questions those
// of the last epoch. After each look at validation, `writeLog` gets all lines of the log so far. InputError where the
// loss is not finite.
BestEpoch fit(EpochTraining& training, const FitPlan& plan,
              const std::function<void(const std::string& lines)>& writeLog);

// The score's numbers for the log, null where there is none.
nlohmann::ordered_json passAt1Json(const std::optional<ValidationScore>& score);
nlohmann::ordered_json lossJson(const std::optional<ValidationScore>& score);
nlohmann::ordered_json executedJson(const std::optional<ValidationScore>& score);

}  // namespace polar
