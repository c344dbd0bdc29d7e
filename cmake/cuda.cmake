# The CUDA kernels, compiled ahead of time for every GPU served: kernels.fatbin.
#
# AUTO builds it when the Python of the build has Numba-CUDA and the compiler of CUDA 13, that is
# the extra `cuda` and nvidia-cuda-nvcc; ON asks for it. Without it the kernels are compiled when a
# GPU is first used, which takes some ten seconds and needs the extra.

set(COLORIZE_CUDA AUTO CACHE STRING "Compile the CUDA kernels ahead of time: AUTO, ON or OFF")

if(COLORIZE_CUDA STREQUAL "AUTO")
  execute_process(
    COMMAND "${Python_EXECUTABLE}" -c "
import sys
import numba_cuda
from cuda.pathfinder import find_nvidia_binary_utility as find
sys.exit(not (find('ptxas') and find('fatbinary')))"
    RESULT_VARIABLE cuda_missing OUTPUT_QUIET ERROR_QUIET)
  if(cuda_missing)
    message(STATUS "Numba-CUDA or ptxas not found: CUDA kernels will be compiled when needed")
    return()
  endif()
elseif(NOT COLORIZE_CUDA)
  return()
endif()

# The root folder is the package: it is imported through a link of its name.
set(cuda_path "${CMAKE_CURRENT_BINARY_DIR}/package")
file(MAKE_DIRECTORY "${cuda_path}")
file(CREATE_LINK "${PROJECT_SOURCE_DIR}" "${cuda_path}/colorize_batch" SYMBOLIC)
file(GLOB cuda_sources CONFIGURE_DEPENDS
  "${PROJECT_SOURCE_DIR}/kernels/cuda/*.py" "${PROJECT_SOURCE_DIR}/kernels/reference/*.py")

set(cuda_fatbin "${CMAKE_CURRENT_BINARY_DIR}/kernels.fatbin")
add_custom_command(
  OUTPUT "${cuda_fatbin}"
  COMMAND "${CMAKE_COMMAND}" -E env --unset=NUMBA_ENABLE_CUDASIM PYTHONDONTWRITEBYTECODE=1
    "PYTHONPATH=${cuda_path}" "${Python_EXECUTABLE}" -m colorize_batch.kernels.cuda.fatbin
    "${cuda_fatbin}"
  DEPENDS ${cuda_sources}
  COMMENT "Compiling the CUDA kernels"
  VERBATIM)
add_custom_target(cuda_kernels ALL DEPENDS "${cuda_fatbin}")

install(FILES "${cuda_fatbin}" DESTINATION colorize_batch/kernels/cuda)
