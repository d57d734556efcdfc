"""How the measure counts what a detector said against what was planted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.pii.measure import independent, leaky
from tests.pii.measure.build import Document, Writer
from tests.pii.measure.checks import leaky_lines
from tests.pii.measure.matching import Finding, Result, judge, total
from tests.pii.measure.names import RIGHT, family, right
from tests.pii.measure.score import table
from tests.pii.measure.tokens import TOKENS
from tests.pii.measure.values import PERSONAL


def note() -> Document:
    out = Writer()
    out.put("Grüße an ")
    out.plant("PERSON", "Ana Lima", optional=True)
    out.put("\nMail: ")
    out.plant("EMAIL", "ana@acme.io")
    out.put(" or ")
    out.plant("PHONE", "+48 601 222 333", cued=False)
    return out.document("note.txt", "prose")


def sheet() -> Document:
    out = Writer()
    out.raw("mail,iban\n")
    for row in range(3):
        out.plant("EMAIL", f"a{row}@acme.io", column="mail", row=row)
        out.raw(",")
        out.plant("IBAN", f"NL91ABNA041716430{row}", column="iban", row=row)
        out.raw("\n")
    return out.document("sheet.csv", "csv")


def outcome(document: Document, *findings: Finding) -> Result:
    result = Result()
    judge(document, findings, result)
    return result


def test_places_are_bytes_not_characters() -> None:
    document = note()
    start = document.data.index(b"ana@")
    result = outcome(document, Finding("EMAIL", start, start + 11))
    assert result.recall["EMAIL"].typed == 1
    assert result.recall["PHONE"].found == 0
    assert result.precision["EMAIL"].exact == 1
    assert [miss.label.type for miss in result.misses] == ["PHONE"]


def test_a_finding_that_touches_nothing_is_an_alarm() -> None:
    result = outcome(note(), Finding("IP", 0, 5))
    assert (result.precision["IP"].findings, result.precision["IP"].true) == (1, 0)
    assert [alarm.finding.type for alarm in result.alarms] == ["IP"]


def test_what_is_optional_is_neither_missed_nor_wrong() -> None:
    document = note()
    start = document.data.index(b"Ana")
    result = outcome(document, Finding("PERSON", start, start + 8))
    assert "PERSON" not in result.recall
    assert result.precision["PERSON"].true == 1
    assert not result.alarms


def test_another_name_is_found_but_not_typed() -> None:
    document = note()
    start = document.data.index(b"+48")
    result = outcome(document, Finding("US_SSN", start, start + 5))
    phone = result.recall["PHONE"]
    assert (phone.found, phone.typed, phone.cued) == (1, 0, 0)
    assert "US_SSN" in [miss.found_as for miss in result.misses]


def test_a_column_stands_for_as_many_values_as_it_says() -> None:
    result = outcome(sheet(), Finding("EMAIL", line=2, columns=("mail",), values=2))
    assert result.recall["EMAIL"].found == 2
    assert result.recall["IBAN"].found == 0
    assert not result.alarms


def test_a_column_that_stands_for_more_than_was_planted_is_an_alarm_too() -> None:
    result = outcome(sheet(), Finding("EMAIL", line=2, columns=("mail",), values=9))
    assert result.recall["EMAIL"].found == 3
    assert (result.precision["EMAIL"].findings, result.precision["EMAIL"].true) == (2, 1)


def test_a_line_alone_is_given_one_value_of_its_type() -> None:
    found = Finding("PHONE", line=2)
    result = outcome(note(), found, found, found)
    assert result.recall["PHONE"].typed == 1
    assert result.recall["EMAIL"].typed == 0
    assert result.precision["PHONE"].true == 2


def test_the_table_has_a_line_for_each_type() -> None:
    lines = list(table(outcome(sheet(), Finding("EMAIL", columns=("mail",), values=3))))
    assert any("EMAIL" in line and "1.000" in line for line in lines)
    assert any("IBAN" in line and "0.000" in line for line in lines)


def test_names_are_those_of_planted_types() -> None:
    assert set(RIGHT) <= {*PERSONAL, *TOKENS}
    assert right("DB_URL", "URL_PASSWORD")
    assert not right("EMAIL", "PHONE")
    assert {family(kind) for kind in TOKENS} == {"secrets"}
    assert {family(kind) for kind in PERSONAL} == {"structured", "soft"}


def test_the_total_adds_up() -> None:
    result = outcome(sheet(), Finding("EMAIL", columns=("mail",), values=3))
    assert total(result.recall.values()).labels == 6
    assert total(result.recall.values()).found == 3


def test_credential_files_are_counted_by_file_and_by_risk() -> None:
    document = next(iter(leaky.files(1)))
    first = document.labels[0]
    lines = list(leaky_lines(lambda *_: [Finding("X", first.start, first.end)], [document]))
    assert "1 of 1 (100%), risks: 1 of 2 (50%)" in lines[-1]


def test_public_sets_are_read_from_a_folder(tmp_path: Path) -> None:
    span: dict[str, object] = {"entity_type": "EMAIL_ADDRESS", "entity_value": "a@b.io"}
    span |= {"start_position": 5, "end_position": 11}
    other = {"entity_type": "GPE", "entity_value": "at", "start_position": 0, "end_position": 2}
    sample = {"full_text": "at b a@b.io", "spans": [span, other]}
    (tmp_path / "synth_dataset_v2.json").write_text(json.dumps([sample]))
    (tmp_path / "FakeNameGenerator.csv").write_text(
        'EmailAddress,CCNumber,GivenName\na@b.io,5.5E+15,"Ana, B"\n', encoding="utf-8-sig"
    )
    sets = {name: list(documents) for name, documents in independent.load(tmp_path)}
    (sentence,) = sets["synth_dataset_v2.json"]
    assert [(label.type, label.optional) for label in sentence.labels] == [
        ("GPE", True),
        ("EMAIL", False),
    ]
    (people,) = sets["FakeNameGenerator.csv"]
    assert [(label.type, label.value) for label in people.labels] == [
        ("EMAIL", "a@b.io"),
        ("PERSON", "Ana, B"),
    ]


@pytest.mark.parametrize(("lines", "found"), [((1, 1), 1), ((1, 2), 2), ((1, 2, 3), 2)])
def test_leaky_repo_counts_lines_up_to_its_risks(
    tmp_path: Path, lines: tuple[int, ...], found: int
) -> None:
    (tmp_path / ".leaky-meta").mkdir()
    (tmp_path / ".leaky-meta" / "secrets.csv").write_text("# name,risk,other\na.txt,2,0\n")
    (tmp_path / "a.txt").write_text("x\ny\nz\n")
    told = [Finding("X", line=line) for line in lines]
    report = list(independent.leaky_repo(tmp_path, lambda *_: told))
    assert f"risk lines {found} of 2" in report[-1]
