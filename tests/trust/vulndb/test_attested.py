"""``sentinel attest --vulns``: what a dated database says of a model's packages, signed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sentinel.errors import TrustError, UsageError
from sentinel.trust import statement
from sentinel.trust.attest import packages, store, uris, vulns
from sentinel.trust.manifest import FileDigest, Manifest
from tests.cli.run import Cli, Done
from tests.trust.advisory_kit import NOW, advisory, database, ghsa, zipped
from tests.trust.attest_kit import Desk, private_file
from tests.trust.attest_schemas import TIME, thing
from tests.trust.attest_schemas import statement as statement_schema

SCHEMA = statement_schema(
    uris.VULNS,  # https://github.com/in-toto/attestation/blob/main/spec/predicates/vulns_02.md
    thing(
        ["scanner", "metadata"],
        scanner=thing(
            ["uri", "db", "result"],
            uri={"type": "string", "format": "uri"},
            version={"type": "string"},
            db=thing(
                ["lastUpdate"], uri={"type": "string"}, version={"type": "string"}, lastUpdate=TIME
            ),
            result={
                "type": "array",
                "items": thing(
                    ["id", "severity"],
                    id={"type": "string", "minLength": 1},
                    severity={
                        "type": "array",
                        "items": thing(
                            ["method", "score"],
                            method={"type": "string"},
                            score={"type": "string"},
                        ),
                    },
                    annotations={"type": "array", "items": {"type": "object"}},
                ),
            },
        ),
        metadata=thing(
            ["scanStartedOn", "scanFinishedOn"], scanStartedOn=TIME, scanFinishedOn=TIME
        ),
        sentinel_deps=thing(
            ["compared", "notCompared"],
            compared={"type": "integer"},
            notCompared={"type": "array", "items": {"type": "string", "minLength": 1}},
        ),
    ),
)
LISTED = "torch==2.5.1\nkeras==3.9\nnumpy>=2\nx @ https://h.invalid/x-1.0.tar.gz\n"


class Shell:
    """A model with a list of packages, a key, and a command line."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self.desk = Desk(root)
        self.cli = Cli(root, capsys)
        self.key = str(private_file(root / "prod.pem", self.desk.key))
        (self.desk.model / "requirements.txt").write_text(LISTED)

    def imported(self, modified: datetime) -> None:
        one = ghsa(advisory(severity=[{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N"}]), "CRITICAL")
        zipped(self.root / "all.zip", [{**one, "modified": modified.isoformat()}])
        assert self.cli("vulndb", "import", str(self.root / "all.zip"), "-q").code == 0

    def attest(self, *arguments: str) -> Done:
        return self.cli("attest", str(self.desk.model), "--key", self.key, *arguments)

    def said(self) -> dict[str, Any]:
        kept = store.read(self.desk.model)
        found = [statement.parse(one.bundle.envelope.payload) for one in kept]
        (one,) = [item for item in found if item.predicate_type == uris.VULNS]
        whole: dict[str, Any] = json.loads(one.to_bytes())
        return whole


@pytest.fixture
def shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shell:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return Shell(tmp_path, capsys)


def test_what_is_known_is_attested_with_its_date(shell: Shell) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    shell.imported(now)
    done = shell.attest("--vulns")
    assert (done.code, done.err) == (0, "")
    assert f"known vulnerabilities as of {now:%Y-%m-%d}: 1 (2 packages compared, 2 not)" in done.out
    said = shell.said()
    jsonschema.validate(said, SCHEMA, format_checker=jsonschema.FormatChecker())
    predicate = said["predicate"]
    assert predicate["scanner"]["result"] == [
        {
            "id": "PYSEC-2026-1",
            "severity": [{"method": "CVSS_V3", "score": "CVSS:3.1/AV:N"}],
            "annotations": [{"package": "torch 2.5.1"}],
        }
    ]
    assert predicate["scanner"]["db"]["uri"] == "all.zip"
    assert predicate["scanner"]["db"]["version"].startswith("sha256:")
    assert predicate[vulns.EXTENSION] == {
        "compared": 2, "notCompared": ["numpy>=2", "x @ https://h.invalid/x-1.0.tar.gz"],
    }  # fmt: skip


def test_without_a_database_nothing_is_attested(shell: Shell) -> None:
    done = shell.attest("--vulns")
    assert (done.code, done.out) == (2, "")
    assert "nothing can be said of them" in done.err
    assert not (shell.desk.model / ".sentinel").exists()


def test_an_old_database_is_warned_of(shell: Shell) -> None:
    shell.imported(datetime.now(UTC) - timedelta(days=40))
    done = shell.attest("--vulns")
    assert done.code == 0
    assert "older than 30 days" in done.err


def test_lists_beside_the_model(shell: Shell) -> None:
    shell.imported(datetime.now(UTC))
    (shell.desk.model / "requirements.txt").unlink()
    done = shell.attest("--vulns")
    assert done.code == 2
    assert "--requirements FILE" in done.err
    (shell.root / "other.txt").write_text("torch==2.5.0\n")
    assert shell.attest("--vulns", "--requirements", "other.txt").code == 0
    (one,) = shell.said()["predicate"]["scanner"]["result"]
    assert one["annotations"] == [{"package": "torch 2.5.0"}]


def test_options_that_go_with_nothing(shell: Shell) -> None:
    shell.imported(datetime.now(UTC))
    assert shell.attest("--scan", "--database", "x.db").code == 2
    assert shell.attest("--scan", "--requirements", "x.txt").code == 2
    assert shell.attest("--vulns", "--database", "x.db").code == 2


def test_a_list_that_is_not_read_whole_is_not_attested(tmp_path: Path) -> None:
    known = database(tmp_path, advisory())
    place = tmp_path / "requirements.txt"
    place.write_text("torch==2.5.1\nx == == 1\n")
    with pytest.raises(TrustError) as caught:
        packages.compare(tmp_path, Manifest(()), known, [str(place)], NOW)
    assert caught.value.reason == "unreadable"


def test_a_list_that_changed_is_not_attested(tmp_path: Path) -> None:
    known = database(tmp_path, advisory())
    (tmp_path / "requirements.txt").write_text("torch==2.5.1\n")
    manifest = Manifest((FileDigest("requirements.txt", "0" * 64, 13),))
    with pytest.raises(TrustError) as caught:
        packages.compare(tmp_path, manifest, known, (), NOW)
    assert caught.value.reason == "file-changed"


def test_there_is_no_predicate_without_a_dated_source(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        vulns.predicate([], started=NOW, finished=NOW)  # type: ignore[call-arg]
    with pytest.raises(UsageError):
        packages.compare(tmp_path, Manifest(()), database(tmp_path, advisory()), (), NOW)


def test_what_cannot_be_compared_is_named(tmp_path: Path) -> None:
    known = database(tmp_path, advisory())
    place = tmp_path / "requirements.txt"
    place.write_text("torch===0.2.0-n653\ntorch===0.2.0-n653\n")
    made = packages.compare(tmp_path, Manifest(()), known, [str(place)], NOW)
    assert made[vulns.EXTENSION] == {
        "compared": 1, "notCompared": ["torch 0.2.0-n653: PYSEC-2026-1"],
    }  # fmt: skip
