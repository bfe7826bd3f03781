# cmake -C src/setup/tsan.cmake -S . -B build-tsan: data races. oneTBB and libtorch are not built for it, so it does
# not see their locks; TSAN_OPTIONS="suppressions=$PWD/src/setup/tsan.supp" leaves out what they do themselves.
set(CMAKE_BUILD_TYPE Release CACHE STRING "")
set(CMAKE_CXX_FLAGS "-g1 -fno-omit-frame-pointer -fsanitize=thread" CACHE STRING "")
set(POLAR_OPTIMISATION -O1 CACHE STRING "")
