"""``sentinel-hook pii-scan``: personal data and credentials in what is about to be committed."""

from __future__ import annotations

from ..settings import Settings
from ..verdicts import EXIT_OK
from .hook import finish, split
from .options import Parser, add_hook_options, settings_from
from .pii import add_pii_options, pii_options, pii_runner
from .scan import watched


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
    how = pii_options(options, settings, tell=False)
    runner = pii_runner(settings, how, options, hook=True)
    return finish(watched(runner, files, runner.targets(files), quiet=True), settings, options)
