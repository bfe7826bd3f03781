#include "llm/executor.h"
#include "support/error.h"

namespace polar {

std::vector<std::string> executorNames() { return {"plain", "shared"}; }

KvSlots kvSlots(const std::string& name) {
  if (name == "own_slot") return KvSlots::own;
  if (name == "shared_slot") return KvSlots::shared;
  throw InputError("kv", "'" + name + "'", "own_slot or shared_slot");
}

std::unique_ptr<ProgramExecutor> makeExecutor(const std::string& name, std::shared_ptr<const LanguageModel> model,
                                              DecodingOptions options, const SharingOptions& sharing) {
  if (name == "shared" && options.kv == KvSlots::shared)
    throw InputError("runtime.executor", "'shared' with kv: shared_slot", "the plain executor",
                     "programs that begin alike could not share what a later repeat writes into their slots");
  if (name == "plain") return makePlainExecutor(std::move(model), std::move(options));
  if (name == "shared") return makeSharedExecutor(std::move(model), std::move(options), sharing);
  throw InputError("runtime.executor", "'" + name + "'", "one of " + joinNames(executorNames()));
}

}  // namespace polar
