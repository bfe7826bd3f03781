// What a regression knows of a program: a fixed number of features of its edits, all zero for the standard program.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "program/edit.h"

namespace polar {

// Per layer: 1 where it is skipped; log2 of its passes; log2 of the passes of a repeat that ends with it (where the
// hidden state jumps back). Then per op and length: how many edits. Then: edits, edits squared / 4, and executed
// layers beyond the standard program's / depth.
Eigen::Index featureCount(const EditSpace& space);
void writeFeatures(const std::vector<Segment>& edits, const EditSpace& space, Eigen::Ref<Eigen::RowVectorXd> row);

}  // namespace polar
