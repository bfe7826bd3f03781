// What a command prints on stdout. All of it goes through here: a full disk is an error, not a short file.
#pragma once

#include <string_view>

namespace polar {

// /dev/null in place of a closed stdin, stdout or stderr. To be called before any file is opened: a file would get that
// number, and lines that are meant for people would go into it. May be called before main.
void openStandardFiles();

// Data, byte by byte. InputError where they cannot be written. Where nobody reads
// them any more (`| head`) the process ends by SIGPIPE, as other tools do.
void writeOutput(std::string_view bytes);

// Text for people: printableLines() of it.
void writeText(std::string_view text);
[[gnu::format(printf, 1, 2)]] void writeFormatted(const char* format, ...);

// Some file systems report only here that a disk is full. InputError then.
void finishOutput();

}  // namespace polar
