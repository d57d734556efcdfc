"""The page about the command line, out of its parser."""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Iterator

from sentinel.cli import build_parser
from sentinel.reports import REPORTS

from .markdown import NOTE, code, table


def cli_page() -> str:
    """Return every command with every option."""
    parser = build_parser()
    parts = [f"{NOTE}# Command line\n\n{paragraphs(parser.description)}\n"]
    for path, command in commands(parser):
        parts.append(command_section(path, command))
    parts.append(f"\n## Report formats\n\n{report_formats()}")
    return "".join(parts)


def report_formats() -> str:
    """Return the table of report formats."""
    rows = ((code(entry.name), entry.title) for entry in REPORTS)
    return table(("name", "for"), rows)


def commands(
    parser: argparse.ArgumentParser, path: str = ""
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Yield a parser and all parsers of its subcommands, each with its full name."""
    path = path or parser.prog
    yield path, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, child in dict(action.choices).items():
                yield from commands(child, f"{path} {name}")


def command_section(path: str, parser: argparse.ArgumentParser) -> str:
    """Return the section about one command."""
    shown = [action for action in parser._actions if action.help != argparse.SUPPRESS]
    rows = [
        (spelling(action), describe(action))
        for action in shown
        if not isinstance(action, argparse._SubParsersAction)
    ]
    text = "" if " " not in path else paragraphs(parser.description)
    options = table(("argument", "meaning"), rows)
    epilog = paragraphs(parser.epilog)
    return "\n".join(part for part in (f"\n## {code(path)}\n", text, options, epilog) if part)


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
