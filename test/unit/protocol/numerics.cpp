#include "protocol/numerics.hpp"

#include <doctest/doctest.h>

using namespace troupe::protocol;

TEST_CASE("a numeric is written with three digits") {
  CHECK(to_string(Numeric::rpl_welcome) == "001");
  CHECK(to_string(Numeric::err_nicknameinuse) == "433");
  CHECK(to_string(Numeric::err_invalidmodeparam) == "696");
}
