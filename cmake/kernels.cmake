# The colour kernels: the Python module `_native`.
#
# The loops over pixels (rows.cpp) are built once for each instruction set that the compiler knows,
# and dispatch.cpp takes the best that the processor runs; so one wheel is fast everywhere and
# still starts on any processor of its architecture.

include(CheckCXXCompilerFlag)

set(native_dir "${PROJECT_SOURCE_DIR}/kernels/native")

nanobind_add_module(_native STABLE_ABI NB_STATIC
  "${native_dir}/module.cpp"
  "${native_dir}/recolor.cpp"
  "${native_dir}/resize_area.cpp"
  "${native_dir}/ab_field.cpp"
  "${native_dir}/guided_lines.cpp"
  "${native_dir}/global_smooth.cpp"
  "${native_dir}/dispatch.cpp"
)
target_compile_features(_native PRIVATE cxx_std_20)

if(MSVC)
  set(kernel_options /O2 /W4)
else()
  # errno and traps of float functions are never read here, and asking for them blocks vector code.
  # NaN and infinity keep their meaning: -ffast-math stays off.
  set(kernel_options -O3 -Wall -Wextra -Wpedantic -fno-math-errno -fno-trapping-math)
endif()
target_compile_options(_native PRIVATE ${kernel_options})

function(add_rows instruction_set)
  set(rows "rows_${instruction_set}")
  add_library(${rows} OBJECT "${native_dir}/rows.cpp")
  target_compile_features(${rows} PRIVATE cxx_std_20)
  target_compile_options(${rows} PRIVATE ${kernel_options} ${ARGN})
  target_compile_definitions(${rows} PRIVATE
    COLORIZE_ISA=${instruction_set} COLORIZE_ISA_NAME="${instruction_set}")
  set_target_properties(${rows} PROPERTIES
    POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden)
  target_sources(_native PRIVATE $<TARGET_OBJECTS:${rows}>)
endfunction()

add_rows(portable)
foreach(level v3 v4)
  set(option -march=x86-64-${level})
  if(MSVC AND CMAKE_SYSTEM_PROCESSOR MATCHES "AMD64|x86_64")
    set(option /arch:$<IF:$<STREQUAL:${level},v3>,AVX2,AVX512>)
    set(COLORIZE_HAS_X86_64_${level} TRUE)
  else()
    check_cxx_compiler_flag(${option} COLORIZE_HAS_X86_64_${level})
  endif()
  if(COLORIZE_HAS_X86_64_${level} AND CMAKE_SIZEOF_VOID_P EQUAL 8)
    add_rows(x86_64_${level} ${option})
    string(TOUPPER ${level} upper_level)
    target_compile_definitions(_native PRIVATE COLORIZE_X86_64_${upper_level})
  endif()
endforeach()

install(TARGETS _native LIBRARY DESTINATION colorize_batch/kernels)
