# Writes OUTPUT, a C++ source that holds the migrations of each store as string literals, in the order of their
# numbers. Run as: cmake -DOUTPUT=… -DSQLITE=0001_a.sql,0002_b.sql -DSPOOL=… -DPOSTGRESQL=… -DSCHEMA_DIR=… -P embed_schema.cmake
function(render_migrations FUNCTION FILES RESULT)
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
  set(${RESULT} "std::span<const Migration> ${FUNCTION}() {
  static constexpr std::array migrations{\n${text}  };
  return migrations;\n}\n" PARENT_SCOPE)
endfunction()

render_migrations(sqlite_migrations "${SQLITE}" sqlite)
render_migrations(spool_migrations "${SPOOL}" spool)
render_migrations(postgresql_migrations "${POSTGRESQL}" postgresql)
file(WRITE ${OUTPUT} "#include <array>

#include \"db/schema.hpp\"

namespace troupe::db {

${sqlite}
${spool}
${postgresql}
}  // namespace troupe::db
")
