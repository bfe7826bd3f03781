#include "support/error.h"

#include <algorithm>
#include <numeric>

#include "support/printable.h"

namespace polar {
namespace {

// In characters. `where` and `found` are foreign text with little
// around it; the others are mostly ours, and may list names.
constexpr std::size_t kMostWhere = 300, kMostFound = 500, kMostOurs = 2000;
// A name that is longer is no typo of a known one, and would take long to compare.
constexpr std::size_t kMostName = 200;

std::size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

std::string compose(const std::string& where, const std::string& found, const std::string& expected,
                    const std::string& mend) {
  std::string text = printable(where, kMostWhere) + ": found " + printable(found, kMostFound) + ", expected " +
                     printable(expected, kMostOurs);
  if (!mend.empty()) text.append("; ").append(printable(mend, kMostOurs));
  return text;
}

}  // namespace

InputError::InputError(std::string where, const std::string& found, const std::string& expected,
                       const std::string& mend)
    : std::runtime_error(compose(where, found, expected, mend)), where_(std::move(where)) {}

std::string nearestName(std::string_view given, const std::vector<std::string>& known) {
  std::string best;
  if (given.size() > kMostName) return best;
  std::size_t bestDistance = std::max<std::size_t>(2, given.size() / 3) + 1;
  for (const std::string& name : known) {
    if (name.size() > kMostName) continue;
    const std::size_t distance = editDistance(given, name);
    if (distance < bestDistance) {
      bestDistance = distance;
      best = name;
    }
  }
  return best;
}

std::string joinNames(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace polar
