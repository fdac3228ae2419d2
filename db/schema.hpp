#pragma once

#include <span>
#include <string>
#include <string_view>

namespace troupe::db {

/// One step of a schema, from db/schema/. Its place in the list, counted from 1, is the version that it leads
/// to.
struct Migration {
  std::string_view name;
  std::string_view sql;
};

/// A part of a database that goes through migrations of its own, from an empty one.
struct Schema {
  std::string_view what;           ///< for errors
  std::string_view version_table;  ///< made by the first migration, holds each version that was reached
  std::span<const Migration> migrations;
};

/// What databases consist of: a home of the log of messages and of records, a spool of the log alone.
std::span<const Schema> sqlite_home_schemas();
std::span<const Schema> postgresql_home_schemas();
std::span<const Schema> spool_schemas();

/// Those of the migrations that a database of this version has yet to go through; 0 is one without this part.
/// Throws StoreError(refused) if the version is none that this program knows.
std::span<const Migration> pending(const Schema& schema, long version);

/// The statement that notes in such a table that one more version was reached.
std::string note_version_in(std::string_view version_table);

}  // namespace troupe::db
