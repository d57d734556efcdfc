"""What a policy can require, each as one function from the evidence to what to tell people.

Each raises TrustError where it does not hold. All fields it reads were signed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from ..errors import TrustError
from .attest import uris
from .attest.slsa import MAX_VERSION, REGISTERED_MODEL, VERSION
from .attest.test_result import EXTENSION, PASSED
from .attest.values import moment
from .checked import Ask
from .evidence import Claim, Evidence
from .policy import RULESET, ModelPolicy

SKEW = timedelta(minutes=5)
"""How far a clock may be ahead of ours."""


class Case(NamedTuple):
    """What is asked.

    Attributes:
        name: The name the model is to be used under.
        now: The time that counts.
        policy: What holds for that name.
        evidence: What is signed about its files.
    """

    name: str
    now: datetime
    policy: ModelPolicy
    evidence: Evidence


class Provenance(NamedTuple):
    """What provenance says, by whom.

    Attributes:
        version: The version under the name asked for; None when it states none.
        signers: Who signed it.
    """

    version: int | None
    signers: tuple[str, ...]


def provenance(case: Case) -> Provenance:
    """Return the provenance under the name that was asked for, of the highest version.

    Raises:
        TrustError: None is there (``missing-attestation`` and others), or it is of another name
            (``name-mismatch``).
    """
    found = []
    names = set()
    for claim in case.evidence.of_type(uris.SLSA):
        ask = Ask("statement-invalid", "provenance")
        build = ask.mapping(claim.statement.predicate.get("buildDefinition"), "buildDefinition")
        ask.text(build.get("buildType"), "buildType")
        external = ask.mapping(build.get("externalParameters"), "externalParameters")
        name = external.get(REGISTERED_MODEL)
        names.add(name if isinstance(name, str) else "no name")
        if name == case.name:
            found.append(Provenance(_version(external, ask), claim.signers))
    if not found:
        shown = ", ".join(sorted(names))[:200]
        raise TrustError(
            "name-mismatch",
            f"its provenance is of {shown}, not of {case.name}",
            "verify it under its own name, or have it attested under this one",
        )
    return max(found, key=lambda one: -1 if one.version is None else one.version)


def _version(external: Mapping[str, object], ask: Ask) -> int | None:
    value = external.get(VERSION)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_VERSION:
        raise ask.refuse("version must be a whole number")
    return value


def scan_passed(case: Case) -> str:
    """Check that the latest scan passed, is not too old, and used rules that are new enough."""
    claims = case.evidence.of_type(uris.TEST_RESULT)
    facts = [_Scan.of(claim) for claim in claims]
    latest = max(facts, key=lambda one: (one.finished, one.result != PASSED))
    _not_ahead(latest.finished, case.now, "the scan", "scan-in-future")
    if latest.result != PASSED:
        rules = ", ".join(latest.failed)[:200]
        raise TrustError(
            "scan-not-passed",
            f"the scan of {latest.finished:%Y-%m-%d} ended {latest.result}: {rules}",
            "run `sentinel scan` on it; a signature does not make findings go away",
        )
    oldest = case.policy.scan_max_age
    if oldest is not None and case.now - latest.finished > timedelta(seconds=oldest):
        raise TrustError(
            "scan-too-old",
            f"scanned on {latest.finished:%Y-%m-%d}, more than {_days(oldest)} ago",
            "scan and attest it again",
        )
    if latest.ruleset < case.policy.min_ruleset:
        least = ".".join(map(str, case.policy.min_ruleset))
        raise TrustError(
            "ruleset-too-old",
            f"scanned with rules {latest.shown}, and the policy asks for {least}",
            "scan and attest it again with a newer release",
        )
    return f"passed on {latest.finished:%Y-%m-%d} with rules {latest.shown}, {_by(latest.signers)}"


class _Scan(NamedTuple):
    result: str
    failed: tuple[str, ...]
    finished: datetime
    ruleset: tuple[int, ...]
    shown: str
    signers: tuple[str, ...]

    @classmethod
    def of(cls, claim: Claim) -> _Scan:
        ask = Ask("statement-invalid", "scan result")
        fields = claim.statement.predicate
        result = ask.text(fields.get("result"), "result")
        if result not in ("PASSED", "WARNED", "FAILED"):
            raise ask.refuse("result must be PASSED, WARNED or FAILED")
        ask.sequence(fields.get("configuration"), "configuration")
        failed = _texts(fields.get("failedTests", []), ask, "failedTests")
        warned = _texts(fields.get("warnedTests", []), ask, "warnedTests")
        more = ask.mapping(fields.get(EXTENSION), EXTENSION)
        if result == PASSED and (failed or warned):
            raise ask.refuse("it passed, and yet names tests that did not")
        if result == PASSED and more.get("verdict") == "incomplete":
            raise ask.refuse("it passed, and yet did not see everything")
        shown = ask.text(more.get("rulesVersion"), "rulesVersion")
        if not RULESET.fullmatch(shown):
            raise ask.refuse("rulesVersion must be numbers with dots")
        numbers = tuple(int(part) for part in shown.split("."))
        finished = moment(more.get("finishedOn"), "finishedOn of the scan")
        return cls(result, failed or warned, finished, numbers, shown, claim.signers)


def svr(case: Case) -> str:
    """Check that the latest verification result states what the policy asks for."""
    facts = []
    for claim in case.evidence.of_type(uris.SVR):
        ask = Ask("statement-invalid", "verification result")
        fields = claim.statement.predicate
        verifier = ask.mapping(fields.get("verifier"), "verifier")
        shown = ask.text(verifier.get("id"), "id of the verifier")
        held = _texts(fields.get("properties"), ask, "properties")
        created = moment(fields.get("timeCreated"), "timeCreated of the verification result")
        facts.append((created, shown, held, claim.signers))
    created, shown, held, signers = max(facts)
    _not_ahead(created, case.now, "the verification result", "svr-in-future")
    missing = case.policy.svr_properties - set(held)
    if missing:
        names = ", ".join(sorted(missing))
        raise TrustError("svr-property", f"the verification result does not state {names}")
    return f"{', '.join(held)} by {shown} on {created:%Y-%m-%d}, {_by(signers)}"


def mlbom(case: Case) -> str:
    """Check that there is a bill of materials; what it says is for people and other tools."""
    claim = case.evidence.of_type(uris.MLBOM)[0]
    ask = Ask("statement-invalid", "bill of materials")
    fields = claim.statement.predicate
    if fields.get("bomFormat") != "CycloneDX":
        raise ask.refuse("bomFormat must be CycloneDX")
    version = ask.text(fields.get("specVersion"), "specVersion", most=16)
    parts = ask.sequence(fields.get("components", []), "components")
    return f"CycloneDX {version}, {len(parts)} components, {_by(claim.signers)}"


def watermark(case: Case) -> str:
    """Check that a mark is on record; whether it is there, ``sentinel watermark verify`` says."""
    claim = case.evidence.of_type(uris.WATERMARK)[0]
    ask = Ask("statement-invalid", "watermark record")
    fields = claim.statement.predicate
    key_id = ask.text(fields.get("keyId"), "keyId", most=16)
    commitment = ask.mapping(fields.get("commitment"), "commitment")
    ask.digest(commitment.get("sha256"), "commitment")
    return f"a mark of key {key_id} is on record, {_by(claim.signers)}"


def _texts(value: object, ask: Ask, name: str) -> tuple[str, ...]:
    return tuple(ask.text(item, name, most=256) for item in ask.sequence(value, name))


def _not_ahead(when: datetime, now: datetime, what: str, reason: str) -> None:
    if when - now > SKEW:
        raise TrustError(
            reason, f"{what} is dated {when:%Y-%m-%d %H:%M} UTC, which is to come", "set the clock"
        )


def _days(seconds: float) -> str:
    return f"{seconds / 86400:g} days"


def _by(signers: tuple[str, ...]) -> str:
    return f"signed by {', '.join(signers)}"


DEMANDS: Mapping[str, Callable[[Case], str]] = {
    "scan-passed": scan_passed,
    "svr": svr,
    "mlbom": mlbom,
    "watermark": watermark,
}
"""The requirements that need nothing but the evidence."""
