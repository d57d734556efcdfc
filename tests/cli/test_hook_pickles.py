"""``pickle-check`` over real files: pickles wherever they are, and nothing else."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.cli.run import Cli

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
HOSTILE = b"cos\nsystem\n(S'echo inert'\ntR."
BENIGN = pickle.dumps({"weights": [0.25, 0.5]}, 4)


@pytest.fixture
def real(place: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    """The command line over the real scanner."""
    return Cli(place, capsys)


def in_zip(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("inner/data.pkl", data)
    return buffer.getvalue()


def in_tar(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        info = tarfile.TarInfo("data.pkl")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


@pytest.mark.parametrize(
    "pack",
    [bytes, gzip.compress, bz2.compress, lzma.compress, zlib.compress, in_zip, in_tar],
)
def test_pickles_are_found_in_whatever_packs_them(
    real: Cli, pack: Callable[[bytes], bytes]
) -> None:
    (real.root / "bad.bin").write_bytes(pack(HOSTILE))
    (real.root / "good.bin").write_bytes(pack(BENIGN))
    done = real.hook("pickle-check", "bad.bin", "good.bin")
    assert done.code == 1
    assert "SNT1101" in done.out
    assert "good.bin" not in done.out


def test_a_pickle_in_an_array_is_found(real: Cli) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    array = buffer.getvalue()
    (real.root / "good.npy").write_bytes(array)
    (real.root / "bad.npy").write_bytes(array[: array.index(b"\n") + 1] + HOSTILE)
    assert real.hook("pickle-check", "good.npy").code == 0
    done = real.hook("pickle-check", "bad.npy")
    assert done.code == 1
    assert "SNT1101" in done.out


@pytest.mark.parametrize("path", sorted((EXAMPLES / "hostile").iterdir()), ids=lambda p: p.name)
def test_hostile_examples_are_stopped(real: Cli, path: Path) -> None:
    assert real.hook("pickle-check", str(path)).code == 1


@pytest.mark.parametrize("path", sorted((EXAMPLES / "benign").iterdir()), ids=lambda p: p.name)
def test_ordinary_examples_pass_in_silence(real: Cli, path: Path) -> None:
    assert real.hook("pickle-check", str(path)) == (0, "", "")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("m.bin", b"GGUF\x03\x00\x00\x00" + bytes(16)),
        ("m.data", b"\x89HDF\r\n\x1a\n" + bytes(32)),
        ("m.model", b"\x7fELF" + bytes(60)),
        ("m.dat", b"just text\n"),
        ("config.json", b"{}"),
    ],
)
def test_what_is_no_pickle_passes_in_silence(real: Cli, name: str, data: bytes) -> None:
    (real.root / name).write_bytes(data)
    assert real.hook("pickle-check", name) == (0, "", "")
    assert real.hook("pickle-check", "--require-complete", name) == (0, "", "")


def test_source_beside_a_pickle_is_for_the_other_hook(real: Cli) -> None:
    with zipfile.ZipFile(real.root / "p.pt", "w") as archive:
        archive.writestr("p/code/mod.py", "import os\nos.system('echo inert')\n")
        archive.writestr("p/.data/extern_modules", "")
        archive.writestr("p/.data/version", "3\n")
        archive.writestr("p/data.pkl", BENIGN)
    assert "SNT11" not in real.hook("model-scan", "p.pt").out
    narrow = real.hook("pickle-check", "p.pt")
    assert "code/mod.py" not in narrow.out


def test_a_pickle_that_breaks_off_is_told(real: Cli) -> None:
    (real.root / "m.pkl").write_bytes(BENIGN[:-3])
    done = real.hook("pickle-check", "m.pkl")
    assert done.code == 0
    assert "Not examined" in done.out
    assert real.hook("pickle-check", "--require-complete", "m.pkl").code == 3


def test_a_pointer_is_told(real: Cli) -> None:
    (real.root / "m.pt").write_bytes((EXAMPLES / "incomplete" / "lfs-pointer.pt").read_bytes())
    assert "m.pt: pointer: not scanned: Git LFS pointer" in real.hook("pickle-check", "m.pt").out


def test_several_processes_see_the_same(real: Cli) -> None:
    for number in range(4):
        (real.root / f"{number}.bin").write_bytes(b"GGUF\x03\x00\x00\x00" + bytes(16))
    (real.root / "bad.bin").write_bytes(HOSTILE)
    names = [path.name for path in real.root.glob("*.bin")]
    real.write("sentinel.toml", "jobs = 2\n")
    done = real.hook("pickle-check", *names)
    assert done.code == 1
    assert "1 model file scanned" in done.out
    assert "Not examined" not in done.out
