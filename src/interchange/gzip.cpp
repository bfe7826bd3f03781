#include "interchange/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>

#include "support/error.h"

namespace polar {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib's way to ask for gzip's own header and check
constexpr std::size_t kStep = std::size_t{1} << 18;

// zlib counts in 32 bits and takes its input without const.
void feed(z_stream& stream, std::string_view& rest) {
  if (stream.avail_in > 0 || rest.empty()) return;
  const std::size_t count = std::min<std::size_t>(rest.size(), std::numeric_limits<uInt>::max());
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(rest.data()));
  stream.avail_in = static_cast<uInt>(count);
  rest.remove_prefix(count);
}

class Inflater {
 public:
  Inflater() {
    if (inflateInit2(&stream, kGzipWindow) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  z_stream stream{};
};

}  // namespace

bool isGzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

std::string gunzip(std::string_view bytes, const std::string& where, std::size_t most) {
  Inflater inflater;
  z_stream& stream = inflater.stream;
  std::string content, buffer(kStep, '\0');
  while (true) {
    feed(stream, bytes);
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    const int status = inflate(&stream, Z_NO_FLUSH);
    content.append(buffer, 0, buffer.size() - stream.avail_out);
    if (content.size() > most)
      throw InputError(where, "more than " + std::to_string(most) + " bytes of packed content", "less",
                       "split the file");
    const bool exhausted = stream.avail_in == 0 && bytes.empty();
    if (status == Z_STREAM_END) {
      if (exhausted) return content;
      if (inflateReset(&stream) != Z_OK) throw std::logic_error("gzip: no further member");
    } else if (status != Z_OK || (exhausted && stream.avail_out > 0)) {
      throw InputError(where, exhausted ? "gzip data that ends too early" : "damaged gzip data", "a whole .gz file",
                       "copy it anew");
    }
  }
}

std::string gzip(std::string_view content) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  std::string packed, buffer(kStep, '\0');
  int status = Z_OK;
  while (status != Z_STREAM_END) {
    feed(stream, content);
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    status = deflate(&stream, content.empty() ? Z_FINISH : Z_NO_FLUSH);
    packed.append(buffer, 0, buffer.size() - stream.avail_out);
  }
  deflateEnd(&stream);
  return packed;
}

}  // namespace polar
