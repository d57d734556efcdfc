"""The tree of files with their verdicts: folders that open, what is not clean first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ...findings import Report, Verdict
from ..run import Run, place
from .room import Room
from .text import count, foreign, plain, size
from .words import TITLES

MOST_FILES = 10_000
_MOST_BYTES = 4_000_000
_DEPTH = 24
_NAME = 200
_CLEAN_SHOWN = 8
_OPEN_BELOW = 60
_WORST_FIRST = tuple(reversed(Verdict))


class Folder:
    """A folder, its files and what lies below.

    Attributes:
        folders: Folders in it by name.
        files: Name and number of the report of each file in it.
    """

    __slots__ = ("files", "folders")

    def __init__(self) -> None:
        self.folders: dict[str, Folder] = {}
        self.files: list[tuple[str, int]] = []

    def numbers(self) -> Iterator[int]:
        """Yield the numbers of all reports below."""
        for _, number in self.files:
            yield number
        for folder in self.folders.values():
            yield from folder.numbers()


def render_tree(run: Run, homes: Mapping[int, str]) -> Iterator[str]:
    """Yield the tree.

    Args:
        run: The run.
        homes: By number of the report, the place in the page where its findings stand.
    """
    order = sorted(range(len(run.reports)), key=lambda n: _rank(run.reports[n]))
    listed = order[:MOST_FILES]
    top = _grow(run, sorted(listed, key=lambda n: run.reports[n].artifact))
    room = Room(_MOST_BYTES)
    view = _View(run.reports, homes, room)
    yield '<ul class="tree" id="tree">\n'
    yield from view.folder(top)
    yield "</ul>\n"
    left = len(order) - len(listed) + view.left_out
    if left:
        yield (
            f'<p class="note">{count(left, "more file")} '
            "left out here, to keep the page small; -f json lists every file.</p>\n"
        )


def _rank(report: Report) -> tuple[int, str]:
    return _WORST_FIRST.index(report.verdict), report.artifact


def _grow(run: Run, numbers: Sequence[int]) -> Folder:
    top = Folder()
    for number in numbers:
        *folders, name = _steps(place(run.reports[number].artifact, run.root))
        folder = top
        for step in folders:
            folder = folder.folders.setdefault(step, Folder())
        folder.files.append((name, number))
    return top


def _steps(name: str) -> list[str]:
    """Split a name into folders and file; the host of a remote one counts as a folder."""
    scheme, mark, rest = name.rpartition("://")
    root = "/" if not mark and name.startswith("/") else ""
    parts = [part for part in rest.split("/") if part] or [name]
    parts[0] = f"{scheme}{mark}{root}{parts[0]}"
    return parts if len(parts) <= _DEPTH else [*parts[: _DEPTH - 1], "/".join(parts[_DEPTH - 1 :])]


class _View:
    def __init__(self, reports: Sequence[Report], homes: Mapping[int, str], room: Room) -> None:
        self._reports = reports
        self._homes = homes
        self._room = room
        self._small = len(reports) <= _OPEN_BELOW
        self.left_out = 0

    def folder(self, folder: Folder) -> Iterator[str]:
        """Yield what is in a folder."""
        for name, below in folder.folders.items():
            yield from self._below(name, below)
        files = sorted(folder.files, key=lambda item: _rank(self._reports[item[1]]))
        clean = [f for f in files if self._reports[f[1]].verdict is Verdict.CLEAN]
        if _CLEAN_SHOWN < len(clean) < len(files):
            files = files[: len(files) - len(clean)]
            yield from self._files(files)
            yield (
                '<li class="folder"><details><summary>'
                f"{_mark(Verdict.CLEAN)}{count(len(clean), 'clean file')}</summary><ul>\n"
            )
            yield from self._files(clean)
            yield "</ul></details></li>\n"
        else:
            yield from self._files(files)

    def _below(self, name: str, folder: Folder) -> Iterator[str]:
        while len(folder.folders) == 1 and not folder.files:
            ((step, folder),) = folder.folders.items()
            name = f"{name}/{step}"
        verdicts = Counter(self._reports[number].verdict for number in folder.numbers())
        worst = next(verdict for verdict in _WORST_FIRST if verdicts[verdict])
        total = sum(verdicts.values())
        opened = " open" if self._small or worst is not Verdict.CLEAN else ""
        kinds = [f"{verdicts[kind]:,} {kind.value}" for kind in _WORST_FIRST if verdicts[kind]]
        head = (
            f'<li class="folder"><details{opened}><summary>{_mark(worst)}'
            f'<span class="name">{foreign(name, _NAME)}/</span> '
            f'<span class="muted">{", ".join(kinds)}</span></summary><ul>\n'
        )
        if not self._room.take(head):
            self.left_out += total
            return
        yield head
        yield from self.folder(folder)
        yield "</ul></details></li>\n"

    def _files(self, files: Sequence[tuple[str, int]]) -> Iterator[str]:
        for name, number in files:
            row = self._file(name, number)
            if self._room.take(row):
                yield row
            else:
                self.left_out += 1

    def _file(self, name: str, number: int) -> str:
        report = self._reports[number]
        home = self._homes.get(number)
        label = foreign(name, _NAME)
        if home:
            label = f'<a href="#{home}">{label}</a>'
        facts = [", ".join(report.formats)] if report.formats else []
        if report.coverage.bytes_total:
            facts.append(size(report.coverage.bytes_total))
        if report.findings:
            facts.append(count(len(report.findings), "finding"))
        if report.coverage.gaps:
            facts.append("not examined in full")
        formats = plain(" ".join(report.formats), 200)
        return (
            f'<li class="file" data-f="{formats}">{_mark(report.verdict)}'
            f'<span class="name">{label}</span> '
            f'<span class="muted">{plain(" · ".join(facts), 300)}</span></li>\n'
        )


def _mark(verdict: Verdict) -> str:
    return f'<span class="mark {verdict.value}">{TITLES[verdict]}</span> '
