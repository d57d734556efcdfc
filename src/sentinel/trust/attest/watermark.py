"""Our own predicate: that a mark was put in, in which way, under which committed key.

The commitment lets the owner show later that the key is older than a dispute. Neither the key nor
the payload is in it, and there is no field that could carry one. A mark says nothing about whether
a file was altered, and it can be removed by somebody who knows how.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from ...errors import UsageError
from .values import sha256, stamp

if TYPE_CHECKING:
    from ..watermark.record import Record

SCHEMES = ("stdm-1", "tree-threshold-1", "xgb-threshold-1")
_NUMBERS = {"L", "M", "delta", "n", "nodes", "tensors", "bits"}
_KEY_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)


def predicate(
    *,
    key_id: str,
    commitment: str,
    scheme: str,
    parameters: Mapping[str, float],
    recorded: datetime,
    anchors_sha256: str = "",
) -> dict[str, object]:
    """Return the predicate.

    Args:
        key_id: First 8 bytes of the commitment, in hexadecimal.
        commitment: SHA-256 of key id, salt and key, as the watermark's key module makes it.
        scheme: Name of the scheme, one of ``SCHEMES``.
        parameters: Its numbers (L and M are counts, delta is in units of the tensor's RMS).
        recorded: When this was written down; the mark is not newer.
        anchors_sha256: Digest of the owner's file of anchors; empty where there is none.

    Raises:
        UsageError: A value that does not belong there.
    """
    if not _KEY_ID.fullmatch(key_id):
        raise UsageError("a key id is 16 hexadecimal digits in lower case")
    if scheme not in SCHEMES:
        raise UsageError(f"there is no scheme {scheme!r}", f"they are {', '.join(SCHEMES)}")
    for name, value in parameters.items():
        if name not in _NUMBERS or isinstance(value, bool) or not isinstance(value, (int, float)):
            raise UsageError(
                f"a mark has no public parameter {name!r}", "only its numbers are told"
            )
    found: dict[str, object] = {
        "keyId": key_id,
        "commitment": {"sha256": sha256(commitment, "commitment")},
        "scheme": scheme,
        "parameters": dict(parameters),
        "recordedOn": stamp(recorded),
    }
    if anchors_sha256:
        found["anchors"] = {"sha256": sha256(anchors_sha256, "anchors")}
    return found


def of_record(record: Record, recorded: datetime) -> dict[str, object]:
    """Return the predicate of a mark's record; its salt and its payload stay with the owner.

    Args:
        record: What was written when the mark was put in.
        recorded: When this is written down.
    """
    return predicate(
        key_id=record.key_id,
        commitment=record.commitment,
        scheme=record.scheme,
        parameters=record.parameters,
        recorded=recorded,
        anchors_sha256=record.anchors_sha256,
    )
