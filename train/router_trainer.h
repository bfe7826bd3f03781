// Fits the layer routers to oracle labels, as Dr.LLM does: one best program for each question, teacher forcing, focal
// loss with weights by effective number.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "config/experiment.h"
#include "store/label_store.h"
#include "train/router.h"
#include "train/verdicts.h"

namespace polar {

class PromptBuilder;

struct RouterSummary {
  int trainQuestions = 0;       // with a right program of per-layer skips and repeats
  int validationQuestions = 0;  // all of them
  int bestEpoch = 0;
  double passAt1 = 0;  // on these validation questions, as executed
  double seconds = 0;
};

// The label of a question is its shortest right program in which every layer is skipped, run once or run twice in a
// row. A router learns from the hidden states that this program has before the router's layer. Epochs, batch, learning
// rate and decay are those of TrainSettings. After each epoch the routers choose programs for the validation questions;
// the weights of the best pass@1 are kept (train/fit.h, train/verdicts.h). Writes router.safetensors, router.json and
// router_log.jsonl. Deterministic by `seed`, for any number of `workers`, which read states and choose programs.
//
// InputError where no train question has such a program. Stopped where `stop` answers true.
RouterSummary trainRouter(const std::vector<ExampleLabels>& labels, std::shared_ptr<const LanguageModel> model,
                          const PromptBuilder& prompts, const TrainSettings& settings, std::uint64_t seed,
                          const std::filesystem::path& folder, const RunProgram& run,
                          const std::function<bool()>& stop = {}, int workers = 1);

}  // namespace polar
