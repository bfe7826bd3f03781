#pragma once

#include "llm/families.h"

namespace polar {

Family llamaFamily();

}  // namespace polar
