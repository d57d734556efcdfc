"""Attesting a model: scan and hash it in one pass, say what was asked for, sign, store.

Nothing is written before everything is signed. What a person typed is a claim and is marked so in
the predicates; what was read here is not.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from ...artifacts import Artifact
from ...engine import Scanner
from ...errors import TrustError, UsageError
from ...findings import Report, Severity
from ...limits import DEFAULT_LIMITS, Limits
from ...readers import FileReader
from .. import dsse, files, oms
from .. import statement as statements
from ..bundle import Bundle
from ..bundle import parse as parse_bundle
from ..compare import require_same
from ..keys import PublicKey, Signer
from ..manifest import OWN_FILES, Manifest, manifest_of, scan_and_hash
from ..oms_statement import parse_statement
from ..statement import Statement
from . import mlbom as bom
from . import slsa, store, svr, test_result, uris, watermark
from .statements import about, check_subjects
from .store import Stored

if TYPE_CHECKING:
    from ..vulndb.store import Database
    from ..watermark.record import Record


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be attested.

    Attributes:
        scan: The result of a scan.
        provenance: How it came to be; made of the fields below.
        mlbom: A bill of materials.
        name: Name it is registered under.
        version: Version it has there.
        parameters: Further claims about how it came to be.
        datasets: What it was trained on.
        libraries: What it needs to run.
        mark: The record of a watermark; its payload is not told.
        known: Known vulnerabilities that its lists of packages are compared with.
        lists: Lists of packages beside those in the model, for the same.
        card: Claims for the model card of the bill of materials.
        sarif_sha256: Digest of a report of the same scan.
        fail_on: Lowest severity that fails the scan.
        limits: Bounds of the scan of one file.
    """

    scan: bool = False
    provenance: bool = False
    mlbom: bool = False
    name: str = ""
    version: int | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    datasets: Sequence[slsa.Dependency] = ()
    libraries: Sequence[bom.Library] = ()
    mark: Record | None = None
    known: Database | None = None
    lists: Sequence[str] = ()
    card: Mapping[str, str] = field(default_factory=dict)
    sarif_sha256: str = ""
    fail_on: Severity | None = Severity.HIGH
    limits: Limits = DEFAULT_LIMITS


class Attested(NamedTuple):
    """What was attested.

    Attributes:
        place: The file of attestations.
        manifest: The model's files.
        statements: The statements that are new.
        kept: How many attestations of these same files were there and stay.
        dropped: How many of other kinds of state, or replaced, are gone.
        reports: What the scan said, by file; none without one.
    """

    place: str
    manifest: Manifest
    statements: tuple[Statement, ...]
    kept: int
    dropped: int
    reports: tuple[Report, ...]


def attest_model(
    path: str | os.PathLike[str], signer: Signer, wanted: Wanted, *, now: datetime | None = None
) -> Attested:
    """Attest a model and store the result beside it.

    Args:
        path: The model.
        signer: What signs.
        wanted: What is attested.
        now: The time that is written; that of the clock by default.

    Raises:
        TrustError: The model has something that cannot be attested, or what is stored is damaged.
        UsageError: Nothing is wanted, there is nothing at that path, or the file cannot be written.
    """
    if not (wanted.scan or wanted.provenance or wanted.mlbom or wanted.mark or wanted.known):
        raise UsageError("nothing to attest", "say what: --scan, --name, --mlbom")
    store.clean(path)
    manifest, reports = _read(path, wanted)
    moment = now or datetime.now(UTC)
    made = tuple(_statements(manifest, reports, wanted, moment))
    if wanted.known is not None:
        from .packages import compare

        known = compare(path, manifest, wanted.known, wanted.lists, moment)
        made = (*made, about(manifest, uris.VULNS, known))
    return _store(path, manifest, made, signer, reports)


def attest_verdict(
    path: str | os.PathLike[str],
    signer: Signer,
    properties: Sequence[str],
    *,
    manifest_digest: str,
    policy: str,
    policy_sha256: str,
    now: datetime | None = None,
) -> Attested:
    """Attest what a policy verified about a model.

    Args:
        path: The model.
        signer: What signs for the verifier.
        properties: What held.
        manifest_digest: The manifest that was verified; the model must still have it.
        policy: Path of the policy.
        policy_sha256: Its digest.
        now: The time that is written.

    Raises:
        TrustError: The model is no longer the one that was verified.
    """
    manifest = _manifest(path)
    if manifest.digest != manifest_digest:
        raise TrustError("file-changed", f"{os.fsdecode(path)}: changed since it was verified")
    predicate = svr.predicate(
        properties,
        created=now or datetime.now(UTC),
        policy_name=os.path.basename(policy),
        policy_sha256=policy_sha256,
    )
    return _store(path, manifest, (about(manifest, uris.SVR, predicate),), signer, ())


def cosign(path: str | os.PathLike[str], signer: Signer, first: Sequence[PublicKey]) -> Attested:
    """Add a signature to the model's signature and to every attestation of its files as they are.

    Only what one of the first signers has signed is signed along with: whatever else lies beside a
    model could have been put there by anybody.

    Args:
        path: The model.
        signer: What signs.
        first: Keys of those whose statements are signed along with.

    Raises:
        TrustError: There is nothing of theirs that speaks of these files.
    """
    store.clean(path)
    manifest = _manifest(path)
    there = store.read(path)
    theirs = [one for one in (*there, *_signature(path)) if _signed_by(one, first)]
    fitting = {one.bundle.envelope.payload: None for one in theirs if _speaks(one, manifest)}
    if not fitting:
        raise TrustError(
            "missing-attestation",
            f"{os.fsdecode(path)}: nothing that they signed speaks of these files",
            "give the public key of the first signer",
        )
    done = {one.bundle.envelope.payload for one in there if _signed_by(one, [signer.verifier])}
    fresh = [_sign(payload, signer) for payload in fitting if payload not in done]
    place = store.write(path, [*there, *fresh])
    made = tuple(statements.parse(one.bundle.envelope.payload) for one in fresh)
    return Attested(place, manifest, made, len(there), 0, ())


def _read(path: str | os.PathLike[str], wanted: Wanted) -> tuple[Manifest, tuple[Report, ...]]:
    if not wanted.scan:
        return _manifest(path), ()
    single = os.path.isfile(path)
    scanner = Scanner(wanted.limits)

    def scan(name: str, reader: FileReader) -> Report:
        return scanner.scan_artifact(Artifact(name, reader, asked=single))

    manifest, found = scan_and_hash(path, scan, ignore=() if single else OWN_FILES)
    return manifest, tuple(found[file.name] for file in manifest.files)


def _manifest(path: str | os.PathLike[str]) -> Manifest:
    return manifest_of(path, ignore=() if os.path.isfile(path) else OWN_FILES)


def _statements(
    manifest: Manifest, reports: Sequence[Report], wanted: Wanted, now: datetime
) -> list[Statement]:
    made = []
    if wanted.provenance:
        predicate = slsa.predicate(
            name=wanted.name,
            version=wanted.version,
            parameters=wanted.parameters,
            dependencies=wanted.datasets,
        )
        made.append(about(manifest, uris.SLSA, predicate))
    if wanted.scan:
        made.append(about(manifest, uris.TEST_RESULT, _scan(reports, wanted, now)))
    if wanted.mlbom:
        document = bom.document(
            manifest,
            name=wanted.name or "model",
            version=wanted.version,
            created=now,
            libraries=wanted.libraries,
            datasets=wanted.datasets,
            card=wanted.card,
        )
        made.append(about(manifest, uris.MLBOM, document))
    if wanted.mark is not None:
        made.append(about(manifest, uris.WATERMARK, watermark.of_record(wanted.mark, now)))
    return made


def _scan(reports: Sequence[Report], wanted: Wanted, now: datetime) -> dict[str, object]:
    judged = [report for report in reports if not report.is_other]
    limits: dict[str, object] = dict(wanted.limits._asdict())
    fail_on = wanted.fail_on
    return test_result.predicate(
        judged,
        finished=now,
        settings={"limits": limits, "fail_on": "never" if fail_on is None else fail_on.label},
        fail_on=fail_on,
        sarif_sha256=wanted.sarif_sha256,
        others=len(reports) - len(judged),
    )


def _store(
    path: str | os.PathLike[str],
    manifest: Manifest,
    made: tuple[Statement, ...],
    signer: Signer,
    reports: tuple[Report, ...],
) -> Attested:
    there = store.read(path)
    kinds = {one.predicate_type for one in made}
    kept = [one for one in there if _speaks(one, manifest) and _kind(one) not in kinds]
    new = [_sign(one.to_bytes(), signer) for one in made]
    place = store.write(path, [*kept, *new])
    return Attested(place, manifest, made, len(kept), len(there) - len(kept), reports)


def _sign(payload: bytes, signer: Signer) -> Stored:
    data = dsse.pae(dsse.IN_TOTO, payload)
    signature = dsse.Signature(signer.sign(data), signer.keyid)
    envelope = dsse.Envelope(dsse.IN_TOTO, payload, (signature,))
    return store.stored(Bundle(envelope, signer.verification_material))


def _signed_by(one: Stored, keys: Sequence[PublicKey]) -> bool:
    try:
        dsse.verify(one.bundle.envelope, keys)
    except TrustError:
        return False
    return True


def _kind(one: Stored) -> str:
    return statements.parse(one.bundle.envelope.payload).predicate_type


def _speaks(one: Stored, manifest: Manifest) -> bool:
    try:
        said = statements.parse(one.bundle.envelope.payload)
        if said.predicate_type == uris.OMS:
            require_same(parse_statement(said, "signature").files, manifest, what="model")
        else:
            check_subjects(said, manifest)
    except TrustError:
        return False
    return True


def _signature(path: str | os.PathLike[str]) -> tuple[Stored, ...]:
    place = oms.signature_path(path)
    data = files.content(place, store.MAX_SIZE)
    if data is None:
        return ()
    return (Stored(parse_bundle(data, what=place), data),)
