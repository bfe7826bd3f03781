#include "eval/policies/draws.h"

#include "support/random.h"

namespace polar {

std::vector<Choice> drawnChoices(const Program& program, double temperature, int count, std::uint64_t seed,
                                 const std::string& stream, const Example& example) {
  Random random(seed, stream + "/" + example.question);
  std::vector<Choice> choices;
  for (int i = 0; i < count; ++i) choices.push_back({program, temperature, random.next()});
  return choices;
}

}  // namespace polar
