"""An answer of any length reaches who reads it, however slow the link: here 1 MB/s with packets of 1500 bytes."""

import re

from irc import tags

CHANNELS = 10_000
OF_EACH = 100  # that a user may be in
HISTORY = 500
CAPS = "message-tags server-time batch draft/chathistory"


def names_in(number):
    return [f"#channel-{number}-{one}" for one in range(OF_EACH)]


def make_channels(here):
    """Channels with topics, which together are a longer answer than a send queue may be."""
    for number in range(CHANNELS // OF_EACH):
        maker = here.client(f"maker{number}")
        for name in names_in(number):
            maker.send(f"JOIN {name}", f"TOPIC {name} :{name} {'t' * 120}")
        maker.sync()


def test_a_list_of_ten_thousand_channels_reaches_its_reader(server, link):
    with link.at_the_server():
        here = server(listen=f"{link.host}:6667", rate=0, max_per_address=0, max_channels_per_address=0)
        make_channels(here)
    with link.at_the_client():
        reader = here.client("reader")
    reader.send("LIST")
    reader.expect(r" 323 reader ", deadline=30)
    listed = [match[1] for line in reader.seen if (match := re.search(r" 322 reader (\S+) 1 :\S+ t{120}$", line))]
    assert sorted(listed) == sorted(name for number in range(CHANNELS // OF_EACH) for name in names_in(number))


def test_five_hundred_tagged_messages_of_history_reach_their_reader(server, link):
    with link.at_the_server():
        here = server(listen=f"{link.host}:6667", rate=0)
        alice = here.client("alice", "#lobby", caps="message-tags")
        for number in range(HISTORY):
            alice.send(f"@+example.org/t={'x' * 4000} PRIVMSG #lobby :{number} {'y' * 300}")
        alice.sync()
    with link.at_the_client():
        reader = here.client("reader", "#lobby", caps=CAPS)
    reader.send(f"CHATHISTORY LATEST #lobby * {HISTORY}")
    reader.expect(r" BATCH -", deadline=30)
    shown = [line for line in reader.seen if " PRIVMSG #lobby :" in line]
    assert [int(re.search(r" :(\d+) y+$", line)[1]) for line in shown] == list(range(HISTORY))
    assert all(len(tags(line)["+example.org/t"]) == 4000 for line in shown)
