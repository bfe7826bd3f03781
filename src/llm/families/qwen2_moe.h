#pragma once

#include "llm/families.h"

namespace polar {

Family qwen2MoeFamily();

}  // namespace polar
