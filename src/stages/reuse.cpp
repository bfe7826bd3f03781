#include "stages/reuse.h"

#include "search/verify.h"
#include "stages/origin_here.h"
#include "support/error.h"
#include "support/progress.h"

namespace polar {
namespace {

// Any change of prompt or arithmetic shows in nearly every log-probability, so a few labels are enough.
constexpr std::size_t kProbe = 8;

void requireSameBits(const std::string& where, const LabelFile& labels, const Session& session) {
  const VerifyResult probe = verifyLabels(labels, session.evaluator(), {kProbe, session.config().seed, 1});
  if (probe.differences.empty()) return;
  const Difference& first = probe.differences.front();
  throw InputError(where,
                   "labels that come out otherwise here, as of " + first.example + " program " + first.program.text(),
                   "the same bits", "leave it out: another processor or another version of Polar made it");
}

// Adds the file's evaluations, once they are known to be those of this session. `where`: the file, for messages.
void addChecked(StoredEvaluations& stored, const std::string& where, const std::filesystem::path& file,
                const LabelProvenance& own, const Session& session) {
  LabelFile labels = readLabels(file);
  requireSameEvaluations(where, labels.provenance, own);
  requireSameBits(where, labels, session);
  const std::string &made = labels.provenance.computedOn, here = arithmeticHere(session.config().model.device);
  if (made != here)
    logLine(where + " was computed on " + (made.empty() ? "a machine that it does not name" : made) + "; this is " +
            here + ": the labels tried again came out the same");
  stored.add(std::move(labels));
}

}  // namespace

std::shared_ptr<StoredEvaluations> loadReusable(const Session& session, const LabelProvenance& own) {
  auto stored = std::make_shared<StoredEvaluations>();
  for (const std::string& file : session.config().runtime.reuse)
    addChecked(*stored, "runtime.reuse " + file, file, own, session);
  if (stored->size() > 0)
    logLine("runtime.reuse: " + std::to_string(stored->size()) + " evaluations of earlier searches at hand");
  return stored;
}

std::shared_ptr<StoredEvaluations> loadReusableForTest(const Session& session, const LabelProvenance& own,
                                                       const std::filesystem::path& oracle) {
  auto stored = loadReusable(session, own);
  if (!std::filesystem::exists(oracle)) return stored;
  try {
    addChecked(*stored, oracle.string(), oracle, own, session);
  } catch (const InputError& error) {
    logLine("the oracle's labels are not taken over, and their programs are run again: " + std::string(error.what()));
  }
  return stored;
}

}  // namespace polar
