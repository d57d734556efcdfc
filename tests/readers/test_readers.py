"""Readers: the same bytes whichever way they are asked for, and honest errors."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.errors import ReadError
from sentinel.readers import MemoryReader, SubRangeReader, open_file

DATA = bytes(range(256)) * 20


@given(offset=st.integers(-10, 6000), length=st.integers(-10, 6000))
def test_memory_and_windows_agree_with_slices(offset: int, length: int) -> None:
    expected = DATA[offset : offset + length] if offset >= 0 and length > 0 else b""
    assert MemoryReader(DATA).pread(offset, length) == expected
    window = SubRangeReader(MemoryReader(b"xx" + DATA + b"yy"), 2, len(DATA))
    assert window.pread(offset, length) == expected


@given(start=st.integers(-5, 6000), length=st.integers(-5, 10_000))
def test_a_window_never_reaches_past_its_parent(start: int, length: int) -> None:
    window = SubRangeReader(MemoryReader(DATA), start, length)
    assert 0 <= window.size <= max(0, len(DATA) - max(start, 0))
    assert window.pread(0, 1 << 30) == (window.view() or b"")


def test_a_file_is_read_by_range_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(DATA)
    with open_file(path) as reader:
        assert reader.size == len(DATA)
        assert reader.pread(100, 10) == DATA[100:110]
        assert (reader.stats.requests, reader.stats.bytes_read) == (1, 10)
        assert SubRangeReader(reader, 5, 10).view() == DATA[5:15]
        assert not reader.changed()


def test_a_file_that_shrinks_is_an_error_and_not_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(DATA)
    with open_file(path) as reader:
        os.truncate(path, 10)
        with pytest.raises(ReadError, match="shrank"):
            reader.pread(0, 100)
        assert reader.changed()


def test_a_large_file_is_never_taken_whole(tmp_path: Path) -> None:
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(65 << 20)
    with open_file(path) as reader:
        assert reader.view() is None


def test_what_is_no_file_says_so(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, reason in (
        ("missing", "No such file"),
        ("pipe", "not a regular file"),
        (".", "regular file|directory"),
    ):
        with pytest.raises(ReadError, match=reason):
            open_file(tmp_path / name)
    with pytest.raises(ReadError):
        open_file("nul\0byte")
