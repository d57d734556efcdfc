"""What hooks say of entries that no longer hold, and that a lost reader opens no gate.

The scanner and its rules are the real ones.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import sentinel
from tests.cli.run import Cli

GOOD = "(lp0\nI1\na."
BAD = "cos\nsystem\n(S'echo inert'\ntR."
SECRET = "AWS_KEY=AKIA" + "Z7QK3MXP5LWD2RTV\n"


@pytest.fixture
def real(place: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    """The command line over the real scanner."""
    return Cli(place, capsys)


def entry(rule: str, expires: str = "2999-01-01") -> str:
    return (
        f'[[suppress]]\nrule = "{rule}"\npath = "a.pkl"\nreason = "x"\n'
        f'sha256 = "{"0" * 64}"\nexpires = {expires}\n'
    )


def test_an_entry_that_no_longer_holds_is_told_although_the_hook_passes(real: Cli) -> None:
    real.write("a.pkl", GOOD)
    real.write("sentinel.toml", entry("SNT1103", "2020-01-01") + entry("SNT1101"))
    done = real.hook("model-scan", "a.pkl")
    assert (done.code, done.err) == (0, "")
    assert "(SNT1103 in a.pkl) expired on 2020-01-01" in done.out
    assert "(SNT1101 in a.pkl) matches no finding and can go" in done.out


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("SNT1101", ["model-scan", "pickle-check"]),
        ("SNT1430", ["model-scan"]),
        ("SNT1902", ["pii-scan"]),
        ("SNT2014", []),
    ],
)
def test_only_a_hook_that_looks_for_it_calls_an_entry_needless(
    real: Cli, rule: str, told: list[str]
) -> None:
    real.write("a.pkl", GOOD)
    real.write("sentinel.toml", entry(rule))
    hooks = ("model-scan", "pickle-check", "pii-scan")
    assert [hook for hook in hooks if "can go" in real.hook(hook, "a.pkl").out] == told


def test_a_scan_of_models_calls_no_entry_about_personal_data_needless(real: Cli) -> None:
    real.write("a.pkl", GOOD)
    real.write("sentinel.toml", entry("SNT1902"))
    assert "can go" not in real("scan", "a.pkl").err
    assert "can go" in real("scan", "--pii", "a.pkl").err
    real.write("sentinel.toml", entry("SNT1430"))
    assert "can go" in real("scan", "a.pkl").err


@pytest.mark.parametrize("hook", ["model-scan", "pickle-check", "pii-scan"])
def test_a_reader_that_goes_away_opens_no_gate(tmp_path: Path, hook: str) -> None:
    (tmp_path / "a.pkl").write_text(BAD)
    (tmp_path / "a.env").write_text(SECRET)
    read, written = os.pipe()
    os.close(read)
    code = "import sys; from sentinel.cli.hook import run; sys.exit(run())"
    with os.fdopen(written, "wb") as pipe:
        done = subprocess.run(
            [sys.executable, "-c", code, hook, "a.pkl", "a.env"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(Path(sentinel.__file__).parents[1])},
            stdout=pipe,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, b"")
