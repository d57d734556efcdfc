"""One pass over a zip archive that gathers every reading of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...artifacts import Artifact
from ...errors import LimitExceeded, ParseError, SentinelError
from ...findings import Gap
from ...limits import KIB, MIB, Budget
from .anomalies import AnomalyLog
from .zip_directory import TAIL, Directory, Window, read_directories
from .zip_layout import Range, note_overlaps, uncovered, without_zeros
from .zip_local import join
from .zip_model import ZipArchive, ZipEntry
from .zip_names import note_names
from .zip_open import STORED, is_locked, open_entry
from .zip_records import CENTRAL, END_SIZE, LOCAL, End

if TYPE_CHECKING:
    from .zip_scan import Scan

_DIRECTORIES = 32
_ROUNDS = 16
_BACK = 16 * MIB
_LINKS = 1000
_LINK_MAX = 4 * KIB
_PADDING = 64 * MIB


class Survey:
    """Gathers the directories, entries, anomalies and gaps of one archive.

    Args:
        artifact: The archive.
        budget: Bounds members and time.
    """

    __slots__ = (
        "_artifact",
        "_budget",
        "_comment",
        "_directories",
        "_entries",
        "_full",
        "_gaps",
        "_hidden",
        "_log",
        "_more",
        "_reader",
        "_scan",
        "_seen",
        "_spans",
    )

    def __init__(self, artifact: Artifact, budget: Budget) -> None:
        self._artifact = artifact
        self._reader = artifact.reader
        self._budget = budget
        self._log = AnomalyLog()
        self._gaps: list[Gap] = []
        self._directories: list[Directory] = []
        self._entries: list[ZipEntry] = []
        self._seen: dict[int, ZipEntry] = {}
        self._more: set[tuple[object, ...]] = set()
        self._spans: list[Range] = []
        self._hidden: list[Range] = []
        self._comment = b""
        self._full = False
        self._scan: Scan | None = None

    def run(self) -> ZipArchive:
        """Return what was found. Raises ParseError when there is no archive at all."""
        self._find_main()
        if self._directories:
            self._find_earlier()
            self._find_unshifted()
        if self._full:
            self._gap("limit", f"more than {_DIRECTORIES} directories")
        cut = any(directory.cut for directory in self._directories)
        if cut:
            limit = self._budget.limits.max_members
            self._gap("limit", f"more than {limit} members", "raise --max-members to read on")
        else:
            self._find_uncovered()
        if not self._entries and not self._directories:
            raise ParseError("neither a zip directory nor a local header")
        self._note_members()
        first = self._spans[0][0] if self._spans else 0
        end = self._reader.size
        if self._directories:
            tail = self._directories[0].tail
            end = min(end, tail.offset + END_SIZE + tail.comment)
        return ZipArchive(
            tuple(self._entries),
            self._log.close(),
            tuple(self._gaps),
            first,
            end,
            tuple(self._hidden),
            self._comment,
        )

    def _gap(self, reason: str, detail: str, hint: str = "", offset: int | None = None) -> None:
        self._gaps.append(Gap(reason, self._artifact.location(offset), detail, hint))

    # Directories

    def _find_main(self) -> None:
        """Take the last end record that holds, and what else lies in the same 64 KiB."""
        end = self._reader.size
        while end > 0 and not self._directories and end > self._reader.size - _BACK:
            window = Window(self._reader, end)
            for record in window.ends():
                if not self._inside(record.offset):
                    self._take(window, record)
            end = window.base + END_SIZE - 1 if window.base else 0
        if not self._directories:
            self._gap("truncated", "no end-of-directory record that holds", "get the file again")

    def _find_earlier(self) -> None:
        """Look for further archives in front of the first member."""
        for _ in range(_ROUNDS):
            first = min((start for start, _ in self._spans), default=0)
            if first <= END_SIZE:
                return
            window = Window(self._reader, first)
            count = len(self._directories)
            for record in window.ends():
                self._take(window, record)
            if len(self._directories) == count:
                return

    def _take(self, window: Window, record: End) -> None:
        """Read every directory that an end record may mean."""
        if self._full:
            return
        read = sum(len(directory.entries) for directory in self._directories)
        room = max(self._budget.limits.max_members - read, 0)
        for directory in read_directories(window, record, self._budget, room):
            if len(self._directories) >= _DIRECTORIES:
                self._full = True
                return
            self._add(directory)
            if not directory.cut:
                self._note_count(directory)

    def _add(self, directory: Directory) -> None:
        if self._directories:
            self._note_directory(directory)
        joined = self._new(join(self._reader, directory, self._log))
        self._directories.append(directory)
        self._keep(joined)
        note_overlaps(joined, directory, self._log)
        note_names(self._reader, directory, joined, self._log)

    def _keep(self, joined: list[ZipEntry]) -> None:
        self._entries += joined
        self._spans += [
            (e.header_offset, e.data_offset + e.compressed) for e in joined if e.origin != "local"
        ]
        self._spans.sort()

    def _find_unshifted(self) -> None:
        """Take the offsets of shifted directories as they are where they lead to members too."""
        for directory in self._directories:
            kept = tuple(
                entry
                for entry in directory.entries
                if directory.shift and self._reader.pread(entry.header_offset, 4) == LOCAL
            )
            moved = directory._replace(shift=0, entries=kept)
            # The names of other members are bound to differ: that is one anomaly, not many.
            joined = self._new(join(self._reader, moved, AnomalyLog()))
            if joined:
                self._keep(joined)
                detail = (
                    f"the directory at {directory.start} leads to members {directory.shift} bytes "
                    "apart"
                )
                self._log.add("ambiguous", detail, directory.start, joined[0].name)

    def _new(self, entries: Iterable[ZipEntry]) -> list[ZipEntry]:
        """Return the entries that are a reading not seen before."""
        fresh = []
        for entry in entries:
            known = self._seen.setdefault(entry.header_offset, entry)
            if known is not entry:
                key = (entry.header_offset, entry.raw_name, *entry[3:8])
                if key in self._more or key == (known.header_offset, known.raw_name, *known[3:8]):
                    continue
                self._more.add(key)
            fresh.append(entry)
        return fresh

    def _inside(self, offset: int) -> bool:
        """Return True when an offset lies within the bytes of a known member."""
        at = bisect_right(self._spans, (offset, self._reader.size + 1)) - 1
        return at >= 0 and self._spans[at][0] <= offset < self._spans[at][1]

    # Notes

    def _note_directory(self, directory: Directory) -> None:
        main = self._directories[0]
        if directory.tail.offset == main.tail.offset:
            kind = "ambiguous"
            detail = (
                f"one end record leads to a directory at {main.start} (members moved by "
                f"{main.shift}) and to one at {directory.start} (moved by {directory.shift})"
            )
        else:
            kind = "second-directory"
            detail = (
                f"beside the directory at {main.start} there is one at {directory.start} with "
                f"{len(directory.entries)} entries"
            )
        self._log.add(kind, detail, directory.start)

    def _note_count(self, directory: Directory) -> None:
        record, count = directory.record, len(directory.entries)
        modulus = 0x10000 if record.offset == directory.tail.offset else 1 << 64
        if record.total != count % modulus:
            detail = f"the end record counts {record.total} entries, the directory has {count}"
            self._log.add("count", detail, record.offset)
        if count and directory.end - directory.start != record.size:
            detail = (
                f"the end record gives the directory {record.size} bytes, its entries take "
                f"{directory.end - directory.start}"
            )
            self._log.add("count", detail, record.offset)

    def _note_members(self) -> None:
        links = 0
        for entry in self._entries:
            lies = entry.size != entry.compressed and entry.origin != "local"
            if lies and entry.method == STORED and not is_locked(entry):
                detail = f"stored in {entry.compressed} bytes but said to hold {entry.size}"
                self._log.add("stored-size", detail, entry.header_offset, entry.name)
            if entry.mode & 0o170000 == 0o120000 and links < _LINKS:
                links += 1
                self._log.add("symlink", self._target(entry), entry.header_offset, entry.name)

    def _target(self, entry: ZipEntry) -> str:
        if entry.size > _LINK_MAX or entry.compressed > _LINK_MAX:
            return ""
        try:
            reader = open_entry(self._artifact, entry, self._budget)
            return reader.pread(0, _LINK_MAX).decode("utf-8", "surrogateescape")
        except SentinelError:
            return ""

    # Bytes that belong to nothing

    def _find_uncovered(self) -> None:
        try:
            for start, end in uncovered(self._reader.size, self._directories, self._entries):
                self._look_into(start, end)
            for directory in self._directories:
                self._look_at_comment(directory)
        except LimitExceeded as error:
            self._gap("limit", error.message, error.hint)

    def _look_into(self, start: int, end: int) -> None:
        found = without_zeros(self._reader, start, end, _PADDING)
        if found is None:
            return
        if self._scan is None:
            from .zip_scan import Scan

            self._scan = Scan(self._reader, self._budget)
        at = found[0]
        for member in self._scan.members(*found):
            self._add_local(member.entry)
            self._hide(at, member.entry.header_offset)
            at = member.end
        self._hide(at, found[1])

    def _add_local(self, entry: ZipEntry) -> None:
        if len(self._entries) >= self._budget.limits.max_members:
            limit = self._budget.limits.max_members
            raise LimitExceeded(f"more than {limit} members", "raise --max-members to read on")
        self._entries += self._new([entry])
        if self._directories:
            detail = f"{entry.compressed} bytes that no directory lists"
            self._log.add("local-only", detail, entry.header_offset, entry.name)

    def _hide(self, start: int, end: int) -> None:
        """Note bytes that belong to nothing, unless they are padding or a cut directory."""
        found = without_zeros(self._reader, start, end, _PADDING) if start < end else None
        if found is None:
            return
        start, end = found
        head = self._reader.pread(start, min(4 * KIB, end - start))
        if not self._directories and head.startswith(CENTRAL):
            return
        from .hidden import note_hidden

        where = "hidden"
        if start == 0 or (self._spans and start < self._spans[0][0]):
            where = "prefix"
        elif self._directories and start >= self._directories[0].tail.offset:
            where = "suffix"
        note_hidden(self._hidden, start, end, head, where, self._log)

    def _look_at_comment(self, directory: Directory) -> None:
        start = directory.tail.offset + END_SIZE
        length = min(directory.tail.comment, self._reader.size - start, TAIL)
        data = self._reader.pread(start, length)
        if not data:
            return
        from .hidden import name_bytes

        kind = name_bytes(data)
        if kind == "text":
            self._comment = data
        else:
            self._hidden.append((start, len(data)))
            self._log.add(f"comment-{kind}", f"an archive comment of {len(data)} bytes", start)
