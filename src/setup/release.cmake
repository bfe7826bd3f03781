# cmake -C src/setup/release.cmake -S . -B build: what a plain call sets too, written out. Asserts stay on.
set(CMAKE_BUILD_TYPE Release CACHE STRING "")
