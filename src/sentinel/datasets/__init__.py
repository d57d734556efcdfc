"""Validates datasets before they are uploaded, or after they came.

::

    from sentinel.datasets import validate

    found = validate("data/", label="sentiment", text="review")
    print(found.verdict, [(one.rule_id, one.message) for one in found.findings])

Nothing of a dataset is run or unpickled. What is told of programs, pickles and credentials blocks;
what is told of rows and labels are indicators.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from ..findings import Coverage, Finding, Gap, Report, Verdict
from ..limits import DEFAULT_LIMITS, Limits
from ..rules import RULES_VERSION
from ..targets import walk
from ..verdicts import decide
from .folder import watch_folder
from .notes import Notes
from .options import Options
from .validate import FileValidator, Seen, folder_report, thin

__all__ = ["FileValidator", "Options", "Validation", "compare", "validate"]


class Validation(NamedTuple):
    """What was said of a dataset.

    Attributes:
        reports: One a file, and for a folder one of the folder as a whole where there is something
            to say of it.
    """

    reports: tuple[Report, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, worst first."""
        found = [finding for report in self.reports for finding in report.findings]
        return tuple(sorted(found, key=lambda one: -one.severity))

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """All that was not examined."""
        return tuple(gap for report in self.reports for gap in report.coverage.gaps)

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of any report."""
        order = list(Verdict)
        found = (report.verdict for report in self.reports)
        return max(found, key=order.index, default=Verdict.CLEAN)


def validate(
    path: str | os.PathLike[str],
    *,
    label: str | None = None,
    text: str | None = None,
    schema: str | os.PathLike[str] | None = None,
    limits: Limits = DEFAULT_LIMITS,
    options: Options | None = None,
) -> Validation:
    """Validate a file, or a folder as one dataset.

    Args:
        path: File or folder.
        label: Name of the column with the labels; None to go by its name.
        text: Name of the column with the text; None to go by what is in it.
        schema: A schema of pandera in YAML or JSON, for every table.
        limits: Bounds of each file.
        options: Everything else.

    Returns:
        Reports that every reporter knows.

    Raises:
        UsageError: There is nothing at the path, or pandera is not installed for the schema.
        SettingsError: The schema cannot be used.
    """
    how = (options or Options())._replace(limits=limits)
    how = how._replace(
        label=label or how.label,
        text=text or how.text,
        schema=os.fsdecode(schema) if schema is not None else how.schema,
    )
    validator = FileValidator(how)
    top = os.fsdecode(path)
    reports = []
    for target in walk([top]):
        if target.gap is None:
            reports.append(validator.file(target.path))
        else:
            verdict = decide((), (target.gap,))
            coverage = Coverage(gaps=(target.gap,))
            reports.append(Report(target.path, (), (), coverage, verdict, RULES_VERSION))
    if os.path.isdir(top):
        whole = compare(top, validator.seen)
        reports += [whole] if whole.findings else []
    return Validation(tuple(reports))


def compare(top: str, seen: Sequence[Seen]) -> Report:
    """Return the report about a folder as a whole.

    Args:
        top: The folder.
        seen: What a ``FileValidator`` kept of its files, and perhaps of others.
    """
    notes = Notes()
    base = os.path.join(top, "")
    mine = [one for one in thin(seen) if one.path.startswith(base) or top == "."]
    watch_folder(top, sorted(mine, key=lambda one: one.path), notes)
    return folder_report(top, notes)
