"""Under valgrind: the server uses no memory that is not its own, and gives back all of it."""

import shutil

import pytest

from server import SANITIZED

VALGRIND = shutil.which("valgrind")
SHOWN = "definite,indirect,possible"

pytestmark = pytest.mark.skipif(SANITIZED or not VALGRIND, reason="no valgrind, or sanitizers instead of it")


@pytest.mark.parametrize("threads", [1, 2])
def test_memory_is_used_rightly_and_given_back(server, tmp_path, threads):
    report = tmp_path / "valgrind.log"
    here = server(
        under=[VALGRIND, "--leak-check=full", f"--show-leak-kinds={SHOWN}", f"--errors-for-leak-kinds={SHOWN}",
               "--error-exitcode=99", "--num-callers=20", f"--log-file={report}"],
        io_threads=threads,
    )
    alice = here.client("alice", "#lobby", "#other", caps="message-tags echo-message batch draft/chathistory")
    bob = here.client("bob", "#lobby", caps="message-tags")
    for number in range(20):
        alice.say("#lobby", f"{number}")
    bob.expect(r" PRIVMSG #lobby :19$")
    bob.send("CHATHISTORY LATEST #lobby * 10", "WHO #lobby", "LIST", "WHOIS alice", "NICK robert", "TOPIC #lobby :here")
    bob.sync()
    alice.send("INVITE robert #other", "PART #other", "QUIT")
    alice.rest()
    # One is there still, and one has not registered, when the server ends.
    here.connect().sync()
    assert here.terminate() == 0, report.read_text(encoding="utf-8")[-20000:]
