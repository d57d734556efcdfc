"""What we think of packages that a database of advisories knows something of.

The database is the user's own and no part of a scan: ``sentinel.trust.vulndb`` compares with it and
hands over what applies.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from ..findings import Confidence, Finding, Severity
from ..formats.requirements.model import Requirement
from . import RuleContext, rule
from .supply_chain_common import LISTED, shown, told

_FORMATS = ("advisories",)
_MOST = 20
_MOST_IN_ALL = 500
_NAMED = 5


class Advisory(Protocol):
    """One vulnerability; see ``sentinel.trust.vulndb.model``."""

    @property
    def id(self) -> str:
        """The identity it is told under."""
        ...

    @property
    def aliases(self) -> tuple[str, ...]:
        """Its other identities."""
        ...

    @property
    def summary(self) -> str:
        """One line; may be empty."""
        ...

    @property
    def severity(self) -> Severity:
        """How grave it is."""
        ...

    @property
    def fixed(self) -> tuple[str, ...]:
        """Versions that are no longer affected, the lowest first."""
        ...

    @property
    def malicious(self) -> bool:
        """Whether the package itself is malware."""
        ...


class Advised(NamedTuple):
    """What is known of one package that is asked for.

    Attributes:
        requirement: The requirement.
        advisories: What applies to the version that is pinned, and malware in every version.
        some: What applies to versions that it allows.
        undecided: Ids of advisories whose versions cannot be compared with its own.
    """

    requirement: Requirement
    advisories: tuple[Advisory, ...] = ()
    some: tuple[Advisory, ...] = ()
    undecided: tuple[str, ...] = ()


class Compared(NamedTuple):
    """What a database knows of a list of packages.

    Attributes:
        packages: Those of which it knows something.
        date: Of the database, as people write it.
    """

    packages: tuple[Advised, ...]
    date: str


@rule("SNT1822", "package-known-vulnerable", severity=Severity.MEDIUM, formats=_FORMATS,
      cwe="CWE-1395")  # fmt: skip
def vulnerable(found: Compared, context: RuleContext) -> Iterator[Finding]:
    """A package is asked for in a version that is known to be vulnerable.

    **What.** An advisory of the database that was imported (`sentinel vulndb import`) is about the
    version that is pinned. The severity is the advisory's own, or medium where it has none.
    Packages that are not pinned and may be installed in a version that is affected are a fact, and
    so are versions that cannot be compared. The answer holds as of the date of the database; what
    is not told may be vulnerable all the same.

    **Why it matters.** The weakness is public. Whether the model's server can be reached through it
    is not looked at.

    **Fix.** Ask for a version that the message names, or a newer one.
    """
    room = _MOST_IN_ALL
    for one in found.packages:
        harmed = [advisory for advisory in one.advisories if not advisory.malicious]
        shown_here = min(_MOST, room)
        room -= min(len(harmed), shown_here)
        for advisory in harmed[:shown_here]:
            yield _vulnerable(context, one.requirement, advisory, found.date)
        if len(harmed) > shown_here:
            yield _rest(context, one.requirement, harmed[shown_here:], found.date)
    yield from _some(context, found)
    yield from _undecided(context, found)


def _vulnerable(
    context: RuleContext, one: Requirement, advisory: Advisory, date: str
) -> Finding:
    least = advisory.fixed[0] if advisory.fixed else ""
    fixed = f"fixed in {', '.join(advisory.fixed[:_NAMED])}" if least else "no fix is named"
    about = f": {advisory.summary}" if advisory.summary else ""
    return told(
        context, one, f"{_named(one)} is known to be vulnerable: {_ids(advisory)}{about}; {fixed} "
        f"(database of {date})", evidence=f"{shown(one)} [{advisory.id}]",
        severity=advisory.severity, confidence=Confidence.MEDIUM,
        remedy=f"Ask for {one.name}>={least}." if least else "Read the advisory.",
    )  # fmt: skip


def _rest(context: RuleContext, one: Requirement, rest: list[Advisory], date: str) -> Finding:
    return told(
        context, one, f"{_named(one)} is known to be vulnerable: {len(rest)} more advisories "
        f"(database of {date})",
        evidence=f"{shown(one)} [{', '.join(advisory.id for advisory in rest)}]",
        severity=max(advisory.severity for advisory in rest), confidence=Confidence.MEDIUM,
        remedy="Ask for a version that fixes them, or read the advisories.",
    )  # fmt: skip


def _some(context: RuleContext, found: Compared) -> Iterator[Finding]:
    """Yield one fact for all packages whose versions are open."""
    loose = [one for one in found.packages if one.some]
    if loose:
        names = "; ".join(f"{one.requirement.name} ({_few(one.some)})" for one in loose)
        yield told(
            context, loose[0].requirement, "packages that are not pinned may be installed in "
            f"versions that are known to be vulnerable: {len(loose)} (database of {found.date})",
            evidence=names, severity=Severity.INFO, remedy="Pin them, and look again.",
        )  # fmt: skip


def _few(advisories: tuple[Advisory, ...]) -> str:
    fixed = [advisory.fixed[-1] for advisory in advisories if advisory.fixed]
    more = f" and {len(advisories) - 1} more" if len(advisories) > 1 else ""
    return f"{advisories[0].id}{more}{', fixed in ' + fixed[0] if fixed else ''}"


def _undecided(context: RuleContext, found: Compared) -> Iterator[Finding]:
    for one in [one for one in found.packages if one.undecided][:LISTED]:
        ids = ", ".join(one.undecided[:_NAMED])
        more = f" and {len(one.undecided) - _NAMED} more" if len(one.undecided) > _NAMED else ""
        yield told(
            context, one.requirement, f"{_named(one.requirement)} is not comparable with the "
            f"versions of {ids}{more} (database of {found.date})",
            evidence=shown(one.requirement), severity=Severity.INFO,
            remedy="Compare by hand.",
        )  # fmt: skip


def _named(one: Requirement) -> str:
    return f"{one.name} {one.pin}" if one.pin else f"every version of {one.name}"


def _ids(advisory: Advisory) -> str:
    aliases = ", ".join(advisory.aliases[:_NAMED])
    return f"{advisory.id} ({aliases})" if aliases else advisory.id


@rule("SNT1823", "package-known-malicious", severity=Severity.CRITICAL, formats=_FORMATS,
      cwe="CWE-506")  # fmt: skip
def malicious(found: Compared, context: RuleContext) -> Iterator[Finding]:
    """A package is asked for that is known to be malware.

    **What.** An advisory of the database that was imported says that this version of the package,
    or every version of it, was published to do harm (its id begins with `MAL-`).

    **Why it matters.** It runs what its author wrote when it is installed.

    **Fix.** Do not install the list. Where it was installed, treat the machine as taken over.
    """
    for one in found.packages:
        for advisory in [item for item in one.advisories if item.malicious][:_MOST]:
            yield told(
                context, one.requirement, f"{_named(one.requirement)} is known to be malware: "
                f"{_ids(advisory)} (database of {found.date})",
                evidence=f"{shown(one.requirement)} [{advisory.id}]",
                remedy="Do not install this list.",
            )  # fmt: skip
