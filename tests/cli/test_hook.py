"""The hook: file names are never options, success is quiet, what was not read is told."""

from __future__ import annotations

import hashlib
import os
import tomllib
from datetime import date, timedelta
from typing import Any

import pytest

from tests.cli.run import Cli
from tests.cli.stub import BAD, CLEAN, MINOR, OTHER, PARTIAL

HOOKS = ["model-scan", "pickle-check"]


@pytest.mark.parametrize("hook", HOOKS)
def test_quiet_on_success(cli: Cli, hook: str) -> None:
    cli.write("a.pkl", CLEAN)
    cli.write("sentinel.toml", "jobs = 1\n")
    assert cli.hook(hook, "a.pkl") == (0, "", "")
    assert cli.hook(hook) == (0, "", "")


@pytest.mark.parametrize("hook", HOOKS)
def test_a_block_for_each_finding(cli: Cli, hook: str) -> None:
    cli.write("a.pkl", BAD)
    cli.write("b.pkl", CLEAN)
    done = cli.hook(hook, "a.pkl", "b.pkl")
    assert done.code == 1
    assert "a.pkl" in done.out
    assert "SNT9901 stub-call" in done.out
    assert "b.pkl" not in done.out


def test_what_was_not_read_is_told_and_passes_unless_it_must_be_complete(cli: Cli) -> None:
    cli.write("a.pkl", PARTIAL)
    done = cli.hook("model-scan", "a.pkl")
    assert done.code == 0
    assert "a.pkl: truncated: the file breaks off" in done.out
    assert cli.hook("model-scan", "--require-complete", "a.pkl").code == 3
    cli.write("sentinel.toml", "require-complete = true\n")
    assert cli.hook("model-scan", "a.pkl").code == 3


def test_a_file_that_is_no_model_is_passed_over(cli: Cli) -> None:
    cli.write("config.json", OTHER)
    assert cli.hook("model-scan", "--require-complete", "config.json") == (0, "", "")


@pytest.mark.parametrize(
    "name",
    [
        "--config=evil.pkl",
        "--fail-on=never.pkl",
        "--fail-on",
        "-o.pkl",
        "-q",
        "--help",
        "--",
        "@x.pkl",
        "a\nb.pkl",
        "\udcff.pkl",
        " .pkl",
        "\x1b[31m\u202e.pkl",
    ],
)
def test_a_name_that_looks_like_an_option_is_a_file(cli: Cli, name: str) -> None:
    (cli.root / name).write_text(BAD)
    done = cli.hook("model-scan", name)
    assert done.code == 1
    assert "SNT9901" in done.out
    assert all(line.isprintable() for line in done.out.splitlines())
    assert "Traceback" not in done.err


def test_an_option_keeps_its_value_whatever_files_there_are(cli: Cli) -> None:
    (cli.root / "never").write_text(BAD)
    (cli.root / "a.pkl").write_text(BAD)
    assert cli.hook("model-scan", "--fail-on", "never", "a.pkl").code == 0
    assert cli.hook("model-scan", "--fail-on=never", "a.pkl", "never").code == 0


def test_before_two_dashes_there_are_options_only(cli: Cli) -> None:
    (cli.root / "--fail-on=medium").write_text(CLEAN)
    cli.write("a.pkl", MINOR)
    assert cli.hook("model-scan", "--fail-on=medium", "a.pkl").code == 0
    assert cli.hook("model-scan", "--fail-on=medium", "--", "a.pkl").code == 1


def test_what_settings_leave_out_is_left_out_for_named_files_too(cli: Cli) -> None:
    cli.write("tests/a.pkl", BAD)
    cli.write("sentinel.toml", 'exclude = ["tests/"]\n')
    told = "1 file not scanned: left out by `exclude` in sentinel.toml.\n"
    assert cli.hook("model-scan", "tests/a.pkl") == (0, told, "")
    cli.write("b.pkl", CLEAN)
    assert cli.hook("model-scan", "b.pkl") == (0, "", "")


@pytest.mark.parametrize("words", ["fail-on = 'never'", "fail-on = 'critical'"])
def test_why_it_passes_with_findings_is_told(cli: Cli, words: str) -> None:
    cli.write("a.pkl", MINOR)
    cli.write("sentinel.toml", f"{words}\n")
    done = cli.hook("model-scan", "a.pkl")
    assert done.code == 0
    level = words.split("'")[1]
    assert done.out.splitlines()[-1].startswith("Passed: ")
    assert level in done.out.splitlines()[-1]


def test_why_it_fails_for_what_was_not_read_is_told(cli: Cli) -> None:
    cli.write("a.pkl", PARTIAL)
    done = cli.hook("model-scan", "--require-complete", "a.pkl")
    assert done.code == 3
    assert done.out.endswith(
        "Failed: not all was examined, and --require-complete was asked for.\n"
    )


def accepted(cli: Cli, *names: str) -> dict[str, Any]:
    """Return the entries that a failed hook prints, as TOML reads them."""
    out = cli.hook("model-scan", *names).out
    start = out.index("[[")
    return tomllib.loads(out[start:].partition("\n... and")[0])


def test_the_ways_forward_are_printed_when_it_fails(cli: Cli) -> None:
    content = cli.write("models/a.pkl", BAD).read_bytes()
    out = cli.hook("model-scan", "models/a.pkl").out
    assert "Two ways forward:\n" in out
    assert "add this to sentinel.toml, give a reason" in out
    assert accepted(cli, "models/a.pkl") == {
        "suppress": [
            {
                "rule": "SNT9901",
                "path": "models/a.pkl",
                "sha256": hashlib.sha256(content).hexdigest(),
                "reason": "",
                "expires": date.today() + timedelta(days=90),
            }
        ]
    }


def test_only_what_fails_needs_a_way_forward(cli: Cli) -> None:
    cli.write("a.pkl", MINOR)
    done = cli.hook("model-scan", "a.pkl")
    assert (done.code, "suppress" in done.out) == (0, False)
    cli.write("b.pkl", BAD + MINOR)
    (entry,) = accepted(cli, "a.pkl", "b.pkl")["suppress"]
    assert (entry["path"], entry["rule"]) == ("b.pkl", "SNT9901")


def test_many_files_are_not_listed_one_by_one(cli: Cli) -> None:
    names = [f"{number}.pkl" for number in range(13)]
    for name in names:
        cli.write(name, BAD)
    out = cli.hook("model-scan", *names).out
    assert out.count("[[suppress]]") == 10
    assert "an entry like these for 3 more" in out


@pytest.mark.parametrize(
    "name", ["--x.pkl", 'a"b\\c.pkl', "a\nb.pkl", "\x1b[1m.pkl", "x ::y##z.pkl", "*?.pkl"]
)
def test_an_entry_works_for_any_name(cli: Cli, name: str) -> None:
    cli.write(name, BAD)
    out = cli.hook("model-scan", name).out
    assert all(line.isprintable() for line in out.splitlines())
    assert "::" not in out
    assert "##" not in out
    entry = out[out.index("[[") :].replace('reason = ""', 'reason = "a test"')
    cli.write("sentinel.toml", entry)
    done = cli.hook("model-scan", name)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("1 finding accepted, in ")
    assert done.out.count("\n") == 1


def test_an_entry_cannot_be_written_for_a_name_that_is_not_text(cli: Cli) -> None:
    (cli.root / "\udcff.pkl").write_text(BAD)
    assert "# \\xff.pkl: a name that is not UTF-8" in cli.hook("model-scan", "\udcff.pkl").out


def test_an_entry_fits_the_settings_file_there_is(cli: Cli) -> None:
    cli.write("models/a.pkl", BAD)
    cli.write("pyproject.toml", "[tool.sentinel]\n")
    (entry,) = accepted(cli, "models/a.pkl")["tool"]["sentinel"]["suppress"]
    assert entry["path"] == "models/a.pkl"
    cli.write("accepted/list.toml", "")
    out = cli.hook("model-scan", "--suppressions", "accepted/list.toml", "models/a.pkl").out
    assert "add this to accepted/list.toml" in out
    assert 'path = "../models/a.pkl"' in out


def test_why_a_suppression_does_not_hold_is_told_when_it_fails(cli: Cli) -> None:
    cli.write("a.pkl", BAD)
    entry = 'rule = "SNT9901"\npath = "a.pkl"\nreason = "x"\n'
    cli.write(
        "sentinel.toml", f"[[suppress]]\n{entry}sha256 = '{'0' * 64}'\nexpires = 2020-01-01\n"
    )
    done = cli.hook("model-scan", "a.pkl")
    assert done.code == 1
    assert "expired on 2020-01-01" in done.err


def test_a_dvc_pointer_leads_to_its_file(cli: Cli) -> None:
    digest = hashlib.md5(BAD.encode()).hexdigest()
    cli.write("a.pkl.dvc", f"outs:\n- md5: {digest}\n  path: a.pkl\n")
    told = cli.hook("model-scan", "a.pkl.dvc")
    assert told.code == 0
    assert "a.pkl.dvc line 2: pointer: not scanned: DVC pointer; 'a.pkl' is not here" in told.out
    assert cli.hook("model-scan", "--require-complete", "a.pkl.dvc").code == 3

    cli.write("a.pkl", BAD)
    assert cli.hook("model-scan", "a.pkl.dvc").code == 1
    cli.write("sentinel.toml", 'exclude = ["a.pkl"]\n')
    done = cli.hook("model-scan", "a.pkl.dvc")
    assert (done.code, done.out.count("\n")) == (0, 1)


def test_wrong_usage(cli: Cli) -> None:
    cli.write("a.pkl", BAD)
    assert cli.hook("model-scan", "--fial-on=high", "a.pkl").code == 2
    assert cli.hook("model-scan", "nowhere.pkl").code == 2
    assert cli.hook("frobnicate", "a.pkl").code == 2


def test_help(cli: Cli) -> None:
    assert "model-scan" in cli.hook("--help").out
    assert "--fail-on" in cli.hook("model-scan", "--help").out
    assert cli.hook().code == 0


def test_verbose_lists_what_was_scanned(cli: Cli) -> None:
    cli.write("a.pkl", CLEAN)
    assert "a.pkl · clean" in cli.hook("model-scan", "-v", "a.pkl").out


def test_two_thousand_files_in_one_call(cli: Cli) -> None:
    names = [f"m/{number}.pkl" for number in range(2_000)]
    (cli.root / "m").mkdir()
    for name in names:
        descriptor = os.open(cli.root / name, os.O_WRONLY | os.O_CREAT)
        os.write(descriptor, CLEAN.encode())
        os.close(descriptor)
    assert cli.hook("model-scan", *names) == (0, "", "")
