// The oracle search that a config asks for.
#pragma once

#include <string>

#include "search/oracle_search.h"
#include "stages/session.h"

namespace polar {

// With the menu that search.menu names, where it names one; InputError where it cannot be used.
OracleSearchOptions searchOptions(const Session& session);

// What a search with these settings cannot do though its strategy's name promises it; or nothing.
std::string searchCaveat(const Session& session);

}  // namespace polar
