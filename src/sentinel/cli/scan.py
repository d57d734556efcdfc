"""``sentinel scan``: scan files and directories and report."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from functools import partial
from typing import TextIO

from ..findings import Report
from ..limits import Limits
from ..reports import Run, View, find, render
from ..reports.escape import printable
from ..settings import Settings
from ..targets import Target
from .guard import complain, note
from .options import add_report_options, add_scan_options, parse_with_paths, settings_from
from .outputs import Output, outputs, write
from .runner import Maker, Runner

Wrap = Callable[[Maker], Callable[[str], Report]]
DESCRIPTION = "Scan model files without loading them."
PERSONAL = "SNT190"
"""What the rules about personal data begin with."""
_OTHERS = (PERSONAL, "SNT20")  # and those about datasets
_ADDRESSES = ("models:/", "runs:/")  # of an MLflow tracking server


def fill(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments to a parser."""
    add_scan_options(parser)
    parser.add_argument(
        "--pii", action="store_true", help="look for personal data and credentials too"
    )
    add_report_options(parser)


def main(argv: list[str]) -> int:
    """Run the command and return its exit code."""
    options = parse_with_paths("scan", argv)
    settings = settings_from(options)
    wanted = outputs(settings.format, options.output, options.report)
    announce(settings, quiet=options.quiet)
    digests = any(find(item.format).digests for item in wanted)
    on_crash = show_crash if options.verbose > 1 else None
    wrap: Wrap | None = None
    if options.pii:
        from .pii import beside_models

        wrap = beside_models(options, settings)
    if any(find(item.format).listings for item in wanted):
        wrap = partial(explained, settings.limits, wrap)
    noun = "file" if options.pii else "model file"
    judges = None if options.pii else of_models
    make = partial(Runner, settings, digests=digests, noun=noun, judges=judges, on_crash=on_crash)
    paths = [*options.paths, *options.models]
    if any(path.startswith(_ADDRESSES) for path in paths):
        from .remote import brought

        with brought(paths) as there:
            runner = make(wrap=there.wrap(wrap))
            targets = runner.targets(there.paths)
            run = there.run(watched(runner, there.paths, targets, quiet=options.quiet), paths)
    else:
        runner = make(wrap=wrap)
        run = watched(runner, paths, runner.targets(paths), quiet=options.quiet)
    deliver(run, settings, options, wanted)
    return run.exit_code


def of_models(rule_id: str) -> bool:
    """Return whether a rule is about what the scanner of models finds."""
    return not rule_id.startswith(_OTHERS)


def explained(limits: Limits, wrap: Wrap | None, make: Maker) -> Callable[[str], Report]:
    """Return a scanner that lists the code of pickles with findings too.

    Args:
        limits: Bounds of the second look at a file.
        wrap: What else is done with each file.
        make: Makes the scanner.
    """
    from ..explain import with_listings

    scan = make() if wrap is None else wrap(make)
    return lambda path: with_listings(scan(path), limits)


def deliver(
    run: Run, settings: Settings, options: argparse.Namespace, wanted: tuple[Output, ...]
) -> None:
    """Write the reports, files first, and what people should know on standard error."""
    verbosity = -1 if options.quiet else options.verbose
    for item in sorted(wanted, key=lambda item: not item.path):
        view = view_for(None if item.path else sys.stdout, settings, verbosity)
        try:
            write(item.path, render(item.format, run, view))
        except BrokenPipeError:  # nobody reads on; the exit code stands
            pass
    if options.quiet:
        return
    for notice in run.notices:
        note(f"sentinel: {printable(notice)}\n")
    if not any(item.format == "text" and not item.path for item in wanted):
        from ..reports.text import summary

        for line in summary(run, view_for(sys.stderr, settings, verbosity)):
            note(line + "\n")


def watched(runner: Runner, paths: list[str], targets: list[Target], *, quiet: bool = False) -> Run:
    """Run a scan, with a progress bar where there is a terminal to draw it on."""
    if quiet or not _is_terminal(sys.stderr) or os.environ.get("TERM") == "dumb":
        return runner.run(paths, targets)
    from .progress import Progress

    progress = Progress(len(targets))
    progress.start()
    try:
        return runner.run(paths, targets, progress.step)
    finally:
        progress.close()


def announce(settings: Settings, *, quiet: bool) -> None:
    """Say which settings file is in force."""
    if settings.source and not quiet:
        note(f"sentinel: settings from {printable(settings.source)}\n")


def show_crash(path: str, error: Exception) -> None:
    """Print the traceback of an error of ours."""
    import traceback

    complain(f"{path}:")
    for line in "".join(traceback.format_exception(error)).splitlines():
        note(f"{printable(line, 2_000)}\n")


def view_for(stream: TextIO | None, settings: Settings, verbosity: int) -> View:
    """Return how a report is to look on a stream; None stands for a file."""
    return View(
        color=stream is not None and wants_color(stream, settings.color),
        unicode=stream is None or _encodes(stream, "├─·…"),
        width=_width(stream),
        verbosity=verbosity,
        min_severity=settings.min_severity,
        include_suppressed=settings.include_suppressed,
        category=settings.category,
    )


def wants_color(stream: TextIO, choice: str) -> bool:
    """Return whether to colour: the option, then NO_COLOR, FORCE_COLOR, and the terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return _is_terminal(stream) and os.environ.get("TERM") != "dumb"


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def _encodes(stream: TextIO, text: str) -> bool:
    try:
        text.encode(stream.encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return False
    return True


def _width(stream: TextIO | None) -> int:
    try:
        if stream is not None and stream.isatty():
            return os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        pass
    return 100
