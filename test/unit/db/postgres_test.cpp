#include "db/array_literal.hpp"
#include "db/message_log.hpp"
#include "db/postgres_error.hpp"
#include "db/postgres_url.hpp"
#include "places.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <thread>

using namespace troupe;
using namespace troupe::db;
using test::error_of_opening;
using test::message_at;
using test::PostgresPlace;
using Reason = StoreError::Reason;

TEST_CASE("an array's texts are quoted and escaped") {
  ArrayLiteral array;
  CHECK(array.render() == "{}");
  for (const auto* text : {"", "NULL", "plain", "a,b {c}", R"(say "hi")", R"(a\b\)", "日本語", "it's"}) {
    array.add_text(text);
  }
  CHECK(array.render() == R"({"","NULL","plain","a,b {c}","say \"hi\"","a\\b\\","日本語","it's"})");
}

TEST_CASE("an array's plain elements are not quoted") {
  ArrayLiteral array;
  array.add_plain("1");
  array.add_plain("-20");
  CHECK(array.render() == "{1,-20}");
}

TEST_CASE("a text with a NUL byte is refused, not cut short") {
  ArrayLiteral array;
  CHECK_THROWS_AS(array.add_text(std::string_view("a\0b", 3)), StoreError);
}

TEST_CASE("a URL gets time limits that its own parameters override") {
  const std::string plain = connection_url("postgresql://u:p%40ss@host:5433/name");
  CHECK(plain.starts_with("postgresql://u:p%40ss@host:5433/name?connect_timeout=5&"));
  CHECK(connection_url("postgresql:///name?").starts_with("postgresql:///name?connect_timeout=5&"));
  const std::string own = connection_url("postgres://[::1]/name?connect_timeout=60&sslmode=require");
  CHECK(own.starts_with("postgres://[::1]/name?connect_timeout=5&"));
  CHECK(own.ends_with("&connect_timeout=60&sslmode=require"));
}

TEST_CASE("a URL whose password could be taken for something else is refused without showing it") {
  for (const std::string url :
       {"postgresql://user:sec@ret@host/name", "postgresql://user:sec/ret@host/name",
        "postgresql://user:sec?ret@host/name", "postgresql://user:sec#ret@host/name",
        "postgresql://user:sec%ret@host/name", "postgresql://user:sec%00ret@host/name",
        "postgresql://user:secret@[::1/name", "postgresql://user:secret@host:port/name",
        "postgresql://user:secret@host/name?password",
        "postgresql://user@host/name?password=secret&secret"}) {
    CAPTURE(url);
    const StoreError error = error_of_opening(url);
    const std::string what = error.what();
    CAPTURE(what);
    CHECK(error.reason() == Reason::refused);
    CHECK(what.find("sec") == std::string::npos);
    CHECK(what.find('\n') == std::string::npos);
  }
}

TEST_CASE("nobody listening is unavailable, said in one line and without the password") {
  const StoreError error = error_of_opening("postgresql://user:secret@127.0.0.1:1/name");
  const std::string what = error.what();
  CHECK(error.reason() == Reason::unavailable);
  CHECK(what.find("Connection refused") != std::string::npos);
  CHECK(what.find('\n') == std::string::npos);
  CHECK(what.find("secret") == std::string::npos);
}

TEST_CASE("a failed connection is refused if the server turned us away, else unavailable") {
  const auto reason = [](std::string_view message) { return connect_error(message).reason(); };
  const std::string prefix = "connection to server at \"db\" (10.0.0.1), port 5432 failed: ";
  CHECK(reason(prefix + "FATAL:  password authentication failed for user \"troupe\"\n") == Reason::refused);
  CHECK(reason(prefix + "fe_sendauth: no password supplied\n") == Reason::refused);
  CHECK(reason(prefix + "FATAL:  database \"chat\" does not exist\n") == Reason::refused);
  CHECK(reason(prefix + "FATAL:  no pg_hba.conf entry for host \"10.0.0.2\", user \"troupe\"\n") ==
        Reason::refused);
  CHECK(reason(prefix + "FATAL:  the database system is starting up\n") == Reason::unavailable);
  CHECK(reason(prefix + "FATAL:  sorry, too many clients already\n") == Reason::unavailable);
  CHECK(reason(prefix + "timeout expired\n") == Reason::unavailable);
  CHECK(reason("could not translate host name \"db\" to address: Name or service not known\n") ==
        Reason::unavailable);
  CHECK(reason("") == Reason::unavailable);
}

TEST_CASE("of an error's lines the one in which the server speaks is shown") {
  CHECK(std::string(connect_error("connection to server at \"localhost\" (::1) failed: Connection refused\n"
                                  "\tIs the server running on that host and accepting TCP/IP connections?\n"
                                  "connection to server at \"localhost\" (127.0.0.1) failed: FATAL:  wrong\n")
                        .what()) ==
        "PostgreSQL: connection to server at \"localhost\" (127.0.0.1) failed: FATAL:  wrong");
  CHECK(std::string(statement_error("22021", "ERROR:  invalid byte sequence\nLINE 1: secret\n").what()) ==
        "PostgreSQL: ERROR:  invalid byte sequence");
}

TEST_CASE("a statement's error tells what may have been kept, what passes, and what will never work") {
  const auto reason = [](std::string_view sqlstate) {
    return statement_error(sqlstate, "ERROR:  x").reason();
  };
  CHECK(reason("53100") == Reason::full);
  const auto all_are = [&](Reason expected, std::initializer_list<const char*> sqlstates) {
    for (const auto* sqlstate : sqlstates) {
      CAPTURE(sqlstate);
      CHECK(reason(sqlstate) == expected);
    }
  };
  all_are(Reason::lost, {"", "08006", "08P01", "40003", "57P01", "57P02"});
  all_are(Reason::unavailable, {"40001", "40P01", "53200", "53300", "55P03", "57014", "58030", "25006"});
  all_are(Reason::rejected, {"22021", "22P05", "23514", "23505", "44000", "54000", "P0001"});
  all_are(Reason::refused, {"42501", "42P01", "XX001"});
}

TEST_CASE("nothing was kept by a connection that was lost before it was asked to") {
  const auto reason = [](std::string_view sqlstate) { return set_up_error(sqlstate, "ERROR:  x").reason(); };
  for (const auto* sqlstate : {"", "08006", "57P01", "53100", "55P03"}) {
    CAPTURE(sqlstate);
    CHECK(reason(sqlstate) == Reason::unavailable);
  }
  CHECK(reason("42501") == Reason::refused);
  CHECK(reason("22P05") == Reason::refused);
}

TEST_CASE("PostgreSQL: a database that is not there is refused") {
  const PostgresPlace place;
  if (!place.available()) return;
  const StoreError error = error_of_opening(place.url_with("dbname=no_such_database"));
  CHECK(error.reason() == Reason::refused);
  CHECK(std::string(error.what()).ends_with("FATAL:  database \"no_such_database\" does not exist"));
}

TEST_CASE("PostgreSQL: a connection that the server has closed is made anew") {
  const PostgresPlace place;
  if (!place.available()) return;
  const auto store = open(place.url() + "&application_name=closed");
  const std::string mine =
      " FROM pg_stat_activity WHERE application_name = 'closed' AND pid <> pg_backend_pid()";
  const Message message = message_at(1);
  store->append({&message, 1});
  CHECK(place.execute("SELECT pg_terminate_backend(pid)" + mine) == "t");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (place.execute("SELECT count(*)" + mine) != "0") {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::yield();
  }
  CHECK(store->newest() == message.id);
}

TEST_CASE("PostgreSQL: a message's time is a column of its own") {
  const PostgresPlace place;
  if (!place.available()) return;
  Message message = message_at(2'400'000'000'000);
  message.time = protocol::Time(std::chrono::milliseconds(1'767'225'600'123));
  open(place.url())->append({&message, 1});
  CHECK(place.execute("SELECT to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') FROM messages") ==
        "2026-01-01 00:00:00.123000");
}

TEST_CASE("PostgreSQL: appends are durable also where the server is set to answer before they are") {
  const PostgresPlace place;
  if (!place.available()) return;
  const auto store = open(place.url() + "%20-csynchronous_commit%3Doff");
  store->newest();  // it connects, and makes the tables
  place.execute(
      "CREATE TABLE seen (setting text);"
      "CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS "
      "$$BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END$$;"
      "CREATE TRIGGER look AFTER INSERT ON messages EXECUTE FUNCTION look()");
  const Message message = message_at(1);
  store->append({&message, 1});
  CHECK(place.execute("SELECT setting FROM seen") == "on");
}
