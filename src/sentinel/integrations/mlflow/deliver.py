"""What goes with an upload that passed: provenance beside a model, and tags."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING, Any

from . import tags
from .active import HERE
from .target import Target

if TYPE_CHECKING:
    from ..unchanged import Watch
    from .checks import Passed
    from .provenance import Hashing

MLMODEL = "MLmodel"
FOLDER, NAME = "sentinel", "report.html"


def prepare(passed: Passed, local: str, place: Target, watch: Watch) -> Hashing | None:
    """Begin to hash a model, and add a report to one in a directory of MLflow's own."""
    if not (os.path.isdir(local) and os.path.isfile(os.path.join(local, MLMODEL))):
        return None
    from . import provenance, report

    signer = provenance.signer_of(passed)  # one that cannot be had must stop it before the upload
    if _is_own(local) and _wants_report(passed):
        HERE.logging[-1].reported = report.write(passed, local, place)
        watch.accept(os.path.join(local, FOLDER, NAME))
    return provenance.Hashing(local, signer)


def finish(
    passed: Passed, repository: Any, hashing: Hashing | None, place: Target, below: Any, local: str
) -> None:
    """Upload what goes beside a model, and set tags."""
    if hashing is None:
        if passed.status in ("warned", "unscanned"):
            tags.passed(place, passed, {})
        return
    reported = _beside(passed, repository, hashing, place, below, local)
    more = _noted(passed, place) if HERE.logging else {}
    if reported:
        path = "/".join(part for part in (place.path, FOLDER, NAME) if part)
        more["sentinel.report"] = path
        for guard in passed.guards:
            guard.note_report(f"{place}/{path}")
    found = tags.passed(place, passed, more)
    if HERE.logging:
        HERE.logging[-1].tags = found


def _beside(
    passed: Passed, repository: Any, hashing: Hashing, place: Target, below: Any, local: str
) -> bool:
    """Upload what goes beside a model; return whether there is a report of ours."""
    from . import attesting, provenance, report

    signer = hashing.signer
    beside = {provenance.NAME: provenance.upload(passed, repository, hashing, place, below)}
    reported = HERE.logging[-1].reported if HERE.logging else False
    page = report.read(local)  # that of a model which is logged again goes with it
    if not reported and _wants_report(passed):
        made = report.upload(passed, repository, place, below)
        page, reported = made or page, bool(made)
    if signer is not None:
        if page:
            beside[f"{FOLDER}/{NAME}"] = page
        attesting.upload(passed, repository, hashing.manifest(), beside, place, below, signer)
    return reported


def _noted(passed: Passed, place: Target) -> dict[str, str]:
    """Note what ``Model.log`` may register next; return the tags of its mark."""
    call = HERE.logging[-1]
    call.clean = passed.status != "warned"
    call.model_id, call.run_id = place.model_id, place.run_id
    return {f"sentinel.watermark.{key}": text for key, text in call.marked.items() if text}


def _wants_report(passed: Passed) -> bool:
    return any(guard.policy.report for guard in passed.guards)


def _is_own(local: str) -> bool:
    """Return whether a directory is the temporary one that ``Model.log`` saves a model to."""
    if not HERE.logging or os.path.basename(local.rstrip(os.sep)) != "model":
        return False
    top = os.path.realpath(tempfile.gettempdir()) + os.sep
    inside = os.path.realpath(local).startswith(top)
    return inside and os.path.isfile(os.path.join(local, MLMODEL))
