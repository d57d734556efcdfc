"""The exit code depends on what was found and on nothing else: every case in every format."""

from __future__ import annotations

import json
import os

import pytest

from sentinel.reports import REPORTS
from tests.cli.run import Cli
from tests.cli.stub import BAD, CLEAN, CRASH, MINOR, OTHER, PARTIAL

FORMATS = [entry.name for entry in REPORTS]
CASES: dict[str, tuple[dict[str, str], list[str], int]] = {
    "clean": ({"m/a.pkl": CLEAN}, ["m"], 0),
    "finding": ({"m/a.pkl": BAD}, ["m"], 1),
    "below the threshold": ({"m/a.pkl": MINOR}, ["m"], 0),
    "at a lower threshold": ({"m/a.pkl": MINOR}, ["m", "--fail-on", "medium"], 1),
    "never fails": ({"m/a.pkl": BAD}, ["m", "--fail-on", "never"], 0),
    "incomplete": ({"m/a.pkl": PARTIAL}, ["m"], 3),
    "incomplete, allowed": ({"m/a.pkl": PARTIAL}, ["m", "--no-require-complete"], 0),
    "incomplete, never fails": ({"m/a.pkl": PARTIAL}, ["m", "--fail-on", "never"], 3),
    "finding and incomplete": ({"m/a.pkl": BAD, "m/b.pkl": PARTIAL}, ["m"], 1),
    "minor and incomplete": ({"m/a.pkl": MINOR, "m/b.pkl": PARTIAL}, ["m"], 3),
    "no model": ({"m/a.txt": OTHER}, ["m"], 0),
    "no model where one is required": ({"m/a.txt": OTHER}, ["m", "--require-files"], 3),
    "named, but no model": ({"a.txt": OTHER}, ["a.txt"], 3),
    "by the alias": ({"m/a.pkl": BAD}, ["--models", "m"], 1),
    "crash": ({"m/a.pkl": CRASH}, ["m"], 2),
    "finding and crash": ({"m/a.pkl": BAD, "m/b.pkl": CRASH}, ["m"], 2),
}
REFUSED: dict[str, list[str]] = {
    "missing path": ["nowhere"],
    "missing path beside one that is there": ["m", "nowhere"],
    "no path": [],
    "unknown option": ["m", "--fial-on", "high"],
    "abbreviated option": ["m", "--fail", "high"],
    "unknown severity": ["m", "--fail-on", "hgih"],
    "bad number": ["m", "--max-depth", "0"],
    "bad report": ["m", "--report", "sarif"],
    "unknown report": ["m", "--report", "xml=x.xml"],
    "bad settings": ["m", "--config", "bad.toml"],
    "missing settings": ["m", "--config", "none.toml"],
    "missing baseline": ["m", "--baseline", "none.json"],
    "no such directory": ["m", "-o", "nowhere/x.json"],
    "one place for two reports": ["m", "-o", "x", "--report", "json=./x"],
}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("case", CASES)
def test_exit_code(cli: Cli, case: str, format: str) -> None:
    files, arguments, expected = CASES[case]
    for name, content in files.items():
        cli.write(name, content)
    done = cli("scan", *arguments, "-f", format)
    assert done.code == expected, done.err
    if format == "json":
        assert json.loads(done.out)["exit_code"] == expected
    if format == "sarif":
        assert json.loads(done.out)["runs"][0]["invocations"][0]["exitCode"] == expected


@pytest.mark.parametrize("format", FORMATS)
def test_an_empty_directory_is_clean_unless_files_are_required(cli: Cli, format: str) -> None:
    (cli.root / "m").mkdir()
    assert cli("scan", "m", "-f", format).code == 0
    assert cli("scan", "m", "-f", format, "--require-files").code == 3


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_one_line_and_without_a_report(cli: Cli, case: str, format: str) -> None:
    cli.write("m/a.pkl", BAD)
    cli.write("bad.toml", "fial-on = 'high'\n")
    done = cli("scan", *REFUSED[case], "-f", format)
    assert done.code == 2
    assert done.out == ""
    assert done.err.startswith("sentinel: ")
    assert "Traceback" not in done.err
    assert len(done.err.splitlines()) <= 2


@pytest.mark.parametrize("format", FORMATS)
def test_a_crash_of_a_report_is_2_and_one_line(
    cli: Cli, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> object:
        raise ZeroDivisionError("one\ntwo \x1b[31m")

    monkeypatch.setattr(f"sentinel.reports.{format}.render", broken)
    cli.write("m/a.pkl", BAD)
    done = cli("scan", "m", "-f", format)
    assert done.code == 2
    assert "internal error: ZeroDivisionError: one two \\x1b[31m" in done.err
    assert "Traceback" not in done.err
    assert "Traceback" in cli("scan", "m", "-f", format, "-vv").err


def test_a_crash_over_one_file_leaves_the_others_their_results(cli: Cli) -> None:
    cli.write("m/a.pkl", CRASH)
    cli.write("m/b.pkl", BAD)
    done = cli("scan", "m", "-f", "json")
    document = json.loads(done.out)
    assert [entry["path"] for entry in document["findings"]] == ["m/b.pkl"]
    assert [entry["code"] for entry in document["not_scanned"]] == ["internal"]
    assert "Traceback" not in done.err
    assert "stub\\x1b[31m crash" in cli("scan", "m", "-vv").err


@pytest.mark.parametrize("format", FORMATS)
def test_interrupted(cli: Cli, format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr("tests.cli.stub.StubScanner.scan_path", interrupt)
    cli.write("m/a.pkl", CLEAN)
    done = cli("scan", "m", "-f", format)
    assert (done.code, done.out, done.err) == (130, "", "sentinel: interrupted\n")


def test_the_threshold_comes_from_the_environment_unless_an_option_says_otherwise(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.write("a.pkl", MINOR)
    monkeypatch.setenv("SENTINEL_FAIL_ON", "low")
    assert cli("scan", "a.pkl").code == 1
    assert cli("scan", "a.pkl", "--fail-on", "high").code == 0
    monkeypatch.setenv("SENTINEL_FAIL_ON", "sometimes")
    assert cli("scan", "a.pkl").code == 2


@pytest.mark.parametrize(
    ("arguments", "files"),
    [
        (["--", "--fail-on", "-q"], {"--fail-on", "-q"}),
        (["a", "--fail-on", "never", "b"], {"a", "b"}),
        (["a", "--fail-on", "never", "--", "--fail-on"], {"a", "--fail-on"}),
        (["--models", "a", "--fail-on=never", "--models=b", "--", "-q"], {"a", "b", "-q"}),
    ],
)
def test_options_and_paths_may_mix_until_two_dashes(
    cli: Cli, arguments: list[str], files: set[str]
) -> None:
    for name in ("a", "b", "-q", "--fail-on"):
        (cli.root / name).write_text(BAD)
    done = cli("scan", "-f", "json", *arguments)
    assert {entry["path"] for entry in json.loads(done.out)["files"]} == files
    assert done.code == (0 if "never" in arguments or "--fail-on=never" in arguments else 1)


def test_an_error_of_usage_names_what_was_probably_meant(cli: Cli) -> None:
    assert "did you mean high?" in cli("scan", ".", "--fail-on", "hgih").err
    assert "did you mean `sentinel scan`?" in cli("scam", ".").err
    assert cli("scam").code == 2
    assert cli("--frobnicate").code == 2


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_option_that_fails_while_files_are_scanned_is_no_error_of_ours(
    cli: Cli, jobs: str
) -> None:
    for name in ("a.md", "b.md"):
        (cli.root / name).write_text("Mail Jane Doe.\n")
    done = cli("pii", "scan", ".", "--ner", "nothing:there", "--jobs", jobs)
    assert (done.code, done.out) == (2, "")
    assert "--ner 'nothing:there' names no model" in done.err
    assert "internal" not in done.err


@pytest.mark.skipif(os.name == "nt", reason="a folder in use cannot be removed there")
def test_a_working_directory_that_is_gone(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    (cli.root / "gone").mkdir()
    monkeypatch.chdir(cli.root / "gone")
    (cli.root / "gone").rmdir()
    done = cli("scan", str(cli.root))
    assert done.code == 2
    assert done.err.startswith("sentinel: the working directory is gone\n")
