#include <ATen/ATen.h>

#include "train/question_encoder.h"

namespace polar {
namespace {

class MeanPooledEncoder final : public QuestionEncoder {
 public:
  explicit MeanPooledEncoder(std::shared_ptr<const QuestionEncoder> encoder) : encoder_(std::move(encoder)) {}

  at::Tensor encode(const Example& example) const override { return meanOf(encoder_->encode(example)); }
  KeptReading encodeKept(const Example& example) const override {
    KeptReading reading = encoder_->encodeKept(example);
    return {meanOf(reading.rows), std::move(reading.start)};
  }
  int width() const override { return encoder_->width(); }
  std::int64_t layerTokens(const Example& example) const override { return encoder_->layerTokens(example); }
  int promptLayers() const override { return encoder_->promptLayers(); }

 private:
  static at::Tensor meanOf(const at::Tensor& rows) { return scaledRows(rows.mean(0, /*keepdim=*/true)); }

  std::shared_ptr<const QuestionEncoder> encoder_;
};

}  // namespace

std::unique_ptr<QuestionEncoder> makeMeanPooledEncoder(std::shared_ptr<const QuestionEncoder> encoder) {
  return std::make_unique<MeanPooledEncoder>(std::move(encoder));
}

}  // namespace polar
