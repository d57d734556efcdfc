"""``sentinel watermark``: what it writes, what it says, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from tests.cli.run import Cli, Done
from tests.trust.watermark.damage import permuted_cnn
from tests.trust.watermark.networks import Arrays, arrays, cnn


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    save_file({"w": random.normal(size=(256, 256)).astype("f4")}, "m.safetensors")
    return tmp_path


@pytest.fixture
def run(place: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    cli = Cli(place, capsys)
    assert cli("watermark", "keygen", "key").code == 0
    return cli


def embed(run: Cli, *more: str) -> Done:
    return run("watermark", "embed", "m.safetensors", "-o", "o.safetensors", "--key", "key", *more)


def verify(run: Cli, path: str, *more: str) -> Done:
    return run("watermark", "verify", path, "--key", "file:key", *more)


def test_a_mark_is_made_and_found(run: Cli, place: Path) -> None:
    done = embed(run, "--id", "abc", "--record", "r.json", "--anchors", "a.bin")
    assert (done.code, done.err) == (0, "")
    assert "0000000000000abc" in done.out
    assert json.loads((place / "r.json").read_text())["identity"] == f"{0xABC:016x}"
    done = verify(run, "o.safetensors", "--record", "r.json", "--anchors", "a.bin")
    assert (done.code, done.err) == (0, "")
    assert "o.safetensors: marked" in done.out
    assert "corrected for 2 hypotheses" in done.out
    assert "ownership  not shown by this" in done.out
    for arguments in ((), ("--id", "abc"), ("--id", "0xABC")):
        assert verify(run, "o.safetensors", *arguments).code == 0
    (place / "ids").write_text("1\n2  # a recipient\n\nabc\n")
    done = verify(run, "o.safetensors", "--ids", "ids", "--record", "r.json")
    assert "0000000000000abc (given)" in done.out
    assert "corrected for 3 hypotheses" in done.out


def test_what_is_not_marked_ends_with_1(run: Cli) -> None:
    embed(run, "--record", "r.json")
    for arguments in ((), ("--record", "r.json"), ("--id", "1")):
        done = verify(run, "m.safetensors", *arguments)
        assert (done.code, done.err) == (1, "")
        assert "m.safetensors: not_marked" in done.out
    assert "none (undecodable)" in verify(run, "m.safetensors").out
    run("watermark", "keygen", "other")
    done = run("watermark", "verify", "o.safetensors", "--key", "other")
    assert (done.code, done.err) == (1, "")
    done = run("watermark", "verify", "o.safetensors", "--key", "other", "--record", "r.json")
    assert done.code == 1
    assert "refused (wrong-key)" in done.err


def test_permuted_units_need_the_original(run: Cli, place: Path) -> None:
    networks_weights: Arrays = arrays(cnn())
    save_file(networks_weights, "m.safetensors")
    embed(run, "--record", "r")
    save_file(permuted_cnn(load_file("o.safetensors")), "p.safetensors")
    assert verify(run, "p.safetensors", "--record", "r").code == 1
    done = verify(run, "p.safetensors", "--record", "r", "--original", "m.safetensors")
    assert done.code == 0
    assert "told by names+original" in done.out


def test_what_cannot_be_marked(run: Cli, place: Path) -> None:
    save_file({"w": np.ones((3, 3), "f4")}, "m.safetensors")
    done = embed(run, "--record", "r")
    assert done.code == 1
    assert "not_marked (capacity): m.safetensors" in done.err
    assert not (place / "o.safetensors").exists()
    assert not (place / "r").exists()


def test_nothing_is_written_over(run: Cli, place: Path) -> None:
    for name in ("o.safetensors", "r", "a"):
        (place / name).write_text("mine")
        done = embed(run, "--record", "r", "--anchors", "a")
        assert done.code == 2
        assert f"{name}: exists" in done.err
        assert (place / name).read_text() == "mine"
        (place / name).unlink()
    assert run("watermark", "keygen", "key").code == 2
    assert not (place / "o.safetensors").exists()


def test_a_key_that_others_can_read(run: Cli, place: Path) -> None:
    embed(run)
    (place / "key").chmod(0o644)
    (place / "o.safetensors").rename(place / "marked.safetensors")
    for done in (embed(run), verify(run, "marked.safetensors")):
        assert done.code == 1
        assert "refused (key-file-permissions)" in done.err
    assert not (place / "o.safetensors").exists()


def test_a_key_inside_the_model_is_refused(run: Cli, place: Path) -> None:
    (place / "m").mkdir()
    (place / "m.safetensors").rename(place / "m/m.safetensors")
    run("watermark", "keygen", "m/key")
    for spelled in ("m/key", "file:m/key", "file:m/../m/key"):
        done = run("watermark", "embed", "m", "-o", "o", "--key", spelled)
        assert done.code == 1
        assert "refused (key-inside-model)" in done.err
    (place / "m/key").unlink()
    assert run("watermark", "embed", "m", "-o", "o", "--key", "key").code == 0
    assert run("watermark", "verify", "o", "--key", "key").code == 0


def test_without_a_key_nothing_is_marked(
    run: Cli, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SENTINEL_WATERMARK_KEY", raising=False)
    done = run("watermark", "embed", "m.safetensors", "-o", "o", "--key", "env:")
    assert done.code == 2
    assert "SENTINEL_WATERMARK_KEY holds no key" in done.err
    assert not (place / "o").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        "embed m.safetensors --key key",
        "embed m.safetensors -o o",
        "verify m.safetensors",
        "verify m.safetensors --key key -o o",
        "verify m.safetensors --key key --id xyz",
        "verify m.safetensors --key key --id 12345678901234567",
        "verify m.safetensors --key key --id 1 --ids ids",
        "verify m.safetensors --key key --ids nowhere",
        "verify m.safetensors --key key --ids empty",
        "verify m.safetensors --key key --record nowhere",
        "verify m.safetensors --key key --anchors nowhere",
        "verify m.safetensors --key key --original nowhere",
        "verify nowhere --key key",
        "verify /dev/null --key key",
        "keygen k --key key",
        "embed m.safetensors -o o --key key --ids ids",
        "sing m.safetensors",
        "",
    ],
)
def test_wrong_usage_ends_with_2(run: Cli, place: Path, arguments: str) -> None:
    (place / "empty").write_text("# nobody\n")
    done = run("watermark", *arguments.split())
    assert done.code == 2
    assert done.err.startswith("sentinel: ")
    assert "Traceback" not in done.err
    assert "internal error" not in done.err
    assert not (place / "o").exists()


def test_records_and_anchors_that_are_none_are_refused(run: Cli, place: Path) -> None:
    embed(run, "--record", "r", "--anchors", "a")
    for option in ("--record", "--anchors"):
        done = verify(run, "o.safetensors", option, "key")
        assert done.code == 1
        assert done.err.startswith("sentinel: refused (")


def test_it_says_what_a_mark_does_not_show(run: Cli) -> None:
    text = " ".join(run("watermark", "--help").out.split())
    assert "can be removed" in text
    assert "says nothing about whether a file was altered" in text
