"""Goes into containers: each member is read as what it is, in its own right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ...artifacts import Artifact
from ...errors import SentinelError
from ...findings import Gap
from ...formats import Member, Parsed
from ...limits import Budget
from ...readers.memory import MemoryReader
from ...readers.stream import TornReader
from ..model import Piece
from . import Sampling, gap_of, read

_SHOWN = 80
_SOURCES: dict[tuple[str, ...], str] = {("pickle",): "pickle"}
"""Sources of members that their container knows, by the formats it tells."""

Quiet = Callable[[str], bool]
"""Says whether a member of that name may hold what is no text without that being a gap."""


def read_members(
    artifact: Artifact,
    parsed: Parsed,
    budget: Budget,
    sampling: Sampling,
    quiet: Quiet | None = None,
) -> Iterator[Piece]:
    """Yield what the members of a container come to, and one gap for all that are no text.

    Args:
        artifact: The container.
        parsed: What its parser made of it.
        budget: Pays for members and what they expand to.
        sampling: How much of large members is read.
        quiet: Names of members without text, such as weights.
    """
    yield from parsed.gaps
    unknown: list[Gap] = []
    members = each(artifact, parsed.members, budget)
    for member in members:
        if isinstance(member, Gap):
            yield member
            continue
        for piece in read_member(artifact, member, budget, sampling):
            if isinstance(piece, Gap) and piece.reason == "unrecognised":
                if quiet is None or not quiet(member.name):
                    unknown.append(piece)
            else:
                yield piece
    if len(unknown) == 1:
        yield unknown[0]
    elif unknown:
        first = unknown[0].location.member.rpartition("!")[2][:_SHOWN]
        detail = f"{len(unknown)} members are neither text nor read here; the first is {first!r}"
        yield Gap("unrecognised", artifact.location(), detail)


def each(artifact: Artifact, members: Iterable[Member], budget: Budget) -> Iterator[Member | Gap]:
    """Yield members as long as the budget lasts, then the gap that it leaves."""
    try:
        for member in members:
            budget.check_time()
            if not member.guess:
                budget.spend_member()
            yield member
    except SentinelError as error:
        yield gap_of(artifact, error)


def opened(parent: Artifact, member: Member) -> tuple[Artifact, Gap | None]:
    """Return a member with its bytes, and the gap where it does not have all of them.

    Args:
        parent: The container.
        member: One of its members.
    """
    try:
        reader = member.open()
    except SentinelError as error:
        child = parent.child(member.name, MemoryReader(b""))
        return child, gap_of(child, error)
    if isinstance(reader, TornReader):
        child = parent.child(member.name, reader.part)
        return child, gap_of(child, reader.error)
    return parent.child(member.name, reader), None


def read_member(
    parent: Artifact, member: Member, budget: Budget, sampling: Sampling
) -> Iterator[Piece]:
    """Yield what one member comes to, its name in front of the paths."""
    child, gap = opened(parent, member)
    if gap is not None and not member.guess:
        yield gap
    if child.depth > budget.limits.max_depth:
        detail = f"nested deeper than {budget.limits.max_depth} containers"
        yield Gap("limit", child.location(), detail)
        return
    for piece in read(child, budget, sampling, _SOURCES.get(member.formats, "")):
        if not isinstance(piece, Gap):
            yield below(member.name, piece)
        elif not member.guess:
            yield piece


def below(name: str, piece: Piece) -> Piece:
    """Return a piece of a member as one of its container."""
    if isinstance(piece, Gap):
        return piece
    return piece._replace(path=f"{name}!{piece.path}" if piece.path else name)
