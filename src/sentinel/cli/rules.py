"""``sentinel rules``: list the rules, or show the documentation of one."""

from __future__ import annotations

import argparse
import sys

from ..errors import UsageError
from ..reports.json import dumps
from ..reports.ruledocs import RuleDocs, dedent, first_paragraph
from ..rules import RULES_VERSION, Rule
from ..verdicts import EXIT_OK
from .options import parser_for

_FORMATS = ("text", "json")


DESCRIPTION = "List the rules, or show the documentation of one."


def fill(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments to a parser."""
    parser.add_argument("id", nargs="?", metavar="ID", help="id or name of a rule, such as SNT1101")
    parser.add_argument("-f", "--format", choices=_FORMATS, default="text", help="text or json")


def main(argv: list[str]) -> int:
    """Run the command and return its exit code."""
    options = parser_for("rules").parse_args(argv)
    if options.id:
        return show_rule(options.id, options.format)
    rules = RuleDocs().rules.values()
    if options.format == "json":
        document = {"rules_version": RULES_VERSION, "rules": [_facts(rule) for rule in rules]}
        sys.stdout.write(dumps(document) + "\n")
        return EXIT_OK
    width = max((len(rule.name) for rule in rules), default=0)
    for rule in rules:
        title = first_paragraph(rule.doc)
        sys.stdout.write(f"{rule.id}  {rule.severity.label:<8}  {rule.name:<{width}}  {title}\n")
    return EXIT_OK


def find_rule(word: str) -> Rule | None:
    """Return the rule of that id or name, in letters of either case; None where there is none."""
    rules = RuleDocs().rules
    named = (rule for rule in rules.values() if rule.name == word.lower())
    return rules.get(word.upper()) or next(named, None)


def show_rule(word: str, format: str = "text") -> int:
    """Print one rule, by its id or name.

    Raises:
        UsageError: There is no such rule.
    """
    rule = find_rule(word)
    if rule is None:
        raise UsageError(f"there is no rule {word!r}", _likely(word))
    if format == "json":
        sys.stdout.write(dumps(_facts(rule)) + "\n")
        return EXIT_OK
    formats = ", ".join(rule.formats)
    weakness = f", {rule.cwe}" if rule.cwe else ""
    sys.stdout.write(f"{rule.id} {rule.name}\n{rule.severity.label} by default, ")
    sys.stdout.write(f"judges {formats}{weakness}\n\n{dedent(rule.doc)}\n")
    return EXIT_OK


def _likely(word: str) -> str:
    from ..settings.schema import nearest

    rules = RuleDocs().rules
    found = nearest(word.upper(), rules) or nearest(word, (one.name for one in rules.values()))
    return f"did you mean {found}?" if found else "see sentinel rules"


def _facts(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "name": rule.name,
        "severity": rule.severity.label,
        "formats": list(rule.formats),
        "cwe": rule.cwe or None,
        "doc": dedent(rule.doc),
    }
