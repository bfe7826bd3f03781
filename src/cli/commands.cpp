#include "cli/commands.h"

namespace polar {

const std::vector<AddCommand>& commands() {
  static const std::vector<AddCommand> list{addRun,     addReport,   addAsk,        addExec,   addModel,
                                            addInspect, addMerge,    addImport,     addExport, addBench,
                                            addCheck,   addTokenize, addCompletion, addHelp};
  return list;
}

}  // namespace polar
