// GGUF reading and dequantisation against the Python package gguf, and files broken in every way we thought of.
#include "weights/gguf.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cstring>

#include "llm/families.h"
#include "llm/fixtures.h"
#include "support/hash.h"
#include "support/random.h"
#include "weights/quantization.h"

using namespace polar;
using namespace polar::testing;

namespace {

// Opens everything short of building the model: header, config, all values.
void readAll(const std::filesystem::path& path) {
  const Checkpoint checkpoint = openCheckpoint(path);
  for (const std::string& name : checkpoint.weights->names()) {
    const auto& file = dynamic_cast<const WeightFile&>(*checkpoint.weights);
    if (file.has(name)) values(file, name);
  }
}

std::string le(std::uint64_t value, int bytes) {
  std::string text(static_cast<std::size_t>(bytes), '\0');
  std::memcpy(text.data(), &value, text.size());
  return text;
}
std::string gstring(const std::string& text) { return le(text.size(), 8) + text; }

// A GGUF by hand: header with the given counts, then body.
std::string gguf(std::uint64_t tensors, std::uint64_t keys, const std::string& body, std::uint32_t version = 3) {
  return "GGUF" + le(version, 4) + le(tensors, 8) + le(keys, 8) + body;
}
std::string tensorInfo(const std::string& name, const std::vector<std::uint64_t>& extents, std::uint32_t type,
                       std::uint64_t offset) {
  std::string text = gstring(name) + le(extents.size(), 4);
  for (const std::uint64_t extent : extents) text += le(extent, 8);
  return text + le(type, 4) + le(offset, 8);
}
std::string padded(std::string text) { return text.append((32 - text.size() % 32) % 32, '\0'); }

}  // namespace

TEST_CASE("every block type dequantises as gguf.quants does", "[llm][gguf]") {
  for (const std::string name :
       {"F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K"}) {
    const std::string refused = refusal([&] {
      const GgufFile file(llmFixture("blocks/" + name + ".gguf"));
      REQUIRE(file.type(name) == name);
      REQUIRE(file.type(name + ".expected") == "F32");
      REQUIRE(file.shape(name) == file.shape(name + ".expected"));
      const auto found = values(file, name), expected = values(file, name + ".expected");
      REQUIRE(found.size() >= 4);
      std::size_t wrong = 0;
      for (std::size_t i = 0; i < found.size(); ++i) {
        const bool same = std::bit_cast<std::uint32_t>(found[i]) == std::bit_cast<std::uint32_t>(expected[i]);
        // Products and sums may be contracted; two roundings of terms that may cancel are all that is allowed.
        const bool near = std::abs(found[i] - expected[i]) <= 2e-7f * (std::abs(expected[i]) + 0.5f);
        if (!same && !near) ++wrong;
      }
      CAPTURE(name);
      CHECK(wrong == 0);
    });
    CAPTURE(name, refused);
    CHECK(refused.empty());
  }
}

TEST_CASE("a block type we do not read is refused by name", "[llm][gguf]") {
  const auto what = refusal([] { GgufFile file(llmFixture("blocks/Q2_K.gguf")); });
  CHECK(names(what, {"Q2_K.gguf", "tensor Q2_K", "10", "Q4_1", "Q8_0"}));
}

TEST_CASE("half and bfloat values are exact", "[llm][gguf]") {
  CHECK(halfToFloat(0x3c00) == 1.0f);
  CHECK(halfToFloat(0xc000) == -2.0f);
  CHECK(halfToFloat(0x7bff) == 65504.0f);
  CHECK(halfToFloat(0x0001) == 0x1p-24f);
  CHECK(halfToFloat(0x03ff) == 1023 * 0x1p-24f);
  CHECK(halfToFloat(0x0400) == 0x1p-14f);
  CHECK(std::bit_cast<std::uint32_t>(halfToFloat(0x8000)) == 0x80000000u);
  CHECK(std::isinf(halfToFloat(0x7c00)));
  CHECK(std::isnan(halfToFloat(0x7e00)));
  CHECK(bfloatToFloat(0x3f80) == 1.0f);
  CHECK(bfloatToFloat(0xc040) == -3.0f);
}

TEST_CASE("metadata of every kind", "[llm][gguf]") {
  const GgufFile file(llmFixture("kinds.gguf"));
  CHECK(file.text("general.architecture") == "kinds");
  CHECK(file.integer("kind.u8") == 200);
  CHECK(file.integer("kind.i8") == -100);
  CHECK(file.integer("kind.u16") == 60000);
  CHECK(file.integer("kind.i16") == -30000);
  CHECK(file.integer("kind.u32") == 4000000000);
  CHECK(file.integer("kind.i32") == -2000000000);
  CHECK(file.integer("kind.u64") == (std::int64_t{1} << 40) + 1);
  CHECK(file.integer("kind.i64") == -(std::int64_t{1} << 40) - 1);
  CHECK(file.number("kind.f32") == 0.5);
  CHECK(file.number("kind.f64") == 0.1);
  CHECK(file.number("kind.u8") == 200.0);
  CHECK(file.text("kind.string") == "größe");
  CHECK(file.texts("kind.strings") == std::vector<std::string>{"a", "", "ccc"});
  CHECK(file.integers("kind.integers") == std::vector<std::int64_t>{3, -4, 5});
  CHECK(file.hasKey("kind.bool"));
  CHECK_FALSE(file.hasKey("kind.none"));
  CHECK(names(refusal([&] { file.integer("kind.none"); }), {"kinds.gguf", "kind.none"}));
  CHECK(names(refusal([&] { file.integer("kind.string"); }), {"kind.string", "integer"}));
  CHECK(names(refusal([&] { file.text("kind.u8"); }), {"kind.u8", "string"}));
  CHECK(names(refusal([&] { file.texts("kind.integers"); }), {"kind.integers"}));

  CHECK(file.shape("cube") == std::vector<std::int64_t>{2, 3, 4});  // as numpy wrote it
  const auto cube = values(file, "cube");
  for (std::size_t i = 0; i < 24; ++i) CHECK(cube[i] == static_cast<float>(i));
  CHECK(file.sha256() == sha256File(llmFixture("kinds.gguf")));
}

TEST_CASE("checkpoint tensors come under HF's names and in HF's row order", "[llm][gguf]") {
  for (const Json& expected : tinyLlama()["gguf"]) {
    const Checkpoint checkpoint = openCheckpoint(llmFixture(expected["file"]));
    // "tiny-q4_1.gguf" is mostly Q4_1.
    std::string type = expected["file"].get<std::string>().substr(5);
    type.resize(type.find('.'));
    std::ranges::transform(type, type.begin(), [](unsigned char c) { return std::toupper(c); });
    CHECK(checkpoint.format == "GGUF, " + type);
    std::size_t compared = 0;
    for (const auto& [name, sample] : expected["samples"].items()) {
      CAPTURE(name);
      REQUIRE(checkpoint.weights->has(name));
      const auto found = values(*checkpoint.weights, name);
      const auto places = sample["places"].get<std::vector<std::size_t>>();
      const auto wanted = floats(sample["values"]);
      for (std::size_t i = 0; i < places.size(); ++i, ++compared)
        CHECK(std::abs(found.at(places[i]) - wanted[i]) <= 2e-7f * (std::abs(wanted[i]) + 0.5f));
    }
    CHECK(compared >= 80);
    CHECK_FALSE(checkpoint.weights->has("lm_head.weight"));
    CHECK_FALSE(checkpoint.weights->has("model.layers.6.input_layernorm.weight"));
    CHECK(names(refusal([&] { checkpoint.weights->shape("model.layers.6.mlp.up_proj.weight"); }), {"no such tensor"}));
  }
}

TEST_CASE("a GGUF cut short anywhere is refused", "[llm][gguf]") {
  const TemporaryFolder folder;
  const auto whole = slurp(llmFixture("tiny-q4_0.gguf"));
  const auto file = folder.path() / "cut.gguf";
  spill(file, whole);
  REQUIRE(refusal([&] { readAll(file); }).empty());
  // The last tensor is a norm's 128 bytes or more: 32 bytes less cut into data or its padding, never into nothing.
  std::size_t length = whole.size() - 32;
  int tried = 0;
  while (true) {
    std::filesystem::resize_file(file, length);
    CAPTURE(length);
    const std::string what = refusal([&] { readAll(file); });
    REQUIRE(names(what, {"cut.gguf"}));
    ++tried;
    if (length == 0) break;
    const std::size_t step = length > 12000 ? 509 : length > 600 ? 13 : 1;
    length -= std::min(length, step);
  }
  CHECK(tried > 1000);
}

TEST_CASE("a GGUF with any byte changed is read or refused, never worse", "[llm][gguf]") {
  const TemporaryFolder folder;
  const auto whole = slurp(llmFixture("tiny-q4_0.gguf"));
  const auto file = folder.path() / "changed.gguf";
  Random random(21);
  int refused = 0;
  for (int round = 0; round < 1500; ++round) {
    std::string broken = whole.substr(0, whole.size());
    const int changes = 1 + static_cast<int>(random.below(3));
    for (int i = 0; i < changes; ++i) {
      const std::size_t place = random.below(round % 5 ? 4500 : broken.size());
      broken[place] = static_cast<char>(random.below(4) == 0 ? 0xff : random.below(256));
    }
    spill(file, broken);
    CAPTURE(round);
    const std::string what = refusal([&] { readAll(file); });
    if (!what.empty()) ++refused;
  }
  CHECK(refused > 300);
  CHECK(refused < 1500);
}

TEST_CASE("GGUF headers that lie about lengths are refused before anything is allocated", "[llm][gguf]") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "lie.gguf";
  const auto open = [&](const std::string& bytes) {
    spill(file, bytes);
    return refusal([&] { GgufFile opened(file); });
  };
  const std::uint64_t huge = ~std::uint64_t{0};
  const std::string f32(16, '\0');
  const std::string sound = padded(gguf(1, 1, gstring("k") + le(4, 4) + le(7, 4) + tensorInfo("t", {4}, 0, 0))) + f32;
  REQUIRE(open(sound).empty());

  CHECK(names(open(""), {"lie.gguf"}));
  CHECK(names(open("GGML" + sound.substr(4)), {"GGUF"}));
  CHECK(names(open(gguf(0, 0, "", 1)), {"version", "1", "3"}));
  CHECK(names(open(gguf(0, 0, "", 0x03000000)), {"version", "little endian"}));  // a big-endian file
  for (const std::uint64_t count : {std::uint64_t{2}, std::uint64_t{1} << 40, huge}) {
    CHECK_FALSE(open(gguf(count, 0, tensorInfo("t", {4}, 0, 0) + f32)).empty());
    CHECK_FALSE(open(gguf(0, count, gstring("k") + le(4, 4) + le(7, 4))).empty());
    CHECK_FALSE(open(gguf(0, 1, gstring("k") + le(8, 4) + le(count + 8, 8) + "abc")).empty());         // string
    CHECK_FALSE(open(gguf(0, 1, gstring("k") + le(9, 4) + le(8, 4) + le(count, 8) + "abc")).empty());  // of strings
    CHECK_FALSE(open(gguf(0, 1, gstring("k") + le(9, 4) + le(5, 4) + le(count, 8) + "abc")).empty());  // of numbers
    CHECK_FALSE(open(gguf(0, 1, le(count + 8, 8) + "k")).empty());                                     // key
  }
  CHECK(names(open(gguf(0, 1, gstring("k") + le(13, 4) + le(0, 8))), {"k", "13"}));           // value type
  CHECK(names(open(gguf(0, 1, gstring("k") + le(9, 4) + le(9, 4) + le(0, 8))), {"k", "9"}));  // nested array
  const std::string key = gstring("k") + le(4, 4) + le(7, 4);
  CHECK(names(open(gguf(0, 2, key + key)), {"k", "twice"}));

  const auto tensor = [&](const std::vector<std::uint64_t>& extents, std::uint32_t type, std::uint64_t offset) {
    return open(padded(gguf(1, 0, tensorInfo("t", extents, type, offset))) + f32);
  };
  REQUIRE(tensor({2, 2}, 0, 0).empty());
  CHECK(names(tensor({5}, 0, 0), {"tensor t"}));
  CHECK(names(tensor({4}, 0, 1), {"tensor t"}));
  CHECK(names(tensor({4}, 0, huge - 8), {"tensor t"}));
  CHECK(names(tensor({4}, 0, huge), {"tensor t"}));
  CHECK(names(tensor({huge}, 0, 0), {"tensor t"}));
  CHECK(names(tensor({std::uint64_t{1} << 32, std::uint64_t{1} << 32}, 0, 0), {"tensor t"}));  // product wraps to 0
  CHECK(names(tensor({std::uint64_t{1} << 62, 4}, 0, 0), {"tensor t"}));
  CHECK(names(tensor({0}, 0, 0), {"tensor t"}));
  CHECK(names(tensor({}, 0, 0), {"tensor t", "rank"}));
  CHECK(names(tensor({1, 1, 1, 1, 4}, 0, 0), {"tensor t", "rank"}));
  CHECK(names(tensor({16}, 2, 0), {"tensor t", "Q4_0"}));  // half a block
  CHECK(names(tensor({4}, 99, 0), {"tensor t", "99"}));
  CHECK(names(open(padded(gguf(2, 0, tensorInfo("t", {4}, 0, 0) + tensorInfo("t", {4}, 0, 0))) + f32), {"t", "twice"}));
  const auto aligned = [&](std::uint32_t type, std::uint64_t value, int bytes) {
    return open(
        padded(gguf(1, 1, gstring("general.alignment") + le(type, 4) + le(value, bytes) + tensorInfo("t", {4}, 0, 0))) +
        f32);
  };
  REQUIRE(aligned(4, 32, 4).empty());
  CHECK_FALSE(aligned(4, 0, 4).empty());
  CHECK_FALSE(aligned(4, 0xffffffff, 4).empty());
  CHECK_FALSE(aligned(10, huge, 8).empty());
  CHECK_FALSE(aligned(6, 0, 4).empty());
}

TEST_CASE("GGUF tensors that do not cover the data are refused", "[llm][gguf]") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "tiles.gguf";
  const auto open = [&](std::uint64_t first, std::uint64_t second, std::size_t bytes) {
    const std::string infos = tensorInfo("a", {4}, 0, first) + tensorInfo("b", {12}, 0, second);
    spill(file, padded(gguf(2, 0, infos)) + std::string(bytes, '\0'));
    return refusal([&] { readAllWeights(GgufFile(file), file); });
  };
  CHECK(open(0, 32, 80).empty());
  CHECK(open(0, 32, 96).empty());  // padded at the end
  CHECK(open(64, 0, 80).empty());  // in another order
  CHECK(names(open(0, 0, 80), {"tensor", "from byte 0 on", "expected data from byte"}));
  CHECK(names(open(0, 16, 80), {"tensor b", "from byte 16 on", "from byte 32 on"}));
  CHECK(names(open(0, 64, 112), {"tensor b", "from byte 64 on", "from byte 32 on"}));
  CHECK(names(open(32, 64, 112), {"tensor a", "from byte 32 on", "from byte 0 on"}));
  CHECK(names(open(0, 32, 97), {"1 bytes after the last tensor"}));
}

TEST_CASE("GGUF weights that are no numbers are refused", "[llm][gguf]") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "values.gguf";
  const auto open = [&](std::uint32_t type, std::uint64_t extent, const std::string& data) {
    spill(file, padded(gguf(1, 0, tensorInfo("t", {extent}, type, 0))) + data);
    return refusal([&] { readAllWeights(GgufFile(file), file); });
  };
  const std::string one = le(0x3f800000, 4), nan = le(0x7fc00000, 4), infinity = le(0xff800000, 4);
  CHECK(open(0, 4, one + one + one + one).empty());
  CHECK(names(open(0, 4, one + one + nan + one), {"values.gguf: tensor t", "NaN"}));
  CHECK(names(open(0, 4, infinity + one + one + one), {"values.gguf: tensor t", "infinity"}));
  CHECK(names(open(2, 32, le(0x7c00, 2) + std::string(16, '\x99')), {"values.gguf: tensor t", "infinity"}));  // a scale
}

TEST_CASE("a GGUF that does not fit its own metadata is refused", "[llm][gguf]") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "model.gguf";
  const auto whole = slurp(llmFixture("tiny-q8_0.gguf"));
  const auto with = [&](const std::string& key, std::uint32_t value) {  // a uint32 key's value replaced
    std::string changed = whole;
    const std::size_t at = changed.find(gstring(key));
    REQUIRE(at != std::string::npos);
    changed.replace(at + 8 + key.size() + 4, 4, le(value, 4));
    spill(file, changed);
    return refusal([&] { openCheckpoint(file); });
  };
  CHECK(with("llama.block_count", 6).empty());
  CHECK(names(with("llama.block_count", 0), {"model.gguf"}));
  CHECK(names(with("llama.block_count", 0xffffffff), {"model.gguf", "block_count"}));
  CHECK(names(with("llama.attention.head_count", 0), {"model.gguf"}));
  CHECK(names(with("llama.attention.head_count_kv", 3), {"model.gguf"}));
  CHECK(names(with("llama.attention.key_length", 15), {"model.gguf"}));
  CHECK(names(with("llama.context_length", 0), {"model.gguf"}));
  std::string renamed = whole;
  renamed.replace(renamed.find(gstring("llama.embedding_length")) + 8, 5, "lhama");
  spill(file, renamed);
  CHECK(names(refusal([&] { openCheckpoint(file); }), {"model.gguf", "llama.embedding_length"}));
  renamed = whole;
  renamed.replace(renamed.find(gstring("llama")) + 8, 5, "lhama");
  spill(file, renamed);
  CHECK(names(refusal([&] { openCheckpoint(file); }), {"general.architecture", "lhama", "llama"}));
}
