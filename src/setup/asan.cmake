# cmake -C src/setup/asan.cmake -S . -B build-asan: checks addresses and undefined behaviour; the first
# fault ends the command. Release, because RelWithDebInfo leaves out the asserts.
set(CMAKE_BUILD_TYPE Release CACHE STRING "")
set(CMAKE_CXX_FLAGS "-g1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all" CACHE STRING "")
set(POLAR_OPTIMISATION -O1 CACHE STRING "")
