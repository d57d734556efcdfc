"""What the benchmark makes of other detectors' output. Their figures are never asserted."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.pii import readings
from benchmarks.pii.data import part
from benchmarks.pii.peers import OURS, PEERS
from tests.pii.measure.matching import Finding


def test_commands_hold_the_folder() -> None:
    for peer in (OURS, *PEERS):
        command = peer.command(Path("/home"), Path("/data"), Path("/out.json"))
        assert "/data" in command
        assert not any("{" in word for word in command)


def test_reports_are_read_by_file(tmp_path: Path) -> None:
    output = tmp_path / "findings.json"
    entry = {"File": "a/b.env", "RuleID": "jwt", "StartLine": 3}
    output.write_text(json.dumps([entry]))
    assert readings.gitleaks(output, tmp_path) == {"a/b.env": [Finding("jwt", line=3)]}
    place = {"path": str(tmp_path / "c.py"), "start_line": 4}
    output.write_text(json.dumps({"findings": [{"rule_id": "jwt", "location": place}]}))
    assert readings.betterleaks(output, tmp_path) == {"c.py": [Finding("jwt", line=4)]}
    row = {"filename": "d.csv", "type": "SSN", "line_number": 5}
    output.write_text(json.dumps({"results": [row]}))
    assert readings.ferret(output, tmp_path) == {"d.csv": [Finding("US_SSN", line=5)]}
    results = {"e.py": [{"type": "Secret Keyword", "line_number": 6}]}
    (tmp_path / "output.txt").write_text(json.dumps({"results": results}))
    expected = {"e.py": [Finding("Secret Keyword", line=6)]}
    assert readings.detect_secrets(output, tmp_path) == expected


def test_a_report_without_findings_is_empty(tmp_path: Path) -> None:
    output = tmp_path / "findings.json"
    output.write_text("")
    assert readings.gitleaks(output, tmp_path) == {}
    assert readings.betterleaks(output, tmp_path) == {}
    assert readings.ferret(output, tmp_path) == {}
    assert readings.lines(output, tmp_path) == {}


def test_a_part_is_every_nth_file(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    for number in range(10):
        (whole / f"{number}.txt").write_text("x")
    assert part(whole, 1.0, tmp_path / "all") == whole
    some = part(whole, 0.2, tmp_path / "some")
    assert sorted(path.name for path in some.iterdir()) == ["0.txt", "5.txt"]
