"""The lines of a requirements file, as pip splits, joins and decodes them."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from ...errors import ParseError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_CODING = re.compile(rb"coding[:=]\s*([-\w.]+)")
_KNOWN = frozenset(
    ("utf-8", "ascii", "iso8859-1", "iso8859-15", "cp1252", "utf-16", "utf-16-le", "utf-16-be",
     "utf-32", "utf-32-le", "utf-32-be", "utf-7", "utf-8-sig", "cp1251", "shift_jis", "gbk",
     "gb18030", "euc_jp", "euc_kr", "big5", "koi8-r")
)  # fmt: skip
_COMMENT = re.compile(r"(?:\A|\s+)#.*\Z", re.S)
_WHOLE_COMMENT = re.compile(r"\A\s*#")


def decoded(data: bytes) -> str:
    """Return the text of a file, in the encoding that pip would read it in.

    Raises:
        ParseError: It says an encoding that is not one of texts, or is not in it.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _in(data[len(mark) :], encoding)
    for line in data.split(b"\n", 2)[:2]:
        found = _CODING.search(line) if line[:1] == b"#" else None
        if found:
            return _in(data, found[1].decode("ascii", "replace"))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:  # pip falls back on the encoding of the machine
        return data.decode("latin-1")


def _in(data: bytes, encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
        if name not in _KNOWN:
            raise ParseError("an encoding that is not read here")
        return data.decode(name)
    except (LookupError, ValueError) as error:
        raise ParseError("not in the encoding that it says") from error


def lines(text: str) -> Iterator[tuple[int, str]]:
    r"""Yield line numbers and lines: joined where they end in ``\``, comments cut, none empty.

    Args:
        text: The whole file.
    """
    parts: list[str] = []
    start = 0
    for number, line in enumerate(text.splitlines(), 1):
        start = start if parts else number
        comment = _WHOLE_COMMENT.match(line) is not None
        if line.endswith("\\") and not _is_comment(line):
            parts.append(line.strip("\\"))  # as pip does, at both ends
            continue
        parts.append(f" {line}" if comment else line)
        yield from _cut(start, "".join(parts))
        parts = []
    if parts:
        yield from _cut(start, "".join(parts))


def _is_comment(line: str) -> bool:
    """Return True for what pip's pattern finds at the line's beginning."""
    return _COMMENT.match(line) is not None


def _cut(number: int, line: str) -> Iterator[tuple[int, str]]:
    at = _comment_at(line)
    line = line[:at].strip()
    if line:
        yield number, line


def _comment_at(line: str) -> int:
    """Return where a comment begins: at a ``#`` behind white space, or the first of a line."""
    at = line.find("#")
    while at > 0 and not line[at - 1].isspace():
        at = line.find("#", at + 1)
    return at if at >= 0 else len(line)
