#include "search/edit_features.h"

#include <cmath>

namespace polar {

Eigen::Index featureCount(const EditSpace& space) { return 3 * space.depth + 2 * space.maxLength + 3; }

void writeFeatures(const std::vector<Segment>& edits, const EditSpace& space, Eigen::Ref<Eigen::RowVectorXd> row) {
  const Eigen::Index depth = space.depth, lengths = 3 * depth, whole = lengths + 2 * space.maxLength;
  row.setZero();
  for (const Segment& edit : edits) {
    const bool skip = edit.op == SegmentOp::skip;
    const double passes = skip ? 1 : std::log2(edit.times);
    for (Eigen::Index layer = edit.start; layer < edit.start + edit.length; ++layer)
      row[(skip ? 0 : depth) + layer] = passes;
    if (!skip) row[2 * depth + edit.start + edit.length - 1] = passes;
    row[lengths + (skip ? 0 : space.maxLength) + edit.length - 1] += 1;
    row[whole + 2] += static_cast<double>((edit.times - 1) * edit.length) / space.depth;
  }
  const double count = static_cast<double>(edits.size());
  row[whole] = count;
  row[whole + 1] = count * count / 4;
}

}  // namespace polar
