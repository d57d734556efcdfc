"""The dated table of versions below which a library loads models unsafely."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from ..data import read
from ..formats.requirements import version
from ..formats.requirements.model import Clause, Requirement


class Floor(NamedTuple):
    """One row of ``data/package_floors.toml``.

    Attributes:
        package: Normal name.
        below: The first safe version.
        id: Of the vulnerability.
        what: What goes wrong, in words.
        source: Where that is written.
        since: The first unsafe version; empty for all.
    """

    package: str
    below: str
    id: str
    what: str
    source: str
    since: str = ""


@cache
def _table() -> dict[str, tuple[Floor, ...]]:
    import tomllib

    found: dict[str, tuple[Floor, ...]] = {}
    for row in tomllib.loads(read("package_floors.toml").decode("utf-8"))["floor"]:
        since = row.pop("from", "")
        floor = Floor(**row, since=since)
        found[floor.package] = (*found.get(floor.package, ()), floor)
    return found


def floors_of(package: str) -> tuple[Floor, ...]:
    """Return the floors of a package, by its normal name."""
    return _table().get(package, ())


def too_old(one: Requirement, floor: Floor) -> bool:
    """Return True when every version that a requirement allows is below a floor.

    Args:
        one: The requirement.
        floor: The floor.
    """
    below, since = version.key(floor.below), version.key(floor.since or "0")
    assert below is not None
    assert since is not None
    pin = version.key(one.pin) if one.pin else None
    if pin is not None:
        return since <= pin < below
    bounds = [bound for bound in map(_bound, one.clauses) if bound is not None]
    lowest = min(bounds, default=None)
    # What an upper bound allows may be older than the first unsafe version.
    return lowest is not None and lowest <= below and since < lowest and not floor.since


def _bound(clause: Clause) -> version.Key | None:
    """Return the version that all that a condition allows are below, where there is one."""
    operator, text = clause
    wild = text.endswith(".*")
    parsed = version.key(text.removesuffix(".*"))
    if parsed is None:
        return None
    epoch, release, _ = parsed
    if operator == "<":
        return parsed
    if operator == "<=" and not wild:
        return epoch, (*release, 1), -2  # just above
    if operator in ("==", "=") and wild:
        return _next(text.removesuffix(".*"), epoch)
    if operator == "~=":
        return _next(text.rpartition(".")[0], epoch)
    return None


def _next(text: str, epoch: int) -> version.Key | None:
    parts = text.rpartition("!")[2].lstrip("vV").split(".")
    if not all(part.isdecimal() for part in parts):
        return None
    numbers = [int(part) for part in parts]
    return epoch, (*numbers[:-1], numbers[-1] + 1), -2
