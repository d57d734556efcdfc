"""``sentinel explain``: show what a pickle would do, or what a rule means."""

from __future__ import annotations

import argparse
import os
import re
import sys

from ..errors import LimitExceeded, ParseError, ReadError, UsageError
from ..reports.escape import printable
from ..verdicts import EXIT_INCOMPLETE, EXIT_OK
from .absent import hint_for
from .guard import complain
from .options import parser_for

_RULE = re.compile(r"SNT\d{4}", re.IGNORECASE)
_LINE = 400
_TEXT = 80
_MOST_TEXT = 10_000

DESCRIPTION = "Show what a pickle would do, as pseudo-Python, or what a rule means."


def fill(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments to a parser."""
    parser.add_argument("subject", metavar="FILE|RULE", help="a file, or a rule such as SNT1101")
    parser.add_argument(
        "--limit", type=int, default=0, metavar="N", help="show the first N lines only"
    )
    parser.add_argument(
        "--text", type=int, default=_TEXT, metavar="N",
        help=f"longest string that is shown whole, {_TEXT} to {_MOST_TEXT} characters ({_TEXT})",
    )  # fmt: skip


def main(argv: list[str]) -> int:
    """Run the command and return its exit code."""
    options = parser_for("explain").parse_args(argv)
    subject: str = options.subject
    if os.path.isdir(subject):
        raise UsageError(f"{subject!r} is a directory", "name one file")
    if os.path.lexists(subject):
        return _explain_file(subject, options.limit, min(max(options.text, _TEXT), _MOST_TEXT))
    from .rules import find_rule, show_rule

    if _RULE.fullmatch(subject) or find_rule(subject):
        return show_rule(subject)
    hint = hint_for(subject) or "name a file or a rule such as SNT1101"
    raise UsageError(f"{subject!r} does not exist", hint)


def _explain_file(path: str, limit: int, text: int) -> int:
    from ..engine import explain_path

    shown = 0
    empty = os.path.isfile(path) and not os.path.getsize(path)
    try:
        for line in explain_path(path, text=text):
            if limit > 0 and shown >= limit:
                sys.stdout.write(f"... more; --limit {limit} ends it here\n")
                break
            sys.stdout.write(printable(line, max(_LINE, 4 * text)) + "\n")
            shown += 1
        if empty or not shown:
            what = "the file is empty" if empty else "there is no pickle in it"
            sys.stdout.write(f"# {printable(path)}: {what}\n")
    except (ParseError, ReadError, LimitExceeded) as error:
        complain(f"stopped: {error.message}", error.hint)
        return EXIT_INCOMPLETE
    return EXIT_OK
