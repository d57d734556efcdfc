"""``sentinel config show``: the settings in force, and where each comes from."""

from __future__ import annotations

import argparse
import sys

from ..findings import Severity
from ..reports.escape import printable
from ..reports.json import dumps
from ..settings import Settings
from ..settings.schema import KEYS, LIMITS, Key
from ..verdicts import EXIT_OK
from .options import add_settings_options, parser_for, settings_from

DESCRIPTION = "Show the settings in force and where each comes from."


def fill(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments to a parser."""
    parser.add_argument("action", choices=("show",), help="what to do")
    # Not --format: that is a setting, whose value is shown here.
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_settings_options(parser)


def main(argv: list[str]) -> int:
    """Run the command and return its exit code."""
    options = parser_for("config").parse_args(argv)
    settings = settings_from(options)
    if options.json:
        sys.stdout.write(dumps(_document(settings)) + "\n")
        return EXIT_OK
    source = settings.source or "none"
    sys.stdout.write(f"# settings file: {printable(source)}\n")
    for key in KEYS:
        sys.stdout.write(_line(settings, key))
    sys.stdout.write("\n[limits]\n")
    for key in LIMITS:
        sys.stdout.write(_line(settings, key))
    if settings.suppress:
        sys.stdout.write(f"\n# {len(settings.suppress)} [[suppress]] entries\n")
    return EXIT_OK


def _line(settings: Settings, key: Key) -> str:
    text = f"{key.name} = {dumps(_plain(settings.value(key), key))}"
    return f"{text:<33} # {printable(_origin(settings, key))}\n"


def _origin(settings: Settings, key: Key) -> str:
    return settings.origins.get(key.field, "default")


def _plain(value: object, key: Key) -> object:
    if isinstance(value, Severity):
        return value.label
    return "never" if key.field == "fail_on" and value is None else value


def _document(settings: Settings) -> dict[str, object]:
    return {
        "source": settings.source or None,
        "settings": {key.name: _plain(settings.value(key), key) for key in KEYS},
        "limits": {key.name: settings.value(key) for key in LIMITS},
        "origins": {key.name: _origin(settings, key) for key in (*KEYS, *LIMITS)},
        "suppressions": len(settings.suppress),
    }
