"""NumPy files and joblib files: object arrays, code in headers, payloads around inline arrays."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from tests.corpus.malicious.case import COMMAND, EVIL, GOOD, P2, P4, Case, decimal, system
from tests.kit.assemble import (
    APPENDS,
    BUILD,
    EMPTY_LIST,
    MARK,
    NEWOBJ,
    PROTO,
    STOP,
    Code,
)  # fmt: skip


def cases() -> Iterator[Case]:
    yield from _npy()
    yield from _npz()
    yield from _joblib_inline()
    yield from _joblib_compressed()


def npy(header: str, body: bytes, version: tuple[int, int] = (1, 0)) -> bytes:
    """Return a NumPy file with a header of the caller's choosing."""
    raw = header.encode("utf-8" if version == (3, 0) else "latin-1")
    size = 2 if version == (1, 0) else 4
    raw += b" " * (-(8 + size + len(raw) + 1) % 64) + b"\n"
    return b"\x93NUMPY" + bytes(version) + len(raw).to_bytes(size, "little") + raw + body


def described(descr: str, shape: str = "(2,)") -> str:
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}"


def object_array(pickle: Code) -> Code:
    """Return what numpy pickles for an object array of one item."""
    made = P4.call(
        "numpy._core.multiarray", "_reconstruct", P4.name("numpy", "ndarray"), (0,), b"b"
    )
    dtype = P4.call("numpy", "dtype", "O8", False, True) + P4.value(
        (3, "|", None, None, None, -1, -1, 63)
    ) + BUILD  # fmt: skip
    return made + P4.tuple(1, (1,), Code(dtype), False, [pickle]) + BUILD


def _npy() -> Iterator[Case]:
    floats = npy(described("'<f8'"), struct.pack("<2d", 1, 2))
    structured = "[('a', '<f8'), ('b', '|O')]"
    nested = "[('a', [('b', '<f8'), ('c', '|O', (2,))])]"
    for version in ((1, 0), (2, 0), (3, 0)):
        for label, descr in (("plain", "'|O'"), ("structured", structured), ("nested", nested)):
            for number in (0, 2, 4):
                data = npy(described(descr), EVIL[number], version)
                yield _case(f"object-{label}-v{version[0]}-{number}", "m.npy", data, floats,
                            stream=EVIL[number])  # fmt: skip
    whole = P4.file(object_array(system(P4)))
    yield _case("object-real", "m.npy", npy(described("'|O'", "(1,)"), whole),
                npy(described("'|O'", "(1,)"), P4.file(object_array(P4.value(1)))),
                stream=whole)  # fmt: skip
    for label, descr in (("O4", "'O4'"), ("O8", "'O8'"), ("bare", "'O'"), ("object", "'object'"),
                         ("big", "'>O'"), ("void", "[('a', 'O')]"), ("offset", "('O', (2,))"),
                         ("dict", "{'names': ['a'], 'formats': ['O']}")):  # fmt: skip
        data = npy(described(descr), EVIL[4])
        yield _case(f"object-spelled-{label}", "m.npy", data, floats, "high", stream=EVIL[4])
    code = {
        "call": f"{{'descr': __import__('os').system({COMMAND!r}), 'fortran_order': False, "
        "'shape': (2,), }",
        "lambda": "(lambda: {'descr': '<f8', 'fortran_order': False, 'shape': (2,)})()",
        "comprehension": "{'descr': [x for x in ('<f8',)][0], 'fortran_order': False, "
        "'shape': (2,), }",
        "attribute": "{'descr': ''.__class__, 'fortran_order': False, 'shape': (2,), }",
        "name": "{'descr': exec, 'fortran_order': False, 'shape': (2,), }",
        "format": "{'descr': f'{__import__(\"os\")}', 'fortran_order': False, 'shape': (2,), }",
        "walrus": "{'descr': (x := '<f8'), 'fortran_order': False, 'shape': (2,), }",
    }
    for label, header in code.items():
        # Readers refuse all of these; what calls or reads attributes is more than malformed.
        expect = "incomplete" if label in ("name", "format", "walrus") else "medium"
        yield _case(f"header-{label}", "m.npy", npy(header, b"\0" * 16), floats, expect, False)
    odd = {
        "truncated": floats[:-8],
        "huge-shape": npy(described("'<f8'", "(4611686018427387904, 4)"), b""),
        "negative-shape": npy(described("'<f8'", "(-1,)"), b"\0" * 16),
        "not-a-dict": npy("[1, 2, 3]", b"\0" * 16),
        "no-descr": npy("{'fortran_order': False, 'shape': (2,), }", b"\0" * 16),
        "version-9": npy(described("'<f8'"), b"\0" * 16, (9, 0)),
        "header-cut": floats[:40],
        "header-huge": b"\x93NUMPY\x02\x00\xff\xff\xff\x7f{",
        "deep-header": npy(described("(" * 400 + "'<f8'" + ",)" * 400), b""),
        "huge-number": npy(described("'<f8'", "(" + "9" * 6000 + ",)"), b""),
    }
    for label, data in odd.items():
        yield _case(f"odd-{label}", "m.npy", data, None, "incomplete", False)
    behind = floats + EVIL[4]
    yield _case("behind-the-array", "m.npy", behind, floats, "medium", False)
    yield _case("array-after-array", "m.npy", floats + npy(described("'|O'"), EVIL[4]), floats,
                "medium", False)  # fmt: skip


def _case(
    name: str, filename: str, data: bytes, twin: bytes | None, expect: str = "critical",
    reaches: bool = True, **more: Any,
) -> Case:  # fmt: skip
    family = "numpy" if ".np" in filename else "joblib"
    return Case(name, family, filename, data, twin, expect, reaches, **more)


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """Return a zip archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def _npz() -> Iterator[Case]:
    floats = npy(described("'<f8'"), struct.pack("<2d", 1, 2))
    evil = npy(described("'|O'"), EVIL[4])
    twin = zipped({"a.npy": floats, "b.npy": floats})
    for method, label in ((zipfile.ZIP_STORED, "stored"), (zipfile.ZIP_DEFLATED, "deflated"),
                          (zipfile.ZIP_BZIP2, "bzip2"), (zipfile.ZIP_LZMA, "lzma")):  # fmt: skip
        data = zipped({"a.npy": floats, "b.npy": evil}, method)
        yield _case(f"npz-{label}", "m.npz", data, twin, stream=EVIL[4])
    yield _case("npz-other-name", "m.npz", zipped({"a": evil}), twin, stream=EVIL[4])
    yield _case("npz-pickle-member", "m.npz", zipped({"a.npy": EVIL[4]}), twin, stream=EVIL[4])
    yield _case("npz-as-zip", "m.zip", zipped({"x/a.npy": evil}), twin, stream=EVIL[4])
    yield _case("npz-no-suffix", "weights.npweights", zipped({"a.npy": evil}), twin, stream=EVIL[4])


def wrapper(
    shape: tuple[int, ...], dtype: str, body: bytes, at: int, *, aligned: bool = True
) -> Code:
    """Return joblib's array: a NumpyArrayWrapper and, behind its BUILD, the raw bytes.

    Args:
        shape: Of the array.
        dtype: Its spelling.
        body: The bytes that follow.
        at: Where in the file this code will begin.
        aligned: Write the padding that joblib writes since 1.2.
    """
    spelled = P4.call("numpy", "dtype", dtype, False, True) + P4.value(
        (3, "<" if dtype != "O8" else "|", None, None, None, -1, -1, 0 if dtype != "O8" else 63)
    ) + BUILD  # fmt: skip
    state = {
        "subclass": P4.name("numpy", "ndarray"), "shape": shape, "order": "C", "dtype": spelled,
        "allow_mmap": dtype != "O8",
    }  # fmt: skip
    if aligned:
        state["numpy_array_alignment_bytes"] = 16
    made = P4.name("joblib.numpy_pickle", "NumpyArrayWrapper") + P4.tuple() + NEWOBJ
    code = made + P4.value(state) + BUILD
    padding = b""
    if aligned and dtype != "O8":
        count = 16 - (at + len(code) + 1) % 16
        padding = bytes((count,)) + b"\xff" * count
    return code + padding + body


def joblib_file(*parts: Code | Callable[[int], Code]) -> bytes:
    """Return a joblib file: a list of values, some of which need to know where they begin."""
    data = PROTO(4) + EMPTY_LIST + MARK
    for part in parts:
        data += part if isinstance(part, Code) else part(len(data))
    return bytes(data + APPENDS + STOP)


def _joblib_inline() -> Iterator[Case]:
    for label, last in (("evil", system(P4)), ("good", decimal(P4))):
        floats = struct.pack("<8d", *range(8))
        looks = (b"cos\nsystem\n(S'x'\ntR." * 4)[:64]
        opcodes = (b"(((((((." * 8)[:64]

        def array(body: bytes, aligned: bool = True) -> Callable[[int], Code]:
            return partial(wrapper, (len(body) // 8,), "f8", body, aligned=aligned)

        inner = P4.file(object_array(P4.value(1)))
        forms = {
            "after-array": joblib_file(array(floats), last),
            "after-old-array": joblib_file(array(floats, False), last),
            "between-arrays": joblib_file(array(floats), last, array(floats)),
            "after-ten-arrays": joblib_file(*[array(floats)] * 10, last),
            "after-text-like-array": joblib_file(array(looks), last),
            "after-opcode-array": joblib_file(array(opcodes), last),
            "after-large-array": joblib_file(array(b"\x01" * 800_000), last),
            "after-empty-array": joblib_file(array(b""), last),
            "before-array": joblib_file(last, array(floats)),
            "after-object-array": joblib_file(
                partial(wrapper, (1,), "O8", inner, aligned=True), last
            ),
        }
        if label == "evil":
            hostile = forms
    for name, data in hostile.items():
        # Bytes that look like a hostile pickle are data to joblib and a pickle to pickle.
        twin = None if name in ("after-text-like-array",) else forms[name]
        yield _case(name, "model.joblib", data, twin, joblib=True)
    inner = P4.file(object_array(system(P4)))
    data = joblib_file(partial(wrapper, (1,), "O8", inner))
    yield _case("object-array", "model.joblib", data, forms["after-object-array"], joblib=True)
    direct = joblib_file(partial(wrapper, (1,), "O8", EVIL[4]))
    yield _case("object-array-direct", "model.joblib", direct, None, joblib=True)
    for label, change in {
        "shape-huge": ((1 << 50,), "f8", b"\0" * 64),
        "shape-negative": ((-8,), "f8", b"\0" * 64),
        "dtype-unknown": ((8,), "q99", b"\0" * 64),
        "array-cut": ((1000,), "f8", b"\0" * 64),
    }.items():
        shape, dtype, body = change
        data = joblib_file(partial(wrapper, shape, dtype, body), system(P4))
        yield _case(f"odd-{label}", "model.joblib", data, None, "incomplete", False)
    # To pickle.load the bytes of this array are opcodes.
    disguised = (EVIL[0][:-1] + b"0" + b"N" * 64)[:64]
    data = joblib_file(partial(wrapper, (8,), "f8", disguised, aligned=False), P4.value(1))
    yield _case("array-is-a-pickle-to-others", "model.joblib", data, None, "medium", joblib=False)
    yield from _old_joblib()


def _old_joblib() -> Iterator[Case]:
    """joblib before 0.10: arrays in files of their own, and the ZFILE container."""
    for label, last in (("evil", system(P2)), ("good", decimal(P2))):
        made = P2.name("joblib.numpy_pickle", "NDArrayWrapper") + P2.tuple() + NEWOBJ
        made += P2.value({
            "filename": "model.pkl_01.npy", "subclass": P2.name("numpy", "ndarray"),
            "allow_mmap": True,
        }) + BUILD  # fmt: skip
        data = P2.file(P2.value([Code(made), last]))
        if label == "evil":
            hostile = data
    yield _case("old-wrapper", "model.joblib", hostile, data)
    for number in (0, 2, 4):
        evil, good = (
            b"ZF" + hex(len(raw)).encode().ljust(19) + zlib.compress(raw)
            for raw in (EVIL[number], GOOD[number])
        )
        yield _case(f"zfile-{number}", "model.joblib", evil, good, stream=EVIL[number])
        yield _case(f"zfile-{number}-pkl", "model.pkl.z", evil, good, stream=EVIL[number])


def compressors() -> dict[str, Callable[[bytes], bytes]]:
    """Return joblib's compressors by suffix; lz4 only where it is installed."""
    found: dict[str, Callable[[bytes], bytes]] = {
        "z": zlib.compress,
        "gz": gzip.compress,
        "bz2": bz2.compress,
        "xz": lzma.compress,
        "lzma": lambda raw: lzma.compress(raw, lzma.FORMAT_ALONE),
    }
    try:
        from lz4 import frame
    except ImportError:
        return found
    return found | {"lz4": frame.compress}


def _joblib_compressed() -> Iterator[Case]:
    floats = struct.pack("<8d", *range(8))
    forms = {
        label: joblib_file(partial(wrapper, (8,), "f8", floats), last)
        for label, last in (("evil", system(P4)), ("good", decimal(P4)))
    }
    for suffix, compress in compressors().items():
        evil, good = compress(forms["evil"]), compress(forms["good"])
        for name in (f"model.pkl.{suffix}", "model.joblib", "model.bin", f"model.{suffix}"):
            yield _case(f"{suffix}-as-{name}", name, evil, good, stream=forms["evil"], joblib=True)
        plain, harmless = compress(EVIL[2]), compress(GOOD[2])
        yield _case(f"{suffix}-plain", "model.joblib", plain, harmless, stream=EVIL[2])
        yield _case(f"{suffix}-trailing", "model.joblib", plain + b"\0" * 40, None,
                    stream=EVIL[2])  # fmt: skip
        yield _case(f"{suffix}-cut", "model.joblib", evil[:-3], None, "incomplete", False)
    for level in (0, 1, 3, 9):
        evil, good = (zlib.compress(raw, level) for raw in (EVIL[4], GOOD[4]))
        yield _case(f"zlib-level-{level}", "model.joblib", evil, good, stream=EVIL[4])
    for window in (9, 12, 15):
        packer = zlib.compressobj(9, zlib.DEFLATED, window)
        evil = packer.compress(EVIL[4]) + packer.flush()
        yield _case(f"zlib-window-{window}", "model.joblib", evil, zlib.compress(GOOD[4]),
                    stream=EVIL[4])  # fmt: skip
    two = gzip.compress(GOOD[4]) + gzip.compress(EVIL[4])
    yield _case("gz-second-member", "model.joblib", two, gzip.compress(GOOD[4]) * 2,
                stream=GOOD[4] + EVIL[4])  # fmt: skip
    for label, parts in {"bz2": bz2.compress, "xz": lzma.compress}.items():
        yield _case(f"{label}-second-member", "model.joblib", parts(GOOD[4]) + parts(EVIL[4]),
                    parts(GOOD[4]) * 2, stream=GOOD[4] + EVIL[4])  # fmt: skip
    twice = gzip.compress(zlib.compress(EVIL[4]))
    yield _case("gz-of-zlib", "model.joblib", twice, gzip.compress(zlib.compress(GOOD[4])),
                stream=EVIL[4])  # fmt: skip
