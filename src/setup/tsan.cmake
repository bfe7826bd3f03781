# cmake -C src/setup/tsan.cmake -S . -B build-tsan: data races. libtorch is not built for it, so it does not see its
# locks; TSAN_OPTIONS="suppressions=$PWD/src/setup/tsan.supp" leaves out what it does itself. oneTBB has to be built for
# it (src/setup/tsan_tbb.sh): else every object that one thread of a tbb::parallel_for wrote and the next one reads is a race.
set(CMAKE_BUILD_TYPE Release CACHE STRING "")
set(CMAKE_CXX_FLAGS "-g1 -fno-omit-frame-pointer -fsanitize=thread" CACHE STRING "")
set(POLAR_OPTIMISATION -O1 CACHE STRING "")
