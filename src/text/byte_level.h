// GPT-2's byte alphabet: every byte as a printable character, so that a vocabulary of bytes can be written as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace polar {

// UTF-8 of the character that means the byte: "Ġ" for a space, "A" for an A.
const std::string& byteCharacter(unsigned char byte);

// The bytes that a vocabulary entry means; nothing where it holds a character outside the alphabet.
std::optional<std::string> bytesOf(std::string_view token);

}  // namespace polar
