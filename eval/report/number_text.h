// How numbers read in every output of a report: page, tables and tooltips agree to the digit because they all ask here.
// No locale.
#pragma once

#include <string>

#include "support/statistics.h"

namespace polar {

std::string fixed(double value, int digits);            // "-0.0" reads "0.0"
std::string shortest(double value);                     // the fewest digits that read back as the same number
std::string percent(double share);                      // 0.4125 → "41.2"; the sign is in the column's title
std::string points(double difference);                  // 0.032 → "+3.2", percentage points
std::string percentInterval(const Interval& interval);  // "[37.0, 45.5]"
std::string pointsInterval(const Interval& interval);   // "[-1.0, +4.2]"
std::string pValue(double p);                           // "0.012"; "<0.001"
std::string confidenceText(double confidence);          // 0.95 → "95 %"

}  // namespace polar
