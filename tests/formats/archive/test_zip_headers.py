"""Zip entries that lie: headers that disagree, names that clash, bytes of none or two."""

from __future__ import annotations

import struct

import pytest

from sentinel.formats.archive.zip import open_entry, parse
from sentinel.limits import Budget
from tests.formats.archive.kit import HARMLESS, PICKLE, Entry, artifact, build
from tests.formats.archive.zip_kit import contents, kinds, read

# Headers that disagree


@pytest.mark.parametrize(
    ("local", "kind"),
    [
        ({"name": b"other"}, "local-name"),
        ({"method": 8}, "local-method"),
        ({"flags": 1}, "local-flags"),
        ({"size": 4}, "local-size"),
        ({"compressed": 3}, "local-size"),
        ({"crc": 1}, "local-crc"),
    ],
)
def test_disagreement(local: dict[str, object], kind: str) -> None:
    data = build(Entry("model", PICKLE, local=local))
    found = [one for one in read(data).anomalies if one.kind == kind]
    assert [(one.entry, one.offset) for one in found] == [("model", 0)]


def test_the_local_headers_reading_is_a_candidate_too() -> None:
    honest = build(Entry("m", PICKLE, method=8))
    data = build(Entry("m", PICKLE, method=8, central={"method": 0, "size": 30, "compressed": 30}))
    assert len(read(honest).entries) == 1
    central, local = read(data).entries
    assert (central.method, local.method, local.origin) == (0, 8, "local")
    thing = artifact(data)
    assert open_entry(thing, local, Budget()).pread(0, 99) == PICKLE


def test_another_reading_of_a_header_has_a_key_of_its_own() -> None:
    data = build(Entry("m", PICKLE, local={"method": 8}))
    keys = [member.key for member in parse(artifact(data), Budget()).members]
    assert keys[0] == 0
    assert keys[1] < 0


def test_a_longer_local_name_is_read_whole() -> None:
    long = b"x" * 5000 + b"/data.pkl"
    (entry,) = read(build(Entry("m", local={"name": long}))).entries
    assert entry.local_name == long.decode()


def test_sizes_left_to_the_directory_by_a_streaming_writer_are_no_disagreement() -> None:
    empty_sizes = {"crc": 0, "compressed": 0, "size": 0}
    assert kinds(build(Entry("m", PICKLE, flags=8, local=empty_sizes))) == set()
    assert kinds(build(Entry("m", PICKLE, local=empty_sizes))) == {"local-size"}


def test_a_directory_entry_without_a_member() -> None:
    data = build(Entry("real"), Entry("ghost", present=False, central={"offset": 5}))
    assert "local-missing" in kinds(data)


def test_a_stored_member_whose_sizes_differ_is_read_at_its_longer() -> None:
    # PyTorch takes as many bytes as the member claims to hold, zipfile as it takes up.
    lie = {"compressed": 5}
    data = build(Entry("m", PICKLE, central=lie, local=lie))
    assert "stored-size" in kinds(data)
    assert contents(data)["m"] == PICKLE


# Names


def test_duplicates_are_all_members() -> None:
    data = build(Entry("data.pkl", HARMLESS), Entry("data.pkl", PICKLE))
    members = list(parse(artifact(data), Budget()).members)
    assert [m.open().pread(0, 99) for m in members] == [HARMLESS, PICKLE]
    assert kinds(data) == {"duplicate"}


@pytest.mark.parametrize(
    ("second", "kind"),
    [
        (Entry("data.pkl"), "duplicate-same"),
        (Entry("DATA.PKL", PICKLE), "case-collision"),
        (Entry("Data.pkl"), "case-same"),
        (Entry("data.pkl\0.txt", PICKLE), "duplicate"),
    ],
)
def test_names_that_clash(second: Entry, kind: str) -> None:
    assert kinds(build(Entry("data.pkl"), second)) == {kind}


def test_a_forged_checksum_does_not_make_two_members_the_same() -> None:
    forged = {"crc": 5}
    one = Entry("m", b"abc", central=forged, local=forged)
    other = Entry("m", b"abd", central=forged, local=forged)
    assert kinds(build(one, other)) == {"duplicate"}


def test_a_second_name_in_an_extra_field() -> None:
    name = b"evil.py"
    extra = struct.pack("<2HBL", 0x7075, 5 + len(name), 1, 0) + name
    assert kinds(build(Entry("good.txt", central={"extra": extra}))) == {"unicode-path"}
    old = Entry("größe.txt".encode("cp437"), central={"extra": extra})
    assert kinds(build(old)) == set()


# Bytes that belong to nothing


def test_a_member_that_no_directory_lists() -> None:
    data = build(Entry("a"), Entry("secret.pkl", PICKLE, listed=False), Entry("b"))
    secret = next(e for e in read(data).entries if e.name == "secret.pkl")
    assert secret.origin == "local"
    assert kinds(data) == {"local-only"}
    assert contents(data)["secret.pkl"] == PICKLE


@pytest.mark.parametrize(
    ("hidden", "kind"),
    [
        (PICKLE, "hidden-pickle"),
        (b"\x7fELF\x02\x01\x01" + bytes(40) + b"x", "hidden-executable"),
        (b"\x01\x02\x03" * 100, "hidden-data"),
        (b"words " * 40, "hidden-text"),
    ],
)
def test_bytes_between_members(hidden: bytes, kind: str) -> None:
    data = build(Entry("a", after=hidden), Entry("b"))
    assert kinds(data) == {kind}
    (member,) = (m for m in parse(artifact(data), Budget()).members if m.name.startswith("bytes@"))
    assert member.open().pread(0, 1000) == hidden.strip(b"\0")
    assert member.guess


def test_padding_with_zeros_is_nothing() -> None:
    assert kinds(build(Entry("a", after=bytes(5000)), Entry("b"))) == set()


def test_bytes_between_members_and_directory_and_behind_the_end() -> None:
    data = build(Entry("a"), before_directory=b"\x01" * 300, suffix=b"\x80\x04K\x01.")
    assert kinds(data) == {"hidden-data", "suffix-pickle"}


def test_a_tensorflow_lite_model_with_metadata_is_a_known_prefix() -> None:
    model = struct.pack("<L", 28) + b"TFL3" + bytes(range(200))
    for base in (0, len(model)):
        data = build(Entry("labels.txt", b"cat\ndog\n"), prefix=model, base=base)
        assert kinds(data) == {"prefix-model"}


def test_a_comment_that_is_no_text() -> None:
    assert kinds(build(Entry("a"), comment=b"\x80\x04K\x01." * 3)) == {"comment-pickle"}


# Overlap and links


def test_members_that_share_bytes() -> None:
    inside = 30 + 1 + 2
    data = build(Entry("a", bytes(200)), Entry("b", central={"offset": inside}))
    assert "overlap" in kinds(data)


def test_a_member_that_runs_into_the_directory() -> None:
    lie = {"compressed": 5000, "size": 5000}
    assert "overlap" in kinds(build(Entry("a", central=lie, local=lie)))


def test_the_target_of_a_symbolic_link_is_a_fact() -> None:
    link = Entry("link", b"../../etc/passwd", method=8, central={"attributes": 0o120777 << 16})
    (found,) = read(build(link)).anomalies
    assert (found.kind, found.detail, found.entry) == ("symlink", "../../etc/passwd", "link")
