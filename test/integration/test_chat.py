"""People talk."""

import re
import subprocess
import sys

from irc import tags, texts

# A process with a connection of its own, for being killed: it registers, joins, says "ready", and waits.
VICTIM = """
import socket, sys
connection = socket.create_connection((sys.argv[1], int(sys.argv[2])))
connection.sendall(b"NICK victim\\r\\nUSER victim 0 * :Victim\\r\\nJOIN #lobby\\r\\n")
received = b""
while b" 366 " not in received:
    received += connection.recv(65536)
print("ready", flush=True)
while connection.recv(65536):
    pass
"""


def test_two_clients_talk_and_nobody_hears_himself(server):
    here = server()
    alice = here.client("alice", "#lobby")
    bob = here.client("bob", "#lobby")
    alice.expect(r"^:bob!bob@127\.0\.0\.1 JOIN #lobby$")

    alice.say("#lobby", "hello, bob")
    bob.expect(r"^:alice!alice@127\.0\.0\.1 PRIVMSG #lobby :hello, bob$")
    bob.say("#lobby", "hello, alice")
    alice.expect(r"^:bob!bob@127\.0\.0\.1 PRIVMSG #lobby :hello, alice$")

    assert texts(alice.everything()) == ["hello, alice"]
    assert texts(bob.everything()) == ["hello, bob"]


def test_all_members_see_all_messages_in_the_same_order(server):
    here = server(rate=0)
    talkers = [here.client(f"talker{i}", "#lobby", caps="echo-message") for i in range(4)]
    witness = here.client("witness", "#lobby")
    sending = [
        talker.send_meanwhile(*(f"PRIVMSG #lobby :{talker.nick} {n}" for n in range(250))) for talker in talkers
    ]
    seen = [witness.expect(r" PRIVMSG #lobby :(.*)")[1] for _ in range(1000)]
    for thread in sending:
        thread.join()

    for talker in talkers:
        assert [text for text in seen if text.startswith(talker.nick)] == [f"{talker.nick} {n}" for n in range(250)]
        assert [talker.expect(r" PRIVMSG #lobby :(.*)")[1] for _ in range(1000)] == seen
        assert texts(talker.sync()) == []
    assert texts(witness.sync()) == []


def test_a_sender_with_echo_message_sees_his_message_as_everybody_does(server):
    here = server()
    caps = "echo-message message-tags server-time"
    alice = here.client("alice", "#lobby", caps=caps)
    bob = here.client("bob", "#lobby", caps=caps)
    alice.send("@+draft/reply=x PRIVMSG #lobby :heard by all")
    echo = alice.expect(r".* PRIVMSG #lobby .*")[0]
    assert echo == bob.expect(r".* PRIVMSG #lobby .*")[0]
    assert set(tags(echo)) == {"msgid", "time", "+draft/reply"}


def test_a_message_to_one_person_is_seen_by_nobody_else(server):
    here = server()
    alice = here.client("alice", "#lobby")
    bob = here.client("bob", "#lobby")
    carol = here.client("carol", "#lobby")
    alice.say("bob", "for you alone")
    bob.expect(r"^:alice!alice@127\.0\.0\.1 PRIVMSG bob :for you alone$")
    alice.sync()
    assert not any("alone" in line for line in carol.sync())


def test_a_name_is_unique_whatever_its_case_and_the_one_who_has_it_keeps_it(server):
    here = server()
    alice = here.client("alice", "#lobby")
    other = here.connect()
    other.send("NICK ALICE", "USER other 0 * :Other")
    other.expect(r" 433 \* ALICE :")
    other.send("NICK bob")
    other.expect(r" 001 bob ")

    other.send("NICK Alice")
    other.expect(r" 433 bob Alice :")
    other.say("alice", "still there?")
    alice.expect(r"^:bob!.* PRIVMSG alice :still there\?$")


def test_of_many_who_want_a_name_at_once_exactly_one_gets_it(server):
    here = server()
    contenders = [here.connect() for _ in range(20)]
    for contender in contenders:
        contender.send("NICK wanted", "USER someone 0 * :Someone")
    answers = [contender.expect(r" (001|433) ")[1] for contender in contenders]
    assert sorted(answers) == ["001"] + ["433"] * 19


def test_a_name_is_free_at_once_when_its_owner_changes_it_quits_or_drops(server):
    here = server()
    witness = here.client("witness", "#lobby")

    first = here.client("wanted", "#lobby")
    first.send("NICK former")
    witness.expect(r"^:wanted!.* NICK :?former$")
    second = here.client("wanted", "#lobby")
    second.send("QUIT :enough")
    witness.expect(r"^:wanted!.* QUIT :Quit: enough$")
    third = here.client("wanted", "#lobby")
    third.close()
    witness.expect(r"^:wanted!.* QUIT :")
    here.client("wanted", "#lobby")


def test_killing_a_client_frees_its_name_and_the_others_see_it_quit_once(server):
    here = server()
    alice = here.client("alice", "#lobby", "#tea")
    victim = subprocess.Popen(
        [sys.executable, "-c", VICTIM, here.host, str(here.port)], stdout=subprocess.PIPE, text=True
    )
    with victim:
        assert victim.stdout.readline() == "ready\n"
        alice.expect(r"^:victim!\S+ JOIN #lobby$")
        victim.kill()

    alice.expect(r"^:victim!\S+ QUIT :")
    assert not any("victim" in line for line in alice.sync())
    here.client("victim", "#lobby")
    alice.expect(r"^:victim!\S+ JOIN #lobby$")


def test_the_first_in_a_room_is_its_operator_and_all_see_what_he_does(server):
    here = server()
    alice = here.client("alice", "#lobby")
    bob = here.client("bob", "#lobby")
    alice.send("TOPIC #lobby :Tea at five", "MODE #lobby +v bob", "KICK #lobby bob :late")
    bob.expect(r"^:alice!\S+ TOPIC #lobby :Tea at five$")
    bob.expect(r"^:alice!\S+ MODE #lobby \+v bob$")
    bob.expect(r"^:alice!\S+ KICK #lobby bob :late$")
    bob.send("TOPIC #lobby", "LIST")
    bob.expect(r" 442 bob #lobby ")
    assert re.search(r" #lobby 1 :Tea at five$", bob.expect(r".* 322 .*")[0])


def test_invalid_utf8_is_refused_and_never_relayed(server):
    here = server()
    alice = here.client("alice", "#lobby")
    bob = here.client("bob", "#lobby")
    alice.send_bytes(b"PRIVMSG #lobby :caf\xe9\r\n")
    alice.say("#lobby", "café")
    alice.sync()
    assert texts(bob.sync()) == ["café"]
