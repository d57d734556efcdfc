"""``sentinel deps``: the scanner restricted to lists of packages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sentinel.cli import main
from sentinel.cli.deps import UNCHECKED


@pytest.fixture(autouse=True)
def _no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def deps(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main(["deps", "--no-config", *map(str, arguments)])
    said = capsys.readouterr()
    return code, said.out, said.err


def found(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, set[str]]:
    _, out, _ = deps(capsys, *arguments, "-f", "json")
    report = json.loads(out)
    told: dict[str, set[str]] = {Path(one["path"]).name: set() for one in report["files"]}
    for finding in report["findings"]:
        told[Path(finding["path"]).name].add(finding["rule"])
    return told


def test_a_source_tree_is_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "requirements.txt").write_text("x @ git+https://h.invalid/x\n")
    code = "from setuptools import setup\nsetup(setup_requires=['a'])\n"
    (tmp_path / "setup.py").write_text(code)
    (tmp_path / "model.pkl").write_bytes(b"cos\nsystem\n(S'echo inert'\ntR.")
    assert found(capsys, tmp_path).keys() == {"requirements.txt", "setup.py"}


@pytest.mark.parametrize("quiet", [(), ("-q",)])
def test_it_says_that_vulnerabilities_were_not_looked_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], quiet: tuple[str, ...]
) -> None:
    (tmp_path / "requirements.txt").write_text("x==1\n")
    code, _, err = deps(capsys, tmp_path, *quiet)
    assert code == 0
    assert err.count(UNCHECKED) == 1
    _, out, _ = deps(capsys, tmp_path, "-f", "json")
    assert UNCHECKED in json.loads(out)["notices"]


def test_exit_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "requirements.txt"
    for text, arguments, code in [
        ("x==1\n", (), 0), ("--extra-index-url https://h.invalid/s\n", (), 0),
        ("--extra-index-url https://h.invalid/s\n", ("--fail-on", "medium"), 1),
        ("x == == 1\n", (), 3), ("-r none.txt\n", (), 3),
    ]:  # fmt: skip
        path.write_text(text)
        assert deps(capsys, path, *arguments)[0] == code, text
    assert deps(capsys, tmp_path / "none")[0] == 2
    assert deps(capsys)[0] == 2


def test_a_list_that_another_includes_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "requirements"
    folder.mkdir()
    (tmp_path / "requirements.txt").write_text("--pre\n-r requirements/base.txt\n-r other.txt\n")
    (tmp_path / "other.txt").write_text("--no-binary :all:\nz==1\n")
    (folder / "base.txt").write_text("a==1\n--trusted-host h.invalid\n")
    (folder / "dev.txt").write_text("-r base.txt\n-r ../requirements.txt\nb==1\n")
    assert found(capsys, tmp_path) == {
        "requirements.txt": {"SNT1815", "SNT1819"},
        "base.txt": {"SNT1803", "SNT1806"},
        "dev.txt": {"SNT1803"},
    }
    assert deps(capsys, tmp_path)[0] == 0
    assert deps(capsys, folder)[0] == 3  # what is above it was not looked at


def test_code_that_a_configuration_fetches(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = '{"model_type": "x", "auto_map": {"AutoModel": "someone/else--modeling_x.XModel"}}'
    (tmp_path / "config.json").write_text(text)
    assert "SNT1419" in found(capsys, tmp_path)["config.json"]


def test_several_processes_say_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(6):
        (tmp_path / f"requirements-{number}.txt").write_text("--pre\n")
    assert found(capsys, tmp_path, "--jobs", "2") == found(capsys, tmp_path, "--jobs", "1")
