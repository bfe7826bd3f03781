// What a Qwen2-MoE layer costs by the number of experts that serve a token; JSON on stdout.
//
//   ninja -C build moe_bench && build/moe_bench
//
// The layer has Qwen1.5-MoE-A2.7B's shape with random weights (2.3 GB). Times are this thread's processor time, the
// median of several passes; the line through them (ms = base + each * chosen) and its R² show whether cost follows the
// chosen experts, and `all_experts_ms` what computing all of them would cost.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <time.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "llm/decoder_layer.h"

using namespace polar;

namespace {

double milliseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

at::Tensor weight(std::int64_t out, std::int64_t in) { return at::randn({out, in}).mul_(0.02); }

GatedUnit unit(int inner, int width) { return {weight(inner, width), weight(inner, width), weight(width, inner)}; }

ModelConfig shape() {
  ModelConfig config;
  config.width = 2048;
  config.heads = config.kvHeads = 16;
  config.headSize = 128;
  config.maxPositions = 1024;
  config.normEpsilon = 1e-6f;
  config.ropeTheta = 1e6;
  config.experts = 60;
  config.expertFeedForward = 1408;
  config.sharedFeedForward = 5632;
  return config;
}

double medianPass(const DecoderLayer& layer, const ModelConfig& config, const at::Tensor& x, int passes) {
  std::vector<double> times;
  for (int pass = 0; pass <= passes; ++pass) {
    KvSlot slot(config, static_cast<int>(x.size(0)), x.options());
    const double start = milliseconds();
    layer.forward(x, slot);
    if (pass > 0) times.push_back(milliseconds() - start);  // the first one only warms up
  }
  std::nth_element(times.begin(), times.begin() + passes / 2, times.end());
  return times[static_cast<std::size_t>(passes) / 2];
}

// ms = base + each · chosen, by least squares.
nlohmann::ordered_json line(const std::vector<double>& chosen, const std::vector<double>& ms) {
  const double n = static_cast<double>(chosen.size());
  double x = 0, y = 0, xx = 0, xy = 0, yy = 0;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    x += chosen[i] / n;
    y += ms[i] / n;
  }
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    xx += (chosen[i] - x) * (chosen[i] - x);
    xy += (chosen[i] - x) * (ms[i] - y);
    yy += (ms[i] - y) * (ms[i] - y);
  }
  return {{"base_ms", y - xy / xx * x}, {"each_expert_ms", xy / xx}, {"r_squared", xy * xy / (xx * yy)}};
}

}  // namespace

int main() {
  at::set_num_threads(1);
  const at::InferenceMode inference;
  at::manual_seed(6);
  const ModelConfig config = shape();
  const auto rotary = makeRotaryTable(config, at::kCPU);
  std::vector<GatedUnit> experts;
  for (int i = 0; i < config.experts; ++i) experts.push_back(unit(config.expertFeedForward, config.width));
  const GatedUnit shared = unit(config.sharedFeedForward, config.width);
  const at::Tensor router = weight(config.experts, config.width), gate = weight(1, config.width);
  const at::Tensor ones = at::ones({config.width});
  const at::Tensor square[4] = {weight(2048, 2048), weight(2048, 2048), weight(2048, 2048), weight(2048, 2048)};

  nlohmann::ordered_json report{
      {"layer", "Qwen1.5-MoE-A2.7B: width 2048, 60 experts of 1408, one shared of 5632, fp32"},
      {"threads", 1},
      {"passes", nlohmann::ordered_json::array()}};
  for (const int tokens : {1, 16, 128}) {
    const at::Tensor x = at::randn({tokens, config.width});
    nlohmann::ordered_json row{{"tokens", tokens}, {"ms_by_chosen_experts", nlohmann::ordered_json::object()}};
    std::vector<double> counts, times;
    for (const int chosen : {1, 2, 4, 8, 16, 60}) {
      DecoderLayer::Weights weights;
      weights.inputNorm = weights.postNorm = ones;
      weights.query = square[0];
      weights.key = square[1];
      weights.value = square[2];
      weights.out = square[3];
      weights.experts.emplace(router, gate, shared, experts, chosen, false);
      const DecoderLayer layer(config, std::move(weights), rotary);
      const double ms = medianPass(layer, config, x, tokens == 1 ? 15 : 5);
      if (chosen == config.experts) {
        row["all_experts_ms"] = ms;
        continue;
      }
      row["ms_by_chosen_experts"][std::to_string(chosen)] = ms;
      counts.push_back(chosen);
      times.push_back(ms);
    }
    row["line"] = line(counts, times);
    report["passes"].push_back(row);
  }
  std::cout << report.dump(1) << "\n";
}
