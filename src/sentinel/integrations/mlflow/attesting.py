"""What ``sentinel verify`` reads, beside a model that is logged with a signing key.

Where ``sentinel attest`` writes it, with the same statements: how the model came to be, and what
the scan found. They speak of every file that a download brings, our provenance and report too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ...trust.attest import store, test_result, uris
from ...trust.attest.statements import about
from ...trust.bundle import Bundle
from ...trust.manifest import ATTESTATIONS, FileDigest, Manifest
from .provenance import predicate, send

if TYPE_CHECKING:
    from ...trust.keys import Signer
    from .checks import Passed
    from .target import Target


def upload(
    passed: Passed,
    repository: Any,
    manifest: Manifest,
    beside: Mapping[str, bytes],
    place: Target,
    below: Any,
    signer: Signer,
) -> None:
    """Upload signed statements about a model.

    Args:
        passed: What the scan led to.
        repository: Where the model is.
        manifest: Its files.
        beside: What else lies there, because of us.
        place: Where that is.
        below: The path below the repository.
        signer: What signs.

    Raises:
        TrustError: The model has something that cannot be attested.
    """
    ours = (FileDigest(name, _sha256(data), len(data)) for name, data in beside.items())
    whole = manifest._replace(files=tuple(sorted((*manifest.files, *ours))))
    statements = (
        about(whole, uris.SLSA, predicate(passed, manifest, place)),
        about(whole, uris.TEST_RESULT, _result(passed)),
    )
    lines = [
        store.stored(Bundle(one.envelope(signer), signer.verification_material)).raw + b"\n"
        for one in statements
    ]
    send(repository, ATTESTATIONS, b"".join(lines), below)


def _result(passed: Passed) -> dict[str, object]:
    policies = [guard.policy for guard in passed.guards]
    levels = [one.fail_on for one in policies if one.fail_on is not None]
    inspection = passed.inspection
    return test_result.predicate(
        inspection.reports,
        finished=datetime.now(UTC),
        settings={"policies": sorted({one.digest() for one in policies})},
        fail_on=min(levels, default=None),
        others=len(inspection.others),
    )


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
