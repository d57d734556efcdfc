"""The page about what was found, which MLflow shows beside a model: ``sentinel/report.html``."""

from __future__ import annotations

import logging
import os
import tempfile
import time
from typing import TYPE_CHECKING, Any

from ...explain import with_listings
from ...findings import Report
from ...reports.html import html_report
from ..inspection import renamed
from .deliver import FOLDER, NAME

if TYPE_CHECKING:
    from .checks import Passed
    from .target import Target

_LOG = logging.getLogger("sentinel.mlflow")


def write(passed: Passed, folder: str, place: Target) -> bool:
    """Write the page into a model's directory, MLflow's own; False if it cannot be."""
    try:
        text = _page(passed, place)
        os.makedirs(os.path.join(folder, FOLDER), exist_ok=True)
        with open(os.path.join(folder, FOLDER, NAME), "w", encoding="ascii") as file:
            file.write(text)
    except Exception as error:  # the decision stands, whatever becomes of the page
        _LOG.warning("no report: %s: %s", type(error).__name__, error)
        return False
    return True


def upload(passed: Passed, repository: Any, place: Target, below: str | None) -> bool:
    """Upload the page beside something that has no directory of MLflow's; False if it cannot be."""
    with tempfile.TemporaryDirectory() as temporary:
        if not write(passed, temporary, place):
            return False
        path = os.path.join(temporary, FOLDER, NAME)
        try:
            repository.log_artifact(path, f"{below}/{FOLDER}" if below else FOLDER)
        except Exception as error:
            _LOG.warning("the report was not logged: %s", error)
            return False
    return True


def _page(passed: Passed, place: Target) -> str:
    paths = passed.inspection.paths
    reports = [_listed(one, paths.get(one.artifact, "")) for one in passed.inspection.reports]
    now = time.time()
    return html_report(
        reports,
        targets=[str(place)],
        root=os.getcwd(),
        about={"MLflow": str(place), "Decision": passed.status},
        fail_on=passed.guards[-1].policy.fail_on,
        started=now,
        finished=now,
    )


def _listed(report: Report, path: str) -> Report:
    if not path or not report.findings:
        return report
    return renamed(with_listings(renamed(report, path)), report.artifact)
