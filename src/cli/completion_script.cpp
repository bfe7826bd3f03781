#include <algorithm>

#include "cli/completion.h"
#include "support/error.h"

namespace polar {
namespace {

std::string joined(const std::vector<Completable>& items) {
  std::string text;
  for (const Completable& item : items) text += (text.empty() ? "" : " ") + item.word;
  return text;
}

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : " ") + item;
  return text;
}

std::vector<Completable> namesOf(const CompletionWords& words) {
  std::vector<Completable> names;
  for (const CompletableCommand& command : words.commands) names.push_back(command.name);
  return names;
}

// Within single quotes of bash and zsh.
std::string shellQuoted(const std::string& text) {
  std::string quoted;
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return "'" + quoted + "'";
}

std::string fishQuoted(const std::string& text) {
  std::string quoted;
  for (const char c : text) quoted += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return "'" + quoted + "'";
}

// A case branch for each command: its options, and whether it takes overrides. list: how the shell writes options.
template <typename List>
std::string commandCases(const CompletionWords& words, List list) {
  std::string text;
  for (const CompletableCommand& command : words.commands)
    text += "    " + command.name.word + ") options=" + list(command.options) +
            (command.overrides ? "; overrides=1" : "") + " ;;\n";
  return text;
}

template <typename List>
std::string valueCases(const CompletionWords& words, List list) {
  std::string text;
  for (const Completable& key : words.keys)
    if (!key.values.empty()) text += "      " + key.word + ") values=" + list(key.values) + " ;;\n";
  return text;
}

// The line is split here at blanks alone: bash's own words also end at '=', depending on COMP_WORDBREAKS.
std::string bashScript(const CompletionWords& words) {
  const auto list = [](const auto& items) { return "'" + joined(items) + "'"; };
  return "# polar's completion for bash: source <(polar completion bash)\n"
         "_polar() {\n"
         "  local line=${COMP_LINE:0:COMP_POINT} options= overrides= values= key current\n"
         "  local -a typed\n"
         "  read -ra typed <<< \"$line\"\n"
         "  [[ $line == *[[:space:]] ]] && typed+=(\"\")\n"
         "  current=${typed[-1]}\n"
         "  COMPREPLY=()\n"
         "  if (( ${#typed[@]} <= 2 )); then\n"
         "    COMPREPLY=($(compgen -W '" +
         joined(namesOf(words)) +
         " --help --version' -- \"$current\"))\n"
         "    return\n"
         "  fi\n"
         "  case ${typed[1]} in\n" +
         commandCases(words, list) +
         "  esac\n"
         "  if [[ $current == -* ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$options\" -- \"$current\"))\n"
         "  elif [[ $overrides && $current == *=* ]]; then\n"
         "    key=${current%%=*}\n"
         "    case $key in\n" +
         valueCases(words, list) +
         "    esac\n"
         "    COMPREPLY=($(compgen -W \"$values\" -- \"${current#*=}\"))\n"
         "    [[ $COMP_WORDBREAKS == *=* ]] || COMPREPLY=(\"${COMPREPLY[@]/#/$key=}\")\n"
         "  elif [[ $overrides ]] && (( ${#typed[@]} > 3 )); then\n"
         "    compopt -o nospace 2>/dev/null\n"
         "    COMPREPLY=($(compgen -S = -W '" +
         joined(words.keys) +
         "' -- \"$current\"))\n"
         "  fi\n"
         "}\n"
         "complete -o default -F _polar polar\n";
}

std::string zshList(const std::vector<Completable>& items) {
  std::string text;
  for (const Completable& item : items) text += (text.empty() ? "" : " ") + shellQuoted(item.word + ":" + item.meaning);
  return "(" + text + ")";
}

std::string zshScript(const CompletionWords& words) {
  return "#compdef polar\n"
         "# polar's completion for zsh: source <(polar completion zsh)\n"
         "_polar() {\n"
         "  local -a options keys values commands\n"
         "  local overrides\n"
         "  if (( CURRENT == 2 )); then\n"
         "    commands=" +
         zshList(namesOf(words)) +
         "\n"
         "    _describe command commands\n"
         "    return\n"
         "  fi\n"
         "  case ${words[2]} in\n" +
         commandCases(words, zshList) +
         "  esac\n"
         "  if [[ $PREFIX == -* ]]; then\n"
         "    _describe option options\n"
         "  elif [[ -n $overrides ]] && compset -P '*='; then\n"
         "    case ${IPREFIX%=} in\n" +
         valueCases(words, [](const std::vector<std::string>& values) { return "(" + joined(values) + ")"; }) +
         "    esac\n"
         "    compadd -a values\n"
         "  elif [[ -n $overrides ]] && (( CURRENT > 3 )); then\n"
         "    keys=" +
         zshList(words.keys) +
         "\n"
         "    _describe key keys -S =\n"
         "  else\n"
         "    _files\n"
         "  fi\n"
         "}\n"
         "compdef _polar polar\n";
}

std::string fishScript(const CompletionWords& words) {
  std::string text = "# polar's completion for fish: polar completion fish | source\n", takers;
  for (const CompletableCommand& command : words.commands) {
    text += "complete -c polar -f -n __fish_use_subcommand -a " + command.name.word + " -d " +
            fishQuoted(command.name.meaning) + "\n";
    if (command.overrides) takers += " " + command.name.word;
    for (const Completable& option : command.options) {
      const bool isLong = option.word.starts_with("--");
      text += "complete -c polar -n '__fish_seen_subcommand_from " + command.name.word + "' " +
              (isLong ? "-l " + option.word.substr(2) : "-s " + option.word.substr(1)) +
              (option.takesValue ? " -r" : "") + " -d " + fishQuoted(option.meaning) + "\n";
    }
  }
  for (const Completable& key : words.keys) {
    std::string choices = key.word + "=";
    for (const std::string& value : key.values) choices += " " + key.word + "=" + value;
    text += "complete -c polar -n '__fish_seen_subcommand_from" + takers + "' -a " + fishQuoted(choices) + " -d " +
            fishQuoted(key.meaning) + "\n";
  }
  return text;
}

}  // namespace

std::vector<std::string> completionShells() { return {"bash", "zsh", "fish"}; }

std::string completionScript(const std::string& shell, const CompletionWords& words) {
  if (shell == "bash") return bashScript(words);
  if (shell == "zsh") return zshScript(words);
  if (shell == "fish") return fishScript(words);
  throw InputError("polar completion", "'" + shell + "'", "one of " + joinNames(completionShells()));
}

}  // namespace polar
