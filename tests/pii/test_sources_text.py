"""Plain text: encodings, line ends, blocks, escapes, and what is no text."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.limits import KIB, MIB
from sentinel.pii.model import Skipped, Text
from sentinel.pii.sources import Sampling
from sentinel.pii.sources.text import OVERLAP, cut, unescape
from sentinel.readers import MemoryReader
from tests.pii.reading import PLANTED, gaps, missing, pieces, texts

LETTER = "Grüße aus Köln\nStraße 5, Müller\nmail: jörg@example.net\n"


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be",
     "latin-1", "cp1252"],
)  # fmt: skip
def test_every_encoding_gives_the_same_text(encoding: str) -> None:
    found = texts(pieces(LETTER.encode(encoding), "letter.txt"))
    assert b"".join(piece.data for piece in found).decode() == LETTER
    assert found[0].line == 1
    assert found[0].prose


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0"])
def test_a_mark_of_a_wide_encoding_hides_no_narrow_text(mark: bytes) -> None:
    assert texts(pieces(mark + LETTER.encode(), ".env"))[0].data.decode() == LETTER
    for text in ("\u4e2d\u6587", "\u6d4b\u8bd5\u6570\u636e" * 9):  # UTF-16 without a zero
        kind = "utf-16-le" if mark[0] == 0xFF else "utf-16-be"
        if len(mark) == 2:
            assert texts(pieces(mark + text.encode(kind), "a.txt"))[0].data.decode() == text


def test_utf_16_of_another_script_without_a_mark_is_text() -> None:
    text = "имя: Иван Петров\r\nпочта: ivan@example.ru\r\n" * 20  # noqa: RUF001
    found = texts(pieces(text.encode("utf-16-le"), "a.log"))
    assert b"".join(piece.data for piece in found).decode() == text


def test_a_wide_text_larger_than_a_block_has_right_lines() -> None:
    text = "".join(f"line {number} é\n" for number in range(1, 100_000))
    found = texts(pieces(text.encode("utf-16"), "a.txt"))
    assert len(found) > 1
    for piece in found:
        assert piece.data.startswith(b"line %d " % piece.line)
    assert b"".join(piece.data for piece in found).decode() == text


def test_broken_utf_8_stays_as_it_is() -> None:
    data = "Köln Äpfel Ärger Öl ".encode() + b"\xff\xfe broken \xc3\n"
    assert texts(pieces(data, "a.txt"))[0].data == data


def test_unassigned_bytes_of_windows_1252_do_no_harm() -> None:
    assert "caf\xe9 \x81\x8d\n" in texts(pieces(b"caf\xe9 \x81\x8d\n", "a"))[0].data.decode()


def test_crlf_is_kept_and_counted_once() -> None:
    found = texts(pieces(b"a\r\nb\r\n" * 300_000, "a.txt"))
    assert len(found) > 1
    assert found[1].line == found[0].data.count(b"\n") + 1


def test_an_empty_file_gives_nothing() -> None:
    assert pieces(b"", "a.txt") == []


@pytest.mark.parametrize("seed", range(20))
def test_a_binary_gives_one_gap_and_no_text(seed: int) -> None:
    data = random.Random(seed).randbytes(5000 + seed)
    found = pieces(data, "thing.bin")
    assert gaps(found) == ["unrecognised"]
    assert len(found) == 1


def test_machine_code_like_bytes_are_no_text() -> None:
    data = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\0>\0\x01\0\0\0printf\0puts\0" * 20
    assert gaps(pieces(data, "lib")) == ["unrecognised"]


def test_a_stray_nul_does_not_hide_a_text() -> None:
    data = b"nothing here\n\0\nmail a@b.example.org\n" * 5
    assert missing(pieces(data, "a.log"), ["a@b.example.org"]) == []


def test_escapes_of_json_are_resolved_and_lines_stay() -> None:
    data = b'{"a":\n "jo\\u0040x.example.org"}\n{"b": "back\\\\u0040slash \\u00e9 \\u000a"}\n'
    text = texts(pieces(data, "a.log"))[0].data
    assert b"jo@x.example.org" in text
    assert b"back\\\\u0040slash" in text
    assert "é \\u000a".encode() in text
    assert text.count(b"\n") == data.count(b"\n")


def test_unescape_leaves_other_text_alone() -> None:
    assert unescape(b"C:\\users\\u00zz \\u1234") == b"C:\\users\\u00zz \\u1234"


def test_a_line_without_end_is_cut_with_an_overlap() -> None:
    data = ("x" * 977 + " " + PLANTED[0] + " ").encode() * 4000
    found = texts(pieces(data, "a.txt"))
    assert len(found) > 2
    for piece in found:
        assert piece.data == data[piece.offset : piece.offset + len(piece.data)]
        assert piece.line == 1
        assert len(piece.data) <= 2 * MIB
    for before, after in pairwise(found):
        assert before.offset + len(before.data) - after.offset in range(OVERLAP - 70, OVERLAP + 71)


class Endless(MemoryReader):
    """A line of a gigabyte that takes no memory."""

    @property
    def size(self) -> int:
        return 1024 * MIB

    def pread(self, offset: int, length: int) -> bytes:
        return b"a" * min(length, max(0, self.size - offset))


def test_a_gigabyte_on_one_line_is_sampled_in_bounded_pieces() -> None:
    sampling = Sampling(over=64 * MIB, head=4 * MIB, windows=4, window=MIB)
    found = pieces(Endless(b""), "a.txt", sampling=sampling)
    assert max(len(piece.data) for piece in texts(found)) <= 2 * MIB
    skipped = found[-1]
    assert isinstance(skipped, Skipped)
    assert skipped.total == 1024 * MIB
    assert 7 * MIB < skipped.read < 10 * MIB


def test_sampling_reads_the_head_and_whole_lines_of_windows() -> None:
    data = b"".join(b"row %07d of the log\n" % number for number in range(200_000))
    sampling = Sampling(over=MIB, head=64 * KIB, windows=8, window=16 * KIB)
    found = pieces(data, "a.log", sampling=sampling)
    windows = [piece for piece in texts(found) if piece.line == 0]
    assert len(windows) == 8
    for piece in windows:
        assert data[piece.offset : piece.offset + len(piece.data)] == piece.data
        assert piece.data.startswith(b"row ")
        assert piece.data.endswith(b"\n")
    assert pieces(data, "a.log", sampling=sampling._replace(full=True)) == pieces(data, "a.log")


def rebuilt(found: list[Text]) -> bytes:
    """Join pieces by their offsets, checking that overlaps agree."""
    data = b""
    for piece in found:
        assert piece.offset <= len(data)
        overlap = data[piece.offset :]
        assert piece.data.startswith(overlap)
        data += piece.data[len(overlap) :]
    return data


@given(st.lists(st.binary(max_size=60).map(lambda raw: raw.translate(None, b"\xff")), max_size=12),
       st.integers(2, 50))  # fmt: skip
def test_cutting_keeps_every_byte_and_the_lines(blocks: list[bytes], size: int) -> None:
    ascii_blocks = [bytes(byte & 0x7F for byte in block) for block in blocks]
    found = list(cut(iter(ascii_blocks), 0, size))
    whole = b"".join(ascii_blocks)
    assert rebuilt(found) == whole
    for piece in found:
        assert piece.line == whole[: piece.offset].count(b"\n") + 1


@given(st.text(max_size=400), st.integers(8, 60))
def test_cutting_never_cuts_a_character(text: str, size: int) -> None:
    data = text.encode("utf-8", "replace")
    blocks = (data[at : at + 7] for at in range(0, len(data), 7))
    for piece in cut(blocks, 0, size):
        piece.data.decode()


@given(st.binary(max_size=3000), st.sampled_from(["a.txt", "a", "a.csv", "a.json", "a.ipynb"]))
def test_no_bytes_break_a_reader(data: bytes, name: str) -> None:
    assert pieces(data, name) or not data.strip()
