#include "train/chooser_fit.h"

#include <torch/torch.h>

#include <algorithm>
#include <limits>

#include "train/one_thread.h"
#include "train/principal_components.h"
#include "train/torch_seed.h"

namespace polar {
namespace {

// Every question says something about each intercept, so that they need less of a penalty than the interaction.
constexpr double kInterceptShare = 0.1;
constexpr double kInitialSpread = 0.1;  // where the interaction is 0 its gradient is 0 too

at::Tensor exactRows(const at::Tensor& rows) { return rows.to(torch::kDouble); }

}  // namespace

at::Tensor teaches(const at::Tensor& valid) { return (valid > 0).any(1); }

at::Tensor setLoss(const at::Tensor& logits, const at::Tensor& valid) {
  const at::Tensor teaching = teaches(valid).nonzero().squeeze(1);
  if (teaching.numel() == 0) return logits.sum() * 0;
  const at::Tensor taught = logits.index_select(0, teaching), isValid = valid.index_select(0, teaching) > 0;
  const at::Tensor ofValid = taught.masked_fill(isValid.logical_not(), -std::numeric_limits<double>::infinity());
  return (taught.logsumexp(1) - ofValid.logsumexp(1)).mean();
}

ChooserFit::ChooserFit(const at::Tensor& features, const at::Tensor& valid, MenuChoice menu,
                       const ChooserSettings& settings, std::uint64_t seed)
    : menu_(std::move(menu)), steps_(settings.steps), seed_(seed) {
  const auto width = features.size(1);
  const auto components = std::min<std::int64_t>(settings.components, width);
  shape_ = {menu_.depth(), static_cast<int>(width), static_cast<int>(menu_.menu().size()), static_cast<int>(components),
            settings.rank};
  const torch::NoGradGuard noGrad;
  const at::Tensor rows = exactRows(features);
  read_.mean = rows.mean(0).to(torch::kFloat);
  read_.scale = (rows - read_.mean).square().mean(0).sqrt().clamp_min(1e-3).to(torch::kFloat);
  const at::Tensor standard = (rows - read_.mean) / read_.scale;
  const PrincipalComponents found = principalComponents(standard, components);
  // So a penalty means the same whatever the number of features.
  const double spread = found.variances.mean().sqrt().item<double>();
  read_.components = (found.directions / std::max(spread, 1e-6)).to(torch::kFloat);
  const at::Tensor teaching = teaches(valid).nonzero().squeeze(1);
  reduced_ = torch::mm(standard, exactRows(read_.components).t()).index_select(0, teaching);
  valid_ = valid.index_select(0, teaching);
}

std::unique_ptr<ChooserModel> ChooserFit::at(double penalty, const std::function<bool()>& stop) const {
  at::Tensor programs, interaction, intercepts = torch::zeros({shape_.programs}, torch::kDouble);
  {
    const TorchSeed seeded(seed_);
    programs = kInitialSpread * torch::randn({shape_.programs, shape_.rank}, torch::kDouble);
    interaction = kInitialSpread * torch::randn({shape_.rank, shape_.components}, torch::kDouble);
  }
  const std::vector<at::Tensor> parameters{intercepts, programs, interaction};
  for (const at::Tensor& each : parameters) each.requires_grad_(true);
  torch::optim::LBFGS optimizer(parameters, torch::optim::LBFGSOptions(1)
                                                .max_iter(steps_)
                                                .max_eval(4 * steps_)
                                                .history_size(20)
                                                .tolerance_grad(1e-7)
                                                .tolerance_change(1e-10)
                                                .line_search_fn("strong_wolfe"));
  optimizer.step([&] {
    requireGoingOn(stop);
    optimizer.zero_grad();
    const at::Tensor logits = intercepts + torch::mm(torch::mm(reduced_, interaction.t()), programs.t());
    const at::Tensor squares =
        kInterceptShare * intercepts.square().sum() + programs.square().sum() + interaction.square().sum();
    const at::Tensor loss = setLoss(logits, valid_) + penalty / 2 * squares;
    loss.backward();
    return loss;
  });
  auto model = std::make_unique<ChooserModel>(shape_, menu_);
  const auto kept = [](const at::Tensor& parameter) { return parameter.detach().to(torch::kFloat); };
  model->weights = {read_.mean,
                    read_.scale,
                    read_.components,
                    kept(intercepts),
                    kept(programs),
                    kept(interaction),
                    torch::zeros({shape_.programs + 2})};
  return model;
}

}  // namespace polar
