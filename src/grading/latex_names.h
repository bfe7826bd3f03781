// What LaTeX's commands (without their backslash) and signs are to the parser.
#pragma once

#include <string_view>

namespace polar {

// "le", "leq", "<=", … as Expression's relation name; "" for what is no relation.
std::string_view relationName(std::string_view sign);

bool isFunctionName(std::string_view command);   // sin, log, …
bool isAccentCommand(std::string_view command);  // overline, dot, …: part of a symbol's name
bool isInfixCommand(std::string_view command);   // cdot, cup, pm, \\, …: is between two values
bool isUnreadCommand(std::string_view command);  // sum, ldots, pmod, …: beyond the grammar

}  // namespace polar
