"""``sentinel dataset``: exit codes, options, and what people read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sentinel.cli import main
from tests.datasets.pairs import labelled, reviews, table
from tests.datasets.pictures import ELF


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["dataset", "scan", *arguments])
        return code, *capsys.readouterr()

    return run


def test_a_clean_table(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "a.csv").write_bytes(table())
    code, out, _ = run("a.csv")
    assert code == 0
    assert "1 file scanned: no findings." in out


def test_a_folder_is_one_dataset(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    rows = reviews(120)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train.csv").write_bytes(labelled(rows[:100]))
    (tmp_path / "data" / "test.csv").write_bytes(labelled(rows[80:]))
    code, out, _ = run("data", "-f", "json")
    found = json.loads(out)
    told = [item["rule"] for item in found["findings"]]
    assert (code, told) == (0, ["SNT2025"])
    assert found["findings"][0]["path"] == "data"
    (tmp_path / "data" / "test.csv").write_bytes(labelled(rows[100:]))
    code, out, _ = run("data")
    assert code == 0
    assert "2 files scanned: no findings." in out


def test_a_program_fails_the_run_and_a_statistic_does_not(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    rows = reviews(300)
    turned = [(text, "x") for text, _ in rows[:100]]
    (tmp_path / "a.csv").write_bytes(labelled([*rows, *turned]))
    code, out, _ = run("a.csv")
    assert code == 0
    assert "SNT2023" in out
    assert run("a.csv", "--fail-on", "medium")[0] == 1
    (tmp_path / "b.csv").write_bytes(ELF)
    assert run("b.csv", "--no-require-complete")[0] == 1


def test_personal_data_can_be_left_out(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "a.csv").write_bytes(table("60,mail jane@acme-corp.com or joe@acme-corp.com,a"))
    assert "SNT1905" in run("a.csv")[1]
    assert "SNT1905" not in run("a.csv", "--no-pii")[1]


def test_a_schema_that_is_code_is_a_wrong_argument(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "a.csv").write_bytes(table())
    code, _, error = run("a.csv", "--schema", "schema.py")
    assert code == 2
    assert "YAML or JSON" in error


def test_what_is_accepted_is_set_aside(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "a.csv").write_bytes(table("60,javascript:alert(1),a"))
    (tmp_path / "sentinel.toml").write_text(
        '[[suppress]]\nrule = "SNT2015"\npath = "a.csv"\nreason = "an example"\n'
        "expires = 2099-01-01\n"
    )
    assert "1 suppressed" in run("a.csv")[1]
