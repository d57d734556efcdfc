"""``sentinel deps``: judge the packages that models and projects would have installed."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from ..errors import SentinelError, UsageError
from ..findings import Finding, Gap, Report
from ..formats.dependency_names import kind_of
from ..limits import Limits
from ..reports import find
from ..targets import Target
from ..verdicts import decide
from .guard import note
from .options import add_report_options, add_scan_options, parse_with_paths, settings_from
from .outputs import outputs
from .runner import Runner
from .scan import announce, deliver, show_crash, watched

if TYPE_CHECKING:
    from ..formats.requirements.model import Dependencies

_ONLY = frozenset(("requirements", "bundle", "model-config"))
_BESIDE = ("mlmodel", "bentofile.yaml", "bentofile.yml", "bento.yaml", "serve_config.yaml")

UNCHECKED = "known vulnerabilities: not checked (no database; sentinel vulndb import FILE)"
"""What is said whenever nobody has imported a database: never that there are none."""

DESCRIPTION = (
    "Judge the packages that models and projects would have installed: where they come from, "
    "whether they are pinned, and code that configurations fetch. Nothing is installed or looked "
    "up in the network."
)


class Database(Protocol):
    """Known vulnerabilities that the user has imported."""

    def describe(self) -> str:
        """Return its source, date and number of records, in one line."""
        ...

    def judge(self, path: str, found: Dependencies) -> Iterable[Finding]:
        """Return what is known of the pinned packages of a list.

        Args:
            path: The list, for the locations of findings.
            found: What it says.
        """
        ...


def database(path: str = "") -> tuple[Database | None, str]:
    """Return the database of known vulnerabilities, and what is said of it.

    Args:
        path: The file; where it was not given, that in the user's folder, if there is one.

    Raises:
        UsageError: The file that was given is not there, or ``packaging`` is not installed for it.
        SettingsError: It is damaged.
    """
    from ..trust.vulndb.judge import Comparer
    from ..trust.vulndb.store import open_database

    found = open_database(path or None)
    if found is None:
        if path:
            raise UsageError(f"{path}: there is no database", "sentinel vulndb import FILE")
        return None, UNCHECKED
    try:
        comparer = Comparer(found)
    except UsageError as error:
        if path:
            raise
        return None, f"known vulnerabilities: not checked ({error.message}; {error.hint})"
    return comparer, f"known vulnerabilities: {comparer.describe()}"


def fill(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments to a parser."""
    add_scan_options(parser)
    parser.add_argument(
        "--database", default="", metavar="FILE",
        help="known vulnerabilities, as sentinel vulndb import wrote them",
    )  # fmt: skip
    add_report_options(parser)


def main(argv: list[str]) -> int:
    """Run the command and return its exit code."""
    options = parse_with_paths("deps", argv)
    settings = settings_from(options)
    _, says = database(options.database)
    settings = settings._replace(notices=(*settings.notices, says))
    wanted = outputs(settings.format, options.output, options.report)
    announce(settings, quiet=options.quiet)
    paths = [*options.paths, *options.models]
    targets = [one for one in Runner(settings).targets(paths) if _may_tell(one)]
    lists = frozenset(os.path.normpath(one.path) for one in targets if kind_of(one.path))
    runner = Runner(
        settings,
        digests=any(find(item.format).digests for item in wanted),
        make=partial(deps_scanner, settings.limits, lists, options.database),
        noun="dependency file",
        on_crash=show_crash if options.verbose > 1 else None,
    )
    run = watched(runner, paths, targets, quiet=options.quiet)
    deliver(run, settings, options, wanted)
    if options.quiet:
        note(f"sentinel: {says}\n")
    return run.exit_code


def _may_tell(target: Target) -> bool:
    leaf = os.path.basename(target.path).lower()
    told = kind_of(target.path) or leaf in _BESIDE or leaf.endswith(".json")
    return target.named or bool(told)


def deps_scanner(
    limits: Limits, lists: frozenset[str], path: str = ""
) -> Callable[[str], Report]:
    """Return a function that scans one file as a list of packages or a model's description.

    Args:
        limits: Bounds of one scan.
        lists: Normalised paths of all lists of the run: what one includes of another is told once.
        path: The database of known vulnerabilities; that in the user's folder by default.
    """
    from ..engine import Scanner

    scanner, (known, _) = Scanner(limits, _ONLY), database(path)

    def scan(path: str) -> Report:
        report = scanner.scan_path(path)
        found = dependencies_of(path, limits) if "requirements" in report.formats else None
        if found is None:
            return report
        more = tuple(known.judge(path, found)) if known is not None else ()
        return _once(report, more, path, found, lists)

    return scan


def dependencies_of(path: str, limits: Limits) -> Dependencies | None:
    """Return what a list of packages says, or None where it cannot be read.

    Args:
        path: The list.
        limits: Bounds.
    """
    from ..artifacts import Artifact
    from ..formats.requirements import parse
    from ..formats.requirements.model import Dependencies
    from ..limits import Budget
    from ..readers import open_file

    try:
        with open_file(path) as reader:
            model = parse(Artifact(path, reader, asked=True), Budget(limits)).model
    except SentinelError:  # told by the scan
        return None
    return model if isinstance(model, Dependencies) else None


def _once(
    report: Report,
    more: tuple[Finding, ...],
    path: str,
    found: Dependencies,
    lists: frozenset[str],
) -> Report:
    """Return a report without what the reports about the other lists tell."""
    folder = os.path.dirname(path)
    met = [
        one for one in found.includes
        if one.outcome == "outside" and _target(folder, one.file, one.target) in lists
    ]  # fmt: skip
    texts = {f"{one.kind} {one.target}" for one in met}

    def elsewhere(member: str) -> bool:
        return bool(member) and os.path.normpath(os.path.join(folder, member)) in lists

    def told(finding: Finding) -> bool:
        outside = finding.rule_id == "SNT1812" and finding.evidence in texts
        return outside or elsewhere(finding.location.member)

    def noted(gap: Gap) -> bool:
        return elsewhere(gap.location.member) or any(
            gap.detail.startswith(f"{text} is not read") for text in texts
        )

    findings = tuple(one for one in (*report.findings, *more) if not told(one))
    findings = tuple(sorted(findings, key=lambda one: -one.severity))
    gaps = tuple(gap for gap in report.coverage.gaps if not noted(gap))
    return report._replace(
        findings=findings,
        coverage=report.coverage._replace(gaps=gaps),
        verdict=decide(findings, gaps),
    )


def _target(folder: str, file: str, target: str) -> str:
    return os.path.normpath(os.path.join(folder, os.path.dirname(file), target))
