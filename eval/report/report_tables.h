// The tables of a report, from its summaries.
#pragma once

#include "eval/report/report.h"
#include "eval/report/table.h"

namespace polar {

// "oracle (uses the answer)", "value@price=0.2, seed 3"; of several seeds "value@price=0.2, 5 seeds".
std::string policyLabel(const Summary& summary);
std::string policyLabel(const PooledSummary& pooled);
// "test (in distribution)", "asdiv (out of distribution)".
std::string setLabel(const Summary& summary);
std::string setLabel(const PooledSummary& pooled);

// Most programs that any policy ranked: the k of the pass@k column.
std::size_t mostRanked(const Report& report);

Table accuracyTable(const Report& report);  // a line a policy and price: pass@1, paired test, cost, layers, pass@k
Table seedTable(const Report& report);      // a line a seed, of policies with several; else no rows
Table choiceTable(const Report& report);    // what policies choose first
Table costTable(const Report& report);      // what answering with that costs, in parts
Table tunedTable(const Report& report);     // what policies have tuned on labels
Table findingTable(const Report& report);   // measured beside the paper's
Table wholeTable(const Report& report);     // one line a summary with every column: table.csv

// Whether any policy was pooled over several seeds.
bool hasSeeds(const Report& report);

}  // namespace polar
