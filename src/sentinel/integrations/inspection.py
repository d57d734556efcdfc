"""Scanning what passes a guard: a file, or every file below a directory, ``.git`` included.

A file of a directory that was scanned is not scanned again while nothing in that directory changes,
since what a file is depends on what lies beside it: a tracker reads the model that it writes
several times. A file that is so young that a change may not show in its times is not remembered,
and neither is one that is looked at by itself.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from threading import Lock
from typing import NamedTuple

from ..artifacts import Artifact
from ..engine import Scanner
from ..findings import Coverage, Finding, Gap, Location, Report, Verdict
from ..formats.surroundings import forget_directories, marks_around
from ..limits import Limits
from ..readers import MemoryReader, open_file
from ..rules import RULES_VERSION
from ..verdicts import decide

_ORDER = list(Verdict)
_YOUNG = 50_000_000  # nanoseconds: clocks of file systems tick every few milliseconds
_REMEMBERED = 4096
MOST_FILES = 200_000
_STILL = "log it again when nothing writes to it"
_ABSENT = "is not read: there is no such file"

State = tuple[int, int, int, int, int]


class Inspection(NamedTuple):
    """What a scan of something says.

    Attributes:
        reports: One a model file, under the name it has as an artifact.
        others: Names of files that are no models.
        paths: Where each of them is on disk, by name.
        vulnerabilities: What is said of known vulnerabilities of packages that are asked for;
            empty where nobody was to look.
    """

    reports: tuple[Report, ...]
    others: tuple[str, ...]
    paths: Mapping[str, str]
    vulnerabilities: str = ""

    @property
    def verdict(self) -> Verdict:
        """The worst verdict about any file."""
        verdicts = (report.verdict for report in self.reports)
        return max(verdicts, key=_ORDER.index, default=Verdict.CLEAN)


class Inspector:
    """Scans and remembers, for all threads of a process."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, State, Limits, bytes], Report] = OrderedDict()
        self._lock = Lock()

    def forked(self) -> None:
        """Begin afresh in the child of a fork: another thread may have held the lock."""
        self._lock = Lock()

    def inspect(
        self,
        path: str,
        name: str,
        limits: Limits,
        only: frozenset[str] | None = None,
    ) -> Inspection:
        """Scan a file or a directory.

        Args:
            path: Where it is.
            name: What it is called as an artifact; the names of files below it start with it.
            limits: Bounds of one file's scan.
            only: Paths of the files to scan; None for all.
        """
        top = os.path.abspath(path)
        forget_directories()
        around = _surroundings(top)
        scanner = Scanner(limits, named=frozenset((top,)))
        reports: list[Report] = []
        others: list[str] = []
        paths: dict[str, str] = {}
        for count, (file, gap) in enumerate(files_below(top)):
            if count == MOST_FILES:
                reports.append(_gap_report(name, "limit", f"more than {MOST_FILES} files"))
                break
            if only is not None and file not in only:
                continue
            told = shown(file, top, name)
            paths[told] = file
            report = gap if gap is not None else self._scan(scanner, file, around)
            if file == top:
                report = alone(report)
            if report.is_other:
                others.append(told)
            else:
                reports.append(renamed(report, told))
        return Inspection(tuple(reports), tuple(others), paths)

    def inspect_as(self, path: str, place: str, name: str, limits: Limits) -> Inspection:
        """Scan one file as what it is going to be.

        Args:
            path: Where it is at present, under whatever name.
            place: Where it will be: its name there, and what lies beside, tell what it is.
            name: What it is called as an artifact.
            limits: Bounds of the scan.
        """
        forget_directories()
        with open_file(path) as reader:
            if reader.size > limits.max_file_size:
                text = f"larger than {limits.max_file_size} bytes"
                large = _gap_report(name, "limit", text, "raise max_file_size")
                return Inspection((large,), (), {name: path})
            found = Scanner(limits).scan_artifact(Artifact(place, reader, asked=True))
        report = renamed(alone(found), name)
        paths = {name: path}
        return (
            Inspection((), (name,), paths) if report.is_other else Inspection((report,), (), paths)
        )

    def _scan(self, scanner: Scanner, file: str, around: bytes) -> Report:
        if not around:
            return scanner.scan_path(file)
        key = (file, state_of(file), scanner.limits, around)
        with self._lock:
            known = self._known.get(key)
        if known is not None:
            return known
        now = time.time_ns()
        report = scanner.scan_path(file)
        if state_of(file) == key[1] and key[1][4] < now - _YOUNG:
            with self._lock:
                self._known[key] = report
                while len(self._known) > _REMEMBERED:
                    self._known.popitem(last=False)
        return report


def _surroundings(top: str) -> bytes:
    """Return a digest of what lies below a directory and tells above it; empty for no directory."""
    if not os.path.isdir(top):
        return b""
    digest = hashlib.sha256(repr([sorted(names) for names in marks_around(top)]).encode())
    for count, (file, _) in enumerate(files_below(top)):
        if count == MOST_FILES:
            break
        digest.update(repr((file, state_of(file))).encode())
    return digest.digest()


def state_of(file: str, *, follow: bool = True) -> State:
    """Return device, inode, size, and the times of content and entry, of what a path leads to."""
    try:
        found = os.stat(file, follow_symlinks=follow)
    except (OSError, ValueError):
        return (0, 0, 0, 0, 0)
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def files_below(top: str) -> Iterator[tuple[str, Report | None]]:
    """Yield every file, with a report where it cannot be scanned.

    Links to directories are followed, since uploads may follow them; none is entered twice.
    """
    for path, kind in entries_below(top):
        if isinstance(kind, OSError):
            yield path, _gap_report(path, "unreadable", kind.strerror or str(kind))
        elif not stat.S_ISDIR(kind):
            yield path, None if stat.S_ISREG(kind) else _gap_report(path, "special-file", "no file")


def entries_below(top: str) -> Iterator[tuple[str, int | OSError]]:
    """Yield every file and directory, itself the first, with its mode or why it has none.

    A directory that cannot be listed is there twice. Links are followed as in ``files_below``.
    """
    pending, seen = [top], set[tuple[int, int]]()
    while pending:
        path = pending.pop()
        try:
            status = os.stat(path)
            if not stat.S_ISDIR(status.st_mode):
                yield path, status.st_mode
                continue
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            yield path, status.st_mode
            with os.scandir(path) as entries:
                pending += sorted((entry.path for entry in entries), reverse=True)
        except OSError as error:
            yield path, error


def alone(report: Report) -> Report:
    """Return the report of a single file without complaints that its neighbours are not there.

    Files of a model are uploaded and fetched one by one; each is scanned in its turn.
    """
    kept = tuple(
        gap
        for gap in report.coverage.gaps
        if gap.reason != "unreadable" or not gap.detail.endswith(_ABSENT)
    )
    if len(kept) == len(report.coverage.gaps):
        return report
    coverage = report.coverage._replace(gaps=kept)
    return report._replace(coverage=coverage, verdict=decide(report.findings, kept))


def renamed(report: Report, name: str) -> Report:
    """Return a report under another name for its file."""
    old = report.artifact

    def place(location: Location) -> Location:
        return location._replace(artifact=name) if location.artifact == old else location

    def finding(one: Finding) -> Finding:
        return one._replace(locations=tuple(map(place, one.locations)))

    gaps = tuple(gap._replace(location=place(gap.location)) for gap in report.coverage.gaps)
    return report._replace(
        artifact=name,
        findings=tuple(map(finding, report.findings)),
        coverage=report.coverage._replace(gaps=gaps),
    )


def moved(name: str, path: str, verb: str) -> Inspection:
    """Return what is said of something that is no longer what was scanned.

    Args:
        name: What it is called as an artifact.
        path: Where it is on disk.
        verb: What was done with it meanwhile, ``logged``.
    """
    report = _gap_report(name, "changed", f"it changed while it was {verb}", _STILL)
    return Inspection((report,), (), {name: path})


def crashed(name: str, error: BaseException) -> Inspection:
    """Return what is said of something that could not be scanned for an error of our own."""
    detail = f"internal error: {type(error).__name__}: {' '.join(str(error).split())[:300]}"
    return Inspection((_gap_report(name, "internal", detail),), (), {})


def shown(file: str, top: str, name: str) -> str:
    """Return what a file is called as an artifact, given what the path above it is called."""
    if file == top:
        return name
    below = os.path.relpath(file, top).replace(os.sep, "/")
    return f"{name}/{below}" if name else below


def _gap_report(name: str, reason: str, detail: str, hint: str = "") -> Report:
    location = Artifact(name, MemoryReader(b"")).location()
    gap = Gap(reason, location, detail, hint)
    return Report(name, (), (), Coverage(0, 0, (gap,)), decide((), (gap,)), RULES_VERSION)
