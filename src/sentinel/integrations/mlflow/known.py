"""Known vulnerabilities of the packages that a model asks for, as far as a database tells them.

The user imports the database (``sentinel vulndb import``). Without one nothing was checked, and
that is what is said: never that there are none.
"""

from __future__ import annotations

import logging
import os
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ...errors import SentinelError
from ...findings import Finding, Report, Severity
from ...formats.dependency_names import kind_of
from ...verdicts import decide
from ..inspection import Inspection, State, renamed, state_of

if TYPE_CHECKING:
    from ...limits import Limits
    from ...trust.vulndb.judge import Comparer

NOT_CHECKED = "not_checked"
_LOG = logging.getLogger("sentinel.mlflow")


class _Known(NamedTuple):
    """A database that is open, and its date."""

    comparer: Comparer
    date: str


def with_known(inspection: Inspection, limits: Limits) -> Inspection:
    """Return what was found with what is known of the packages that are asked for.

    Args:
        inspection: What the scan says; its lists of packages are read again.
        limits: Bounds of reading one.

    Returns:
        The same with findings more, and what is said of known vulnerabilities: ``not_checked``,
        or the date of the database and how many findings there are.
    """
    known = _database()
    if known is None:
        return inspection._replace(vulnerabilities=NOT_CHECKED)
    told: dict[str, Finding] = {}
    reports: list[Report] = []
    # One list names another, and MLflow writes the same packages into several: told once.
    for report in sorted(
        inspection.reports, key=lambda one: kind_of(one.artifact) != "requirements"
    ):
        fresh = [
            one for one in _judged(report, inspection, known, limits) if one.message not in told
        ]
        told |= {one.message: one for one in fresh}
        reports.append(_added(report, fresh) if fresh else report)
    order = {report.artifact: place for place, report in enumerate(inspection.reports)}
    reports.sort(key=lambda one: order[one.artifact])
    count = sum(one.severity > Severity.INFO for one in told.values())  # the others are facts
    said = f"as of {known.date}: {count}"
    return inspection._replace(reports=tuple(reports), vulnerabilities=said)


def _judged(report: Report, inspection: Inspection, known: _Known, limits: Limits) -> list[Finding]:
    from ...cli.deps import dependencies_of

    path = inspection.paths.get(report.artifact, "")
    found = dependencies_of(path, limits) if path and "requirements" in report.formats else None
    return list(known.comparer.judge(path, found)) if found is not None else []


def _added(report: Report, more: list[Finding]) -> Report:
    path = more[0].location.artifact
    placed = renamed(report._replace(artifact=path, findings=tuple(more)), report.artifact)
    findings = tuple(sorted((*report.findings, *placed.findings), key=lambda one: -one.severity))
    return report._replace(findings=findings, verdict=decide(findings, report.coverage.gaps))


def _database() -> _Known | None:
    """Return the user's database; None where there is none that can be used, which is logged."""
    from ...trust.vulndb.place import default_path

    path = default_path()
    if not os.path.lexists(path):
        return None
    try:
        return _opened(path, state_of(path))
    except SentinelError as error:
        _LOG.warning("known vulnerabilities were not checked: %s", error)
        return None


@lru_cache(maxsize=1)
def _opened(path: str, state: State) -> _Known | None:
    from ...trust.vulndb.judge import Comparer
    from ...trust.vulndb.store import open_database

    database = open_database(path)
    if database is None:
        return None
    return _Known(Comparer(database), f"{database.info.date:%Y-%m-%d}")
