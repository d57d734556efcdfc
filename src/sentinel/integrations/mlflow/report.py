"""The page about what was found, which MLflow shows beside a model: ``sentinel/report.html``."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import tempfile
import time
from typing import TYPE_CHECKING, Any

from ...errors import ReadError
from ...explain import with_listings
from ...findings import Report, Severity
from ...limits import MIB
from ...readers import open_file
from ...reports.html import html_report
from ..inspection import renamed
from . import tags
from .active import HERE
from .deliver import FOLDER, NAME

if TYPE_CHECKING:
    from ..blocked import SentinelBlocked
    from .checks import Passed
    from .target import Target

_LARGEST = 64 * MIB
_LOG = logging.getLogger("sentinel.mlflow")


def write(passed: Passed, folder: str, place: Target) -> bool:
    """Write the page into a model's directory, MLflow's own; False if it cannot be."""
    try:
        paths = passed.inspection.paths
        reports = [_listed(one, paths.get(one.artifact, "")) for one in passed.inspection.reports]
        fail_on, known = passed.guards[-1].policy.fail_on, passed.inspection.vulnerabilities
        text = _page(reports, place, passed.status, fail_on, known)
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


def evidence(error: SentinelBlocked, place: Target, fail_on: Severity | None) -> str:
    """Log the page about something that was blocked to its run, where there is one.

    Nothing of the file itself goes with it: no code that a pickle would run, no text of a finding's
    evidence.

    Returns:
        Address of the page; empty if it could not be logged.
    """
    HERE.quiet += 1
    try:
        client, run_id = tags.client_of(place), tags.run_of(place)
        if not run_id or not error.reports:
            return ""
        reports = [_without_evidence(one) for one in error.reports]
        text = _page(reports, place, "blocked", fail_on)
        with tempfile.TemporaryDirectory() as temporary:
            path = os.path.join(temporary, _named(error))
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
            client.log_artifact(run_id, path, FOLDER)
    except Exception as why:  # a page is no reason to lose the block
        _LOG.warning("no report: %s: %s", type(why).__name__, why)
        return ""
    finally:
        HERE.quiet -= 1
    return f"runs:/{run_id}/{FOLDER}/{_named(error)}"


def _named(error: SentinelBlocked) -> str:
    """Return the name of a block's page: of its own, but the same when it is tried again."""
    leaf = error.artifact.partition(" @ ")[0].rpartition("/")[2]
    shown = re.sub(r"[^\w.-]+", "-", leaf, flags=re.ASCII).strip("-.")[-40:]
    digest = hashlib.sha256(error.message.encode("utf-8", "backslashreplace")).hexdigest()[:8]
    return "-".join(part for part in ("blocked", shown, digest) if part) + ".html"


def _page(
    reports: list[Report], place: Target, status: str, fail_on: Severity | None, known: str = ""
) -> str:
    now = time.time()
    about = {"MLflow": str(place), "Decision": status}
    if known:
        about["Known vulnerabilities"] = known.replace("_", " ")
    return html_report(
        reports,
        targets=[str(place)],
        root=os.getcwd(),
        about=about,
        fail_on=fail_on,
        started=now,
        finished=now,
    )


def _without_evidence(report: Report) -> Report:
    findings = tuple(one._replace(evidence="") for one in report.findings)
    return report._replace(findings=findings)


def _listed(report: Report, path: str) -> Report:
    if not path or not report.findings:
        return report
    return renamed(with_listings(renamed(report, path)), report.artifact)
