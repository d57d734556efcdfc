"""Paths that do not exist and options that are misspelt: what to do is said, not only that."""

from __future__ import annotations

import pytest

from tests.cli.run import Cli
from tests.cli.stub import CLEAN


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("-", "save it to a file"),
        ("https://hub.example/org/model", "nothing is fetched: download it"),
        ("hf://org/model", "nothing is fetched: download it"),
        ("s3://bucket/model.pt", "nothing is fetched: download it"),
        ("~somebody/model.pt", "write the path in full"),
        ("models/*.pkl", "no file fits"),
    ],
)
def test_a_path_that_reads_like_something_else(cli: Cli, path: str, hint: str) -> None:
    for command in (("scan", path), ("pii", "scan", path), ("explain", path)):
        done = cli(*command)
        assert (done.code, done.out) == (2, "")
        assert f"{path!r} does not exist" in done.err
        assert hint in done.err


def test_a_file_that_is_named_so_is_scanned(cli: Cli) -> None:
    cli.write("[1]*.pkl", CLEAN)
    cli.write("-", CLEAN)
    assert cli("scan", "[1]*.pkl").code == 0
    assert cli("scan", "--", "-").code == 0


def test_an_ordinary_path_that_does_not_exist_has_no_hint(cli: Cli) -> None:
    assert cli("scan", "nowhere.pkl").err == "sentinel: 'nowhere.pkl' does not exist\n"


def test_a_misspelt_option(cli: Cli) -> None:
    assert "did you mean --fail-on?" in cli("scan", "--fial-on=high", ".").err
    assert "did you mean --exclude?" in cli("scan", ".", "--exlude", "x").err
    assert "did you mean -f sarif?" in cli("scan", ".", "--sarif").err
    for unlike in ("--qqq", "--cache", "--version"):
        assert "see sentinel scan --help" in cli("scan", ".", unlike).err
    assert cli("scan", ".", "--qqq").code == 2
