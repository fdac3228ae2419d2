"""Pairs that chat while others attack, as a process of their own, so that the attackers' work is not in their way.

    python3 -m abuse.pair HOST PORT PAIRS PASSWORD

It says "ready" when all of them are in their channels, chats until its standard input ends, waits for what is not
answered yet, and writes what it saw as JSON."""

import asyncio
import json
import sys
import time

RATE = 8  # messages a second of each one
PATIENCE = 30  # seconds for the last messages


class Chatter:
    """One half of a pair: says a message at each eighth of a second, whether or not the last one has arrived."""

    def __init__(self, number, seen):
        self.number = number
        self.nick = f"pair{number}"
        self.channel = f"#pair{number // 2}"
        self.seen = seen
        self.said = {}  # when, by number, those that have not arrived yet
        self.other = None
        self.invites = 0
        self.strange = 0  # bytes of what others made it be told
        self.ended = ""

    async def enter(self, host, port, password):
        self.reader, self.writer = await asyncio.open_connection(host, port, limit=1 << 20)
        given = f"PASS :{password}\r\n" if password else ""
        self.say(f"{given}NICK {self.nick}\r\nUSER {self.nick} 0 * :{self.nick}")
        await self.until(" 376 ", " 422 ")
        self.say(f"JOIN {self.channel}")
        await self.until(" 366 ")

    def say(self, line):
        self.writer.write(f"{line}\r\n".encode())

    async def until(self, *some):
        while line := (await self.reader.readline()).decode():
            if any(one in line for one in some):
                return
            if line.startswith("ERROR"):
                raise ConnectionError(line)
        raise ConnectionError("closed")

    async def listen(self):
        while line := (await self.reader.readline()).decode(errors="replace"):
            if line.startswith("PING"):
                self.say("PONG" + line[4:].rstrip())
                continue
            if line.startswith("ERROR"):
                self.ended = line.strip()
            head, _, text = line.rstrip().partition(" :")
            if f" PRIVMSG {self.channel}" in head and f":{self.other.nick}!" in head:
                at = self.other.said.pop(int(text), None)
                if at is not None:
                    self.seen.append((at, time.monotonic() - at))
            else:
                self.invites += " INVITE " in line
                self.strange += len(line)
        self.ended = self.ended or "closed"

    async def chat(self, over):
        due = time.monotonic() + self.number / 100
        number = 0
        while not over.is_set() and not self.ended:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            number += 1
            self.said[number] = time.monotonic()
            self.say(f"PRIVMSG {self.channel} :{number}")
            due += 1 / RATE


async def main(host, port, pairs, password):
    seen = []
    all_of_them = [Chatter(number, seen) for number in range(2 * int(pairs))]
    for one in all_of_them:
        one.other = all_of_them[one.number ^ 1]
        await one.enter(host, int(port), password)
    over = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin, over.set)
    listening = [asyncio.create_task(one.listen()) for one in all_of_them]
    print("ready", flush=True)
    await asyncio.gather(*(one.chat(over) for one in all_of_them))
    end = time.monotonic() + PATIENCE
    while any(one.said and not one.other.ended for one in all_of_them) and time.monotonic() < end:
        await asyncio.sleep(0.05)
    now = time.monotonic()
    for task in listening:
        task.cancel()
    missing = [(at, now - at) for one in all_of_them for at in one.said.values()]
    print(json.dumps({"seen": seen, "missing": missing, "ended": [one.ended for one in all_of_them if one.ended],
                      "invites": sum(one.invites for one in all_of_them),
                      "strange": sum(one.strange for one in all_of_them)}))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
