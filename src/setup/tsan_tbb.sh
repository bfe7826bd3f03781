#!/usr/bin/env bash
# oneTBB of Debian 12's version, built with ThreadSanitizer, which must see where its threads join:
#   export LD_LIBRARY_PATH="$(src/setup/tsan_tbb.sh FOLDER)"
# Everything but that path goes to stderr.
set -euo pipefail
folder=${1:?usage: src/setup/tsan_tbb.sh FOLDER}
version=v2021.8.0
{
  [[ -d $folder/source ]] ||
    git clone --quiet --depth 1 --branch "$version" https://github.com/uxlfoundation/oneTBB "$folder/source"
  cmake -S "$folder/source" -B "$folder/build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DTBB_SANITIZE=thread \
    -DTBB_TEST=OFF -DTBB_STRICT=OFF -DTBBMALLOC_BUILD=OFF
  cmake --build "$folder/build"
} >&2
library=$(find "$folder" -name 'libtbb.so.12' -print -quit)
realpath "$(dirname "$library")"
