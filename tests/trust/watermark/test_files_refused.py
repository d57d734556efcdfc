"""Model files that are not marked: which, why, and that nothing is written or overwritten."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from sentinel.errors import SentinelError, TrustError, UsageError
from sentinel.trust import NotMarked, embed_watermark_file
from tests.trust.watermark.conftest import key
from tests.trust.watermark.tensors_kit import state


def test_folders_that_are_not_marked(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    folder.mkdir()
    with pytest.raises(NotMarked) as caught:
        embed_watermark_file(folder, tmp_path / "out", key())
    assert caught.value.reason == "unsupported-kind"
    save_file(state(), folder / "a.safetensors")
    spoilers = {
        "signed": lambda: (folder / "model.sig").write_text("{}"),
        "symlink": lambda: (folder / "link").symlink_to("a.safetensors"),
        "model-malformed": lambda: save_file(state(), folder / "b.safetensors"),
    }
    for reason, spoil in spoilers.items():
        spoil()
        with pytest.raises(TrustError) as refused:
            embed_watermark_file(folder, tmp_path / "out", key())
        assert refused.value.reason == reason
        for one in folder.iterdir():
            if one.name != "a.safetensors":
                one.unlink()
        assert [one.name for one in tmp_path.iterdir()] == ["m"]
    (tmp_path / "out").mkdir()
    with pytest.raises(UsageError, match="exists"):
        embed_watermark_file(folder, tmp_path / "out", key())


def _torchscript(path: Path) -> None:
    torch.jit.save(torch.jit.script(torch.nn.Linear(64, 64)), path)


def _module(path: Path) -> None:
    torch.save(torch.nn.Linear(64, 64), path)


def _gguf(path: Path) -> None:
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 0) + bytes(64))


def _int8(path: Path) -> None:
    save_file({"w": torch.zeros(256, 256, dtype=torch.int8)}, path)


def _small(path: Path) -> None:
    save_file({"w": torch.ones(30, 1)}, path)


def _zeros(path: Path) -> None:
    save_file({"w": torch.zeros(256, 256)}, path)


def _one_axis(path: Path) -> None:
    save_file({"w": torch.ones(100_000)}, path)


def _legacy(path: Path) -> None:
    torch.save(state(), path, _use_new_zipfile_serialization=False)


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "no model")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (_torchscript, "torchscript"),
        (_module, "not-a-state-dict"),
        (_gguf, "quantised"),
        (_int8, "dtype"),
        (_small, "capacity"),
        (_zeros, "capacity"),
        (_one_axis, "dtype"),
        (_legacy, "unsupported-kind"),
        (_zip, "unsupported-kind"),
        (lambda path: path.write_text("hello"), "unsupported-kind"),
        (lambda path: path.write_bytes(b""), "unsupported-kind"),
    ],
)  # fmt: skip
def test_what_cannot_be_marked_says_why_and_writes_nothing(  # type: ignore[no-untyped-def]
    tmp_path: Path, make, reason: str
) -> None:
    path = tmp_path / "model"
    with pytest.warns(DeprecationWarning, match="jit") if make is _torchscript else _nothing():
        make(path)
    with pytest.raises(TrustError) as caught:
        embed_watermark_file(path, tmp_path / "out", key())
    assert caught.value.reason == reason
    assert isinstance(caught.value, NotMarked) == (reason != "not-a-state-dict")
    assert str(path) in caught.value.message
    assert [one.name for one in tmp_path.iterdir()] == ["model"]


def _nothing():  # type: ignore[no-untyped-def]
    from contextlib import nullcontext

    return nullcontext()


@pytest.mark.parametrize("name", ["model.sig", ".sentinel/attestations.intoto.jsonl"])
def test_nothing_is_marked_beside_a_signature(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    save_file(state(), tmp_path / "in/m.safetensors")
    (tmp_path / "in" / name).parent.mkdir(exist_ok=True)
    (tmp_path / "in" / name).write_text("{}")
    for source, out in (("in", "."), (".", "in")):
        save_file(state(), tmp_path / "m.safetensors")
        with pytest.raises(TrustError) as caught:
            embed_watermark_file(tmp_path / source / "m.safetensors", tmp_path / out / "o", key())
        assert caught.value.reason == "signed"
    (tmp_path / "in" / name).unlink()
    embed_watermark_file(tmp_path / "in/m.safetensors", tmp_path / "o", key())


def test_nothing_is_overwritten_and_links_are_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    save_file(state(), path)
    with pytest.raises(UsageError, match="exists"):
        embed_watermark_file(path, path, key())
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(UsageError):
        embed_watermark_file(tmp_path / "link", tmp_path / "o", key())
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="exists"):
        embed_watermark_file(path, tmp_path / "dangling", key())
    with pytest.raises(UsageError):
        embed_watermark_file(path, tmp_path / "no/such/o", key())


def _header(tensors: dict[str, object], data: int = 64) -> bytes:
    text = json.dumps(tensors).encode()
    return len(text).to_bytes(8, "little") + text + bytes(data)


_SOUND = {"dtype": "F32", "shape": [4, 4], "data_offsets": [0, 64]}


@pytest.mark.parametrize(
    "data",
    [
        _header({"w": {**_SOUND, "shape": [4, 5]}}),
        _header({"w": {**_SOUND, "shape": [4, -4]}}),
        _header({"w": {**_SOUND, "shape": [4.0, 4]}}),
        _header({"w": {**_SOUND, "shape": [1] * 100}}),
        _header({"w": {**_SOUND, "dtype": "F7"}}),
        _header({"w": {**_SOUND, "dtype": ["F32"]}}),
        _header({"w": {**_SOUND, "data_offsets": [64, 0]}}),
        _header({"w": {**_SOUND, "data_offsets": [64, 128]}}),
        _header({"w": _SOUND, "v": _SOUND}),
        _header({"w": {**_SOUND, "more": 1}}),
        _header({"w": 3}),
        b'\x40\x00\x00\x00\x00\x00\x00\x00{"w": 1, "w": 2}' + bytes(64),
        (2).to_bytes(8, "little") + b"{]" + bytes(64),
        (10).to_bytes(8, "little") + b'{"a":[[[[[',
    ],
)
def test_broken_headers_are_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "m").write_bytes(data)
    with pytest.raises(TrustError):
        embed_watermark_file(tmp_path / "m", tmp_path / "o", key())
    assert not (tmp_path / "o").exists()
    sound = _header({"w": _SOUND})
    (tmp_path / "m").write_bytes(sound)
    with pytest.raises(NotMarked) as caught:
        embed_watermark_file(tmp_path / "m", tmp_path / "o", key())
    assert caught.value.reason == "capacity"


def _checkpoint() -> bytes:
    buffer = io.BytesIO()
    torch.save({"w": torch.linspace(-1, 1, 2048).reshape(32, 64)}, buffer)
    return buffer.getvalue()


_CHECKPOINT = _checkpoint()
_PLACES = st.integers(0, len(_CHECKPOINT) - 1)


@given(st.lists(st.tuples(_PLACES, st.integers(0, 255)), min_size=1, max_size=6), _PLACES)
@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_broken_checkpoints_are_errors_of_ours(
    tmp_path: Path, changes: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(_CHECKPOINT)
    for place, value in changes:
        data[place] = value
    for number, version in enumerate((bytes(data), bytes(data[:cut]))):
        path, out = tmp_path / f"m{number}", tmp_path / "out"
        path.write_bytes(version)
        try:
            embed_watermark_file(path, out, key())
        except SentinelError:
            assert not out.exists()
        out.unlink(missing_ok=True)


def test_a_pickle_that_would_call_something_is_refused(tmp_path: Path) -> None:
    class Inert:
        def __reduce__(self):  # type: ignore[no-untyped-def]
            return (print, ("never",))

    torch.save({"w": torch.ones(64, 64), "x": Inert()}, tmp_path / "m.pt")
    with pytest.raises(TrustError) as caught:
        embed_watermark_file(tmp_path / "m.pt", tmp_path / "o", key())
    assert caught.value.reason == "not-a-state-dict"


def test_members_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.pt"
    path.write_bytes(_CHECKPOINT)
    embed_watermark_file(path, tmp_path / "o", key())
    with (
        pytest.warns(UserWarning, match="Duplicate"),
        zipfile.ZipFile(path, "a") as archive,
    ):
        archive.writestr("archive/data/0", bytes(8192))
    with pytest.raises(TrustError) as caught:
        embed_watermark_file(path, tmp_path / "o2", key())
    assert caught.value.reason == "model-malformed"
