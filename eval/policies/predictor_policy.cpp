#include "eval/policies/known_policies.h"
#include "support/error.h"
#include "train/predictor.h"
#include "train/question_encoder.h"

namespace polar {
namespace {

class PredictorPolicy final : public Policy {
 public:
  explicit PredictorPolicy(const PolicyContext& context)
      : encoder_(context.encoder), predictor_(context.predictor), depth_(context.space.depth), beam_(context.beam) {}

  std::vector<Program> rank(const Example& example, int k) const override {
    std::vector<Program> programs;
    for (ScoredProgram& scored : predictor_->propose(encoder_->encode(example), k, beam_))
      programs.push_back(std::move(scored.program));
    if (programs.empty()) programs.push_back(Program::standard(depth_));
    return programs;
  }

  int promptLayersRead(const Example&) const override { return encoder_->promptLayers(); }

  std::int64_t choosingLayerTokens(const Example& example) const override {
    return encoder_->promptLayers() > 0 ? 0 : encoder_->layerTokens(example);
  }

  std::shared_ptr<const PromptStart> start(const Example& example) const override {
    return encoder_->promptLayers() > 0 ? encoder_->encodeKept(example).start : nullptr;
  }

 private:
  std::shared_ptr<const QuestionEncoder> encoder_;
  std::shared_ptr<const ProgramPredictor> predictor_;
  int depth_, beam_;
};

}  // namespace

std::unique_ptr<Policy> makePredictorPolicy(const PolicyContext& context) {
  if (!context.predictor)
    throw InputError(context.where(), "no trained predictor", "one in the run's train folder", "run polar train");
  if (!context.encoder)
    throw InputError(context.where(), "no question encoder", "the one the predictor was trained with",
                     "run polar train");
  const PredictorShape& shape = context.predictor->shape();
  if (shape.depth != context.space.depth)
    throw InputError(context.where(), "a predictor for " + std::to_string(shape.depth) + " layers",
                     "one for the model's " + std::to_string(context.space.depth), "run polar train on this model");
  if (shape.inputWidth != context.encoder->width())
    throw InputError(context.where(), "a predictor for questions of width " + std::to_string(shape.inputWidth),
                     "the encoder's width, " + std::to_string(context.encoder->width()),
                     "run polar train with this encoder");
  return std::make_unique<PredictorPolicy>(context);
}

}  // namespace polar
