"""A list of SHA-256 as a file, in the format of ``sha256sum``.

``sha256sum -c`` of GNU coreutils checks a folder against it. Names with a line break or a backslash
are escaped as it escapes them: the line begins with a backslash.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...errors import ParseError
from ...limits import MIB

MOST_BYTES = 64 * MIB
"""Size beyond which no list is written or read: half a million paths of 60 characters."""

# It begins with what no opcode of a pickle is, whatever the names after it are.
_HEAD = "# SHA-256 of the files of this artifact, for sha256sum -c\n"
_HEX = frozenset("0123456789abcdef")
_ESCAPES = {"\\": "\\", "n": "\n", "r": "\r"}


def written(digests: Mapping[str, str]) -> bytes:
    """Return the list of files.

    Args:
        digests: SHA-256 as 64 hex digits, by the file's path.
    """
    lines = (_line(name, digests[name]) for name in sorted(digests))
    return "".join([_HEAD, *lines]).encode("utf-8", "surrogateescape")


def read(data: bytes) -> dict[str, str]:
    """Return the digests of a list, by path.

    Raises:
        ParseError: A line is not of this format, or two speak of one file.
    """
    text = data.decode("utf-8", "surrogateescape")
    return _read(line for line in text.split("\n") if line and not line.startswith("#"))


def _line(name: str, digest: str) -> str:
    plain = name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return f"{'' if plain == name else chr(92)}{digest}  {plain}\n"


def _read(lines: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        escaped = line.startswith("\\")
        digest, name = line[escaped : 64 + escaped], line[66 + escaped :]
        between = line[64 + escaped : 66 + escaped]
        if not name or between not in ("  ", " *") or len(digest) != 64 or not set(digest) <= _HEX:
            raise ParseError(f"entry {number} is no SHA-256 and name")
        name = _plain(name) if escaped else name
        if name in found:
            raise ParseError(f"entry {number} names a file a second time")
        found[name] = digest
    return found


def _plain(name: str) -> str:
    parts = iter(name)
    try:
        return "".join(_ESCAPES[next(parts)] if one == "\\" else one for one in parts)
    except (KeyError, RuntimeError):  # StopIteration in a generator
        raise ParseError("a name is escaped as none is") from None
