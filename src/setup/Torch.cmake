# polar_torch: libtorch as an imported target of our own.
#
# Found in CMAKE_PREFIX_PATH (a libtorch or a wheel's torch folder), else in the private virtual environment that
# src/setup/install.sh makes. Torch's own TorchConfig.cmake is not used: the CUDA wheel's wants a whole CUDA toolkit even
# for CPU use.
set(POLAR_VENV "${CMAKE_SOURCE_DIR}/.venv" CACHE PATH "Virtual environment with torch, made by src/setup/install.sh")
file(GLOB polar_torch_candidates ${POLAR_VENV}/lib/python3*/site-packages/torch)
find_path(POLAR_TORCH_ROOT include/torch/csrc/api/include/torch/torch.h
          PATHS ${CMAKE_PREFIX_PATH} ${polar_torch_candidates} NO_DEFAULT_PATH
          DOC "Folder with libtorch's include/ and lib/")
if(NOT POLAR_TORCH_ROOT)
  message(FATAL_ERROR "libtorch was not found: run src/setup/install.sh, or pass -DCMAKE_PREFIX_PATH=/path/to/libtorch")
endif()

add_library(polar_torch INTERFACE)
target_include_directories(polar_torch SYSTEM INTERFACE ${POLAR_TORCH_ROOT}/include
                           ${POLAR_TORCH_ROOT}/include/torch/csrc/api/include)
set(polar_torch_libraries "")
foreach(library torch torch_cpu c10)
  find_library(POLAR_LIB_${library} ${library} PATHS ${POLAR_TORCH_ROOT}/lib NO_DEFAULT_PATH REQUIRED)
  list(APPEND polar_torch_libraries ${POLAR_LIB_${library}})
endforeach()
# A CUDA build's registration lives in libtorch_cuda, which nothing refers to by symbol: keep it linked where present.
find_library(POLAR_LIB_torch_cuda torch_cuda PATHS ${POLAR_TORCH_ROOT}/lib NO_DEFAULT_PATH)
find_library(POLAR_LIB_c10_cuda c10_cuda PATHS ${POLAR_TORCH_ROOT}/lib NO_DEFAULT_PATH)
if(POLAR_LIB_torch_cuda)
  list(APPEND polar_torch_libraries -Wl,--no-as-needed ${POLAR_LIB_torch_cuda} ${POLAR_LIB_c10_cuda} -Wl,--as-needed)
endif()
target_link_libraries(polar_torch INTERFACE ${polar_torch_libraries})
target_link_options(polar_torch INTERFACE -Wl,-rpath,${POLAR_TORCH_ROOT}/lib)
target_compile_definitions(polar_torch INTERFACE _GLIBCXX_USE_CXX11_ABI=1)
