#include "text/tokenizer.h"

#include "text/bpe_tokenizer.h"

namespace polar {

std::shared_ptr<const Tokenizer> loadTokenizer(const std::filesystem::path& model) {
  const bool gguf = model.extension() == ".gguf";
  return std::make_shared<const BpeTokenizer>(gguf ? readGgufTokenizer(model) : readTokenizerJson(model));
}

}  // namespace polar
