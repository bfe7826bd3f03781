// The numeric self-check: does this machine compute a row the same way whatever is beside it?
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "llm/attention.h"
#include "llm/linear.h"

namespace polar {

class LanguageModel;

struct SelfCheck {
  struct Product {
    std::string name;  // "gate, up", "logits"
    std::int64_t inner = 0, outer = 0;
    RowRule rule;
  };
  std::vector<Product> products;  // one a shape
  // Which attention is used, by its name in llm/attention.h: the fastest that the machine has and that is invariant.
  std::string attention = "tiles";
  // One layer over 150 tokens, and attention over 1,100: at once, in chunks, and token by token give the same bits.
  bool layerInvariant = false;
  // Every product has a safe rule and the layer is invariant: results do not depend on batching. Where it
  // does not hold, only the plain executor, which batches nothing, keeps the promise of equal labels.
  bool holds() const;
};

// The least row count from which products of this weight are bit-identical, else tiles whose rows are: of
// the row counts that agree with each other, those that serve both a step of decoding and a whole prompt.
RowRule measureRowRule(const Linear& linear);
// Attention over 1,100 tokens at once, in chunks, and token by token gives the same bits.
bool attentionIsInvariant(Attend way, const ModelConfig& config, const at::TensorOptions& options);
// The same of the whole layer, for one of each kind that the model has: with and without experts.
bool layersAreInvariant(const LanguageModel& model);

// Rules and verdicts found before, by machine (processor, libtorch, instruction set). A file that cannot be read or
// written is no error: then everything is measured anew.
class SelfCheckMemory {
 public:
  explicit SelfCheckMemory(std::filesystem::path file);  // "" = remembers nothing beyond this object
  // `key`: what was measured ("fp32 cpu 576x1536"). `measure` is called where the answer is not known.
  RowRule rule(const std::string& key, const std::function<RowRule()>& measure);
  bool invariant(const std::string& key, const std::function<bool()>& measure);
  // Writes what is new.
  void save() const;

 private:
  std::vector<int> numbers(const std::string& key, const std::function<std::vector<int>()>& measure);

  std::filesystem::path file_;
  std::string machine_;
  std::map<std::string, std::vector<int>> known_;
  bool isNew_ = false;
};

}  // namespace polar
