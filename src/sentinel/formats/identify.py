"""What a file is: by its content first, by its name only when the content does not say.

A polyglot is several formats, and all of them are read: which one counts depends on who opens it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple, cast

from ..artifacts import Artifact
from . import BY_NAME, FORMATS, Format, load
from .first_bytes import FIRST_BYTES

_HEAD = 4096
_TAIL = 65_557
_LFS = re.compile(  # all of it: behind the first line of one could be anything, and be passed over
    rb"version https://git-lfs\.github\.com/spec/v\w{1,8}\r?\n"
    rb"(?:ext-\d-[\w-]{1,32} sha256:[0-9a-f]{1,64}\r?\n){0,10}"
    rb"oid sha256:[0-9a-f]{1,64}\r?\nsize \d{1,20}\s{0,4}"
)
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
    pointer = pointer_of(head, artifact.leaf)
    if pointer:
        return Identity((), pointer=pointer)
    tail = _tail(artifact, head)
    found = _by_content(artifact, head, tail)
    leaf = artifact.leaf.lower()
    asking, ending, stem = _asking(), leaf[leaf.rfind(".") :], leaf.partition(".")[0]
    if leaf in asking or ending in asking or stem in asking:
        entries = dict.fromkeys(one for key in (leaf, ending, stem) for one in asking.get(key, ()))
        found += [one for one in entries if one not in found and _asked(one, artifact, head)]
    names: list[str] = []
    for entry in found:
        kinds = [
            kind
            for kind in _kinds(entry.name)
            if _may_be(kind, leaf, head, tail) and _asked(kind, artifact, head)
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


class _Look(NamedTuple):
    """How a format is looked for: this is done for every file of a tree, so it is made ready."""

    entry: Format
    marks: tuple[tuple[int, bytes], ...]
    hint: re.Pattern[bytes] | None
    tail: bytes
    asks: bool


def _by_content(artifact: Artifact, head: bytes, tail: bytes) -> list[Format]:
    """Return the formats that the bytes themselves say."""
    found: list[Format] = []
    for entry, marks, hint, ending, asks in _looks(head[:1]):
        for offset, mark in marks:
            if head.startswith(mark, offset):
                found.append(entry)
                break
        else:
            if not asks or ending not in tail or (hint is not None and hint.match(head) is None):
                continue
            if _asked(entry, artifact, head):
                found.append(entry)
    return found


@cache
def _looks(first: bytes) -> tuple[_Look, ...]:
    """Return what to look for in a file with this first byte; most of a tree are no models.

    Args:
        first: The first byte; empty for an empty file.
    """
    return tuple(
        _Look(
            entry,
            tuple(mark for mark in entry.magic if mark[0] or mark[1][:1] == first),
            re.compile(entry.hint) if entry.hint else None,
            entry.tail,
            bool(entry.recognise and (entry.hint or entry.tail)),
        )
        for entry in FORMATS
        if not entry.within and _may_begin(entry, first)
    )


def _may_begin(entry: Format, first: bytes) -> bool:
    if any(offset or mark[:1] == first for offset, mark in entry.magic):
        return True
    if not entry.recognise or not (entry.hint or entry.tail):
        return False
    return not entry.hint or first in FIRST_BYTES.get(entry.name, first)


@cache
def _kinds(name: str) -> tuple[Format, ...]:
    return tuple(kind for kind in FORMATS if kind.within == name)


def _may_be(kind: Format, leaf: str, head: bytes, tail: bytes) -> bool:
    """Return False for a kind of archive whose names the directory at the end does not hold.

    It saves the import of the module that would say so in full.
    """
    if leaf.endswith(kind.suffixes or ("\0",)):
        return True
    if kind.hint and not re.match(kind.hint, head):
        return False
    return not kind.tail or kind.tail in tail.lower() or not _holds_directory(tail)


def _holds_directory(tail: bytes) -> bool:
    """Return True when the whole directory of a zip archive is within its last bytes."""
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or end + 20 > len(tail):
        return False
    return int.from_bytes(tail[end + 12 : end + 16], "little") <= end


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


def pointer_of(head: bytes, name: str) -> str:
    """Return ``Git LFS`` or ``DVC`` for a file that merely stands for another, else nothing.

    What a pointer seems to be is not scanned, so nothing else may pass for one.

    Args:
        head: Its first 4,096 bytes.
        name: Its name, which DVC goes by.
    """
    if _LFS.fullmatch(head):
        return "Git LFS"
    return "DVC" if name.endswith((".dvc", "dvc.lock")) and _DVC.match(head) else ""


def _text(head: bytes) -> bool:
    return b"\x00" not in head and not re.search(rb"[\x00-\x08\x0e-\x1a\x80-\xff]", head)


def _tail(artifact: Artifact, head: bytes) -> bytes:
    size = artifact.reader.size
    return head if size <= len(head) else artifact.reader.pread(max(0, size - _TAIL), _TAIL)


def _asked(entry: Format, artifact: Artifact, head: bytes) -> bool:
    if entry.named and not artifact.leaf.lower().endswith(entry.suffixes):
        return False
    return bool(cast("bool", load(entry.recognise)(artifact, head)))
