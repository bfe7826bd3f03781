#include "config/stage.h"

#include <stdexcept>

namespace polar {

const char* name(Stage stage) {
  switch (stage) {
    case Stage::search:
      return "search";
    case Stage::train:
      return "train";
    case Stage::eval:
      return "eval";
    case Stage::report:
      return "report";
  }
  throw std::logic_error("name: no such stage");
}

}  // namespace polar
