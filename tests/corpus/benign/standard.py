"""The standard library, and classes of the user's own."""

from __future__ import annotations

import array
import bz2
import collections
import datetime
import decimal
import fractions
import functools
import gzip
import io
import lzma
import operator
import pathlib
import pickle
import random
import re
import tarfile
import types
import uuid
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from tests.corpus.benign import user_code
from tests.corpus.benign.save import Saver

ALL = range(6)


def files(save: Saver) -> None:
    for name, value in _values().items():
        save.pickle(name, value, *ALL)
    for name, value in _callables().items():
        save.pickle(f"callable-{name}", value, 2, 4, 5)
    for name, value in user_code.objects().items():
        save.pickle(f"own-{name}", value, *((2, 4) if name == "slots" else (0, 2, 4)))
    for name, value in user_code.as_main().items():
        save.pickle(f"main-{name}", value, 2, 4)
    _large(save)
    _wrapped(save)


def _values() -> dict[str, Any]:
    cyclic: list[Any] = [1]
    cyclic.append({"me": cyclic})
    zone = datetime.timezone(datetime.timedelta(hours=2), "X")
    return {
        "config": {
            "model": {"layers": [64, 32], "dropout": 0.1, "act": "relu"}, "seed": 7, "on": True,
            "paths": ("data/train.csv", "/home/user/run.sh"), "none": None, "big": 1 << 200,
        },
        "text": ["import os; os.system('ls')", "eval(x)", "cos\nsystem\n(S'x'\ntR.", "\u4f60\n\0"],
        "bytes": [b"", b"\x80\x04.", bytes(range(256)), bytearray(b"abc")],
        "numbers": [0, -1, 255, 256, 65536, 1 << 31, -(1 << 63), 1.5, float("inf"), 1 + 2j],
        "containers": [{1, 2}, frozenset((3,)), {}, [], (), ((1,), (1, 2), (1, 2, 3, 4))],
        "dates": [
            datetime.datetime(2026, 1, 2, 3, 4, 5, 6, zone), datetime.date(1, 1, 1),
            datetime.time(1, tzinfo=datetime.UTC), datetime.timedelta(1, 2, 3),
        ],
        "exact": [decimal.Decimal("1.50"), fractions.Fraction(1, 3), decimal.Context(prec=3)],
        "collections": [
            collections.OrderedDict(a=1), collections.Counter("abca"), collections.deque([1, 2], 5),
            collections.defaultdict(list, {"a": [1]}), collections.ChainMap({"a": 1}),
            collections.UserDict(a=1),
        ],
        "things": [
            uuid.UUID(int=5), pathlib.PurePosixPath("/etc/x"), re.compile(r"(a|b)+", re.I),
            range(9), slice(1, None), types.SimpleNamespace(a=1), array.array("d", [1.0, 2.0]), ...,
        ],
        "types": [int, str, dict, type(None), Exception, collections.OrderedDict, object],
        "errors": [ValueError("bad"), KeyError("k"), OSError(2, "none"), StopIteration()],
        "random": random.Random(3).getstate(),
        "cyclic": cyclic,
        "shared": [["a"] * 3, *[("x", "y")] * 4],
    }  # fmt: skip


def _callables() -> dict[str, Any]:
    return {
        "partial": functools.partial(int, base=2),
        "partial-of-own": functools.partial(user_code.double, 2.0),
        "partial-nested": functools.partial(functools.partial(max, 1), 2),
        "getters": [operator.itemgetter(1, 2), operator.attrgetter("a.b", "c")],
        "method-of-text": "a".join,
        "method-of-type": [str.upper, dict.fromkeys, datetime.datetime.fromisoformat],
        "method-of-list": [3, 1].index,
        "functions": [len, sorted, print, abs, operator.add, functools.reduce],
        "default": collections.defaultdict(functools.partial(collections.defaultdict, int)),
        "iterators": [iter([1, 2]), enumerate("ab"), zip([1], [2], strict=False), reversed([1])],
        "unbound": {"simplify": fractions.Fraction.limit_denominator},
        "memory-file": [io.BytesIO(b"abc"), io.StringIO("abc")],
        "sorting": functools.cmp_to_key,
    }


def _large(save: Saver) -> None:
    save.pickle("dict-5000", {f"key{n}": n for n in range(5_000)}, 0, 2, 4)
    save.pickle("numbers-2000000", list(range(2_000_000)))
    save.pickle("floats-200000", [n / 7 for n in range(200_000)], 2, 4)
    save.pickle("vocabulary-100000", {f"token{n}": n for n in range(100_000)}, 4)
    save.pickle("rows-20000", [(n, f"name{n}", n / 3, None) for n in range(20_000)], 2, 4)
    save.pickle("objects-3000", [user_code.Plain(n) for n in range(3_000)], 2, 4)
    deep: list[Any] = []
    for _ in range(200):
        deep = [deep]
    save.pickle("deep", deep, 0, 4)
    save.pickle("text-3MB", "x" * 3_000_000, 4)
    save.pickle("bytes-3MB", b"\x80" * 3_000_000, 2, 4, 5)


def _wrapped(save: Saver) -> None:
    data = pickle.dumps({"weights": [1.0, 2.0], "when": datetime.date(2026, 1, 1)}, 4)
    many = b"".join(pickle.dumps(value, 2 + n % 4) for n, value in enumerate(_values().values()))
    save.bytes("several.pkl", many)
    packed = {
        "gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "z": zlib.compress,
        "lzma": lambda raw: lzma.compress(raw, lzma.FORMAT_ALONE),
    }  # fmt: skip
    for suffix, compress in packed.items():
        save.bytes(f"wrapped.pkl.{suffix}", compress(data))
        save.bytes(f"wrapped-{suffix}.pkl", compress(data))
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", method) as archive:
            archive.writestr("run/model.pkl", data)
            archive.writestr("run/readme.txt", "a model")
            archive.mkdir("run/empty")
        save.bytes(f"bundle-{method}.zip", file.getvalue())
    for suffix in ("tar", "tar.gz", "tar.bz2", "tar.xz"):
        mode = f"w:{suffix[4:]}"
        for kind in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT):
            save.bytes(f"bundle-{kind}.{suffix}", _tarred(mode, kind, data))


def _tarred(mode: str, kind: int, data: bytes) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode, format=kind) as archive:  # type: ignore[call-overload]
        for name, content in _members(data):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        folder = tarfile.TarInfo("run/logs")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
    return file.getvalue()


def _members(data: bytes) -> Iterator[tuple[str, bytes]]:
    yield "run/model.pkl", data
    yield "run/notes.txt", b"a model"
    yield "run/" + "long-name-" * 8 + ".pkl", data
