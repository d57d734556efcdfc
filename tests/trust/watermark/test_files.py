"""Model files: marked in a copy of the same size, read by the libraries that wrote them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from sentinel.trust import embed_watermark_file, verify_watermark, verify_watermark_file
from sentinel.trust.watermark.detect import MarkVerdict
from sentinel.trust.watermark.verify import Request
from tests.trust.watermark.conftest import key
from tests.trust.watermark.tensors_kit import Tensors, state


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
