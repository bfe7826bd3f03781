#include "search/menu.h"

#include <set>

#include "catch.h"
#include "planted.h"
#include "search/oracle_search.h"
#include "support/error.h"

namespace polar {
namespace {

// A training question that the programs answer; depth 4.
ExampleLabels answered(const std::string& id, const std::vector<std::string>& programs, bool standard = false) {
  ExampleLabels labels;
  labels.example = testing::example(id);
  labels.split = "train";
  labels.standardVerdict = standard ? Verdict::right : Verdict::wrong;
  std::vector<std::string> all = programs;
  all.insert(all.begin(), "0-3");
  for (const std::string& program : all) {
    LabelledProgram each;
    each.program = Program::parse(program, 4);
    each.evaluation.verdict = program != "0-3" || standard ? Verdict::right : Verdict::wrong;
    each.order = static_cast<std::uint32_t>(labels.programs.size());
    each.origin = each.order == 0 ? kStandardOrigin : "random";
    labels.programs.push_back(each);
  }
  return labels;
}

// Every program that any question has, run on all of them: wrong where it is not listed.
std::vector<ExampleLabels> complete(std::vector<ExampleLabels> labels) {
  std::set<Program> programs;
  for (const ExampleLabels& each : labels)
    for (const LabelledProgram& labelled : each.programs) programs.insert(labelled.program);
  for (ExampleLabels& each : labels)
    for (const Program& program : programs) {
      const auto same = [&](const LabelledProgram& labelled) { return labelled.program == program; };
      if (std::any_of(each.programs.begin(), each.programs.end(), same)) continue;
      LabelledProgram wrong;
      wrong.program = program;
      wrong.evaluation.verdict = Verdict::wrong;
      wrong.origin = "random";
      wrong.order = static_cast<std::uint32_t>(each.programs.size());
      each.programs.push_back(wrong);
    }
  return labels;
}

std::vector<std::string> menuOf(const std::vector<ExampleLabels>& labels, std::size_t most) {
  std::vector<const ExampleLabels*> all;
  for (const ExampleLabels& each : labels) all.push_back(&each);
  std::vector<std::string> texts;
  for (const Program& program : greedyMenu(all, most)) texts.push_back(program.text());
  return texts;
}

std::string refusalOf(const std::string& menu, int depth) {
  try {
    loadMenu(menu, 5, depth);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a menu covers questions greedily, then begins again") {
  std::vector<ExampleLabels> labels = complete(
      {answered("a", {"1-3", "0-2"}), answered("b", {"1-3", "0-2"}), answered("c", {"1-3"}), answered("d", {"0,2-3"}),
       answered("e", {"0-1", "2-3"}), answered("f", {"0-2", "0-1"}, true), answered("g", {"0-2"}, true)});
  // 1-3 gains a, b, c (0-2 answers four, but f and g need no help); then d and e in one of three ways: 0-1 answers two
  // in all; then 0,2-3. Everything is covered: 0-2 gains four again, then 2-3 the question e.
  CHECK(menuOf(labels, 100) == std::vector<std::string>{"1-3", "0-1", "0,2-3", "0-2", "2-3"});
  CHECK(menuOf(labels, 2) == std::vector<std::string>{"1-3", "0-1"});
  labels[0].split = labels[1].split = labels[2].split = "validation";
  CHECK(menuOf(labels, 1) == std::vector<std::string>{"0-1"});
  LabelledProgram sample = labels[3].programs[1];
  sample.origin = kSampleOrigin;
  sample.program = Program::parse("3", 4);
  for (ExampleLabels& each : labels) each.programs.push_back(sample);
  CHECK(menuOf(labels, 1) == std::vector<std::string>{"0-1"});
  CHECK(menuOf({}, 5).empty());
}

TEST_CASE("where a program was not run, it counts with its share on other questions, not as wrong") {
  // 20 questions that the standard program fails. 1-3 was run on all and answers six. 0-2 was run on ten and answers
  // five: of twenty it would answer some ten. 0-1 was run once, and was lucky.
  std::vector<ExampleLabels> labels;
  for (int i = 0; i < 20; ++i) {
    std::vector<std::string> right;
    if (i >= 14) right.push_back("1-3");
    if (i < 5) right.push_back("0-2");
    if (i == 5) right.push_back("0-1");
    labels.push_back(answered("q" + std::to_string(i), right));
    const auto wrong = [&](const std::string& program) {
      LabelledProgram each = labels.back().programs.front();
      each.program = Program::parse(program, 4);
      each.origin = "random";
      labels.back().programs.push_back(each);
    };
    if (i < 14) wrong("1-3");
    if (i >= 5 && i < 10) wrong("0-2");
  }
  CHECK(menuOf(labels, 3) == std::vector<std::string>{"0-2", "1-3", "0-1"});
  CHECK(menuText(labels, 1).find("\n0-2  # 5 of 10\n") != std::string::npos);
}

TEST_CASE("a question's own labels never reach its menu") {
  std::vector<ExampleLabels> labels;
  for (int i = 0; i < 20; ++i) labels.push_back(answered("q" + std::to_string(i), {i % 2 == 0 ? "1-3" : "0-2"}));
  for (ExampleLabels& each : labels) {
    const std::vector<LabelledProgram> kept = each.programs;
    each.programs.push_back(kept.back());
    each.programs.back().program = Program::parse("0,3", 4);
    const Menu menu(labels, 10);
    const auto holds = [&](const Example& example) {
      const auto& programs = menu.programsFor(example);
      return std::find(programs.begin(), programs.end(), Program::parse("0,3", 4)) != programs.end();
    };
    CHECK_FALSE(holds(each.example));
    CHECK(holds(testing::example("another")));
    each.programs = kept;
  }
}

TEST_CASE("menu asks its programs in their order, those of the space alone, within the budget") {
  StrategyOptions options{{.budget = 4, .maxEdits = 1, .maxTimes = 2}, 4};
  for (const char* program : {"1-3", "0,0,0-3", "0,2-3", "0-3", "1-3", "0,0-1,3", "0-2", "0-1"})
    options.programs.push_back(Program::parse(program, 4));
  const testing::PlantedEvaluator wrong(4, [](const EvaluationTask&) { return false; });
  std::vector<std::string> asked;
  for (const Candidate& each : testing::runSearch("menu", options, wrong).asked) asked.push_back(each.program.text());
  CHECK(asked == std::vector<std::string>{"0-3", "1-3", "0,2-3", "0-2"});
}

TEST_CASE("a menu comes from a label file of the same depth") {
  const testing::TemporaryFolder folder;
  LabelFile file;
  file.provenance.depth = 4;
  file.provenance.fingerprint = std::string(64, 'a');
  file.examples = {answered("a", {"1-3"})};
  const auto path = (folder.path() / "labels.h5").string();
  writeLabels(path, file);
  CHECK(loadMenu(path, 5, 4)->programsFor(testing::example("b")) == std::vector<Program>{Program::parse("1-3", 4)});
  CHECK(refusalOf(path, 12).find("labels of a model with 4 layers, expected 12 layers") != std::string::npos);
  file.examples = {answered("a", {})};
  writeLabels(path, file);
  CHECK(refusalOf(path, 4).find("no valid program beside the standard one") != std::string::npos);
  CHECK_THROWS_AS(loadMenu((folder.path() / "none.h5").string(), 5, 4), InputError);
}

TEST_CASE("a menu may be a text, which inspect's --menu writes") {
  const testing::TemporaryFolder folder;
  const std::vector<ExampleLabels> labels{answered("a", {"1-3", "0-2"}), answered("b", {"0-2"})};
  const std::string text = menuText(labels, 5);
  CHECK(text.find("\n0-2  # 2 of 2\n1-3  # 1 of 1\n") != std::string::npos);
  const auto path = folder.path() / "menu.txt";
  testing::spill(path, text);
  const auto load = [&](int most, int depth) { return loadMenu(path.string(), most, depth); };
  CHECK(load(5, 4)->programsFor(labels[0].example) ==
        std::vector<Program>{Program::parse("0-2", 4), Program::parse("1-3", 4)});
  CHECK(load(1, 4)->programsFor(labels[0].example).size() == 1);
  testing::spill(path, "# none\n\n");
  CHECK(refusalOf(path.string(), 4).find("menu.txt: found no program, expected one a line") != std::string::npos);
  testing::spill(path, "0-2\n0-7\n");
  CHECK(refusalOf(path.string(), 4).find("menu.txt:2: found \"0-7\", expected a program of layers 0 to 3") !=
        std::string::npos);
}

}  // namespace polar
