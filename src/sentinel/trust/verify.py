"""Verifying a model by a policy: every check that was made, and the one answer.

Nothing here reads a tag, a name or any other word that stands beside a model: what counts is what
is signed by someone the policy names, about exactly the bytes that are there. Order: the files are
hashed once, signatures are verified over bytes before those are parsed, and the lock moves only
when everything else held.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from ..errors import SettingsError, TrustError, UsageError
from . import files, lock, oms
from .attest import store, svr
from .attest.statements import tolerates
from .attest.store import Stored
from .bundle import Bundle
from .compare import require_same
from .demands import DEMANDS, Case, Provenance, provenance
from .evidence import by_payload, gather
from .manifest import GIT_FORMS, OWN_FILES, Manifest, count, manifest_of
from .policy import MODEL_SIGNATURE, SCAN_PASSED, SLSA_PROVENANCE, ModelPolicy, Policy
from .signers import Panel

T = TypeVar("T")

PROPERTIES = {
    MODEL_SIGNATURE: svr.SIGNATURE_VALID,
    SLSA_PROVENANCE: svr.PROVENANCE_VALID,
    SCAN_PASSED: svr.SCAN_PASSED,
    "mlbom": svr.MLBOM_PRESENT,
    "freshness": svr.NOT_ROLLED_BACK,
}
"""What a check that held is called in a verification result."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked.

    Attributes:
        name: What (``files``, ``model-signature``, ``freshness``, …).
        reason: Reason code of the refusal; empty when it held.
        detail: One line for people.
        hint: What can be done about it; may be empty.
    """

    name: str
    reason: str
    detail: str
    hint: str = ""

    @property
    def ok(self) -> bool:
        """True when it held."""
        return not self.reason


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of verifying a model by a policy.

    Attributes:
        path: The model.
        name: The name it was asked for under.
        policy: Path of the policy.
        policy_sha256: Digest of the policy.
        pattern: The pattern that decided; empty when none fits.
        manifest: Digest of the manifest; empty when the files could not be read.
        version: The version as signed; None when nobody signed one.
        checked: When.
        checks: Every check in the order it was made.
    """

    path: str
    name: str
    policy: str
    policy_sha256: str
    pattern: str
    manifest: str
    version: int | None
    checked: datetime
    checks: tuple[Check, ...]

    @property
    def accepted(self) -> bool:
        """True when there were checks and all held."""
        return bool(self.checks) and all(check.ok for check in self.checks)

    def __bool__(self) -> bool:
        return self.accepted

    @property
    def properties(self) -> tuple[str, ...]:
        """What held, as a verification result names it; none unless accepted."""
        held = [PROPERTIES[check.name] for check in self.checks if check.name in PROPERTIES]
        return tuple(held) if self.accepted else ()

    def require(self) -> Verification:
        """Return itself when accepted. Raises Refused with the first check that did not hold."""
        if not self.accepted:
            raise Refused(self)
        return self


class Refused(TrustError):
    """A model that a policy does not accept.

    Args:
        verification: All that was checked.
    """

    def __init__(self, verification: Verification) -> None:
        failed = next(check for check in verification.checks if not check.ok)
        message = f"{verification.path} as {verification.name!r}: {failed.name}: {failed.detail}"
        super().__init__(failed.reason, message, failed.hint)
        self.verification = verification


def verify_by_policy(
    path: str | os.PathLike[str], policy: Policy, *, name: str, now: datetime | None = None
) -> Verification:
    """Verify a model and return what was checked; a refusal is raised, so none is passed over.

    Args:
        path: The model, a directory or a single file.
        policy: The policy.
        name: The name the model is to be used under.
        now: The time that counts, with a time zone; that of the clock by default.

    Raises:
        Refused: A TrustError with the reason of the first check that failed, and all checks.
        SettingsError: The policy names a file that cannot be used.
        UsageError: There is nothing at that path, or an extra is missing.
    """
    return examine(path, policy, name=name, now=now).require()


def examine(
    path: str | os.PathLike[str], policy: Policy, *, name: str, now: datetime | None = None
) -> Verification:
    """Verify a model and return what was checked, accepted or not.

    The caller has to look at ``accepted``; ``verify_by_policy`` can't be got wrong. Arguments and
    other errors are the same.
    """
    moment = now or datetime.now(UTC)
    if moment.tzinfo is None:
        raise UsageError("a time without a time zone", "give one with tzinfo, e.g. timezone.utc")
    run = _Run(os.fsdecode(path), policy, name, moment)
    entry = run.check("policy", lambda: policy.for_model(name), lambda one: repr(one.pattern))
    if entry is not None:
        run.pattern = entry.pattern
        run.examine(entry)
    return run.verification()


class _CoSigned:
    """The policy's signers as whom to believe about a signature of the model."""

    method = "policy"

    def __init__(self, panel: Panel, further: Sequence[Stored]) -> None:
        self._panel = panel
        self._further = by_payload(further)

    def check(self, bundle: Bundle, raw: bytes, *, what: str) -> str:
        """Return who signed, with this bundle and others of the same payload."""
        key = (bundle.envelope.payload_type, bundle.envelope.payload)
        group = [Stored(bundle, raw), *self._further.get(key, ())]
        return ", ".join(self._panel.signed(group, what))


class _Run:
    """One verification in progress."""

    def __init__(self, path: str, policy: Policy, name: str, now: datetime) -> None:
        self.path = path
        self.policy = policy
        self.name = name
        self.now = now
        self.pattern = ""
        self.manifest = ""
        self.version: int | None = None
        self.checks: list[Check] = []

    def check(self, name: str, make: Callable[[], T], tell: Callable[[T], str]) -> T | None:
        """Make one check and note what came of it; None where it did not hold."""
        try:
            found = make()
        except TrustError as error:
            self.checks.append(Check(name, error.reason, error.message, error.hint))
            return None
        self.checks.append(Check(name, "", tell(found)))
        return found

    def examine(self, entry: ModelPolicy) -> None:
        """Make all checks that hold for the name."""
        _outside(self.path, self.policy.path, entry)
        panel = Panel(entry.signers, self.now)
        found = self.check("files", self._files, _tell_files)
        if found is None:
            return
        self.manifest = found.digest
        stored = self.check("attestations", lambda: store.read(self.path), _tell_stored)
        tolerated = (*entry.allow_unsigned, *(() if entry.strict_files else GIT_FORMS))
        if MODEL_SIGNATURE in entry.require:
            trust = _CoSigned(panel, stored or ())
            self.check(
                MODEL_SIGNATURE, lambda: self._signature(trust, found, tolerated), _tell_signer
            )
        if stored is not None:
            case = Case(self.name, self.now, entry, gather(stored, found, panel, tolerated))
            self._demands(case)
        if entry.lock and all(check.ok for check in self.checks):
            step = self.check("freshness", lambda: self._fresh(entry), lambda step: step.detail)
            if step is not None and step.older:  # let through, and yet nobody may say it is fresh
                self.checks[-1] = replace(self.checks[-1], name="older-version")

    def verification(self) -> Verification:
        """Return the outcome."""
        return Verification(
            self.path,
            self.name,
            self.policy.path,
            self.policy.sha256,
            self.pattern,
            self.manifest,
            self.version,
            self.now,
            tuple(self.checks),
        )

    def _files(self) -> Manifest:
        ignore = () if os.path.isfile(self.path) else OWN_FILES
        found = manifest_of(self.path, ignore=ignore)
        if not found.files:
            raise TrustError("missing-file", f"{self.path}: there is no file")
        if found.empty_directories:
            name = found.empty_directories[0]
            raise TrustError("empty-directory", f"{name}: a directory without files", "remove it")
        return found

    def _signature(self, trust: _CoSigned, found: Manifest, tolerated: Sequence[str]) -> str:
        said, signer = oms.read_signature(oms.signature_path(self.path), trust)
        kept = tuple(
            one
            for one in found.files
            if one.name in said.files or not tolerates(tolerated, one.name)
        )
        require_same(said.files, found._replace(files=kept), what=self.path)
        return signer

    def _demands(self, case: Case) -> None:
        if SLSA_PROVENANCE in case.policy.require:
            found = self.check(SLSA_PROVENANCE, lambda: provenance(case), _tell_provenance)
            self.version = found.version if found is not None else None
        for name, demand in DEMANDS.items():
            if name in case.policy.require:
                self.check(name, partial(demand, case), str)

    def _fresh(self, entry: ModelPolicy) -> lock.Step:
        if self.version is None:
            raise TrustError(
                "no-version", "the provenance states no version", "attest it with --model-version"
            )
        new = lock.Entry(self.version, self.manifest)
        step = lock.advance(entry.lock, self.name, new, allow_rollback=entry.allow_rollback)
        if step.reason:
            hint = "get the newest version; allow_rollback: true in the policy lets old ones pass"
            raise TrustError(step.reason, step.detail, hint)
        return step


def _outside(model: str, policy: str, entry: ModelPolicy) -> None:
    keys = (key.public_key for key in entry.signers.keys)
    roots = (path for one in entry.signers.certificates for path in one.roots)
    for path in (policy, *filter(None, (entry.lock,)), *keys, *roots):
        if files.within(path, model):
            hint = "whoever sends the model would send it too: keep policy, lock and keys elsewhere"
            raise SettingsError(f"{path}: lies inside the model", hint)


def _tell_files(found: Manifest) -> str:
    return f"{count(len(found.files))}, manifest {found.digest}"


def _tell_stored(found: Sequence[Stored]) -> str:
    return f"{len(found)} read"


def _tell_signer(signer: str) -> str:
    return f"every file is as signed by {signer}"


def _tell_provenance(found: Provenance) -> str:
    version = "no version" if found.version is None else f"version {found.version}"
    return f"{version}, as stated and signed by {', '.join(found.signers)}"
