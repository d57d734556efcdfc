"""``sentinel.provenance.json``: which files a model consists of, and what was found in them.

An in-toto statement with SLSA provenance, a digest for every file; with a signing key a DSSE
envelope around it. Without a key it is a note that whoever may write beside it may change.
What ``sentinel verify`` reads is beside it too, see ``attesting``.
"""

from __future__ import annotations

import logging
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

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
    from ...trust.keys import Signer
    from .checks import Passed

NAME = "sentinel.provenance.json"
OWN = (NAME, f"{FOLDER}/{NAME_OF_REPORT}", *OWN_FILES)
"""What is beside a model because of us; a statement does not speak of it."""
_LOG = logging.getLogger("sentinel.mlflow")


class Hashing:
    """The digests of a model's files, worked out while they are uploaded.

    Args:
        folder: The model.
        signer: What signs them; None for nothing.
    """

    def __init__(self, folder: str, signer: Signer | None) -> None:
        self.signer = signer
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


def upload(
    passed: Passed,
    repository: Any,
    hashing: Hashing,
    place: Target,
    below: Any,
) -> bytes:
    """Upload provenance beside a model, whose directory is not written to.

    Returns:
        What was uploaded; empty where there is no statement to make, and no key that asks for it.
    """
    signer = hashing.signer
    try:
        manifest = hashing.manifest()
        statement = about(manifest, uris.SLSA, predicate(passed, manifest, place))
        made = statement.to_bytes() if signer is None else dsse.to_bytes(statement.envelope(signer))
        send(repository, NAME, made + b"\n", below)
    except Exception as error:
        if signer is not None:  # somebody relies on it
            raise
        _LOG.warning("%s: no provenance: %s", place, error)
        return b""
    return made + b"\n"


def send(repository: Any, name: str, data: bytes, below: Any) -> None:
    """Upload a file that we made.

    Args:
        repository: Where to.
        name: Its name, below that of the model.
        data: Its content.
        below: The path of the model.
    """
    folder, _, leaf = name.rpartition("/")
    with tempfile.TemporaryDirectory() as temporary:
        path = os.path.join(temporary, leaf)
        with open(path, "wb") as file:
            file.write(data)
        repository.log_artifact(path, "/".join(part for part in (below, folder) if part) or None)


def signer_of(passed: Passed) -> Signer | None:
    """Return what signs: the key of the innermost guard that has one."""
    for guard in reversed(passed.guards):
        policy = guard.policy
        if policy.signing_key:
            return load_signer(
                policy.signing_key, policy.key_password, public_key=policy.public_key or None
            )
    return None


def _there(folder: str) -> list[str]:
    return [one for one in OWN if os.path.lexists(os.path.join(folder, one))]


def predicate(passed: Passed, manifest: Manifest, place: Target) -> dict[str, object]:
    """Return what is said of how a model came to be.

    Args:
        passed: What the scan led to.
        manifest: The files of the model.
        place: Where it is logged.
    """
    parameters = {
        "mlflow.run_id": place.run_id or _active_run(),
        "mlflow.model_id": place.model_id,
        "mlflow.artifact_path": place.path,
    }
    marked = HERE.logging[-1].marked if HERE.logging else {}
    internal: dict[str, object] = {
        "sentinel": {
            "verdict": passed.status,
            "vulnerabilities": passed.inspection.vulnerabilities or "not_checked",
            "rulesVersion": RULES_VERSION,
            "policies": sorted({guard.policy.digest() for guard in passed.guards}),
            "findings": _rules(passed),
            "manifest": manifest.digest,
            **({"watermark": dict(marked)} if marked else {}),
        }
    }
    given = {key: text for key, text in parameters.items() if text} or {"mlflow.uri": place.uri}
    return slsa.predicate(
        name=HERE.logging[-1].name if HERE.logging else "",
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
