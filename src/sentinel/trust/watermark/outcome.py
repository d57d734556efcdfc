"""Marking where a mark is wanted but not owed: what a guard of a tracker calls before it logs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ...errors import TrustError, UsageError
from .anchors import Anchors
from .api import embed_watermark
from .keys import WatermarkKeyProvider
from .record import NotMarked, Record
from .tracing import label_of


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it.

    Attributes:
        model: The marked copy, or the very object that was given.
        status: ``marked`` or ``not_marked``.
        reason: Code of why not; empty when it is marked.
        detail: Why not, in one line.
        record: The record of the mark, for the owner; it has the payload, the tags do not.
        anchors: The anchors of the mark, for the owner.
    """

    model: Any = field(repr=False)
    status: str
    reason: str = ""
    detail: str = ""
    record: Record | None = field(default=None, repr=False)
    anchors: Anchors | None = field(default=None, repr=False)

    def tags(self) -> dict[str, str]:
        """Return what may be told to everybody: no key, no payload, no salt.

        Tags are for people to look at. Whoever may write them may change them, so nothing is
        decided by them.
        """
        if self.record is None:
            return {"status": self.status, "reason": self.reason}
        scheme = self.record.scheme
        return {
            "status": self.status,
            "scheme": scheme,
            "label": label_of(scheme),
            "key_id": self.record.key_id,
        }


def try_embed_watermark(
    model: Any,
    key: WatermarkKeyProvider | None,
    *,
    identity: int | None = None,
    context: str = "",
    input_example: Any = None,
) -> Outcome:
    """Return a marked copy of a model, or the model itself and why there is none.

    Args:
        model: As ``embed_watermark`` takes it; it is never written to.
        key: Where the key is from; None when no key is configured, which is no error.
        identity: The payload, 64 bits; drawn at random by default.
        context: What the key is derived for.
        input_example: Inputs that must be answered as before.
    """
    if key is None:
        return Outcome(model, "not_marked", "no-key", "no watermark key is configured")
    try:
        copy, mark = embed_watermark(
            model, key, identity=identity, context=context, input_example=input_example
        )
    except NotMarked as error:
        return Outcome(model, "not_marked", error.reason, error.message)
    except (UsageError, TrustError) as error:  # a key or a library that cannot be had
        return Outcome(model, "not_marked", getattr(error, "reason", "no-key"), error.message)
    return Outcome(copy, "marked", "", "", mark.record, mark.anchors)
