// Commands in advice, as they can be typed.
#pragma once

#include <string>
#include <vector>

namespace polar {

// Quoted for a shell where it needs it.
std::string shellWord(const std::string& text);

// "polar run configs/a.yaml search.budget=20": `verb` with an experiment's own words.
std::string experimentCommand(const std::string& verb, const std::string& config,
                              const std::vector<std::string>& overrides);

}  // namespace polar
