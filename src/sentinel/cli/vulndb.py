"""``sentinel vulndb``: import known vulnerabilities, or say what was imported."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..reports.escape import printable
from ..verdicts import EXIT_FINDINGS, EXIT_OK
from .guard import note
from .options import parser_for

if TYPE_CHECKING:
    from ..trust.vulndb.model import Info

_ACTIONS = ("import", "info")

DESCRIPTION = (
    "Import known vulnerabilities of PyPI's packages out of a dump in OSV's schema (import FILE), "
    "or say what was imported (info). Nothing is fetched: the dump is yours. sentinel deps "
    "compares with it, and what it says holds as of the dump's date."
)
_WHERE = """\
OSV publishes its dump for PyPI as all.zip in the bucket osv-vulnerabilities, folder PyPI; see
https://google.github.io/osv.dev/data/. Withdrawn records are left out, and so is whatever is not of
the schema: it is counted.

exit codes: 0 imported, or there is a database; 1 info: there is none; 2 an error, nothing imported
"""


def fill(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments to a parser."""
    parser.epilog = _WHERE
    parser.add_argument("action", choices=_ACTIONS, help="import or info")
    parser.add_argument(
        "path", nargs="?", default="", metavar="FILE", help="the dump: a zip file or a folder"
    )
    parser.add_argument(
        "--database", default="", metavar="FILE",
        help="the database, instead of the one in your folder for data",
    )  # fmt: skip
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing when it worked")


def main(argv: list[str]) -> int:
    """Run the command and return its exit code."""
    from ..trust.vulndb.place import default_path

    parser = parser_for("vulndb")
    options = parser.parse_intermixed_args(argv)
    database = options.database or default_path()
    if (options.action == "import") is not bool(options.path):
        parser.error("import takes a FILE, and info takes none")
    return (_import if options.path else _info)(options, database)


def _import(options: argparse.Namespace, database: str) -> int:
    from ..trust.vulndb.importing import import_dump

    info = import_dump(options.path, database)
    if not options.quiet:
        _tell(info, database)
    _warn(info)
    return EXIT_OK


def _info(options: argparse.Namespace, database: str) -> int:
    from ..trust.vulndb.store import open_database

    found = open_database(database)
    if found is None:
        if options.database:
            raise UsageError(f"{database}: there is no database", "sentinel vulndb import FILE")
        sys.stdout.write("known vulnerabilities: not checked (no database)\n")
        note("  help: sentinel vulndb import FILE, with a dump in OSV's schema\n")
        return EXIT_FINDINGS
    _tell(found.info, database)
    _warn(found.info)
    return EXIT_OK


def _tell(info: Info, database: str) -> None:
    for line in _lines(info, database):
        sys.stdout.write(f"{printable(line)}\n")


def _lines(info: Info, database: str) -> Iterator[str]:
    yield f"database: {database}"
    yield f"source: {info.source}" + (f" (sha256 {info.sha256})" if info.sha256 else "")
    yield f"date: {info.date:%Y-%m-%d}, that of its newest record"
    yield f"imported: {info.imported:%Y-%m-%d}"
    yield f"records: {info.records}, about {info.packages} packages of PyPI"
    for reason, number in info.skipped.items():
        yield f"left out: {number} {reason}"


def _warn(info: Info) -> None:
    if info.is_old():
        note("sentinel: warning: this database is older than 30 days; import a newer one\n")
