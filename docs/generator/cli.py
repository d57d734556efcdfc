"""The page about the command line, out of its parser."""

from __future__ import annotations

import argparse
import contextlib
import inspect
import io
import os
import re
from unittest import mock

from sentinel.cli import COMMANDS, hook, hook_pii, main
from sentinel.cli.options import parser_for
from sentinel.reports import REPORTS

from .markdown import NOTE, code, table


def cli_page() -> str:
    """Return every command with every option."""
    parts = [f"{NOTE}# Command line\n\n```text\n{overview()}```\n"]
    parts += [command_section(parser) for parser in parsers()]
    parts.append(f"\n## Report formats\n\n{report_formats()}")
    return "".join(parts)


def overview() -> str:
    """Return what ``sentinel --help`` prints."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output), mock.patch.dict(os.environ, {"COLUMNS": "100"}):
        main(["--help"])
    return output.getvalue()


def parsers() -> list[argparse.ArgumentParser]:
    """Return the parsers of all commands and hooks."""
    hooks = [hook.parser(name) for name in ("model-scan", "pickle-check")]
    return [*(parser_for(command.name) for command in COMMANDS), *hooks, hook_pii.parser()]


def report_formats() -> str:
    """Return the table of report formats."""
    rows = ((code(entry.name), entry.title) for entry in REPORTS)
    return table(("name", "for"), rows)


def command_section(parser: argparse.ArgumentParser) -> str:
    """Return the section about one command."""
    shown = [action for action in parser._actions if action.help != argparse.SUPPRESS]
    rows = [(spelling(action), describe(action)) for action in shown]
    parts = (
        f"\n## {code(parser.prog)}\n",
        paragraphs(parser.description),
        table(("argument", "meaning"), rows),
        paragraphs(parser.epilog),
    )
    return "\n".join(part for part in parts if part)


def spelling(action: argparse.Action) -> str:
    """Return how an argument is written, with the name of its value."""
    value = value_name(action)
    if not action.option_strings:
        return code(f"[{value}…]" if action.nargs in ("*", "?") else value)
    takes = f" {value}" if action.nargs != 0 and value else ""
    return (
        ", ".join(code(option) for option in action.option_strings[:-1])
        + (", " if len(action.option_strings) > 1 else "")
        + code(f"{action.option_strings[-1]}{takes}")
    )


def value_name(action: argparse.Action) -> str:
    """Return what stands for an argument's value."""
    if isinstance(action, argparse.BooleanOptionalAction):
        return ""
    if action.metavar:
        return action.metavar if isinstance(action.metavar, str) else " ".join(action.metavar)
    if action.choices is not None:
        return "{" + ",".join(map(str, action.choices)) + "}"
    return action.dest.upper() if action.option_strings else action.dest


def describe(action: argparse.Action) -> str:
    """Return an argument's help with its default filled in."""
    text = action.help or ""
    facts = {**vars(action), "prog": "sentinel"}
    return " ".join((text % facts if "%" in text else text).split()).replace("|", "\\|")


def paragraphs(text: str | None) -> str:
    """Return help text as Markdown; indented lines become a block of code."""
    text = inspect.cleandoc(text or "")
    if not text:
        return ""
    blocks = re.split(r"\n\s*\n", text)
    shaped = []
    for block in blocks:
        if all(line.startswith("  ") for line in block.splitlines()):
            shaped.append(f"```text\n{inspect.cleandoc(block)}\n```")
        else:
            shaped.append(block)
    return "\n\n".join(shaped) + "\n"
