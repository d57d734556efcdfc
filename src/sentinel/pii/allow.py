"""Comments in a file that accept what stands on their line, or on the line below.

``# sentinel: allow[EMAIL] reason`` accepts the types it names. The marks of other secret scanners
(``pragma: allowlist secret``, ``gitleaks:allow``, ``betterleaks:allow``) accept credentials.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..errors import SettingsError
from ..settings.schema import nearest
from .model import InfoType

_OURS = re.compile(rb"sentinel:[ \t]*allow\[([^\]\r\n]{0,300})\][ \t]*([^\r\n]{0,300})")
_FOREIGN = re.compile(
    rb"pragma:[ \t]*(?:allow|white)list[ -](nextline[ -])?secret|(?:gitleaks|betterleaks):allow",
    re.IGNORECASE,
)


class _Allow(NamedTuple):
    types: frozenset[str]
    reason: str
    credentials: bool
    here: bool
    below: bool


class Allowances:
    """The accepting comments of one text.

    Args:
        data: The text.
        name: Name of the file, for messages.
        line: Number of the text's first line.
        types: All info types.

    Raises:
        SettingsError: A comment of ours names a type that does not exist, or gives no reason.
    """

    def __init__(self, data: bytes, name: str, line: int, types: dict[str, InfoType]) -> None:
        self._types = types
        self._by_line: dict[int, _Allow] = {}
        if b"sentinel:" in data or b"allow" in data or b"whitelist" in data:
            self._read(data, name, line)

    def _read(self, data: bytes, name: str, first: int) -> None:
        for match in _OURS.finditer(data):
            line = first + data.count(b"\n", 0, match.start())
            self._by_line[line] = self._ours(match, data, f"{name}:{line}")
        for match in _FOREIGN.finditer(data):
            line = first + data.count(b"\n", 0, match.start())
            below = bool(match[1])
            entry = _Allow(frozenset(), "a mark in the file", True, not below, below)
            self._by_line.setdefault(line, entry)

    def _ours(self, match: re.Match[bytes], data: bytes, at: str) -> _Allow:
        names = [part.strip().upper() for part in match[1].decode("utf-8", "replace").split(",")]
        for name in names:
            if name not in self._types:
                likely = nearest(name, self._types)
                hint = f"did you mean {likely}?" if likely else "see sentinel pii types"
                raise SettingsError(f"{at}: allow[{name[:60]}] names no type", hint)
        reason = match[2].decode("utf-8", "replace").strip(" \t-:*/>\"'\\,")
        alone = _is_alone(data, match.start())
        return _Allow(frozenset(names), reason or "a mark in the file", False, True, alone)

    def reason(self, type_name: str, line: int | None) -> str:
        """Return why a finding on this line is accepted, or an empty string."""
        if not self._by_line or line is None:
            return ""
        for where, entry in (
            (line, self._by_line.get(line)),
            (line - 1, self._by_line.get(line - 1)),
        ):
            if entry is None or not (entry.here if where == line else entry.below):
                continue
            if type_name in entry.types:
                return entry.reason
            if entry.credentials and self._types[type_name].category == "credentials":
                return entry.reason
        return ""


def _is_alone(data: bytes, start: int) -> bool:
    """Return True when nothing but a comment's opening is before the mark on its line."""
    begin = data.rfind(b"\n", 0, start) + 1
    return not data[begin:start].strip(b" \t#/*-<!;%\"'")
