"""The decision: scan, ask every open guard, note what came of it, and stop what must not pass."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from ...findings import Verdict
from ..blocked import SentinelBlocked, blocked
from ..inspection import Inspection, Inspector, crashed
from ..policy import Objection, gaps_of
from . import tags
from .active import ACTIVE, HERE
from .known import NOT_CHECKED, with_known
from .target import Target

if TYPE_CHECKING:
    from .guard import MLflowGuard

_INSPECTOR = Inspector()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_INSPECTOR.forked)
_VERBS = {"log": "not logged", "load": "not loaded", "register": "not registered"}


@dataclass(slots=True)
class Passed:
    """What was let through.

    Attributes:
        inspection: What the scan says.
        status: ``clean``, ``findings``, ``unscanned`` or ``warned``.
        guards: The guards that were asked.
        objections: What would have been blocked but for ``on_block="warn"``.
    """

    inspection: Inspection
    status: str
    guards: tuple[MLflowGuard, ...]
    objections: list[Objection] = field(default_factory=list)


def check(
    action: str,
    path: object,
    name: str,
    place: Target,
    *,
    only: frozenset[str] | None = None,
    stands_for: str = "",
) -> Passed:
    """Scan what is on disk and return when it may pass.

    Args:
        action: ``log``, ``load`` or ``register``.
        path: File or directory.
        name: What it is called as an artifact.
        place: Where it goes or comes from.
        only: Paths to scan below it; None for all.
        stands_for: The file that this one is a copy of, whose name and neighbours tell what it is.

    Raises:
        SentinelBlocked: A guard objects and does not merely warn.
    """

    def inspect(guard: MLflowGuard) -> Inspection:
        found = _inspect(str(path), name, guard, only, stands_for)
        # What is loaded has been installed before: its lists say nothing about that any more.
        return found if action == "load" else _known(found, name, guard)

    passed = _decide(action, place, inspect)
    for guard in dict.fromkeys(passed.guards):
        guard.note_passed(action, place, passed)
    return passed


def recheck(passed: Passed, place: Target, inspection: Inspection) -> Passed:
    """Return what passed after all, with what became known of it during its upload.

    Raises:
        SentinelBlocked: A guard objects and does not merely warn.
    """
    again = _decide("log", place, lambda _: inspection)
    for guard in dict.fromkeys(again.guards):
        guard.note_passed("log", place, again)
    both = Inspection(
        passed.inspection.reports + inspection.reports,
        passed.inspection.others,
        {**passed.inspection.paths, **inspection.paths},
        passed.inspection.vulnerabilities,
    )
    status = "warned" if "warned" in (passed.status, again.status) else again.status
    return Passed(both, status, passed.guards, passed.objections + again.objections)


def _decide(action: str, place: Target, inspect: Callable[[MLflowGuard], Inspection]) -> Passed:
    guards = ACTIVE.guards
    objecting: list[MLflowGuard] = []
    objections: list[Objection] = []
    inspection = Inspection((), (), {})
    for guard in dict.fromkeys(guards):
        inspection = inspect(guard)
        found = guard.objections(inspection)
        if found:
            objecting.append(guard)
            objections = objections or found
    if any(guard.on_block != "warn" for guard in objecting):
        raise refuse(action, place, objections, objecting, inspection)
    return Passed(inspection, _status(inspection, objections), guards, objections)


def refuse(
    action: str,
    place: Target,
    objections: Sequence[Objection],
    objecting: list[MLflowGuard],
    inspection: Inspection | None = None,
) -> SentinelBlocked:
    """Return the error of a block, after it was noted and tagged."""
    error = _error(action, place, objections, inspection)
    told = partial(_tell, error, place, objecting, inspection)
    if HERE.logging:
        # While a model is logged MLflow reads it back, and swallows the error; the upload that
        # follows is refused for the same reason, and that is what is told.
        HERE.logging[-1].withheld = told if action == "load" else None
    if action != "load" or not HERE.logging:
        told()
    return error


def _tell(
    error: SentinelBlocked,
    place: Target,
    objecting: list[MLflowGuard],
    inspection: Inspection | None,
) -> None:
    for guard in ACTIVE.concerned(objecting):
        guard.note_blocked(error)
    if inspection is not None and any(one.on_block == "quarantine" for one in objecting):
        from ..quarantine import keep

        keep(error, inspection)
    if error.action == "log" or HERE.logging:
        tags.blocked(place, error, _reported(error, place, objecting))


def _reported(error: SentinelBlocked, place: Target, objecting: list[MLflowGuard]) -> str:
    """Leave a report of a block with its run; return its address, empty without one."""
    wanting = [guard for guard in ACTIVE.guards if guard.policy.report]
    if not wanting:
        return ""
    from . import report

    address = report.evidence(error, place, objecting[0].policy.fail_on)
    for guard in ACTIVE.concerned(objecting) if address else ():
        guard.note_report(address)
    return address


def _inspect(
    path: str, name: str, guard: MLflowGuard, only: frozenset[str] | None, stands_for: str
) -> Inspection:
    try:
        if stands_for:
            place = os.path.abspath(stands_for)
            return _INSPECTOR.inspect_as(path, place, name, guard.policy.limits)
        return _INSPECTOR.inspect(path, name, guard.policy.limits, only)
    except Exception as error:  # whatever is wrong with us, nothing may pass for it
        return crashed(name, error)


def _known(found: Inspection, name: str, guard: MLflowGuard) -> Inspection:
    try:
        return with_known(found, guard.policy.limits)
    except Exception as error:
        more = crashed(name, error)
        return found._replace(reports=found.reports + more.reports, vulnerabilities=NOT_CHECKED)


def _status(inspection: Inspection, objections: list[Objection]) -> str:
    if objections:
        return "warned"
    if any(True for _ in gaps_of(inspection.reports)):
        return "unscanned"
    return "clean" if inspection.verdict is Verdict.CLEAN else "findings"


def _error(
    action: str, place: Target, objections: Sequence[Objection], inspection: Inspection | None
) -> SentinelBlocked:
    first = objections[0]
    more = f" (and {len(objections) - 1} more)" if len(objections) > 1 else ""
    level = f" ({first.severity.label})" if first.severity is not None else ""
    message = (
        f"{first.artifact or place}: {_VERBS[action]} ({place}): "
        f"{first.rule}{level}: {first.text}{more}"
    )
    reports = inspection.reports if inspection is not None else ()
    return blocked(
        message, first.hint, action=action, artifact=first.artifact, rule=first.rule,
        reports=reports,
    )  # fmt: skip
