"""Findings that the user accepts: ``[[suppress]]`` tables, each with a reason and an end."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from ..errors import SettingsError
from .schema import unknown

_RULE = re.compile(r"SNT\d{4}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_KEYS = ("rule", "path", "sha256", "reason", "expires", "owner")
_NEEDED = ("rule", "path", "reason", "expires")


class Suppression(NamedTuple):
    """One accepted finding.

    Attributes:
        rule: Rule id.
        path: File it is about, or a pattern, counted from ``base``.
        reason: Why it is accepted.
        expires: Last day on which it is.
        base: Directory of the file that says so.
        sha256: Digest of the file it is about; needed for findings of high severity and more.
        owner: Who answers for it.
        source: Where it was written, for messages.
    """

    rule: str
    path: str
    reason: str
    expires: date
    base: str
    sha256: str = ""
    owner: str = ""
    source: str = ""


def parse_suppressions(tables: object, source: str) -> tuple[Suppression, ...]:
    """Read the ``suppress`` array of a settings or suppression file.

    Args:
        tables: The value of the key.
        source: The file, for messages and as the place that paths count from.

    Raises:
        SettingsError: An entry lacks a key, has one too many, or has a wrong value.
    """
    if not isinstance(tables, list):
        raise SettingsError(f"{source}: suppress is an array of tables", "write [[suppress]]")
    return tuple(_entry(table, source, index) for index, table in enumerate(tables, 1))


def _entry(table: object, source: str, index: int) -> Suppression:
    at = f"{source}: suppress entry {index}"
    if not isinstance(table, dict):
        raise SettingsError(f"{at} is no table", "write [[suppress]]")
    for key in table:
        if key not in _KEYS:
            raise unknown(key, _KEYS, at)
    for key in _NEEDED:
        if key not in table:
            raise SettingsError(f"{at} has no {key}", "every suppression needs one")
    texts = {key: _text(table, key, at) for key in _KEYS if key != "expires"}
    if not _RULE.fullmatch(texts["rule"]):
        raise SettingsError(f"{at}: rule is {texts['rule']!r}", "a rule id is SNT and four digits")
    if texts["sha256"] and not _SHA256.fullmatch(texts["sha256"]):
        raise SettingsError(f"{at}: sha256 is not 64 digits of lower-case hexadecimal")
    base = os.path.dirname(os.path.abspath(source))
    return Suppression(expires=_day(table["expires"], at), base=base, source=at, **texts)


def _text(table: Mapping[str, object], key: str, at: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str) or (key in _NEEDED and not value.strip()):
        raise SettingsError(f"{at}: {key} must be a text with something in it")
    return value


def _day(value: object, at: str) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        message = f"{at}: expires must be a day"
        raise SettingsError(message, "write it as 2027-02-01") from None
