// "cache:NAME" and "data:SET/FILE": what the fetch scripts brought.
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "config/experiment.h"
#include "support/error.h"

namespace polar {
namespace {

namespace fs = std::filesystem;

// What the fetch scripts know (tests/config/experiment_test.cpp holds the lists equal).
const std::vector<std::string> kModels = {"qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b", "smollm2"};
const std::vector<std::string> kSets = {"asdiv", "gsm8k", "math", "mawps", "mmlu_pro", "svamp"};

// HOME, or what the system has for the user: a service may have no environment.
std::string homeFolder() {
  if (const char* home = std::getenv("HOME"); home && *home) return home;
  const passwd* user = ::getpwuid(::geteuid());
  return user && user->pw_dir ? user->pw_dir : "";
}

fs::path folderFrom(const char* variable, const char* belowHome) {
  if (const char* value = std::getenv(variable); value && *value) return value;
  const std::string home = homeFolder();
  if (home.empty())
    throw InputError("the folder for fetched files", "no home folder (HOME is not set)", "one to keep it in",
                     std::string("name a folder in ") + variable);
  return fs::path(home) / belowHome;
}

// The command that fetches `name`; or, where the script does not know it, what it knows and what else to do.
std::string fetchAdvice(const char* script, const std::string& name, const std::vector<std::string>& known,
                        const std::string& otherwise) {
  if (std::find(known.begin(), known.end(), name) != known.end()) return std::string("run ") + script + " " + name;
  const std::string nearest = nearestName(name, known);
  return (nearest.empty() ? "" : "did you mean '" + nearest + "'? ") + script + " fetches " + joinNames(known) + "; " +
         otherwise;
}

// A relative path that stays where it is put.
bool staysInside(const fs::path& path) {
  return !path.empty() && path.is_relative() && std::find(path.begin(), path.end(), "..") == path.end();
}

// Every path below the folder, sorted: directory order differs between file systems.
std::vector<fs::path> pathsBelow(const fs::path& folder) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    paths.push_back(it->path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

fs::path cacheFolder() { return folderFrom("POLAR_CACHE", ".cache/polar"); }

fs::path resolveModelPath(const std::string& path) {
  if (!path.starts_with("cache:")) return path;
  const std::string name = path.substr(6);
  if (!staysInside(name) || fs::path(name).has_parent_path())
    throw InputError("model.path=" + path, "'" + name + "' as a fetched model's name", "a plain name",
                     "write cache:smollm2, or the model's own path");
  const fs::path folder = cacheFolder() / name;
  std::error_code ignored;
  if (fs::is_regular_file(folder / "config.json", ignored)) return folder;
  for (const fs::path& candidate : pathsBelow(folder)) {
    if (candidate.extension() == ".gguf") return candidate;
    if (candidate.filename() == "config.json") return candidate.parent_path();
  }
  throw InputError(
      "model.path=" + path, "no .gguf and no config.json below " + folder.string(), "the fetched model",
      fetchAdvice("src/setup/fetch_model.sh", name, kModels, "put another model there, or give its own path"));
}

fs::path resolveDataPath(const std::string& path) {
  if (!path.starts_with("data:")) return path;
  const fs::path relative = path.substr(5);
  if (!staysInside(relative))
    throw InputError("data path " + path, "'" + relative.string() + "' as a fetched set's file", "SET/FILE",
                     "write data:gsm8k/test.jsonl, or the file's own path");
  const fs::path file = folderFrom("POLAR_DATA", ".cache/polar/data") / relative;
  std::error_code ignored;
  if (fs::is_regular_file(file, ignored)) return file;
  throw InputError("data path " + path, "no file " + file.string(), "the fetched set",
                   fetchAdvice("datasets/fetch.sh", relative.begin()->string(), kSets, "put another set there") +
                       ", or name the folder of the sets in POLAR_DATA");
}

}  // namespace polar
