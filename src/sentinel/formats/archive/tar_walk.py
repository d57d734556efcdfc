"""One walk over the headers of a tar archive."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from ...artifacts import Artifact
from ...errors import LimitExceeded, ParseError
from ...findings import Gap
from ...limits import KIB, MIB, Budget
from .anomalies import AnomalyLog
from .hidden import Search, note_hidden
from .names import Comparison, note_clashes
from .tar_model import TarArchive, TarEntry
from .tar_records import (
    BLOCK,
    LONG_LINK,
    LONG_NAME,
    PAX,
    PAX_GLOBAL,
    WITH_BYTES,
    ZERO,
    Header,
    read_header,
    read_pax,
)

_EXTENDED = MIB
_GIANT = 8 * 1024 * MIB  # what does not fit into the size field of a header
_SEARCHED = 256 * MIB
_NO_CHECKSUM = bytes(8)


class _Pending(NamedTuple):
    """What extended headers say about the next member."""

    name: str | None = None
    link: str | None = None
    size: int | None = None


_NOTHING = _Pending()


class Walk:
    """Follows the headers of one archive in every way that a reader might.

    Args:
        artifact: The archive.
        budget: Bounds members and time.
    """

    __slots__ = (
        "_artifact",
        "_budget",
        "_end",
        "_entries",
        "_gaps",
        "_globals",
        "_hidden",
        "_log",
        "_origin",
        "_queue",
        "_reader",
        "_search",
        "_visited",
    )

    def __init__(self, artifact: Artifact, budget: Budget) -> None:
        self._artifact = artifact
        self._reader = artifact.reader
        self._budget = budget
        self._log = AnomalyLog()
        self._entries: list[TarEntry] = []
        self._gaps: list[Gap] = []
        self._hidden: list[tuple[int, int]] = []
        self._globals = _NOTHING
        self._visited: set[int] = set()
        self._queue: deque[tuple[int, str]] = deque([(0, "archive")])
        self._origin = "archive"
        self._end: int | None = None
        self._search = Search(artifact.reader, budget, _SEARCHED)

    def run(self) -> TarArchive:
        """Return what was found. Raises ParseError when there is no header at all."""
        try:
            while self._queue:
                start, self._origin = self._queue.popleft()
                self._follow(start)
        except LimitExceeded as error:
            if not self._entries:
                raise
            self._gap("limit", error.message, error.hint)
        if not self._entries and self._end is None:
            raise ParseError("no tar header")
        if self._end is None:
            self._log.add("no-end", "no end-of-archive block", self._reader.size)
        self._note_names()
        return TarArchive(
            tuple(self._entries),
            self._log.close(),
            tuple(self._gaps),
            self._reader.size if self._end is None else self._end,
            tuple(self._hidden),
        )

    def _gap(self, reason: str, detail: str, hint: str = "", offset: int | None = None) -> None:
        self._gaps.append(Gap(reason, self._artifact.location(offset), detail, hint))

    def _follow(self, at: int) -> None:
        """Follow headers from one offset to the end of the file or to one that was seen before."""
        pending = self._globals
        while at + BLOCK <= self._reader.size and at not in self._visited:
            self._budget.check_time()
            block = self._reader.pread(at, BLOCK)
            if block == ZERO:
                at = self._pass_end(at)
                continue
            header = read_header(block)
            if header is None or not header.sound:
                at = self._pass_junk(at)
                continue
            self._visited.add(at)
            if header.flag in (LONG_NAME, LONG_LINK, *PAX, PAX_GLOBAL):
                pending = self._extend(header, at, pending)
                at += BLOCK + _padded(max(header.size, 0))
                continue
            at = self._take(header, at, pending)
            pending = self._globals
        if at not in self._visited and at < self._reader.size:
            self._hide(at, self._reader.size, "hidden" if self._end is None else "suffix")

    # Extended headers

    def _extend(self, header: Header, at: int, pending: _Pending) -> _Pending:
        if header.size > _EXTENDED:
            detail = f"an extended header of {header.size} bytes is not read"
            self._gap("limit", detail, "", at)
            return pending
        data = self._reader.pread(at + BLOCK, max(header.size, 0))
        if header.flag == LONG_NAME:
            return pending._replace(name=_cut(data))
        if header.flag == LONG_LINK:
            return pending._replace(link=_cut(data))
        records = read_pax(data)
        size = records.get("size", "")
        pending = _Pending(
            records.get("GNU.sparse.name", records.get("path", pending.name)),
            records.get("linkpath", pending.link),
            int(size) if size.isascii() and size.isdigit() and len(size) < 20 else pending.size,
        )
        if header.flag == PAX_GLOBAL:
            self._globals = pending
        return pending

    # Members

    def _take(self, header: Header, at: int, pending: _Pending) -> int:
        """Note a member; return where the next header is for Python's tarfile."""
        limit = self._budget.limits.max_members
        if len(self._entries) >= limit:
            raise LimitExceeded(f"more than {limit} members", "raise --max-members to read on")
        name = header.name if pending.name is None else pending.name
        size = self._size(header, at, pending, name)
        has_bytes = header.kind in WITH_BYTES
        data = at + BLOCK + (self._sparse_maps(at) if header.kind == "sparse" else 0)
        link = header.link if pending.link is None else pending.link
        if header.kind not in ("symlink", "hardlink"):
            link = ""
        held = size if has_bytes else 0
        entry = TarEntry(name, at, data, held, header.kind, header.mode, link, self._origin)
        self._entries.append(entry)
        if self._origin != "archive":
            detail = "a member that Python's tarfile does not reach"
            self._log.add("after-end", detail, at, name)
        if data + held > self._reader.size:
            detail = f"said to hold {size} bytes, {max(self._reader.size - data, 0)} are left"
            self._log.add("past-end", detail, at, name)
            self._gap("truncated", f"{name!r}: {detail}", "get the file again", at)
        if size and not has_bytes:
            self._log.add("link-size", f"a {header.kind} of {size} bytes", at, name)
            self._queue.append((data + _padded(size), "alternate"))
        return data + _padded(held)

    def _size(self, header: Header, at: int, pending: _Pending, name: str) -> int:
        if header.size < 0:
            self._log.add("bad-size", "the size field is no number", at, name)
        size = max(header.size, 0)
        if pending.size is None or pending.size == size:
            return size
        if pending.size < _GIANT:
            detail = f"{pending.size} bytes by the pax header, {size} by the header itself"
            self._log.add("pax-size", detail, at, name)
            self._queue.append((at + BLOCK + _padded(size), "alternate"))
        return pending.size

    def _sparse_maps(self, at: int) -> int:
        """Return the size of the sparse maps that follow an old GNU sparse header."""
        more = self._reader.pread(at + 482, 1)
        length = 0
        while more not in (b"", b"\0"):
            length += BLOCK
            self._budget.check_time()
            more = self._reader.pread(at + length + 504, 1)
        return length

    # Ends

    def _pass_end(self, at: int) -> int:
        """Skip zero blocks; what follows them is behind the end of the archive."""
        if self._end is None:
            self._end = at
        while data := self._search.piece(at):
            rest = data.lstrip(b"\0")
            if rest:
                at += (len(data) - len(rest)) // BLOCK * BLOCK
                break
            at += len(data)
        if at < self._reader.size:
            self._leave_archive()
        return at

    def _pass_junk(self, start: int) -> int:
        """Skip blocks that are no headers up to the next that is."""
        if self._end is None:
            self._log.add("checksum", "a block in a header's place is none", start)
        self._leave_archive()
        end = self._next_header(start)
        self._hide(start, end, "hidden" if self._end is None else "suffix")
        return end

    def _next_header(self, at: int) -> int:
        while data := self._search.piece(at):
            for offset in range(0, len(data) - BLOCK + 1, BLOCK):
                block = data[offset : offset + BLOCK]
                header = read_header(block) if block[148:156] != _NO_CHECKSUM else None
                if header is not None and header.sound:
                    return at + offset
            at += len(data)
        return at

    def _leave_archive(self) -> None:
        if self._origin == "archive":
            self._origin = "after-end"

    def _hide(self, start: int, end: int, where: str) -> None:
        head = self._reader.pread(start, min(4 * KIB, end - start))
        if not head.strip(b"\0") and end - start <= len(head):
            return
        if start in self._visited:
            return
        self._visited.add(start)
        note_hidden(self._hidden, start, end, head, where, self._log)

    def _note_names(self) -> None:
        comparison = Comparison(self._reader)

        def same(one: TarEntry, other: TarEntry) -> bool:
            if (one.kind, one.size, one.link) != (other.kind, other.size, other.link):
                return False
            return comparison.same(one.data_offset, other.data_offset, one.size)

        def describe(entry: TarEntry) -> str:
            return f"{entry.name!r} at {entry.header_offset} ({entry.size} bytes)"

        listed = (entry for entry in self._entries if entry.origin == "archive")
        named = ((e.name.removeprefix("./").rstrip("/"), e.header_offset, e) for e in listed)
        note_clashes(named, same, describe, self._log)


def _padded(size: int) -> int:
    return (size + BLOCK - 1) // BLOCK * BLOCK


def _cut(data: bytes) -> str:
    return data.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")
