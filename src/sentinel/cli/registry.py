"""``sentinel registry``: scan what is in a registry of models."""

from __future__ import annotations

import argparse
import time

from ..errors import SentinelError, UsageError
from ..findings import Gap, Location, Report
from ..registry import mlflow
from ..reports import Run, find
from ..reports.escape import printable
from ..settings import Settings
from ..verdicts import exit_code
from .guard import note
from .options import (
    add_gate_options,
    add_report_options,
    add_settings_options,
    parser_for,
    settings_from,
)
from .outputs import outputs
from .remote import brought
from .runner import Runner, gap_report
from .scan import announce, deliver

DESCRIPTION = (
    "Scan what is in a registry of models: every version is brought here, scanned without loading "
    "it, and deleted again. Nothing in the registry is changed."
)
_EPILOG = """\
mlflow: the versions of all registered models of a tracking server, that of MLFLOW_TRACKING_URI by
default. One model or run is scanned by its address: sentinel scan models:/name/version
"""


def fill(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments to a parser."""
    parser.epilog = _EPILOG
    parser.add_argument("registry", choices=("mlflow",), help="the kind of registry")
    parser.add_argument("--tracking-uri", default="", metavar="URI", help="the tracking server")
    parser.add_argument("--registry-uri", default="", metavar="URI", help="another registry")
    parser.add_argument(
        "--name", default="", metavar="PATTERN", help="names of models, as LIKE of SQL: fraud-%%"
    )
    parser.add_argument(
        "--max-download", type=_size, default=mlflow.MOST_BYTES, metavar="SIZE",
        help="largest version that is brought (64GB)",
    )  # fmt: skip
    add_gate_options(parser)
    add_settings_options(parser)
    add_report_options(parser)


def main(argv: list[str]) -> int:
    """Run the command and return its exit code."""
    options = parser_for("registry").parse_args(argv)
    settings = settings_from(options)
    wanted = outputs(settings.format, options.output, options.report)
    announce(settings, quiet=options.quiet)
    client = mlflow.connect(options.tracking_uri, options.registry_uri)
    digests = any(find(item.format).digests for item in wanted)
    run = _scan(client, options, settings, digests=digests)
    deliver(run, settings, options, wanted)
    return run.exit_code


def _scan(client: object, options: argparse.Namespace, settings: Settings, *, digests: bool) -> Run:
    started = time.time()
    reports: list[Report] = []
    others: list[str] = []
    targets: list[str] = []
    last: Run | None = None
    for version in mlflow.versions(client, options.name):
        targets.append(version.uri)
        if not options.quiet:
            note(f"sentinel: {version.uri}\n")
        last = _one(version.uri, options.max_download, settings, digests=digests)
        reports += last.reports
        others += last.others
    if not targets:
        _say_that_nothing_is_there(options)
    return Run(
        targets=tuple(targets),
        reports=tuple(reports),
        others=tuple(others),
        root=last.root if last is not None else "/",
        exit_code=exit_code(reports, settings.fail_on, require_complete=settings.require_complete),
        fail_on=settings.fail_on,
        started=started,
        finished=time.time(),
        notices=last.notices if last is not None else settings.notices,
    )


def _say_that_nothing_is_there(options: argparse.Namespace) -> None:
    """Say that no version was found; for a name that was asked for, it is an error of usage."""
    if options.name:
        hint = "% stands for anything, as LIKE of SQL has it; case counts"
        raise UsageError(f"no registered model has a name like {options.name!r}", hint)
    if not options.quiet:
        note(f"sentinel: no registered model in {printable(mlflow.place())}\n")


def _one(uri: str, most: int, settings: Settings, *, digests: bool) -> Run:
    """Scan one version; that it cannot be had is an incomplete answer about it alone."""
    try:
        with brought([uri], most) as there:
            runner = Runner(settings, digests=digests, wrap=there.wrap(None))
            run = runner.run(there.paths, runner.targets(there.paths))
            return there.run(run, [uri])
    except SentinelError as error:
        gap = Gap("unreadable", Location(uri), error.message, error.hint)
        return Run(
            (uri,), (gap_report(uri, gap),), (), "/", 3, settings.fail_on, 0.0, 0.0,
            notices=settings.notices,
        )  # fmt: skip


def _size(text: str) -> int:
    from ..settings.schema import BY_FIELD, parse

    return int(str(parse(BY_FIELD["max_file_size"], text, "--max-download")))
