// The stages of an experiment, in their order.
#pragma once

namespace polar {

enum class Stage { search, train, eval, report };

// "search", "train", "eval", "report": as a command and in a run folder.
const char* name(Stage stage);

}  // namespace polar
