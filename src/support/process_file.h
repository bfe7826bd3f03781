// Temporary files that several processes of several machines may write side by side into one shared folder.
#pragma once

#include <filesystem>
#include <string>

namespace polar {

// ".NAME-HOST-PID.tmp" beside `file`: this process's own until it is renamed to `file`.
std::filesystem::path processFile(const std::filesystem::path& file);

// Gives the finished `temporary` the name `file` without ever replacing a file;
// false where the name is taken (the temporary stays). The folder is synced, as the
// temporary is by its writer. InputError where the folder cannot be written.
bool claimName(const std::filesystem::path& temporary, const std::filesystem::path& file);

// Writes `content` under processFile(file), which it returns. InputError where it cannot.
std::filesystem::path writeProcessFile(const std::filesystem::path& file, const std::string& content);
// writeFileAtomically (support/files.h), but never over an existing file: false where there is one.
bool createSharedFile(const std::filesystem::path& file, const std::string& content);

// Removes the temporary files whose writers were killed processes of this machine. Those of
// other machines stay: nobody here knows whether they are being written.
void removeAbandoned(const std::filesystem::path& folder);

}  // namespace polar
