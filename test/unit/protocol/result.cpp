#include "protocol/result.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <variant>

using troupe::Result;

TEST_CASE("a result holds its value and is true") {
  const Result<std::string, int> result = std::string("seven");
  CHECK(result);
  CHECK(*result == "seven");
  CHECK(result->size() == 5);
}

TEST_CASE("a result holds its error and is false") {
  const Result<std::string, int> result = 7;
  CHECK_FALSE(result);
  CHECK(result.error() == 7);
}

TEST_CASE("reading what a result does not hold throws") {
  const Result<std::string, int> error = 7;
  const Result<std::string, int> value = std::string("seven");
  CHECK_THROWS_AS(*error, std::bad_variant_access);
  CHECK_THROWS_AS(value.error(), std::bad_variant_access);
}

TEST_CASE("a value that can only be moved is moved out of a result") {
  Result<std::unique_ptr<int>, int> result = std::make_unique<int>(7);
  const auto value = *std::move(result);
  CHECK(*value == 7);
}
