"""A line for each attack."""

HEAD = ("attack", "p50", "p99 before", "p50", "p99", "max ms", "peak MB", "CPU s", "of s", "sent kB", "recv MB",
        "disk MB")
WIDTHS = (30, 7, 11, 9, 9, 9, 8, 7, 6, 9, 8, 8)


def _line(cells):
    return "".join(cell.ljust(width) if at == 0 else cell.rjust(width)
                   for at, (cell, width) in enumerate(zip(cells, WIDTHS)))


def head():
    return _line(HEAD)


def _ms(latency, which):
    return "-" if latency is None else f"{latency[which] * 1000:.1f}"


def lines(result):
    """What is printed of one attack."""
    if "during" in result:
        before, during = result["before"], result["during"]
        yield _line((
            result["attack"], _ms(before, "p50"), _ms(before, "p99"), _ms(during, "p50"), _ms(during, "p99"),
            _ms(during, "max"), f"{result['memory_peak'] / 1e6:.1f}", f"{result['cpu_seconds']:.1f}",
            f"{result['seconds']:.1f}", f"{result['sent'] / 1e3:.0f}", f"{result['received'] / 1e6:.1f}",
            f"{result['disk'] / 1e6:.1f}"))
        ends = [f"{count} × {reason}" for reason, count in sorted(result["ends"].items(), key=lambda end: -end[1])]
        if ends:
            yield f"    closed: {', '.join(ends[:4])}"
        for one in result["figures"]:
            bound = "" if one["at_most"] is None else f" (at most {one['at_most']:g})"
            yield f"    {one['name']}: {one['value']:g}{bound}"
    else:
        yield result["attack"]
    for broken in result["broken"]:
        yield f"    FAILED: {broken}"
