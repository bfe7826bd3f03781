// Safetensors: values, shards, writing, and broken files.
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "llm/fixtures.h"
#include "support/random.h"
#include "weights/weight_file.h"

using namespace polar;
using namespace polar::testing;

namespace {

void readAll(const std::filesystem::path& path) {
  const auto file = openSafetensors(path);
  for (const std::string& name : file->names()) values(*file, name);
}

std::string withHeader(const std::string& header, const std::string& data, std::int64_t lengthLie = 0) {
  const std::uint64_t length = header.size() + static_cast<std::uint64_t>(lengthLie);
  std::string text(8, '\0');
  std::memcpy(text.data(), &length, 8);
  return text + header + data;
}

}  // namespace

TEST_CASE("one file and shards list what they hold", "[llm][safetensors]") {
  const auto a = openSafetensors(llmFixture("tiny-llama-a")), b = openSafetensors(llmFixture("tiny-llama-b"));
  CHECK(a->names().size() == 6 * 9 + 2);
  CHECK(b->names().size() == 6 * 13 + 3);  // three biases more, and o_proj's; lm_head
  CHECK(a->type("model.norm.weight") == "F32");
  CHECK(b->type("model.norm.weight") == "BF16");
  CHECK(a->shape("model.layers.0.self_attn.k_proj.weight") == std::vector<std::int64_t>{32, 32});
  CHECK(b->shape("model.layers.5.mlp.down_proj.weight") == std::vector<std::int64_t>{64, 68});
  const auto names = a->names();
  CHECK(std::is_sorted(names.begin(), names.end()));
  CHECK_FALSE(a->has("lm_head.weight"));
  CHECK(b->has("lm_head.weight"));
  CHECK(a->sha256() == openSafetensors(llmFixture("tiny-llama-a/model.safetensors"))->sha256());
  CHECK(a->sha256() != b->sha256());
  CHECK(polar::testing::names(refusal([&] { a->shape("nothing"); }), {"nothing", "no such tensor"}));
}

TEST_CASE("what is written is read again, by us and by the safetensors package", "[llm][safetensors]") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "out.safetensors";
  const std::vector<float> matrix{1.5f, -0.0f, 3e38f, -1e-42f, 0.1f, 7.0f}, scalar{2.5f}, none;
  const std::vector<NamedTensor> tensors{{"z.matrix", {2, 3}, matrix}, {"a", {1}, scalar}, {"größe", {0, 4}, none}};
  writeSafetensors(file, tensors);
  const auto read = openSafetensors(file);
  CHECK(read->names().size() == 3);
  for (const NamedTensor& tensor : tensors) {
    CHECK(read->shape(tensor.name) == tensor.shape);
    const auto found = values(*read, tensor.name);
    REQUIRE(found.size() == tensor.values.size());
    for (std::size_t i = 0; i < found.size(); ++i)
      CHECK(std::bit_cast<std::uint32_t>(found[i]) == std::bit_cast<std::uint32_t>(tensor.values[i]));
  }
  const std::string first = slurp(file);
  writeSafetensors(file, tensors);
  CHECK(slurp(file) == first);

  const std::string python = std::string(POLAR_VENV) + "/bin/python";
  if (std::system(("'" + python + "' -c 'import numpy, safetensors' 2>/dev/null").c_str()) != 0) {
    skipped("no Python with safetensors and numpy (set POLAR_VENV when configuring)");
    return;
  }
  spill(folder.path() / "check.py",
        "import sys, numpy\n"
        "from safetensors.numpy import load_file\n"
        "t = load_file(sys.argv[1])\n"
        "assert sorted(t) == ['a', 'größe', 'z.matrix'], sorted(t)\n"
        "m = numpy.array([[1.5, -0.0, 3e38], [-1e-42, 0.1, 7]], numpy.float32)\n"
        "assert t['z.matrix'].tobytes() == m.tobytes() and t['z.matrix'].shape == (2, 3)\n"
        "assert t['a'][0] == 2.5 and t['größe'].shape == (0, 4)\n");
  const std::string command =
      "'" + python + "' '" + (folder.path() / "check.py").string() + "' '" + file.string() + "'";
  CHECK(std::system(command.c_str()) == 0);
}

TEST_CASE("safetensors cut short anywhere are refused", "[llm][safetensors]") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "cut.safetensors";
  const auto whole = slurp(llmFixture("tiny-llama-b/model-00002-of-00002.safetensors"));
  spill(file, whole);
  REQUIRE(refusal([&] { readAll(file); }).empty());
  std::size_t length = whole.size();
  int tried = 0;
  while (length > 0) {
    const std::size_t step = length == whole.size() || length < 40 ? 1 : length > 6000 ? 509 : 7;
    length -= std::min(length, step);
    std::filesystem::resize_file(file, length);
    CAPTURE(length);
    REQUIRE(names(refusal([&] { readAll(file); }), {"cut.safetensors"}));
    ++tried;
  }
  CHECK(tried > 500);
}

TEST_CASE("safetensors with any byte changed are read or refused, never worse", "[llm][safetensors]") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "changed.safetensors";
  const auto whole = slurp(llmFixture("tiny-llama-b/model-00002-of-00002.safetensors"));
  Random random(22);
  int refused = 0;
  for (int round = 0; round < 1000; ++round) {
    std::string broken = whole;
    const int changes = 1 + static_cast<int>(random.below(3));
    for (int i = 0; i < changes; ++i)
      broken[random.below(round % 5 ? 3000 : 12)] = static_cast<char>(random.below(256));
    spill(file, broken);
    CAPTURE(round);
    if (!refusal([&] { readAll(file); }).empty()) ++refused;
  }
  CHECK(refused > 100);
  CHECK(refused < 1000);
}

TEST_CASE("safetensors headers that lie are refused", "[llm][safetensors]") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "lie.safetensors";
  const std::string data(16, '\0');
  const auto open = [&](const std::string& bytes) {
    spill(file, bytes);
    return refusal([&] { readAll(file); });
  };
  const auto entry = [&](const std::string& fields) { return open(withHeader("{\"t\":{" + fields + "}}", data)); };
  REQUIRE(entry(R"("dtype":"F32","shape":[2,2],"data_offsets":[0,16])").empty());
  const std::string sound = R"({"t":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})";
  REQUIRE(open(withHeader(sound, data)).empty());

  CHECK(names(open(""), {"lie.safetensors"}));
  CHECK(names(open("1234567"), {"lie.safetensors"}));
  CHECK(names(open(withHeader(sound, data, 1000)), {"lie.safetensors", "header length"}));
  CHECK(names(open(withHeader(sound, data, -1)), {"lie.safetensors"}));
  const auto toMinusOne = -1 - static_cast<std::int64_t>(sound.size());  // a length of 2^64 - 1
  CHECK(names(open(withHeader(sound, data, toMinusOne)), {"lie.safetensors"}));
  CHECK(names(open(withHeader("[1]", data)), {"JSON object"}));
  CHECK(names(open(withHeader("{\"t\":\xff}", data)), {"JSON object"}));
  CHECK_FALSE(open(withHeader(std::string(200000, '['), data)).empty());  // nested deeper than a stack
  CHECK(names(open(withHeader(R"({"t":3})", data)), {"tensor t"}));

  for (const char* fields : {
           R"("dtype":"F32","shape":[5],"data_offsets":[0,20])",                    // after the end
           R"("dtype":"F32","shape":[4],"data_offsets":[0,12])",                    // too short
           R"("dtype":"F32","shape":[3],"data_offsets":[0,16])",                    // too long
           R"("dtype":"F32","shape":[4],"data_offsets":[16,0])",                    // backwards
           R"("dtype":"F32","shape":[4],"data_offsets":[18446744073709551600,0])",  // wraps
           R"("dtype":"F32","shape":[4],"data_offsets":[-16,0])",
           R"("dtype":"F32","shape":[4],"data_offsets":[0,16,32])",
           R"("dtype":"F32","shape":[4],"data_offsets":[0.0,16.0])",
           R"("dtype":"F32","shape":[-4],"data_offsets":[0,16])",
           R"("dtype":"F32","shape":[4.0],"data_offsets":[0,16])",
           R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0])",  // product wraps to 0
           R"("dtype":"F32","shape":[4611686018427387908],"data_offsets":[0,16])",   // times 4 wraps to 16
           R"("dtype":"F32","shape":"4","data_offsets":[0,16])",
           R"("dtype":"I64","shape":[2],"data_offsets":[0,16])",
           R"("dtype":7,"shape":[4],"data_offsets":[0,16])",
           R"("shape":[4],"data_offsets":[0,16])",
           R"("dtype":"F32","data_offsets":[0,16])",
           R"("dtype":"F32","shape":[4])",
       }) {
    CAPTURE(fields);
    CHECK(names(entry(fields), {"lie.safetensors", "tensor t"}));
  }
}

TEST_CASE("tensors that do not cover the data are refused", "[llm][safetensors]") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "tiles.safetensors";
  const auto open = [&](const std::string& entries, std::size_t bytes, std::int64_t lengthLie = 0) {
    spill(file, withHeader("{" + entries + "}", std::string(bytes, '\0'), lengthLie));
    return refusal([&] { readAll(file); });
  };
  const auto entry = [](const std::string& name, int from, int to) {
    return "\"" + name + R"(":{"dtype":"F32","shape":[)" + std::to_string((to - from) / 4) + R"(],"data_offsets":[)" +
           std::to_string(from) + "," + std::to_string(to) + "]}";
  };
  CHECK(open(entry("b", 0, 8) + "," + entry("c", 8, 8) + "," + entry("a", 8, 16), 16).empty());
  CHECK(open("\"s\":{\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":[0,2]}", 2).empty());
  CHECK(names(open(entry("a", 0, 8) + "," + entry("b", 4, 12), 12), {"tensor b", "from byte 4 on", "from byte 8 on"}));
  CHECK(names(open(entry("a", 0, 8) + "," + entry("b", 0, 8), 8), {"tensor b", "from byte 0 on"}));
  CHECK(names(open(entry("a", 0, 8) + "," + entry("b", 12, 16), 16), {"tensor b", "from byte 12 on"}));
  CHECK(names(open(entry("a", 4, 8), 8), {"tensor a", "from byte 4 on", "from byte 0 on"}));
  CHECK(names(open(entry("a", 0, 8), 12), {"4 bytes after the last tensor"}));
  CHECK(names(open(entry("a", 0, 8) + "} ", 8, -2), {"2 bytes after the last tensor"}));  // a header said to be shorter
  CHECK(names(open(entry("a", 0, 8) + "," + entry("a", 8, 16), 16), {"the key 'a' twice"}));
}

TEST_CASE("a tensor in two shards is refused", "[llm][safetensors]") {
  const TemporaryFolder folder;
  const auto model = copied(folder, "tiny-llama-b");
  std::filesystem::copy_file(model / "model-00001-of-00002.safetensors", model / "model-00003-of-00002.safetensors");
  Json index = Json::parse(slurp(model / "model.safetensors.index.json"));
  index["weight_map"]["more"] = "model-00003-of-00002.safetensors";
  spill(model / "model.safetensors.index.json", index.dump());
  CHECK(names(refusal([&] { readAll(model); }), {"model-00003-of-00002.safetensors", "in an earlier file too"}));
}

TEST_CASE("weights that are no numbers are refused", "[llm][safetensors]") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "values.safetensors";
  const float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  for (const float wrong : {infinity, -infinity, nan}) {
    std::vector<float> values(1000, 0.5f);
    values[777] = wrong;
    const std::vector<NamedTensor> tensors{{"t", {10, 100}, values}};
    writeSafetensors(file, tensors);
    CHECK(names(refusal([&] { readAllWeights(*openSafetensors(file), file); }),
                {"values.safetensors: tensor t: found " + std::string(std::isnan(wrong) ? "NaN" : "infinity")}));
  }
  const std::string half("\x00\x3c\x00\x7c", 4);  // 1 and infinity
  spill(file, withHeader(R"({"t":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}})", half));
  CHECK(names(refusal([&] { readAllWeights(*openSafetensors(file), file); }), {"tensor t", "infinity"}));
}

TEST_CASE("F16 announced as BF16 is refused, BF16 is not", "[llm][safetensors]") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "half.safetensors";
  Random random(31);
  const auto normal = [&] {  // near enough
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += random.uniform();
    return static_cast<float>(0.02 * sum);
  };
  std::string halves, bfloats;
  for (int i = 0; i < 64 * 64; ++i) {
    const auto bits = std::bit_cast<std::uint32_t>(normal());
    const auto bfloat = static_cast<std::uint16_t>(bits >> 16);
    const int exponent = static_cast<int>(bits >> 23 & 255) - 112;
    const auto half =
        static_cast<std::uint16_t>((bits >> 16 & 0x8000) | (exponent > 0 ? exponent << 10 | (bits >> 13 & 1023) : 0));
    halves.append(reinterpret_cast<const char*>(&half), 2);
    bfloats.append(reinterpret_cast<const char*>(&bfloat), 2);
  }
  const auto open = [&](const char* type, const std::string& data) {
    spill(file, withHeader(std::string(R"({"t":{"dtype":")") + type + R"(","shape":[64,64],"data_offsets":[0,8192]}})",
                           data));
    return refusal([&] { readAllWeights(*openSafetensors(file), file); });
  };
  CHECK(open("F16", halves).empty());
  CHECK(open("BF16", bfloats).empty());
  CHECK(names(open("BF16", halves), {"tensor t", "look like F16"}));
}

TEST_CASE("folders without whole weights are refused", "[llm][safetensors]") {
  const TemporaryFolder folder;
  CHECK(names(refusal([&] { openSafetensors(folder.path() / "none.safetensors"); }), {"none.safetensors"}));
  CHECK(names(refusal([&] { openSafetensors(folder.path()); }), {"model.safetensors"}));
  const auto model = copied(folder, "tiny-llama-b");
  const auto index = model / "model.safetensors.index.json";
  REQUIRE(refusal([&] { readAll(model); }).empty());
  std::filesystem::remove(model / "model-00002-of-00002.safetensors");
  CHECK(names(refusal([&] { readAll(model); }), {"model-00002-of-00002.safetensors"}));
  for (const char* text : {"", "[", "{}", "[]", R"({"weight_map":[]})", R"({"weight_map":{"a":1}})",
                           R"({"weight_map":{"a":"../tiny-llama-b/model-00001-of-00002.safetensors"}})",
                           R"({"weight_map":{"a":"/etc/passwd"}})"}) {
    CAPTURE(text);
    spill(index, text);
    CHECK(names(refusal([&] { readAll(model); }), {"model.safetensors.index.json"}));
  }
}
