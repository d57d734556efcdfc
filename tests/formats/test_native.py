"""Machine code, byte code and scripts: told by headers, judged by where they lie.

Rules SNT1010, SNT1011, SNT1012 and SNT1013.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel import scan, scan_bytes
from sentinel.findings import Severity
from sentinel.formats.native import code_of
from sentinel.readers import MemoryReader
from tests.corpus.malicious.natives import packed, tarred
from tests.kit import natives
from tests.kit.natives import ALL, elf, fat, mach, pe
from tests.kit.polyglots import zipped


def told(data: bytes) -> tuple[str, str, str] | None:
    code = code_of(MemoryReader(data), data[:64])
    return code and (code.kind, code.role, code.machine)


def worst(data: bytes, name: str) -> Severity | None:
    return max((found.severity for found in scan_bytes(data, name).findings), default=None)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (elf(), ("ELF", "program", "x86-64")),
        (elf(3), ("ELF", "library", "x86-64")),
        (elf(3, 183, interpreter=True), ("ELF", "program", "ARM 64")),
        (elf(1, 243), ("ELF", "object", "RISC-V")),
        (elf(2, 22, order=">"), ("ELF", "program", "S/390")),
        (elf(2, 190), ("ELF", "program", "CUDA")),
        (pe(), ("PE", "program", "x86-64")),
        (pe(0xAA64, library=True), ("PE", "library", "ARM 64")),
        (mach(), ("Mach-O", "program", "ARM 64")),
        (mach(6, 7), ("Mach-O", "library", "x86")),
        (fat(), ("Mach-O", "library", "x86-64")),
        (natives.JAVA, ("Java class", "code", "Java class version 61")),
        (natives.PYC, ("Python byte code", "code", "Python magic 3495")),
        (natives.LUA, ("Lua byte code", "code", "Lua 5.4")),
        (natives.SCRIPT, ("script", "code", "/bin/sh")),
    ],
)
def test_a_header_says_what_the_code_is(data: bytes, expected: tuple[str, str, str]) -> None:
    assert told(data) == expected


@pytest.mark.parametrize(
    "data",
    [
        b"MZ" + bytes(200), b"MZ is how a text may begin, and go on for more than 64 letters......",
        b"\x7fELF\x03\x01\x01" + bytes(60), b"\xca\xfe\xba\xbe" + b"\xff" * 60,
        b"#!not a path\n", b"#! /usr/bin\x00\n", b"ab\r\ncd" + bytes(40), b"\x1bLook" + bytes(40),
        b"\0asm\x09\0\0\0", b"\xcf\xfa\xed\xfe" + b"\xff" * 60,
    ],
)  # fmt: skip
def test_a_mark_alone_is_no_code(data: bytes) -> None:
    assert told(data) is None


def test_the_interpreter_that_runs_this_is_told() -> None:
    data = Path(sys.executable).resolve().read_bytes()
    found = told(data)
    assert found is not None
    assert found[0] in natives_of_systems()


def natives_of_systems() -> set[str]:
    return {"ELF", "PE", "Mach-O"}


@pytest.mark.parametrize("name", ALL)
def test_software_is_not_a_model(name: str, tmp_path: Path) -> None:
    (tmp_path / "software").write_bytes(ALL[name])
    assert scan(tmp_path) == []
    for archive in (packed(**{"pkg/bin/run": ALL[name]}), tarred(**{"usr/lib/x": ALL[name]})):
        found = worst(archive, "software-1.0.whl")
        assert found is None or found <= Severity.INFO


@pytest.mark.parametrize("kind", ["elf", "pe", "mach", "elf-library"])
def test_a_release_of_a_tool_is_no_alarm(kind: str) -> None:
    assert worst(packed(tool=ALL[kind]), "tool.zip") == Severity.LOW
    assert worst(packed(**{"site-packages/x/_c.so": ALL[kind], "a.pt": b""}), "a.zip") == 0


@pytest.mark.parametrize("name", ALL)
def test_a_program_with_a_models_name_is_told(name: str) -> None:
    for file in ("model.pt", "model.safetensors", "model.onnx"):
        assert "SNT1011" in {found.rule_id for found in scan_bytes(ALL[name], file).findings}
    report = scan_bytes(ALL[name], "program")
    assert [found.rule_id for found in report.findings] == []


def test_what_is_asked_for_by_name_is_incomplete() -> None:
    report = scan_bytes(elf(3), "libcustom.so")
    assert [gap.reason for gap in report.coverage.gaps] == ["unrecognised"]
    assert "library" in report.coverage.gaps[0].detail
    assert report.findings == ()


def test_the_digest_is_that_of_the_member() -> None:
    import hashlib

    (finding,) = scan_bytes(packed(x=elf()), "model.npz").findings
    assert finding.rule_id == "SNT1010"
    assert finding.facts["sha256"] == hashlib.sha256(elf()).hexdigest()


def test_a_library_beside_a_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "ops.so").write_bytes(elf(3))
    (tmp_path / "model.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    found = {f.rule_id for report in scan(tmp_path) for f in report.findings}
    assert "SNT1013" in found
    installed = tmp_path / "site-packages"
    installed.mkdir()
    for path in list(tmp_path.glob("*.*")):
        path.rename(installed / path.name)
    assert [report.artifact for report in scan(installed)] == [str(installed / "model.safetensors")]


@pytest.mark.parametrize(("folder", "told"), [("assets", True), ("docs", False)])
def test_a_program_among_the_assets_of_a_saved_model(
    tmp_path: Path, folder: str, told: bool
) -> None:
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "vocab.txt").write_bytes(elf())
    (tmp_path / "saved_model.pb").write_bytes(b"")
    found = {f.rule_id for report in scan(tmp_path) for f in report.findings}
    assert ("SNT1013" in found) is told


@pytest.mark.parametrize("front", [natives.PYC, natives.SCRIPT, elf()])
def test_software_with_an_archive_in_it_is_told_once(front: bytes) -> None:
    report = scan_bytes(zipped(front, notes=b"text"), "software")
    assert {found.rule_id for found in report.findings} == {"SNT1206"}


def test_an_array_that_is_a_program_is_told() -> None:
    import io

    import numpy as np

    for name, save in (("a.npy", np.save), ("a.npz", np.savez)):
        for code, expected in ((elf(3), {"SNT1010"}), (b"\x7fELF" + bytes(60), set())):
            out = io.BytesIO()
            save(out, np.frombuffer(code * 9, np.uint8))
            assert {
                found.rule_id for found in scan_bytes(out.getvalue(), name).findings
            } == expected


def test_little_is_read_of_a_file_of_its_own() -> None:
    reader = MemoryReader(elf(3) + bytes(50_000_000))
    assert code_of(reader, reader.pread(0, 64)) is not None
    assert reader.stats.bytes_read < 4096


@given(
    st.sampled_from(sorted(ALL)), st.integers(0, 300), st.binary(max_size=8), st.integers(0, 400)
)
def test_any_damage_gives_code_or_none(name: str, at: int, patch: bytes, end: int) -> None:
    data = bytearray(ALL[name])
    data[at : at + len(patch)] = patch
    told(bytes(data[:end]))
    scan_bytes(bytes(data[:end]), "model.pt")
