"""What was said can be read again, all of it, once and in its order.

TROUPE_HISTORY=100000 pages through so many messages instead of a few, and `-s` shows how long a page takes:

    TROUPE_HISTORY=100000 scripts/with-postgres python3 -m pytest -s -q test/integration/test_history.py
"""

import os
import re
import time

from irc import tags

MESSAGES = int(os.environ.get("TROUPE_HISTORY", "2000"))
PAGE = 100
CAPS = "message-tags server-time batch draft/chathistory"


def fill(here, count):
    """Says so many messages, and returns their ids as another member was shown them."""
    bob = here.client("bob", "#lobby", caps=CAPS)
    alice = here.client("alice", "#lobby")
    sending = alice.send_meanwhile(*(f"PRIVMSG #lobby :message {n}" for n in range(count)))
    ids = []
    while len(ids) < count:
        line = bob.line()
        if " PRIVMSG #lobby :message " in line:
            ids.append(tags(line)["msgid"])
    sending.join()
    return ids


def page(client, request):
    """The ids of one answer, in its order, and how long it took in milliseconds."""
    started = time.monotonic()
    client.send(f"CHATHISTORY {request} {PAGE}")
    ids = []
    while not re.search(r" BATCH -", line := client.line()):
        if " PRIVMSG " in line:
            ids.append(tags(line)["msgid"])
    return ids, 1000 * (time.monotonic() - started)


def test_paging_backwards_and_forwards_gives_each_message_once(database, server):
    first = server(database=database.url, rate=0)
    ids = fill(first, MESSAGES)
    first.terminate()
    here = server(database=database.url, rate=0)  # it remembers only the latest; the rest comes from the store
    reader = here.client("reader", "#lobby", caps=CAPS)

    backwards, took = [], []
    got, ms = page(reader, "LATEST #lobby *")
    while got:
        took.append(ms)
        backwards[:0] = got
        got, ms = page(reader, f"BEFORE #lobby msgid={got[0]}")
    assert backwards == ids

    forwards, last = [], "timestamp=2000-01-01T00:00:00.000Z"
    got, ms = page(reader, f"AFTER #lobby {last}")
    while got:
        took.append(ms)
        forwards += got
        got, ms = page(reader, f"AFTER #lobby msgid={got[-1]}")
    assert forwards == ids
    took.sort()
    print(f"\n{database.url.split(':')[0]}: {len(took)} pages of {PAGE} from {MESSAGES} messages:"
          f" p50 {took[len(took) // 2]:.2f} ms, p99 {took[len(took) * 99 // 100]:.2f} ms, max {took[-1]:.2f} ms")


def test_a_client_that_knows_times_but_not_how_to_ask_is_shown_the_latest_on_joining(database, server):
    first = server(database=database.url, rate=0)
    ids = fill(first, 30)
    first.terminate()
    here = server(database=database.url, replay=7)
    plain = here.client("plain", "#lobby", caps="server-time message-tags")
    if f"msgid={ids[-1]}" not in plain.seen[-1]:  # JOIN does not wait for what has to be read first
        plain.expect(f"msgid={ids[-1]}")
    assert [tags(line)["msgid"] for line in plain.everything() if " PRIVMSG #lobby " in line] == ids[-7:]
