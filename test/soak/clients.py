"""The load: clients that talk and listen, come back when they are cut off, and write down all they are shown."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

CAPABILITIES = "message-tags server-time echo-message labeled-response batch standard-replies"
# Who has this as well asks for the past, and is not shown it when it joins.
HISTORY = "draft/chathistory"
# Who is shown something looks it up in the history when it comes back: how much before and after it.
AROUND = 20
# Who joins a channel looks at the end of its past: how much of it.
LATEST = 50
# How much later than the wall clock a message may be dated, in seconds.
AHEAD = 5 * 60 + 1


@dataclass(slots=True)
class Seen:
    """A message, as it was first shown to anybody."""

    id: str
    channel: str
    text: str
    time: str  # as it was dated
    at: float  # monotonic


@dataclass(slots=True)
class Sent:
    """A message, as its sender knows it."""

    channel: str
    line: str  # without its label
    at: float  # monotonic; of the last time, if it was said again
    session: "Session"
    answer: str = ""  # "echo", "refused", or nothing


@dataclass
class Record:
    """What happened, for the verdict."""

    clock: "Clock"  # the server's
    sent: dict[str, Sent] = field(default_factory=dict)  # by token
    seen: dict[str, Seen] = field(default_factory=dict)  # by token
    sessions: list["Session"] = field(default_factory=list)
    received: int = 0
    wrong: list[str] = field(default_factory=list)  # what no server may do
    dated_ahead: list[Seen] = field(default_factory=list)
    partings: dict[str, int] = field(default_factory=dict)  # the server's ERROR lines
    looked_up: int = 0
    unavailable: int = 0  # look-ups that the server could not answer
    slowest: float = 0.0  # seconds from sending to receiving
    latencies: list[tuple[float, float]] | None = None  # (when received, seconds since it was sent)

    again: int = 0  # refused messages that were said again
    past_unavailable: int = 0  # joins at which the past could not be shown

    def shown(self, session, tags, channel, text):
        """The message as all know it."""
        token, msgid, now = text.split(" ", 1)[0], tags["msgid"], time.monotonic()
        seen = self.seen.get(token)
        if seen is None:
            seen = self.seen[token] = Seen(msgid, channel, text, tags["time"], now)
            if token not in self.sent:
                self.wrong.append(f"{session.nick} was shown what nobody sent: {text!r}")
            if tags["time"] > time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(self.clock.latest() + AHEAD)):
                self.dated_ahead.append(seen)
        elif (seen.id, seen.channel, seen.text, seen.time) != (msgid, channel, text, tags["time"]):
            self.wrong.append(f"{session.nick} was shown {token} as {msgid} of {tags['time']} in {channel}, others as "
                              f"{seen.id} of {seen.time} in {seen.channel}")
        self.received += 1
        return seen

    def live(self, session, tags, channel, text):
        seen = self.shown(session, tags, channel, text)
        session.shown[channel].append(seen)
        if sent := self.sent.get(text.split(" ", 1)[0]):
            now = time.monotonic()
            self.slowest = max(self.slowest, now - sent.at)
            if self.latencies is not None:
                self.latencies.append((now, now - sent.at))


@dataclass(eq=False)
class Session:
    """One connection's life."""

    nick: str
    shown: dict[str, list[Seen]]  # by channel: live
    past: dict[str, list[str]]  # by channel: the ids of what it was shown when it joined; or of all that it was shown
    to_join: Iterator[str]  # the channels that it is not in yet
    joined: bool = False  # all of them
    unanswered: set[str] = field(default_factory=set)  # tokens
    over: bool = False


def parse(line):
    """(tags, source, command, parameters)"""
    tags = {}
    if line[:1] == "@":
        written, line = line[1:].split(" ", 1)
        tags = dict(tag.partition("=")[::2] for tag in written.split(";"))
    source = ""
    if line[:1] == ":":
        source, line = line[1:].split(" ", 1)
    head, colon, trailing = line.partition(" :")
    words = head.split()
    return tags, source, words[0], words[1:] + ([trailing] if colon else [])


class Connection:
    """A registered client: what it is asked for, and what it is answered."""

    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer
        self.batches = {}  # reference: (label, messages), while open
        self.asked = {}  # label: a future for the messages, or None if the server could not answer

    @classmethod
    async def open(cls, port, nick, capabilities=f"{CAPABILITIES} {HISTORY}"):
        self = cls(*await asyncio.open_connection("127.0.0.1", port, limit=1 << 18))
        try:
            self.say(f"CAP REQ :{capabilities}", f"NICK {nick}", f"USER {nick} 0 * :{nick}", "CAP END")
            await self.until("001")
        except BaseException:
            self.close()
            raise
        return self

    def say(self, *lines):
        self.writer.write("".join(line + "\r\n" for line in lines).encode())

    def close(self):
        self.writer.transport.abort()

    async def read(self):
        line = await self.reader.readline()
        if not line:
            raise ConnectionError("closed")
        return parse(line.decode().rstrip("\r\n"))

    async def until(self, command):
        while (line := await self.read())[2] != command:
            if line[2] == "ERROR":
                raise ConnectionError(line[3][-1])

    async def join(self, channels):
        for channel in channels:
            self.say(f"JOIN {channel}")
            await self.until("366")

    def ask(self, question):
        label = f"ask{len(self.asked)}"
        self.asked[label] = asyncio.get_running_loop().create_future()
        self.say(f"@label={label} CHATHISTORY {question}")
        return self.asked[label]

    def collect(self, tags, command, params):
        """Whether the line belongs to an answer to `ask`."""
        label = tags.get("label")
        if command == "BATCH":
            if params[0][0] == "+":
                self.batches[params[0][1:]] = (label, [])
            else:
                label, messages = self.batches.pop(params[0][1:])
                if label in self.asked:
                    self.asked[label].set_result(messages)
            return True
        if tags.get("batch") in self.batches:
            label, messages = self.batches[tags["batch"]]
            if command in ("PRIVMSG", "NOTICE"):
                messages.append((tags["msgid"], params[1]))
            return label is not None
        if command == "FAIL" and label in self.asked:
            self.asked[label].set_result(None if params[1] == "MESSAGE_ERROR" else [])
            return True
        return False


class Client:
    def __init__(self, record, name, port, channels, rate, rng, asks=True):
        self.record = record
        self.name = name
        self.port = port
        self.channels = channels
        self.rate = rate  # messages a second; 0: it only listens
        self.rng = rng
        self.asks = asks  # for the past; else it is shown some of it when it joins
        self.count = 0
        self.again = deque()  # tokens
        self.connections = 0
        self.talking = asyncio.Event()
        self.session = None
        self.last = {}  # by channel: the last message it was shown in an earlier session

    async def run(self):
        while True:
            try:
                await self.take_part()
            except (OSError, asyncio.IncompleteReadError):
                pass
            await asyncio.sleep(self.rng.uniform(0.05, 0.3))

    async def take_part(self):
        self.connections += 1
        nick = f"{self.name}_{self.connections}"  # its last nick may not be free yet
        capabilities = f"{CAPABILITIES} {HISTORY}" if self.asks else CAPABILITIES
        connection = await Connection.open(self.port, nick, capabilities)
        session = Session(nick, {channel: [] for channel in self.channels}, {}, iter(self.channels))
        self.record.sessions.append(session)
        self.again.clear()
        others = []
        try:
            if not self.asks:
                session.past = {channel: [] for channel in self.channels}
            connection.say(f"JOIN {next(session.to_join)}")
            while not session.joined:
                self.hear(connection, session, *await connection.read())
            self.session = session
            if self.asks:
                others += [asyncio.create_task(self.look_back(connection, session)),
                           asyncio.create_task(self.look_up(connection))]
            if self.rate:
                others.append(asyncio.create_task(self.talk(connection, session)))
            while True:
                self.hear(connection, session, *await connection.read())
        finally:
            session.over = True
            for channel, shown in session.shown.items():
                if shown:
                    self.last[channel] = shown[-1]
            for other in others:
                other.cancel()
            connection.close()

    def hear(self, connection, session, tags, source, command, params):
        if connection.collect(tags, command, params):
            return
        label = tags.get("label")
        if command == "NOTICE" and params[0][0] != "#":  # the server, about a channel's past
            self.record.past_unavailable += 1
        elif command in ("PRIVMSG", "NOTICE"):
            if self.asks:
                self.record.live(session, tags, *params)
            else:
                session.past[params[0]].append(self.record.shown(session, tags, *params).id)
            if source.startswith(session.nick + "!"):
                self.answered(session, label, "echo")
        elif command == "FAIL" and params[1] == "MESSAGE_NOT_STORED":
            self.answered(session, label, "refused")
            self.again.append(label)
        elif command == "366":  # end of NAMES: it has joined
            if channel := next(session.to_join, None):
                connection.say(f"JOIN {channel}")
            else:
                session.joined = True
        elif command == "PING":
            connection.say(f"PONG :{params[-1]}")
        elif command == "ERROR":
            self.record.partings[params[-1]] = self.record.partings.get(params[-1], 0) + 1
        elif command == "FAIL" or label:
            self.record.wrong.append(f"{session.nick} was told {command} {params}")

    def answered(self, session, token, answer):
        if token not in session.unanswered:
            self.record.wrong.append(f"{session.nick} was answered what it did not ask: {token} {answer}")
            return
        session.unanswered.discard(token)
        self.record.sent[token].answer = answer

    async def talk(self, connection, session):
        """Sends at its rate, whatever comes back; TCP slows it down when the server does not read."""
        due = time.monotonic()
        while True:
            due = max(due + self.rng.expovariate(self.rate), time.monotonic() - 1)
            await asyncio.sleep(max(0, due - time.monotonic()))
            await self.talking.wait()
            if self.again and self.rng.random() < 0.5:
                token = self.again.popleft()
                self.record.again += 1
                sent = self.record.sent[token]
                sent.at, sent.session, sent.answer = time.monotonic(), session, ""
            else:
                self.count += 1
                token = f"{self.name}.{self.count}"
                channel = self.rng.choice(self.channels)
                command = "NOTICE" if self.rng.random() < 0.1 else "PRIVMSG"
                sent = Sent(channel, f"{command} {channel} :{token} {self.words()}", time.monotonic(), session)
                self.record.sent[token] = sent
            session.unanswered.add(token)
            connection.say(f"@label={token} {sent.line}")
            await connection.writer.drain()

    def words(self):
        some = ["seen", "means", "kept", "{a,\"b\"}", "it's", "\\n", "NULL", "ünï", "…", "\\.", "$1", "100%"]
        return " ".join(self.rng.choices(some, k=self.rng.randrange(40)))

    async def look_back(self, connection, session):
        """What was said before it joined, and what is said from then on: together they are all."""
        for channel in self.channels:
            if (found := await connection.ask(f"LATEST {channel} * {LATEST}")) is not None:
                session.past[channel] = [id for id, _ in found]

    async def look_up(self, connection):
        """What it was shown before it was cut off is in the history at once, wherever that is kept now."""
        for channel, seen in list(self.last.items()):
            found = await connection.ask(f"AROUND {channel} msgid={seen.id} {AROUND}")
            if found is None:
                self.record.unavailable += 1
                continue
            self.record.looked_up += 1
            if (seen.id, seen.text) not in found:
                self.record.wrong.append(f"{seen.id} {seen.text!r} was shown, and is not in the history of {channel}: "
                                         f"{found}")


def make(record, port, options, seed):
    """The clients that the options ask for: all are in all channels."""
    channels = [f"#soak{number}" for number in range(options.channels)]
    clients = []
    for kind, count, rate in (("talker", options.senders, options.rate / max(1, options.senders)),
                              ("listener", options.listeners, 0)):
        for number in range(count):
            asks = kind == "talker" or number % 3 != 0
            clients.append(Client(record, f"{kind}{number}", port, channels, rate,
                                  random.Random(f"{seed} {kind} {number}"), asks))
    return clients
