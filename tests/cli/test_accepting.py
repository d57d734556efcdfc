"""Suppressions and baselines: what they accept, and what comes back when a file changes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.cli.run import Cli
from tests.cli.stub import BAD, CLEAN, MINOR, PARTIAL


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def suppress(cli: Cli, name: str = "sentinel.toml", **keys: str) -> Path:
    """Add an entry to a settings file; ``expires`` far away unless said otherwise."""
    keys = {"reason": "reviewed", "expires": "2999-01-01", **keys}
    lines = [f"{key} = {json.dumps(value)}" for key, value in keys.items()]
    path = cli.root / name
    before = path.read_text() if path.exists() else ""
    return cli.write(name, before + "[[suppress]]\n" + "\n".join(lines) + "\n")


def test_a_finding_is_accepted_for_the_file_that_was_reviewed(cli: Cli) -> None:
    path = cli.write("m/a.pkl", BAD)
    suppress(cli, rule="SNT9901", path="m/a.pkl", sha256=digest(path))
    done = cli("scan", "m", "-f", "json")
    document = json.loads(done.out)
    assert (done.code, document["verdict"]) == (0, "clean")
    assert document["counts"]["suppressed"] == 1
    assert document["counts"]["findings"]["critical"] == 0
    (finding,) = document["findings"]
    assert (finding["suppressed"], finding["sha256"]) == ("reviewed", digest(path))
    assert "1 suppressed" in cli("scan", "m").out


def test_another_file_under_the_same_name_is_reported(cli: Cli) -> None:
    path = cli.write("m/a.pkl", BAD)
    suppress(cli, rule="SNT9901", path="m/a.pkl", sha256=digest(path))
    cli.write("m/a.pkl", BAD + "\n")
    done = cli("scan", "m")
    assert done.code == 1
    assert "does not apply: the file is not the one that was reviewed" in done.err


def test_an_expired_suppression_accepts_nothing_and_says_so(cli: Cli) -> None:
    path = cli.write("a.pkl", BAD)
    suppress(cli, rule="SNT9901", path="a.pkl", sha256=digest(path), expires="2020-02-29")
    done = cli("scan", ".")
    assert done.code == 1
    assert "suppress entry 1 (SNT9901 in a.pkl) expired on 2020-02-29" in done.err


def test_a_grave_rule_needs_a_digest(cli: Cli) -> None:
    cli.write("a.pkl", BAD)
    suppress(cli, rule="SNT9901", path="a.pkl")
    done = cli("scan", ".")
    assert (done.code, done.out) == (2, "")
    assert "SNT9901 is critical and needs a sha256" in done.err


def test_a_grave_finding_of_a_mild_rule_needs_one_too(cli: Cli) -> None:
    cli.write("a.pkl", BAD.replace("SNT9901", "SNT9902"))
    suppress(cli, rule="SNT9902", path="a.pkl")
    done = cli("scan", ".")
    assert done.code == 1
    assert "does not apply: findings of high severity need a sha256" in done.err


def test_a_rule_that_does_not_exist_is_refused(cli: Cli) -> None:
    suppress(cli, rule="SNT9999", path="a.pkl")
    done = cli("scan", ".")
    assert done.code == 2
    assert "there is no rule SNT9999" in done.err


def test_a_mild_finding_may_be_accepted_by_pattern(cli: Cli) -> None:
    cli.write("m/a.pkl", MINOR)
    cli.write("m/x/b.pkl", MINOR)
    cli.write("n/c.pkl", MINOR)
    suppress(cli, rule="SNT9902", path="m/**")
    document = json.loads(cli("scan", ".", "-f", "json").out)
    accepted = {entry["path"] for entry in document["findings"] if entry["suppressed"]}
    assert accepted == {"m/a.pkl", "m/x/b.pkl"}


def test_a_name_without_a_slash_is_a_file_beside_the_settings(cli: Cli) -> None:
    cli.write("a.pkl", MINOR)
    cli.write("m/a.pkl", MINOR)
    suppress(cli, rule="SNT9902", path="a.pkl")
    document = json.loads(cli("scan", ".", "-f", "json").out)
    assert [entry["path"] for entry in document["findings"] if entry["suppressed"]] == ["a.pkl"]


def test_entries_that_match_nothing_are_mentioned_where_they_could_have(cli: Cli) -> None:
    cli.write("m/a.pkl", CLEAN)
    cli.write("n/b.pkl", MINOR)
    for path in ("m/a.pkl", "n/b.pkl", "gone.pkl"):
        suppress(cli, rule="SNT9902", path=path)
    done = cli("scan", "m")
    assert "entry 1 (SNT9902 in m/a.pkl) matches no finding and can go" in done.err
    assert "n/b.pkl" not in done.err
    assert "entry 3 (SNT9902 in gone.pkl) matches no finding and can go" in done.err


def test_gaps_are_never_accepted(cli: Cli) -> None:
    cli.write("a.pkl", MINOR + PARTIAL)
    suppress(cli, rule="SNT9902", path="a.pkl")
    assert cli("scan", ".").code == 3


def test_a_file_of_suppressions(cli: Cli) -> None:
    cli.write("m/a.pkl", MINOR)
    suppress(cli, "policy/accept.toml", rule="SNT9902", path="../m/a.pkl")
    command = ["scan", ".", "--fail-on", "low", "--suppressions"]
    assert cli(*command, "policy/accept.toml").code == 0
    cli.write("policy/accept.toml", "fail-on = 'never'\n")
    assert cli(*command, "policy/accept.toml").code == 2


def test_settings_inside_what_is_scanned_have_no_effect(cli: Cli) -> None:
    path = cli.write("m/a.pkl", BAD)
    suppress(cli, "m/sentinel.toml", rule="SNT9901", path="a.pkl", sha256=digest(path))
    cli.write("m/pyproject.toml", "[tool.sentinel]\nfail-on = 'never'\n")
    done = cli("scan", "m")
    assert (done.code, done.err) == (1, "")


def test_what_settings_leave_out_is_counted(cli: Cli) -> None:
    cli.write("m/a.pkl", BAD)
    cli.write("tests/b.pkl", BAD)
    cli.write("sentinel.toml", 'exclude = ["tests/", "m/*.pkl"]\n')
    done = cli("scan", ".")
    assert done.code == 0
    assert "2 excluded" in done.out
    assert cli("scan", "m/a.pkl").code == 1, "a named file is always scanned"
    assert cli("scan", ".", "--no-config").code == 1


@pytest.fixture
def known(cli: Cli) -> Cli:
    """A place with a finding on record and the record itself."""
    cli.write("m/a.pkl", BAD)
    done = cli("baseline", "create", "m", "-o", "known.json")
    assert (done.code, done.out) == (0, "")
    assert "1 findings recorded in known.json" in done.err
    return cli


def test_known_findings_do_not_fail_and_new_ones_do(known: Cli) -> None:
    done = known("scan", "m", "--baseline", "known.json", "-f", "json")
    assert done.code == 0
    assert json.loads(done.out)["findings"][0]["suppressed"] == "known since the baseline"
    known.write("m/b.pkl", BAD)
    done = known("scan", "m", "--baseline", "known.json")
    assert done.code == 1
    assert "m/b.pkl" in done.out
    assert "m/a.pkl" not in done.out


def test_a_known_finding_in_a_changed_file_is_new(known: Cli) -> None:
    known.write("m/a.pkl", BAD + "\n")
    done = known("scan", "m", "--baseline", "known.json")
    assert done.code == 1
    assert "1 known findings are back" in done.err


def test_a_baseline_holds_from_any_directory(known: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(known.root / "m")
    for target in (".", "a.pkl", "../m", str(known.root)):
        assert known("scan", target, "--baseline", "../known.json").code == 0


def test_a_report_made_with_a_baseline_is_a_baseline(known: Cli) -> None:
    known("scan", "m", "--baseline", "known.json", "-f", "json", "-o", "again.json")
    assert known("scan", "m", "--baseline", "again.json").code == 0


def test_a_baseline_does_not_outlive_a_suppression(known: Cli) -> None:
    path = known.root / "m/a.pkl"
    suppress(known, rule="SNT9901", path="m/a.pkl", sha256=digest(path))
    known("baseline", "create", "m", "-o", "known.json")
    assert known("scan", "m", "--no-config", "--baseline", "known.json").code == 1


def test_check_compares_and_says_what_is_gone(known: Cli) -> None:
    done = known("baseline", "check", "m", "--baseline", "known.json")
    assert (done.code, done.err) == (0, "")
    known.write("m/a.pkl", CLEAN)
    done = known("baseline", "check", "m", "--baseline", "known.json")
    assert done.code == 0
    assert "1 of 1 known findings were not met and can go" in done.err
    assert known("baseline", "check", "m").code == 2, "the default file is not there"


def test_create_says_that_gaps_are_not_covered(cli: Cli) -> None:
    cli.write("a.pkl", PARTIAL)
    done = cli("baseline", "create", ".")
    assert done.code == 3
    assert "says nothing about what was not examined" in done.err
    assert (cli.root / "sentinel-baseline.json").exists()
    assert cli("baseline", "create", ".", "-f", "sarif").code == 2
    assert cli("baseline", "make", ".").code == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"findings": 3}',
        '{"findings": [3]}',
        '{"findings": [{"fingerprint": "0"}]}',
        '{"findings": [{"fingerprint": "0", "sha256": null}]}',
        "[" * 100_000,
        '{"a": 1' + "0" * 5000 + "}",
    ],
)
def test_what_is_no_baseline_is_refused(cli: Cli, text: str) -> None:
    cli.write("known.json", text)
    cli.write("a.pkl", BAD)
    done = cli("scan", "a.pkl", "--baseline", "known.json")
    assert (done.code, done.out) == (2, "")
    assert "known.json" in done.err
