"""Tags of runs, logged models and versions: what people see and search for.

Whoever may write tags may change them, so nothing is decided by a tag but a refusal. That a tag
cannot be set is logged and stops nothing.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..._version import __version__
from ...findings import Report
from ...rules import RULES_VERSION
from ..blocked import SentinelBlocked
from .active import HERE
from .target import Target

if TYPE_CHECKING:
    from .checks import Passed

VERDICT = "sentinel.verdict"
BLOCKED = "blocked"
VULNERABILITIES = "sentinel.vulnerabilities"
_MOST_FINDINGS = 20
_MOST_TEXT = 4000
_NOTE = "mlflow.note.content"
_LOG = logging.getLogger("sentinel.mlflow")


def blocked(place: Target, error: SentinelBlocked, report: str = "") -> None:
    """Tag what a blocked artifact was to belong to.

    Args:
        place: Where it was to go.
        error: Why it did not.
        report: Address of the page about it; empty without one.
    """
    found = summary(error.reports)
    found[VERDICT] = BLOCKED
    found["sentinel.blocked"] = _short(f"{error.artifact}: {error.rule}")
    if report:
        found["sentinel.report"] = report
    put(place, found)


def passed(place: Target, what: Passed, more: Mapping[str, str]) -> dict[str, str]:
    """Tag what a model that passed belongs to; return the tags."""
    found = summary(what.inspection.reports)
    found[VERDICT] = what.status
    found |= looked_up(what)
    found.update(more)
    put(place, found)
    return found


def looked_up(what: Passed) -> dict[str, str]:
    """Return the tag that says whether known vulnerabilities were looked up."""
    said = what.inspection.vulnerabilities
    return {VULNERABILITIES: said} if said else {}


def summary(reports: tuple[Report, ...]) -> dict[str, str]:
    """Return what was found as tags, short enough for every store."""
    listed = [
        {
            "rule": finding.rule_id,
            "severity": finding.severity.label,
            "artifact": str(finding.location),
            "message": finding.message[:200],
        }
        for report in reports
        for finding in report.findings
    ]
    text = json.dumps(listed[:_MOST_FINDINGS])
    while len(text) > _MOST_TEXT:
        listed = listed[: len(listed) // 2]
        text = json.dumps(listed[:_MOST_FINDINGS])
    return {
        "sentinel.findings": text,
        "sentinel.version": __version__,
        "sentinel.rules_version": RULES_VERSION,
    }


def put(place: Target, found: Mapping[str, str]) -> None:
    """Set tags of the run and of the logged model of a place."""
    HERE.quiet += 1
    try:
        client = client_of(place)
        if place.model_id:
            _tag_model(client, place.model_id, found)
        run_id = run_of(place)
        if run_id:
            _tag_run(client, run_id, found)
    except Exception as error:  # a tag is no reason to lose a run
        _LOG.warning("tags were not set: %s", error)
    finally:
        HERE.quiet -= 1


def client_of(place: Target) -> Any:
    """Return a client of the server of a place."""
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=place.tracking_uri)


def run_of(place: Target) -> str:
    """Return the run that a place belongs to, or the one that is open; empty without any."""
    import mlflow

    run_id = place.run_id
    if place.model_id:
        run_id = client_of(place).get_logged_model(place.model_id).source_run_id
    active = None if run_id else mlflow.active_run()
    return active.info.run_id if active is not None else str(run_id or "")


def _tag_run(client: Any, run_id: str, found: Mapping[str, str]) -> None:
    from mlflow.entities import RunTag

    client.log_batch(run_id, tags=[RunTag(key, value) for key, value in found.items()])


def _tag_model(client: Any, model_id: str, found: Mapping[str, str]) -> None:
    tags = dict(found)
    model = client.get_logged_model(model_id)
    if not model.tags.get(_NOTE):  # the page of a logged model shows no other tag
        tags[_NOTE] = _note(found)
    client.set_logged_model_tags(model_id, tags)


def _note(found: Mapping[str, str]) -> str:
    lines = [f"**SENTINEL**: {found[VERDICT]} (rules {found['sentinel.rules_version']})"]
    if "sentinel.blocked" in found:
        lines.append(f"Blocked: `{found['sentinel.blocked'].replace('`', chr(39))}`")
    if found.get("sentinel.report"):
        lines.append(f"Report: `{found['sentinel.report']}` among the artifacts")
    return "\n\n".join(lines)


def _short(text: str) -> str:
    return text if len(text) <= 500 else f"{text[:497]}..."
