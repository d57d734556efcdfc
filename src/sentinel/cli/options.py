"""Options that several commands share, and a parser that raises instead of exiting."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from typing import Any, NoReturn

from ..errors import UsageError
from ..reports import REPORTS
from ..settings import Settings, load
from ..settings.schema import BY_FIELD, LIMITS
from .guard import Finished


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Lays out help. It is made for every argument, so it must not ask ``shutil`` for the width.

    Args:
        prog: Name of the command.
    """

    def __init__(self, prog: str) -> None:
        try:
            width = os.get_terminal_size(1).columns
        except OSError:
            width = 80
        super().__init__(prog, width=min(width, 100))

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        # Lines that are set in, such as commands, stay as they are; other paragraphs are filled.
        import textwrap

        parts = (
            part if part.startswith("  ") or "\n  " in part else textwrap.fill(part, width)
            for part in text.strip("\n").split("\n\n")
        )
        return "\n\n".join(parts) + "\n"


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are ours: exit code 2 and one readable line."""

    def __init__(self, **arguments: Any) -> None:
        arguments.setdefault("formatter_class", Formatter)
        super().__init__(**arguments, allow_abbrev=False)

    def actions(self) -> list[argparse.Action]:
        """Return all arguments and options there are."""
        return list(self._actions)

    def options_with_value(self) -> frozenset[str]:
        """Return the options that are followed by a value."""
        taking = (action for action in self._actions if action.nargs != 0)
        return frozenset(flag for action in taking for flag in action.option_strings)

    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        raise UsageError(message, self._likely(message) or f"see {self.prog} --help")

    def _likely(self, message: str) -> str:
        _, found, words = message.partition("unrecognized arguments: ")
        if not found:
            return ""
        from ..settings.schema import nearest

        flag = words.split("=")[0].split()[0]
        known = self._option_string_actions
        if "--report" in known and any(flag == f"--{entry.name}" for entry in REPORTS):
            return f"did you mean -f {flag[2:]}?"
        likely = nearest(flag, known, 0.75)
        return f"did you mean {likely}?" if likely else ""

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Raise Finished: ``--help`` was shown."""
        raise Finished(status)


def parser_for(name: str) -> Parser:
    """Return the parser of one command."""
    from . import module_of

    module = module_of(name)
    found = Parser(prog=f"sentinel {name}", description=module.DESCRIPTION)
    module.fill(found)
    return found


def parse_with_paths(name: str, argv: list[str]) -> argparse.Namespace:
    """Parse the arguments of a command that takes paths among its options.

    All that follows ``--`` is paths, which argparse gets wrong where the two may mix.
    """
    end = argv.index("--") if "--" in argv else len(argv)
    options = parser_for(name).parse_intermixed_args(argv[:end])
    options.paths = [*options.paths, *argv[end + 1 :]]
    return options


def add_hook_options(parser: argparse.ArgumentParser) -> None:
    """Add what a hook takes: its files are told from options before they are parsed."""
    _setting(parser, "fail_on", "LEVEL")
    _switch(parser, "require_complete")
    _setting(parser, "baseline", "FILE")
    _setting(parser, "suppressions", "FILE")
    _setting(parser, "min_severity", "LEVEL")
    for key in LIMITS:
        _setting(parser, key.field, key.metavar)
    _setting(parser, "color", "WHEN")
    add_settings_options(parser)
    add_verbose(parser)


def add_verbose(parser: argparse._ActionsContainer) -> None:
    """Add ``-v``."""
    parser.add_argument(
        "-v", "--verbose", action="count", default=0,
        help="list clean and other files too; twice: show tracebacks",
    )  # fmt: skip


def add_scan_options(parser: argparse.ArgumentParser) -> None:
    """Add what decides what is scanned, how far, and what fails."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and directories to scan")
    parser.add_argument(
        "--models", action="append", default=[], metavar="PATH", help="the same; may be repeated"
    )
    gate = add_gate_options(parser)
    _switch(gate, "require_files")
    accepted = parser.add_argument_group("what is accepted")
    _setting(accepted, "baseline", "FILE")
    _setting(accepted, "suppressions", "FILE")
    _setting(accepted, "exclude", "PATTERNS", "commas between them")
    add_settings_options(parser)
    limits = parser.add_argument_group("limits; reaching one makes a scan incomplete")
    for key in LIMITS:
        _setting(limits, key.field, key.metavar)
    _setting(limits, "jobs", "N")
    limits.add_argument("--offline", action="store_true", help="accepted; local scans always are")


def add_gate_options(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Add what decides whether the run fails; return the group."""
    gate = parser.add_argument_group("what fails the run")
    _setting(gate, "fail_on", "LEVEL")
    _switch(gate, "require_complete")
    return gate


def add_settings_options(parser: argparse.ArgumentParser) -> None:
    """Add what chooses the settings file."""
    group = parser.add_argument_group("settings")
    group.add_argument("--config", default="", metavar="FILE", help="settings file to read")
    group.add_argument("--no-config", action="store_true", help="read no settings file")


def add_report_options(parser: argparse.ArgumentParser) -> None:
    """Add what decides the look of the report and where it goes."""
    names = "|".join(entry.name for entry in REPORTS)
    group = parser.add_argument_group("report")
    group.add_argument("-f", "--format", metavar=names, help="format on standard output (text)")
    group.add_argument("-o", "--output", metavar="FILE", help="write the report to a file instead")
    group.add_argument(
        "--report", action="append", default=[], metavar="FORMAT=PATH",
        help="write a further report; may be repeated",
    )  # fmt: skip
    _setting(group, "min_severity", "LEVEL")
    _switch(group, "include_suppressed")
    _setting(group, "category", "NAME")
    _setting(group, "color", "WHEN")
    group.add_argument("-q", "--quiet", action="store_true", help="findings only, no summary")
    add_verbose(group)


def settings_from(options: argparse.Namespace, defaults: Settings | None = None) -> Settings:
    """Return the settings that the parsed options, the environment and the files make."""
    given: Mapping[str, object] = vars(options)
    return load(
        {name: value for name, value in given.items() if name in BY_FIELD},
        os.environ,
        config=str(given.get("config") or ""),
        search=not given.get("no_config"),
        defaults=defaults,
    )


def _setting(group: argparse._ActionsContainer, field: str, metavar: str, more: str = "") -> None:
    key = BY_FIELD[field]
    text = f"{key.help} ({', '.join(key.choices)})" if key.choices else key.help
    text = f"{text}, {more}" if more else text
    group.add_argument(f"--{key.name}", dest=field, metavar=metavar, help=text)


def _switch(group: argparse._ActionsContainer, field: str) -> None:
    key = BY_FIELD[field]
    action = argparse.BooleanOptionalAction
    group.add_argument(f"--{key.name}", dest=field, action=action, default=None, help=key.help)
