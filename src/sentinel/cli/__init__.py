"""The command line: one line per command; a command's module is imported when it is called.

Exit codes, the same whatever the format: 0 nothing at or above ``--fail-on`` and all examined,
1 findings at or above it, 2 a usage, settings or internal error, 3 something was not examined.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple, cast

from ..errors import UsageError
from .guard import guarded

if TYPE_CHECKING:
    from argparse import ArgumentParser

__all__ = ["COMMANDS", "Command", "build_parser", "main", "module_of", "run"]

_EPILOG = """\
exit codes:

  0  nothing at or above --fail-on, and everything was examined
  1  findings at or above --fail-on, or a model that is refused
  2  wrong usage or settings, or an error of our own
  3  something was not examined
"""


class Command(NamedTuple):
    """One line of the command table.

    Attributes:
        name: What the user types.
        title: What it does, in one line.
        module: Module below ``sentinel.cli`` with ``DESCRIPTION``, ``fill(parser)`` and
            ``main(argv) -> int``.
    """

    name: str
    title: str
    module: str


COMMANDS: tuple[Command, ...] = (
    Command("scan", "scan model files and directories", "scan"),
    Command("pii", "look for personal data and credentials", "pii"),
    Command("dataset", "validate a dataset", "dataset"),
    Command("deps", "judge the packages that would be installed", "deps"),
    Command("vulndb", "import known vulnerabilities, or say what was imported", "vulndb"),
    Command("registry", "scan what is in a registry of models", "registry"),
    Command("explain", "show what a pickle would do, or what a rule means", "explain"),
    Command("rules", "list the rules, or show one", "rules"),
    Command("baseline", "record known findings, or compare with them", "baseline"),
    Command("sign", "sign every file of a model", "sign"),
    Command("attest", "say of a model, signed, what was found and where it came from", "attest"),
    Command("verify", "verify that a model is what someone trusted signed", "verify"),
    Command("convert", "turn a model that runs code into one that is data", "convert"),
    Command("watermark", "mark a model's weights with a key, or look for the mark", "watermark"),
    Command("config", "show the settings in force", "config"),
    Command("completions", "print shell completions", "completions"),
)
"""All commands."""


def run() -> int:
    """Run the command line of this process; what the ``sentinel`` script calls."""
    # Imports make objects that stay, and the process ends with them: looking for garbage among
    # them, on the way and at the end, is a sixth of the time of a small scan.
    gc.set_threshold(50_000, 20, 100)
    code = main(sys.argv[1:])
    gc.freeze()
    return code


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: Arguments without the program's name; those of the process by default.

    Returns:
        The exit code. Nothing is raised: errors are told in one line on standard error.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    return guarded(_dispatch, arguments)


def module_of(name: str) -> ModuleType:
    """Return the module of a command. Raises UsageError when there is no such command."""
    for command in COMMANDS:
        if command.name == name:
            return import_module(f"{__name__}.{command.module}")
    from ..settings.schema import nearest

    likely = nearest(name, [command.name for command in COMMANDS])
    if os.path.lexists(name):
        likely = f"scan {name}"
    hint = f"did you mean `sentinel {likely}`?" if likely else "see sentinel --help"
    raise UsageError(f"there is no command {name!r}", hint)


def build_parser() -> ArgumentParser:
    """Return the parser of all commands, for help and documentation.

    A command that runs is parsed by its own parser alone, which costs less.
    """
    from .options import Parser

    parser = Parser(
        prog="sentinel",
        description="Reads machine-learning models without loading them and says what they would "
        "run.",
        epilog=_EPILOG,
    )
    parser.add_argument(
        "-V", "--version", action="store_true", help="show the versions of program and rules"
    )
    parser.add_argument(
        "--completions", metavar="SHELL", help="print completions for bash, zsh or fish"
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in COMMANDS:
        module = module_of(command.name)
        child = commands.add_parser(
            command.name, help=command.title, description=module.DESCRIPTION
        )
        module.fill(child)
    return parser


def _dispatch(arguments: list[str]) -> int:
    first = arguments[0] if arguments else "--help"
    if first == "help" and arguments[1:]:
        return _call(arguments[1], ["--help"])
    if first in ("-h", "--help", "help"):
        sys.stdout.write(build_parser().format_help())
        return 0
    if first in ("-V", "--version", "version"):
        return _version()
    name, equals, shell = first.partition("=")
    if name == "--completions":
        return _call("completions", [shell, *arguments[1:]] if equals else arguments[1:])
    if first.startswith("-"):
        raise UsageError(f"there is no option {first!r} before a command", "see sentinel --help")
    return _call(first, arguments[1:])


def _call(name: str, arguments: list[str]) -> int:
    return cast("int", module_of(name).main(arguments))


def _version() -> int:
    from .._version import __version__
    from ..rules import RULES_VERSION

    sys.stdout.write(f"sentinel {__version__} (rules {RULES_VERSION})\n")
    return 0
