"""``sentinel completions``: completion scripts for bash, zsh and fish, made from the parsers."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import NamedTuple

from ..reports import REPORTS
from ..settings.schema import BY_FIELD
from ..verdicts import EXIT_OK
from .options import parser_for

SHELLS = ("bash", "zsh", "fish")


class _Option(NamedTuple):
    flags: tuple[str, ...]
    help: str
    takes_value: bool
    choices: tuple[str, ...]


class _Command(NamedTuple):
    name: str
    title: str
    words: tuple[str, ...]
    options: tuple[_Option, ...]


DESCRIPTION = (
    "Print a completion script, e.g. for ~/.bashrc:\n\n  source <(sentinel completions bash)"
)


def fill(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments to a parser."""
    parser.add_argument("shell", choices=SHELLS, help="bash, zsh or fish")


def main(argv: list[str]) -> int:
    """Run the command and return its exit code."""
    shell: str = parser_for("completions").parse_args(argv).shell
    makers = {"bash": _bash, "zsh": _zsh, "fish": _fish}
    sys.stdout.write("\n".join(makers[shell](_commands())) + "\n")
    return EXIT_OK


def _commands() -> list[_Command]:
    from . import COMMANDS

    found = []
    for command in COMMANDS:
        actions = parser_for(command.name).actions()
        words = [tuple(a.choices) for a in actions if not a.option_strings and a.choices]
        options = tuple(_option(action) for action in actions if action.option_strings)
        found.append(_Command(command.name, command.title, words[0] if words else (), options))
    return found


def _option(action: argparse.Action) -> _Option:
    choices = tuple(action.choices or ())
    key = BY_FIELD.get(action.dest)
    if not choices and key is not None:
        choices = key.choices
    if action.dest == "format" and not choices:
        choices = tuple(entry.name for entry in REPORTS)
    takes_value = action.nargs != 0
    help = (action.help or "").translate(str.maketrans("[]:'", "(), "))
    return _Option(tuple(action.option_strings), help, takes_value, choices if takes_value else ())


def _bash(commands: list[_Command]) -> Iterator[str]:
    names = " ".join(command.name for command in commands)
    yield "# bash completion for sentinel"
    yield "_sentinel() {"
    yield '    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=""'
    yield "    COMPREPLY=()"
    yield "    if [[ $COMP_CWORD -eq 1 ]]; then"
    yield f'        COMPREPLY=($(compgen -W "{names} --help --version" -- "$cur"))'
    yield "        return"
    yield "    fi"
    yield '    case "${COMP_WORDS[1]} $prev" in'
    for command in commands:
        for option in command.options:
            if option.takes_value:
                patterns = "|".join(f'"{command.name} {flag}"' for flag in option.flags)
                yield f'        {patterns}) words="{" ".join(option.choices)}" ;;'
    yield '        *) case "${COMP_WORDS[1]} $cur" in'
    for command in commands:
        flags = " ".join(flag for option in command.options for flag in option.flags)
        yield f'            "{command.name} -"*) words="{flags}" ;;'
        if command.words:
            yield f'            "{command.name} "*) words="{" ".join(command.words)}" ;;'
    yield "        esac ;;"
    yield "    esac"
    yield '    [[ -n $words ]] && COMPREPLY=($(compgen -W "$words" -- "$cur"))'
    yield "}"
    yield "complete -o default -o bashdefault -F _sentinel sentinel"


def _zsh(commands: list[_Command]) -> Iterator[str]:
    yield "#compdef sentinel"
    yield "_sentinel() {"
    yield "  local -a commands"
    yield "  commands=("
    for command in commands:
        yield f"    '{command.name}:{command.title}'"
    yield "  )"
    yield "  if (( CURRENT == 2 )); then"
    yield "    _describe command commands"
    yield "    return"
    yield "  fi"
    yield "  shift words"
    yield "  (( CURRENT-- ))"
    yield '  case "$words[1]" in'
    for command in commands:
        yield f"    {command.name})"
        yield "      _arguments -s \\"
        for option in command.options:
            for flag in option.flags:
                yield f"        '*{flag}[{option.help}]{_zsh_value(option)}' \\"
        if command.words:
            yield f"        '1:word:({' '.join(command.words)})' \\"
        yield "        '*:file:_files'"
        yield "      ;;"
    yield "  esac"
    yield "}"
    yield "compdef _sentinel sentinel"


def _zsh_value(option: _Option) -> str:
    if not option.takes_value:
        return ""
    return f":value:({' '.join(option.choices)})" if option.choices else ":file:_files"


def _fish(commands: list[_Command]) -> Iterator[str]:
    yield "# fish completion for sentinel"
    for command in commands:
        about = f"-f -a {command.name} -d '{command.title}'"
        yield f"complete -c sentinel -n __fish_use_subcommand {about}"
    for command in commands:
        start = f"complete -c sentinel -n '__fish_seen_subcommand_from {command.name}'"
        if command.words:
            yield f"{start} -a '{' '.join(command.words)}'"
        for option in command.options:
            yield f"{start} {_fish_option(option)}"


def _fish_option(option: _Option) -> str:
    flags = " ".join(
        f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags
    )
    value = ""
    if option.takes_value:
        value = f" -x -a '{' '.join(option.choices)}'" if option.choices else " -r"
    return f"{flags}{value} -d '{option.help}'"
