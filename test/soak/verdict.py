"""Compares what the clients were shown with what is stored, and with what the history says."""

import asyncio
import time
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from typing import NamedTuple

from clients import Connection

PAGE = 500


class Stored(NamedTuple):
    """A message in the database."""

    id: str
    channel: str
    text: str
    time: str


class Verdict:
    """Counts, and the first few cases of each."""

    def __init__(self):
        self.counts = Counter()
        self.cases = []

    def add(self, kind, case):
        self.counts[kind] += 1
        if self.counts[kind] <= 5:
            self.cases.append(f"{kind}: {case}")


def judge(record, stored, histories):
    """`stored`: in order; `histories`: [(how it was read, channel, [(id, text)])]."""
    verdict = Verdict()
    by_id = {one.id: one for one in stored}
    for seen in record.seen.values():
        found = by_id.get(seen.id)
        if not found or (found.channel, found.text) != (seen.channel, seen.text):
            verdict.add("missing", f"{seen} is stored as {found}")
        elif found.time != seen.time:
            verdict.add("dated otherwise", f"{seen} is stored as {found}")
    for seen in record.dated_ahead:
        verdict.add("dated ahead", seen)
    times = Counter(token_of(one.text) for one in stored)
    for token, count in times.items():
        if count > 1:
            verdict.add("doubled", f"{token} is stored {count} times")
    judge_order(verdict, record)
    judge_sessions(verdict, record)
    judge_newcomers(verdict, record)
    judge_answers(verdict, record, set(times))
    for how, channel, messages in histories:
        kept = [(one.id, one.text) for one in stored if one.channel == channel]
        judge_history(verdict, record, f"{channel} {how}", messages, kept)
    return verdict


def token_of(text):
    return text.split(" ", 1)[0]


def judge_order(verdict, record):
    """What was said after something had been shown, to anybody, comes after it in the history."""
    said = sorted(((record.sent[token].at, seen) for token, seen in record.seen.items() if token in record.sent),
                  key=lambda pair: pair[0])
    shown = sorted(record.seen.values(), key=lambda seen: seen.at)
    last = {}  # by channel: the largest id shown so far
    number = 0
    for at, seen in said:
        while number < len(shown) and shown[number].at < at:
            earlier = shown[number]
            last[earlier.channel] = max(last.get(earlier.channel, ""), earlier.id)
            number += 1
        if seen.id < last.get(seen.channel, ""):
            verdict.add("out of order", f"{seen} was said when {last[seen.channel]} had been shown")


def judge_newcomers(verdict, record):
    """What a client saw of a channel's past when it joined, and what it was shown from then on: of what others were
    shown nothing is missing in between, and what it was shown without asking it was shown once."""
    ids = defaultdict(list)
    for seen in record.seen.values():
        ids[seen.channel].append(seen.id)
    for all_ids in ids.values():
        all_ids.sort()
    for session in record.sessions:
        for channel, past in session.past.items():
            if len(set(past)) != len(past):
                verdict.add("newcomer shown twice", f"{session.nick} in {channel}")
            if not past:
                continue
            known = {*past, *(seen.id for seen in session.shown[channel])}
            here = ids[channel]
            between = here[bisect_left(here, min(past)):bisect_right(here, max(known))]
            if gap := [id for id in between if id not in known]:
                verdict.add("newcomer's gap", f"{session.nick} in {channel} did not see {len(gap)}, e.g. {gap[0]}")


def judge_sessions(verdict, record):
    """Each was shown each message once, in the order of ids, and none was left out in between."""
    order = defaultdict(list)
    for seen in record.seen.values():
        order[seen.channel].append(seen.id)
    place = {channel: {id: number for number, id in enumerate(sorted(ids))} for channel, ids in order.items()}
    shown_to = defaultdict(set)
    for session in record.sessions:
        client = session.nick.split("_")[0]
        for channel, shown in session.shown.items():
            last = None
            for seen in shown:
                if seen.id in shown_to[client]:
                    verdict.add("doubled", f"{session.nick} was shown {seen} twice")
                shown_to[client].add(seen.id)
                here = place[channel].get(seen.id, -1)
                if last is not None and here < last:
                    verdict.add("out of order", f"{session.nick} was shown {seen} too late")
                elif last is not None and here > last + 1:
                    verdict.add("skipped", f"{session.nick} was not shown {here - last - 1} messages before {seen}")
                last = here


def judge_answers(verdict, record, stored_tokens):
    for token, sent in record.sent.items():
        if sent.answer == "refused":
            if token in record.seen:
                verdict.add("refused but shown", record.seen[token])
            if token in stored_tokens:
                verdict.add("refused but stored", f"{token} of {sent.session.nick}")
        elif not sent.answer and not sent.session.over:
            verdict.add("unanswered", f"{token} of {sent.session.nick}")


def judge_history(verdict, record, where, messages, kept):
    """It is what the database holds; only what nobody was shown may have come there unnoticed."""
    if messages == kept:
        return
    shown = {seen.id for seen in record.seen.values()}
    ids = [id for id, _ in messages]
    if len(set(ids)) != len(ids):
        verdict.add("doubled", f"in the history of {where}")
    elif sorted(ids) != ids:
        verdict.add("out of order", f"the history of {where}")
    for id, text in set(messages) ^ set(kept):
        if id in shown:
            verdict.add("missing", f"{id} {text!r} differs in the history of {where}")
        else:
            verdict.counts["not in every history, shown to nobody"] += 1


async def read_histories(port, channels):
    """Pages through all channels, forwards and backwards."""
    connection = await Connection.open(port, "historian")
    await connection.join(channels)
    await readable(connection, channels[0])
    histories = []
    for channel in channels:
        messages, place = [], "timestamp=1970-01-01T00:00:00.000Z"
        while page := await answer(connection, f"AFTER {channel} {place} {PAGE}"):
            messages += page
            place = f"msgid={page[-1][0]}"
        histories.append(("forwards", channel, messages))
        messages = page = await answer(connection, f"LATEST {channel} * {PAGE}")
        while page := page and await answer(connection, f"BEFORE {channel} msgid={page[0][0]} {PAGE}"):
            messages = page + messages
        histories.append(("backwards", channel, messages))
    connection.close()
    return histories


async def readable(connection, channel, seconds=5):
    """The database is back; waits until the server reads the past again."""
    deadline = time.monotonic() + seconds
    while await settled(connection, question := f"LATEST {channel} * 1") is None:
        if time.monotonic() > deadline:
            raise RuntimeError(f"no answer to {question} for {seconds} seconds")
        await asyncio.sleep(0.1)


async def answer(connection, question):
    messages = await settled(connection, question)
    if messages is None:
        raise RuntimeError(f"no answer to {question}")
    return messages


async def settled(connection, question):
    """The messages; None if they can't be read now."""
    asked = connection.ask(question)
    while not asked.done():
        line = await connection.read()
        if not connection.collect(line[0], line[2], line[3]) and line[2] == "PING":
            connection.say(f"PONG :{line[3][-1]}")
    return asked.result()
