"""``sentinel.provenance.json``: which files a model consists of, and what was found in them.

An in-toto statement with SLSA provenance, a digest for every file; with a signing key a DSSE
envelope around it. Without a key it is a note that whoever may write beside it may change.
"""

from __future__ import annotations

import logging
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ...errors import SentinelError
from ...rules import RULES_VERSION
from ...trust import dsse
from ...trust.attest import slsa, uris
from ...trust.attest.statements import about
from ...trust.keys import load_signer
from ...trust.manifest import OWN_FILES, Manifest, manifest_of
from .active import HERE
from .deliver import FOLDER
from .deliver import NAME as NAME_OF_REPORT
from .target import Target

if TYPE_CHECKING:
    from ..policy import GuardPolicy
    from .checks import Passed

NAME = "sentinel.provenance.json"
OWN = (NAME, f"{FOLDER}/{NAME_OF_REPORT}", *OWN_FILES)
"""What is beside a model because of us; a statement does not speak of it."""
_LOG = logging.getLogger("sentinel.mlflow")


class Hashing:
    """The digests of a model's files, worked out while they are uploaded.

    Args:
        folder: The model.
    """

    def __init__(self, folder: str) -> None:
        self._pool = ThreadPoolExecutor(1)
        self._found = self._pool.submit(manifest_of, folder, ignore=_there(folder))

    def manifest(self) -> Manifest:
        """Return them. Raises TrustError where the directory holds what has no digest."""
        return self._found.result()

    def wait(self) -> None:
        """Wait until the last file was read, or could not be."""
        wait([self._found])

    def end(self) -> None:
        """Let go of the thread."""
        self._pool.shutdown()


def upload(passed: Passed, repository: Any, hashing: Hashing, place: Target, below: Any) -> None:
    """Upload provenance beside a model, whose directory is not written to."""
    data = _made(passed, hashing, place)
    if data is None:
        return
    with tempfile.TemporaryDirectory() as temporary:
        path = os.path.join(temporary, NAME)
        with open(path, "wb") as file:
            file.write(data)
        repository.log_artifact(path, below)


def _made(passed: Passed, hashing: Hashing, place: Target) -> bytes | None:
    policy = _policy(passed)
    try:
        manifest = hashing.manifest()
        statement = about(manifest, uris.SLSA, _predicate(passed, manifest, place))
        if not policy.signing_key:
            return statement.to_bytes() + b"\n"
        signer = load_signer(
            policy.signing_key, policy.key_password, public_key=policy.public_key or None
        )
        return dsse.to_bytes(statement.envelope(signer)) + b"\n"
    except (SentinelError, OSError) as error:
        if policy.signing_key:  # somebody relies on it
            raise
        _LOG.warning("%s: no provenance: %s", place, error)
        return None


def _policy(passed: Passed) -> GuardPolicy:
    """Return the policy that signs: that of the innermost guard with a key."""
    policies = [guard.policy for guard in reversed(passed.guards)]
    return next((one for one in policies if one.signing_key), policies[0])


def _there(folder: str) -> list[str]:
    return [one for one in OWN if os.path.lexists(os.path.join(folder, one))]


def _predicate(passed: Passed, manifest: Manifest, place: Target) -> dict[str, object]:
    parameters = {
        "mlflow.run_id": place.run_id or _active_run(),
        "mlflow.model_id": place.model_id,
        "mlflow.artifact_path": place.path,
    }
    marked = HERE.logging[-1].marked if HERE.logging else {}
    internal: dict[str, object] = {
        "sentinel": {
            "verdict": passed.status,
            "rulesVersion": RULES_VERSION,
            "policies": sorted({guard.policy.digest() for guard in passed.guards}),
            "findings": _rules(passed),
            "manifest": manifest.digest,
            **({"watermark": dict(marked)} if marked else {}),
        }
    }
    given = {key: text for key, text in parameters.items() if text} or {"mlflow.uri": place.uri}
    return slsa.predicate(
        parameters=given,
        internal=internal,
        build_type=uris.BUILD_TYPE_MLFLOW,
        invocation=parameters["mlflow.run_id"],
        finished=datetime.now(UTC),
    )


def _rules(passed: Passed) -> list[str]:
    reports = passed.inspection.reports
    return sorted({finding.rule_id for one in reports for finding in one.findings})


def _active_run() -> str:
    import mlflow

    active = mlflow.active_run()
    return str(active.info.run_id) if active is not None else ""
