"""Keys: where they come from, what is refused, and that they are never seen."""

from __future__ import annotations

import base64
import copy
import json
import os
import pickle
import sys
import traceback
from pathlib import Path

import numpy as np
import pytest

from sentinel.errors import SentinelError, TrustError, UsageError
from sentinel.trust import embed_watermark, load_watermark_key, verify_watermark
from sentinel.trust.watermark.keys import HeldKey, commit, keygen
from sentinel.trust.watermark.secret import Secret
from sentinel.trust.watermark.verify import Request

VALUE = bytes(range(100, 132))
TEXT = base64.b64encode(VALUE).decode()


def written(path: Path, text: str = TEXT, mode: int = 0o600) -> str:
    path.write_text(text + "\n")
    path.chmod(mode)
    return str(path)


def test_all_ways_to_a_key_derive_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", TEXT)
    monkeypatch.setenv("SENTINEL_WATERMARK_KEY", TEXT)
    path = written(tmp_path / "key")
    expected = HeldKey(Secret(VALUE)).derive(b"model 7")
    for where in ("env:MY_KEY", "env:", f"file:{path}", path):
        assert load_watermark_key(where).derive(b"model 7") == expected


def test_contexts_have_keys_of_their_own() -> None:
    held = HeldKey(Secret(VALUE))
    derived = [held.derive(context).reveal() for context in (b"", b"a", b"b", b"a\x01")]
    assert len({VALUE, *derived}) == 5
    weights = {"w": np.random.default_rng(0).normal(size=(64, 64)).astype("f4")}
    out, mark = embed_watermark(weights, held, identity=1, context="for A")
    assert verify_watermark(out, held, identities=[1], context="for A").verdict == "marked"
    assert verify_watermark(out, held, identities=[1], context="for B").verdict == "not_marked"
    assert verify_watermark(out, held, record=mark.record).verdict == "marked"


def test_the_derivation_is_hkdf() -> None:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    expected = HKDF(SHA256(), 32, b"sentinel watermark key v1", b"ctx").derive(VALUE)
    assert HeldKey(Secret(VALUE)).derive(b"ctx").reveal() == expected


def test_keygen_writes_a_private_file_once(tmp_path: Path) -> None:
    path = tmp_path / "key"
    keygen(str(path))
    assert path.stat().st_mode & 0o777 == 0o600
    first = load_watermark_key(str(path)).derive(b"")
    with pytest.raises(UsageError, match="never overwritten"):
        keygen(str(path))
    keygen(str(tmp_path / "other"))
    assert load_watermark_key(str(tmp_path / "other")).derive(b"") != first


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o610, 0o660])
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = written(tmp_path / "key", mode=mode)
    with pytest.raises(TrustError) as caught:
        load_watermark_key(path)
    assert caught.value.reason == "key-file-permissions"
    assert path in caught.value.message
    assert oct(mode)[2:] in caught.value.message
    Path(path).chmod(0o400)
    load_watermark_key(path)


@pytest.mark.parametrize(
    "text",
    ["", "AAAA", TEXT[:-4], TEXT + "AAAA", TEXT.replace("Z", "!"), "not base64 at all", "\x00\xff",
     base64.b64encode(bytes(32)).decode()],
)  # fmt: skip
def test_what_is_no_key_is_refused_without_being_shown(tmp_path: Path, text: str) -> None:
    path = written(tmp_path / "key", text)
    with pytest.raises(UsageError) as caught:
        load_watermark_key(path)
    shown = "".join(traceback.format_exception(caught.value))
    assert not text or text not in shown


def test_links_directories_and_pipes_are_no_key_files(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(written(tmp_path / "key"))
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name in ("link", "pipe", ".", "missing"):
        with pytest.raises(UsageError):
            load_watermark_key(str(tmp_path / name))
    for where in ("", "env:NOT_SET_AT_ALL", "exec:", "exec:'", 'exec:["a", 3]', "exec:[]"):
        with pytest.raises(UsageError):
            load_watermark_key(where)


_DERIVES = (
    "import base64, hashlib, sys; context = base64.b64decode(sys.stdin.read());"
    "print(base64.b64encode(hashlib.sha256(b'vault' + context).digest()).decode())"
)


def test_a_command_derives_keys_without_a_shell(tmp_path: Path) -> None:
    argv = json.dumps([sys.executable, "-c", _DERIVES])
    provider = load_watermark_key(f"exec:{argv}")
    assert provider.derive(b"a") == provider.derive(b"a") != provider.derive(b"b")
    script = tmp_path / "derive $(touch x)"
    script.write_text(f"#!{sys.executable}\n{_DERIVES}\n")
    script.chmod(0o700)
    quoted = load_watermark_key(f"exec:'{script}' '; touch {tmp_path}/x'")
    assert quoted.derive(b"a") == provider.derive(b"a")
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    "code",
    [
        f"print('{TEXT}'); raise SystemExit(3)",
        f"import sys; sys.stderr.write('{TEXT}'); raise SystemExit(1)",
        f"print('{TEXT}' * 2)",
        "pass",
    ],
)
def test_a_command_that_gives_no_key_shows_nothing_of_it(
    code: str, capfd: pytest.CaptureFixture[str]
) -> None:
    provider = load_watermark_key(f"exec:{json.dumps([sys.executable, '-c', code])}")
    with pytest.raises(UsageError) as caught:
        provider.derive(b"")
    captured = capfd.readouterr()
    shown = "".join(traceback.format_exception(caught.value)) + captured.out + captured.err
    assert TEXT not in shown


def test_a_command_that_is_not_there() -> None:
    for command in ("exec:/no/such/program", 'exec:["a\\u0000b"]'):
        with pytest.raises(UsageError):
            load_watermark_key(command).derive(b"")


def test_a_secret_shows_itself_to_nobody() -> None:
    secret = Secret(VALUE)
    shown = [repr(secret), str(secret), f"{secret}", f"{[secret]!r:>9}", repr({secret: secret})]
    shown += [repr(HeldKey(secret)), repr(vars(type(secret)))]
    for text in shown:
        assert _traces(text.encode("utf-8", "replace")) == []
    for taken in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            taken(secret)
    assert secret == Secret(VALUE) != Secret(VALUE[::-1])
    assert secret != VALUE


def _traces(data: bytes) -> list[str]:
    """Return in which guise the key, or what it derives, is in some bytes."""
    derived = HeldKey(Secret(VALUE)).derive(b"").reveal()
    found = []
    for name, value in (("master", VALUE), ("derived", derived)):
        guises = {
            "raw": value, "hex": value.hex().encode(), "HEX": value.hex().upper().encode(),
            "base64": base64.b64encode(value), "repr": repr(value)[2:-1].encode(),
            "list": ", ".join(map(str, value)).encode(),
        }  # fmt: skip
        found += [f"{name} {guise}" for guise, text in guises.items() if text[:16] in data]
    return found


def test_the_key_is_in_nothing_that_is_left_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from safetensors.numpy import save_file

    from sentinel.cli import main

    weights = {"w": np.random.default_rng(0).normal(size=(64, 64)).astype("f4")}
    save_file(weights, tmp_path / "m.safetensors")
    path = written(tmp_path / "key")
    common = ["--key", path, "--record", str(tmp_path / "r"), "--anchors", str(tmp_path / "a")]
    out = str(tmp_path / "o")
    assert main(["watermark", "embed", str(tmp_path / "m.safetensors"), "-o", out, *common]) == 0
    assert main(["watermark", "verify", out, *common, "-vv"]) == 2
    assert main(["watermark", "verify", out, *common]) == 0
    (tmp_path / "o").write_bytes(b"GGUF")
    assert main(["watermark", "verify", out, *common]) == 1
    captured = capsys.readouterr()
    assert _traces((captured.out + captured.err).encode()) == []
    Path(path).unlink()
    for file in tmp_path.iterdir():
        assert _traces(file.read_bytes()) == []
    provider = HeldKey(Secret(VALUE))
    _, mark = embed_watermark(weights, provider)
    assert _traces(repr((mark, provider, Request(mark.record))).encode()) == []
    assert "master raw" in _traces(VALUE)


def test_the_key_is_in_no_exception() -> None:
    provider = HeldKey(Secret(VALUE))
    weights = {"w": np.random.default_rng(0).normal(size=(64, 64)).astype("f4")}
    _, mark = embed_watermark(weights, HeldKey(Secret(VALUE[::-1])))
    attempts = [
        lambda: embed_watermark({"w": np.ones((3, 3), "f4")}, provider),
        lambda: embed_watermark(object(), provider),
        lambda: embed_watermark(weights, provider, identity=-1),
        lambda: verify_watermark(weights, provider, record=mark.record),
        lambda: verify_watermark(weights, provider, anchors=mark.anchors, identities=[1 << 70]),
    ]
    for attempt in attempts:
        with pytest.raises((SentinelError, OverflowError)) as caught:
            attempt()
        text = "".join(traceback.TracebackException.from_exception(caught.value).format())
        assert _traces(text.encode()) == []


def test_commitments_bind_and_hide() -> None:
    one, two = (commit(Secret(VALUE)) for _ in range(2))
    assert one.digest != two.digest
    assert commit(Secret(VALUE), one.salt) == one
    assert commit(Secret(VALUE[::-1]), one.salt).digest != one.digest
    assert one.key_id == one.digest.hex()[:16]


def test_another_key_than_the_record_says_is_refused() -> None:
    weights = {"w": np.random.default_rng(0).normal(size=(64, 64)).astype("f4")}
    out, mark = embed_watermark(weights, HeldKey(Secret(VALUE)))
    with pytest.raises(TrustError) as caught:
        verify_watermark(out, HeldKey(Secret(VALUE[::-1])), record=mark.record)
    assert caught.value.reason == "wrong-key"
    assert verify_watermark(out, HeldKey(Secret(VALUE)), record=mark.record).verdict == "marked"
