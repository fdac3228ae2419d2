#include "test/unit/client/course.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace troupe::client;
using namespace std::chrono_literals;
using Lines = Course::Lines;

TEST_CASE("a script says its lines, waits until they are acknowledged, and leaves with 0") {
  Course course(Manner::script);
  course.type("send hi");
  course.end_input();
  CHECK(course.connects == 1);
  course.enter();
  course.type("too late");
  CHECK(course.said() == "@label=2 PRIVMSG #lobby hi\r\n");
  course.hear("@label=2 :ann!ann@host PRIVMSG #lobby hi");
  CHECK(course.said() == "QUIT\r\n");
  CHECK_FALSE(course.end);
  course.hear("ERROR :Closing link");
  course.lose();
  REQUIRE(course.end);
  CHECK(course.end->status == Status::ok);
  CHECK(course.end->complaint.empty());
}

TEST_CASE("a script does not see its own texts and the server's greetings, but what others say") {
  Course course(Manner::script);
  course.connected();
  course.hear(":srv 001 ann :Welcome");
  course.hear(":srv 372 ann :- message of the day");
  course.hear(":ann!ann@host JOIN #lobby");
  course.hear(":ann!ann@host PRIVMSG #lobby :mine");
  course.hear(":bob!b@h PRIVMSG #lobby :theirs");
  CHECK(course.shown == Lines{"ann joined #lobby", "theirs"});
}

TEST_CASE("a script keeps at most a window of lines unanswered, and stops reading when enough wait") {
  Course course(Manner::script);
  course.enter();
  int typed = 0;
  while (course.session.wants_input()) course.type("line " + std::to_string(++typed));
  CHECK(typed == Session::most_waiting);
  const auto said = course.said();
  CHECK(std::count(said.begin(), said.end(), '\n') == Outbox::window);
  course.hear("@label=2 ACK");
  CHECK(course.said() == "@label=18 PRIVMSG #lobby :line 17\r\n");
  CHECK(course.session.wants_input());
}

TEST_CASE("a script of which something is refused ends with 5") {
  Course course(Manner::script);
  course.enter();
  course.type("/msg nobody hi");
  course.end_input();
  course.hear("@label=2 :srv 401 ann nobody :No such nick");
  CHECK(course.said().ends_with("QUIT\r\n"));
  course.lose();
  REQUIRE(course.end);
  CHECK(course.end->status == Status::refused);
  CHECK(course.shown == Lines{"nobody: No such nick - not delivered: hi"});
}

TEST_CASE("a script with a line that is no command ends with 5") {
  Course course(Manner::script);
  course.enter();
  course.type("/frobnicate");
  course.end_input();
  course.lose();
  CHECK(course.end->status == Status::refused);
}

TEST_CASE("a script that cannot enter its room leaves at once with 5") {
  Course course(Manner::script);
  course.type("hi");
  course.connected();
  course.hear(":srv 001 ann :Welcome");
  course.said();
  course.hear(":srv 474 ann #lobby :Cannot join channel (+b)");
  CHECK(course.said() == "QUIT\r\n");
  CHECK(course.shown == Lines{"#lobby: Cannot join channel (+b)"});
  course.lose();
  CHECK(course.end->status == Status::refused);
}

TEST_CASE("a script whose connection is lost ends with 1 and says how much is in doubt") {
  Course course(Manner::script);
  course.enter();
  course.type("one");
  course.type("two");
  course.lose();
  REQUIRE(course.end);
  CHECK(course.end->status == Status::lost);
  CHECK(course.end->complaint ==
        "connection to chat.example port 6667 lost: closed by the server (2 lines not acknowledged)");
  CHECK(course.shown.empty());
}

TEST_CASE("leave in a script ends it as the end of input does") {
  Course course(Manner::script);
  course.enter();
  course.type("bye");
  course.type("leave");
  CHECK_FALSE(course.session.wants_input());
  CHECK(course.said() == "@label=2 PRIVMSG #lobby bye\r\n");
  course.hear("@label=2 ACK");
  CHECK(course.said() == "QUIT\r\n");
}

TEST_CASE("a server that does not close after QUIT is not waited for long") {
  Course course(Manner::script);
  course.enter();
  course.end_input();
  CHECK(course.said() == "QUIT\r\n");
  course.wait(3s);
  CHECK(course.end->status == Status::ok);
}

TEST_CASE("a first connection that fails ends with 1 in both manners") {
  for (const auto manner : {Manner::script, Manner::terminal}) {
    Course course(manner);
    course.lose("Connection refused");
    REQUIRE(course.end);
    CHECK(course.end->status == Status::lost);
    CHECK(course.end->complaint == "cannot connect to chat.example port 6667: Connection refused");
  }
}

TEST_CASE("a server that lets nobody in gives its reason") {
  Course course(Manner::terminal);
  course.connected();
  course.hear("ERROR :Too many connections");
  course.lose();
  CHECK(course.end->status == Status::lost);
  CHECK(course.end->complaint ==
        "connection to chat.example port 6667 lost: the server says: Too many connections");
}

TEST_CASE("a taken name ends a first attempt with 3, a wrong password with 4") {
  for (const auto manner : {Manner::script, Manner::terminal}) {
    Course taken(manner);
    taken.connected();
    taken.hear(":srv 433 * ann :Nickname is already in use");
    CHECK(taken.end->status == Status::name);
    CHECK(taken.end->complaint == "the name 'ann' is already taken");
    CHECK(taken.disconnects > 0);

    Course password(manner);
    password.connected();
    password.hear(":srv 464 * :Password incorrect");
    CHECK(password.end->status == Status::password);
    CHECK(password.end->complaint == "wrong password");
  }
}

TEST_CASE("a server that accepts and says nothing is given up") {
  Course course(Manner::script);
  course.connected();
  course.wait(30s);
  CHECK(course.end->status == Status::lost);
}

TEST_CASE("at a terminal a lost connection is made again, after growing pauses") {
  Course course(Manner::terminal);
  course.enter();
  course.lose();
  CHECK(course.shown == Lines{"connection lost: closed by the server; trying again in 1 s"});
  CHECK(course.session.prompt() == "[no connection] ");
  course.shown.clear();
  for (const auto pause : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
    const int connects = course.connects;
    course.wait(pause);
    CHECK(course.connects == connects + 1);
    course.lose("Connection refused");
    CHECK_FALSE(course.end);
  }
  CHECK(course.shown.front() ==
        "cannot connect to chat.example port 6667: Connection refused; trying again in 2 s");
}

TEST_CASE("after coming back it is in the same rooms under the same name, and the pauses begin anew") {
  Course course(Manner::terminal);
  course.enter();
  course.hear(":ann!ann@host NICK anna");
  course.hear(":anna!ann@host JOIN #den");
  course.lose();
  course.wait(1s);
  course.connected();
  CHECK(course.said().find("NICK anna\r\n") != std::string::npos);
  course.hear(":srv 001 anna :Welcome");
  CHECK(course.said() == "JOIN #lobby\r\nPING troupe-1\r\n");
  course.hear(":anna!ann@host JOIN #lobby");
  course.hear("PONG srv troupe-1");
  CHECK(course.said() == "JOIN #den\r\nPING troupe-2\r\n");
  course.hear(":anna!ann@host JOIN #den");
  course.hear("PONG srv troupe-2");
  CHECK(course.session.prompt() == "[#den] ");
  course.lose();
  course.wait(1s);
}

TEST_CASE("a name that is still taken on coming back is tried again, a wrong password is not") {
  Course course(Manner::terminal);
  course.enter();
  course.lose();
  course.wait(1s);
  course.connected();
  course.hear(":srv 433 * ann :Nickname is already in use");
  CHECK_FALSE(course.end);
  CHECK(course.disconnects == 1);
  CHECK_FALSE(course.session.deadline());  // until the connection is closed
  course.lose("closed");
  CHECK(course.shown.back() == "the name 'ann' is already taken; trying again in 2 s");
  course.wait(2s);
  course.connected();
  course.hear(":srv 464 * :Password incorrect");
  CHECK(course.end->status == Status::password);
}

TEST_CASE("what was under way when the connection broke is told, what is typed meanwhile is refused") {
  Course course(Manner::terminal);
  course.enter();
  course.type("did you get this");
  course.lose();
  CHECK(course.shown.front() == "perhaps not delivered: did you get this");
  course.shown.clear();
  course.type("and this");
  CHECK(course.shown == Lines{"there is no connection, so this was not sent: and this"});
  course.type("/quit");
  CHECK(course.end->status == Status::ok);
}

TEST_CASE("a silent server is asked, then given up") {
  Course course(Manner::terminal);
  course.enter();
  course.wait(60s);
  CHECK(course.said() == "PING alive\r\n");
  course.hear("PONG srv alive");
  course.wait(60s);
  CHECK(course.said() == "PING alive\r\n");
  course.wait(60s);
  CHECK(course.disconnects == 1);
  CHECK(course.shown.back() == "connection lost: the server does not answer; trying again in 1 s");
  course.lose("closed");
  CHECK_FALSE(course.end);
  course.wait(1s - 0s);
  CHECK(course.connects == 2);
}

TEST_CASE("at a terminal leaving waits for the last answers, but not for ever") {
  Course course(Manner::terminal);
  course.enter();
  course.type("last words");
  course.type("/quit so long");
  CHECK(course.said() == "@label=2 PRIVMSG #lobby :last words\r\n");
  course.wait(5s);
  CHECK(course.said() == "QUIT :so long\r\n");
  course.lose();
  CHECK(course.end->status == Status::ok);
}

TEST_CASE("an interrupt leaves at once, a second one without waiting for the server") {
  Course course(Manner::terminal);
  course.enter();
  course.type("unanswered");
  course.said();
  course.interrupt();
  CHECK(course.said() == "QUIT\r\n");
  CHECK_FALSE(course.end);
  course.interrupt();
  CHECK(course.end->status == Status::ok);
}

TEST_CASE("an interrupted script ends with 5 only if something was not acknowledged") {
  Course clean(Manner::script);
  clean.enter();
  clean.interrupt();
  clean.lose();
  CHECK(clean.end->status == Status::ok);

  Course cut(Manner::script);
  cut.enter();
  cut.type("unanswered");
  cut.interrupt();
  cut.lose();
  CHECK(cut.end->status == Status::refused);
}

TEST_CASE("leaving before there is a connection ends at once at a terminal") {
  Course course(Manner::terminal);
  course.type("leave");
  CHECK(course.end->status == Status::ok);
  CHECK(course.disconnects == 1);
}

TEST_CASE("at a terminal the history is shown on entering, and after coming back what was missed of it") {
  Course course(Manner::terminal);
  course.enter(Course::with_history);
  CHECK(course.said() == "@label=2 CHATHISTORY LATEST #lobby * 50\r\n");
  course.hear("@label=2 :srv BATCH +1 chathistory #lobby");
  course.hear("@batch=1;msgid=a :bob!b@h PRIVMSG #lobby :hi");
  course.hear("BATCH -1");
  CHECK(course.shown == Lines{"hi", "new messages in #lobby begin here"});
  course.lose();
  course.wait(1s);
  course.enter(Course::with_history);
  CHECK(course.said() == "@label=2 CHATHISTORY AFTER #lobby msgid=a 100\r\n");
  course.hear("@msgid=c :bob!b@h PRIVMSG #lobby :too early");
  CHECK(course.shown.empty());
  course.interrupt();
  course.lose();
  CHECK(course.shown == Lines{"too early"});
}

TEST_CASE("a script is shown the history only if it asks, and then its own messages as well") {
  Course course(Manner::script);
  course.type("/history 2");
  course.enter(Course::with_history);
  CHECK(course.said() == "@label=2 CHATHISTORY LATEST #lobby * 2\r\n");
  course.end_input();
  course.hear("@label=2 :srv BATCH +1 chathistory #lobby");
  course.hear("@batch=1;msgid=a :bob!b@h PRIVMSG #lobby :theirs");
  course.hear("@batch=1;msgid=b :ann!a@h PRIVMSG #lobby :mine");
  course.hear("BATCH -1");
  CHECK(course.shown == Lines{"theirs", "mine"});
  CHECK(course.said() == "QUIT\r\n");
}

TEST_CASE("the prompt names the current room") {
  Course course(Manner::terminal);
  course.enter();
  CHECK(course.session.prompt() == "[#lobby] ");
  course.hear(":op!o@h KICK #lobby ann");
  CHECK(course.session.prompt() == "[no room] ");
}

TEST_CASE("help is shown without asking the server") {
  Course course(Manner::terminal);
  course.enter();
  course.type("/help");
  CHECK(course.said().empty());
  CHECK(course.shown.size() > 10);
}
