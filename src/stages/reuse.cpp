#include "stages/reuse.h"

#include "search/verify.h"
#include "support/error.h"
#include "support/progress.h"

namespace polar {
namespace {

// Any change of prompt or arithmetic shows in nearly every log-probability, so a few labels are enough.
constexpr std::size_t kProbe = 8;

void requireSameBits(const std::string& file, const LabelFile& labels, const Session& session) {
  const VerifyResult probe = verifyLabels(labels, session.evaluator(), {kProbe, session.config().seed, 1});
  if (probe.differences.empty()) return;
  const Difference& first = probe.differences.front();
  throw InputError("runtime.reuse " + file,
                   "labels that come out otherwise here, as of " + first.example + " program " + first.program.text(),
                   "the same bits", "leave it out: another processor or another version of Polar made it");
}

}  // namespace

std::shared_ptr<const StoredEvaluations> loadReusable(const Session& session, const LabelProvenance& own) {
  auto stored = std::make_shared<StoredEvaluations>();
  for (const std::string& file : session.config().runtime.reuse) {
    LabelFile labels = readLabels(file);
    requireSameEvaluations(file, labels.provenance, own);
    requireSameBits(file, labels, session);
    const std::string& made = labels.provenance.computedOn;
    if (made != own.computedOn)
      logLine("runtime.reuse " + file + " was computed on " +
              (made.empty() ? "a machine that it does not name" : made) + "; this is " + own.computedOn +
              ": the labels tried again came out the same");
    stored->add(std::move(labels));
  }
  if (stored->size() > 0)
    logLine("runtime.reuse: " + std::to_string(stored->size()) + " evaluations of earlier searches at hand");
  return stored;
}

}  // namespace polar
