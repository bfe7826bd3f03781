# cmake -C src/setup/debug.cmake -S . -B build-debug: for a debugger. One file a compiler run, so that a
# change of one file compiles that file alone.
set(CMAKE_BUILD_TYPE Debug CACHE STRING "")
set(CMAKE_CXX_FLAGS "-Og" CACHE STRING "")
set(POLAR_UNITY OFF CACHE BOOL "")
