// Safetensors: values, shards, writing, and broken files.
#include <bit>
#include <cstring>

#include "llm/fixtures.h"
#include "llm/weight_file.h"
#include "support/random.h"

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
  const std::string command = "'" + python + "' '" + (folder.path() / "check.py").string() + "' '" + file.string() + "'";
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
  REQUIRE(entry(R"("dtype":"F16","shape":[],"data_offsets":[4,6])").empty());
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
           R"("dtype":"F32","shape":[5],"data_offsets":[0,20])",                     // behind the end
           R"("dtype":"F32","shape":[4],"data_offsets":[0,12])",                     // too short
           R"("dtype":"F32","shape":[3],"data_offsets":[0,16])",                     // too long
           R"("dtype":"F32","shape":[4],"data_offsets":[16,0])",                     // backwards
           R"("dtype":"F32","shape":[4],"data_offsets":[18446744073709551600,0])",   // wraps
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
