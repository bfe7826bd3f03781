// The committed signature: what a fixed set of evaluations comes out as. A commit that changes it says why.
#include "catch.h"
#include "cli/command.h"

using namespace polar::testing;

TEST_CASE("the quickstart's signature is the committed one, by either executor and any number of workers") {
  const std::string committed = slurp(fixture("cli/signature.txt"));
  for (const char* overrides : {"", " runtime.executor=plain", " runtime.workers=1"}) {
    CAPTURE(overrides);
    const auto result = shellCommand(kPolar + " bench configs/quickstart.yaml --signature" + overrides);
    CHECK(result.status == 0);
    CHECK(result.out == committed);
  }
}

TEST_CASE("another program, another prompt: another signature") {
  const auto of = [](const std::string& overrides) {
    return shellCommand(kPolar + " bench configs/quickstart.yaml --signature --questions 2 --programs 4 " + overrides)
        .out;
  };
  const std::string one = of("");
  CHECK(of("seed=2") != one);
  CHECK(of("prompt.max_new_tokens=1") != one);
}
