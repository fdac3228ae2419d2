#include "db/message_log.hpp"
#include "places.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

using namespace troupe;
using namespace troupe::db;
using test::error_of_opening;
using test::message_at;
using test::SqlitePlace;
using Reason = StoreError::Reason;

TEST_CASE("a URL of another form is refused, and the error says which forms there are") {
  for (const auto* url : {"", "none", "troupe.db", "sqlite:", "mysql://host/name", "postgresql:name",
                          "POSTGRESQL://host/name", "http://user:secret@host"}) {
    CAPTURE(url);
    const StoreError error = error_of_opening(url);
    CHECK(error.reason() == Reason::refused);
    CHECK(std::string(error.what()) ==
          "a database is named by sqlite:FILE or postgresql://USER:PASSWORD@HOST:PORT/NAME");
  }
}

TEST_CASE("a SQLite store in memory works and leaves no file") {
  const Message message = message_at(1);
  const auto store = open("sqlite::memory:");
  store->append({&message, 1});
  CHECK(store->newest() == message.id);
  CHECK_FALSE(open("sqlite::memory:")->newest());
  CHECK_FALSE(std::filesystem::exists(":memory:"));
}

TEST_CASE("a SQLite file that can't be made is refused with the system's reason") {
  const SqlitePlace place;
  const StoreError error = error_of_opening("sqlite:" + place.file() + "/no/such/directory");
  CHECK(error.reason() == Reason::refused);
  CHECK(std::string(error.what()) ==
        place.file() + "/no/such/directory: unable to open database file (No such file or directory)");
}

TEST_CASE("a file that is no SQLite database is refused and left alone") {
  const SqlitePlace place;
  const std::string contents(5000, 'x');
  std::ofstream(place.file()) << contents;
  const StoreError error = error_of_opening(place.url());
  CHECK(error.reason() == Reason::refused);
  CHECK(std::string(error.what()) == place.file() + ": file is not a database");
  CHECK(std::filesystem::file_size(place.file()) == contents.size());
}

TEST_CASE("an append of nothing is written to a SQLite file, so that a full disk is noticed") {
  const SqlitePlace place;
  const auto store = open(place.url());
  const auto log = [&] {
    std::ifstream in(place.file() + "-wal", std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const auto before = log();
  store->append({});
  CHECK((log() != before));
}

TEST_CASE("SQLite keeps a message's time next to its id") {
  const SqlitePlace place;
  Message message = message_at(2'400'000'000'000);
  message.time = protocol::Time(std::chrono::milliseconds(1'767'225'600'123));
  open(place.url())->append({&message, 1});
  CHECK_NOTHROW(
      place.execute("CREATE TABLE expected AS SELECT * FROM messages WHERE time = 1767225600123;"
                    "CREATE UNIQUE INDEX one ON expected (id);"
                    "CREATE TABLE proof (count CHECK (count = 1));"
                    "INSERT INTO proof SELECT count(*) FROM expected"));
}
