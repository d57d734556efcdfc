"""What a run has to say, in the formats people and machines read: one line and one module each.

A reporter has the signature ``render(run, view) -> Iterator[str]``. To add a format, write the
module and add its line.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import NamedTuple, cast

from ..errors import UsageError
from .run import Run, View

__all__ = ["REPORTS", "ReportFormat", "Run", "View", "find", "render"]


class ReportFormat(NamedTuple):
    """One line of the table.

    Attributes:
        name: What ``--format`` calls it.
        title: What it is for.
        module: Module below ``sentinel.reports`` that has ``render``.
        digests: Whether it wants the SHA-256 of files with findings.
        listings: Whether it wants the code of pickles with findings.
    """

    name: str
    title: str
    module: str
    digests: bool = False
    listings: bool = False


REPORTS: tuple[ReportFormat, ...] = (
    ReportFormat("text", "for people", "text"),
    ReportFormat("json", "everything, by data/report.schema.json", "json", digests=True),
    ReportFormat("sarif", "SARIF 2.1.0, for code scanning", "sarif", digests=True),
    ReportFormat("html", "one page that works offline", "html", digests=True, listings=True),
)
"""All report formats."""


def find(name: str) -> ReportFormat:
    """Return the format of that name. Raises UsageError when there is none."""
    for entry in REPORTS:
        if entry.name == name:
            return entry
    known = ", ".join(entry.name for entry in REPORTS)
    raise UsageError(f"there is no report format {name!r}", f"the formats are {known}")


def render(name: str, run: Run, view: View) -> Iterator[str]:
    """Yield a run in the named format, in pieces."""
    module = import_module(f"{__name__}.{find(name).module}")
    return cast("Iterator[str]", module.render(run, view))
