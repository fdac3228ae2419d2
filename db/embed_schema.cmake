# Writes OUTPUT, a C++ source that holds lists of migrations as string literals, each in the order of its numbers.
# Run as: cmake -DOUTPUT=… -DSCHEMA_DIR=… -DMIGRATIONS=name=log/sqlite/0001_a.sql,log/sqlite/0002_b.sql:other=… -P embed_schema.cmake
function(render_migrations NAME FILES RESULT)
  set(text "")
  set(version 0)
  string(REPLACE "," ";" FILES "${FILES}")
  foreach(file IN LISTS FILES)
    math(EXPR version "${version} + 1")
    get_filename_component(name ${file} NAME)
    if(NOT name MATCHES "^0*${version}_")
      message(FATAL_ERROR "${file}: migration number ${version} is expected here")
    endif()
    file(READ ${SCHEMA_DIR}/${file} sql)
    string(APPEND text "    Migration{\"${name}\", R\"sql(${sql})sql\"},\n")
  endforeach()
  set(${RESULT} "std::span<const Migration> ${NAME}() {
  static constexpr std::array migrations{\n${text}  };
  return migrations;\n}\n" PARENT_SCOPE)
endfunction()

set(all "")
string(REPLACE ":" ";" MIGRATIONS "${MIGRATIONS}")
foreach(list IN LISTS MIGRATIONS)
  string(REGEX MATCH "^([a-z_]+)=(.+)$" matched "${list}")
  render_migrations(${CMAKE_MATCH_1} "${CMAKE_MATCH_2}" rendered)
  string(APPEND all "\n${rendered}")
endforeach()
file(WRITE ${OUTPUT} "#include \"db/migrations.hpp\"

#include <array>

namespace troupe::db::migrations {
${all}
}  // namespace troupe::db::migrations
")
