// What is not whole schema-1 content: one line that names file and dataset, never a crash.
#include <functional>

#include "catch.h"
#include "sample_labels.h"
#include "store/hdf5_file.h"
#include "store/label_file.h"
#include "support/error.h"
#include "support/hash.h"

using namespace polar;
using namespace polar::testing;
namespace fs = std::filesystem;

namespace {

// The message of the InputError that reading throws; "" where it reads.
std::string refusal(const fs::path& file) {
  try {
    readLabels(file);
  } catch (const InputError& error) {
    const std::string text = error.what();
    CHECK(text.find(file.string()) == 0);
    CHECK(text.find('\n') == std::string::npos);
    return text;
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// Puts the right checksum in front of changed content, as a broken writer would.
std::string sealedAnew(std::string bytes) {
  const std::string hash = sha256(std::string_view(bytes).substr(kSealBytes));
  bytes.replace(bytes.find("sha256 ") + 7, hash.size(), hash);
  return bytes;
}

// Columns changed after they were checked, sealed and read back.
std::string refusalOf(const std::function<void(LabelColumns&)>& change, int depth = 6) {
  TemporaryFolder folder;
  const fs::path file = folder.path() / "a.h5";
  LabelProvenance provenance = sampleProvenance();
  LabelColumns columns = columnsOf(sampleFile(4).examples, provenance.depth);
  change(columns);
  provenance.depth = depth;
  writeSealed(file, provenance, columns);
  return refusal(file);
}

}  // namespace

TEST_CASE("a truncated file is refused at every length") {
  TemporaryFolder folder;
  const fs::path whole = folder.path() / "a.h5", cut = folder.path() / "b.h5";
  writeLabels(whole, sampleFile(3));
  const std::string bytes = slurp(whole);
  for (std::size_t length = 0; length < bytes.size(); length += length < 600 ? 1 : 97) {
    spill(cut, bytes.substr(0, length));
    CHECK_FALSE(refusal(cut).empty());
  }
  spill(cut, bytes + "x");
  CHECK(contains(refusal(cut), "SHA-256"));
}

TEST_CASE("a changed byte is refused wherever it is") {
  TemporaryFolder folder;
  const fs::path whole = folder.path() / "a.h5", changed = folder.path() / "b.h5";
  writeLabels(whole, sampleFile(3));
  const std::string bytes = slurp(whole);
  Random random(3);
  for (int i = 0; i < 300; ++i) {
    std::string broken = bytes;
    broken[random.below(broken.size())] ^= static_cast<char>(1 + random.below(255));
    spill(changed, broken);
    CHECK_FALSE(refusal(changed).empty());
  }
}

TEST_CASE("garbage is refused") {
  TemporaryFolder folder;
  const fs::path file = folder.path() / "a.h5";
  spill(file, "");
  CHECK(contains(refusal(file), "an empty file"));
  spill(file, "id,question\n1,2\n");
  CHECK(contains(refusal(file), "'polar labels' in its first line"));
  spill(file,
        sealedAnew("polar labels\nsha256 " + std::string(64, '0') + "\n" + std::string(427, '\0') + "no HDF5 here"));
  CHECK(contains(refusal(file), "no HDF5 content"));
  CHECK_THROWS_AS(readLabels(folder.path()), InputError);
  CHECK_THROWS_AS(readLabels(folder.path() / "none.h5"), InputError);
  CHECK_THROWS_AS(readProvenance(folder.path() / "none.h5"), InputError);
}

TEST_CASE("columns that do not fit together are refused by name") {
  CHECK(refusalOf([](LabelColumns&) {}).empty());
  CHECK(
      contains(refusalOf([](LabelColumns& c) { c.answer.pop_back(); }), "/examples/answer: found 3 rows, expected 4"));
  CHECK(contains(refusalOf([](LabelColumns& c) { c.margin.push_back(0); }),
                 "/programs/margin: found 13 rows, expected 12"));
  CHECK(contains(refusalOf([](LabelColumns& c) { c.offset[3] = c.offset[2] - 1; }), "/programs/offset[3]: found"));
  CHECK(contains(refusalOf([](LabelColumns& c) { c.offset[0] = 1; }), "/programs/offset[0]: found 1, expected 0"));
  CHECK(contains(refusalOf([](LabelColumns& c) { c.offset.back() += 1; }), "the rows it points into"));
  CHECK(contains(refusalOf([](LabelColumns& c) { c.offset.push_back(c.offset.back()); }),
                 "/programs/offset: found 14 rows"));
  CHECK(contains(refusalOf([](LabelColumns& c) { c.layers[5] = 6; }), "/programs/layers[5]: found 6"));
  CHECK(contains(refusalOf([](LabelColumns& c) { c.layers[0] = 65535; }), "/programs/layers[0]"));
  CHECK(contains(refusalOf([](LabelColumns& c) { c.example.back() = 4; }), "/programs/example[11]: found 4"));
  CHECK(contains(refusalOf([](LabelColumns& c) { c.example[5] = 0; }), "in the order of their examples"));
  CHECK(contains(refusalOf([](LabelColumns& c) { c.verdict[1] = 3; }), "/programs/verdict[1]: found 3"));
  CHECK(
      contains(refusalOf([](LabelColumns& c) { c.standardVerdict[1] = 9; }), "/examples/standard_verdict[1]: found 9"));
  CHECK(contains(refusalOf([](LabelColumns& c) { c.executed[2] += 1; }), "/programs/executed[2]"));
  CHECK(contains(refusalOf([](LabelColumns& c) { c.unique[2] += 1; }), "/programs/unique[2]"));
  CHECK(contains(refusalOf([](LabelColumns& c) { c.parent[2] = -2; }), "/programs/parent[2]"));
  CHECK(contains(refusalOf([](LabelColumns& c) { c.id[2] = c.id[1]; }),
                 "/examples/id[2]: found 'set/train/1' a second time"));
  CHECK(contains(refusalOf([](LabelColumns& c) { c.id[2] = ""; }), "an empty id"));
  CHECK(contains(refusalOf([](LabelColumns& c) { c.optionOffset[1] = 9; }), "/examples/option_offset[2]"));
  CHECK(contains(refusalOf([](LabelColumns&) {}, 3), "a layer below the depth, 3"));
}

namespace {

// A sealed file whose HDF5 content `fill` writes.
std::string refusalOfContent(const std::function<void(hdf5::ColumnWriter&)>& fill) {
  TemporaryFolder folder;
  const fs::path file = folder.path() / "a.h5";
  hdf5::ColumnWriter writer(file, kSealBytes);
  fill(writer);
  const std::string head = "polar labels\nsha256 " + std::string(64, '0') + "\n" + std::string(427, '\0');
  spill(file, sealedAnew(head + writer.close().substr(kSealBytes)));
  return refusal(file);
}

void writeAttributes(hdf5::ColumnWriter& writer, int version = 1, int depth = 6) {
  writer.attribute("schema_version", std::int32_t{version});
  LabelProvenance provenance = sampleProvenance();
  provenance.depth = depth;
  visitProvenance(provenance, [&](const char* name, const auto& value, In) { writer.attribute(name, value); });
}

// All columns of a whole file but `left`.
void writeColumnsWithout(hdf5::ColumnWriter& writer, const std::string& left) {
  writer.group("/examples");
  writer.group("/programs");
  const LabelColumns columns = columnsOf(sampleFile(2).examples, 6);
  visitColumns(columns, [&](const char* path, const auto& values, Rows) {
    if (path != left) writer.column(path, values);
  });
}

}  // namespace

TEST_CASE("a missing or mistyped dataset or attribute is named") {
  std::vector<std::string> paths;
  LabelColumns columns;
  visitColumns(columns, [&](const char* path, auto&, Rows) { paths.push_back(path); });
  CHECK(paths.size() == 26);
  for (const std::string& path : paths) {
    CHECK(contains(refusalOfContent([&](auto& w) { writeAttributes(w), writeColumnsWithout(w, path); }),
                   path + ": found no such dataset"));
    // A column of another type: signed 64-bit where all but two are something else, floats for those.
    const bool wide = contains(path, "layer_tokens");
    CHECK(contains(
        refusalOfContent([&](auto& w) {
          writeAttributes(w);
          writeColumnsWithout(w, path);
          if (wide)
            w.column(path, std::vector<float>{1, 2});
          else
            w.column(path, std::vector<std::int64_t>{1, 2});
        }),
        path + (wide ? ": found 32-bit floats, expected 64-bit signed integers" : ": found 64-bit signed integers")));
  }
  CHECK(contains(refusalOfContent([](auto&) {}), "attribute schema_version: found no such attribute"));
  CHECK(contains(refusalOfContent([](auto& w) { w.attribute("schema_version", std::string("1")); }),
                 "found variable-length text"));
  CHECK(contains(refusalOfContent([](auto& w) { w.attribute("schema_version", std::int32_t{1}); }),
                 "attribute depth: found no such attribute"));
  for (const int depth : {0, -1, 65536})
    CHECK(contains(refusalOfContent([&](auto& w) { writeAttributes(w, 1, depth); }),
                   "attribute depth: found " + std::to_string(depth)));
}

TEST_CASE("another schema version: found, supported, likely cause") {
  CHECK(contains(refusalOfContent([](auto& w) { writeAttributes(w, 2); }),
                 "attribute schema_version: found 2, expected 1 to 1; a newer Polar wrote it: update this one"));
  CHECK(contains(refusalOfContent([](auto& w) { writeAttributes(w, 0); }), "found 0, expected 1 to 1"));
}
