#include "store/label_store.h"

#include <sys/wait.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "sample_labels.h"
#include "support/error.h"
#include "support/hash.h"

using namespace polar;
using namespace polar::testing;
namespace fs = std::filesystem;

namespace {

std::string python() { return std::string(POLAR_VENV).empty() ? "python3" : std::string(POLAR_VENV) + "/bin/python"; }

// Runs a script of this folder; false (with a printed reason) where Python or h5py is missing.
bool runScript(const std::string& script, const std::string& arguments) {
  const int status =
      std::system(("'" + python() + "' '" + fixture("store/" + script).string() + "' " + arguments).c_str());
  if (WIFEXITED(status) && (WEXITSTATUS(status) == 77 || WEXITSTATUS(status) == 127)) {
    skipped(python() + " has no h5py");
    return false;
  }
  REQUIRE(status == 0);
  return true;
}

void checkSameProgram(const LabelledProgram& a, const LabelledProgram& b) {
  CHECK(a.program == b.program);
  CHECK(a.evaluation.verdict == b.evaluation.verdict);
  CHECK(((std::isnan(a.evaluation.answerLogprob) && std::isnan(b.evaluation.answerLogprob)) ||
         a.evaluation.answerLogprob == b.evaluation.answerLogprob));
  CHECK(a.evaluation.margin == b.evaluation.margin);
  CHECK(a.evaluation.executed == b.evaluation.executed);
  CHECK(a.evaluation.unique == b.evaluation.unique);
  CHECK(a.evaluation.text == b.evaluation.text);
  CHECK(a.evaluation.rule == b.evaluation.rule);
  CHECK(a.evaluation.prefillLayerTokens == b.evaluation.prefillLayerTokens);
  CHECK(a.evaluation.decodeLayerTokens == b.evaluation.decodeLayerTokens);
  CHECK(a.order == b.order);
  CHECK(a.parent == b.parent);
  CHECK(a.origin == b.origin);
}

void checkSame(const ExampleLabels& a, const ExampleLabels& b) {
  CHECK(a.example.id == b.example.id);
  CHECK(a.example.question == b.example.question);
  CHECK(a.example.answer == b.example.answer);
  CHECK(a.example.solution == b.example.solution);
  CHECK(a.example.level == b.example.level);
  CHECK(a.example.subject == b.example.subject);
  CHECK(a.example.source == b.example.source);
  CHECK(a.example.options == b.example.options);
  CHECK(a.standardVerdict == b.standardVerdict);
  CHECK(a.split == b.split);
  REQUIRE(a.programs.size() == b.programs.size());
  for (std::size_t i = 0; i < a.programs.size(); ++i) checkSameProgram(a.programs[i], b.programs[i]);
}

void checkSameProvenance(const LabelProvenance& a, const LabelProvenance& b) {
  CHECK(a.depth == b.depth);
  CHECK(a.fingerprint == b.fingerprint);
  CHECK(a.config == b.config);
  CHECK(a.toolVersion == b.toolVersion);
  CHECK(a.gitRevision == b.gitRevision);
  CHECK(a.weightsSha256 == b.weightsSha256);
  CHECK(a.tokenizerSha256 == b.tokenizerSha256);
  CHECK(a.dataSha256 == b.dataSha256);
  CHECK(a.promptTemplate == b.promptTemplate);
  CHECK(a.dtype == b.dtype);
  CHECK(a.device == b.device);
  CHECK(a.graderVersion == b.graderVersion);
  CHECK(a.seed == b.seed);
  CHECK(a.computedOn == b.computedOn);
  CHECK(a.weightsFormat == b.weightsFormat);
  CHECK(a.leftOut == b.leftOut);
}

}  // namespace

TEST_CASE("what is written is read back, short and long") {
  TemporaryFolder folder;
  for (const int examples : {0, 1, 7, 400}) {  // 400: chunked and deflated columns
    const LabelFile labels = sampleFile(examples);
    const fs::path file = folder.path() / (std::to_string(examples) + ".h5");
    writeLabels(file, labels);
    const LabelFile again = readLabels(file);
    checkSameProvenance(again.provenance, labels.provenance);
    checkSameProvenance(readProvenance(file), labels.provenance);
    REQUIRE(again.examples.size() == labels.examples.size());
    for (std::size_t i = 0; i < again.examples.size(); ++i) checkSame(again.examples[i], labels.examples[i]);
    CHECK_FALSE(fs::exists(file.string() + ".tmp"));
  }
}

TEST_CASE("long texts and a long config survive") {
  TemporaryFolder folder;
  LabelFile labels = sampleFile(2);
  labels.provenance.config = std::string(300000, 'c');
  labels.examples[0].example.question = std::string(200000, 'q');
  labels.examples[1].programs[0].evaluation.text = std::string(100000, 't');
  writeLabels(folder.path() / "a.h5", labels);
  const LabelFile again = readLabels(folder.path() / "a.h5");
  CHECK(again.provenance.config == labels.provenance.config);
  checkSame(again.examples[0], labels.examples[0]);
  checkSame(again.examples[1], labels.examples[1]);
}

TEST_CASE("texts that HDF5 cannot hold are made storable, ids are refused") {
  TemporaryFolder folder;
  LabelFile labels = sampleFile(1);
  labels.examples[0].programs[0].evaluation.text = std::string("a\0b\xCF", 4);  // a generation cut inside π
  writeLabels(folder.path() / "a.h5", labels);
  CHECK(readLabels(folder.path() / "a.h5").examples[0].programs[0].evaluation.text ==
        "a\xEF\xBF\xBD"
        "b\xEF\xBF\xBD");
  for (const std::string& id : {std::string(), std::string("a\0b", 3), std::string("\xFF")}) {
    labels.examples[0].example.id = id;
    CHECK_THROWS_AS(writeLabels(folder.path() / "b.h5", labels), InputError);
  }
  CHECK_FALSE(fs::exists(folder.path() / "b.h5"));
}

TEST_CASE("the same labels give the same bytes") {
  TemporaryFolder folder;
  writeLabels(folder.path() / "a.h5", sampleFile(300));
  ::usleep(1100000);  // HDF5's time stamps, if there were any, count seconds
  writeLabels(folder.path() / "b.h5", sampleFile(300));
  CHECK(slurp(folder.path() / "a.h5") == slurp(folder.path() / "b.h5"));
  LabelFile other = sampleFile(300);
  other.examples[7].programs[1].evaluation.margin += 1;
  writeLabels(folder.path() / "c.h5", other);
  CHECK(slurp(folder.path() / "a.h5") != slurp(folder.path() / "c.h5"));
}

TEST_CASE("h5py reads a label file without our code") {
  TemporaryFolder folder;
  const fs::path file = folder.path() / "a.h5", json = folder.path() / "a.json";
  const LabelFile labels = sampleFile(9);
  writeLabels(file, labels);
  if (!runScript("read_with_h5py.py", "'" + file.string() + "' > '" + json.string() + "'")) return;
  const nlohmann::json content = nlohmann::json::parse(slurp(json));
  const auto column = [&](const std::string& path) { return content["columns"][path]["values"]; };

  CHECK(content["attributes"]["schema_version"] == 1);
  CHECK(content["attributes"]["depth"] == 6);
  CHECK(content["attributes"]["seed"] == labels.provenance.seed);
  CHECK(content["attributes"]["config"] == labels.provenance.config);
  CHECK(content["columns"]["programs/layers"]["type"] == "<u2");
  CHECK(content["columns"]["programs/offset"]["type"] == "<u8");
  CHECK(content["columns"]["programs/text"]["type"] == "str");
  std::size_t row = 0, layer = 0;
  for (std::size_t i = 0; i < labels.examples.size(); ++i) {
    const ExampleLabels& labelled = labels.examples[i];
    CHECK(column("examples/id")[i] == labelled.example.id);
    CHECK(column("examples/question")[i] == labelled.example.question);
    CHECK(column("examples/level")[i] == labelled.example.level.value_or(INT32_MIN));
    for (const LabelledProgram& program : labelled.programs) {
      CHECK(column("programs/example")[row] == i);
      CHECK(column("programs/offset")[row] == layer);
      CHECK(column("programs/executed")[row] == program.program.executed());
      CHECK(column("programs/verdict")[row] == static_cast<int>(program.evaluation.verdict));
      CHECK(column("programs/text")[row] == program.evaluation.text);
      CHECK(column("programs/prefill_layer_tokens")[row] == program.evaluation.prefillLayerTokens);
      if (std::isnan(program.evaluation.answerLogprob))
        CHECK(column("programs/answer_logprob")[row] == "nan");
      else
        CHECK(column("programs/answer_logprob")[row].get<float>() == program.evaluation.answerLogprob);
      for (const LayerIndex index : program.program.layers()) CHECK(column("programs/layers")[layer++] == index);
      ++row;
    }
  }
  CHECK(column("programs/offset").size() == row + 1);
  CHECK(column("programs/layers").size() == layer);
}

namespace {

void checkSchema1(const LabelFile& file) {
  CHECK(file.provenance.depth == 4);
  CHECK(file.provenance.seed == 7);
  CHECK(file.provenance.fingerprint == std::string(64, 'f'));
  REQUIRE(file.examples.size() == 2);
  CHECK(file.examples[0].example.id == "a/0");
  CHECK(file.examples[0].example.level == 2);
  CHECK_FALSE(file.examples[1].example.level.has_value());
  CHECK(file.examples[1].example.options == std::vector<std::string>{"left", "right"});
  CHECK(file.examples[1].split == "validation");
  CHECK(file.examples[1].standardVerdict == Verdict::undecided);
  REQUIRE(file.examples[0].programs.size() == 2);
  const LabelledProgram& loop = file.examples[0].programs[1];
  CHECK(loop.program.text() == "0-1,1-3");
  CHECK(loop.parent == 0);
  CHECK(loop.evaluation.answerLogprob == -2.0F);
  CHECK(loop.evaluation.executed == 5);
  CHECK(loop.evaluation.unique == 4);
  CHECK(std::isnan(file.examples[1].programs[0].evaluation.answerLogprob));
  CHECK(file.examples[1].programs[1].evaluation.text == "π");
}

}  // namespace

TEST_CASE("a file that h5py wrote by the format's description is read") {
  TemporaryFolder folder;
  if (!runScript("make_schema1.py", "'" + (folder.path() / "a.h5").string() + "'")) return;
  checkSchema1(readLabels(folder.path() / "a.h5"));
}

TEST_CASE("the kept file of schema 1 is read") {
  const LabelFile labels = readLabels(fixture("store/schema1.h5"));
  checkSchema1(labels);
  CHECK(labels.provenance.computedOn.empty());  // it is older than these attributes
  CHECK(labels.provenance.weightsFormat.empty());
  CHECK(labels.provenance.leftOut == -1);
}
