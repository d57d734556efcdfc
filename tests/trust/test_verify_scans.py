"""Scans and verification results: too old, from the future, failed, or of other files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sentinel.errors import TrustError
from sentinel.trust import strict_json
from sentinel.trust.attest import uris
from sentinel.trust.attest.make import attest_verdict
from tests.trust.attest_kit import NOW, Desk, answer, flip, key, reasons, statement_of


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.finish()
    return made


# Scans.


def scan_of(desk: Desk, **changes: object) -> None:
    """Put one scan result in place of all attestations, with other fields."""
    said = statement_of(desk, uris.TEST_RESULT)
    predicate = said["predicate"]
    assert isinstance(predicate, dict)
    for name, value in changes.items():
        inner = predicate["sentinel_scan"]
        (inner if name in inner else predicate)[name] = value
    desk.put(strict_json.canonical(said))


def test_stale_future_and_old_scans_are_refused(desk: Desk) -> None:
    policy = desk.policy(require="[scan-passed]")
    assert answer(desk.examine(policy, now=NOW + timedelta(days=30))) == "accepted"
    later = desk.examine(policy, now=NOW + timedelta(days=30, seconds=1))
    assert answer(later) == "scan-too-old"
    assert answer(desk.examine(policy, now=NOW - timedelta(minutes=5))) == "accepted"
    assert answer(desk.examine(policy, now=NOW - timedelta(minutes=6))) == "scan-in-future"
    newer = desk.policy(require="[scan-passed]", more=("scan: {min_ruleset: '2027.1'}",))
    assert answer(desk.examine(newer)) == "ruleset-too-old"
    none = desk.policy(require="[scan-passed]", more=())
    assert answer(desk.examine(none, now=NOW + timedelta(days=3000))) == "accepted"
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert answer(desk.examine(policy, now=last)) == "scan-too-old"
    assert answer(desk.examine(none, now=last)) == "accepted"
    assert answer(desk.examine(none, now=datetime(1, 1, 1, tzinfo=UTC))) == "scan-in-future"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"finishedOn": "2026-11-25T12:00:01Z"}, "accepted"),
        ({"finishedOn": "2026-11-25T12:00:01Z", "result": "FAILED"}, "scan-not-passed"),
        ({"finishedOn": "2026-11-25T12:00:01Z", "result": "WARNED"}, "scan-not-passed"),
        # of two that ended at the same second the worse counts
        ({"result": "FAILED"}, "scan-not-passed"),
        ({"failedTests": ["SNT1001"]}, "statement-invalid"),
        ({"warnedTests": ["SNT1001"]}, "statement-invalid"),
        ({"result": "passed"}, "statement-invalid"),
        ({"verdict": "incomplete"}, "statement-invalid"),
        ({"verdict": "findings"}, "accepted"),  # of low severity
        ({"finishedOn": "yesterday"}, "statement-invalid"),
        ({"finishedOn": 1764072000}, "statement-invalid"),
        ({"finishedOn": "2026-02-30T00:00:00Z"}, "statement-invalid"),
        ({"rulesVersion": "9999"}, "accepted"),
        ({"rulesVersion": "newest"}, "statement-invalid"),
        ({"configuration": "none"}, "statement-invalid"),
        ({"sentinel_scan": None}, "statement-invalid"),
        # an older failure does not outlive a later pass
        ({"finishedOn": "2026-11-24T12:00:00Z", "result": "FAILED"}, "accepted"),
    ],
)
def test_the_latest_scan_decides(desk: Desk, changes: dict[str, object], reason: str) -> None:
    scan_of(desk, **changes)
    assert answer(desk.examine(desk.policy(require="[scan-passed]"))) == reason


def test_a_scan_with_findings_is_attested_and_refused(desk: Desk) -> None:
    (desk.model / "more.pkl").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    desk.finish()
    found = desk.examine()
    assert reasons(found) == ["scan-not-passed"]
    (desk.model / "more.pkl").unlink()
    desk.finish()
    assert answer(desk.examine()) == "accepted"


# Verification results.


def test_a_verification_result_states_what_held(desk: Desk) -> None:
    first = desk.examine()
    held = ["SENTINEL_SCAN_PASSED", "SENTINEL_SIGNATURE_VALID"]
    gate = key()
    desk.write_key("gate", gate)
    made = attest_verdict(
        desk.model,
        gate,
        held,
        manifest_digest=first.manifest,
        policy=first.policy,
        policy_sha256=first.policy_sha256,
        now=NOW,
    )
    assert made.kept == 3
    by_gate = "keys: [{id: gate, public_key: gate.pub}]"
    policy = desk.policy(require="[svr]", more=(), signers=by_gate)
    assert answer(desk.examine(policy)) == "accepted"
    asked = "svr: {properties: [SENTINEL_DEPS_PINNED]}"
    asking = desk.policy(require="[svr]", more=(asked,), signers=by_gate)
    assert answer(desk.examine(asking)) == "svr-property"
    early = desk.policy(require="[svr]", more=(), signers=by_gate)
    assert answer(desk.examine(early, now=NOW - timedelta(days=1))) == "svr-in-future"
    flip(desk.model)
    assert answer(desk.examine(policy)) == "subject-mismatch"
    with pytest.raises(TrustError, match="changed since it was verified"):
        attest_verdict(
            desk.model,
            gate,
            held,
            manifest_digest=first.manifest,
            policy="p",
            policy_sha256="0" * 64,
        )
