"""What passes for a pointer of Git LFS or DVC, and so is not scanned: a whole one alone."""

from __future__ import annotations

import io
import zipfile

import pytest

from sentinel import scan_bytes
from sentinel.pii import scan_bytes as pii_bytes

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12345\n"
EXTENDED = LFS.replace(b"oid ", b"ext-0-foo sha256:" + b"1" * 64 + b"\noid ")
DVC = b"outs:\n- md5: " + b"0" * 32 + b"\n  path: model.pkl\n"
HOSTILE = b"cos\nsystem\n(S'echo inert'\ntR."
TEMPLATE = b"{{ cycler.__init__.__globals__.os.popen('echo inert').read() }}"
SECRET = b"AWS_KEY=AKIA" + b"Z7QK3MXP5LWD2RTV\n"


def archive(head: bytes) -> bytes:
    """Return a zip file that begins with other bytes, as its readers allow."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("data.pkl", HOSTILE)
    return head + buffer.getvalue()


@pytest.mark.parametrize("text", [LFS, EXTENDED, LFS.replace(b"\n", b"\r\n"), LFS.rstrip()])
def test_a_whole_pointer_is_one(text: bytes) -> None:
    (gap,) = scan_bytes(text, "a.pkl").coverage.gaps
    assert (gap.reason, "Git LFS" in gap.detail) == ("pointer", True)
    assert [gap.reason for gap in pii_bytes(text, "a.csv").gaps] == ["pointer"]


def test_a_dvc_pointer_goes_by_its_name_too() -> None:
    for name, there in (("a.pkl.dvc", True), ("dvc.lock", True), ("a.yaml", False)):
        reasons = [gap.reason for gap in scan_bytes(DVC, name).coverage.gaps]
        assert ("pointer" in reasons) == there
        assert ([gap.reason for gap in pii_bytes(DVC, name).gaps] == ["pointer"]) == there


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("chat_template.jinja", LFS + TEMPLATE, "SNT1401"),
        ("chat_template.jinja", LFS[:43] + TEMPLATE, "SNT1401"),
        ("chat_template.jinja", b"outs:\n- " + TEMPLATE, "SNT1401"),
        ("a.npz", archive(LFS), "SNT1101"),
        ("a.npz", archive(b"outs:\n- "), "SNT1101"),
        ("a.npz", archive(LFS + b" " * 5_000), "SNT1101"),
    ],
)
def test_what_only_begins_like_a_pointer_is_scanned(name: str, content: bytes, rule: str) -> None:
    assert rule in {finding.rule_id for finding in scan_bytes(content, name).findings}


@pytest.mark.parametrize("head", [LFS, LFS.replace(b"12345\n", b"12345"), LFS[:43], DVC])
def test_credentials_behind_the_head_of_a_pointer_are_found(head: bytes) -> None:
    (found,) = pii_bytes(head + b"\n" + SECRET, "notes.txt").detections
    assert found.info_type == "AWS_ACCESS_KEY_ID"
