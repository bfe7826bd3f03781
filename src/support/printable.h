// Foreign text made fit to print. Paths, keys, ids, names of tensors, questions and what a model wrote may
// hold anything: a control character that moves the cursor, bytes that are not UTF-8, a million characters.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace polar {

// On one line, of at most `most` characters: the middle of a longer text is left out ("…").
// Control characters, those that turn the direction of writing, line separators and bytes that
// are not UTF-8 become "\n", "\x1b", "\u202e". Text that is printable already stays as it is.
std::string printable(std::string_view text, std::size_t most = 200);

// The same for a text of several lines, which stay lines; nothing is left out.
std::string printableLines(std::string_view text);

// The beginning of a printable text that takes at most `columns` of a terminal; "…" ends it where it is cut.
std::string cutToColumns(std::string_view text, std::size_t columns);

}  // namespace polar
