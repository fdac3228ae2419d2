// Files say what they are, and are held by one server.
#include "db/address.hpp"
#include "db/file_lock.hpp"
#include "db/home.hpp"
#include "db/migrations.hpp"
#include "db/spool.hpp"
#include "places.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace troupe;
using namespace troupe::db;
using test::message_at;
using test::PostgresPlace;
using test::SqlitePlace;
using Reason = StoreError::Reason;

TYPE_TO_STRING_AS("SQLite", SqlitePlace);
TYPE_TO_STRING_AS("PostgreSQL", PostgresPlace);

namespace {

/// What `operation` throws, and why.
template <class Operation>
std::string refusal(Operation operation) {
  try {
    operation();
  } catch (const StoreError& error) {
    CHECK(error.reason() == Reason::refused);
    return error.what();
  }
  return "";
}

/// Makes the file as the first release did, with one message in it.
void make_old(const SqlitePlace& place) {
  place.execute(std::string(migrations::sqlite_log().front().sql));
  place.execute("INSERT INTO schema_version (version) VALUES (1)");
  place.execute(
      "INSERT INTO messages VALUES (x'00000000000170008000000000000000', '#lobby', 'alice', '~alice', "
      "'localhost', 0, 'message 1/0', '', 1)");
}

void mark_old_spool(const SqlitePlace& place) { std::ofstream(place.file() + ".home") << "123\n"; }

std::unique_ptr<HomeLog> writer(const std::string& url, const std::string& installation) {
  HomeSetup setup;
  setup.installation = installation;
  return open_home(url, setup);
}

}  // namespace

TEST_CASE("a home is never opened as a spool, nor a spool as a home, and both stay as they are") {
  const SqlitePlace home, spool;
  const Message message = message_at(1);
  open(home.url())->append({&message, 1});
  open_spool(spool.file());
  CHECK(refusal([&] { open_spool(home.file()); }) == home.file() + " is a database of messages, not a spool");
  CHECK(refusal([&] { open(spool.url()); }) ==
        spool.file() + " is a spool: messages wait in it for their database");
  CHECK(open(home.url())->oldest(10) == std::vector{message});
}

TEST_CASE("an old home is opened as a home, and is no spool") {
  const SqlitePlace place;
  make_old(place);
  CHECK(refusal([&] { open_spool(place.file()); }) ==
        place.file() + " holds messages and does not say that it is a spool");
  CHECK(open(place.url())->oldest(10) == std::vector{message_at(1)});
  CHECK(refusal([&] { open_spool(place.file()); }) ==
        place.file() + " is a database of messages, not a spool");
}

TEST_CASE("an old spool, which has a mark beside it, is opened as a spool, and is no home") {
  const SqlitePlace place;
  make_old(place);
  mark_old_spool(place);
  CHECK(refusal([&] { open(place.url()); }) ==
        place.file() + " is a spool: " + place.file() + ".home says so");
  const auto spool = open_spool(place.file());
  CHECK(spool->oldest(10) == std::vector{message_at(1)});
  CHECK_FALSE(spool->home());
}

TEST_CASE("an old file without messages will do for either") {
  for (const bool as_home : {true, false}) {
    const SqlitePlace place;
    make_old(place);
    place.execute("DELETE FROM messages");
    if (as_home)
      CHECK_FALSE(open(place.url())->newest());
    else
      CHECK_FALSE(open_spool(place.file())->newest());
  }
}

TEST_CASE("a database of something else is left alone") {
  const SqlitePlace place;
  place.execute("CREATE TABLE bookmarks (url TEXT)");
  const auto why = place.file() + " holds something else than messages of Troupe";
  CHECK(refusal([&] { open(place.url()); }) == why);
  CHECK(refusal([&] { open_spool(place.file()); }) == why);
  CHECK_NOTHROW(place.execute("CREATE TABLE messages (none INTEGER)"));
}

TEST_CASE_TEMPLATE("a home says which one it is, and another one in its place is refused", Place, SqlitePlace,
                   PostgresPlace) {
  const Place place, other;
  if (!place.available()) return;
  const auto id = open_home(place.url(), {})->id();
  CHECK(id.size() == 32);
  CHECK(open_home(place.url(), {})->id() == id);
  CHECK(open_home(other.url(), {})->id() != id);
  HomeSetup setup;
  setup.id = id;
  CHECK_FALSE(open_home(place.url(), setup)->newest());
  CHECK(refusal([&] { open_home(other.url(), setup)->newest(); }).find("another database than before") !=
        std::string::npos);
}

TEST_CASE("another database that takes the place of the one in use is noticed, and left as it is") {
  const PostgresPlace place, empty;
  if (!place.available()) return;
  HomeSetup setup;
  setup.id = open_home(place.url(), {})->id();
  CHECK(refusal([&] { open_home(empty.url(), setup)->newest(); }) ==
        "PostgreSQL: another database than before is at this address");
  CHECK_THROWS(empty.execute("SELECT FROM messages"));
}

TEST_CASE("PostgreSQL: a second server is refused, as long as the first one is connected") {
  const PostgresPlace place;
  if (!place.available()) return;
  auto first = writer(place.url(), "first");
  first->append({});
  const auto second = writer(place.url(), "second");
  CHECK(refusal([&] { second->append({}); }).starts_with("another server works with this database (from "));
  CHECK_FALSE(open(place.url())->newest());  // reading is free
  CHECK_NOTHROW(first->append({}));
  first.reset();
  CHECK_NOTHROW(second->append({}));
}

TEST_CASE(
    "PostgreSQL: an old connection of the same server is ended, and what it was doing does not happen") {
  const PostgresPlace place;
  if (!place.available()) return;
  const Message message = message_at(1);
  HomeSetup setup;
  setup.installation = "same";
  setup.line = std::make_shared<Lifeline>();
  const auto store = open_home(place.url() + "&application_name=before", setup);
  store->append({});
  // Its statement waits for a lock when the connection is given up; then it has no socket to notice that by.
  place.execute(
      "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS "
      "$$BEGIN PERFORM pg_sleep(60); RETURN NEW; END$$;"
      "CREATE TRIGGER wait BEFORE INSERT ON messages FOR EACH ROW EXECUTE FUNCTION wait()");
  std::thread cutter([&] {
    while (place.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'before' "
                         "AND wait_event = 'PgSleep'") != "1")
      std::this_thread::yield();
    setup.line->cut();
  });
  try {
    store->append({&message, 1});
    FAIL("it was kept");
  } catch (const StoreError& error) {
    CHECK(error.reason() == Reason::lost);
  }
  cutter.join();
  CHECK_FALSE(store->newest());  // over a new connection
  CHECK(place.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'before'") == "1");
}

TEST_CASE("PostgreSQL: a database in another encoding than UTF-8 is refused") {
  const PostgresPlace place;
  if (!place.available()) return;
  const std::string name = "troupe_latin1_" + std::to_string(getpid());
  PostgresPlace::administer("CREATE DATABASE " + name + " ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
  CHECK(refusal([&] {
          open(place.url_with("dbname=" + name))->newest();
        }).starts_with("PostgreSQL: the database's encoding is LATIN1, not UTF8"));
  PostgresPlace::administer("DROP DATABASE " + name);
}

TEST_CASE("PostgreSQL: a database of the first release is brought up to date with its messages") {
  const PostgresPlace place;
  if (!place.available()) return;
  place.execute("SET search_path = " + place.schema() + "; " +
                std::string(migrations::postgresql_log().front().sql) +
                "; INSERT INTO schema_version (version) VALUES (1); "
                "INSERT INTO messages VALUES ('00000000-0001-7000-8000-000000000000', '#lobby', 'alice', "
                "'~alice', 'localhost', 0, 'message 1/0', '')");
  const auto store = open_home(place.url(), {});
  CHECK(store->oldest(10) == std::vector{message_at(1)});
  Message later = message_at(2);
  later.time = message_at(77).time;
  store->append({&later, 1});
  CHECK(store->oldest(10) == std::vector{message_at(1), later});

  // A dump from before is restored: it brings back all tables but the one that it does not know.
  place.execute("DELETE FROM schema_version WHERE version = 2");
  CHECK(open_home(place.url(), {})->id() == store->id());
}

TEST_CASE("a cut ends waiting for a lock on a SQLite file at once, and nothing is kept") {
  const SqlitePlace place;
  HomeSetup setup;
  setup.line = std::make_shared<Lifeline>();
  setup.patience = std::chrono::minutes(10);
  const auto store = open_home(place.url(), setup);
  const Message message = message_at(1);
  const SqlitePlace::Locked locked(place);
  setup.line->cut();  // is about a call that is over
  std::atomic<bool> answered = false;
  std::thread cutter([&] {
    while (!answered) setup.line->cut();
  });
  CHECK_THROWS_WITH_AS(store->append({&message, 1}), (place.file() + ": database is locked").c_str(),
                       StoreError);
  answered = true;
  cutter.join();
  CHECK_FALSE(store->newest());
}

TEST_CASE("a severed lifeline ends every later call as well") {
  const auto line = std::make_shared<Lifeline>();
  line->cut();
  CHECK(line->is_cut());
  line->begin();
  CHECK_FALSE(line->is_cut());
  line->sever();
  line->begin();
  CHECK(line->is_cut());
}

TEST_CASE("a file is for one at a time, by whichever name, and is its owner's alone") {
  const SqlitePlace place;
  const auto link = place.file() + ".link", hard_link = place.file() + ".hard";
  FileLock first(place.file());
  first.take();
  std::filesystem::create_symlink("troupe.db", link);
  std::filesystem::create_hard_link(place.file(), hard_link);
  for (const auto& name : {place.file(), link, hard_link}) {
    FileLock second(name);
    CHECK(first.is_same_file(second));
    CHECK(refusal([&] { second.take(std::chrono::milliseconds(0)); }) == "another server works with " + name);
  }
  struct stat status {};
  REQUIRE(stat(place.file().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  const SqlitePlace other;
  CHECK_FALSE(first.is_same_file(FileLock(other.file())));
}

TEST_CASE("a file that can't be opened is refused with the system's reason") {
  const SqlitePlace place;
  CHECK(refusal([&] { FileLock(place.file() + "/no/such"); }) ==
        "cannot open " + place.file() + "/no/such: No such file or directory");
  std::filesystem::create_directory(place.file());
  CHECK(refusal([&] { FileLock lock(place.file()); }) == "cannot open " + place.file() + ": Is a directory");
}

TEST_CASE("a new spool and a new home are their owner's alone, with all that SQLite puts beside them") {
  const SqlitePlace place;
  FileLock lock(place.file());
  const auto store = open(place.url());
  for (const auto* suffix : {"", "-wal", "-shm"}) {
    struct stat status {};
    REQUIRE(stat((place.file() + suffix).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
  }
}

TEST_CASE("an address shows no password, and is the same however a file is named") {
  CHECK(address_of("postgresql://u:secret@host:5432/name?sslmode=require&password=x&a=b") ==
        "postgresql://u@host:5432/name?sslmode=require&a=b");
  CHECK(address_of("postgresql://u@host/name") == "postgresql://u@host/name");
  CHECK(address_of("postgresql://host:1234/name?") == "postgresql://host:1234/name");
  CHECK(address_of("postgresql:///name") == "postgresql:///name");
  CHECK(address_of("postgresql://[::1]/name?password=secret") == "postgresql://[::1]/name");
  CHECK(address_of("none") == "none");
  for (const auto* malformed : {"postgresql://u:se?secret@h/d", "postgres://u:a@secret@h/d",
                                "postgresql://u:/secret@h/d", "postgresql://u:se#secret@h/d?x=1"}) {
    CAPTURE(malformed);
    CHECK(address_of(malformed).find("secret") == std::string::npos);
  }
  const SqlitePlace place;
  open(place.url());
  const auto link = place.file() + ".link";
  std::filesystem::create_symlink(place.file(), link);
  CHECK(address_of("sqlite:" + link) == address_of(place.url()));
  CHECK(address_of("sqlite:a.db") == "sqlite:" + std::filesystem::current_path().string() + "/a.db");
}

TEST_CASE("a spool is read without needing space, its write-ahead log included, and emptied in place") {
  const SqlitePlace place;
  const std::vector<Message> messages{message_at(1), message_at(2), message_at(3)};
  FileLock lock(place.file());
  const auto spool = open_spool(place.file());
  spool->append(messages);
  spool->dedicate({"id", "address"});
  // As a killed server leaves it: most of it is in the log.
  const SqlitePlace copy;
  for (const auto* suffix : {"", "-wal"})
    std::filesystem::copy_file(place.file() + suffix, copy.file() + suffix);
  {
    FullSpool full(copy.file());
    CHECK(full.home() == Home{"id", "address"});
    CHECK(full.size() == 3);
    CHECK(full.oldest(2, {}) == std::vector{messages[0], messages[1]});
    CHECK(full.oldest(2, messages[1].id) == std::vector{messages[2]});
    CHECK_FALSE(full.has_set_aside());
    CHECK_FALSE(std::filesystem::exists(copy.file() + "-shm"));
  }
  FileLock copy_lock(copy.file());
  clear_spool(copy.file(), copy_lock);
  CHECK_FALSE(open_spool(copy.file())->newest());
  CHECK_FALSE(open_spool(copy.file())->home());
}
