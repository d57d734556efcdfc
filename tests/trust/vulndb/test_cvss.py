"""Scores of vectors, against published ones."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sentinel import Severity
from sentinel.trust.vulndb.cvss import base_score, severity_of


@pytest.mark.parametrize(
    ("vector", "score"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:L/I:L/A:N", 5.4),
        ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4),
        ("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 3.1),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10.0),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 7.5),
        ("CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 6.8),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P/RL:O", 9.8),
    ],
)
def test_version_3(vector: str, score: float) -> None:
    assert base_score("CVSS_V3", vector) == score


@pytest.mark.parametrize(
    ("vector", "score"),
    [  # https://www.first.org/cvss/v2/guide section 3.3
        ("AV:N/AC:L/Au:N/C:N/I:N/A:C", 7.8),
        ("AV:N/AC:L/Au:N/C:C/I:C/A:C", 10.0),
        ("AV:L/AC:H/Au:N/C:C/I:C/A:C", 6.2),
        ("AV:N/AC:L/Au:N/C:N/I:N/A:N", 0.0),
    ],
)
def test_version_2(vector: str, score: float) -> None:
    assert base_score("CVSS_V2", vector) == score


def test_severities() -> None:
    assert severity_of("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H") is (
        Severity.CRITICAL
    )
    assert severity_of("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N") is Severity.HIGH
    assert severity_of("CVSS_V3", "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N") is Severity.LOW


@pytest.mark.parametrize(
    ("method", "vector"),
    [
        ("CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"),
        ("CVSS_V3", "CVSS:3.1/AV:N"), ("CVSS_V3", "CVSS:3.1/AV:Q/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
        ("CVSS_V3", "9.8"), ("CVSS_V3", ""), ("", "AV:N/AC:L/Au:N/C:N/I:N/A:C"),
    ],
)  # fmt: skip
def test_no_score(method: str, vector: str) -> None:
    assert severity_of(method, vector) is None


@given(st.sampled_from(["CVSS_V2", "CVSS_V3"]), st.text("CVSS:3.1/AVNLHPRUIacu", max_size=60))
@example("CVSS_V2", "A:AA:A")
def test_any_text_is_a_score_or_none(method: str, vector: str) -> None:
    score = base_score(method, vector)
    assert score is None or 0 <= score <= 10
