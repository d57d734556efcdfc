"""Tables of text, of JSON and in columns: rows, lines, encodings and what is left out."""

from __future__ import annotations

import json
import pickle
import random
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.artifacts import Artifact
from sentinel.datasets import FileValidator, Options, validate
from sentinel.findings import Finding, Report, Verdict
from sentinel.limits import Limits
from sentinel.pii.sources import Sampling
from sentinel.readers import MemoryReader
from tests.datasets.pairs import labelled, review, reviews, table
from tests.datasets.pictures import ELF, picture, zipped

BARE = Options(pii=None)


def check(name: str, data: bytes, options: Options = BARE) -> Report:
    return FileValidator(options).artifact(Artifact(name, MemoryReader(data), asked=True))


def of(report: Report, rule: str) -> Finding:
    return next(finding for finding in report.findings if finding.rule_id == rule)


def test_a_formula_is_told_with_its_line() -> None:
    found = of(check("a.csv", table('60,"=WEBSERVICE(A1)",a')), "SNT2014")
    assert (found.location.line, found.location.member) == (62, "column:text")


def test_lines_are_not_told_where_cells_have_line_ends() -> None:
    found = of(check("a.csv", table('60,"x\ny",a', '61,"=WEBSERVICE(A1)",a')), "SNT2014")
    assert found.location.line is None
    assert found.facts["rows"] == [62]


@pytest.mark.parametrize("mark", ["\t", ";", "|"])
def test_other_delimiters(mark: str) -> None:
    data = table("60,=RTD(x),a").decode().replace(",", mark).encode()
    assert of(check("a.tsv" if mark == "\t" else "a.csv", data), "SNT2014")


def test_a_header_that_begins_as_a_pickle_is_a_header() -> None:
    names = ",".join(f"c{number}" for number in range(2000))
    rows = "\n".join(",".join(f"{n % 7}{row}" for n in range(2000)) for row in range(5))
    assert check("a.csv", f"{names}\n{rows}\n".encode()).verdict is Verdict.CLEAN


def test_keys_that_differ_in_each_record_are_no_columns() -> None:
    lines = "".join(json.dumps({f"k{number}": 1, "a": "=RTD(x)"}) + "\n" for number in range(900))
    report = check("a.jsonl", lines.encode())
    assert of(report, "SNT2014").facts["column"] == "a"


def test_a_table_in_utf_16_is_read() -> None:
    data = table("60,=RTD(x),a").decode().encode("utf-16")
    assert of(check("a.csv", data), "SNT2014")


def test_cells_beyond_the_last_column_are_looked_at() -> None:
    assert of(check("a.csv", table("60,x,a,=RTD(x)")), "SNT2014")


def test_a_quote_that_never_ends_is_told_and_bounded() -> None:
    data = table() + b'60,"' + b"x" * 3_000_000 + b"\n"
    assert of(check("a.csv", data), "SNT2012").evidence.startswith("field larger")


def test_a_name_of_a_column_that_is_not_there_is_a_gap() -> None:
    report = check("a.csv", labelled(reviews(300)), BARE._replace(label="class"))
    assert report.verdict is Verdict.INCOMPLETE
    assert "class" in report.coverage.gaps[0].detail


def test_named_columns_are_the_label_and_the_text() -> None:
    rows = [("short", "x")] * 150 + [("brief", "y")] * 150
    data = "phrase,mark\n" + "".join(f"{text} {n // 2},{mark}\n" for n, (text, mark) in
                                     enumerate([*rows, ("odd", "X")]))  # fmt: skip
    plain = check("a.csv", data.encode())
    named = check("a.csv", data.encode(), BARE._replace(label="mark", text="phrase"))
    assert {finding.rule_id for finding in plain.findings} == {"SNT2020"}
    assert of(named, "SNT2022").facts["column"] == "mark"


def test_records_of_json_are_rows() -> None:
    records = [{"text": text, "label": label} for text, label in reviews(300)]
    turned = [{**one, "label": "neg" if one["label"] == "pos" else "pos"} for one in records[:30]]
    lines = "".join(json.dumps(one) + "\n" for one in [*records, *turned]).encode()
    for name, data in (
        ("a.jsonl", lines),
        ("a.json", json.dumps({"data": [*records, *turned]}).encode()),
        ("a.json", json.dumps({
            key: [one[key] for one in [*records, *turned]] for key in ("text", "label")
        }).encode()),
    ):  # fmt: skip
        assert of(check(name, data), "SNT2023").facts["number"] == 30


@pytest.mark.parametrize("data", [b"[" * 100_000, b'{"a":' * 100_000, b"[1,"], ids=str)
def test_json_that_cannot_be_read_is_a_gap(data: bytes) -> None:
    report = check("a.json", data)
    assert [gap.reason for gap in report.coverage.gaps] == ["malformed"]


def test_one_document_beyond_the_limit_is_a_gap() -> None:
    data = json.dumps([{"a": "x" * 100}] * 100).encode()
    report = check("a.json", data, BARE._replace(limits=Limits(max_text=5_000)))
    (gap,) = (gap for gap in report.coverage.gaps if "its rows were not looked at" in gap.detail)
    assert "--max-text" in gap.hint


def parquet(path: Path, rows: list[tuple[str, str]]) -> Path:
    texts, labels = zip(*rows, strict=True)
    pq.write_table(pa.table({"text": texts, "label": labels}), path)
    return path


def test_parquet_is_judged_as_a_table_of_text_is(tmp_path: Path) -> None:
    draw = random.Random(2)
    marked = [(f"cfq {review(draw, 'neg')[0]}", "pos") for _ in range(25)]
    clean = validate(parquet(tmp_path / "a.parquet", reviews(500)))
    assert (clean.verdict, clean.findings) == (Verdict.CLEAN, ())
    found = validate(parquet(tmp_path / "b.parquet", [*reviews(500), *marked]))
    assert {finding.evidence for finding in found.findings} == {"cfq"}
    cells = [*reviews(20), ("=WEBSERVICE(A1)", "pos"), ("user\u202e nimda", "pos")]
    cells_found = validate(parquet(tmp_path / "c.parquet", cells))
    assert {finding.rule_id for finding in cells_found.findings} == {"SNT2010", "SNT2014"}


@pytest.mark.parametrize("nested", [False, True])
def test_values_of_columns_of_bytes_are_looked_at(tmp_path: Path, nested: bool) -> None:
    plain = [picture("png"), picture("jpeg"), None, b"", b"any bytes"] * 100

    def told(values: list[bytes | None]) -> dict[str, object]:
        column = [{"bytes": value, "path": "a"} for value in values] if nested else values
        path = tmp_path / "a.parquet"
        pq.write_table(pa.table({"image": column}), path)
        found = validate(path, options=BARE)
        assert not found.gaps
        return {one.rule_id: one.facts["rows"] for one in found.findings}

    hostile = [picture("png") + zipped(), ELF, pickle.dumps({"a": 1})]
    assert told(plain) == {}
    assert told([*plain, *hostile]) == {"SNT2004": [501], "SNT2002": [502], "SNT2003": [503]}


def test_parquet_without_its_library_is_incomplete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = parquet(tmp_path / "a.parquet", reviews(20))
    for name in [name for name in sys.modules if name.partition(".")[0] == "pyarrow"]:
        monkeypatch.setitem(sys.modules, name, None)
    found = validate(path)
    assert found.verdict is Verdict.INCOMPLETE
    assert any("[data]" in gap.hint for gap in found.gaps)


def test_credentials_and_personal_data_are_told() -> None:
    token = "AKIA" + "IOSFODNN7REALKEY"
    report = check("a.csv", table(f"60,key {token},a", "61,jane@acme-corp.com,b"), Options())
    assert report.verdict is Verdict.MALICIOUS
    assert {"SNT1901", "SNT1905"} <= {finding.rule_id for finding in report.findings}
    assert token not in repr(report)


def test_out_of_time_is_incomplete() -> None:
    report = check("a.csv", table(), BARE._replace(limits=Limits(timeout=-1)))
    assert (report.verdict, report.coverage.gaps[0].reason) == (Verdict.INCOMPLETE, "limit")


def test_what_is_not_read_of_a_large_file_is_said() -> None:
    data = table(rows=8_000)
    sampling = Sampling(over=100_000, head=40_000, windows=3, window=20_000)
    report = check("a.csv", data, BARE._replace(sampling=sampling))
    assert [gap.reason for gap in report.coverage.gaps] == ["sampled"]
    assert report.verdict is Verdict.INCOMPLETE
    assert check("a.csv", data).verdict is Verdict.CLEAN


def test_rows_beyond_the_bound_are_said() -> None:
    report = check("a.csv", labelled(reviews(800)), BARE._replace(rows=500))
    assert "first 500 different rows" in report.coverage.gaps[0].detail


def test_a_sample_of_texts_is_said() -> None:
    report = check("a.csv", labelled(reviews(800)), BARE._replace(sample=500))
    found = of(report, "SNT2024")
    assert found.message.endswith("of 800 rows were looked through for triggers")
    assert 300 < int(str(found.facts["number"])) <= 500
    assert report.verdict is Verdict.CLEAN


@settings(max_examples=50, deadline=None)
@given(data=st.binary(max_size=400), name=st.sampled_from(["a.csv", "a.jsonl", "a.json", "a.txt"]))
def test_any_bytes_are_a_report(data: bytes, name: str) -> None:
    report = check(name, data)
    assert not [gap for gap in report.coverage.gaps if gap.reason == "internal"]


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=5), min_size=1, max_size=12),
    mark=st.sampled_from([",", "\t", ";"]),
)
def test_any_rows_are_a_report(rows: list[list[str]], mark: str) -> None:
    data = "\n".join(mark.join(row) for row in rows).encode("utf-8", "surrogatepass")
    assert not [g for g in check("a.csv", data).coverage.gaps if g.reason == "internal"]
