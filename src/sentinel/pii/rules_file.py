"""``.sentinel-pii.toml``: what is accepted where no comment can stand (tables, notebooks, JSON).

::

    locales = ["de", "fr"]           # optional: whose weak numbers are looked for; all by default
    [severity]                       # optional
    EMAIL = "low"

    [[allow]]
    path = "data/customers.csv"      # a pattern as in .gitignore, from the file's directory
    types = ["EMAIL"]
    columns = ["contact"]            # optional: columns or paths of keys
    max_count = 10                   # optional: no more than that many values
    reason = "made up by the generator"
    expires = 2027-02-01             # optional: the last day on which they are accepted
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from ..errors import SettingsError
from ..findings import Severity
from ..settings.files import read_toml
from ..settings.patterns import matcher
from ..settings.schema import nearest, unknown
from .model import InfoType

NAME = ".sentinel-pii.toml"
_TOP = ("allow", "severity", "locales")
_KEYS = ("path", "types", "columns", "max_count", "reason", "expires")


class Allow(NamedTuple):
    """One entry.

    Attributes:
        path: Pattern of the paths that are meant.
        base: Absolute directory that it counts from.
        types: Names of info types; ``*`` for all.
        columns: Names of columns; empty for all places.
        max_count: Most values of a type in one file; None for any number.
        reason: Why they are accepted.
        expires: Last day on which they are; None for no end.
    """

    path: str
    base: str
    types: frozenset[str]
    columns: frozenset[str]
    max_count: int | None
    reason: str
    expires: date | None = None

    def covers(self, name: str) -> bool:
        """Return True when a file is meant."""
        return _matcher(self.path, self.base)(name)


@lru_cache(maxsize=1_000)
def _matcher(path: str, base: str) -> Callable[[str], bool]:
    return matcher([path], base)


class PiiRules(NamedTuple):
    """What the file says.

    Attributes:
        allow: What is accepted.
        expired: Remarks on what is accepted no more.
        severities: Severities by info type, where they differ from the catalogue's.
        locales: Countries whose weak numbers are looked for; None for all.
    """

    allow: tuple[Allow, ...] = ()
    severities: dict[str, Severity] = {}  # noqa: RUF012 - a default nobody writes to
    locales: frozenset[str] | None = None
    expired: tuple[str, ...] = ()


def read_rules(path: str, types: dict[str, InfoType], today: date | None = None) -> PiiRules:
    """Read the file.

    Args:
        path: The file.
        types: All info types.
        today: The day to measure expiry by.

    Raises:
        SettingsError: It cannot be read, or says something that makes no sense.
    """
    document = read_toml(path)
    for key in document:
        if key not in _TOP:
            raise unknown(key, _TOP, path)
    entries = document.get("allow", [])
    if not isinstance(entries, list):
        raise SettingsError(f"{path}: allow is no list of tables", "write [[allow]]")
    base = os.path.dirname(os.path.abspath(path))
    allow = [_entry(entry, f"{path}: allow {i}", base, types) for i, entry in enumerate(entries, 1)]
    severities = _severities(document.get("severity", {}), path, types)
    locales = _texts(document.get("locales"), f"{path}: locales")
    day = today or date.today()
    return PiiRules(
        tuple(one for one in allow if not _is_over(one, day)),
        severities,
        frozenset(one.lower() for one in locales) if locales else None,
        tuple(
            f"{path}: allow {number} ({one.path}) expired on {one.expires}"
            for number, one in enumerate(allow, 1)
            if _is_over(one, day)
        ),
    )


def _is_over(entry: Allow, day: date) -> bool:
    return entry.expires is not None and entry.expires < day


def _severities(table: object, path: str, types: dict[str, InfoType]) -> dict[str, Severity]:
    if not isinstance(table, dict):
        raise SettingsError(f"{path}: severity is no table", "write [severity]")
    found: dict[str, Severity] = {}
    for name, word in table.items():
        if name not in types:
            raise unknown(name, types, f"{path}: [severity]")
        if not isinstance(word, str) or word.upper() not in Severity.__members__:
            raise SettingsError(f"{path}: severity.{name}: there is no severity {word!r}")
        found[name] = Severity[word.upper()]
    return found


def _entry(entry: object, at: str, base: str, types: dict[str, InfoType]) -> Allow:
    if not isinstance(entry, dict):
        raise SettingsError(f"{at} is no table", "write [[allow]]")
    for key in entry:
        if key not in _KEYS:
            raise unknown(key, _KEYS, at)
    path, reason = entry.get("path"), entry.get("reason")
    if not isinstance(path, str) or not path:
        raise SettingsError(f"{at} has no path")
    if not isinstance(reason, str) or not reason.strip():
        raise SettingsError(f"{at} has no reason", "say why these values may stay")
    names = _texts(entry.get("types"), f"{at}: types")
    if not names:
        raise SettingsError(f"{at} has no types", 'name them, or write types = ["*"]')
    for name in names:
        if name != "*" and name not in types:
            likely = nearest(name, types)
            raise SettingsError(
                f"{at}: there is no type {name!r}", likely and f"did you mean {likely}?"
            )
    most = entry.get("max_count")
    if most is not None and (isinstance(most, bool) or not isinstance(most, int) or most < 0):
        raise SettingsError(f"{at}: max_count is no whole number")
    columns = frozenset(_texts(entry.get("columns"), f"{at}: columns"))
    expires = _day(entry.get("expires"), at)
    return Allow(path, base, frozenset(names), columns, most, reason.strip(), expires)


def _day(value: object, at: str) -> date | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.date()
    if not isinstance(value, date):
        raise SettingsError(f"{at}: expires must be a day", "write it as 2027-02-01, unquoted")
    return value


def _texts(value: object, at: str) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise SettingsError(f"{at} is no list of texts")
    return [str(item) for item in value]
