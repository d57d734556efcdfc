"""The JSON report: by its schema, in one order, safe in a log, the same from everywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sentinel
from sentinel.findings import Confidence, Location, Severity, Suppressed
from sentinel.reports import Run, View, render
from tests.reports.make import finding, gap, report, run

SCHEMA = json.loads(
    (Path(sentinel.__file__).parent / "data" / "report.schema.json").read_text("utf-8")
)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
TEXT = st.text(st.characters(exclude_categories=()), max_size=40)


def document(run: Run) -> dict[str, Any]:
    text = "".join(render("json", run, View()))
    assert text.isascii()
    found: dict[str, Any] = json.loads(text)
    VALIDATOR.validate(found)
    return found


def test_the_schema_is_a_schema_and_describes_every_field() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    parts = [SCHEMA, *SCHEMA["$defs"].values()]
    assert all(part["additionalProperties"] is False for part in parts)
    assert all("description" in field for part in parts for field in part["properties"].values())


def test_an_empty_run() -> None:
    found = document(run(exit_code=0))
    assert found["verdict"] == "clean"
    assert found["complete"] is True
    assert found["findings"] == found["files"] == found["not_scanned"] == []
    assert found["started"] == "2027-01-15T08:00:00Z"


def test_everything_is_in_it() -> None:
    bad = finding(related=(Location("/repo/m/a.pkl", "x.pkl", 3),))
    kept = Suppressed(finding(rule="SNT9903", severity=Severity.LOW), "reviewed")
    one = report("/repo/m/a.pkl", bad, suppressed=(kept,), sha256="a" * 64)
    two = report("/repo/m/b.pkl", gaps=(gap("/repo/m/b.pkl"),))
    found = document(run(one, two, others=("x", "y"), excluded=3, notices=("n",)))
    assert found["counts"] == {
        "files": 2,
        "other": 2,
        "excluded": 3,
        "incomplete": 1,
        "suppressed": 1,
        "findings": {"critical": 1, "high": 0, "medium": 0, "low": 0, "info": 0},
    }
    first, second = found["findings"]
    assert first["path"] == "m/a.pkl"
    assert (first["member"], first["offset"], first["sha256"]) == ("data.pkl", 36, "a" * 64)
    assert (first["name"], first["suppressed"]) == ("stub-call", None)
    assert first["related"] == [
        {"path": "m/a.pkl", "member": "x.pkl", "offset": 3, "length": None, "line": None}
    ]
    assert second["suppressed"] == "reviewed"
    assert found["not_scanned"][0] == {
        "path": "m/b.pkl",
        "member": "",
        "offset": None,
        "code": "truncated",
        "reason": "it breaks off",
        "hint": "get it again",
    }
    assert [entry["verdict"] for entry in found["files"]] == ["malicious", "incomplete"]


def test_findings_stand_in_one_order_whatever_order_they_were_found_in() -> None:
    few = [
        finding(severity=Severity.LOW),
        finding(offset=9),
        finding(offset=4, evidence="b"),
        finding(offset=4, evidence="a"),
        finding(confidence=Confidence.LOW),
        finding(member="a"),
    ]
    texts = {
        "".join(render("json", run(report("/repo/a", *order)), View()))
        for order in (few, few[::-1], few[3:] + few[:3])
    }
    assert len(texts) == 1


def test_a_fingerprint_depends_on_the_place_below_the_root_not_on_how_it_was_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "m").mkdir()
    names = [(tmp_path, "m/a.pkl"), (tmp_path, "./m/../m/a.pkl"), (tmp_path / "m", "a.pkl")]
    found = set()
    for directory, name in [*names, (Path("/"), f"{tmp_path}/m/a.pkl")]:
        monkeypatch.chdir(directory)
        entry = document(run(report(name, finding(name)), root=str(tmp_path)))["findings"][0]
        found.add((entry["path"], entry["fingerprint"]))
    assert len(found) == 1
    assert next(iter(found))[0] == "m/a.pkl"


def test_offsets_do_not_change_a_fingerprint_and_everything_else_does() -> None:
    def print_of(**changes: Any) -> str:
        path = changes.get("path", "/repo/m/a.pkl")
        entry = document(run(report(path, finding(**changes))))["findings"][0]
        return str(entry["fingerprint"])

    base = print_of()
    assert print_of(offset=999) == base
    changes: list[dict[str, Any]] = [
        {"rule": "SNT9902"}, {"member": "other"}, {"evidence": "x"}, {"path": "/repo/b.pkl"},
    ]  # fmt: skip
    assert len({base, *(print_of(**change) for change in changes)}) == 5


def test_a_place_outside_the_root_is_absolute_and_a_neighbour_is_outside() -> None:
    for path in ("/repository/a.pkl", "/other/a.pkl"):
        assert document(run(report(path, finding(path))))["files"][0]["path"] == path
    assert document(run(report("/a.pkl", finding("/a.pkl")), root="/"))["files"][0]["path"] == (
        "a.pkl"
    )


@given(TEXT, TEXT, TEXT)
def test_whatever_a_file_says_the_report_is_valid_and_safe(
    name: str, evidence: str, detail: str
) -> None:
    path = "/repo/" + name.replace("\0", "")
    hostile = finding(path, evidence=evidence, message=detail, member=name, remedy=evidence)
    found = run(
        report(path, hostile, gaps=(gap(path, detail=detail),)),
        targets=(path,),
        notices=(detail,),
    )
    text = "".join(render("json", found, View()))
    VALIDATOR.validate(json.loads(text))
    assert text.isascii()
    assert all(char == "\n" or char.isprintable() for char in text)
    assert "##" not in text
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())


def test_evidence_is_cut() -> None:
    found = document(run(report("/repo/a", finding(evidence="x" * 100_000))))
    assert len(found["findings"][0]["evidence"]) == 4_000
