"""What the values of a policy may be: every one is checked, and nothing is guessed."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence

from ..errors import SettingsError
from ..settings.schema import nearest, unknown

MAX_ITEMS = 1000
MAX_TEXT = 4096
_DURATION = re.compile(r"([1-9]\d{0,5})([mhdw])", re.ASCII)
_SECONDS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}


class Table:
    """A mapping with a closed list of keys.

    Args:
        value: What was read.
        where: Names its place, for messages.
        keys: The keys there are.

    Raises:
        SettingsError: It is no mapping, or has another key; the nearest known one is named.
    """

    __slots__ = ("_values", "where")

    def __init__(self, value: object, where: str, keys: Sequence[str]) -> None:
        self._values = mapping(value, where)
        self.where = where
        for key in self._values:
            if key not in keys:
                raise unknown(key, keys, where)

    @property
    def given(self) -> bool:
        """True when the mapping holds anything."""
        return bool(self._values)

    def get(self, key: str, default: object = None) -> object:
        """Return a value, or the default where the key is not there."""
        return self._values.get(key, default)

    def required(self, key: str) -> object:
        """Return a value. Raises SettingsError where the key is not there."""
        if key not in self._values:
            raise SettingsError(f"{self.where}: {key} is missing")
        return self._values[key]


def mapping(value: object, where: str) -> Mapping[str, object]:
    """Return a mapping from texts. Raises SettingsError."""
    if not isinstance(value, dict) or len(value) > MAX_ITEMS:
        raise SettingsError(f"{where}: expected keys and values, at most {MAX_ITEMS}")
    for key in value:
        if not isinstance(key, str):
            raise SettingsError(f"{where}: the key {key!r:.80} is no text", "write it in quotes")
    return value


def items(value: object, where: str) -> Sequence[object]:
    """Return a list. Raises SettingsError."""
    if not isinstance(value, list) or len(value) > MAX_ITEMS:
        raise SettingsError(f"{where}: expected a list of at most {MAX_ITEMS}")
    return value


def text(value: object, where: str) -> str:
    """Return a text of one line. Raises SettingsError."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise SettingsError(f"{where}: expected some text", "write it in quotes")
    if len(value) > MAX_TEXT:
        raise SettingsError(f"{where}: longer than {MAX_TEXT} characters")
    return value


def path(value: object, where: str, base: str) -> str:
    """Return a path, counted from ``base``. Raises SettingsError."""
    return os.path.normpath(os.path.join(base, text(value, where)))


def flag(value: object, where: str) -> bool:
    """Return true or false. Raises SettingsError."""
    if not isinstance(value, bool):
        raise SettingsError(f"{where}: expected true or false")
    return value


def whole(value: object, least: int, most: int, where: str) -> int:
    """Return a whole number within bounds. Raises SettingsError."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise SettingsError(f"{where}: expected a whole number from {least} to {most}")
    return value


def choice(value: object, known: Sequence[str], where: str) -> str:
    """Return one of the known words. Raises SettingsError that names the nearest."""
    if isinstance(value, str) and value in known:
        return value
    likely = nearest(str(value)[:80], known)
    hint = f"did you mean {likely!r}?" if likely else f"they are {', '.join(known)}"
    raise SettingsError(f"{where}: there is no {str(value)[:80]!r}", hint)


def choices(value: object, known: Sequence[str], where: str) -> frozenset[str]:
    """Return a set of the known words. Raises SettingsError."""
    return frozenset(choice(item, known, where) for item in items(value, where))


def duration(value: object, where: str) -> float | None:
    """Return seconds for a text such as ``30d``; None for None. Raises SettingsError."""
    if value is None:
        return None
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise SettingsError(f"{where}: expected a time such as 90m, 12h, 30d or 4w")
    return float(int(found[1]) * _SECONDS[found[2]])
