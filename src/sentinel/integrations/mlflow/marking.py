"""A watermark for the copy of a model that is logged, where a key is configured.

That a model cannot be marked is no error: it is logged as it is, and the tags say why.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...errors import SentinelError
from .active import ACTIVE, Logging

if TYPE_CHECKING:
    from ...trust.watermark.outcome import Outcome
    from ..policy import GuardPolicy

ARGUMENTS = (
    "sk_model", "pytorch_model", "xgb_model", "lgb_model", "model", "onnx_model",
    "transformers_model", "cb_model", "pr_model", "statsmodels_model", "pd_model", "h2o_model",
    "spark_model", "lc_model", "spacy_model",
)  # fmt: skip
"""Names that flavours give the argument with the model; ``python_model`` is code, and is not."""
_LOG = logging.getLogger("sentinel.mlflow")


def marked(call: Logging, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of ``Model.log`` with a marked copy in the place of the model."""
    changed = dict(arguments)
    policy = next(
        guard.policy for guard in reversed(ACTIVE.guards) if guard.policy.watermark_key is not None
    )
    name = next((one for one in ARGUMENTS if arguments.get(one) is not None), "")
    if not name:
        call.marked = {"status": "skipped", "reason": "unsupported-kind"}
        return changed
    outcome = _try(policy, arguments[name], arguments.get("input_example"))
    if isinstance(outcome, str):
        call.marked = {"status": "skipped", "reason": outcome}
        return changed
    call.marked = dict(outcome.tags())
    if outcome.status != "marked":
        call.marked["status"] = "skipped"
        return changed
    changed[name] = outcome.model
    _keep(policy, outcome)
    return changed


def _try(policy: GuardPolicy, model: Any, example: Any) -> Outcome | str:
    from ...trust.watermark.keys import load_watermark_key
    from ...trust.watermark.outcome import try_embed_watermark

    key = policy.watermark_key
    try:
        provider = load_watermark_key(key) if isinstance(key, str) else key
        outcome = try_embed_watermark(
            model, provider, context=policy.watermark_context, input_example=example
        )
        if outcome.reason == "self-check" and example is not None:
            # Example inputs of MLflow come in shapes that only its own wrappers understand.
            _LOG.warning("the example could not be asked before and after: %s", outcome.detail)
        return outcome
    except SentinelError:
        raise  # a key that was configured and cannot be had: not to be passed over
    except MemoryError:
        return "memory"
    except Exception as error:
        _LOG.warning("not marked: %s: %s", type(error).__name__, error)
        return "failed"


def _keep(policy: GuardPolicy, outcome: Outcome) -> None:
    """Write the record of a mark and its anchors for the owner, who needs them to verify."""
    if not policy.watermark_records or outcome.record is None:
        return
    name = f"{outcome.record.key_id}-{outcome.record.salt}"
    os.makedirs(policy.watermark_records, mode=0o700, exist_ok=True)
    place = os.path.join(policy.watermark_records, name)
    _write(f"{place}.json", outcome.record.to_json().encode())
    if outcome.anchors is not None:
        _write(f"{place}.anchors", outcome.anchors.to_bytes())


def _write(path: str, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(data)
