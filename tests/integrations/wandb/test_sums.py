"""Lists of SHA-256 in the format of ``sha256sum``."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

pytest.importorskip("hypothesis")

from hypothesis import given
from hypothesis import strategies as st

from sentinel.errors import ParseError
from sentinel.integrations.wandb import sums

DIGESTS = st.text("0123456789abcdef", min_size=64, max_size=64)
NAMES = st.text(min_size=1).filter(lambda name: "\0" not in name)


@given(st.dictionaries(NAMES, DIGESTS))
def test_a_list_says_what_was_written(digests: dict[str, str]) -> None:
    assert sums.read(sums.written(digests)) == digests


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_a_list_or_refused(data: bytes) -> None:
    try:
        found = sums.read(data)
    except ParseError:
        return
    assert all(len(digest) == 64 for digest in found.values())


@pytest.mark.parametrize(
    "text",
    [f"{'0' * 64}  a\n{'1' * 64}  a\n", f"{'0' * 63}  a\n", f"\\{'0' * 64}  a\\x\n", f"{'0' * 64}"],
)
def test_lists_that_are_ambiguous_or_cut_are_refused(text: str) -> None:
    with pytest.raises(ParseError):
        sums.read(text.encode())


def test_names_are_written_as_sha256sum_writes_them(tmp_path: Path) -> None:
    program = shutil.which("sha256sum")
    if program is None:
        pytest.skip("needs sha256sum")
    names = ["plain", "with space", "back\\slash", "line\nbreak", "#first", "*star"]
    for name in names:
        (tmp_path / name).write_text(name)
    command = [program, "--", *names]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout
    assert sums.read(said) == {name: hashlib.sha256(name.encode()).hexdigest() for name in names}
