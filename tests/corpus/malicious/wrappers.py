"""Compressed wrappers, told by their content: whatever the suffix says, and however deep."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from tests.corpus.malicious.archives import tarred
from tests.corpus.malicious.arrays import compressors, zipped
from tests.corpus.malicious.case import EVIL, GOOD, Case

Compress = Callable[[bytes], bytes]


def cases() -> Iterator[Case]:
    yield from _single()
    yield from _stacked()
    yield from _tricks()
    yield from _sevenzip()


def _case(
    name: str, filename: str, data: bytes, twin: bytes | None, expect: str = "critical",
    stream: bytes = b"", **more: Any,
) -> Case:  # fmt: skip
    return Case(name, "wrapper", filename, data, twin, expect, bool(stream), stream=stream, **more)


def _all() -> dict[str, Compress]:
    found = dict(compressors())
    try:
        import zstandard
    except ImportError:
        return found
    return found | {"zst": lambda raw: zstandard.ZstdCompressor().compress(raw)}


def _single() -> Iterator[Case]:
    for suffix, compress in _all().items():
        for name in (f"model.pkl.{suffix}", "model.pkl", "model.pt", "model", "notes.txt"):
            for number in (0, 4):
                yield _case(f"{suffix}-{name}-{number}", name, compress(EVIL[number]),
                            compress(GOOD[number]), stream=EVIL[number])  # fmt: skip


def _stacked() -> Iterator[Case]:
    evil, good = EVIL[4], GOOD[4]
    layers: dict[str, Compress] = {
        "gz-gz": lambda raw: gzip.compress(gzip.compress(raw)),
        "xz-bz2-gz": lambda raw: lzma.compress(bz2.compress(gzip.compress(raw))),
        "zip-gz": lambda raw: zipped({"m.pkl.gz": gzip.compress(raw)}),
        "gz-zip": lambda raw: gzip.compress(zipped({"m.pkl": raw})),
        "gz-tar-zip": lambda raw: gzip.compress(tarred({"a.zip": zipped({"m.pkl": raw})})),
        "zip-tar-gz": lambda raw: zipped({"a.tgz": gzip.compress(tarred({"m.pkl": raw}))}),
        "zlib-zlib-zlib": lambda raw: zlib.compress(zlib.compress(zlib.compress(raw))),
    }
    for label, pack in layers.items():
        yield _case(f"stack-{label}", "model.bin", pack(evil), pack(good), stream=evil)
    deep = evil
    for _ in range(12):
        deep = gzip.compress(deep)
    yield _case("stack-12", "model.pkl.gz", deep, None, "incomplete")


def _tricks() -> Iterator[Case]:
    evil, good = EVIL[4], GOOD[4]
    named = io.BytesIO()
    with gzip.GzipFile("../../evil\x1b.pkl", "wb", fileobj=named, mtime=0) as file:
        file.write(evil)
    yield _case("gz-name-field", "a.gz", named.getvalue(), gzip.compress(good), stream=evil)
    flags = bytearray(gzip.compress(evil))
    flags[3] = 0x04
    extra = bytes(flags[:10]) + b"\x05\x00extra" + bytes(flags[10:])
    yield _case("gz-extra-field", "a.gz", extra, gzip.compress(good), stream=evil)
    wrong = bytearray(gzip.compress(evil))
    wrong[-8:-4] = b"\0\0\0\0"
    yield _case("gz-wrong-crc", "a.pkl.gz", bytes(wrong), None, stream=evil)
    cut = gzip.compress(evil + b"N" * 5000)
    yield _case("gz-cut", "a.pkl.gz", cut[:-6], None, "incomplete")
    for suffix, compress in _all().items():
        behind = compress(good) + evil
        yield _case(f"{suffix}-pickle-behind", f"a.pkl.{suffix}", behind, None, "incomplete")
        two = compress(good) + compress(evil)
        expect = "critical" if suffix in ("gz", "bz2", "xz", "zst", "lz4") else "incomplete"
        yield _case(f"{suffix}-second", f"a.pkl.{suffix}", two, None, expect)
    padded = gzip.compress(good) + b"\0" * 512 + gzip.compress(evil)
    yield _case("gz-behind-padding", "a.pkl.gz", padded, None, "incomplete")
    preset = zlib.compressobj(9, zlib.DEFLATED, 15, zdict=b"system")
    data = preset.compress(evil) + preset.flush()
    yield _case("zlib-preset-dictionary", "a.joblib", data, None, "incomplete")
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = raw.compress(evil) + raw.flush()
    yield _case("raw-deflate", "a.joblib", data, None, "incomplete")
    bomb = lzma.compress(b"\0" * 80_000_000, preset=0)
    yield _case("xz-bomb", "a.pkl.xz", bomb, None, "incomplete")
    bomb = bz2.compress(b"\0" * 80_000_000)
    yield _case("bz2-bomb", "a.pkl.bz2", bomb, None, "incomplete")
    yield _case("bomb-in-zip", "a.zip", zipped({"a.pkl.bz2": bomb}), None, "incomplete")


def _sevenzip() -> Iterator[Case]:
    try:
        import py7zr
    except ImportError:
        return
    filters = {
        "lzma2": [{"id": py7zr.FILTER_LZMA2}], "lzma": [{"id": py7zr.FILTER_LZMA}],
        "copy": [{"id": py7zr.FILTER_COPY}],
        "bzip2": [{"id": py7zr.FILTER_BZIP2}], "deflate": [{"id": py7zr.FILTER_DEFLATE}],
    }  # fmt: skip
    others = {
        "default": None, "zstd": [{"id": py7zr.FILTER_ZSTD}],
        "ppmd": [{"id": py7zr.FILTER_PPMD, "order": 6, "mem": 24}],
    }  # fmt: skip

    def packed(data: bytes, name: str = "m.pkl", **options: Any) -> bytes:
        file = io.BytesIO()
        with py7zr.SevenZipFile(file, "w", **options) as archive:
            archive.writestr(data, name)
        return file.getvalue()

    for label, chosen in filters.items():
        data, twin = packed(EVIL[4], filters=chosen), packed(GOOD[4], filters=chosen)
        yield _case(f"7z-{label}", "model.7z", data, twin, stream=EVIL[4])
    for label, chosen in others.items():
        yield _case(f"7z-{label}", "model.7z", packed(EVIL[4], filters=chosen), None, "incomplete")
    evil, good = (packed(raw[2], filters=filters["lzma2"]) for raw in (EVIL, GOOD))
    yield _case("7z-as-bin", "model.bin", evil, good, stream=EVIL[2])
    yield _case("7z-behind", "model.7z", packed(GOOD[4]) + EVIL[4], None, "incomplete")
    yield _case("7z-cut", "model.7z", packed(EVIL[4])[:-20], None, "incomplete")
    locked = packed(EVIL[4], password="secret")
    yield _case("7z-encrypted", "model.7z", locked, None, "incomplete")
    yield _case("rar-unread", "model.rar", b"Rar!\x1a\x07\x01\x00" + b"\x33\x92\xb5\xe5" * 9, None,
                "incomplete")  # fmt: skip
