// SHA-256 (OpenSSL) for files and values that enter fingerprints.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace polar {

// Lower-case hex digest of the bytes.
std::string sha256(std::string_view bytes);

// Lower-case hex digest of a file's content. Throws InputError where it cannot be read.
std::string sha256File(const std::filesystem::path& file);

// The first 8 bytes of SHA-256 as a number: a stable hash for splitting by question and seeding by name.
std::uint64_t stableHash(std::string_view bytes);

}  // namespace polar
