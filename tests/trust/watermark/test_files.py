"""Model files: marked in a copy of the same size, read by the libraries that wrote them."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from sentinel.errors import SentinelError, TrustError, UsageError
from sentinel.trust import (
    NotMarked,
    embed_watermark_file,
    verify_watermark,
    verify_watermark_file,
)
from sentinel.trust.watermark.detect import MarkVerdict
from sentinel.trust.watermark.verify import Request
from tests.trust.watermark.conftest import key

Tensors = dict[str, torch.Tensor]


def state(kind: torch.dtype = torch.float32) -> Tensors:
    """Tensors that can bear a mark, and of each kind that cannot."""
    random = torch.Generator().manual_seed(0)
    found = {
        f"{n}.weight": (torch.randn(128, 96, generator=random) * 0.1).to(kind) for n in range(3)
    }
    found["conv"] = torch.randn(8, 4, 3, 3, generator=random).to(kind)
    found["1.bias"] = torch.randn(128, generator=random).to(kind)
    found["steps"] = torch.arange(5000).reshape(50, 100)
    found["codes"] = torch.randint(-128, 127, (64, 64), generator=random, dtype=torch.int8)
    return found


def same(a: torch.Tensor, b: torch.Tensor) -> bool:
    return a.dtype == b.dtype and torch.equal(a, b)


def check_copy(before: Tensors, after: Tensors, marked: set[str]) -> None:
    assert list(before) == list(after)
    for name, value in before.items():
        assert same(value, after[name]) == (name not in marked), name
        assert (value == 0).equal(after[name] == 0)


@pytest.mark.parametrize("kind", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
def test_safetensors_keep_header_and_size(tmp_path: Path, kind: torch.dtype) -> None:
    before, path, out = state(kind), tmp_path / "m.safetensors", tmp_path / "out.safetensors"
    before["0.weight"][::7] = 0
    save_file(before, path, metadata={"format": "pt"})
    given = path.read_bytes()
    mark = embed_watermark_file(path, out, key(), identity=5)
    assert path.read_bytes() == given
    assert len(given) == out.stat().st_size
    header = 8 + int.from_bytes(given[:8], "little")
    assert out.read_bytes()[:header] == given[:header]
    names = {part.name for part in mark.record.parts}
    assert names == {"0.weight", "1.weight", "2.weight", "conv"}
    check_copy(dict(sorted(before.items())), dict(sorted(load_file(out).items())), names)
    found = verify_watermark_file(out, key(), Request(record=mark.record))
    assert found.verdict is MarkVerdict.MARKED
    again = verify_watermark_file(path, key(), Request(record=mark.record))
    assert again.verdict is MarkVerdict.NOT_MARKED
    assert sorted(one.name for one in tmp_path.iterdir()) == ["m.safetensors", "out.safetensors"]


@pytest.mark.parametrize("kind", [torch.float32, torch.float64, torch.float16, torch.bfloat16])
def test_checkpoints_load_again_with_right_checksums(tmp_path: Path, kind: torch.dtype) -> None:
    before, path, out = state(kind), tmp_path / "m.pt", tmp_path / "out.pt"
    before["tied"] = before["1.weight"]
    torch.save(before, path)
    given = path.read_bytes()
    mark = embed_watermark_file(path, out, key(), identity=5)
    assert path.read_bytes() == given
    assert len(given) == out.stat().st_size
    names = {part.name for part in mark.record.parts}
    assert "tied" not in names
    after = torch.load(out, weights_only=True)
    check_copy(before, after, names | {"tied"})
    assert after["tied"].data_ptr() == after["1.weight"].data_ptr()
    with zipfile.ZipFile(out) as archive:
        assert archive.testzip() is None
    found = verify_watermark_file(out, key(), Request(record=mark.record))
    assert found.verdict is MarkVerdict.MARKED


def test_a_mark_survives_the_change_from_checkpoint_to_safetensors(tmp_path: Path) -> None:
    torch.save(state(), tmp_path / "m.pt")
    mark = embed_watermark_file(tmp_path / "m.pt", tmp_path / "out.pt", key(), identity=5)
    save_file(torch.load(tmp_path / "out.pt", weights_only=True), tmp_path / "out.safetensors")
    found = verify_watermark_file(tmp_path / "out.safetensors", key(), Request(record=mark.record))
    assert (found.verdict, found.mapping) == (MarkVerdict.MARKED, "names")


def test_a_training_checkpoint_keeps_its_optimiser(tmp_path: Path) -> None:
    network = torch.nn.Linear(128, 128)
    optimizer = torch.optim.Adam(network.parameters())
    network(torch.ones(1, 128)).sum().backward()
    optimizer.step()
    before = {"epoch": 3, "model": network.state_dict(), "optimizer": optimizer.state_dict()}
    torch.save(before, tmp_path / "m.pt")
    mark = embed_watermark_file(tmp_path / "m.pt", tmp_path / "out.pt", key())
    assert [part.name for part in mark.record.parts] == ["model.weight"]
    after = torch.load(tmp_path / "out.pt", weights_only=True)
    moments = before["optimizer"]["state"][0]
    for name, value in moments.items():
        assert same(value, after["optimizer"]["state"][0][name])
    assert not same(network.state_dict()["weight"], after["model"]["weight"])


def test_views_of_one_storage_are_marked_once_and_transposed_ones_never(tmp_path: Path) -> None:
    whole = torch.randn(200, 64)
    torch.save({"a": whole[:100], "b": whole[50:], "c": whole.T}, tmp_path / "m.pt")
    mark = embed_watermark_file(tmp_path / "m.pt", tmp_path / "out.pt", key())
    assert [part.name for part in mark.record.parts] == ["a"]
    after = torch.load(tmp_path / "out.pt", weights_only=True)
    assert same(after["b"][50:], whole[100:])
    assert same(after["a"][50:], after["b"][:50])


def test_shards_are_marked_as_one_model(tmp_path: Path) -> None:
    before, folder, out = state(), tmp_path / "m", tmp_path / "out"
    (folder / "extra").mkdir(parents=True)
    names = list(before)
    halves = {"a": names[::2], "b": names[1::2]}
    for half, mine in halves.items():
        save_file({name: before[name] for name in mine}, folder / f"{half}.safetensors")
    (folder / "extra/config.json").write_text("{}")
    mark = embed_watermark_file(folder, out, key(), identity=5)
    assert {part.name for part in mark.record.parts} == {"0.weight", "1.weight", "2.weight", "conv"}
    files = [str(one.relative_to(out)) for one in sorted(out.rglob("*")) if one.is_file()]
    assert files == ["a.safetensors", "b.safetensors", "extra/config.json"]
    after = {**load_file(out / "a.safetensors"), **load_file(out / "b.safetensors")}
    check_copy(dict(sorted(before.items())), dict(sorted(after.items())),
               {part.name for part in mark.record.parts})  # fmt: skip
    request = Request(record=mark.record)
    assert verify_watermark_file(out, key(), request).verdict is MarkVerdict.MARKED
    assert verify_watermark_file(folder, key(), request).verdict is MarkVerdict.NOT_MARKED
    save_file(after, tmp_path / "one.safetensors")
    found = verify_watermark_file(tmp_path / "one.safetensors", key())
    assert found.verdict is MarkVerdict.MARKED
    assert sorted(one.name for one in tmp_path.iterdir()) == ["m", "one.safetensors", "out"]


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


def test_memory_is_bounded_whatever_the_size(tmp_path: Path) -> None:
    import tracemalloc

    random = np.random.default_rng(0)
    size = 24 << 20
    save_file({"w": torch.from_numpy(random.normal(size=(4096, size // 4096)).astype("f4"))},
              tmp_path / "m.safetensors")  # fmt: skip
    assert (tmp_path / "m.safetensors").stat().st_size > 96 << 20
    tracemalloc.start()
    try:
        mark = embed_watermark_file(tmp_path / "m.safetensors", tmp_path / "o", key())
        verify_watermark_file(tmp_path / "o", key(), Request(record=mark.record))
        assert tracemalloc.get_traced_memory()[1] < 64 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_a_real_speaker_model(tmp_path: Path) -> None:
    """Resemblyzer's encoder, 1.42 million weights, out of its wheel where that is installed."""
    from importlib.util import find_spec

    found = find_spec("resemblyzer")
    if found is None or found.origin is None:
        pytest.skip("resemblyzer is not installed")
    from tests.trust.watermark import damage

    given = Path(found.origin).parent / "pretrained.pt"  # of the time before zip archives
    state = torch.load(given, weights_only=True, map_location="cpu")["model_state"]
    torch.save(state, tmp_path / "m.pt")
    mark = embed_watermark_file(tmp_path / "m.pt", tmp_path / "o.pt", key())
    assert mark.record.parameters["n"] > 1_400_000
    assert mark.record.distortion <= 0.005
    loaded = torch.load(tmp_path / "o.pt", weights_only=True)
    weights = {name: value.numpy() for name, value in loaded.items()}
    assert verify_watermark(weights, key(), record=mark.record).log10_p <= -50
    plain = {name: value.numpy() for name, value in state.items()}
    assert verify_watermark(plain, key(), record=mark.record).log10_p > -3
    bounds = [
        (damage.fp16, -50), (damage.bf16, -50), (damage.int8_per_channel, -50),
        (damage.int4_groups, -20), (damage.pruned(0.3), -30), (damage.noise(0.05), -50),
    ]  # fmt: skip
    half = damage.mixed(weights, plain)
    assert verify_watermark(half, key(), record=mark.record).log10_p <= -30
    for attack, most in bounds:
        hurt = damage.everywhere(weights, attack)
        assert verify_watermark(hurt, key(), record=mark.record).log10_p <= most
