# Catch2 v3 or v2.13; a test binary for each folder under tests/ that holds *_test.cpp.
find_package(Catch2 REQUIRED)
if(TARGET Catch2::Catch2WithMain)
  add_library(polar_catch INTERFACE)
  target_link_libraries(polar_catch INTERFACE Catch2::Catch2WithMain)
else()
  file(WRITE ${CMAKE_BINARY_DIR}/catch_main.cpp "#define CATCH_CONFIG_MAIN\n#include <catch2/catch.hpp>\n")
  add_library(polar_catch STATIC ${CMAKE_BINARY_DIR}/catch_main.cpp)
  target_link_libraries(polar_catch PUBLIC Catch2::Catch2)
endif()
include(Catch)

file(GLOB polar_test_folders CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/tests ${CMAKE_SOURCE_DIR}/tests/*
     ${CMAKE_SOURCE_DIR}/tests/eval/*)
# What a folder's tests hold its library against.
set(beside_weights polar_llm)
set(beside_report polar_policies)
# ctest starts the dearest first: folders with tests of minutes, so that none of these runs alone at the end.
set(cost_llm 100)
set(cost_text 100)
set(cost_cli 10)
set(cost_stages 10)
foreach(path ${polar_test_folders})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${path}/*_test.cpp)
  if(NOT sources)
    continue()
  endif()
  get_filename_component(folder ${path} NAME)
  # tests/cli drives the built command; the others link the library of their own name.
  set(library polar_${folder})
  add_executable(tests_${folder} ${sources})
  target_include_directories(tests_${folder} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(tests_${folder} PRIVATE ${library} ${beside_${folder}} polar_catch polar_warnings)
  target_compile_definitions(tests_${folder} PRIVATE POLAR_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                             POLAR_BINARY="$<TARGET_FILE:polar>" POLAR_VENV="${POLAR_VENV}")
  # A test's own code runs once: what it calls is optimised more.
  target_compile_options(tests_${folder} PRIVATE $<$<CONFIG:Release>:-O1>)
  # Precompiled where enough files share it. Not both: libtorch's headers, which tests read first, undo macros of Catch2.
  list(LENGTH sources count)
  if(folder MATCHES "^(llm|train)$")
    target_precompile_headers(tests_${folder} PRIVATE <ATen/ATen.h>)
  elseif(count GREATER 3)
    foreach(source ${sources})
      file(STRINGS ${source} with_torch REGEX "#include \"((llm|train)/|planted_policies)" LIMIT_COUNT 1)
      if(with_torch)
        set_source_files_properties(${source} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
      endif()
    endforeach()
    target_precompile_headers(tests_${folder} PRIVATE ${CMAKE_SOURCE_DIR}/tests/catch.h)
  endif()
  if(folder STREQUAL "cli")
    add_dependencies(tests_${folder} polar)
  endif()
  set(cost 1)
  if(DEFINED cost_${folder})
    set(cost ${cost_${folder}})
  endif()
  # A name that matches no test is a failure (a ";" in a name is cut there). No SKIP_RETURN_CODE: Catch2 returns the number
  # of failed checks.
  catch_discover_tests(tests_${folder} TEST_PREFIX "${folder}:" DISCOVERY_TIMEOUT 60 EXTRA_ARGS --warn NoTests
                       PROPERTIES TIMEOUT 900 COST "${cost}" SKIP_REGULAR_EXPRESSION "SKIPPED: ")
endforeach()

# Measurements, built only when asked for: ninja moe_bench.
add_executable(moe_bench EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/tests/llm/moe_bench.cpp)
target_link_libraries(moe_bench PRIVATE polar_llm nlohmann_json::nlohmann_json polar_warnings)
