"""Readers of pictures: sizes and ends as Pillow has them, and nothing but a report for what is not
a picture.
"""

from __future__ import annotations

import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from sentinel.artifacts import Artifact
from sentinel.datasets.images import kind_of, look
from sentinel.datasets.images.png import text_of
from sentinel.datasets.notes import Notes
from sentinel.datasets.pictures import watch_picture
from sentinel.limits import Budget
from sentinel.readers import MemoryReader
from tests.datasets.pictures import KINDS, moving, picture

FILES = {**{kind: picture(kind) for kind in KINDS}, "moving": moving()}
TITLES = {"png": "PNG", "jpeg": "JPEG", "gif": "GIF", "webp": "WebP", "bmp": "BMP", "wav": "WAV",
          "moving": "GIF"}  # fmt: skip

by_file = pytest.mark.parametrize("name", FILES)


def notes_of(data: bytes) -> list[str]:
    notes = Notes()
    watch_picture(Artifact("a", MemoryReader(data)), Budget(), notes)
    return [note.kind for note in notes.facts().notes]


@by_file
def test_a_real_file_ends_where_it_ends(name: str) -> None:
    data = FILES[name]
    found = look(MemoryReader(data), Budget())
    assert found is not None
    assert (found.kind, found.broken, found.end) == (TITLES[name], "", len(data))
    if name != "wav":
        assert (found.width, found.height) == Image.open(io.BytesIO(data)).size


@by_file
def test_what_is_behind_the_end_is_seen(name: str) -> None:
    data = FILES[name]
    found = look(MemoryReader(data + b"more"), Budget())
    assert found is not None
    assert found.end == len(data)


@pytest.mark.parametrize(
    "options",
    [
        {"format": "png", "interlace": True}, {"format": "jpeg", "progressive": True},
        {"format": "jpeg", "quality": 95, "restart_marker_blocks": 2},
        {"format": "webp", "lossless": True}, {"format": "webp", "exif": b"Exif\0\0MM\0*\0\0\0\10"},
        {"format": "gif", "interlace": 1},
    ],
    ids=str,
)  # fmt: skip
def test_other_ways_of_writing_them(options: dict[str, object]) -> None:
    out = io.BytesIO()
    Image.effect_noise((67, 45), 90).convert("RGB").save(out, **options)  # type: ignore[arg-type]
    found = look(MemoryReader(out.getvalue()), Budget())
    assert found is not None
    assert (found.broken, found.end) == ("", len(out.getvalue()))
    assert (found.width, found.height) == (67, 45)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
def test_bitmaps_of_every_depth(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (13, 7)).save(out, "bmp")
    found = look(MemoryReader(out.getvalue()), Budget())
    assert found is not None
    assert (found.width, found.height, found.broken) == (13, 7, "")
    assert len(out.getvalue()) - found.end in range(4)


def test_pictures_that_follow_where_the_first_says_so() -> None:
    out = io.BytesIO()
    one, two = Image.new("RGB", (9, 9)), Image.new("RGB", (5, 5))
    one.save(out, "mpo", save_all=True, append_images=[two])
    data = out.getvalue()
    assert notes_of(data) == []
    assert notes_of(picture("jpeg") + picture("jpeg")) == ["trailing-picture"]


@by_file
def test_zeros_and_line_ends_behind_the_end_are_nothing(name: str) -> None:
    assert notes_of(FILES[name] + b"\0" * 100 + b"\r\n") == []


def test_a_packed_comment_is_read_to_a_bound() -> None:
    import zlib

    packed = b"Title\0\0" + zlib.compress(b"<?php " + b"A" * 10_000_000)
    text = text_of(b"zTXt", packed)
    assert text.startswith(b"Title\n<?php ")
    assert len(text) < 100_000


@by_file
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), changes=st.integers(1, 30), cut=st.floats(0.05, 1))
def test_damage_is_never_more_than_a_broken_picture(
    name: str, seed: int, changes: int, cut: float
) -> None:
    draw = random.Random(seed)
    data = bytearray(FILES[name][: max(8, int(len(FILES[name]) * cut))])
    for _ in range(changes):
        data[draw.randrange(len(data))] = draw.randrange(256)
    found = look(MemoryReader(bytes(data)), Budget())
    assert found is None or 0 <= found.end <= len(data)
    notes_of(bytes(data))


@settings(max_examples=100, deadline=None)
@given(
    start=st.sampled_from([data[:12] for data in FILES.values()]),
    rest=st.binary(max_size=300),
)
def test_any_bytes_behind_a_mark_are_read_without_an_error(start: bytes, rest: bytes) -> None:
    data = start + rest
    found = look(MemoryReader(data), Budget())
    assert found is None or found.kind == kind_of(data[:32])
    notes_of(data)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff\xe0" + b"\xff" * 2_000_000,
        b"\xff\xd8\xff\xda\0\2" + b"\xff\0" * 1_000_000,
        b"GIF89a\1\0\1\0\0\0\0" + b"!\xfe" + b"\1A" * 500_000,
        b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\0" * 17 + b"\0\0\0\0tEXt\0\0\0\0" * 100_000,
        b"RIFF\xf8\xff\x1f\0WEBP" + b"ABCD\0\0\0\0" * 250_000,
    ],
    ids=["fillers", "no end", "blocks", "chunks", "riff"],
)
def test_many_small_parts_end(data: bytes) -> None:
    found = look(MemoryReader(data), Budget())
    assert found is not None
    assert found.broken or found.kind == "WebP"
