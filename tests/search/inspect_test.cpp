#include "search/inspect.h"

#include "catch.h"
#include "planted.h"
#include "search/oracle_search.h"
#include "support/error.h"

namespace polar {
namespace {

using testing::PlantedEvaluator;

// Three questions at depth 3, with every single edit of one layer. Every shorter program answers the first; the
// standard program and one loop answer the second; none answers the third.
LabelFile labels() {
  const PlantedEvaluator evaluator(3, [](const EvaluationTask& task) {
    if (task.example->id == "a") return task.program.executed() < 3;
    return task.example->id == "b" && (task.program.executed() == 3 || task.program.text() == "0-2,2");
  });
  OracleSearchOptions options;
  options.search = {.budget = 100, .maxEdits = 1, .maxLength = 1, .maxTimes = 2, .samples = 2};
  options.validationFraction = 0;
  LabelFile file;
  file.provenance.depth = 3;
  file.provenance.fingerprint = "0123456789abcdef";
  file.provenance.weightsSha256 = "fedcba9876543210";
  file.provenance.dtype = "fp32";
  file.provenance.device = "cpu";
  file.provenance.promptTemplate = "zero-shot";
  file.provenance.graderVersion = "1";
  file.provenance.seed = 5;
  int level = 1;
  for (const char* id : {"a", "b", "c"}) {
    Example example = testing::example(id);
    example.level = level;
    level = 2;
    file.examples.push_back(searchExample(example, evaluator, options));
  }
  return file;
}

}  // namespace

TEST_CASE("what inspect prints") {
  CHECK(inspectLabels(labels(), std::nullopt) == R"(model      depth 3, fp32 on cpu, weights fedcba987654
labels     fingerprint 0123456789ab, prompt zero-shot, grader 1, seed 5
examples   3, train 3
programs   21 searched, 6 temperature samples of the standard program
right      23.8 % (5 of 21)
wrong      76.2 % (16 of 21)
undecided  0.0 % (0 of 21)

Questions answered
all        standard right 33.3 % (1 of 3), any program right 66.7 % (2 of 3)
level 1    standard right 0.0 % (0 of 1), any program right 100.0 % (1 of 1)
level 2    standard right 50.0 % (1 of 2), any program right 50.0 % (1 of 2)

Valid programs by executed layers
     2         3  ########################################
     3         1  ##############  (as many as the model has)
     4         1  ##############

Programs valid on most examples
0-1                      right on 33.3 % (1 of 3)
0-2                      right on 33.3 % (1 of 3)  standard program
0-2,2                    right on 33.3 % (1 of 3)
0,2                      right on 33.3 % (1 of 3)
1-2                      right on 33.3 % (1 of 3)
)");
}

TEST_CASE("one example in full") {
  LabelFile file = labels();
  file.examples[1].programs[1].evaluation.text = "a \"b\"\n\x01";
  const std::string text = inspectLabels(file, "b");
  const auto has = [&](const std::string& part) { return text.find(part) != std::string::npos; };
  CHECK(has("\nExample b\nquestion   \"How many are b and one?\"\nanswer     \"2\"\nsplit      train, level 2\n"));
  CHECK(has("standard   right\n"));
  CHECK(has("     0     -1 standard        3 right     -3.000   0.500  0-2  \"0-2\"\n"));
  CHECK(has("     1      0 enumerate       2 wrong     -2.000   0.500  1-2  \"a \\\"b\\\"\\n\\x01\"\n"));
  CHECK(has("     8      0 sample          3 "));
  CHECK(text.find("Example b") == text.rfind("Example "));
}

TEST_CASE("labels of nothing, and an unknown example") {
  const std::string text = inspectLabels({}, std::nullopt);
  CHECK(text.find("examples   0\n") != std::string::npos);
  CHECK(text.find("Programs valid on most examples\nnone\n") != std::string::npos);
  LabelFile file = labels();
  file.examples[0].example.id = "set/one";
  std::string message;
  try {
    inspectLabels(file, "set/ono");
  } catch (const InputError& error) {
    message = error.what();
  }
  CHECK(message ==
        "example 'set/ono': found no labels of it, expected the id of one of the 3 labelled examples; "
        "did you mean 'set/one'?");
}

}  // namespace polar
