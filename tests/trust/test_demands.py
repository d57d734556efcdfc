"""Whatever a statement says, a demand has an answer or a reason, and never crashes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.errors import TrustError
from sentinel.trust.attest import uris
from sentinel.trust.demands import DEMANDS, Case, provenance
from sentinel.trust.evidence import Claim, Evidence
from sentinel.trust.policy import ModelPolicy, Signers
from sentinel.trust.reasons import REASONS
from sentinel.trust.statement import Statement, Subject
from tests.trust.attest_kit import NOW

KINDS = {"scan-passed": uris.TEST_RESULT, "svr": uris.SVR, "mlbom": uris.MLBOM}
KINDS["watermark"] = uris.WATERMARK
POLICY = ModelPolicy("*", Signers(1), frozenset(DEMANDS), scan_max_age=60, min_ruleset=(2026,))
NAMES = st.sampled_from(
    [
        *("result", "configuration", "failedTests", "warnedTests", "sentinel_scan", "finishedOn"),
        *("rulesVersion", "verifier", "id", "properties", "timeCreated", "bomFormat"),
        *("specVersion", "components", "keyId", "commitment", "sha256", "buildDefinition"),
        *("buildType", "externalParameters", "registered_model", "version", "runDetails"),
    ]
)
WORDS = st.sampled_from(
    ["PASSED", "FAILED", "2026-11-25T12:00:00Z", "9999-12-31T23:59:59-23:59", "2026.11", "1" * 20,
     "CycloneDX", "1.6", "a" * 64, "fraud", "2026-11-25T12:00:00+99:99", "",
     "0001-01-01T00:00:00+23:59"]
)  # fmt: skip
LEAF = st.one_of(st.none(), st.booleans(), st.integers(), WORDS, st.text(max_size=4))
VALUES = st.recursive(
    LEAF,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=6)),
    max_leaves=12,
)


def case(kind: str, predicates: list[dict[str, object]]) -> Case:
    claims = tuple(
        Claim(Statement((Subject("a", "0" * 64),), kind, one), ("prod",)) for one in predicates
    )
    return Case("fraud", NOW, POLICY, Evidence(claims, ()))


@pytest.mark.parametrize("name", [*DEMANDS, "slsa-provenance"])
@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(NAMES, VALUES, max_size=6), max_size=3))
def test_any_predicate_has_an_answer_or_a_reason(
    name: str, predicates: list[dict[str, object]]
) -> None:
    asked = case(KINDS.get(name, uris.SLSA), json.loads(json.dumps(predicates)))
    try:
        if name in DEMANDS:
            assert DEMANDS[name](asked)
        else:
            assert provenance(asked).signers
    except TrustError as error:
        told = error.reason
    else:
        return
    assert told in REASONS


@pytest.mark.parametrize("name", [*DEMANDS, "slsa-provenance"])
def test_nothing_is_not_enough(name: str) -> None:
    asked = case(KINDS.get(name, uris.SLSA), [])
    with pytest.raises(TrustError) as caught:
        DEMANDS[name](asked) if name in DEMANDS else provenance(asked)
    assert caught.value.reason == "missing-attestation"


def build(name: object, version: object) -> dict[str, object]:
    external = {"registered_model": name, "version": version}
    return {"buildDefinition": {"buildType": "https://x/y", "externalParameters": external}}


def test_the_highest_version_under_the_name_counts() -> None:
    found = provenance(case(uris.SLSA, [build("fraud", 3), build("churn", 9), build("fraud", 7)]))
    assert found.version == 7


@pytest.mark.parametrize("version", ["7", 7.0, True, -1, 2**53, [7]])
def test_a_version_is_a_whole_number(version: object) -> None:
    with pytest.raises(TrustError) as caught:
        provenance(case(uris.SLSA, [build("fraud", version)]))
    assert caught.value.reason == "statement-invalid"


def test_an_answer_for_each() -> None:
    """The nearest accepted twin of what is refused above."""
    good: dict[str, dict[str, object]] = {
        "scan-passed": {
            "result": "PASSED",
            "configuration": [],
            "sentinel_scan": {"finishedOn": "2026-11-25T12:00:00Z", "rulesVersion": "2026.11"},
        },
        "svr": {
            "verifier": {"id": "https://x"},
            "timeCreated": "2026-11-25T12:00:00.123456789Z",
            "properties": ["SENTINEL_SCAN_PASSED"],
        },
        "mlbom": {"bomFormat": "CycloneDX", "specVersion": "1.6"},
        "watermark": {"keyId": "b" * 16, "commitment": {"sha256": "a" * 64}},
    }
    assert good.keys() == DEMANDS.keys()
    for name, predicate in good.items():
        assert "signed by prod" in DEMANDS[name](case(KINDS[name], [predicate]))
