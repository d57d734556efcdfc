"""The examples: each is what its README says, and none does anything when it is scanned."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from examples.make_examples import EXAMPLES
from sentinel import scan

EXAMPLE_FOLDER = Path(__file__).resolve().parent.parent / "examples"
TABLE = re.findall(
    r"^\| `([^`]+)` \|.*\| (\w+) \|$", (EXAMPLE_FOLDER / "README.md").read_text(), re.M
)


def test_the_readme_lists_every_example() -> None:
    there = {
        path.relative_to(EXAMPLE_FOLDER).as_posix()
        for path in EXAMPLE_FOLDER.glob("*/*")
        if path.parent.name != "__pycache__"
    }
    assert [name for name, _ in TABLE] == list(EXAMPLES)
    assert set(EXAMPLES) == there


@pytest.mark.parametrize(("name", "verdict"), TABLE)
def test_each_example_gets_the_verdict_the_readme_names(name: str, verdict: str) -> None:
    (report,) = scan(str(EXAMPLE_FOLDER / name))
    assert report.verdict == verdict, report.findings or report.coverage.gaps


def test_the_examples_are_small() -> None:
    assert sum(path.stat().st_size for path in EXAMPLE_FOLDER.rglob("*.*")) < 1_000_000
