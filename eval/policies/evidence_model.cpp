#include "eval/policies/evidence_model.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "support/hash.h"
#include "support/random.h"
#include "train/logistic.h"

namespace polar {
namespace {

constexpr double kWeak = 1, kPrograms = 10;  // precisions of priors around 0, as in train/score_calibration.cpp
constexpr std::size_t kOthers[] = {0, 1, 2, 4};

// Of the other runs that give an answer: those that give the same, and those that give another.
struct Agreement {
  int agree = 0, disagree = 0;

  void add(int own, int other) {
    if (own < 0 || other < 0) return;
    ++(own == other ? agree : disagree);
  }
};

double sigmoid(double logit) { return 1 / (1 + std::exp(-logit)); }

}  // namespace

RunEvidence evidenceOf(const RunTable& table, std::size_t program, std::size_t question) {
  const MenuCell& cell = table.cell(program, question);
  return {program, cell.margin, cell.text->size(), table.form(program, question), table.party(program, question)};
}

EvidenceModel::EvidenceModel(const RunTable& table, const std::vector<std::size_t>& questions) {
  const std::size_t programs = table.menu().size();
  for (std::size_t p = 0; p < programs; ++p) {
    std::vector<float> margins, lengths;
    for (const std::size_t q : questions) {
      margins.push_back(table.cell(p, q).margin);
      lengths.push_back(static_cast<float>(table.cell(p, q).text->size()));
    }
    margins_.emplace_back(std::move(margins));
    lengths_.emplace_back(std::move(lengths));
  }
  const std::size_t columns = 1 + programs + kInputs;  // of all programs, of each, inputs
  std::vector<double> rows, right;
  for (const std::size_t q : questions)
    for (std::size_t p = 0; p < programs; ++p) {
      std::vector<std::size_t> others(programs);
      std::iota(others.begin(), others.end(), std::size_t{0});
      others.erase(others.begin() + static_cast<std::ptrdiff_t>(p));
      Random(stableHash(table.example(q).question), table.menu()[p].text()).shuffle(others);
      const RunEvidence run = evidenceOf(table, p, q);
      for (const std::size_t count : kOthers) {
        if (count > others.size()) continue;
        Agreement beside;
        for (std::size_t i = 0; i < count; ++i) beside.add(run.party, table.party(others[i], q));
        const Inputs in = inputs(run, beside.agree, beside.disagree);
        std::vector<double> row(columns, 0);
        row[0] = row[1 + p] = 1;
        std::ranges::copy(in, row.end() - kInputs);
        rows.insert(rows.end(), row.begin(), row.end());
        right.push_back(table.cell(p, q).right ? 1 : 0);
      }
    }
  const auto width = static_cast<std::int64_t>(columns);
  at::Tensor precision = at::full({width}, kWeak, at::kDouble);
  precision.narrow(0, 1, static_cast<std::int64_t>(programs)).fill_(kPrograms);
  const at::Tensor found =
      fitLogistic(at::tensor(rows, at::kDouble).reshape({-1, width}), at::tensor(right, at::kDouble), precision)
          .contiguous();
  const double* weights = found.data_ptr<double>();
  for (std::size_t p = 0; p < programs; ++p) programs_.push_back(weights[0] + weights[1 + p]);
  std::copy_n(weights + 1 + programs, kInputs, weights_.begin());
}

EvidenceModel::Inputs EvidenceModel::inputs(const RunEvidence& run, int agree, int disagree) const {
  Inputs in = {};
  in[kMargin] = margins_[run.program].share(run.margin);
  in[kLength] = lengths_[run.program].share(static_cast<float>(run.length));
  in[kNone] = run.form == AnswerForm::none ? 1 : 0;
  in[kWhole] = run.form == AnswerForm::positiveWhole ? 1 : 0;
  in[kNumber] = run.form == AnswerForm::otherNumber ? 1 : 0;
  in[kAgree] = agree;
  in[kDisagree] = disagree;
  in[kAgreeWhole] = in[kWhole] * agree;
  return in;
}

std::vector<double> EvidenceModel::probabilities(std::span<const RunEvidence> runs) const {
  std::vector<double> all;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    Agreement others;
    for (std::size_t j = 0; j < runs.size(); ++j)
      if (j != i) others.add(runs[i].party, runs[j].party);
    const Inputs in = inputs(runs[i], others.agree, others.disagree);
    all.push_back(sigmoid(std::inner_product(in.begin(), in.end(), weights_.begin(), programs_[runs[i].program])));
  }
  return all;
}

LikeliestRun likeliest(const EvidenceModel& model, std::span<const RunEvidence> runs) {
  const std::vector<double> probabilities = model.probabilities(runs);
  const auto most = std::ranges::max_element(probabilities);
  return {static_cast<std::size_t>(most - probabilities.begin()), *most};
}

}  // namespace polar
