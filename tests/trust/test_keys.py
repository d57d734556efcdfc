"""Keys: what is accepted, what is refused, and that none of it is told."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from sentinel.errors import ReadError, SentinelError, TrustError, UsageError
from sentinel.trust import extras, keygen, keys, kms
from sentinel.trust.keys import load_public_key, load_signer
from tests.trust.signing_kit import Pair, ed25519_pair, pair, save, write_private

CURVES = [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()]
PRIVATE = ("BEGIN PRIVATE", "PRIVATE KEY-----\n")


def refused(call, *arguments: object, **more: object) -> TrustError:  # type: ignore[no-untyped-def]
    with pytest.raises(TrustError) as caught:
        call(*arguments, **more)
    return caught.value


@pytest.fixture(params=[*CURVES, None], ids=["P-256", "P-384", "P-521", "Ed25519"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Pair:
    return pair(tmp_path, curve=request.param) if request.param else ed25519_pair(tmp_path)


def test_a_signature_verifies_and_no_other_does(made: Pair, tmp_path: Path) -> None:
    signer, public = load_signer(made.private), load_public_key(made.public)
    signature = signer.sign(b"data")
    public.verify(signature, b"data")
    assert signer.keyid == public.keyid == signer.verification_material.hint
    other = load_public_key(pair(tmp_path, "other").public)
    for key, sig, data in (
        (public, signature, b"date"),
        (public, signature[:-1], b"data"),
        (public, b"", b"data"),
        (other, signature, b"data"),
    ):
        assert refused(key.verify, sig, data).reason == "bad-signature"


@given(st.binary(max_size=150))
def test_no_bytes_are_a_signature(signature: bytes) -> None:
    key = keys.PublicKey(KEY.public_key())
    assert refused(key.verify, signature, b"data").reason == "bad-signature"


KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize("kind", ["rsa", "secp256k1", "dsa-like text", "certificate-less"])
def test_other_kinds_of_keys_are_refused(tmp_path: Path, kind: str) -> None:
    if kind == "rsa":
        made = save(tmp_path, "x", rsa.generate_private_key(65537, 2048))
    elif kind == "secp256k1":
        made = pair(tmp_path, curve=ec.SECP256K1())
    else:
        path = tmp_path / "x"
        path.touch(0o600)
        path.write_text("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
        made = Pair(None, path, path)
    assert refused(load_public_key, made.public).reason == "key-invalid"
    assert refused(load_signer, made.private).reason == "key-invalid"


def test_a_private_key_is_no_public_key(tmp_path: Path) -> None:
    made = pair(tmp_path)
    assert refused(load_public_key, made.private).reason == "key-invalid"
    made.public.chmod(0o600)
    assert refused(load_signer, made.public).reason == "key-invalid"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o620, 0o601])
def test_a_private_key_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    made = pair(tmp_path)
    made.private.chmod(mode)
    error = refused(load_signer, made.private)
    assert error.reason == "key-file-permissions"
    assert "chmod 600" in error.hint
    assert (
        refused(load_signer, f"file2:{made.private}", public_key=made.public).reason == error.reason
    )
    made.private.chmod(0o400)
    assert load_signer(made.private)


def test_passwords(tmp_path: Path) -> None:
    locked = write_private(tmp_path / "locked.pem", KEY, b"open sesame")
    assert load_signer(locked, b"open sesame").keyid == keys.PublicKey(KEY.public_key()).keyid
    for wrong in (None, b"sesame", b""):
        error = refused(load_signer, locked, wrong)
        assert error.reason == "key-encrypted"
        assert "sesame" not in error.diagnostics()
    unlocked = write_private(tmp_path / "unlocked.pem", KEY)
    assert load_signer(unlocked, b"not needed").keyid == load_signer(unlocked).keyid


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path, "a\0b"):
        with pytest.raises(ReadError):
            load_public_key(path)
        with pytest.raises(ReadError):
            load_signer(path)
    large = tmp_path / "large"
    large.touch(0o600)
    large.write_bytes(b"x" * 300_000)
    assert refused(load_signer, large).reason == "too-large"


def test_a_key_is_in_no_text(tmp_path: Path) -> None:
    made = pair(tmp_path)
    secret = made.private.read_text().splitlines()[1]
    signers = [
        load_signer(made.private),
        load_signer(f"file2:{made.private}", public_key=made.public),
    ]
    for signer in signers:
        assert secret[:20] not in repr(signer)
        assert "PRIVATE" not in repr(signer)
    broken = tmp_path / "broken.pem"
    broken.touch(0o600)
    broken.write_text(made.private.read_text().replace("\n", "\nX", 1))
    with pytest.raises(SentinelError) as caught:
        load_signer(broken)
    assert secret[:20] not in f"{caught.value.diagnostics()} {caught.value!r}"
    assert caught.value.__cause__ is None


class TestServices:
    """Keys by their URI, with the one scheme that needs no service."""

    def test_a_signature_of_a_service(self, made: Pair) -> None:
        signer = load_signer(f"file2:{made.private}", public_key=made.public)
        load_public_key(made.public).verify(signer.sign(b"data"), b"data")

    def test_the_public_key_is_needed(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="public key"):
            load_signer(f"file2:{pair(tmp_path).private}")

    def test_the_public_key_of_another(self, tmp_path: Path) -> None:
        one, two = pair(tmp_path, "one"), pair(tmp_path, "two")
        with pytest.raises(TrustError) as caught:
            load_signer(f"file2:{one.private}", public_key=two.public).sign(b"data")
        assert caught.value.reason in ("wrong-key", "key-service")

    def test_a_service_that_cannot_be_reached(self, tmp_path: Path) -> None:
        public = pair(tmp_path).public
        for uri in ("awskms:alias/x", "gcpkms:x", "hv:x", "hsm:2?label=x", "tkey:x"):
            with pytest.raises((TrustError, UsageError)) as caught:
                load_signer(uri, public_key=public).sign(b"data")
            assert caught.value.message.startswith(uri.partition(":")[0])

    def test_a_file_is_no_uri(self) -> None:
        assert not kms.is_uri("key.pem")
        assert not kms.is_uri("C:/key.pem")
        assert not kms.is_uri("gnupg:x")


def test_a_missing_library_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = pair(tmp_path)
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    for call in (lambda: load_signer(made.private), lambda: load_public_key(made.public)):
        with pytest.raises(UsageError) as caught:
            call()
        assert "[sign]" in caught.value.hint


class TestMaking:
    @pytest.mark.parametrize("password", [None, b"x" * 12])
    def test_a_pair(self, tmp_path: Path, password: bytes | None) -> None:
        public, keyid = keygen.generate(str(tmp_path / "k.pem"), password)
        assert stat.S_IMODE((tmp_path / "k.pem").stat().st_mode) == 0o600
        assert load_signer(tmp_path / "k.pem", password).keyid == keyid
        assert load_public_key(public).keyid == keyid

    @pytest.mark.parametrize("there", ["k.pem", "k.pem.pub"])
    def test_nothing_is_overwritten(self, tmp_path: Path, there: str) -> None:
        (tmp_path / there).write_text("mine")
        with pytest.raises(UsageError):
            keygen.generate(str(tmp_path / "k.pem"))
        assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]

    def test_half_a_pair_is_not_left(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        opened = os.open

        def full(path: str, *arguments: int) -> int:
            if str(path).endswith(".pub"):
                raise OSError(28, "No space left on device")
            return opened(path, *arguments)

        monkeypatch.setattr(os, "open", full)
        with pytest.raises(ReadError, match="No space"):
            keygen.generate(str(tmp_path / "k.pem"))
        assert not list(tmp_path.iterdir())

    def test_a_place_that_cannot_be_written(self, tmp_path: Path) -> None:
        with pytest.raises(ReadError):
            keygen.generate(str(tmp_path / "missing/k.pem"))
