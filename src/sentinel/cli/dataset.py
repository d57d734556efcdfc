"""``sentinel dataset``: validate a dataset."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from ..errors import SentinelError
from ..findings import Gap, Location, Report
from ..reports import find
from ..settings import Settings
from ..targets import Target
from .options import (
    add_report_options,
    add_scan_options,
    parse_with_paths,
    settings_from,
)
from .outputs import outputs
from .pii import add_pii_options, pii_options
from .runner import Runner, gap_report
from .scan import announce, deliver, show_crash, watched

if TYPE_CHECKING:
    from ..datasets import Options

DESCRIPTION = (
    "Validate a dataset: files that are not what they are named, programs, pickles and polyglots, "
    "hidden text, formulas, rows that do not fit, personal data and credentials, and what rows and "
    "labels indicate. A folder is one dataset. Nothing in it is run or unpickled."
)


def fill(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments to a parser."""
    parser.add_argument("action", choices=("scan",), help="scan")
    add_scan_options(parser)
    group = parser.add_argument_group("dataset")
    group.add_argument("--label", default="", metavar="COLUMN", help="column with the labels")
    group.add_argument("--text", default="", metavar="COLUMN", help="column with the text")
    group.add_argument(
        "--schema", default="", metavar="FILE", help="schema of pandera, in YAML or JSON"
    )
    group.add_argument(
        "--no-pii", action="store_true", help="do not look for personal data and credentials"
    )
    add_pii_options(parser)
    add_report_options(parser)


def main(argv: list[str]) -> int:
    """Run the command and return its exit code."""
    options = parse_with_paths("dataset", argv)
    settings = settings_from(options, Settings(category="dataset"))
    wanted = outputs(settings.format, options.output, options.report)
    announce(settings, quiet=options.quiet)
    how = _how(options, settings)
    paths = [*options.paths, *options.models]
    folders = [path for path in paths if os.path.isdir(path)]
    with _spool(settings) as (spool, jobs):
        runner = Runner(
            settings._replace(jobs=jobs),
            digests=any(find(item.format).digests for item in wanted),
            make=partial(dataset_scanner, how, tuple(paths), spool),
            last=frozenset(folders),
            noun="file",
            on_crash=show_crash if options.verbose > 1 else None,
        )
        targets = [*runner.targets(paths), *map(_whole, folders)]
        run = watched(runner, paths, targets, quiet=options.quiet)
    # A folder of which there is nothing to say is no file that was scanned.
    told = tuple(
        one for one in run.reports
        if one.findings or one.coverage.gaps or one.artifact not in folders
    )  # fmt: skip
    deliver(run._replace(reports=told), settings, options, wanted)
    return run.exit_code


def _how(options: argparse.Namespace, settings: Settings) -> Options:
    """Return how to validate, from the options and the files at the project's root.

    Raises:
        UsageError: pandera is not installed for the schema.
        SettingsError: The schema, or a file about personal data, cannot be used.
    """
    from ..datasets import Options
    from ..datasets.schema import read_schema
    from ..pii.sources import Sampling

    if options.schema:
        read_schema(options.schema)
    return Options(
        label=options.label,
        text=options.text,
        schema=options.schema,
        pii=None if options.no_pii else pii_options(options, settings)._replace(inline=False),
        sampling=Sampling(full=options.full),
        limits=settings.limits,
    )


def _whole(folder: str) -> Target:
    """Return the folder as a target that comes behind its files."""
    return Target(folder, named=True)


@contextmanager
def _spool(settings: Settings) -> Iterator[tuple[str, int]]:
    """Yield where processes put what they have seen of files, and how many there are.

    Without a place there is one process, which keeps it itself.
    """
    if settings.jobs == 1:
        yield "", 1
        return
    from ..datasets.spool import can_share, one_key

    if not can_share():
        yield "", 1
        return
    with one_key(), tempfile.TemporaryDirectory(prefix="sentinel-") as folder:
        yield folder, settings.jobs


def dataset_scanner(
    how: Options, folders: tuple[str, ...], spool: str = ""
) -> Callable[[str], Report]:
    """Return a function that validates one file, or compares the files of a folder.

    Args:
        how: How.
        folders: What the user named; a folder among them is compared when it is asked for itself,
            behind all of its files.
        spool: Where what was seen of files is put and taken from; empty to keep it.
    """
    from ..datasets import FileValidator, compare
    from ..datasets import spool as parts

    validator = FileValidator(how)

    def scan(path: str) -> Report:
        if path in folders and os.path.isdir(path):
            try:
                return compare(path, parts.take(spool) if spool else validator.seen)
            except SentinelError as error:
                return gap_report(path, Gap("unsupported", Location(path), str(error), error.hint))
        report = validator.file(path)
        if spool:
            parts.put(spool, validator.take())
        return report

    return scan
