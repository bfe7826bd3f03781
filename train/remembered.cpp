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
    std::string key = keyOf(example);
    {
      const std::lock_guard lock(mutex_);
      if (const at::Tensor* known = find(key)) return *known;
    }
    at::Tensor value = compute();
    put(std::move(key), value);
    return value;
  }

  // The rows alone: whoever asked for the start holds it.
  KeptReading put(const Example& example, KeptReading reading) const {
    put(keyOf(example), reading.rows);
    return reading;
  }

 private:
  static std::string keyOf(const Example& example) {
    std::string key = example.id + '\n' + example.question;
    for (const std::string& option : example.options) key += '\n' + option;
    return key;
  }

  void put(std::string key, const at::Tensor& value) const {
    const std::lock_guard lock(mutex_);
    if (memory_ == Memory::all)
      all_[std::move(key)] = value;
    else
      last_[std::this_thread::get_id()] = {std::move(key), value};
  }

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
  KeptReading encodeKept(const Example& example) const override {
    return memory_.put(example, encoder_->encodeKept(example));
  }
  int promptLayers() const override { return encoder_->promptLayers(); }
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
  KeptReading readKept(const Example& example) const override {
    return memory_.put(example, features_->readKept(example));
  }
  int promptLayers() const override { return features_->promptLayers(); }
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
