"""Writes what was measured: Markdown tables between two markers of a document, and a plot beside it."""

from pathlib import Path

from .plot import Panel, plot

BEGIN = "<!-- scripts/compare writes from here"
END = "<!-- to here -->"
CPU = "server_cpu_us_per_delivery"
RATE = "deliveries_per_second"


def _number(value, places=0, scale=1.0):
    return "–" if value is None else f"{value * scale:,.{places}f}"


def _times(value):
    return "–" if value is None else f"{value:.2f} ×"


def _table(head, rows):
    """A Markdown table, whose first column is text."""
    lines = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def _name(server, results, case):
    failure = results.failure(server.name, case)
    return f"{server.title} ({failure})" if failure and failure != "not measured" else server.title


def _measured(servers, results, case):
    return [s for s in servers if results.failure(s.name, case) != "not measured"]


def _fanout_table(servers, results, case):
    # What it is set in relation to: the version before is each server's own like.
    others = {"to the floor": lambda _: "floor", "to InspIRCd": lambda _: "inspircd"}
    if any(server.name.startswith("before-") for server in servers):
        others["to the version before"] = lambda server: server.before
    head = ["", "deliveries/s", *others, "CPU µs/delivery", *others, "p50 ms", "p99 ms", "peak MB"]
    rows = []
    for server in _measured(servers, results, case):
        def median(path, name=server.name):
            return results.median(name, case, path)

        def to_others(path, server=server):
            return [_times(results.ratio(server.name, other(server), case, path)) for other in others.values()]
        rows.append([
            _name(server, results, case),
            _number(median(RATE)), *to_others(RATE), _number(median(CPU), 3), *to_others(CPU),
            _number(median("latency_us.p50"), 2, 1e-3), _number(median("latency_us.p99"), 2, 1e-3),
            _number(median("memory_bytes.peak"), 1, 1e-6)])
    return _table(head, rows) if rows else ""


def _connections_table(servers, results):
    head = ["", "bytes an idle connection", "joins/s in the storm", "chat's p50 ms meanwhile", "p99 ms", "max ms"]
    rows = []
    for server in servers:
        if all(results.failure(server.name, case) == "not measured" for case in ("idle", "storm")):
            continue
        def median(case, path, name=server.name):
            return results.median(name, case, path)
        rows.append([
            _name(server, results, "storm"),
            _number(median("idle", "memory_bytes.per_connection")),
            _number(median("storm", "joins_per_second")),
            *(_number(median("storm", f"latency_us.{which}"), 2, 1e-3) for which in ("p50", "p99", "max"))])
    return _table(head, rows) if rows else ""


def _notes(servers, results, remarks):
    lines = [f"- {server.title}: {server.note}." for server in servers if server.note]
    for server in servers:
        if any(results.interleaved(server.name, case) for case in ("w1", "w64")):
            lines.append(f"- {server.title}: a channel's members were shown its messages in different orders.")
    return "\n".join(lines + [f"- {remark}." for remark in remarks])


def text(servers, cases, results, *, command, machine, rounds, remarks, picture):
    """The whole part of the document that lies between the markers."""
    about = {case.name: case.title for case in cases}
    parts = [f"Measured by `{command}` on {machine}; medians of {rounds} rounds."]
    for case in ("w1", "w64"):
        if table := _fanout_table(servers, results, case):
            parts += [f"**One channel of 1,000 members, 64-byte texts, {about[case]}:**", table]
    if table := _connections_table(servers, results):
        titles = [about[case] for case in ("idle", "storm") if case in about]
        parts += [f"**{'; '.join(titles).capitalize()}:**", table]
    if notes := _notes(servers, results, remarks):
        parts.append(notes)
    parts.append(f"![The figures of both tables as bars]({picture})")
    return "\n\n".join(parts)


def picture(servers, results):
    """The plot, as SVG."""
    def bars(case, path, scale):
        medians = ((s.title, results.median(s.name, case, path)) for s in servers)
        return [(title, median * scale) for title, median in medians if median is not None]
    return plot([
        Panel("Million deliveries a second, 64 outstanding (more is better)", bars("w64", RATE, 1e-6), 2),
        Panel("CPU µs a delivery, 1 outstanding (less is better)", bars("w1", CPU, 1), 2),
    ])


def insert(document, part):
    """The document with this part between its markers, or at its end if it has none."""
    begin = BEGIN + " -->"
    whole = f"{begin}\n\n{part}\n\n{END}\n"
    start, end = document.find(BEGIN), document.find(END)
    if 0 <= start < end:
        return document[:start] + whole + document[end + len(END):].removeprefix("\n")
    return (document.rstrip("\n") + "\n\n" if document.strip() else "# Performance\n\n") + whole


def write(path, part, svg):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(insert(old, part), encoding="utf-8")
    path.with_suffix(".svg").write_text(svg, encoding="utf-8")
