"""XML as a flat run of tags and text: nothing is built, no entity is expanded, no depth counts.

What stands in comments is text here too, so that nothing can be hidden in one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ...limits import KIB, MIB

_TOKEN = re.compile(rb"<!\[CDATA\[|<(/?)([^\s>/<]*+)([^<>]*+)>|([^<]++)|<")
_ENTITY = re.compile(r"&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ATTRIBUTE = re.compile(rb"""([^\s=<>"']++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)')""")
_PIECE = 64 * KIB
_CELLS = (b"tc", b"table-cell")

Blocks = Iterable[bytes]
"""A document in UTF-8, in pieces."""


class Event(NamedTuple):
    """A tag or a run of text.

    Attributes:
        name: Name of the element without its prefix; empty for text.
        closes: True for an end tag, also one that is implied by ``/>``.
        data: Text, or the attributes of a start tag; entities as they stand.
    """

    name: bytes
    closes: bool
    data: bytes


def events(blocks: Blocks) -> Iterator[Event]:
    """Yield the tags and texts of a document in order."""
    rest = b""
    for block in blocks:
        rest += block
        end = rest.rfind(b"<")  # what stands behind it may not be complete
        if end <= 0 or len(rest) - end > MIB:
            end = len(rest) if len(rest) > MIB else 0
        yield from _events(rest[:end])
        rest = rest[end:]
    yield from _events(rest)


def _events(data: bytes) -> Iterator[Event]:
    for token in _TOKEN.finditer(data):
        name = token[2]
        if name is not None:
            if name.startswith(b"!--"):
                yield Event(b"", False, name[3:] + token[3])
                continue
            local = name[name.rfind(b":") + 1 :]
            if token[1]:
                yield Event(local, True, b"")
                continue
            yield Event(local, False, token[3])
            if token[3].endswith(b"/"):
                yield Event(local, True, b"")
        elif token[4] is not None:
            yield Event(b"", False, token[4])


def plain(data: bytes) -> str:
    """Return text with its entities resolved."""
    text = data.decode("utf-8", "replace")
    return _ENTITY.sub(_resolved, text) if "&" in text else text


def _resolved(found: re.Match[str]) -> str:
    if found[3]:
        return _NAMED[found[3]]
    code = int(found[1]) if found[1] else int(found[2], 16)
    return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else found[0]


def attributes(data: bytes) -> dict[bytes, bytes]:
    """Return attributes by name without its prefix."""
    found = {}
    for match in _ATTRIBUTE.finditer(data):
        name = match[1]
        found[name[name.rfind(b":") + 1 :]] = match[2] if match[2] is not None else match[3]
    return found


def text_of(
    blocks: Blocks, breaks: frozenset[bytes] | None = None, told: frozenset[bytes] = frozenset()
) -> Iterator[bytes]:
    """Yield the text of a document.

    Args:
        blocks: The document.
        breaks: Elements at whose end a line ends; None for all.
        told: Attributes whose values are text as well.
    """
    parts: list[str] = []
    size = inside = 0
    for event in events(blocks):
        if not event.name:
            parts.append(plain(event.data))
        elif event.name in _CELLS:
            inside += -1 if event.closes else 1
            parts.append("\t" if event.closes else "")
        elif event.closes:
            if event.name == b"tab":
                parts.append("\t")
            elif breaks is None or event.name in breaks:  # a row stays on one line
                parts.append(" " if inside > 0 and event.name == b"p" else "\n")
        elif told and event.data:
            known = attributes(event.data)
            parts += [plain(known[name]) + "\n" for name in told & known.keys()]
        if parts:
            size += len(parts[-1])
        if size > _PIECE:
            yield "".join(parts).encode("utf-8", "replace")
            parts.clear()
            size = 0
    yield "".join(parts).encode("utf-8", "replace")
