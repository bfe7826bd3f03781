#include "llm/executor.h"
#include "support/error.h"

namespace polar {

std::vector<std::string> executorNames() { return {"plain", "shared"}; }

std::unique_ptr<ProgramExecutor> makeExecutor(const std::string& name, std::shared_ptr<const LanguageModel> model,
                                              DecodingOptions options, const SharingOptions& sharing) {
  if (name == "plain") return makePlainExecutor(std::move(model), std::move(options));
  if (name == "shared") return makeSharedExecutor(std::move(model), std::move(options), sharing);
  throw InputError("runtime.executor", "'" + name + "'", "one of " + joinNames(executorNames()));
}

}  // namespace polar
