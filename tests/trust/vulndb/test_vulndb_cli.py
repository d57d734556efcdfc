"""``sentinel vulndb`` and what ``sentinel deps`` says of known vulnerabilities."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sentinel.cli.deps import UNCHECKED
from sentinel.trust import extras
from tests.cli.run import Cli, Done
from tests.trust.advisory_kit import advisory, ghsa, span, zipped

FRESH = datetime.now(UTC).replace(microsecond=0).isoformat()
MALWARE = {**advisory("MAL-2026-7", "torchevil", span(("introduced", "0"))), "modified": FRESH}


def fresh(record: dict[str, Any]) -> dict[str, Any]:
    return {**record, "modified": FRESH}


RECORDS = [
    fresh(
        ghsa(advisory("GHSA-aaaa-bbbb-cccc", aliases=["CVE-2026-1"], summary="Runs code"), "HIGH")
    ),
    fresh(advisory("PYSEC-2026-2", "keras", span(("introduced", "3.0"), ("fixed", "3.9.0")))),
    fresh(advisory("PYSEC-2026-3", "oddly", span(("introduced", "0.2.0-n653")))),
    MALWARE,
]


class Shell:
    """A folder with lists, a user's folder for data, and a command line."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self.cli = Cli(root, capsys)
        self.lists = root / "lists"
        self.lists.mkdir()

    def write(self, text: str, name: str = "requirements.txt") -> None:
        (self.lists / name).write_text(text)

    def imported(self, *records: dict[str, Any]) -> Done:
        dump = zipped(self.root / "all.zip", records or RECORDS)
        return self.cli("vulndb", "import", str(dump))

    def deps(self, *arguments: str) -> Done:
        return self.cli("deps", "--no-config", str(self.lists), *arguments)

    def told(self, *arguments: str) -> list[dict[str, Any]]:
        findings = json.loads(self.deps("-f", "json", *arguments).out)["findings"]
        return [one for one in findings if one["rule"] in ("SNT1822", "SNT1823")]


@pytest.fixture
def shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shell:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return Shell(tmp_path, capsys)


def test_import_and_info(shell: Shell) -> None:
    before = shell.cli("vulndb", "info")
    assert (before.code, before.out) == (1, "known vulnerabilities: not checked (no database)\n")
    done = shell.imported()
    assert (done.code, done.err) == (0, "")
    assert "records: 4, about 4 packages of PyPI" in done.out
    assert f"date: {FRESH[:10]}, that of its newest record" in done.out
    after = shell.cli("vulndb", "info")
    assert (after.code, after.out, after.err) == (0, done.out, "")
    assert shell.cli("vulndb", "import", "all.zip", "-q").out == ""


def test_an_old_dump_is_warned_of(shell: Shell) -> None:
    old = (datetime.now(UTC) - timedelta(days=31)).isoformat()
    done = shell.imported({**advisory(), "modified": old})
    assert "older than 30 days" in done.err
    assert "older than 30 days" in shell.cli("vulndb", "info").err
    shell.write("x==1\n")
    assert "older than 30 days: import a newer one" in shell.deps().err


def test_wrong_usage_and_dumps_that_are_none(shell: Shell) -> None:
    for arguments in (("import",), ("info", "all.zip"), ("export", "x"), ("import", "none.zip"),
                      ("import", "lists"), ("info", "--database", "none.db")):  # fmt: skip
        done = shell.cli("vulndb", *arguments)
        assert (done.code, done.out) == (2, ""), arguments
    assert not (shell.root / "data").exists()


def test_deps_tells_what_is_known(shell: Shell) -> None:
    shell.write("torch==2.5.1\nkeras==3.9.0\nnumpy==2.0\n")
    assert UNCHECKED in shell.deps().err
    assert shell.told() == []
    shell.imported()
    done = shell.deps()
    assert done.code == 1
    said = " ".join(done.out.replace("\u2502", "").split())
    assert "torch 2.5.1 is known to be vulnerable: GHSA-aaaa-bbbb-cccc (CVE-2026-1): Runs" in said
    assert f"fixed in 2.6.0 (database of {FRESH[:10]})" in said
    assert f"known vulnerabilities: all.zip, {FRESH[:10]}, 4 records" in done.err
    (one,) = shell.told()
    assert (one["rule"], one["severity"], one["confidence"]) == ("SNT1822", "high", "medium")
    assert one["line"] == 1
    shell.write("torch==2.6.0\nkeras==3.9.0\nnumpy==2.0\n")
    done = shell.deps()
    assert done.code == 0
    assert "vulnerab" not in done.out
    assert "no vulnerabilities" not in done.err


def test_sarif_names_the_rule(shell: Shell) -> None:
    shell.imported()
    shell.write("torch==2.5.1\n")
    run = json.loads(shell.deps("-f", "sarif").out)["runs"][0]
    assert "SNT1822" in {one["ruleId"] for one in run["results"]}
    assert "SNT1822" in {one["id"] for one in run["tool"]["driver"]["rules"]}


def test_malware_is_critical_pinned_or_not(shell: Shell) -> None:
    shell.imported()
    for line in ("torchevil==9.9\n", "torchevil\n"):
        shell.write(line)
        (one,) = shell.told()
        assert (one["rule"], one["severity"], one["confidence"]) == ("SNT1823", "critical", "high")
        assert "malware: MAL-2026-7" in one["message"]
        assert shell.deps().code == 1
    shell.write("torchgood==9.9\n")
    assert shell.told() == []


def test_what_is_not_pinned_is_one_fact(shell: Shell) -> None:
    shell.imported()
    shell.write("torch>=2.0\nkeras>=3.9\nnumpy\nkeras<3.5\n")
    (one,) = shell.told()
    assert (one["rule"], one["severity"]) == ("SNT1822", "info")
    assert one["evidence"] == (
        "torch (GHSA-aaaa-bbbb-cccc, fixed in 2.6.0); keras (PYSEC-2026-2, fixed in 3.9.0)"
    )
    assert shell.deps().code == 0


def test_what_cannot_be_compared_is_said(shell: Shell) -> None:
    shell.imported()
    shell.write("torch===0.2.0-n653\noddly==1.0\n")
    first, second = sorted(shell.told(), key=lambda one: one["line"])
    assert (first["severity"], second["severity"]) == ("info", "info")
    told = "is not comparable with the versions of"
    assert first["message"].startswith(f"torch 0.2.0-n653 {told} GHSA-aaaa-bbbb-cccc (data")
    assert second["message"].startswith(f"oddly 1.0 {told} PYSEC-2026-3 (data")


def test_a_flood_of_advisories_is_told_in_short(shell: Shell) -> None:
    shell.imported(*(fresh(ghsa(advisory(f"GHSA-aaaa-bbbb-{n:04}"), "LOW")) for n in range(60)))
    shell.write("torch==2.5.1\n")
    told = shell.told()
    assert len(told) == 21
    assert "40 more advisories" in told[-1]["message"]
    shell.write("".join(f"torch==2.5.{n}\n" for n in range(40)))
    assert len(shell.told()) == 500 + 40


def test_conda_and_addresses_are_not_compared_but_constraints_are(shell: Shell) -> None:
    shell.imported()
    shell.write("dependencies: [torch=2.5.1, pip: ['keras==3.0']]\n", "conda.yaml")
    shell.write("torch @ https://h.invalid/torch-2.5.1.tar.gz\n")
    assert {one["evidence"] for one in shell.told()} == {"keras==3.0 [PYSEC-2026-2]"}
    shell.write("torch\n-c constraints.txt\n")
    shell.write("torch==2.5.1\n", "constraints.txt")
    told = [one for one in shell.told() if one["severity"] == "high"]
    assert [Path(one["path"]).name for one in told] == ["constraints.txt"]


def test_a_database_of_ones_own_choice(shell: Shell) -> None:
    zipped(shell.root / "all.zip", RECORDS)
    assert shell.cli("vulndb", "import", "all.zip", "--database", "own.db").code == 0
    shell.write("torch==2.5.1\n")
    assert shell.told() == []
    assert len(shell.told("--database", "own.db")) == 1
    assert len(shell.told("--database", "own.db", "--jobs", "2")) == 1
    missing = shell.deps("--database", "none.db")
    assert (missing.code, missing.out) == (2, "")
    assert "none.db" in missing.err
    (shell.root / "own.db").write_bytes(b"SQLite format 3\0")
    damaged = shell.deps("--database", "own.db")
    assert damaged.code == 2
    assert "import it again" in damaged.err


def test_without_packaging_nothing_was_checked(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.imported()
    shell.write("torch==2.5.1\n")
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    done = shell.deps()
    assert done.code == 0
    assert "known vulnerabilities: not checked (packaging is needed" in done.err
    asked = shell.deps("--database", "data/sentinel-mlsecops/vulnerabilities-pypi.db")
    assert asked.code == 2
    assert "sentinel-mlsecops[deps]" in asked.err
