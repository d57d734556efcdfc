"""The page about what was found, which MLflow shows beside a model: ``sentinel/report.html``."""

from __future__ import annotations

import logging
import os
import tempfile
import time
from typing import TYPE_CHECKING, Any

from ...errors import ReadError
from ...explain import with_listings
from ...findings import Report
from ...limits import MIB
from ...readers import open_file
from ...reports.html import html_report
from ..inspection import renamed
from .deliver import FOLDER, NAME

if TYPE_CHECKING:
    from .checks import Passed
    from .target import Target

_LARGEST = 64 * MIB
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


def read(folder: str) -> bytes:
    """Return the page in a model's directory; empty without one."""
    try:
        with open_file(os.path.join(folder, FOLDER, NAME)) as reader:
            return bytes(reader.pread(0, reader.size)) if reader.size <= _LARGEST else b""
    except ReadError:
        return b""


def upload(passed: Passed, repository: Any, place: Target, below: str | None) -> bytes:
    """Upload the page beside something that has no directory of MLflow's.

    Returns:
        The page; empty if it could not be.
    """
    with tempfile.TemporaryDirectory() as temporary:
        if not write(passed, temporary, place):
            return b""
        path = os.path.join(temporary, FOLDER, NAME)
        try:
            repository.log_artifact(path, f"{below}/{FOLDER}" if below else FOLDER)
        except Exception as error:
            _LOG.warning("the report was not logged: %s", error)
            return b""
        return read(temporary)


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
