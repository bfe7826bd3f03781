// A row of results as JSON.
#pragma once

#include "eval/evaluation_table.h"
#include "eval/json_members.h"

namespace polar {

Json rowJson(const Row& row);
// InputError naming the member that is not as rowJson writes it.
Row readRow(const Members& members);

}  // namespace polar
