"""Bars, as SVG that grows with the page: lengths are percentages, colours are classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .text import count, plain

_ROW, _BAR, _RADIUS = 38, 10, 3
_SHORTEST = 0.8


class Bar(NamedTuple):
    """One bar.

    Attributes:
        label: What it stands for.
        number: How many there are.
        kind: Class that colours it.
    """

    label: str
    number: int
    kind: str = "neutral"


def bars(name: str, title: str, noun: str, data: Sequence[Bar], most: int = 8) -> str:
    """Return a chart of horizontal bars.

    Args:
        name: Identifies it in the page.
        title: What it shows.
        noun: What is counted.
        data: The bars, in order.
        most: Bars that are drawn; the rest become one.
    """
    if len(data) > most:
        rest = data[most - 1 :]
        data = [*data[: most - 1], Bar(f"{len(rest)} more", sum(bar.number for bar in rest))]
    if not data:
        return _panel(name, title, f'<p class="muted">No {plain(noun)}s.</p>')
    longest = max(1, *(bar.number for bar in data))
    said = "; ".join(f"{bar.label}: {count(bar.number, noun)}" for bar in data)
    rows = "".join(_row(bar, index * _ROW, longest) for index, bar in enumerate(data))
    height = len(data) * _ROW - 6
    return _panel(
        name,
        title,
        f'<svg width="100%" height="{height}" role="img" aria-labelledby="{name}-t {name}-d">'
        f'<title id="{name}-t">{plain(title)}</title><desc id="{name}-d">{plain(said)}</desc>'
        f"{rows}</svg>",
    )


def _row(bar: Bar, top: int, longest: int) -> str:
    width = max(_SHORTEST, 100 * bar.number / longest) if bar.number else 0
    return (
        f'<text class="label" x="0" y="{top + 13}">{plain(bar.label, 40)}</text>'
        f'<text class="figure" x="100%" y="{top + 13}" text-anchor="end">{bar.number:,}</text>'
        f'<rect class="track" x="0" y="{top + 19}" width="100%" height="{_BAR}" rx="{_RADIUS}"/>'
        f'<rect class="bar {bar.kind}" x="0" y="{top + 19}" width="{width:.2f}%" '
        f'height="{_BAR}" rx="{_RADIUS}"/>'
    )


def _panel(name: str, title: str, body: str) -> str:
    caption = f"<figcaption>{plain(title)}</figcaption>"
    return f'<figure class="panel" id="{name}">{caption}{body}</figure>\n'


def stack(name: str, title: str, noun: str, data: Sequence[Bar]) -> str:
    """Return one bar that is divided among its parts, with a legend below it."""
    total = sum(bar.number for bar in data)
    if not total:
        return ""
    parts, legend, left = [], [], 0.0
    for bar in data:
        if not bar.number:
            continue
        width = 100 * bar.number / total
        parts.append(
            f'<rect class="bar {bar.kind}" x="{left:.2f}%" y="0" width="{width:.2f}%" height="14"/>'
        )
        legend.append(
            f'<li><span class="dot {bar.kind}"></span>{plain(bar.label)} <b>{bar.number:,}</b></li>'
        )
        left += width
    said = ", ".join(f"{bar.label} {count(bar.number, noun)}" for bar in data if bar.number)
    return (
        f'<svg class="stack" width="100%" height="14" role="img" aria-labelledby="{name}-t">'
        f'<title id="{name}-t">{plain(title)}: {plain(said)}</title>{"".join(parts)}</svg>'
        f'<ul class="legend">{"".join(legend)}</ul>'
    )
