"""The hook: file names are never options, success is quiet, what was not read is told."""

from __future__ import annotations

import os

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
    assert cli.hook("model-scan", "tests/a.pkl") == (0, "", "")


def test_wrong_usage(cli: Cli) -> None:
    cli.write("a.pkl", BAD)
    assert cli.hook("model-scan", "--fial-on=high", "a.pkl").code == 2
    assert cli.hook("model-scan", "nowhere.pkl").code == 2
    assert cli.hook("frobnicate", "a.pkl").code == 2
    done = cli.hook("pii-scan", "a.pkl")
    assert (done.code, done.err) == (2, "sentinel: pii-scan is not available in this version\n")


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
