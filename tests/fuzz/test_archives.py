"""The fuzzers' executions in small, and the archives that loaders still open."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sentinel.errors import SentinelError
from sentinel.formats import BY_NAME, Parsed, load
from sentinel.limits import Budget
from tests.formats.archive.kit import PICKLE, Entry, artifact, build
from tests.fuzz import fuzz_packed, fuzz_tar, fuzz_zip
from tests.fuzz.archive_fuzz import execute, make_input
from tests.fuzz.archive_peers import through_tarfile, through_torch, through_zipfile

Peer = Callable[[bytes], Iterator[bytes]]

MODULES: dict[str, ModuleType] = {"zip": fuzz_zip, "tar": fuzz_tar}
quick = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


@cache
def seeds_of(name: str) -> list[bytes]:
    seeds: list[bytes] = MODULES[name].seeds()
    return seeds


def input_of(name: str, number: int) -> bytes:
    chance = random.Random(number)
    data = make_input(chance, seeds_of(name), MODULES[name].MARKS)
    return fuzz_tar.mend(data, chance) if name == "tar" else data


@pytest.mark.parametrize("name", MODULES)
@quick
@given(number=st.integers(0, 1 << 40))
def test_a_mutated_archive_gets_a_result_or_one_of_our_errors(name: str, number: int) -> None:
    execute(input_of(name, number), name)


@pytest.mark.parametrize("name", fuzz_packed.FORMATS)
@settings(max_examples=60, deadline=None)
@given(number=st.integers(0, 1 << 40))
def test_a_mutated_stream_gets_a_result_or_one_of_our_errors(name: str, number: int) -> None:
    chance = random.Random(number)
    execute(make_input(chance, fuzz_packed.seeds(name), fuzz_packed.MARKS), name)


@pytest.mark.parametrize("name", [*MODULES, *fuzz_packed.FORMATS])
@quick
@given(data=st.binary(max_size=600))
def test_any_bytes_get_a_result_or_one_of_our_errors(name: str, data: bytes) -> None:
    execute(data, name)


def seen_by_us(data: bytes, name: str) -> list[bytes]:
    """Return what our members hold."""
    thing = artifact(data)
    if not load(BY_NAME[name].recognise)(thing, data[:4096]):
        return []
    try:
        parsed = load(BY_NAME[name].parse)(thing, Budget())
    except SentinelError:
        return []
    assert isinstance(parsed, Parsed)
    seen = []
    for member in parsed.members:
        try:
            reader = member.open()
            seen.append(reader.pread(0, reader.size))
        except SentinelError:
            continue
    return seen


def check_peers(data: bytes, name: str, peers: tuple[Peer, ...]) -> None:
    ours: list[bytes] | None = None
    for peer in peers:
        for theirs in peer(data):
            if len(theirs) < 16:
                continue  # short ones turn up in memory that PyTorch never wrote to
            ours = seen_by_us(data, name) if ours is None else ours
            assert any(one.startswith(theirs) for one in ours), peer.__name__


@quick
@given(number=st.integers(0, 1 << 40))
def test_what_torch_and_zipfile_read_of_a_mutated_archive_we_have_seen(number: int) -> None:
    check_peers(input_of("zip", number), "zip", (through_zipfile, through_torch))


@quick
@given(number=st.integers(0, 1 << 40))
def test_what_tarfile_reads_of_a_mutated_archive_we_have_seen(number: int) -> None:
    check_peers(input_of("tar", number), "tar", (through_tarfile,))


sizes = st.one_of(st.integers(0, 200), st.sampled_from([0xFFFF, 0xFFFFFFFF]))
header = st.fixed_dictionaries(
    {},
    optional={
        "method": st.sampled_from([0, 8]),
        "flags": st.sampled_from([0, 8, 0x800]),
        "compressed": sizes,
        "size": sizes,
        "crc": st.just(0),
        "name": st.sampled_from([b"data.pkl", b"DATA.PKL", b"x/data.pkl", b"x/data/0"]),
        "extra": st.binary(max_size=40),
    },
)
members = st.builds(
    Entry,
    name=st.sampled_from(["x/data.pkl", "x/DATA.PKL", "x/version", "x/data/0", "y"]),
    data=st.sampled_from([PICKLE * 2, bytes(range(100)), b"\x80\x04K\x01." * 5]),
    method=st.sampled_from([0, 8]),
    local=header,
    central=header | st.just({}) | st.builds(dict, offset=st.integers(0, 400)),
    listed=st.booleans(),
    after=st.sampled_from([b"", b"", bytes(9), PICKLE]),
)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    entries=st.lists(members, min_size=1, max_size=4),
    prefix=st.sampled_from([b"", b"", b"#!x\n", build(Entry("x/data.pkl", PICKLE * 2))]),
    based=st.booleans(),
    suffix=st.sampled_from([b"", b"", b"junk"]),
    comment=st.sampled_from([b"", build(Entry("c", b"y" * 30))]),
    count=st.none() | st.integers(0, 5),
    directory_start=st.none() | st.integers(0, 500),
    directory_size=st.none() | st.integers(0, 300),
)
def test_what_torch_and_zipfile_read_of_a_lying_archive_we_have_seen(
    entries: list[Entry],
    prefix: bytes,
    based: bool,
    suffix: bytes,
    comment: bytes,
    count: int | None,
    directory_start: int | None,
    directory_size: int | None,
) -> None:
    data = build(
        *entries,
        prefix=prefix,
        base=len(prefix) if based else 0,
        suffix=suffix,
        comment=comment,
        count=count,
        directory_start=directory_start,
        directory_size=directory_size,
    )
    check_peers(data, "zip", (through_zipfile, through_torch))
    execute(data, "zip")


@pytest.mark.slow
@pytest.mark.parametrize("name", MODULES)
def test_two_hundred_thousand_executions(name: str) -> None:
    for number in range(200_000):
        execute(input_of(name, number), name)
