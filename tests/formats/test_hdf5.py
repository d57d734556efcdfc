"""HDF5: structure against h5py, what is handed on, bounds. Rules SNT1423 to SNT1428."""

from __future__ import annotations

import base64
import binascii
import contextlib
import io
import json
import random
import struct
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sentinel import scan, scan_bytes
from sentinel.artifacts import Artifact
from sentinel.errors import LimitExceeded, ParseError
from sentinel.findings import Severity, Verdict
from sentinel.formats import Parsed
from sentinel.formats.hdf5 import Hdf5File, parse
from sentinel.limits import Budget, Limits
from sentinel.readers import MemoryReader
from tests.corpus.malicious.case import EVIL
from tests.fuzz import fuzz_hdf5
from tests.fuzz.archive_fuzz import execute, make_input

VERSIONS = ("earliest", "v108", "v110", "v112", "v114", "latest")
by_version = pytest.mark.parametrize("version", VERSIONS)


def made(fill: Callable[[Any], object], version: str = "earliest", **options: Any) -> bytes:
    out = io.BytesIO()
    with h5py.File(out, "w", libver=(version, "latest"), **options) as file:
        fill(file)
    return out.getvalue()


def parsed(data: bytes, limits: Limits | None = None) -> Parsed:
    return parse(Artifact("m.h5", MemoryReader(data)), Budget(limits or Limits()))


def model(data: bytes) -> Hdf5File:
    found = parsed(data).model
    assert isinstance(found, Hdf5File)
    return found


def ids(data: bytes) -> set[str]:
    return {finding.rule_id for finding in scan_bytes(data, "m.h5").findings}


def crowded(file: Any) -> None:
    for number in range(700):
        file.create_group(f"many/n{number}")
    for number in range(300):
        file.attrs[f"key{number}"] = f"value {number}"
    file["many"].attrs["long"] = "x" * 5000
    kind = np.dtype([("a", "i4"), ("b", "S3"), ("c", "f8", (2, 2)), ("d", "u1")])
    for number in range(60):
        file.create_dataset(f"data/d{number}", data=np.zeros((number, 3), kind))
    file["type"] = kind
    file.create_dataset("named", data=np.zeros(2, kind), dtype=file["type"])
    states = h5py.enum_dtype({"on": 1, "off": 0}, basetype="i2")
    file.create_dataset("states", data=np.zeros(4, "i2"), dtype=states)
    file.create_dataset("reference", data=file.ref, dtype=h5py.ref_dtype)


@by_version
def test_every_object_attribute_and_dataset_is_found(version: str) -> None:
    data = made(crowded, version)
    found = parsed(data)
    assert found.gaps == ()
    with h5py.File(io.BytesIO(data)) as file:
        visited: list[str] = []
        file.visit(visited.append)
        shapes = {
            f"/{name}": file[name].shape for name in visited if isinstance(file[name], h5py.Dataset)
        }
        names = set(file.attrs)
    structure = model(data)
    assert structure.objects == len(visited) + 1
    assert {entry.path: entry.shape for entry in structure.datasets} == shapes
    assert {entry.name for entry in structure.attributes if entry.path == "/"} == names
    texts = {entry.name: entry.text for entry in structure.attributes}
    assert texts["key7"] == "value 7"
    assert texts["long"] == "x" * 200


@by_version
@pytest.mark.parametrize("size", [100, 5_000, 70_000, 3_000_000])
def test_a_configuration_of_any_size_is_handed_on_whole(version: str, size: int) -> None:
    text = json.dumps({"class_name": "Model", "config": {"x": "y" * size}})
    members = list(
        parsed(made(lambda f: f.attrs.__setitem__("model_config", text), version)).members
    )
    assert [member.formats for member in members] == [("keras-config",)]
    reader = members[0].open()
    assert reader.pread(0, reader.size).rstrip(b"\0").decode() == text


@by_version
@pytest.mark.parametrize("count", [1, 3, 9, 70, 1500])
@pytest.mark.parametrize("grows", [False, True])
def test_rows_of_bytes_are_found_through_every_index(version: str, count: int, grows: bool) -> None:
    def fill(file: Any) -> None:
        most = (None,) if grows else None
        kind = h5py.vlen_dtype(np.uint8)
        rows = file.create_dataset("rows", (count,), kind, chunks=(1,), maxshape=most)
        for number in range(count):
            rows[number] = np.frombuffer(b"\x80\x04K" + bytes([number % 250]) + b".", np.uint8)

    found = parsed(made(fill, version))
    assert found.gaps == ()
    contents = [(reader := member.open()).pread(0, reader.size) for member in found.members]
    wanted = [b"\x80\x04K" + bytes([number % 250]) + b"." for number in range(count)]
    assert sorted(contents) == sorted(wanted)


@by_version
@pytest.mark.parametrize("filters", [{}, {"compression": "gzip"}, {"compression": "lzf"}])
@pytest.mark.parametrize("chunk", [3, 16, 4096])
def test_chunked_bytes_are_put_together(version: str, filters: Any, chunk: int) -> None:
    value = np.frombuffer(b"\x80\x04" + bytes(range(256)) * 3, np.uint8)
    data = made(
        lambda f: f.create_dataset(
            "x", data=value, chunks=(chunk,), maxshape=(5000,), fletcher32=True, **filters
        ),
        version,
    )
    (member,) = parsed(data).members
    reader = member.open()
    assert reader.pread(0, reader.size) == value.tobytes()


@pytest.mark.parametrize("block", [0, 512, 1024, 4096, 65536])
def test_the_superblock_is_found_behind_a_user_block(block: int) -> None:
    data = made(crowded, "v110", userblock_size=block)
    structure = model(data)
    assert (structure.offset, structure.user_block, structure.trailing) == (block, False, None)
    assert scan_bytes(data, "m.h5").verdict is Verdict.CLEAN


def test_other_bytes_are_reported_and_examined() -> None:
    plain = made(lambda f: None, userblock_size=512)
    assert "SNT1427" not in ids(plain)
    assert ids(b"some words" + plain[10:]) == {"SNT1427"}
    assert ids(b"#!/bin/sh\n" + plain[10:]) > {"SNT1427"}
    assert scan_bytes(plain + EVIL[2], "m.h5").verdict is Verdict.MALICIOUS


def test_a_program_in_a_dataset_is_found() -> None:
    program = Path(sys.executable).resolve().read_bytes()[:4096]
    for data in (program, bytes(4096)):
        values = np.frombuffer(data, np.uint8)
        found = ids(made(lambda f, v=values: f.create_dataset("x", data=v)))
        assert bool(found) == (data is program)


def test_filters_that_are_not_built_in_are_named() -> None:
    data = made(lambda f: f.create_dataset("x", (9, 9), "f4", chunks=(3, 3), shuffle=True))
    assert ids(data) == set()
    shuffle = struct.pack("<HHHH", 2, 8, 1, 1) + b"shuffle\0"
    assert shuffle in data
    for number in (32001, 40000):
        other = data.replace(shuffle, struct.pack("<HHHH", number, 8, 1, 1) + b"shuffle\0")
        assert ids(other) == {"SNT1426"}
        assert scan_bytes(other, "m.h5").findings[0].severity <= Severity.LOW


def test_a_file_that_lies_beside_is_a_part_of_the_same_data(tmp_path: Path) -> None:
    for name in ("part.h5", "../part.h5", "absent.h5"):
        place = tmp_path / f"{name.replace('/', '-')}-whole.h5"
        place.write_bytes(made(lambda f, to=name: f.__setitem__("w", h5py.ExternalLink(to, "/w"))))
    (tmp_path / "part.h5").write_bytes(made(lambda f: f.create_dataset("w", (2,), "f4")))
    found = {report.artifact: report.findings for report in scan(tmp_path)}
    worst = {
        Path(name).name: max((one.severity for one in findings), default=None)
        for name, findings in found.items()
    }
    assert worst["part.h5-whole.h5"] == Severity.LOW
    assert worst["..-part.h5-whole.h5"] == worst["absent.h5-whole.h5"] == Severity.HIGH

    (tmp_path / "part.h5").unlink()
    (tmp_path / "part.h5").symlink_to("/etc/hostname")
    again = {Path(one.artifact).name: one.findings for one in scan(tmp_path)}
    assert again["part.h5-whole.h5"][0].severity == Severity.HIGH


def test_links_of_a_class_of_the_users_own() -> None:
    data = made(lambda f: f.__setitem__("out", h5py.ExternalLink("f", "/p")), "latest")
    at = data.index(b"\x01\x08\x40\x03out")
    changed = data[: at + 2] + b"\x41" + data[at + 3 :]
    assert "SNT1423" in ids(data)
    assert ids(changed) == {"SNT1428"}


def test_groups_that_lead_to_one_another_are_visited_once() -> None:
    def fill(file: Any) -> None:
        group = file.create_group("a")
        group["up"], group["self"] = file["/"], group
        file["again"] = group

    assert model(made(fill)).objects == 2


def test_a_file_of_many_objects_is_bounded() -> None:
    data = made(crowded)
    found = parsed(data, Limits(max_members=50))
    assert [gap.reason for gap in found.gaps] == ["limit"]
    with pytest.raises(LimitExceeded):
        parsed(data, Limits(timeout=-1.0))


def test_a_large_file_costs_only_its_headers(tmp_path: Path) -> None:
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = '{"class_name": "Model", "config": {}}'
        for number in range(100):
            group = file.create_group(f"layer{number}")
            group.attrs["weight_names"] = [b"kernel:0", b"bias:0"]
            group.create_dataset("kernel", (512, 1024), "f4").id.write(  # allocates, in full
                h5py.h5s.ALL, h5py.h5s.ALL, np.zeros((512, 1024), "f4")
            )
    (report,) = scan(path)
    assert report.verdict is Verdict.CLEAN
    assert report.coverage.bytes_total > 200_000_000
    assert report.coverage.bytes_read < 600_000


@cache
def seeds() -> list[bytes]:
    return fuzz_hdf5.seeds()


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 1 << 62))
def test_damaged_files_end_in_facts_or_in_our_errors(number: int) -> None:
    chance = random.Random(number)
    execute(make_input(chance, seeds(), fuzz_hdf5.MARKS), "hdf5")


@pytest.mark.parametrize("seed", range(4))
def test_truncation_at_every_byte_is_never_clean(seed: int) -> None:
    data = seeds()[seed]
    for length in [*range(512, min(len(data), 3000)), *range(3000, len(data), 97)]:
        report = scan_bytes(data[:length], "m.h5")
        assert report.verdict is not Verdict.CLEAN, length
        assert "internal" not in {gap.reason for gap in report.coverage.gaps}


@pytest.mark.parametrize("value", [0, 1, 0x7F, 0xFF])
def test_every_byte_of_the_headers_may_be_anything(value: int) -> None:
    data = made(lambda f: f.create_group("g").attrs.__setitem__("a", "text"), "latest")
    for at in range(8, len(data)):
        with contextlib.suppress(ParseError, LimitExceeded):
            parsed(data[:at] + bytes([value]) + data[at + 1 :])


@pytest.mark.parametrize("encode", [base64.b64encode, binascii.hexlify])
@pytest.mark.parametrize("protocol", [2, 4])
def test_an_attribute_of_digits_that_are_a_pickle(
    encode: Callable[[bytes], bytes], protocol: int
) -> None:
    words = b"nothing but words in here, no file of any kind"
    hostile, plain = (
        made(lambda file, held=held: file.attrs.update(state=encode(held).decode()))
        for held in (EVIL[protocol], words)
    )
    assert "SNT1101" in ids(hostile)
    assert not ids(plain)
