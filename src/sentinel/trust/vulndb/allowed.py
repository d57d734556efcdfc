"""Whether conditions on a version allow one that an advisory is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ...formats.requirements.model import Clause
from .model import Record
from .versions import Applies, applies, parsed, spans_of

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

_KNOWN = frozenset(("==", "!=", "<", "<=", ">", ">=", "~=", "==="))


def may_apply(record: Record, clauses: Iterable[Clause]) -> bool:
    """Return whether an advisory is about a version that conditions allow.

    Two spans of versions meet where one of them begins, if they meet at all; so the beginnings are
    looked at, and what comes next after them. Conditions that pip does not know rule nothing out.

    Args:
        record: The advisory.
        clauses: The conditions; all must hold.
    """
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    known = [(operator, text) for operator, text in clauses if operator in _KNOWN]
    try:
        allowed = SpecifierSet(",".join(f"{operator}{text}" for operator, text in known))
    except InvalidSpecifier:
        return True
    if any(spans_of(events) is None for events in record.ranges):
        return True
    texts = {text for events in record.ranges for _, text in events}
    texts |= {text.removesuffix(".*") for _, text in known} | set(record.versions) | {"0"}
    return any(_fits(record, allowed, version) for version in _candidates(texts))


def _fits(record: Record, allowed: SpecifierSet, version: Version) -> bool:
    if not allowed.contains(version, prereleases=True):
        return False
    return applies(record, str(version)) is Applies.YES


def _candidates(texts: Iterable[str]) -> Iterator[Version]:
    for text in texts:
        version = parsed(text)
        if version is None:
            continue
        yield version
        above = parsed(f"{version.base_version}.0.0.0.1")
        if above is not None and not version.is_prerelease:
            yield above
