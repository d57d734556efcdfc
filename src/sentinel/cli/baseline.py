"""``sentinel baseline``: record the findings there are, or compare with a record."""

from __future__ import annotations

import argparse

from ..errors import UsageError
from ..reports import render
from ..reports.escape import printable
from ..reports.run import tally
from ..settings import Settings
from .guard import note
from .options import add_report_options, add_scan_options, parse_with_paths, settings_from
from .outputs import outputs, write
from .runner import Runner
from .scan import announce, deliver, show_crash, view_for, watched

DEFAULT = "sentinel-baseline.json"
_ACTIONS = ("create", "check")


DESCRIPTION = (
    "Record the findings there are (create), or report only what is not on record (check). "
    f"The record is a JSON report, {DEFAULT} unless --output or --baseline says otherwise."
)


def fill(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments to a parser."""
    parser.add_argument("action", choices=_ACTIONS, help="create or check")
    add_scan_options(parser)
    add_report_options(parser)


def main(argv: list[str]) -> int:
    """Run the command and return its exit code."""
    options = parse_with_paths("baseline", argv)
    settings = settings_from(options)
    announce(settings, quiet=options.quiet)
    on_crash = show_crash if options.verbose > 1 else None
    paths = [*options.paths, *options.models]
    if options.action == "create":
        if options.report or options.format not in (None, "json"):
            raise UsageError("a baseline is a JSON report", "leave --format and --report out")
        return _create(settings, paths, options.output or DEFAULT, quiet=options.quiet)
    settings = settings._replace(baseline=settings.baseline or DEFAULT)
    wanted = outputs(settings.format, options.output, options.report)
    runner = Runner(settings, digests=True, unused=True, on_crash=on_crash)
    run = watched(runner, paths, runner.targets(paths), quiet=options.quiet)
    deliver(run, settings, options, wanted)
    return run.exit_code


def _create(settings: Settings, paths: list[str], output: str, *, quiet: bool) -> int:
    settings = settings._replace(baseline="", fail_on=None)  # what is found is what is recorded
    (wanted,) = outputs("json", output, ())
    runner = Runner(settings, digests=True)
    run = watched(runner, paths, runner.targets(paths), quiet=quiet)
    write(wanted.path, render("json", run, view_for(None, settings, 0)))
    if not quiet and wanted.path:
        number = sum(tally(run).findings.values())
        note(f"sentinel: {number} findings recorded in {printable(wanted.path)}\n")
        if not run.complete:
            note("sentinel: a baseline says nothing about what was not examined\n")
    return run.exit_code
