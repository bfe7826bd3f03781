// Answers that are words.
#pragma once

#include <string>
#include <string_view>

namespace polar {

// For comparing words: text commands unwrapped, ASCII letters in lower case, runs of blanks (and of \, ~ $ and the
// like) as one space, no quotes or punctuation at the ends.
std::string normaliseWords(std::string_view text);

// What a reader sees as the same string whatever the spacing: commands of type and space and all blanks removed.
std::string withoutSpacing(std::string_view text);

}  // namespace polar
