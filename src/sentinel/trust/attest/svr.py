"""in-toto Simple Verification Result v0.2: what a gate verified about a model, and when.

It says that a verifier saw these properties hold under that policy at that time. It doesn't say
that they hold now.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from ...errors import UsageError
from .uris import VERIFIER
from .values import descriptor, stamp

SIGNATURE_VALID = "SENTINEL_SIGNATURE_VALID"
PROVENANCE_VALID = "SENTINEL_PROVENANCE_VALID"
SCAN_PASSED = "SENTINEL_SCAN_PASSED"
MLBOM_PRESENT = "SENTINEL_MLBOM_PRESENT"
NOT_ROLLED_BACK = "SENTINEL_NOT_ROLLED_BACK"

PROPERTY = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+", re.ASCII)
"""What a property looks like: a prefix of its owner, and words."""


def predicate(
    properties: Iterable[str],
    *,
    created: datetime,
    policy_name: str,
    policy_sha256: str,
    verifier: str = VERIFIER,
) -> dict[str, object]:
    """Return the predicate.

    Args:
        properties: What held, each like ``SENTINEL_SCAN_PASSED``; those that did not hold are
            left out, as the specification has it.
        created: When they were verified.
        policy_name: Name of the policy that was applied.
        policy_sha256: Digest of that policy's file.
        verifier: URI of who verified.

    Raises:
        UsageError: A property that is no name of one, or none at all.
    """
    held = sorted(set(properties))
    for name in held:
        if not PROPERTY.fullmatch(name):
            raise UsageError(f"{name!r} is no property", "they look like SENTINEL_SCAN_PASSED")
    if not held:
        raise UsageError("nothing was verified, so there is no result to state")
    policies = [descriptor(policy_name, policy_sha256)]
    return {
        "verifier": {"id": verifier, "policies": policies},
        "timeCreated": stamp(created),
        "properties": held,
    }
