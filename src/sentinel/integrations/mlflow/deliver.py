"""What goes with an upload that passed: provenance beside a model, and tags."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING, Any

from . import tags
from .active import HERE
from .target import Target

if TYPE_CHECKING:
    from .checks import Passed

MLMODEL = "MLmodel"


def prepare(passed: Passed, local: str, place: Target) -> None:
    """Add provenance to a model that MLflow wrote into a directory of its own."""
    if _is_own(local):
        from . import provenance

        provenance.write(passed, local, place)


def finish(passed: Passed, repository: Any, local: str, place: Target, below: Any) -> None:
    """Upload what could not be written into a directory of the user's, and set tags."""
    model = os.path.isdir(local) and os.path.isfile(os.path.join(local, MLMODEL))
    if model:
        more: dict[str, str] = {}
        if not _is_own(local):
            from . import provenance

            provenance.upload(passed, repository, local, place, below)
        if HERE.logging:
            call = HERE.logging[-1]
            call.clean = passed.status != "warned"
            call.model_id, call.run_id = place.model_id, place.run_id
            more = {f"sentinel.watermark.{key}": text for key, text in call.marked.items() if text}
        found = tags.passed(place, passed, more)
        if HERE.logging:
            HERE.logging[-1].tags = found
    elif passed.status in ("warned", "unscanned"):
        tags.passed(place, passed, {})


def _is_own(local: str) -> bool:
    """Return whether a directory is the temporary one that ``Model.log`` saves a model to."""
    if not HERE.logging or os.path.basename(local.rstrip(os.sep)) != "model":
        return False
    top = os.path.realpath(tempfile.gettempdir()) + os.sep
    inside = os.path.realpath(local).startswith(top)
    return inside and os.path.isfile(os.path.join(local, MLMODEL))
