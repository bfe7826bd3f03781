#include "eval/policy.h"

namespace polar {

std::vector<Choice> Policy::choices(const Example& example, int k) const {
  std::vector<Choice> choices;
  for (Program& program : rank(example, k)) choices.push_back({std::move(program), 0, 0});
  return choices;
}

}  // namespace polar
