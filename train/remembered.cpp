#include "train/remembered.h"

#include <ATen/ATen.h>

#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace polar {
namespace {

class TensorMemory {
 public:
  explicit TensorMemory(Memory memory) : memory_(memory) {}

  template <typename Compute>
  at::Tensor get(const Example& example, Compute compute) const {
    std::string key = example.id + '\n' + example.question;
    for (const std::string& option : example.options) key += '\n' + option;
    {
      const std::lock_guard lock(mutex_);
      if (const at::Tensor* known = find(key)) return *known;
    }
    at::Tensor value = compute();
    const std::lock_guard lock(mutex_);
    if (memory_ == Memory::all) return all_[key] = value;
    last_[std::this_thread::get_id()] = {std::move(key), value};
    return value;
  }

 private:
  const at::Tensor* find(const std::string& key) const {
    if (memory_ == Memory::all) {
      const auto found = all_.find(key);
      return found == all_.end() ? nullptr : &found->second;
    }
    const auto found = last_.find(std::this_thread::get_id());
    return found == last_.end() || found->second.first != key ? nullptr : &found->second.second;
  }

  Memory memory_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, at::Tensor> all_;
  mutable std::map<std::thread::id, std::pair<std::string, at::Tensor>> last_;
};

class RememberedEncoder final : public QuestionEncoder {
 public:
  RememberedEncoder(std::shared_ptr<const QuestionEncoder> encoder, Memory memory)
      : encoder_(std::move(encoder)), memory_(memory) {}
  at::Tensor encode(const Example& example) const override {
    return memory_.get(example, [&] { return encoder_->encode(example); });
  }
  int width() const override { return encoder_->width(); }
  std::int64_t layerTokens(const Example& example) const override { return encoder_->layerTokens(example); }

 private:
  std::shared_ptr<const QuestionEncoder> encoder_;
  TensorMemory memory_;
};

class RememberedFeatures final : public QuestionFeatures {
 public:
  RememberedFeatures(std::shared_ptr<const QuestionFeatures> features, Memory memory)
      : features_(std::move(features)), memory_(memory) {}
  at::Tensor read(const Example& example) const override {
    return memory_.get(example, [&] { return features_->read(example); });
  }
  int width() const override { return features_->width(); }
  std::int64_t layerTokens(const Example& example) const override { return features_->layerTokens(example); }

 private:
  std::shared_ptr<const QuestionFeatures> features_;
  TensorMemory memory_;
};

}  // namespace

std::shared_ptr<const QuestionEncoder> remembered(std::shared_ptr<const QuestionEncoder> encoder, Memory memory) {
  return std::make_shared<RememberedEncoder>(std::move(encoder), memory);
}

std::shared_ptr<const QuestionFeatures> remembered(std::shared_ptr<const QuestionFeatures> features, Memory memory) {
  return std::make_shared<RememberedFeatures>(std::move(features), memory);
}

}  // namespace polar
