"""``sentinel dataset``: exit codes, options, and what people read."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path

import pytest

from sentinel.cli import main
from tests.datasets.pairs import labelled, reviews, table
from tests.datasets.pictures import ELF, picture


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


def test_more_processes_say_the_same(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """Digests of rows are compared across processes, and near-duplicates too."""
    rows, folder = reviews(300), tmp_path / "data"
    changed = [(text.replace(text.split()[3], "sundry"), label) for text, label in rows[:20]]
    parts = {
        "train-1.csv": labelled(rows[:200]),
        "train-2.csv": labelled(rows[200:280]).replace(b"text,", b"body,"),
        "test.csv": labelled([*rows[280:], *rows[30:40], *changed]),
        "a/x.png": picture("png"),
        "b/y.png": picture("png"),
    }
    for name, data in parts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)

    def told(jobs: str) -> tuple[int, list[dict[str, object]], object, str]:
        code, out, error = run("data", "-f", "json", "--jobs", jobs)
        found = json.loads(out)
        return code, found["findings"], found.get("files"), error

    one = told("1")
    rules = {item["rule"] for item in one[1]}
    assert {"SNT2021", "SNT2025", "SNT2026", "SNT2027"} <= rules
    assert told("2") == one
    assert told("3") == one


def test_one_file_in_more_processes(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_bytes(table())
    code, out, _ = run("data", "--jobs", "4")
    assert (code, "1 file scanned: no findings." in out) == (0, True)


def test_processes_with_keys_of_their_own_are_not_compared(  # type: ignore[no-untyped-def]
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sentinel.datasets.spool.one_key", nullcontext)
    monkeypatch.delenv("PYTHONHASHSEED", raising=False)
    (tmp_path / "data").mkdir()
    for number in range(12):
        (tmp_path / "data" / f"train-{number}.csv").write_bytes(labelled(reviews(300, number)))
    code, out, _ = run("data", "--jobs", "2")
    assert code == 3
    assert "were not compared with each other" in out
