"""A folder is one dataset: splits, same files, parts of one table."""

from __future__ import annotations

from pathlib import Path

from sentinel.datasets import validate
from sentinel.findings import Finding, Verdict
from tests.datasets.pairs import labelled, reviews, table
from tests.datasets.pictures import ELF, picture


def write(root: Path, **files: bytes) -> Path:
    for name, data in files.items():
        path = root / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def of(path: Path, rule: str) -> list[Finding]:
    return [finding for finding in validate(path).findings if finding.rule_id == rule]


def test_a_report_a_file(tmp_path: Path) -> None:
    found = validate(write(tmp_path, a_csv=table(), b_png=picture("png"), c_md=b"# A card\n"))
    assert [Path(one.artifact).name for one in found.reports] == ["a.csv", "b.png", "c.md"]
    assert (found.verdict, found.gaps) == (Verdict.CLEAN, ())


def test_rows_of_one_split_in_another(tmp_path: Path) -> None:
    rows = reviews(120)
    write(tmp_path, train_csv=labelled(rows[:100]), test_csv=labelled(rows[90:]))
    (found,) = of(tmp_path, "SNT2025")
    assert found.facts["number"] == 10
    assert found.evidence == "test, train"
    write(tmp_path, test_csv=labelled(rows[100:]))
    assert not of(tmp_path, "SNT2025")


def test_the_same_picture_in_two_classes(tmp_path: Path) -> None:
    write(tmp_path, cats__a_png=picture("png"), cats__b_png=picture("png"))
    (found,) = of(tmp_path, "SNT2021")
    assert found.severity.label == "info"
    write(tmp_path, dogs__c_png=picture("png"))
    (found,) = of(tmp_path, "SNT2021")
    assert (found.severity.label, found.facts["number"]) == ("low", 3)
    other = write(tmp_path / "x", cats__a_png=picture("png"), cats__b_jpeg=picture("jpeg"))
    assert not of(other, "SNT2021")


def test_parts_with_other_columns(tmp_path: Path) -> None:
    first = write(tmp_path, part1_csv=table(), part2_csv=table(head="id,body,label"))
    (found,) = of(first, "SNT2026")
    assert found.evidence == "body, text"
    write(tmp_path, part2_csv=table())
    assert not of(first, "SNT2026")
    assert not of(write(tmp_path / "y", a_csv=table(), b_csv=table(head="x,y,z")), "SNT2026")


def test_a_program_among_the_pictures_blocks(tmp_path: Path) -> None:
    found = validate(write(tmp_path, a_png=picture("png"), viewer=ELF))
    assert found.verdict is Verdict.MALICIOUS
    assert found.findings[0].rule_id == "SNT2002"
