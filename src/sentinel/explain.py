"""Pseudo-Python of every pickle in an artifact: all of it, or what stands around its findings."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import cast

from .artifacts import Artifact
from .errors import LimitExceeded, SentinelError
from .findings import Line, Listing, Report
from .formats import BY_NAME, Parsed, load
from .formats.identify import identify
from .limits import DEFAULT_LIMITS, Budget, Limits
from .readers import open_file

_MOST_LINES = 160
_HEAD = 24
_AROUND = 8
_TEXT, _STRING = 400, 240
_MOST_LISTINGS = 16
_MOST_PLACES = 32
_TIMEOUT, _LISTING_TIMEOUT = 40.0, 5.0
_PICKLES = "SNT11"
_PRIVATE = "SNT19"

_Places = dict[str, set[int]]


def explain_artifact(artifact: Artifact, budget: Budget, text: int = 80) -> Iterator[str]:
    """Yield the listings, container by container.

    Args:
        artifact: What to explain.
        budget: Limits; what is beyond them is said.
        text: Longest string of a pickle that is shown whole, in characters.
    """
    try:
        formats = identify(artifact).formats
        for name in formats:
            if name == "pickle":
                yield from _pickle(artifact, budget, text)
            elif BY_NAME[name].parse and not BY_NAME[name].within:
                yield from _container(artifact, name, budget, text)
        if not formats:
            yield f"# {artifact.location()}: not a format that is read here"
    except SentinelError as error:
        yield f"# {artifact.location()}: {error.message}"


def _pickle(artifact: Artifact, budget: Budget, text: int) -> Iterator[str]:
    from .formats.pickle.driver import interpret_window
    from .formats.pickle.parse import window_of
    from .formats.pickle.render import render

    yield f"# {artifact.location()}"
    program = interpret_window(window_of(artifact), budget, batch=False, trace=True)
    yield from render(program, text)


def _container(artifact: Artifact, name: str, budget: Budget, text: int) -> Iterator[str]:
    if artifact.depth >= budget.limits.max_depth:
        yield f"# {artifact.location()}: nested too deep"
        return
    parsed = cast("Parsed", load(BY_NAME[name].parse)(artifact, budget))
    for member in parsed.members:
        budget.spend_member()
        child = artifact.child(member.name, member.open())
        if child.reader.size and identify(child, use_name=False).formats:
            yield from explain_artifact(child, budget, text)


def with_listings(report: Report, limits: Limits = DEFAULT_LIMITS) -> Report:
    """Return a report with the code of those of its pickles in which something was found.

    The file is read a second time, so this costs about as much as its scan; a file without findings
    about pickles costs nothing. Where personal data or a credential was found, no code is listed,
    for it would show the value.

    Args:
        report: The report of a file that is still in its place.
        limits: Bounds of the second reading; it takes two minutes at most.
    """
    places = _places(report)
    if not places:
        return report
    budget = Budget(limits._replace(timeout=min(limits.timeout, _TIMEOUT)))
    found: list[Listing] = []
    try:
        with open_file(report.artifact) as reader:
            for listing in _visit(Artifact(report.artifact, reader), (), places, budget):
                if len(found) == _MOST_LISTINGS:
                    found.append(_remark("there are findings in too many pickles"))
                    break
                found.append(listing)
    except SentinelError as error:
        found.append(_remark(error.message))
    except Exception as error:  # the verdict stands, whatever becomes of its illustration
        found.append(_remark(f"an error of our own: {type(error).__name__}"))
    return report._replace(listings=tuple(found))


def _remark(text: str) -> Listing:
    return Listing("", (Line(None, f"# no more code is listed: {text}"),))


def _places(report: Report) -> _Places:
    """Return the offsets of findings about pickles by member; none when values must not be seen."""
    findings = [*report.findings, *(item.finding for item in report.suppressed)]
    if any(finding.rule_id.startswith(_PRIVATE) for finding in findings):
        return {}
    places: _Places = {}
    for finding in findings:
        if finding.rule_id.startswith(_PICKLES):
            for place in finding.locations:
                offsets = places.setdefault(place.member, set())
                if place.offset is not None:
                    offsets.add(place.offset)
    return places


def _visit(
    artifact: Artifact, formats: tuple[str, ...], places: _Places, budget: Budget
) -> Iterator[Listing]:
    """Yield the listings of an artifact and of what lies on the way to the places below it."""
    below = f"{artifact.member}!" if artifact.member else ""
    deeper = any(name.startswith(below) for name in places if name != artifact.member)
    for name in formats or identify(artifact).formats:
        if name == "pickle":
            yield from _visit_pickle(artifact, places, budget, deeper=deeper)
        elif deeper and BY_NAME[name].parse and not BY_NAME[name].within:
            parsed = cast("Parsed", load(BY_NAME[name].parse)(artifact, budget))
            yield from _members(artifact, parsed, places, budget)


def _visit_pickle(
    artifact: Artifact, places: _Places, budget: Budget, *, deeper: bool
) -> Iterator[Listing]:
    from .formats.pickle.context import around
    from .formats.pickle.driver import interpret_window
    from .formats.pickle.parse import parsed, window_of
    from .formats.pickle.render import statements

    program = interpret_window(window_of(artifact), budget, batch=False, trace=True)
    offsets = places.get(artifact.member)
    if offsets is not None:
        # A clock of its own, so that what was interpreted until time ran out is still listed.
        clock = Budget(budget.limits._replace(timeout=_LISTING_TIMEOUT))
        lines, left_out = selected(statements(program, _STRING), offsets, clock)
        opcodes = around(program, sorted(offsets)[:_MOST_PLACES])
        yield Listing(artifact.member, lines, left_out, opcodes)
    if deeper:
        yield from _members(artifact, parsed(artifact, program, budget), places, budget)


def _members(
    artifact: Artifact, parsed: Parsed, places: _Places, budget: Budget
) -> Iterator[Listing]:
    if artifact.depth >= budget.limits.max_depth:
        return
    for member in parsed.members:
        budget.check_time()
        budget.spend_member()
        path = f"{artifact.member}!{member.name}" if artifact.member else member.name
        if path in places or any(name.startswith(f"{path}!") for name in places):
            child = artifact.child(member.name, member.open())
            if child.reader.size:
                yield from _visit(child, member.formats, places, budget)


def selected(
    lines: Iterable[Line], offsets: set[int], budget: Budget
) -> tuple[tuple[Line, ...], int]:
    """Return the beginning of a listing and what stands around some places, or all of a short one.

    Args:
        lines: The listing.
        offsets: The places.
        budget: Its clock ends the listing early.

    Returns:
        The lines, with a remark where some are missing, and how many are missing.
    """
    first: list[Line] = []
    kept: list[tuple[int, Line]] = []
    recent: deque[tuple[int, Line]] = deque(maxlen=_AROUND)
    total = after = 0
    for total, line in enumerate(_timely(lines, budget), 1):
        if total <= _MOST_LINES:
            first.append(line)
        after = _AROUND + 1 if line.offset in offsets else after - 1
        recent.append((total, line))
        if (after > 0 or total <= _HEAD) and len(kept) < _MOST_LINES:
            kept += recent
            recent.clear()
    if total <= _MOST_LINES:
        return tuple(_short(line) for line in first), 0
    return _joined(kept, total), total - len(kept)


def _timely(lines: Iterable[Line], budget: Budget) -> Iterator[Line]:
    try:
        for number, line in enumerate(lines):
            if number % 1024 == 0:
                budget.check_time()
            yield line
    except LimitExceeded as error:
        yield Line(None, f"# cut short: {error.message}")


def _joined(kept: list[tuple[int, Line]], total: int) -> tuple[Line, ...]:
    joined: list[Line] = []
    before = 0
    for number, line in kept:
        if number > before + 1:
            joined.append(_left_out(number - before - 1))
        joined.append(_short(line))
        before = number
    if total > before:
        joined.append(_left_out(total - before))
    return tuple(joined)


def _left_out(count: int) -> Line:
    return Line(None, f"# {count} line{'' if count == 1 else 's'} left out")


def _short(line: Line) -> Line:
    return line if len(line.text) <= _TEXT else Line(line.offset, line.text[: _TEXT - 1] + "…")
