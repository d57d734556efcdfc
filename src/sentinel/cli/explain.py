"""``sentinel explain``: show what a pickle would do, or what a rule means."""

from __future__ import annotations

import argparse
import os
import re
import sys

from ..errors import LimitExceeded, ParseError, ReadError, UsageError
from ..reports.escape import printable
from ..verdicts import EXIT_INCOMPLETE, EXIT_OK
from .guard import complain
from .options import parser_for

_RULE = re.compile(r"SNT\d{4}", re.IGNORECASE)
_LINE = 400


DESCRIPTION = "Show what a pickle would do, as pseudo-Python, or what a rule means."


def fill(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments to a parser."""
    parser.add_argument("subject", metavar="FILE|RULE", help="a file, or a rule id such as SNT1101")
    parser.add_argument(
        "--limit", type=int, default=0, metavar="N", help="show the first N lines only"
    )


def main(argv: list[str]) -> int:
    """Run the command and return its exit code."""
    options = parser_for("explain").parse_args(argv)
    subject: str = options.subject
    if os.path.lexists(subject):
        return _explain_file(subject, options.limit)
    if _RULE.fullmatch(subject):
        from .rules import show_rule

        return show_rule(subject.upper())
    raise UsageError(f"{subject!r} does not exist", "name a file or a rule id such as SNT1101")


def _explain_file(path: str, limit: int) -> int:
    from ..engine import explain_path

    shown = 0
    try:
        for line in explain_path(path):
            if limit > 0 and shown >= limit:
                sys.stdout.write(f"... more; --limit {limit} ends it here\n")
                break
            sys.stdout.write(printable(line, _LINE) + "\n")
            shown += 1
    except (ParseError, ReadError, LimitExceeded) as error:
        complain(f"stopped: {error.message}", error.hint)
        return EXIT_INCOMPLETE
    return EXIT_OK
