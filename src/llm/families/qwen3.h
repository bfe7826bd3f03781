#pragma once

#include "llm/families.h"

namespace polar {

Family qwen3Family();

}  // namespace polar
