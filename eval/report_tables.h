// The tables of a report, from its summaries.
#pragma once

#include "eval/evaluation_table.h"
#include "eval/table.h"

namespace polar {

// "oracle (uses the answer)", "value@price=0.2, seed 3".
std::string policyLabel(const Summary& summary);
// "test (in distribution)", "asdiv (out of distribution)".
std::string setLabel(const Summary& summary);

// Most programs that any policy ranked: the k of the pass@k column.
std::size_t mostRanked(const Report& report);

Table accuracyTable(const Report& report);  // pass@1 with interval, paired difference, layers, pass@k
Table choiceTable(const Report& report);    // what policies choose first
Table costTable(const Report& report);      // what running that costs
Table seedTable(const Report& report);      // mean and range where a policy ran with several seeds; else no rows
Table findingTable(const Report& report);   // measured beside the paper's
Table wholeTable(const Report& report);     // one line a summary with every column: table.csv

// What a reader must know to read the tables, a sentence or two each.
std::vector<std::string> reportNotes(const Report& report);

}  // namespace polar
