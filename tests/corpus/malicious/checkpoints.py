"""Checkpoints in MessagePack and Zarr that unpickle, or do not add up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.corpus.malicious.case import EVIL, Case


def cases() -> Iterator[Case]:
    """Yield the cases of the family; none where msgpack is not installed."""
    yield from _zarr()
    try:
        import msgpack
    except ImportError:
        return
    from tests.kit.msgpacks import array, checkpoint, pickled

    good = checkpoint()
    numbers = pickled(bytes(8), b"V")
    yield _case("msgpack-numpy", pickled(EVIL[4]), numbers, "critical")
    yield _case("object", checkpoint(bad=array((1,), EVIL[4], "object")), good, "medium")
    for name, bad in {
        "short": array((4, 8), bytes(100)), "long": array((4, 8), bytes(500)),
        "overflow": array((1 << 40, 1 << 40), bytes(16)),
    }.items():  # fmt: skip
        yield _case(f"size-{name}", checkpoint(bad=bad), good, "medium")
    yield _case("behind", good + EVIL[4], good, "medium")
    yield _case("program-behind", good + b"\x7fELF\x02\x01\x01" + bytes(57), good, "medium")
    twice = b"\x82" + 2 * (msgpack.packb("params") + msgpack.packb(array((1,), bytes(4))))
    yield _case("twice", twice, good, "medium")
    yield _case("extension", checkpoint(bad=msgpack.ExtType(42, EVIL[4])), good, "critical")
    yield _case("deep", b"\x81\xa1a" * 5000 + b"\xc0", good, "incomplete")
    yield _case("count", b"\x81\xa6params\xdd\xff\xff\xff\xff", good, "incomplete")


def _zarr() -> Iterator[Case]:
    def described(codec: Any, name: str = ".zarray") -> bytes:
        array = {"chunks": [4], "compressor": None, "dtype": "|O", "fill_value": 0,
                 "filters": [codec], "order": "C", "shape": [4], "zarr_format": 2}  # fmt: skip
        if name == "zarr.json":
            name3 = {"name": f"numcodecs.{codec['id']}"}
            array = {"zarr_format": 3, "data_type": "object", "codecs": [name3]}
        whole = {"metadata": {"a/.zarray": array}, "zarr_consolidated_format": 1}
        return json.dumps(whole if name == ".zmetadata" else array).encode()

    for name in (".zarray", ".zmetadata", "zarr.json"):
        data, twin = described({"id": "pickle"}, name), described({"id": "vlen-utf8"}, name)
        yield Case(f"zarr{name}", "checkpoint", name, data, twin, "high", reaches=False)


def _case(name: str, data: bytes, twin: bytes, expect: str) -> Case:
    return Case(name, "checkpoint", "model.msgpack", data, twin, expect, reaches=False)
