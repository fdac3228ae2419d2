# Debian's CAF comes without a CMake package. Its headers are marked as system headers, so that their warnings
# are not ours, and are compiled once: every target that speaks CAF reuses the precompiled header of `troupe_caf`.
find_path(CAF_INCLUDE_DIR caf/all.hpp REQUIRED)
find_library(CAF_CORE_LIBRARY caf_core REQUIRED)
find_library(CAF_IO_LIBRARY caf_io REQUIRED)

add_library(CAF::io INTERFACE IMPORTED)
target_include_directories(CAF::io SYSTEM INTERFACE ${CAF_INCLUDE_DIR})
target_link_libraries(CAF::io INTERFACE ${CAF_IO_LIBRARY} ${CAF_CORE_LIBRARY} Threads::Threads)

file(WRITE ${PROJECT_BINARY_DIR}/caf_precompiled.cpp "")
add_library(troupe_caf STATIC ${PROJECT_BINARY_DIR}/caf_precompiled.cpp)
target_link_libraries(troupe_caf PUBLIC CAF::io)
target_precompile_headers(troupe_caf PRIVATE <caf/all.hpp> <caf/io/all.hpp>)

# Lets TARGET use CAF and its precompiled headers.
function(target_use_caf TARGET)
  target_link_libraries(${TARGET} PUBLIC CAF::io)
  target_precompile_headers(${TARGET} REUSE_FROM troupe_caf)
endfunction()
