"""Compares a list of packages with the database, and hands what applies to the rules."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ...artifacts import Artifact
from ...findings import Finding
from ...formats.requirements.model import Dependencies, Requirement
from ...readers import MemoryReader
from ...rules import RuleContext, rules_for
from ...rules.advisories import Advised, Compared
from ..extras import need
from .answers import answer, possible
from .store import Database


class Comparer:
    """What ``sentinel deps`` asks of the database.

    Args:
        database: The database.

    Raises:
        UsageError: ``packaging`` is not installed.
    """

    def __init__(self, database: Database) -> None:
        need("deps", "packaging")
        self._database = database

    def describe(self, now: datetime | None = None) -> str:
        """Return its source, date and number of records, in one line."""
        return self._database.info.describe(now)

    def judge(self, path: str, found: Dependencies) -> Iterable[Finding]:
        """Return what is known of the packages of a list.

        Args:
            path: The list, for the locations of findings.
            found: What it says.

        Raises:
            SettingsError: The database is damaged.
        """
        packages = tuple(self.compared(found))
        if not packages:
            return ()
        model = Compared(packages, f"{self._database.info.date:%Y-%m-%d}")
        artifact = Artifact(path, MemoryReader(b""))
        return tuple(
            finding
            for rule in rules_for("advisories")
            for finding in rule.check(model, RuleContext(artifact, rule))
        )

    def compared(self, found: Dependencies) -> Iterable[Advised]:
        """Yield the packages of a list of which something is known, each version once."""
        seen = set()
        for one in sorted(found.requirements, key=lambda one: bool(one.file)):
            key = (one.key, one.pin or one.clauses)
            if is_compared(one) and key not in seen:
                seen.add(key)
                known = self._known(one)
                if known.advisories or known.some or known.undecided:
                    yield known

    def _known(self, one: Requirement) -> Advised:
        if one.pin:
            found = answer(self._database, one.name, one.pin)
            return Advised(one, found.advisories, (), found.undecided)
        open_ = possible(self._database, one.name, one.clauses)
        malware = tuple(item for item in open_ if item.malicious and item.always)
        return Advised(one, malware, tuple(item for item in open_ if item not in malware))


def is_compared(one: Requirement) -> bool:
    """Return whether a requirement is of a package of PyPI: conda's names are its own."""
    return bool(one.name) and one.source is None and one.section != "conda"
