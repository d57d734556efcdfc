"""The text report, whole: snapshots are made again with ``UPDATE_SNAPSHOTS=1``."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.run import Cli
from tests.cli.stub import BAD, CLEAN, MINOR, OTHER, PARTIAL

SNAPSHOTS = Path(__file__).parent / "snapshots"
HOSTILE = (
    "format pickle\n"
    "finding SNT9901 critical high a\x1b[2J\u202e.pkl 7 exec('''\\n::error file=x::\\n##[group]\\r"
    "\\x1b]0;title\\x07'''\\nimport os\\n# three\\n# four\\n# five\\n# six\\n# seven)\n"
    "finding SNT9901 high low - - " + "y" * 500 + "\n"
    "finding SNT0000 info high - 3 no such rule\n"
)
CASES: dict[str, tuple[dict[str, str], list[str]]] = {
    "nothing": ({"notes.txt": OTHER}, ["."]),
    "clean": ({"a.pkl": CLEAN, "b.pkl": CLEAN, "notes.txt": OTHER}, ["."]),
    "clean-verbose": ({"a.pkl": CLEAN, "notes.txt": OTHER}, [".", "-v"]),
    "finding": ({"m/evil.pkl": BAD, "m/ok.pkl": CLEAN}, ["m"]),
    "finding-quiet": ({"m/evil.pkl": BAD}, ["m", "-q"]),
    "finding-coloured": ({"m/evil.pkl": BAD + MINOR}, ["m", "--color", "always"]),
    "several": ({"m/evil.pkl": BAD + MINOR, "m/lfs.bin": PARTIAL, "z.pkl": MINOR}, ["."]),
    "hidden": ({"a.pkl": BAD + MINOR}, [".", "--min-severity", "high"]),
    "incomplete": ({"a.pkl": PARTIAL}, ["a.pkl"]),
    "hostile": ({"x\n::error::y.pkl": HOSTILE}, ["."]),
    "suppressed": ({"a.pkl": MINOR, "sentinel.toml": "@"}, [".", "--include-suppressed"]),
}
SETTINGS = """\
[[suppress]]
rule = "SNT9902"
path = "a.pkl"
reason = "reviewed"
expires = 2999-01-01

[[suppress]]
rule = "SNT9903"
path = "gone.pkl"
reason = "reviewed"
expires = 2020-01-01
"""


@pytest.mark.parametrize("case", CASES)
def test_snapshot(cli: Cli, case: str) -> None:
    files, arguments = CASES[case]
    for name, content in files.items():
        cli.write(name, SETTINGS if content == "@" else content)
    done = cli("scan", *arguments)
    text = f"{done.out}--- standard error\n{done.err}--- exit code {done.code}\n"
    path = SNAPSHOTS / f"{case}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_every_snapshot_has_a_case() -> None:
    assert {path.stem for path in SNAPSHOTS.glob("*.txt")} == set(CASES)


def test_long_evidence_is_wrapped_and_then_cut(cli: Cli) -> None:
    command = f"os.system('{'a' * 150}','{'b' * 1_000}')"
    cli.write("a.pkl", f"format pickle\nfinding SNT9901 critical high - 36 {command}\n")
    lines = cli("scan", "a.pkl").out.splitlines()
    first = next(index for index, line in enumerate(lines) if "seen" in line)
    shown = "".join(line[12:] for line in lines[first : first + 4])
    assert shown == f"{command[:351]}…"
    assert "where" in lines[first + 4]
    assert max(map(len, lines)) <= 100


def test_long_lists_are_cut_and_shown_on_request(cli: Cli) -> None:
    cli.write("a.pkl", "format pickle\n" + "".join(
        f"finding SNT9902 medium high - {n} call_{n}()\n" for n in range(60)
    ) + "".join(f"gap limit part {n}\n" for n in range(30)))  # fmt: skip
    short, full = cli("scan", "."), cli("scan", ".", "-v")
    assert (short.out.count("SNT9902"), full.out.count("SNT9902")) == (50, 60)
    assert "10 more; -v or -f json shows them" in short.out
    assert (short.out.count("limit: part"), full.out.count("limit: part")) == (20, 30)
    assert "60 medium" in short.out


@pytest.mark.parametrize(
    ("environment", "option", "colored"),
    [
        ({}, [], False),
        ({"FORCE_COLOR": "1"}, [], True),
        ({"FORCE_COLOR": "0"}, [], False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False),
        ({"NO_COLOR": "1"}, ["--color", "always"], True),
        ({"FORCE_COLOR": "1"}, ["--color", "never"], False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, [], True),
    ],
)
def test_when_there_are_colours(
    cli: Cli,
    environment: dict[str, str],
    option: list[str],
    colored: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    cli.write("a.pkl", BAD)
    assert ("\x1b[" in cli("scan", ".", *option).out) is colored
