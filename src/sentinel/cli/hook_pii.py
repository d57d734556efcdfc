"""``sentinel-hook pii-scan``: personal data and credentials in what is about to be committed."""

from __future__ import annotations

from ..settings import Settings
from ..verdicts import EXIT_FINDINGS, EXIT_OK
from .hook import split
from .options import Parser, add_hook_options, settings_from
from .outputs import Output, write
from .pii import add_pii_options, pii_options, pii_runner
from .scan import deliver, watched

_WAYS = """\
Two ways on: take the values out (and revoke what was a credential), or accept them with a reason,
  by a comment on their line:      sentinel: allow[TYPE] why they may stay
  or in .sentinel-pii.toml:        [[allow]]
                                   path = "the/file"
                                   types = ["TYPE"]
                                   reason = "why they may stay"
"""


def parser() -> Parser:
    """Return the parser of the hook."""
    found = Parser(prog="sentinel-hook pii-scan", description="Look for personal data.")
    add_hook_options(found)
    add_pii_options(found)
    return found


def pii_scan(argv: list[str]) -> int:
    """Scan files and return the exit code.

    Args:
        argv: Options and files, as they came.
    """
    found = parser()
    words, files = split(argv, found.options_with_value())
    options = found.parse_args(words)
    if not files:
        return EXIT_OK
    settings = settings_from(options, Settings(require_complete=False, category="pii"))
    runner = pii_runner(settings, pii_options(options, settings), options, hook=True)
    run = watched(runner, files, runner.targets(files), quiet=True)
    options.quiet = options.verbose == 0 and run.exit_code == EXIT_OK
    deliver(run, settings, options, (Output("text", ""),))
    if run.exit_code == EXIT_FINDINGS:
        write("", [_WAYS])
    return run.exit_code
