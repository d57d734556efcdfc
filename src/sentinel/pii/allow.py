"""Comments in a file that accept what stands on their line, or on the line below.

``# sentinel: allow[EMAIL] reason`` accepts the types it names. The marks of other secret scanners
(``pragma: allowlist secret``, ``gitleaks:allow``, ``betterleaks:allow``) accept credentials.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..settings.schema import nearest
from .model import InfoType

_OURS = re.compile(rb"sentinel:[ \t]*allow\[([^\]\r\n]{0,300})\][ \t]*([^\r\n]{0,300})")
_FOREIGN = re.compile(
    rb"pragma:[ \t]*(?:allow|white)list[ -](nextline[ -])?secret|(?:gitleaks|betterleaks):allow",
    re.IGNORECASE,
)
_MOST_WRONG = 20
_PLACEHOLDER = "TYPE"  # as our own texts write it, which people copy into theirs


class _Allow(NamedTuple):
    types: frozenset[str]
    reason: str
    credentials: bool
    here: bool
    below: bool


class Wrong(NamedTuple):
    """A comment of ours that accepts nothing: where it is, what is wrong, the way out."""

    line: int
    message: str
    hint: str


class Allowances:
    """The accepting comments of one text.

    Args:
        data: The text.
        line: Number of the text's first line.
        types: All info types.

    Attributes:
        wrong: Comments of ours that name a type that does not exist, and accept nothing.
    """

    def __init__(self, data: bytes, line: int, types: dict[str, InfoType]) -> None:
        self._types = types
        self.wrong: list[Wrong] = []
        self._by_line: dict[int, _Allow] = {}
        if b"sentinel:" in data or b"allow" in data or b"whitelist" in data:
            self._read(data, line)

    def _read(self, data: bytes, first: int) -> None:
        for match, line in _numbered(_OURS, data, first):
            entry = self._ours(match, data, line)
            if entry is not None:
                self._by_line[line] = entry
        for match, line in _numbered(_FOREIGN, data, first):
            below = bool(match[1])
            entry = _Allow(frozenset(), "a mark in the file", True, not below, below)
            self._by_line.setdefault(line, entry)

    def _ours(self, match: re.Match[bytes], data: bytes, line: int) -> _Allow | None:
        names = [part.strip().upper() for part in match[1].decode("utf-8", "replace").split(",")]
        for name in names:
            if name not in self._types:
                self._note(name, line)
                return None
        reason = match[2].decode("utf-8", "replace").strip(" \t-:*/>\"'\\,")
        alone = _is_alone(data, match.start())
        return _Allow(frozenset(names), reason or "a mark in the file", False, True, alone)

    def _note(self, name: str, line: int) -> None:
        if name != _PLACEHOLDER and len(self.wrong) < _MOST_WRONG:
            likely = nearest(name, self._types)
            hint = f"did you mean {likely}?" if likely else "`sentinel pii types` lists them"
            self.wrong.append(Wrong(line, f"allow[{name[:60]}] names no type", hint))

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


def _numbered(
    pattern: re.Pattern[bytes], data: bytes, line: int
) -> Iterator[tuple[re.Match[bytes], int]]:
    """Yield matches with their lines, each line counted once: a file may be nothing but marks."""
    at = 0
    for match in pattern.finditer(data):
        line += data.count(b"\n", at, match.start())
        at = match.start()
        yield match, line


def _is_alone(data: bytes, start: int) -> bool:
    """Return True when nothing but a comment's opening is before the mark on its line."""
    begin = data.rfind(b"\n", 0, start) + 1
    return not data[begin:start].strip(b" \t#/*-<!;%\"'")
