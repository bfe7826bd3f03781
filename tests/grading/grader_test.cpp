#include "grading/grader.h"

#include <sstream>
#include <string>
#include <vector>

#include "catch.h"

using namespace polar;

namespace {

constexpr Verdict right = Verdict::right;
constexpr Verdict wrong = Verdict::wrong;
constexpr Verdict undecided = Verdict::undecided;

struct Row {
  std::string answer;
  std::string reference;
  Verdict verdict;
  std::string rule;
};

// Every misgraded answer becomes a row here.
const std::vector<Row> kRows = {
    // whole numbers
    {"72", "72", right, "integer"},
    {"72.", "72", right, "integer"},
    {"007", "7", right, "integer"},
    {"+5", "5", right, "integer"},
    {"-0", "0", right, "integer"},
    {"--5", "5", right, "rational"},
    {"5", "-5", wrong, "integer"},
    {"71", "72", wrong, "integer"},
    {"1,234", "1234", right, "integer"},
    {R"(1,\!234)", "1234", right, "integer"},
    {"12{,}650", "12650", right, "integer"},
    {"1 234", "1234", right, "integer"},
    {R"(10\,000)", "10000", right, "integer"},
    {R"(111, \! 111, \! 111)", "111111111", right, "integer"},
    {"{5}", "5", right, "integer"},
    {"$5$", "5", right, "integer"},
    {R"(\(5\))", "5", right, "integer"},
    {R"(\boxed{5})", "5", right, "integer"},
    {R"(\mathbf{2340})", "2340", right, "integer"},
    {"6th", "6", right, "integer"},
    {"", "5", wrong, "empty"},
    {"  ", "5", wrong, "empty"},
    {"five", "5", wrong, "kind"},
    // decimals, fractions, mixed numbers
    {"18.0", "18", right, "rational"},
    {"5.250", "5.25", right, "rational"},
    {".5", "0.5", right, "rational"},
    {"1/2", R"(\frac{1}{2})", right, "rational"},
    {R"(\frac12)", "0.5", right, "rational"},
    {R"(\dfrac{3}{6})", R"(\frac12)", right, "rational"},
    {R"(\frac1{512})", "1/512", right, "rational"},
    {R"(\frac 34)", ".75", right, "rational"},
    {R"(3\frac{3}{8})", R"(\frac{27}{8})", right, "rational"},
    {"3 3/8", "3.375", right, "rational"},
    {R"(6\frac15)", "6.2", right, "rational"},
    {R"(-15\frac{3}{5})", "-15.6", right, "rational"},
    {R"(0.1\overline{6})", "1/6", right, "rational"},
    {R"(0.\overline{3})", R"(\frac13)", right, "rational"},
    {"0.333", "1/3", wrong, "rational"},
    {"-3./2", "-1.5", right, "rational"},
    {"1e-5", "0.00001", right, "rational"},
    {"4.5e33", R"(4.5\times 10^{33})", right, "exact"},
    {"3.14", "3.140001", wrong, "rational"},
    {"1/3", "1/4", wrong, "rational"},
    // money, units, percent
    {"$18", "18", right, "integer"},
    {R"(\$18.00)", "18", right, "rational"},
    {"18 dollars", "18", right, "integer"},
    {R"(18\text{ dollars})", "18", right, "integer"},
    {"18", R"(\$18)", right, "integer"},
    {"5 cm", "5", right, "integer"},
    {"5cm", "5", right, "integer"},
    {R"(5\text{ cm}^2)", "5", right, "integer"},
    {R"(45 \text{ units}^2)", "45", right, "integer"},
    {R"(\text{5 inches})", "5", right, "integer"},
    {R"(10\;\text{edges})", "10", right, "integer"},
    {R"(11\frac{1}{2} inches)", "11.5", right, "rational"},
    {"60 km/h", "60", right, "integer"},
    {"60 miles/hour", "60", right, "integer"},
    {"20 square units", R"(20\text{ square units})", right, "integer"},
    {"5 m", "5", right, "integer"},
    {"5", "5m", wrong, "symbolic"},
    {"5 feet 3 inches", "5", wrong, "unreadable"},
    {R"(60^\circ)", "60", right, "integer"},
    {R"(60^{\circ})", "60", right, "integer"},
    {"60\xC2\xB0", "60", right, "integer"},
    {"50%", "50", right, "percent"},
    {R"(50\%)", "50", right, "percent"},
    {"50", R"(50\%)", right, "percent"},
    {"50%", R"(50\%)", right, "integer"},
    {"0.5", R"(50\%)", right, "percent"},
    {R"(\frac{1}{2})", R"(50\%)", right, "percent"},
    {R"(50\%)", "0.5", wrong, "percent"},
    {"0.4", R"(50\%)", wrong, "percent"},
    // roots, powers, pi, functions
    {R"(\sqrt{8})", R"(2\sqrt{2})", right, "exact"},
    {R"(\frac{1}{\sqrt{2}})", R"(\frac{\sqrt{2}}{2})", right, "exact"},
    {"sqrt(2)/2", R"(\frac{\sqrt2}{2})", right, "exact"},
    {"\xE2\x88\x9A"
     "2",
     R"(\sqrt{2})", right, "exact"},
    {R"(\sqrt[3]{-8})", "-2", right, "exact"},
    {R"(\sqrt[4]{8})", "2^{3/4}", right, "exact"},
    {R"(\sqrt{5+2\sqrt6})", R"(\sqrt2+\sqrt3)", right, "exact"},
    {R"(4+\sqrt{5})", R"(4-\sqrt{5})", wrong, "exact"},
    {"8^{1/3}", "2", right, "exact"},
    {"2^{10}", "1024", right, "exact"},
    {"2^10", "1024", right, "exact"},
    {"5^{12}", "244140625", right, "exact"},
    {"3^{2007}", "3^{2007}", right, "exact"},
    {"3^{2007}", "3^{2006}", wrong, "exact"},
    {R"(\pi)", "3.14", wrong, "exact"},
    {"\xCF\x80/2", R"(\frac{\pi}{2})", right, "exact"},
    {R"(18\pi)", R"(\pi \cdot 18)", right, "exact"},
    {R"(\cos 60^\circ)", R"(\frac12)", right, "exact"},
    {R"(\sin 30)", R"(\frac12)", wrong, "exact"},
    {R"(\log_2 8)", "3", right, "exact"},
    {R"(\ln e^2)", "2", right, "exact"},
    {R"(e^{i\pi})", "-1", right, "exact"},
    {"(2+i)(2-i)", "5", right, "exact"},
    {"3+6i", "6i+3", right, "exact"},
    {"5!", "120", right, "rational"},
    {R"(\binom{5}{2})", "10", right, "exact"},
    // expressions with symbols
    {"(x+1)(x-1)", "x^2-1", right, "symbolic"},
    {"x^2-1", "x^2+1", wrong, "symbolic"},
    {R"(\frac{x^2-1}{x-1})", "x+1", right, "symbolic"},
    {"a(b+c)", "ab+ac", right, "symbolic"},
    {"p - q", "-q+p", right, "symbolic"},
    {"x^{-1}", "1/x", right, "symbolic"},
    {R"(2\frac{x}{y})", R"(\frac{2x}{y})", right, "symbolic"},
    {R"(\sin^2 x+\cos^2 x)", "1", right, "symbolic"},
    {"x", "X", wrong, "symbolic"},
    {"C_{1}e^{t}", "C_1 e^t", right, "symbolic"},
    {"C_{1}e^{t}", "C_2 e^t", wrong, "symbolic"},
    {"y'", R"(y^{\prime})", right, "symbolic"},
    {"f(3)", "f(2)", wrong, "symbolic"},
    // tuples, intervals, unions, sets, lists
    {"(3,1)", "(3, 1)", right, "tuple"},
    {"(3,1)", "(1,3)", wrong, "tuple"},
    {"(1,234)", "(1, 234)", right, "tuple"},
    {R"(\left( 3, \frac{\pi}{2} \right))", R"((3,\pi/2))", right, "tuple"},
    {R"((6,235^\circ))", "(6,235)", right, "tuple"},
    {"1,2", "(1,2)", wrong, "kind"},
    {R"((2,\infty))", R"((2, \infty))", right, "tuple"},
    {R"((2,\infty))", R"([2,\infty))", wrong, "tuple"},
    {R"((-\infty,2))", R"((\infty,2))", wrong, "tuple"},
    {R"((-\infty,3)\cup(3,\infty))", R"((3,\infty)\cup(-\infty,3))", right, "union"},
    {R"((-\infty,3)\cup(3,\infty))", R"((-\infty,3]\cup(3,\infty))", wrong, "union"},
    {R"(\{1,2\})", "2,1", right, "list"},
    {R"(\left\{ 1, 2 \right\})", R"(\{2,1\})", right, "list"},
    {"1, 2 and 3", "3,2,1", right, "list"},
    {R"(6, 8\text{, and }10)", "6,8,10", right, "list"},
    {R"(2, 3, \text{ and } 4)", "4,3,2", right, "list"},
    {"5 or 6", "6,5", right, "list"},
    {"1,1,2", "1,2,2", wrong, "list"},
    {"1,2", "1,2,3", wrong, "list"},
    {"81,256", "81, 256", right, "list"},
    {R"(0, \frac{1}{2}, \frac{4}{3}, -5)", "-5,0,0.5,4/3", right, "list"},
    {R"(1\pm\sqrt{19})", R"(1-\sqrt{19},1+\sqrt{19})", right, "list"},
    {R"(\pm 3)", "3,-3", right, "list"},
    {R"(1 \pm \sqrt{19})", R"(1 + \sqrt{19})", wrong, "kind"},
    {R"(\{5\})", "5", right, "integer"},
    // matrices
    {R"(\begin{bmatrix}1&2\\3&4\end{bmatrix})", R"(\begin{pmatrix}1&2\\3&\frac{8}{2}\end{pmatrix})", right, "matrix"},
    {R"(\begin{pmatrix}1&2\\3&4\end{pmatrix})", R"(\begin{pmatrix}1&2\\3&5\end{pmatrix})", wrong, "matrix"},
    {R"(\begin{pmatrix}1&2&3&4\end{pmatrix})", R"(\begin{pmatrix}1&2\\3&4\end{pmatrix})", wrong, "matrix"},
    {R"(\begin{pmatrix}1\\2\end{pmatrix})", "(1,2)", right, "tuple"},
    {R"(\begin{array}{cc}1&2\\3&4\end{array})", R"(\begin{pmatrix}1&2\\3&4\end{pmatrix})", right, "matrix"},
    {R"(\begin{pmatrix} 1 & \phantom -1 \end{pmatrix})", R"(\begin{pmatrix} 1 & 1 \end{pmatrix})", right, "matrix"},
    // equations and inequalities
    {"x=4", "4", right, "integer"},
    {"4", "x=4", right, "integer"},
    {"x = 4", "y = 4", wrong, "relation"},
    {R"(AB=12+12\sqrt{3})", R"(12(1+\sqrt3))", right, "exact"},
    {"f(x)=2x", "2x", right, "symbolic"},
    {"y=2x+3", "2x-y+3=0", right, "relation"},
    {"y=2x+3", "y=2x+4", wrong, "relation"},
    {"x>3", "3<x", right, "relation"},
    {"2x>6", "x>3", right, "relation"},
    {"-x>-3", "x>3", wrong, "relation"},
    {"x>3", R"(x\ge 3)", wrong, "relation"},
    {"f(3) < f(1)", "f(2) < f(1)", wrong, "relation"},
    {R"(x \in [1,2])", "[1,2]", right, "tuple"},
    {R"(x\ge 3)", R"([3,\infty))", undecided, "relation"},
    {"0.67", R"(\$\dfrac23 \approx \$0.67)", right, "rational"},
    {"2/3", R"(\$\dfrac23 \approx \$0.67)", right, "rational"},
    // number bases, ratios, times
    {"422_8", "422_{8}", right, "based"},
    {"422", "422_8", right, "based"},
    {"421_8", "422_8", wrong, "based"},
    {"422_7", "422_8", wrong, "based"},
    {"3:4", "3 : 4", right, "ratio"},
    {"3/4", "3:4", right, "ratio"},
    {"4:3", "3:4", wrong, "ratio"},
    {"3:30 p.m.", "3:30", right, "ratio"},
    {"3:30 pm", R"(\text{3:30 p.m.})", right, "ratio"},
    {"3:30 p.m.", "3:30 a.m.", wrong, "ratio"},
    {R"(4\!:\!51\!:\!06 \text{ p.m.})", "4:51:06 p.m.", right, "ratio"},
    // words and letters
    {R"(\text{Evelyn})", "evelyn", right, "text"},
    {"Evelyn", "Evan", wrong, "text"},
    {"They are equal.", "They are equal", right, "text"},
    {"they  are equal", R"(\text{They are equal})", right, "text"},
    {R"(\text{red, blue})", "blue, red", right, "list"},
    {R"(\text{C, F, H})", "C, F, H", right, "list"},
    {R"(\text{June 20})", "June 20", right, "text"},
    {"no", "No", right, "text"},
    {"yes", "No", wrong, "kind"},
    {R"((\text{E}))", "E", right, "letter"},
    {"(E)", R"(\text{(E)})", right, "letter"},
    {"B. 12", "B", right, "letter"},
    {"B) 12 apples", "B", right, "letter"},
    {"$A$", "A", right, "letter"},
    {"C", "B", wrong, "letter"},
    {"12", "B", wrong, "letter"},
    {"Because", "B", wrong, "letter"},
    // what cannot be read or decided
    {R"(\frac{1)", "1/2", wrong, "unreadable"},
    {"((((", "5", wrong, "unreadable"},
    {"3 4", "12", wrong, "unreadable"},
    {R"(x \equiv 3 \pmod{5})", R"(x \equiv 3 \pmod{5})", right, "text"},
    {R"(x \equiv 3 \pmod{5})", R"(x \equiv 8 \pmod{5})", undecided, "unreadable"},
    {R"(10^{10^{10}})", R"(10^{10^{9}})", undecided, "exact"},
    {R"(10^{10^{10}})", R"(10^{10^{10}})", right, "text"},
    {"1/0", "5", wrong, "rational"},
    {"1/0", "2/0", undecided, "rational"},
    {R"(\dfrac{1}{2004!})", R"(\frac{1}{2004!})", right, "rational"},
    {R"(\frac{2}{2004!})", R"(\frac{1}{2004!})", wrong, "rational"},
    {R"(I(0))", R"(I(0)e^{-t})", wrong, "symbolic"},
    {R"(e^{-t}I(0))", R"(I(0)e^{-t})", right, "symbolic"},
    {R"(3 - 2f{\left(x \right)})", "3-2f(x)", right, "symbolic"},
    {R"(x_{0}(0))", "0", wrong, "symbolic"},
    {R"(I{\left(0 \right)})", "I(0)", right, "symbolic"},
    {"LRMC = SRMC", "SRMC=LRMC", right, "relation"},
    {"LRMC = SRMC", "SRMC=MR", wrong, "relation"},
    {"SRMC = MR", "MR=SRMC", right, "relation"},
    {"area = 5", "5", right, "integer"},
    {R"(\text{area} = \frac{1}{2})", "0.5", right, "rational"},
    {"1/0", "1/0", right, "text"},
};

// Where the reference alone decides: percent signs, unit letters, option letters.
bool isOneSided(const Row& row) {
  return row.rule == "percent" || row.rule == "letter" || row.answer.empty() || row.answer == "  " ||
         row.answer == "5 m" || row.reference == "5m";
}

std::vector<std::vector<std::string>> readTable(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream cells(line);
    rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, '\t');) rows.back().push_back(cell);
  }
  return rows;
}

}  // namespace

TEST_CASE("answers are compared with references") {
  REQUIRE(kRows.size() >= 120);
  for (const Row& row : kRows) {
    INFO(row.answer << "  against  " << row.reference);
    const Grade result = gradeAnswer(row.answer, row.reference);
    CHECK(name(result.verdict) == name(row.verdict));
    CHECK(result.rule == row.rule);
  }
}

TEST_CASE("verdicts are symmetric where the reference alone does not decide") {
  for (const Row& row : kRows) {
    if (isOneSided(row)) continue;
    INFO(row.answer << "  against  " << row.reference);
    CHECK(name(gradeAnswer(row.reference, row.answer).verdict) == name(row.verdict));
  }
}

TEST_CASE("every answer of the table equals itself") {
  for (const Row& row : kRows) {
    INFO(row.reference);
    CHECK(gradeAnswer(row.reference, row.reference).verdict == right);
  }
}

TEST_CASE("verdicts agree with SymPy") {
  const auto rows = readTable(polar::testing::slurp(polar::testing::fixture("grading/pairs.tsv")));
  REQUIRE(rows.size() == 400);
  for (const auto& row : rows) {
    REQUIRE(row.size() == 3);
    INFO(row[0] << "  against  " << row[1]);
    CHECK(name(gradeAnswer(row[0], row[1]).verdict) == row[2]);
    CHECK(name(gradeAnswer(row[1], row[0]).verdict) == row[2]);
  }
}
