"""Lists of packages of any bytes: bounded work, and an answer or an error of ours."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel import scan_bytes
from tests.formats.requirements_kit import SECRET
from tests.fuzz import fuzz_requirements


@pytest.mark.parametrize("size", [1, 20_001])
def test_more_than_is_kept_is_no_clean_answer(size: int) -> None:
    report = scan_bytes(b"x==1\n" * size, "requirements.txt")
    assert bool(report.coverage.gaps) == (size > 1)


def test_a_file_that_is_too_long_is_not_read() -> None:
    report = scan_bytes(b"#" * (5 << 20), "requirements.txt")
    assert [gap.reason for gap in report.coverage.gaps] == ["limit"]


NAMES = ["requirements.txt", "conda.yaml", "pyproject.toml", "setup.cfg", "setup.py",
         "python_env.yaml"]  # fmt: skip


@given(st.text(max_size=60), st.sampled_from(NAMES))
@settings(max_examples=200, deadline=None)
def test_any_text_ends_in_facts_or_our_errors(text: str, name: str) -> None:
    fuzz_requirements.check(text.encode("utf-8", "replace"), name)


def test_ten_thousand_lines_of_nonsense() -> None:
    data = fuzz_requirements.lines(random.Random(11), 10_000)
    report = fuzz_requirements.check(data, "requirements.txt")
    assert report.coverage.gaps
    assert SECRET not in fuzz_requirements.told(report)


@pytest.mark.parametrize("name", ["requirements.txt", "conda.yaml", "pyproject.toml"])
def test_every_beginning_of_a_file(name: str) -> None:
    (data,) = [data for file, data in fuzz_requirements.seeds() if file == name][:1]
    for size in range(1, len(data), 7):
        fuzz_requirements.check(data[:size], name)


@pytest.mark.parametrize(
    "line",
    ["x" * 100_000, "x" + ",==1" * 30_000, "x;" + "(" * 60_000, "[" * 65_000, "x[" + "a," * 30_000,
     "git+" * 16_000, "x @ " + "a" * 60_000, "#" * 65_000, " " * 65_000 + "#", "://@" * 16_000,
     "x=='" * 16_000, "u:@" * 20_000, "\\\n" * 50_000, "--hash=x " * 7_000, "a-" * 32_000],
)  # fmt: skip
def test_long_lines_cost_little(line: str) -> None:
    fuzz_requirements.check(line.encode(), "requirements.txt")


def test_deep_structures_end_in_our_errors() -> None:
    for name, text in {
        "pyproject.toml": "a = " + "[" * 100_000,
        "conda.yaml": "dependencies: " + "[" * 100_000,
        "setup.py": "setup(install_requires=" + "[" * 5_000,
    }.items():
        assert fuzz_requirements.check(text.encode(), name).coverage.gaps, name
