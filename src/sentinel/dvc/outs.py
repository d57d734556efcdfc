"""Reads the outputs out of a DVC pointer: the few forms of YAML that DVC writes, and no other.

YAML at large is not read here. A form within an output that is not among those is an error, so that
nothing that a pointer names is passed over in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..errors import LimitExceeded, ParseError

_MOST_OUTS = 10_000
_MOST_CHARACTERS = 10_000
_BREAKS = frozenset("\x85\u2028\u2029")
_ENTRY = re.compile(r"([A-Za-z_][\w-]*):(?:[ ]+(.*))?")
_WANTED = frozenset({"path", "md5", "size", "nfiles"})
_DIGEST = re.compile(r"[0-9a-f]{32}(?:\.dir)?")
_NUMBER = re.compile(r"[0-9]{1,19}")
_SINGLE = re.compile(r"'((?:[^']|'')*)'(?:\s+#.*)?")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"(?:\s+#.*)?')
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))")
_SHORT = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r",
    "e": "\x1b", " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0",
    "L": "\u2028", "P": "\u2029",
}  # fmt: skip


class Out(NamedTuple):
    """One output that a pointer names.

    Attributes:
        path: Its path, counted from the directory of the pointer.
        md5: Its MD5 in hexadecimal, with ``.dir`` for a folder; empty when there is none.
        size: Its size in bytes, where it is given.
        files: How many files a folder has, where that is given.
        line: 1-based line at which the pointer names it.
    """

    path: str
    md5: str
    size: int | None = None
    files: int | None = None
    line: int = 0

    @property
    def is_folder(self) -> bool:
        """True when the output is a folder."""
        return self.md5.endswith(".dir")


class _Line(NamedTuple):
    number: int
    indent: int
    text: str


def read_outs(text: str, *, lock: bool = False) -> Iterator[Out]:
    """Yield the outputs of a DVC pointer.

    Args:
        text: The pointer.
        lock: Whether it is a ``dvc.lock``, in which outputs stand below their stages.

    Raises:
        ParseError: An output is written in a form that DVC does not write.
        LimitExceeded: More outputs than are looked at.
    """
    lines = list(_lines(text))
    depth = 4 if lock else 0
    folder = "" if lock else _folder(lines)
    count = 0
    for index, line in enumerate(lines):
        if line.indent != depth or not (entry := _ENTRY.fullmatch(line.text)):
            continue
        if entry[1] != "outs":
            continue
        if entry[2] and not entry[2].startswith("#"):
            raise ParseError(f"line {line.number}: outputs in a form that DVC does not write")
        for item in _items(lines, index + 1, depth):
            count += 1
            if count > _MOST_OUTS:
                raise LimitExceeded(f"more than {_MOST_OUTS} outputs in one DVC pointer")
            yield _out(item, folder)


def _lines(text: str) -> Iterator[_Line]:
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.rstrip(" \r")
        body = line.lstrip(" ")
        if body and not body.startswith("#"):
            yield _Line(number, len(line) - len(body), body)


def _folder(lines: list[_Line]) -> str:
    """Return the value of ``wdir``, from which the paths of a ``.dvc`` file count."""
    for index, line in enumerate(lines):
        entry = _ENTRY.fullmatch(line.text) if not line.indent else None
        if entry and entry[1] == "wdir":
            return _scalar(_Line(line.number, 0, entry[2] or ""), _deeper(lines, index + 1, 0))
    return ""


def _deeper(lines: list[_Line], start: int, indent: int) -> list[_Line]:
    end = start
    while end < len(lines) and lines[end].indent > indent:
        end += 1
    return lines[start:end]


def _items(lines: list[_Line], start: int, depth: int) -> Iterator[list[_Line]]:
    """Yield the lines of each item of a list, the dash and what is before it taken off."""
    item: list[_Line] = []
    column: int | None = None
    for position in range(start, len(lines)):
        line = lines[position]
        dash = line.text.startswith("- ") or line.text == "-"
        if line.indent < depth or (line.indent == depth and not dash):
            break
        if column is None:
            column = line.indent
        if line.indent == column:
            if not dash:
                raise _strange(line)
            if item:
                yield item
            body = line.text[1:].lstrip(" ")
            item = [_Line(line.number, line.indent + len(line.text) - len(body), body)]
        elif line.indent < column:
            raise _strange(line)
        else:
            item.append(line)
    if item:
        yield item


def _out(item: list[_Line], folder: str) -> Out:
    column = item[0].indent
    values: dict[str, str] = {}
    for index, line in enumerate(item):
        if line.indent > column:
            continue
        entry = _ENTRY.fullmatch(line.text) if line.indent == column else None
        if entry is None or entry[1] in values:
            raise _strange(line)
        if entry[1] in _WANTED:
            first = _Line(line.number, column, entry[2] or "")
            values[entry[1]] = _scalar(first, _deeper(item, index + 1, column))
    number = item[0].number
    md5, path = values.get("md5", ""), values.get("path", "")
    if not path or "\0" in path or (md5 and not _DIGEST.fullmatch(md5)):
        raise ParseError(f"line {number}: an output without a path, or with a strange MD5")
    if folder:
        path = f"{folder}/{path}"
    size, files = (_whole(values.get(key), number) for key in ("size", "nfiles"))
    return Out(path, md5, size, files, number)


def _whole(text: str | None, number: int) -> int | None:
    if text is None:
        return None
    if not _NUMBER.fullmatch(text):
        raise ParseError(f"line {number}: {text[:20]!r} is no size")
    return int(text)


def _scalar(first: _Line, rest: list[_Line]) -> str:
    """Return a value that may be folded over several lines."""
    text = first.text
    for number, line in enumerate(rest, first.number + 1):
        # An empty line within a value stands for a line break, which DVC writes as an escape.
        apart = line.number != number
        if not text or apart or len(text) > _MOST_CHARACTERS or line.text.startswith("\t"):
            raise _strange(line)
        if text.startswith('"') and (len(text) - len(text.rstrip("\\"))) % 2:
            text = text[:-1] + line.text  # an escaped end of line joins without a space
        else:
            text = f"{text} {line.text}"
    if len(text) > _MOST_CHARACTERS or not _BREAKS.isdisjoint(text):
        raise _strange(first)
    if match := _SINGLE.fullmatch(text):
        return match[1].replace("''", "'")
    if match := _DOUBLE.fullmatch(text):
        return _ESCAPE.sub(_unescaped, match[1])
    plain = re.sub(r"(?<!\s)\s+#.*", "", text)
    if not plain or plain[0] in "&*!|>%@`[]{}\"'#,?\t" or ": " in plain or plain.endswith(":"):
        raise _strange(first)
    return plain


def _unescaped(match: re.Match[str]) -> str:
    digits = match[1] or match[2] or match[3]
    if not digits:
        if match[4] not in _SHORT:
            raise ParseError(f"an unknown escape {match[0]!r} in a DVC pointer")
        return _SHORT[match[4]]
    code = int(digits, 16)
    if code > 0x10FFFF or 0xD800 <= code < 0xE000:
        raise ParseError(f"an impossible escape {match[0]!r} in a DVC pointer")
    return chr(code)


def _strange(line: _Line) -> ParseError:
    return ParseError(
        f"line {line.number}: a form that DVC does not write", "scan the file it names itself"
    )
