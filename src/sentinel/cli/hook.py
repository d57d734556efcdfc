"""``sentinel-hook``: entry points for pre-commit and prek.

The frameworks pass file names as they are, so a file called ``--config=x.pkl`` arrives looking
like an option. An argument that exists as a file is therefore a file, whatever it looks like;
arguments before a ``--`` are options all the same.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Iterable, Sequence

from ..errors import UsageError
from ..formats.family import CARRIERS, PICKLES
from ..reports.run import Run
from ..settings import Settings
from ..verdicts import EXIT_FINDINGS, EXIT_OK
from .guard import guarded
from .options import Parser, add_hook_options, settings_from
from .outputs import Output, write
from .runner import Runner
from .scan import deliver, of_models, show_crash, watched

_HOOKS = {
    "model-scan": "Scan model files.",
    "pickle-check": "Scan pickles, and what holds or packs them.",
    "pii-scan": "Look for personal data.",
}
_ONLY = {"model-scan": frozenset[str](), "pickle-check": PICKLES | CARRIERS}
_PICKLES_OWN = "SNT11"  # what the rules about pickles begin with


def run() -> int:
    """Run the hook of this process; what the ``sentinel-hook`` script calls."""
    code = main(sys.argv[1:])
    gc.freeze()  # as in ``sentinel.cli.run``
    return code


def main(argv: Sequence[str] | None = None) -> int:
    """Run one hook.

    Args:
        argv: The hook's name, options and files; those of the process by default.

    Returns:
        The exit code: 1 with findings, 2 for wrong usage, else 0. What was not examined, accepted
        or left out is told and passes; what was not examined is 3 with ``--require-complete``.
    """
    return guarded(_dispatch, list(sys.argv[1:] if argv is None else argv))


def parser(name: str) -> Parser:
    """Return the parser of one hook."""
    found = Parser(prog=f"sentinel-hook {name}", description=_HOOKS[name])
    add_hook_options(found)
    return found


def split(argv: Sequence[str], takes_value: frozenset[str]) -> tuple[list[str], list[str]]:
    """Tell options from files.

    Args:
        argv: Arguments after the hook's name.
        takes_value: Options that are followed by a value.

    Returns:
        Options with their values, and files.
    """
    options: list[str] = []
    files: list[str] = []
    if "--" in argv and not os.path.lexists("--"):
        end = argv.index("--")
        return list(argv[:end]), list(argv[end + 1 :])
    waiting = False
    for argument in argv:
        if waiting:
            options.append(argument)
            waiting = False
        elif os.path.lexists(argument) or not argument.startswith("-"):
            files.append(argument)
        else:
            options.append(argument)
            waiting = argument in takes_value
    return options, files


def _help() -> str:
    hooks = "".join(f"  {name:<14}{title}\n" for name, title in _HOOKS.items())
    text = "usage: sentinel-hook HOOK [OPTIONS] [FILE...]\n\n"
    return f"{text}Entry points for pre-commit and prek.\n\nhooks:\n{hooks}"


def _dispatch(argv: list[str]) -> int:
    name = argv[0] if argv else "--help"
    if name in ("-h", "--help"):
        sys.stdout.write(_help())
        return EXIT_OK
    if name not in _HOOKS:
        raise UsageError(f"there is no hook {name!r}", f"the hooks are {', '.join(_HOOKS)}")
    if name == "pii-scan":
        return pii_scan(argv[1:])
    return _scan(name, argv[1:])


def pii_scan(argv: list[str]) -> int:
    """Look for personal data; see ``sentinel.cli.hook_pii``.

    Args:
        argv: Options and files, as they came.
    """
    from .hook_pii import pii_scan

    return pii_scan(argv)


def _scan(name: str, argv: list[str]) -> int:
    found = parser(name)
    words, files = split(argv, found.options_with_value())
    options = found.parse_args(words)
    if not files:
        return EXIT_OK
    settings = settings_from(options, Settings(require_complete=False))
    on_crash = show_crash if options.verbose > 1 else None
    only = _ONLY[name]
    judges = _of_pickles if only else of_models
    runner = Runner(settings, digests=True, hook=True, only=only, judges=judges, on_crash=on_crash)
    run = watched(runner, files, runner.targets(files), quiet=True)
    return finish(run, settings, options)


def _of_pickles(rule_id: str) -> bool:
    return rule_id.startswith(_PICKLES_OWN)


def finish(run: Run, settings: Settings, options: argparse.Namespace) -> int:
    """Write the report and what comes after it, and return the exit code.

    A reader that goes away changes no exit code: the gate stays shut.

    Args:
        run: What came of the hook.
        settings: The settings it had.
        options: Its options.
    """
    options.quiet = options.verbose == 0 and run.exit_code == EXIT_OK
    deliver(run, settings, options, (Output("text", ""),))
    try:
        write("", _more(run, settings, options))
    except BrokenPipeError:
        pass
    return run.exit_code


def _more(run: Run, settings: Settings, options: argparse.Namespace) -> Iterable[str]:
    if run.exit_code == EXIT_FINDINGS:
        from .hook_ways import ways

        return ways(run, settings, str(getattr(options, "pii_rules", "")))
    if run.exit_code == EXIT_OK and not _is_remarkable(run):
        return ()
    from .hook_told import remarks

    return remarks(run, settings, told=not options.quiet)


def _is_remarkable(run: Run) -> bool:
    if run.excluded or run.notices:
        return True
    return any(report.findings or report.suppressed for report in run.reports)
