"""One run: find the files, scan them, set accepted findings aside, work out the exit code."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ..errors import SettingsError, UsageError
from ..findings import Coverage, Gap, Location, Report
from ..limits import Limits
from ..reports.run import Run
from ..rules import RULES_VERSION
from ..settings import Settings, git_root
from ..targets import Target, walk
from ..verdicts import EXIT_INCOMPLETE, EXIT_OK, decide, exit_code
from . import absent

if TYPE_CHECKING:
    from ..acceptance import Acceptance

Watcher = Callable[[str], None]
Maker = Callable[[], Callable[[str], Report]]
_POINTERS = (".dvc", "dvc.lock")


class Runner:
    """Runs scans under one set of settings.

    Args:
        settings: The settings.
        digests: Whether reports with findings are to carry the SHA-256 of their file.
        hook: Whether names come from a hook, which passes on whatever was changed: ``exclude``
            holds for them too, one that is no model file is passed over, and a DVC pointer leads
            to the file that it stands for.
        only: Names of the formats to read; empty for all.
        make: Makes what scans one file, in each process that scans; the scanner of models by
            default.
        wrap: Makes a scanner of the maker of another, to do more with each file.
        last: What is scanned by this process, when all else was.
        noun: What is scanned, for people.
        unused: Whether to say how much of the baseline was not met.
        judges: Says of a rule whether such a scan can meet it; every one by default.
        on_crash: Told about an error of ours while a file was scanned.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        digests: bool = False,
        hook: bool = False,
        only: frozenset[str] = frozenset(),
        make: Maker | None = None,
        wrap: Callable[[Maker], Callable[[str], Report]] | None = None,
        last: frozenset[str] = frozenset(),
        noun: str = "model file",
        unused: bool = False,
        judges: Callable[[str], bool] | None = None,
        on_crash: Callable[[str, Exception], None] | None = None,
    ) -> None:
        self._settings = settings
        self._digests = digests
        self._hook = hook
        self._make = make
        self._wrap = wrap
        self._only = only
        self._last = last
        self._noun = noun
        self._unused = unused
        self._judges = judges
        self._on_crash = on_crash
        self._excluded = 0
        self.root = git_root(os.getcwd()) or os.getcwd()

    def targets(self, paths: Sequence[str]) -> list[Target]:
        """Return the files to scan. Raises UsageError when a path does not exist."""
        if not paths:
            raise UsageError("nothing to scan", "name files or directories; . is this one")
        absent.check(paths)
        skip = self._skip()
        found = list(walk(paths, skip))
        if not self._hook:
            return found
        found = self._kept(found, skip)
        if any(target.path.endswith(_POINTERS) for target in found):
            from ..dvc import follow

            found = self._kept(follow(found, self.root, self._settings.limits), skip)
        return found

    def _kept(self, targets: Iterable[Target], skip: Callable[[str], bool] | None) -> list[Target]:
        if skip is None:
            return list(targets)
        return [target for target in targets if not skip(target.path)]

    def run(self, paths: Sequence[str], targets: list[Target], watch: Watcher | None = None) -> Run:
        """Scan and return the outcome.

        Args:
            paths: What the user asked for.
            targets: The files that gave.
            watch: Told the name of every file before it is scanned.
        """
        started = time.time()
        acceptance = self._acceptance()
        reports: list[Report] = []
        others: list[str] = []
        named = set() if self._hook else {t.path for t in targets if t.named}
        for report in self._scan(targets, watch or _ignore):
            if report.is_other and report.artifact not in named:
                others.append(report.artifact)
                continue
            reports.append(self._judge(report, acceptance))
        reports.sort(key=_by_name)
        return Run(
            targets=tuple(paths),
            reports=tuple(reports),
            others=tuple(sorted(others)),
            root=self.root,
            exit_code=self._exit_code(reports),
            fail_on=self._settings.fail_on,
            started=started,
            finished=time.time(),
            excluded=self._excluded,
            notices=self._notices(acceptance),
            noun=self._noun,
        )

    def _notices(self, acceptance: Acceptance | None) -> tuple[str, ...]:
        if acceptance is None:
            return self._settings.notices
        more = acceptance.notices(unused=self._unused, judges=self._judges)
        return (*self._settings.notices, *more)

    def _skip(self) -> Callable[[str], bool] | None:
        if not self._settings.exclude:
            return None
        from ..settings.patterns import matcher

        match = matcher(self._settings.exclude, self._settings.base)

        def skip(path: str) -> bool:
            found = match(path)
            self._excluded += found
            return found

        return skip

    def _acceptance(self) -> Acceptance | None:
        settings = self._settings
        entries = settings.suppress
        if not (entries or settings.suppressions or settings.baseline):
            return None
        from ..acceptance import Acceptance, check_suppressions
        from ..baseline import read_baseline
        from ..settings.files import read_suppressions

        if settings.suppressions:
            entries = (*entries, *read_suppressions(settings.suppressions))
        if entries:
            check_suppressions(entries)
        baseline = read_baseline(settings.baseline) if settings.baseline else None
        return Acceptance(entries, baseline, self.root)

    def _judge(self, report: Report, acceptance: Acceptance | None) -> Report:
        if acceptance is not None:
            report = acceptance.apply(report)
        if self._digests and (report.findings or report.suppressed):
            from ..acceptance import with_digest

            report = with_digest(report)
        return report

    def _scan(self, targets: Iterable[Target], watch: Watcher) -> Iterator[Report]:
        files = []
        named = set()
        for target in targets:
            if target.gap is None:
                files.append(target.path)
                if target.named and not self._hook:
                    named.add(target.path)
            else:
                yield gap_report(target.path, target.gap)
        settings = self._settings
        make = self._make or partial(scanner, settings.limits, self._only, frozenset(named))
        if self._wrap is not None:
            make = partial(self._wrap, make)
        mine = [path for path in files if path in self._last]
        others = [path for path in files if path not in self._last]
        if settings.jobs == 1 or len(others) < 2:
            yield from self._one_by_one(files, make, watch)
            return
        from .workers import scan_in_processes

        for report in scan_in_processes(others, make, settings.jobs):
            watch(report.artifact)
            yield report
        if mine:
            yield from self._one_by_one(mine, make, watch)

    def _one_by_one(self, files: Iterable[str], make: Maker, watch: Watcher) -> Iterator[Report]:
        scan = make()
        for path in files:
            watch(path)
            try:
                yield scan(path)
            except (SettingsError, UsageError):
                raise
            except Exception as error:  # a bug must not cost the other files their report
                if self._on_crash is not None:
                    self._on_crash(path, error)
                yield crash_report(path, error)

    def _exit_code(self, reports: Sequence[Report]) -> int:
        settings = self._settings
        code = exit_code(reports, settings.fail_on, require_complete=settings.require_complete)
        if code == EXIT_OK and settings.require_files and not reports:
            return EXIT_INCOMPLETE
        return code


def scanner(
    limits: Limits, only: frozenset[str] = frozenset(), named: frozenset[str] | None = None
) -> Callable[[str], Report]:
    """Return a function that scans one file, as ``only`` those formats where there are any.

    Args:
        limits: Bounds of one scan.
        only: Names of formats; empty for all.
        named: The files that the user named; None for every one.
    """
    from ..engine import Scanner

    return Scanner(limits, only, named).scan_path


def gap_report(path: str, gap: Gap) -> Report:
    """Return the report about a file that was not scanned."""
    return Report(path, (), (), Coverage(gaps=(gap,)), decide((), (gap,)), RULES_VERSION)


def crash_report(path: str, error: Exception) -> Report:
    """Return the report about a file that our own code failed on."""
    detail = f"an error of our own: {type(error).__name__}: {' '.join(str(error).split())[:300]}"
    hint = "please report it, with the output of -vv"
    return gap_report(path, Gap("internal", Location(path), detail, hint))


def _by_name(report: Report) -> str:
    return report.artifact


def _ignore(path: str) -> None:
    pass
