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

TEST_CASE("a name that no line could hold twice is none that the client takes up") {
  const std::string endless(300, 'x');
  Course course(Manner::terminal);
  course.enter(Course::with_history);
  course.said();
  course.hear(":ann!ann@host JOIN #" + endless);
  CHECK(course.session.prompt() == "[#lobby] ");
  course.hear(":ann!ann@host NICK :two words");
  course.hear(":ann!ann@host NICK " + endless);
  CHECK(course.said().empty());
  course.lose();
  course.wait(std::chrono::seconds(1));
  course.connected();
  CHECK(course.said().find("NICK ann\r\n") != std::string::npos);
}

TEST_CASE("nor is one that is typed") {
  Course course(Manner::terminal);
  course.enter();
  course.said();
  course.type("/join #" + std::string(300, 'x'));
  course.type("/msg " + std::string(300, 'x') + " hi");
  course.type(std::string_view("/msg a\0b hi", 12));
  course.type("/join #a\rb");
  CHECK(course.said().empty());
  CHECK(course.shown.size() == 4);
}
