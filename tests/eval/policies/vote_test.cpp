#include "eval/policies/vote.h"

#include "planted_policies.h"

using namespace polar;
using namespace polar::testing;

TEST_CASE("a vote counts equal answers together, of equals the surer one, then the earlier") {
  const Example question = plantedExample(1);
  const auto voted = [&](const std::vector<Outcome>& ran) { return countVotes(question, true, ran).leader; };
  CHECK(voted({{1, "3}"}}) == 0);
  CHECK(voted({{9, "7}"}, {1, "8 + 5}"}, {1, "13}"}}) == 1);
  CHECK(voted({{1, "7}"}, {2, "8}"}}) == 1);
  CHECK(voted({{1, "7}"}, {1, "8}"}}) == 0);
  CHECK(voted({{5, "7}"}, {1, "8}"}, {2, "8}"}, {1, "7}"}}) == 0);
}

TEST_CASE("a vote reads answers as the template has them: a box is open only where the prompt opens it") {
  const Example question = plantedExample(1);
  // An ordinary brace closes no box; the answers are the numbers at the end.
  const std::vector<Outcome> ran{{9, "so {x} = 3"}, {1, "so {y} = 4"}, {1, "hence 4"}};
  CHECK(countVotes(question, false, ran).leader == 1);
  CHECK(countVotes(question, false, {{9, "} 3"}, {1, "} 4"}, {1, "it is 4"}}).leader == 1);
}

TEST_CASE("letters are parties of their own, and only those of the question's options") {
  Example question = plantedExample(1);
  question.options = {"3", "4", "5"};
  question.answer = "A";
  const auto voted = [&](const std::vector<Outcome>& ran) { return countVotes(question, true, ran).leader; };
  CHECK(voted({{9, "A}"}, {1, "B}"}, {1, "(B)}"}}) == 1);
  CHECK(voted({{9, "A"}, {1, "B"}, {1, "B"}}) == 1);  // by likelihood, the text is the letter
  CHECK(voted({{9, "the answer is A."}, {1, "\\boxed{\\text{C}}"}, {1, "C. 5}"}}) == 1);
  CHECK(voted({{9, "E}"}, {9, "E}"}, {1, "C}"}}) == 2);    // there is no E
  CHECK(voted({{9, "12}"}, {9, "12}"}, {1, "C}"}}) == 2);  // a number is no letter
}

TEST_CASE("a run without an answer abstains") {
  const Example question = plantedExample(1);
  const auto voted = [&](const std::vector<Outcome>& ran) { return countVotes(question, true, ran).leader; };
  CHECK(voted({{1, "I do not know"}, {1, "nor do I"}, {1, "7}"}}) == 2);
  CHECK(voted({{1, "}"}, {1, " }"}, {1, "7}"}}) == 2);
  CHECK(voted({{1, "I do not know"}, {9, "nor do I"}}) == 0);
}

TEST_CASE("vote and sample_vote read by the template of their prompts") {
  Planted setup;
  setup.context.votes = 3;
  const Example question = plantedExample(1);
  const std::vector<Outcome> ran{{9, "3} 1"}, {1, "4} 1"}, {1, "1}"}};
  for (const char* name : {"vote", "sample_vote"}) {
    CAPTURE(name);
    CHECK(makePolicy(name, setup.context)->kept(question, ran) == 0);  // 3, 4 and 1: the surest
    PolicyContext plain = setup.context;
    plain.prompts = std::make_shared<PromptBuilder>(
        PromptTemplate{.name = "test", .head = "", .body = "{question}", .open = "", .system = "", .stop = ""},
        std::make_shared<ByteTokenizer>(setup.context.model->config().vocabulary));
    const std::vector<Outcome> unboxed{{9, "3} 2"}, {1, "4} 1"}, {1, "1}"}};
    CHECK(makePolicy(name, plain)->kept(question, unboxed) == 1);
    PolicyContext bare = setup.context;
    bare.prompts = nullptr;
    CHECK(without(errorOf(name, bare), "no prompts") == "");
  }
}

TEST_CASE("vote runs the standard program and those right most often, sample_vote draws instead") {
  Planted setup;
  std::vector<ExampleLabels> labels;
  for (int i = 0; i < 9; ++i) {
    ExampleLabels example;
    example.example = plantedExample(i);
    example.split = i % 2 == 0 ? "train" : "validation";
    const auto verdict = [&](int one) { return i < one ? Verdict::right : Verdict::wrong; };
    example.programs = {planted("0-5", 6, verdict(1)), planted("1-5", 6, verdict(4)), planted("0-5,5", 6, verdict(6)),
                        planted("0-4", 6, verdict(2))};
    labels.push_back(example);
  }
  setup.context.labels = &labels;
  setup.context.votes = 3;
  const auto policy = makePolicy("vote", setup.context);
  CHECK(policy->rank(plantedExample(1), 1).front().text() == "0-5");
  const auto further = policy->further(plantedExample(1), {{}});
  REQUIRE(further.size() == 2);
  CHECK(further[0].program.text() == "0-5,5");
  CHECK(further[1].program.text() == "1-5");
  CHECK(policy->settings() == "0-5 and those right most often on 9 labelled questions: 0-5,5; 1-5");
  const auto drawn = makePolicy("sample_vote", setup.context)->further(plantedExample(1), {{}});
  REQUIRE(drawn.size() == 2);
  CHECK(drawn[0].program.text() == "0-5");
  CHECK(drawn[0].temperature > 0);
  CHECK(drawn[0].seed != drawn[1].seed);
  setup.context.votes = 5;
  CHECK(without(errorOf("vote", setup.context), "policy 'vote': found 4 programs that were run on every question") ==
        "");
}
