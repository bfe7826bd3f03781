#include "train/menu_training.h"

#include <ATen/ATen.h>

#include "support/files.h"
#include "support/progress.h"
#include "train/calibration.h"
#include "train/one_thread.h"
#include "train/trained_files.h"

namespace polar {

at::Tensor rowsOf(const at::Tensor& tensor, const std::vector<std::int64_t>& rows) {
  return tensor.index_select(0, at::tensor(rows, at::kLong));
}

LabelledMenu readLabelled(const std::vector<ExampleLabels>& labels, const std::vector<Program>& menu,
                          const QuestionFeatures& features, std::int64_t most, const std::string& name,
                          const Workers& workers, const std::function<bool()>& stop) {
  ValueTable table = valueTable(labels, "train", menu, most);
  const ValueTable validation = valueTable(labels, "validation", menu);
  if (table.questions.empty())
    throw InputError(name + " model", "no labels of train questions", "some", "lower data.validation_fraction");
  const auto trainCount = static_cast<std::int64_t>(table.questions.size());
  const auto append = [](auto& all, const auto& more) { all.insert(all.end(), more.begin(), more.end()); };
  append(table.questions, validation.questions);
  append(table.right, validation.right);
  append(table.probability, validation.probability);

  Progress progress(name + " features", "questions", table.questions.size());
  std::vector<at::Tensor> rows(table.questions.size());
  std::vector<std::int64_t> tokens(rows.size());
  workers.run(rows.size(), [&](std::size_t q) {
    requireGoingOn(stop);
    rows[q] = features.read(table.questions[q]->example);
    tokens[q] = features.layerTokens(table.questions[q]->example);
    progress.advance(1);
  });
  double layerTokens = 0;
  for (const std::int64_t each : tokens) layerTokens += static_cast<double>(each) / static_cast<double>(tokens.size());
  const at::Tensor right =
      at::tensor(table.right).reshape({static_cast<std::int64_t>(rows.size()), static_cast<std::int64_t>(menu.size())});
  return {std::move(table), at::stack(rows), right, trainCount, layerTokens};
}

std::vector<Fold> makeFolds(const LabelledMenu& labelled, int count) {
  std::vector<Fold> folds(static_cast<std::size_t>(count));
  for (std::size_t q = 0; q < labelled.table.questions.size(); ++q) {
    const std::size_t own = foldOf(labelled.table.questions[q]->example, count);
    const auto row = static_cast<std::int64_t>(q);
    for (std::size_t f = 0; f < folds.size(); ++f)
      (f == own ? folds[f].heldOut : row < labelled.trainCount ? folds[f].train : folds[f].validation).push_back(row);
  }
  std::erase_if(folds, [](const Fold& fold) { return fold.heldOut.empty() || fold.train.empty(); });
  return folds;
}

HeldOut predictHeldOut(const LabelledMenu& labelled, const std::vector<Fold>& folds,
                       const std::function<at::Tensor(std::size_t fold)>& predict) {
  HeldOut heldOut;
  heldOut.answerCost = answerCosts(labelled.table.questions, labelled.table.menu);
  heldOut.folds = static_cast<int>(folds.size());
  for (std::size_t f = 0; f < folds.size(); ++f) {
    for (const float p : floatsOf(predict(f))) heldOut.probability.push_back(p);
    for (const float right : floatsOf(rowsOf(labelled.right, folds[f].heldOut))) heldOut.right.push_back(right);
  }
  return heldOut;
}

ValidationScore scoreChoices(const MenuChoice& choice, const at::Tensor& probabilities, const at::Tensor& right) {
  double passAt1 = 0, executed = 0;
  const at::Tensor rows = probabilities.to(at::kDouble).contiguous(), verdicts = right.contiguous();
  const std::size_t count = choice.menu().size(), questions = static_cast<std::size_t>(rows.size(0));
  for (std::size_t q = 0; q < questions; ++q) {
    const double* row = rows.data_ptr<double>() + q * count;
    const std::size_t chosen = choice.rank({row, row + count}, {}, 0, 1).front();
    passAt1 += verdicts.data_ptr<float>()[q * count + chosen];
    executed += choice.menu()[chosen].executed();
  }
  const auto all = static_cast<double>(questions);
  return {passAt1 / all, std::nullopt, executed / all};
}

void writeCalibration(const std::filesystem::path& file, const HeldOut& heldOut) {
  const Calibration calibration = calibrate(heldOut.probability, heldOut.right);
  OrderedJson json{{"predictions", heldOut.right.size()},
                   {"expected_calibration_error", calibration.error},
                   {"brier", calibration.brier}};
  for (const CalibrationBin& bin : calibration.bins)
    json["bins"].push_back(
        {{"low", bin.low}, {"high", bin.high}, {"n", bin.n}, {"predicted", bin.predicted}, {"observed", bin.observed}});
  writeFileAtomically(file, json.dump(2) + "\n");
}

}  // namespace polar
