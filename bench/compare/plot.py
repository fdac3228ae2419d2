"""Horizontal bars as SVG, readable on light and dark pages."""

from dataclasses import dataclass
from html import escape

WIDTH = 760
LABELS = 290  # for the names, left of the bars
FIGURES = 80  # for the numbers, right of the longest bar
BAR = 18
STEP = 26
TITLE = 40
OURS = "#c8553d"
THEIRS = "#588b8b"
FLOOR = "#a0a0a0"


@dataclass(frozen=True)
class Panel:
    title: str
    bars: list  # of (name, value)
    places: int  # after the decimal point


def _colour(name):
    return OURS if name.startswith("Troupe") else FLOOR if name == "floor" else THEIRS


def _panel(panel, top):
    parts = [f'<text class="title" x="0" y="{top + 24}">{escape(panel.title)}</text>']
    longest = max((value for _, value in panel.bars), default=0) or 1
    for i, (name, value) in enumerate(panel.bars):
        y = top + TITLE + i * STEP
        length = (WIDTH - LABELS - FIGURES) * value / longest
        parts += [
            f'<text text-anchor="end" x="{LABELS - 8}" y="{y + 14}">{escape(name)}</text>',
            f'<rect x="{LABELS}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{_colour(name)}"/>',
            f'<text x="{LABELS + length + 6:.1f}" y="{y + 14}">{value:,.{panel.places}f}</text>',
        ]
    return parts


def plot(panels):
    """One panel below the other; those without bars are left out."""
    parts, top = [], 0
    for panel in panels:
        if panel.bars:
            parts += _panel(panel, top)
            top += TITLE + len(panel.bars) * STEP + 16
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" height="{top}">\n'
            "<style>text { font: 13px sans-serif; fill: #222 } .title { font-weight: bold }\n"
            "@media (prefers-color-scheme: dark) { text { fill: #ddd } }</style>")
    return "\n".join([head, *parts, "</svg>"]) + "\n"
