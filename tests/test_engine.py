"""The engine: what becomes a finding, what a gap, and that one file's trouble stays its own."""

from __future__ import annotations

import gzip
import io
import pickle
import tarfile
import zipfile
from pathlib import Path

import pytest

import sentinel
from sentinel import Limits, Scanner, Verdict, scan, scan_bytes
from sentinel.engine import explain_path

HOSTILE = b"cposix\nsystem\n(Vecho SENTINEL_MARKER\ntR."
BENIGN = pickle.dumps({"a": [1, 2.5, "x"]})


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return file.getvalue()


def reasons(report: sentinel.Report) -> set[str]:
    return {gap.reason for gap in report.coverage.gaps}


def test_the_three_answers() -> None:
    assert scan_bytes(HOSTILE, "a.pkl").verdict is Verdict.MALICIOUS
    assert scan_bytes(BENIGN, "a.pkl").verdict is Verdict.CLEAN
    assert scan_bytes(BENIGN[:-4], "a.pkl").verdict is Verdict.INCOMPLETE


@pytest.mark.parametrize("name", ["a.pkl", "a.bin", "a", "a.txt", "a.safetensors"])
def test_content_decides_and_not_the_name(name: str) -> None:
    assert scan_bytes(HOSTILE, name).verdict is Verdict.MALICIOUS


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "a.pkl", "empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "a.pt", "pointer"),
        (b"outs:\n- md5: 0123456789abcdef0123456789abcdef\n  path: a.pkl\n", "a.dvc", "pointer"),
        (b"\x00\x01\x02\x03" * 100, "a.xyz", "unrecognised"),
        (b"\x00\x01\x02\x03" * 100, "a.pkl", "malformed"),
        (b"B\x00C\x00N\x00" + b"\x00" * 60, "a.dnn", "unsupported"),
    ],
)
def test_what_was_not_examined_is_said_with_the_reason(data: bytes, name: str, reason: str) -> None:
    report = scan_bytes(data, name)
    assert reasons(report) == {reason}
    assert report.verdict is Verdict.INCOMPLETE
    assert not report.findings


def test_containers_are_gone_into_and_places_named() -> None:
    inner = tarred({"deep.bin": HOSTILE, "ok.pkl": BENIGN})
    report = scan_bytes(zipped({"models/inner.tar.gz": gzip.compress(inner)}), "a.zip")
    members = {f.location.member for f in report.findings if f.rule_id == "SNT1101"}
    assert members == {"models/inner.tar.gz!inner.tar!deep.bin"}


def test_one_broken_member_has_no_effect_on_the_others() -> None:
    report = scan_bytes(zipped({"bad.pkl": b"\x80\x04\xff", "evil.pkl": HOSTILE}), "a.zip")
    assert "malformed" in reasons(report)
    assert {f.location.member for f in report.findings} == {"evil.pkl"}


@pytest.mark.parametrize(
    ("limits", "data"),
    [
        (Limits(max_depth=1), zipped({"a.zip": zipped({"b.zip": zipped({"c.pkl": BENIGN})})})),
        (Limits(max_members=2), zipped({f"{n}.pkl": BENIGN for n in range(5)})),
        (Limits(max_expanded=1000), gzip.compress(b"\x00" * 100_000)),
        (Limits(ratio_floor=1000, max_ratio=10), gzip.compress(b"\x00" * 100_000)),
    ],
    ids=["depth", "members", "expanded", "ratio"],
)
def test_every_limit_fails_closed(limits: Limits, data: bytes) -> None:
    report = scan_bytes(data, "a", limits)
    assert "limit" in reasons(report)
    assert report.verdict is not Verdict.CLEAN


def test_bytes_that_only_look_like_a_file_are_no_gap() -> None:
    report = scan_bytes(pickle.dumps({"w": b"PK\x03\x04" + b"\x07" * 50}), "a.pkl")
    assert report.verdict is Verdict.CLEAN


def test_a_pickle_within_a_byte_string_is_found() -> None:
    report = scan_bytes(pickle.dumps({"blob": pickle.dumps(1), "w": HOSTILE}), "a.pkl")
    assert report.verdict is Verdict.MALICIOUS
    assert report.findings[0].location.member.startswith("bytes@")


def test_paths_and_trees(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "evil.pkl").write_bytes(HOSTILE)
    (tmp_path / "ok.joblib").write_bytes(BENIGN)
    (tmp_path / "notes.txt").write_text("nothing here")
    reports = {Path(r.artifact).name: r.verdict for r in scan(tmp_path)}
    assert reports == {"evil.pkl": Verdict.MALICIOUS, "ok.joblib": Verdict.CLEAN}
    missing = Scanner().scan_path(tmp_path / "gone.pkl")
    assert reasons(missing) == {"unreadable"}
    assert missing.coverage.gaps[0].detail == "No such file or directory"  # without the name


def test_a_file_that_is_too_large_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "a.pkl").write_bytes(BENIGN)
    report = Scanner(Limits(max_file_size=3)).scan_path(tmp_path / "a.pkl")
    assert reasons(report) == {"limit"}


def test_explaining_lists_what_would_happen_in_order(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"evil.pkl": HOSTILE, "notes.txt": b"hello"}))
    lines = list(explain_path(path))
    assert any("from posix import system" in line for line in lines)
    assert any("system('echo SENTINEL_MARKER')" in line for line in lines)
    assert not any("notes.txt" in line for line in lines)


def test_public_names_resolve_and_are_sorted() -> None:
    assert sentinel.__all__ == sorted(sentinel.__all__)
    assert all(hasattr(sentinel, name) for name in sentinel.__all__)
    with pytest.raises(AttributeError):
        _ = sentinel.nothing_of_the_kind  # type: ignore[attr-defined]
