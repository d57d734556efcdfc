"""Pictures and sound: what is behind their end, and script within them."""

from __future__ import annotations

import re

from ..artifacts import Artifact
from ..formats.embedded import file_at
from ..limits import KIB, Budget
from ..rules.dataset_notes import Note
from .images import Picture, kind_of, look
from .notes import Notes

_LOOKED = 64 * KIB
_END_OF_ZIP = b"PK\x05\x06"
_CODE = re.compile(rb"<\?php\b|<\?=|<script\b|<%@|\beval\s*\(\s*(?:base64_decode|atob|\$_)", re.I)
_MARKUP = re.compile(rb"<!doctype\s+html|<html\b|<body\b|<iframe\b", re.I)
_COMMENTED = re.compile(rb"(?:GIF8[79]a|BM|RIFF)(?:/\*|\s*=)")
_SVG_CODE = re.compile(
    r"<script\b|\son[a-z]{3,20}\s*=\s*[\"']|javascript\s*:|<foreignObject\b[^>]*>\s*<(?:iframe|script)",
    re.I,
)
_MOST_PIXELS = 2 * 89_478_485
"""Beyond it Pillow refuses the picture as a decompression bomb."""


def watch_picture(artifact: Artifact, budget: Budget, notes: Notes) -> None:
    """Look at a picture or a sound.

    Raises:
        ReadError: It cannot be read.
        LimitExceeded: Out of time.
    """
    found = look(artifact.reader, budget)
    if found is None:
        return
    if found.broken:
        _broken(artifact, found, notes)
        return
    if found.end < artifact.reader.size:
        _behind(artifact, found, notes)
    if found.width * found.height > _MOST_PIXELS:
        says = f"a {found.kind} of {found.width} x {found.height} pixels"
        notes.add(Note("picture-bomb", says, "", found.width * found.height))
    for offset, text in found.texts:
        code = _CODE.search(text)
        if code is not None:
            says = f"a comment of the {found.kind} holds code"
            shown = code[0].decode("ascii", "replace")
            notes.add(Note("picture-code", says, shown, offset=offset + code.start()))


def _broken(artifact: Artifact, found: Picture, notes: Notes) -> None:
    head = artifact.reader.pread(0, _LOOKED)
    code = _CODE.search(head) or _MARKUP.search(head)
    tail = artifact.reader.pread(max(0, artifact.reader.size - _LOOKED), _LOOKED)
    if _COMMENTED.match(head):
        says = f"begins as a {found.kind} and goes on as a program of JavaScript"
        notes.add(Note("polyglot", says, "script", offset=0))
    elif code is not None:
        says = f"begins as a {found.kind}, which is broken, and holds code"
        shown = code[0].decode("ascii", "replace")
        notes.add(Note("polyglot", says, shown, offset=code.start()))
    elif _END_OF_ZIP in tail:
        notes.add(
            Note("polyglot", f"a broken {found.kind} that is a zip archive too", "zip archive")
        )
    else:
        notes.add(Note("picture-broken", f"the {found.kind} is broken: {found.broken}"))


def _behind(artifact: Artifact, found: Picture, notes: Notes) -> None:
    """Judge what stands behind the end."""
    reader, end = artifact.reader, found.end
    room = reader.size - end
    head = reader.pread(end, _LOOKED)
    if room <= _LOOKED and not head.strip(b"\0\r\n\t \xff"):
        return
    start = len(head) - len(head.lstrip(b"\0\r\n\t "))
    tail = reader.pread(max(end, reader.size - _LOOKED), _LOOKED)
    kind = file_at(reader, end + start, room - start)
    code = _CODE.search(head) or _CODE.search(tail) or _MARKUP.search(head)
    if not kind and _END_OF_ZIP in tail:
        kind = "zip archive"
    if not kind and head.startswith(b"%PDF-", start):
        kind = "PDF document"
    if not kind and code is not None:
        kind = f"code ({code[0].decode('ascii', 'replace')})"
    if kind:
        says = f"behind the end of the {found.kind} there is another file: {kind}"
        notes.add(Note("polyglot", says, kind, room, reader.size, offset=end + start))
        return
    other = kind_of(head[start : start + 32])
    film = head[start + 4 : start + 8] == b"ftyp"
    what = f"a {other}" if other else "a film" if film else "data"
    says = f"{room} bytes behind the end of the {found.kind}: {what}"
    known = "trailing-picture" if other or film else "trailing"
    notes.add(Note(known, says, "", room, reader.size, offset=end))


def watch_svg(text: str, notes: Notes) -> None:
    """Look for script in a drawing; ``text`` is its source, or the beginning of it."""
    found = _SVG_CODE.search(text)
    if found is not None:
        line = 1 + text.count("\n", 0, found.start())
        notes.add(Note("svg-code", "the drawing holds script", found[0].strip(), line=line))
