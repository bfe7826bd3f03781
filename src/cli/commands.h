// The list of subcommands of `polar`. One file each; a function that adds the command and its callback to the parser.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace polar {

using AddCommand = void (*)(CLI::App& app);

// In the order that `polar --help` lists them.
const std::vector<AddCommand>& commands();

void addRun(CLI::App& app);  // run, search, train, eval
void addReport(CLI::App& app);
void addAsk(CLI::App& app);
void addExec(CLI::App& app);
void addModel(CLI::App& app);
void addInspect(CLI::App& app);
void addMerge(CLI::App& app);
void addImport(CLI::App& app);
void addExport(CLI::App& app);
void addBench(CLI::App& app);
void addCheck(CLI::App& app);     // check, schema
void addTokenize(CLI::App& app);  // tokenize, grade
void addCompletion(CLI::App& app);
void addHelp(CLI::App& app);  // help, version

// InputError with the nearest one where `word` is no subcommand.
void requireCommand(const CLI::App& app, const std::string& word);

}  // namespace polar
