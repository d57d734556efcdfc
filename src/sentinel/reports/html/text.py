"""Makes any text safe in the page, and what is hidden in it visible.

Names and evidence belong to whoever made the file. Markup loses its meaning; control characters,
bidirectional controls, lone surrogates, invisible letters and heaps of combining marks are spelled
out. Nothing from a file is ever put into a script, a style or the address of a link.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from ..escape import escaped, shorten

_MARKUP = str.maketrans({char: f"&#{ord(char)};" for char in "&<>\"'`:#"})
"""Colons and hashes too, of which CI systems read commands in what is printed."""
_INVISIBLE = frozenset(
    (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, *range(0xFE00, 0xFE10),
     *range(0x180B, 0x1810), *range(0xE0100, 0xE01F0))
)  # fmt: skip
"""Characters that are called printable and draw nothing."""
_MOST_MARKS = 2
_CODE = re.compile(r"(?:&#96;){1,2}((?:(?!&#96;).)+?)(?:&#96;){1,2}")
_RUNS = re.compile(r"[ -~]+|.", re.DOTALL)


def shown(text: str, limit: int = 0) -> str:
    """Return text as HTML, each hidden character marked and named by its number.

    Args:
        text: Anything, lone surrogates included.
        limit: Longest result wanted, in characters before escaping; 0 for no limit.
    """
    return "".join(_pieces(shorten(text, limit), _marked))


def prose(text: str, limit: int = 0) -> str:
    """Return text of ours as HTML, with what stands between backticks as code."""
    return _CODE.sub(r"<code>\1</code>", shown(text, limit))


def plain(text: str, limit: int = 0) -> str:
    """Return text for an attribute's value or a title, hidden characters named by their numbers."""
    return "".join(_pieces(shorten(text, limit), str))


def foreign(text: str, limit: int = 0) -> str:
    """Return text of a file as HTML whose direction of writing cannot reach what is around it."""
    return f'<bdi dir="ltr">{shown(text, limit)}</bdi>'


def lines(text: str, most: int, limit: int) -> tuple[str, int]:
    """Return the first lines of a text as HTML, and how many lines were left out.

    Args:
        text: Anything.
        most: Most lines wanted.
        limit: Longest line, in characters.
    """
    parts = text.split("\n")
    return "\n".join(shown(part, limit) for part in parts[:most]), max(0, len(parts) - most)


def count(number: int, noun: str) -> str:
    """Return ``1 file``, ``2 files``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def size(number: int) -> str:
    """Return a number of bytes for people, in powers of 1000."""
    if number < 1000:
        return count(number, "byte")
    value = float(number)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 999.95:
            return f"{value:.1f} {unit}"
    return f"{value / 1000:,.1f} TB"


def _pieces(text: str, hidden: Callable[[str], str]) -> Iterator[str]:
    if text.isascii() and text.isprintable():
        yield text.translate(_MARKUP)
        return
    marks = 0
    for piece in _RUNS.findall(text):  # printable ASCII at once, everything else by itself
        marks = marks + 1 if len(piece) == 1 and unicodedata.combining(piece) else 0
        if len(piece) == 1 and (_is_hidden(piece) or marks > _MOST_MARKS):
            yield hidden(escaped(piece))
        else:
            yield piece.translate(_MARKUP)


def _is_hidden(char: str) -> bool:
    return not char.isprintable() or ord(char) in _INVISIBLE


def _marked(name: str) -> str:
    return f'<span class="hid">{name}</span>'
