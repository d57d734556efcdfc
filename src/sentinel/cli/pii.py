"""``sentinel pii``: look for personal data and credentials."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..findings import Gap, Report
from ..reports import find
from ..reports.escape import printable
from ..settings import Settings, git_root
from ..verdicts import EXIT_OK, decide
from .guard import note
from .options import (
    add_report_options,
    add_scan_options,
    parse_with_paths,
    parser_for,
    settings_from,
)
from .outputs import outputs, write
from .runner import Maker, Runner
from .scan import PERSONAL, announce, deliver, show_crash, watched

if TYPE_CHECKING:
    from ..pii.scanner import Options

Wrap = Callable[[Maker], Callable[[str], Report]]
_ACTIONS = ("scan", "baseline", "types")
_ENGINES = ("auto", "re2", "hyperscan", "stdlib")
_LEVELS = ("possible", "likely", "very_likely")

DESCRIPTION = (
    "Look for personal data and credentials in files (scan), record what is known (baseline), or "
    "list what is looked for (types). Values are never shown."
)


def fill(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments to a parser."""
    parser.add_argument("action", choices=_ACTIONS, help="scan, baseline or types")
    add_scan_options(parser)
    add_pii_options(parser)
    add_report_options(parser)


def add_pii_options(parser: argparse.ArgumentParser) -> None:
    """Add what decides how personal data is looked for."""
    group = parser.add_argument_group("personal data")
    group.add_argument(
        "--locale", default="", metavar="COUNTRIES",
        help="countries whose weak numbers count, e.g. de,fr (all)",
    )  # fmt: skip
    group.add_argument(
        "--min-likelihood", choices=_LEVELS, default="likely", help="lowest that is told (likely)"
    )
    group.add_argument(
        "--pii-engine", choices=_ENGINES, default="auto", help="how to search (auto)"
    )
    group.add_argument("--full", action="store_true", help="read large files whole, not a sample")
    group.add_argument(
        "--pii-rules", default="", metavar="FILE", help="what is accepted (.sentinel-pii.toml)"
    )
    group.add_argument("--pii-baseline", default="", metavar="FILE", help="what is known")
    group.add_argument(
        "--ner", default="", metavar="MODEL", help="find names in prose, e.g. spacy:DIR"
    )
    group.add_argument("--no-inline", action="store_true", help="comments in files accept nothing")


def main(argv: list[str]) -> int:
    """Run the command and return its exit code."""
    options = parse_with_paths("pii", argv)
    if options.action == "types":
        return _types(options)
    settings = settings_from(options, Settings(category="pii"))
    if options.action == "baseline":
        return _baseline(options, settings)
    wanted = outputs(settings.format, options.output, options.report)
    announce(settings, quiet=options.quiet)
    digests = any(find(item.format).digests for item in wanted)
    runner = pii_runner(settings, pii_options(options, settings), options, digests=digests)
    paths = [*options.paths, *options.models]
    run = watched(runner, paths, runner.targets(paths), quiet=options.quiet)
    deliver(run, settings, options, wanted)
    return run.exit_code


def pii_runner(
    settings: Settings,
    how: Options,
    options: argparse.Namespace,
    *,
    hook: bool = False,
    digests: bool = False,
) -> Runner:
    """Return what runs the detector over files."""
    return Runner(
        settings,
        digests=digests,
        hook=hook,
        make=partial(pii_scanner, how),
        noun="file",
        judges=is_pii,
        on_crash=show_crash if options.verbose > 1 else None,
    )


def is_pii(rule_id: str) -> bool:
    """Return whether a rule is about what the detector finds."""
    return rule_id.startswith(PERSONAL)


def pii_scanner(how: Options) -> Callable[[str], Report]:
    """Return a function that scans one file for personal data."""
    from ..pii.reporting import report
    from ..pii.scanner import PiiScanner

    scanner = PiiScanner(how)

    def scan(path: str) -> Report:
        return report(scanner.scan_path(path), scanner.types)

    return scan


def beside_models(options: argparse.Namespace, settings: Settings) -> Wrap:
    """Return what adds the detector, as the project's files set it, to a scan of models."""
    found = parser_for("pii").parse_args(["scan"])
    found.no_config = options.no_config
    return partial(both_scanner, how=pii_options(found, settings))


def both_scanner(make: Maker, how: Options) -> Callable[[str], Report]:
    """Return a function that scans one file as a model and for personal data.

    Args:
        make: Makes the scanner of models.
        how: How personal data is looked for.
    """
    model, pii = make(), pii_scanner(how)

    def scan(path: str) -> Report:
        return _joined(model(path), pii(path))

    return scan


def _joined(model: Report, pii: Report) -> Report:
    """Return one report of two; a file that either has read is not unrecognised."""
    findings = sorted((*model.findings, *pii.findings), key=lambda one: -one.severity)
    gaps = [gap for gap in model.coverage.gaps if not (pii.formats and _is_unknown(gap))]
    gaps += [gap for gap in pii.coverage.gaps if not (model.formats and _is_unknown(gap))]
    coverage = model.coverage._replace(gaps=tuple(dict.fromkeys(gaps)))
    return model._replace(
        formats=(*model.formats, *pii.formats),
        findings=tuple(findings),
        suppressed=(*model.suppressed, *pii.suppressed),
        coverage=coverage,
        verdict=decide(findings, gaps),
    )


def _is_unknown(gap: Gap) -> bool:
    return gap.reason in ("unrecognised", "empty")


def pii_options(options: argparse.Namespace, settings: Settings, *, tell: bool = True) -> Options:
    """Return how to scan, from the command line and the files at the project's root.

    Args:
        options: The command line.
        settings: The settings.
        tell: Whether to say which files are in force; what has expired is always said.

    Raises:
        SettingsError: One of the files cannot be used.
    """
    from ..pii.baseline import NAME as BASELINE
    from ..pii.baseline import read_baseline
    from ..pii.catalog import catalog
    from ..pii.model import Likelihood
    from ..pii.rules_file import NAME, PiiRules, read_rules
    from ..pii.scanner import Options
    from ..pii.sources import Sampling

    root = git_root(os.getcwd()) or os.getcwd()
    search = not options.no_config
    rules, baseline = PiiRules(), None
    path = options.pii_rules or _at_root(root, NAME, search=search, tell=tell)
    if path:
        rules = read_rules(path, catalog().types)
        for remark in rules.expired:
            note(f"sentinel: {printable(remark)}\n")
    path = options.pii_baseline or _at_root(root, BASELINE, search=search, tell=tell)
    if path:
        baseline = read_baseline(path, root)
    named = frozenset(one.strip().lower() for one in options.locale.split(",") if one.strip())
    _check_locales(named | (rules.locales or frozenset()), catalog().types.values())
    return Options(
        locales=named or rules.locales,
        engine=options.pii_engine,
        least=Likelihood[options.min_likelihood.upper()],
        sampling=Sampling(full=options.full),
        severities=rules.severities,
        inline=search and not options.no_inline,
        allow=rules.allow,
        baseline=baseline,
        ner=options.ner,
        limits=settings.limits,
    )


def _at_root(root: str, name: str, *, search: bool, tell: bool) -> str:
    path = os.path.join(root, name)
    if not search or not os.path.lexists(path):
        return ""
    if tell:
        note(f"sentinel: what is accepted is in {printable(name)}\n")
    return os.path.relpath(path)


def _check_locales(named: frozenset[str], types: Iterable[object]) -> None:
    known = {getattr(entry, "locale", "") for entry in types} - {""}
    for one in sorted(named - known - {"us"}):
        raise UsageError(
            f"there is no locale {one!r}", f"the locales are {', '.join(sorted(known))}"
        )


def _baseline(options: argparse.Namespace, settings: Settings) -> int:
    from ..pii.baseline import NAME, identity, lines, start
    from ..pii.scanner import PiiScanner

    root = git_root(os.getcwd()) or os.getcwd()
    path = options.output or options.pii_baseline or os.path.join(root, NAME)
    begun = start(path, root)
    how = pii_options(options, settings)._replace(baseline=begun)
    scanner = PiiScanner(how)
    runner = pii_runner(settings, how, options)
    paths = [*options.paths, *options.models]
    known = set()
    for target in runner.targets(paths):
        if target.gap is None:
            scan = scanner.scan_path(target.path)
            known |= {identity(root, scan.name, one) for one in scan.detections}
    write(path, lines(begun.key, known))
    if not options.quiet:
        note(f"sentinel: {len(known)} findings recorded in {printable(path)}\n")
        note("sentinel: its key lets short values be tried out; keep it as close as the data\n")
    return EXIT_OK


def _types(options: argparse.Namespace) -> int:
    from ..pii.catalog import catalog

    for entry in sorted(catalog().types.values(), key=lambda one: (one.category, one.name)):
        where = f" [{entry.locale}]" if entry.locale else ""
        sys.stdout.write(
            f"{entry.name:<26}{entry.category:<15}{entry.severity.label:<10}{entry.title}{where}\n"
        )
    return EXIT_OK
