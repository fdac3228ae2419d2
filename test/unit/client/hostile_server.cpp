// What a server that means harm can send. Found by fuzzing (test/fuzz/client.cpp).
#include "test/unit/client/course.hpp"

using namespace troupe::client;
using Lines = Course::Lines;

TEST_CASE("the prompt shows no control characters of a room's name") {
  Course course(Manner::terminal);
  course.enter();
  course.hear(":ann!ann@host JOIN #\x1B[2Jroom\x0F");
  CHECK(course.session.prompt() == "[#\uFFFD[2Jroom] ");
}

TEST_CASE("a history that is refused without a word is no history") {
  Course course(Manner::terminal);
  course.enter(Course::with_history);
  course.hear("@label=2 FAIL");
  CHECK(course.shown == Lines{"the history of #lobby cannot be had"});
}
