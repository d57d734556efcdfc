"""What is told of a detection: type, place and count; never the value."""

from __future__ import annotations

import io
import json
import logging
import random
import re
import socket
import string
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sentinel.cli import main
from sentinel.findings import Severity, Verdict
from sentinel.pii import Options, PiiScanner, scan_bytes
from sentinel.pii.baseline import identity, lines, start
from sentinel.pii.catalog import catalog
from sentinel.pii.reporting import report
from sentinel.pii.sources import Sampling
from sentinel.rules import rules_for
from tests.reports.test_sarif import validator

FILES = Path(__file__).resolve().parents[2] / "src" / "sentinel" / "data"


def judged(data: bytes, name: str = "a.txt", options: Options | None = None) -> Any:
    return report(scan_bytes(data, name, options), catalog().types)


def table(header: str, *rows: str) -> bytes:
    return "\n".join([header, *rows, ""]).encode()


# Each rule's case, and its nearest neighbour that is none.
CASES: dict[str, tuple[str, bytes, bytes]] = {
    "SNT1901": ("a.py", b"password = 'kX9mQ2vL7pZ4wT8r'\n", b"password = os.environ['PW']\n"),
    "SNT1902": ("a.txt", b"DE89 3704 0044 0532 0130 00", b"DE88 3704 0044 0532 0130 00"),
    "SNT1903": ("a.txt", b"SSN: 130075728", b"parcel: 130075728"),
    "SNT1904": ("a.txt", b"MRN: 48213377", b"order: 48213377"),
    "SNT1905": ("a.txt", b"jane@acme-corp.com", b"jane@example.com"),
    "SNT1906": ("a.txt", b"client 91.198.174.192 connected", b"client 10.98.174.192 connected"),
    "SNT1907": (
        "a.csv",
        table("date_of_birth,x", *(f"19{n}-03-1{n % 9},y" for n in range(60, 90))),
        table("date_of_sale,x", *(f"20{n}-03-1{n % 9},y" for n in range(10, 25))),
    ),
    "SNT1908": (
        "a.csv",
        table("street_address,x", *(f"{n} Oak Street,y" for n in range(1, 30))),
        table("shelf,x", *(f"{n} oak planks,y" for n in range(1, 30))),
    ),
    "SNT1909": (
        "a.csv",
        table("date_of_birth,zip,sex", *(f"19{n}-03-1{n % 9},902{n},f" for n in range(60, 90))),
        table("date_of_birth,size,sex", *(f"19{n}-03-1{n % 9},902{n},f" for n in range(60, 90))),
    ),
}


@pytest.mark.parametrize("rule", sorted(CASES))
def test_every_rule_has_a_case_and_a_neighbour(rule: str) -> None:
    name, case, neighbour = CASES[rule]
    assert rule in {one.rule_id for one in judged(case, name).findings}
    assert rule not in {one.rule_id for one in judged(neighbour, name).findings}


def test_all_rules_have_a_case() -> None:
    assert {rule.id for rule in rules_for("pii")} == set(CASES)


def secrets(count: int) -> dict[str, str]:
    """Return made-up values, each of them unlike any other text, by a text that holds it."""
    chance = random.Random(11)
    found = {}
    for n in range(count):
        word = "".join(chance.choices(string.ascii_lowercase, k=10))
        code = "".join(chance.choices(string.ascii_letters + string.digits, k=20))
        number = str(chance.randrange(130_000_000, 199_999_999))
        value, text = [
            (f"{word}@acme-corp.com", f"{word}@acme-corp.com"),
            (code, f"password = '{code}'"),
            (number, f"SSN: {number}"),
            (f"hf_{code}{code[:14]}", f"hf_{code}{code[:14]}"),
        ][n % 4]
        found[value] = text
    return found


def test_no_stream_ever_holds_a_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    planted = secrets(1_000)
    texts = list(planted.values())
    (tmp_path / "a.txt").write_text("\n".join(texts[:900]))  # no final newline
    (tmp_path / "b.json").write_text(json.dumps({"rows": [{"note": t} for t in texts[900:950]]}))
    head = "note\n"
    (tmp_path / "c.csv").write_text(head + "\n".join(f'"{t}"' for t in texts[950:]))
    log = io.StringIO()
    logging.basicConfig(stream=log, level=logging.DEBUG, force=True)
    outputs = [log]
    for kind in ("text", "json", "sarif"):
        assert main(["pii", "scan", ".", "-vv", "-f", kind]) == 1
        told = capsys.readouterr()
        outputs += [io.StringIO(told.out), io.StringIO(told.err)]
    assert main(["pii", "baseline", "."]) == 0
    outputs.append(io.StringIO((tmp_path / ".sentinel-pii-baseline.jsonl").read_text()))
    shown = "\n".join(stream.getvalue() for stream in outputs)
    # Thousands of keyed hashes hold any six digits by chance.
    shown = re.sub(r"\b[0-9a-f]{12,64}\b", " ", shown)
    assert "EMAIL" in shown
    for value in planted:
        kept = value.removeprefix("hf_").removesuffix("@acme-corp.com")
        for start_at in range(len(kept) - 5):
            assert kept[start_at : start_at + 6] not in shown


def test_no_socket_and_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **named: object) -> None:
        raise AssertionError("a scan opened a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr("subprocess.Popen", refuse)
    assert judged(b"jane@acme-corp.com").findings


def test_sarif_is_valid_and_says_column_and_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [f"person{n}@acme-corp.com,{n}" for n in range(40)]
    (tmp_path / "t.csv").write_bytes(table("email,n", *rows))
    main(["pii", "scan", "t.csv", "-f", "sarif"])
    log = json.loads(capsys.readouterr().out)
    validator().validate(log)
    (result,) = log["runs"][0]["results"]
    assert result["level"] == "note"
    assert result["properties"]["columnName"] == "email"
    assert result["properties"]["count"] == 40
    names = [one["fullyQualifiedName"] for one in result["locations"][0]["logicalLocations"]]
    assert names == ["column:email"]
    assert "snippet" not in json.dumps(log)
    assert log["runs"][0]["automationDetails"]["id"] == "sentinel/pii/"


def test_the_json_report_keeps_to_its_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("jane@acme-corp.com\n")
    main(["pii", "scan", "a.txt", "-f", "json"])
    found = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, json.loads((FILES / "report.schema.json").read_text()))
    assert found["findings"][0]["facts"]["infoType"] == "EMAIL"
    assert found["findings"][0]["line"] == 1


def test_fingerprints_do_not_hang_on_the_run() -> None:
    one, other = (judged(b"x\njane@acme-corp.com\n").findings[0].fingerprint for _ in range(2))
    assert one == other


def test_the_hash_is_keyed_and_the_key_is_the_baselines(tmp_path: Path) -> None:
    text = b"jane@acme-corp.com"
    free = {scan_bytes(text, "a").detections[0].digest for _ in range(3)}
    assert len(free) == 3
    begun = start(str(tmp_path / "none"), str(tmp_path))
    bound = {scan_bytes(text, "a", Options(baseline=begun)).detections[0].digest for _ in range(3)}
    assert len(bound) == 1
    known = identity(
        str(tmp_path), "a", scan_bytes(text, "a", Options(baseline=begun)).detections[0]
    )
    assert len(lines(begun.key, [known, known])) == 2


def test_sampling_says_how_much_was_read_and_full_reads_all(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    with path.open("w") as file:
        file.write("n,mail\n")
        for n in range(200_000):
            file.write(f"{n},person{n}@acme-corp.com\n" if n % 100 == 7 else f"{n},nothing here\n")
    small = Sampling(over=1 << 20, head=1 << 18, windows=8, window=1 << 15)
    sampled = PiiScanner(Options(sampling=small)).scan_path(path)
    told = report(sampled, catalog().types)
    assert [one.info_type for one in sampled.detections] == ["EMAIL"]
    assert any(gap.reason == "sampled" and " % (" in gap.detail for gap in told.coverage.gaps)
    whole = PiiScanner(Options(sampling=small._replace(full=True))).scan_path(path)
    assert not whole.skipped
    assert max(one.count for one in whole.detections) >= 1_000


def test_verdicts() -> None:
    assert judged(b"nothing here").verdict is Verdict.CLEAN
    assert judged(b"jane@acme-corp.com").verdict is Verdict.SUSPICIOUS
    assert judged(b"\x00\x01\x02\x03" * 64, "x.bin").verdict is Verdict.INCOMPLETE


def test_severity_is_that_of_the_type() -> None:
    (found,) = judged(b"SSN: 130075728").findings
    assert found.severity is Severity.HIGH


def test_a_scan_of_models_may_look_for_personal_data_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("SSN: 130075728\n")
    (tmp_path / "b.pkl").write_bytes(b"\x80\x04N.")
    assert main(["scan", "."]) == 0
    capsys.readouterr()
    assert main(["scan", ".", "--pii", "-f", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [one["rule"] for one in found["findings"]] == ["SNT1903"]
    assert {one["path"] for one in found["files"]} == {"a.txt", "b.pkl"}
    assert not found["not_scanned"]
