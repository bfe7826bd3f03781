// .gz in memory (RFC 1952, by zlib).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace polar {

bool isGzip(std::string_view bytes);

// All members of a gzip file. InputError naming `where` on damage, a cut end, or more than `most` bytes of content.
std::string gunzip(std::string_view bytes, const std::string& where, std::size_t most = std::size_t{1} << 30);

// Without name or time: the same content gives the same bytes.
std::string gzip(std::string_view content);

}  // namespace polar
