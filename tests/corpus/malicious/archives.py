"""Zip and tar archives around a hostile pickle, and archives that are hostile themselves."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
from collections.abc import Iterator
from typing import Any

from tests.corpus.malicious.arrays import zipped
from tests.corpus.malicious.case import EVIL, GOOD, Case
from tests.kit.zips import Entry, build

PATHS = {
    "parent": "../../model.pkl", "absolute": "/etc/model.pkl", "drive": "C:\\model.pkl",
    "drive-relative": "C:model.pkl", "backslash": "..\\..\\model.pkl", "unc": "\\\\host\\x\\m.pkl",
    "middle": "a/../../../model.pkl", "dot": "./../model.pkl", "nul": "a.pkl\0.txt",
    "device": "CON", "stream": "model.pkl:hidden", "tilde": "~/.bashrc",
    "newline": "a\nb.pkl", "escape": "a\x1b[2J.pkl", "right-to-left": "a\u202elkp.exe",
    "long": "a" * 5000 + ".pkl", "deep": "a/" * 200 + "m.pkl", "mixed": "a\\..\\..\\m.pkl",
}  # fmt: skip


def cases() -> Iterator[Case]:
    yield from _zip_members()
    yield from _zip_paths()
    yield from _zip_floods()
    yield from _tar_members()
    yield from _tar_tricks()


def _zip(
    name: str, data: bytes, twin: bytes | None = None, expect: str = "critical",
    filename: str = "model.zip", **more: Any,
) -> Case:  # fmt: skip
    reaches = bool(more.get("stream"))
    return Case(name, "zip", filename, data, twin, expect, reaches, **more)


def _zip_members() -> Iterator[Case]:
    evil, good = EVIL[4], GOOD[4]
    twin = zipped({"model.pkl": good, "config.json": b"{}"})
    names = (
        "model.pkl", "a/b/c/model.bin", "README.md", "weights", "x.json", "data.npy", ".x",
        "MODEL.PKL", "model.pkl.txt", "image.png", "__MACOSX/._model", "a.safetensors",
    )  # fmt: skip
    for name in names:
        for number in (0, 2, 4):
            data = zipped({"config.json": b"{}", name: EVIL[number]})
            yield _zip(f"member-{name.replace('/', '-')}-{number}", data, twin,
                       stream=EVIL[number])  # fmt: skip
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        data = zipped({"model.pkl": evil}, method)
        yield _zip(f"method-{method}", data, zipped({"model.pkl": good}, method), stream=evil)
    for method in (1, 6, 9, 10, 18, 19, 93, 95, 96, 97, 98, 99, 255):
        data = build([Entry("model.pkl", evil, method=method, raw=evil)])
        yield _zip(f"method-{method}", data, None, "incomplete")
    yield _zip("encrypted", build([Entry("model.pkl", evil, flags=1, raw=b"\x9a" * 90)]), None,
               "incomplete")  # fmt: skip
    for suffix in ("zip", "whl", "mar", "jar", "npz", "keras", "docx", "bin", "nemo", "pt"):
        yield _zip(f"named-{suffix}", zipped({"model.pkl": evil}), None, filename=f"model.{suffix}",
                   stream=evil)  # fmt: skip
    lies = {
        "duplicate-last": [Entry("m.pkl", good), Entry("m.pkl", evil)],
        "duplicate-first": [Entry("m.pkl", evil), Entry("m.pkl", good)],
        "local-name": [Entry("readme.txt", evil, local_name="m.pkl")],
        "unlisted": [Entry("a.txt", b"x"), Entry("m.pkl", evil, central=False)],
        "wrong-crc": [Entry("m.pkl", evil, crc=1)],
        "encrypted-flag-only": [Entry("m.pkl", evil, flags=1)],
        "flag-in-local-only": [Entry("m.pkl", evil, local_flags=1)],
        "local-method": [Entry("m.pkl", evil, method=0, local_method=8)],
        "size-zero": [Entry("m.pkl", evil, size=0)],
        "link": [Entry("m.pkl", b"/etc/passwd", mode=0o120777)],
        "device": [Entry("m.pkl", evil, mode=0o060644)],
        "directory-with-bytes": [Entry("m/", evil)],
        "before-first": [Entry("a.txt", b"x", before=evil + b"\0" * 200)],
        "between": [Entry("a.txt", b"x"), Entry("b.txt", b"y", before=evil + b"\0" * 200)],
        "overlap": [Entry("a.txt", b"x" * 40), Entry("b.txt", b"x", local=False)],
    }
    strong = ("duplicate", "wrong-crc", "encrypted-flag-only", "flag-in", "size-zero-")
    for label, entries in lies.items():
        critical = label.startswith(strong)
        weak = "incomplete" if label == "size-zero" else "medium"
        yield _zip(label, build(entries), twin, "critical" if critical else weak,
                   stream=evil if critical else b"")  # fmt: skip
    first, second = zipped({"m.pkl": good}), zipped({"m.pkl": evil})
    yield _zip("zip-zip-second", first + second, first, stream=evil)
    yield _zip("zip-zip-first", second + first, first, stream=evil)
    yield _zip("pickle-zip", evil + first, first, stream=evil)
    yield _zip("zip-pickle", first + evil, first, "medium")
    yield _zip("text-zip", b"#!/bin/sh\necho SENTINEL_MARKER\nexit\n" + second, first, stream=evil)
    yield _zip("end-record-in-comment", build([Entry("a", b"x")], comment=second), None, "medium")
    yield _zip("cut", second[:-10], None, "incomplete")
    yield _zip("no-directory", second[: second.index(b"PK\x01\x02")], None, "incomplete")
    yield _zip("count-0", build([Entry("m.pkl", evil)], count=0), None, "medium")
    inner = second
    for depth in range(1, 12):
        inner = zipped({"inner.zip": inner})
        if depth in (1, 3, 6):
            yield _zip(f"nested-{depth}", inner, None, stream=evil)
    yield _zip("nested-11", inner, None, "incomplete")


def _zip_paths() -> Iterator[Case]:
    twin = zipped({"a/model.pkl": GOOD[4]})
    for label, path in PATHS.items():
        mild = label in ("long", "deep", "device", "stream", "tilde", "drive-relative")
        if mild:
            data = build([Entry(path, EVIL[4], flags=0x800)])
            yield _zip(f"path-{label}-evil", data, twin, stream=EVIL[4])
        else:
            data = build([Entry(path, GOOD[4], flags=0x800)])
            yield _zip(f"path-{label}", data, twin, "medium")
    link = [Entry("data", b"../../outside", mode=0o120777), Entry("data/model.pkl", GOOD[4])]
    yield _zip("path-through-link", build(link), twin, "medium")


def _zip_floods() -> Iterator[Case]:
    members = {f"f{n}.txt": b"x" for n in range(12_000)}
    data = zipped(members | {"m.pkl": EVIL[4]})
    yield _zip("12000-members", data, zipped(members | {"m.pkl": GOOD[4]}), stream=EVIL[4])
    kernel = Entry("0", b"\0" * 100_000, method=8)
    bomb = build([kernel, *(Entry(str(n), b"\0" * 100_000, method=8) for n in range(1, 20))])
    yield _zip("zeros-with-payload", bomb + zipped({"m.pkl": EVIL[4]}), None, stream=EVIL[4])
    huge = build([Entry("m.pkl", EVIL[4], size=0xFFFFFFF0)])
    yield _zip("size-claimed-huge", huge, None, "incomplete")
    past = bytearray(zipped({"m.pkl": EVIL[4]}))
    at = past.index(b"PK\x01\x02") + 42
    past[at : at + 4] = b"\xf0\xff\xff\x7f"
    yield _zip("offset-past-the-end", bytes(past), None, "incomplete")
    past[at : at + 4] = struct.pack("<L", at - 42)
    yield _zip("offset-into-directory", bytes(past), None, "incomplete")


def tarred(
    members: dict[str, bytes], kind: int = tarfile.GNU_FORMAT, mode: str = "w"
) -> bytes:  # fmt: skip
    """Return a tar archive."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode, format=kind) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def _tar(
    name: str, data: bytes, twin: bytes | None = None, expect: str = "critical",
    filename: str = "model.tar", **more: Any,
) -> Case:  # fmt: skip
    return Case(name, "tar", filename, data, twin, expect, bool(more.get("stream")), **more)


def _tar_members() -> Iterator[Case]:
    evil, good = EVIL[4], GOOD[4]
    twin = tarred({"model.pkl": good})
    kinds = {"gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT, "ustar": tarfile.USTAR_FORMAT}
    for label, kind in kinds.items():
        for name in ("model.pkl", "a/" * 40 + "model.bin", "x.json"):
            for number in (0, 4):
                data = tarred({"a.txt": b"x" * 700, name: EVIL[number]}, kind)
                yield _tar(f"{label}-{len(name)}-{number}", data, twin, stream=EVIL[number])
    for mode in ("w:gz", "w:bz2", "w:xz"):
        data, fine = tarred({"m.pkl": evil}, mode=mode), tarred({"m.pkl": good}, mode=mode)
        for name in (f"model.tar.{mode[2:]}", "model.nemo", "model.bin"):
            yield _tar(f"{mode[2:]}-{name}", data, fine, filename=name, stream=evil)
    yield _tar("within-zip", zipped({"a.tar": tarred({"m.pkl": evil})}),
               zipped({"a.tar": twin}), filename="m.zip", stream=evil)  # fmt: skip
    yield _tar("zip-within", tarred({"a.zip": zipped({"m.pkl": evil})}), twin, stream=evil)
    yield _tar("duplicate", tarred({"m.pkl": good}, kind=tarfile.GNU_FORMAT)[:1024]
               + tarred({"m.pkl": evil}), twin, stream=evil)  # fmt: skip
    old = bytearray(tarred({"m.pkl": evil}, tarfile.USTAR_FORMAT))
    old[257:265] = b"\0" * 8
    yield _tar("old-format", bytes(_summed(old)), None, stream=evil)
    many = {f"f{n}": b"" for n in range(3_000)} | {"m.pkl": evil}
    yield _tar("3000-members", tarred(many), tarred(many | {"m.pkl": good}), stream=evil)


def _summed(block: bytearray, at: int = 0) -> bytearray:
    """Put the right checksum into the header at ``at``."""
    block[at + 148 : at + 156] = b" " * 8
    block[at + 148 : at + 156] = b"%06o\0 " % sum(block[at : at + 512])
    return block


_LEADS_OUT = ("parent", "absolute", "drive", "backslash", "unc", "middle", "dot", "mixed")


def _tar_tricks() -> Iterator[Case]:
    evil, good = EVIL[4], GOOD[4]
    twin = tarred({"model.pkl": good})
    for label, path in PATHS.items():
        if label in _LEADS_OUT:
            yield _tar(f"path-{label}", tarred({path: good}), twin, "medium")
    kinds = {
        "symlink-absolute": (tarfile.SYMTYPE, "/etc/passwd"),
        "symlink-parent": (tarfile.SYMTYPE, "../../x"),
        "hardlink-absolute": (tarfile.LNKTYPE, "/etc/passwd"),
        "hardlink-parent": (tarfile.LNKTYPE, "../../x"), "character": (tarfile.CHRTYPE, ""),
        "block": (tarfile.BLKTYPE, ""), "fifo": (tarfile.FIFOTYPE, ""),
    }  # fmt: skip
    for label, (kind, target) in kinds.items():
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w") as archive:
            info = tarfile.TarInfo("data")
            info.type, info.linkname = kind, target
            archive.addfile(info)
            later = tarfile.TarInfo("data/model.pkl")
            later.size = len(good)
            archive.addfile(later, io.BytesIO(good))
        yield _tar(label, file.getvalue(), twin, "medium")
    pax = io.BytesIO()
    with tarfile.open(fileobj=pax, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("fine.txt")
        info.size, info.pax_headers = len(evil), {"path": "../../model.pkl"}
        archive.addfile(info, io.BytesIO(evil))
    yield _tar("pax-path", pax.getvalue(), twin, stream=evil)
    sized = io.BytesIO()
    with tarfile.open(fileobj=sized, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("fine.txt")
        info.size, info.pax_headers = 0, {"size": str(len(evil))}
        archive.addfile(info, io.BytesIO(b""))
    raw = sized.getvalue()[:1536] + evil.ljust(512, b"\0") + b"\0" * 1024
    yield _tar("pax-size", raw, None, "medium")
    whole = tarred({"a.txt": b"x"})
    yield _tar("behind-the-end", whole + tarred({"m.pkl": evil}), twin, "medium")
    yield _tar("pickle-behind-the-end", whole[:2048] + evil + b"\0" * 400, twin, "medium")
    yield _tar("in-padding", whole[:1025] + evil + whole[1025 + len(evil) :], twin, "incomplete")
    broken = bytearray(tarred({"m.pkl": evil, "b": b"x"}))
    broken[148:154] = b"000001"
    yield _tar("bad-checksum", bytes(broken), None, "incomplete")
    second = bytearray(tarred({"a.txt": b"x", "m.pkl": evil}))
    second[1024 + 148 : 1024 + 154] = b"000001"
    yield _tar("bad-second-checksum", bytes(second), None, "incomplete")
    big = bytearray(tarred({"a.txt": b"x", "m.pkl": evil}))
    big[124:136] = b"\x80" + b"\xff" * 11
    yield _tar("size-base256-huge", bytes(_summed(big)), None, "incomplete")
    big[124:136] = b"\xff" * 12
    yield _tar("size-negative", bytes(_summed(big)), None, "incomplete")
    big[124:136] = b"99999999999\0"
    yield _tar("size-not-octal", bytes(_summed(big)), None, "incomplete")
    yield _tar("cut", tarred({"m.pkl": evil + b"\0" * 3000})[:1500], None, "incomplete")
    name = bytearray(tarred({"x" * 200 + ".pkl": good}, tarfile.GNU_FORMAT))
    name[124:136] = b"77777777777\0"
    yield _tar("long-name-huge", bytes(_summed(name)), None, "incomplete")
    sparse = bytearray(tarred({"m.pkl": evil}))
    sparse[156:157] = b"S"
    yield _tar("sparse", bytes(_summed(sparse)), None, "incomplete")
    unknown = bytearray(tarred({"m.pkl": evil}))
    unknown[156:157] = b"Z"
    yield _tar("unknown-kind", bytes(_summed(unknown)), None, stream=evil)
    directory = bytearray(tarred({"m.pkl": evil}))
    directory[156:157] = b"5"
    yield _tar("directory-with-bytes", bytes(_summed(directory)), None, "incomplete")
