"""Draws what a verification found: the law of unrelated keys, what is asked for, and the model.

Below it, what damage left of the marks of another model, at the same share of this one's chips.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from .detect import MARKED_LOG10, OWNERSHIP_LOG10, MarkVerdict
from .measured import Damage, Measured, nearest
from .statistics import log10_adjusted, log10_binomial_tail
from .svg import Drawing, width_of, wrapped
from .thresholds import CODES
from .verify import Verification

_WIDTH, _LEFT, _RIGHT, _EDGE = 820, 224, 660, 20
_LAW_TOP, _LAW_HEIGHT, _ROW = 116, 96, 23
_MOST_BARS = 24
_NOTE = (
    "This shows that a key fits, or that it does not. Whoever knows of a mark can remove it, and "
    "it says nothing about whether the file was altered."
)


class Axis(NamedTuple):
    """What a verification counted, and where numbers of matches are drawn.

    Attributes:
        trials: Chips or nodes.
        chance: Probability that one matches by chance.
        unit: What they are called.
        hypotheses: How many were tried.
    """

    trials: int
    chance: float
    unit: str
    hypotheses: int

    @property
    def linear(self) -> bool:
        """Whether matches are drawn as they are; else by their logarithm."""
        return self.chance == 0.5

    @property
    def low(self) -> int:
        """The least number of matches that is drawn."""
        return self.trials // 4 if self.linear else 0

    def at(self, matches: float) -> float:
        """Return where a number of matches is, in pixels."""
        if self.linear:
            share = (matches - self.low) / max(1, self.trials - self.low)
        else:
            share = math.log1p(matches) / math.log1p(max(1, self.trials))
        return _LEFT + (_RIGHT - _LEFT) * min(1.0, max(0.0, share))

    def log10_p(self, matches: int, trials: int) -> float:
        """Return the corrected chance of as many matches, as a power of ten."""
        tail = log10_binomial_tail(trials, matches, self.chance)
        return log10_adjusted(tail, self.hypotheses)

    def least(self, log10_p: float) -> int | None:
        """Return how many matches a chance needs; None when all are too few."""
        low, high = 0, self.trials + 1
        while low < high:
            middle = (low + high) // 2
            if middle > self.trials or self.log10_p(middle, self.trials) <= log10_p:
                high = middle
            else:
                low = middle + 1
        return low if low <= self.trials else None


def plot(found: Verification, name: str) -> str:
    """Return an SVG file of a verification.

    Args:
        found: The verification.
        name: What the model is called.
    """
    fragile = found.scheme != "stdm-1"
    chance = 1.0 / CODES if found.scheme == "tree-threshold-1" else 0.5
    unit = "distinct nodes" if fragile else "chips"
    axis = Axis(found.score.chips, chance, unit, found.hypotheses)
    measured = nearest(found.scheme, found.score.delta)
    drawing = Drawing(_WIDTH)
    said = _heading(drawing, found, axis, name)
    rows = [row for row in measured.damages if axis.trials]
    bottom = _LAW_TOP + _LAW_HEIGHT + 30 + _ROW * (len(rows) + 2)
    lines = _thresholds(drawing, axis, bottom)
    _law(drawing, axis)
    _model(drawing, found, axis)
    told = [_damage(drawing, axis, row, place) for place, row in enumerate(rows)]
    _ticks(drawing, axis, bottom)
    end = _notes(drawing, measured, bottom + 52)
    sentences = [*said, *lines, f"On {measured.model}, {measured.when}: {'; '.join(told)}", _NOTE]
    title = f"Watermark of {name[-80:]}: {found.verdict.replace('_', ' ')}"
    return drawing.finished(end, title, ". ".join(one.rstrip(".") for one in sentences) + ".")


def power(log10_p: float) -> str:
    """Return a chance that is given as its power of ten, for a person to read."""
    if log10_p > -3:
        return f"{10**log10_p:.2g}"
    return f"10^{log10_p:.0f}" if log10_p > -99_999 else "<10^-99999"


def _heading(drawing: Drawing, found: Verification, axis: Axis, name: str) -> list[str]:
    best = found.score
    verdict = found.verdict.replace("_", " ")
    short = name if len(name) <= 60 else f"...{name[-57:]}"
    drawing.text(_EDGE, 30, f"{short}: {verdict}", size=17, bold=True)
    said = f"{best.matches:,} of {axis.trials:,} {axis.unit} match"
    if best.z is not None:
        said += f"; with anchors z = {best.z:.1f}"
    tried = f"corrected for {_many(found.hypotheses)}"
    said = f"{said}; chance {power(found.log10_p)}, {tried}"
    label = "fragile-tracing: for telling copies apart, never ownership"
    drawing.text(_EDGE, 50, said, look="soft")
    if found.scheme != "stdm-1":
        drawing.text(_EDGE, 68, label, look="soft")
        return [said, label]
    return [said]


def _many(hypotheses: int) -> str:
    if hypotheses == 1:
        return "1 hypothesis"
    if hypotheses < 10**6:
        return f"{hypotheses:,} hypotheses"
    return f"about 2^{hypotheses.bit_length() - 1} hypotheses"


def _thresholds(drawing: Drawing, axis: Axis, bottom: float) -> list[str]:
    """Draw what is asked for; return it in words."""
    asked = [("marked", MARKED_LOG10, "10^-12")]
    if axis.linear and axis.unit == "chips":
        asked.append(("beyond a search for keys", OWNERSHIP_LOG10, "2^-64"))
    said = []
    for place, (what, log10_p, chance) in enumerate(asked):
        least, y = axis.least(log10_p), _LAW_TOP - 6 - 16 * place
        if least is None:
            text = f"{what} ({chance}): out of reach for {axis.trials} {axis.unit}"
            drawing.text(_RIGHT, y, text, look="soft", anchor="end")
        else:
            text = f"{what} ({chance}): {least:,} or more"
            x = axis.at(least)
            drawing.line(x, y - 10, x, bottom, look="bar")
            right = x + 6 + width_of(text) < _WIDTH - _EDGE and not axis.linear
            drawing.text(x + (6 if right else -6), y, text, look="soft",
                         anchor="start" if right else "end")  # fmt: skip
        said.append(text)
    return said


def _law(drawing: Drawing, axis: Axis) -> None:
    base = _LAW_TOP + _LAW_HEIGHT
    for place, text in enumerate(_law_in_words(axis)):
        drawing.text(_EDGE, _LAW_TOP + 22 + 17 * place, text, look="soft" if place else "ink")
    drawing.line(_LEFT, base, _RIGHT, base)
    law = list(_probabilities(axis))
    most = max((value for _, value in law), default=1.0)
    height = (_LAW_HEIGHT - 8) / most
    if axis.linear:
        points = [(axis.at(matches), base - value * height) for matches, value in law]
        drawing.area([(points[0][0], base), *points, (points[-1][0], base)], look="law")
        return
    for matches, value in law:
        drawing.rectangle(
            axis.at(matches) - 2, base - value * height, 4, value * height, look="law"
        )


def _law_in_words(axis: Axis) -> list[str]:
    due = axis.trials * axis.chance
    what = "1/2" if axis.linear else "1/65536"
    number = f"{due:,.0f}" if due >= 10 else f"{due:.2g}"
    law = f"Binomial({axis.trials:,}, {what}):"
    return ["Keys unrelated to the model", law, f"{number} matches expected"]


def _probabilities(axis: Axis) -> Iterator[tuple[int, float]]:
    """Yield numbers of matches with their probabilities, relative to that of the likeliest."""
    trials, chance = axis.trials, axis.chance
    centre = min(trials, int((trials + 1) * chance))
    last = trials if axis.linear else min(trials, centre + _MOST_BARS)
    step = max(1, (last - axis.low) // 400)
    for matches in range(axis.low, last + 1, step):
        odds = (matches - centre) * (math.log(chance) - math.log1p(-chance))
        ways = _log_ways(trials, matches) - _log_ways(trials, centre)
        value = math.exp(min(0.0, ways + odds))
        if value > 1e-4:
            yield matches, value


def _log_ways(trials: int, matches: int) -> float:
    return (
        math.lgamma(trials + 1) - math.lgamma(matches + 1) - math.lgamma(trials - matches + 1)
    )  # fmt: skip


def _model(drawing: Drawing, found: Verification, axis: Axis) -> None:
    y = _LAW_TOP + _LAW_HEIGHT + 26
    look = "own" if found.verdict is MarkVerdict.MARKED else "own no"
    drawing.text(_LEFT - 14, y + 4, "this model", bold=True, anchor="end")
    drawing.line(_LEFT, y, _RIGHT, y)
    drawing.diamond(axis.at(found.score.matches), y, look=look)
    _numbers(drawing, y, axis, found.score.matches, axis.trials)
    drawing.text(_RIGHT + 62, y - 20, "match", look="soft", anchor="end")
    drawing.text(_WIDTH - _EDGE, y - 20, "chance", look="soft", anchor="end")
    drawing.text(_EDGE, y + 28, "Damage measured on another model", look="soft")


def _numbers(drawing: Drawing, y: float, axis: Axis, matches: int, trials: int) -> None:
    share = matches / trials if trials else 0.0
    drawing.text(_RIGHT + 62, y + 4, f"{share:.0%}", look="soft", anchor="end")
    chance = power(axis.log10_p(matches, trials)) if trials else "1"
    drawing.text(_WIDTH - _EDGE, y + 4, chance, look="soft", anchor="end")


def _damage(drawing: Drawing, axis: Axis, row: Damage, place: int) -> str:
    """Draw where one kind of damage would leave this model; return it in words."""
    y = _LAW_TOP + _LAW_HEIGHT + 30 + _ROW * (place + 2) - 4
    trials = max(1, round(axis.trials * row.left))
    matches = round(trials * row.share)
    lost = axis.log10_p(matches, trials) > MARKED_LOG10
    drawing.text(_LEFT - 14, y + 4, row.title, anchor="end")
    drawing.line(_LEFT, y, _RIGHT, y)
    drawing.dot(axis.at(matches / row.left if axis.linear else matches), y,
                look="bad" if lost else "good", hollow=lost)  # fmt: skip
    _numbers(drawing, y, axis, matches, trials)
    expected = ", as is to be expected" if row.expected else ""
    return f"{row.title}, {row.share:.0%} match{expected}" + (", lost" if lost else "")


def _ticks(drawing: Drawing, axis: Axis, bottom: float) -> None:
    drawing.line(_LEFT, bottom, _RIGHT, bottom)
    for matches in _tick_places(axis):
        x = axis.at(matches)
        drawing.line(x, bottom, x, bottom + 5)
        drawing.text(x, bottom + 19, f"{matches:,}", look="soft", anchor="middle")
    drawing.text(_LEFT - 30, bottom + 19, f"matching {axis.unit}", look="soft", anchor="end")


def _tick_places(axis: Axis) -> list[int]:
    if axis.linear:
        places = [axis.low + (axis.trials - axis.low) * step // 3 for step in range(4)]
        return sorted(set(places))
    room = axis.at(axis.trials) - width_of(f"{axis.trials:,}")
    found, end = [], 0.0
    for matches in [0, *(10**power_ for power_ in range(12))]:
        half = width_of(f"{matches:,}") / 2
        if end < axis.at(matches) - half and axis.at(matches) + half < room:
            found.append(matches)
            end = axis.at(matches) + half
    return [*found, axis.trials]


def _notes(drawing: Drawing, measured: Measured, y: float) -> float:
    expected = [row.title for row in measured.damages if row.expected]
    step = f", step {measured.delta:g}" if measured.delta else ""
    about = (
        f"Dots: {measured.model}{step}, measured {measured.when} and drawn at the same share here; "
        "rings are below what is asked for. Another model may bear more or less. Not measured, as "
        f"it follows from the scheme: {', '.join(expected)}."
    )
    for line in [*wrapped(about, _WIDTH - 2 * _EDGE, 11), *wrapped(_NOTE, _WIDTH - 2 * _EDGE, 11)]:
        drawing.text(_EDGE, y, line, size=11, look="soft")
        y += 16
    return y
