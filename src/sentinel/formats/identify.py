"""What a file is: by its content first, by its name only when the content does not say.

A polyglot is several formats, and all of them are read: which one counts depends on who opens it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple, cast

from ..artifacts import Artifact
from . import BY_NAME, FORMATS, Format, load

_HEAD = 4096
_TAIL = 65_557
_LFS = b"version https://git-lfs.github.com/spec/"
_DVC = re.compile(rb"\A(?:md5: [0-9a-f]{32}\n)?(?:frozen: \w+\n|deps:\n(?:[ -].*\n)*)*outs:\n- ")


class Identity(NamedTuple):
    """What an artifact was taken for.

    Attributes:
        formats: Names from the format table, container kinds before their container.
        by_name: True when only the file's name said so.
        pointer: ``Git LFS`` or ``DVC`` when the file merely stands for another, else empty.
    """

    formats: tuple[str, ...]
    by_name: bool = False
    pointer: str = ""


def identify(artifact: Artifact, use_name: bool = True) -> Identity:
    """Return what an artifact is.

    Args:
        artifact: The bytes and their name.
        use_name: Fall back on the name when the content says nothing.

    Raises:
        ReadError: The bytes cannot be had.
    """
    head = artifact.reader.pread(0, _HEAD)
    pointer = pointer_of(head)
    if pointer:
        return Identity((), pointer=pointer)
    tail = _tail(artifact, head)
    found = [entry for entry in _candidates(head) if _is(entry, artifact, head, tail)]
    leaf = artifact.leaf.lower()
    asking, ending = _asking(), leaf[leaf.rfind(".") :]
    if leaf in asking or ending in asking:
        entries = dict.fromkeys((*asking.get(leaf, ()), *asking.get(ending, ())))
        found += [entry for entry in entries if _asked(entry, artifact, head)]
    names: list[str] = []
    for entry in found:
        kinds = [
            kind for kind in FORMATS if kind.within == entry.name and _asked(kind, artifact, head)
        ]
        alone = [kind.name for kind in kinds if kind.instead]
        names += alone or [*(kind.name for kind in kinds), entry.name]
    code = tuple(names) == ("native",)  # a loader that goes by the name reads it all the same
    if not use_name or (names and not code):
        return Identity(tuple(names))
    named = by_suffix(artifact.leaf)
    if named is None or (artifact.leaf.lower().endswith(named.shared_suffixes) and _text(head)):
        return Identity(tuple(names))
    if artifact.parent is not None and named.magic:
        return Identity(tuple(names))  # old joblib calls raw array bytes within a stream .npy
    return Identity((*names, named.name), by_name=not names)


def _candidates(head: bytes) -> tuple[Format, ...]:
    """Return the formats that are worth a closer look; most files of a tree are none of them."""
    pattern, elsewhere, every = _first_look()
    return every if pattern.match(head) else elsewhere


@cache
def _first_look() -> tuple[re.Pattern[bytes], tuple[Format, ...], tuple[Format, ...]]:
    """Return what the first bytes of any format look like, the formats known by later bytes, and
    all of them.
    """
    every = tuple(entry for entry in FORMATS if not entry.within)
    starts = [re.escape(mark) for entry in every for offset, mark in entry.magic if not offset]
    starts += [b"(?:%s)" % entry.hint.replace(b"(?s)", b"") for entry in every if entry.hint]
    elsewhere = tuple(
        entry for entry in every if entry.tail or any(offset for offset, _ in entry.magic)
    )
    return re.compile(b"|".join(starts), re.DOTALL), elsewhere, every


@cache
def _hint(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern)


def by_suffix(name: str) -> Format | None:
    """Return the format that a file name's ending stands for, or None."""
    lowered = name.lower()
    if not lowered.endswith(_suffixes()):
        return None
    return next(entry for entry in FORMATS if lowered.endswith(entry.suffixes))


@cache
def _suffixes() -> tuple[str, ...]:
    return tuple(suffix for entry in FORMATS for suffix in entry.suffixes)


@cache
def _asking() -> dict[str, tuple[Format, ...]]:
    """Return the formats to ask by the whole name or the ending of a file."""
    found: dict[str, tuple[Format, ...]] = {}
    for entry in FORMATS:
        for name in entry.asks:
            found[name] = (*found.get(name, ()), entry)
    return found


def title(name: str) -> str:
    """Return what people call a format."""
    return BY_NAME[name].title


def pointer_of(head: bytes) -> str:
    """Return ``Git LFS`` or ``DVC`` for a file that merely stands for another, else nothing.

    Args:
        head: Its first bytes.
    """
    if head.startswith(_LFS):
        return "Git LFS"
    return "DVC" if _DVC.match(head) else ""


def _text(head: bytes) -> bool:
    return b"\x00" not in head and not re.search(rb"[\x00-\x08\x0e-\x1a\x80-\xff]", head)


def _tail(artifact: Artifact, head: bytes) -> bytes:
    size = artifact.reader.size
    return head if size <= len(head) else artifact.reader.pread(max(0, size - _TAIL), _TAIL)


def _is(entry: Format, artifact: Artifact, head: bytes, tail: bytes) -> bool:
    for offset, mark in entry.magic:
        if head.startswith(mark, offset):
            return True
    if not entry.recognise:
        return False
    if entry.tail and entry.tail not in tail:
        return False
    if entry.hint and not _hint(entry.hint).match(head):
        return False
    return bool(entry.hint or entry.tail) and _asked(entry, artifact, head)


def _asked(entry: Format, artifact: Artifact, head: bytes) -> bool:
    if entry.named and not artifact.leaf.lower().endswith(entry.suffixes):
        return False
    return bool(cast("bool", load(entry.recognise)(artifact, head)))
