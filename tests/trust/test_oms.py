"""Signatures over models: what is tampered with is refused, by a reason; nothing else is."""

from __future__ import annotations

import base64
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from sentinel.errors import TrustError
from sentinel.trust import oms
from sentinel.trust.keys import PublicKey, load_public_key, load_signer
from tests.trust.oms_kit import Desk, flip, git_extra, to_link
from tests.trust.signing_kit import FILES, model, pair


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


VECTORS = Path(__file__).parent / "vectors"


def test_what_was_signed_is_verified(desk: Desk) -> None:
    found = oms.verify(desk.model, desk.key)
    assert (found.name, found.method, found.unsigned) == ("model", "key", ())
    assert desk.key.keyid.startswith(found.signer.removeprefix("key "))
    assert sorted(found.manifest.by_name()) == sorted(FILES)


def test_a_copy_elsewhere_is_the_same_model(desk: Desk) -> None:
    shutil.copytree(desk.model, desk.root / "copy")
    assert oms.verify(desk.root / "copy", desk.key)


def move(desk: Desk, old: str, new: str) -> None:
    (desk.model / old).rename(desk.model / new)


def swap(desk: Desk) -> None:
    first, second = desk.model / "MLmodel", desk.model / "data-card.md"
    one, two = first.read_bytes(), second.read_bytes()
    first.write_bytes(two)
    second.write_bytes(one)


def sign_with_another_key(desk: Desk) -> None:
    oms.sign(desk.model, load_signer(pair(desk.root, "other").private))


def signature_of_another_model(desk: Desk) -> None:
    other = model(desk.root / "other", {**FILES, "model.pkl": b"\x80\x04K\x00."})
    shutil.copy(oms.sign(other, desk.signer), desk.signature)


def payload_of(data: bytes) -> Callable[[dict[str, object]], object]:
    return lambda outer: outer["dsseEnvelope"].update(payload=base64.b64encode(data).decode())  # type: ignore[attr-defined]


TAMPERS: dict[str, tuple[Callable[[Desk], object], str]] = {
    "a bit flipped": (flip, "digest-mismatch"),
    "a file added": (lambda desk: (desk.model / "evil.py").write_text(""), "unsigned-file"),
    "a file removed": (lambda desk: (desk.model / "MLmodel").unlink(), "missing-file"),
    "a file renamed": (lambda desk: move(desk, "MLmodel", "Mmodel"), "missing-file"),
    "two files swapped": (swap, "digest-mismatch"),
    "a file made a link": (lambda desk: to_link(desk, "model.pkl"), "symlink"),
    "a directory made a link": (lambda desk: to_link(desk, "data"), "symlink"),
    "a file below .git": (lambda desk: git_extra(desk, ".git/hook"), "unsigned-file"),
    "no payload": (lambda desk: desk.edit(payload_of(b"")), "empty-payload"),
    "no signatures": (
        lambda desk: desk.edit(lambda outer: outer["dsseEnvelope"].update(signatures=[])),  # type: ignore[attr-defined]
        "no-signature",
    ),
    "another key": (sign_with_another_key, "wrong-key"),
    "another model's signature": (signature_of_another_model, "digest-mismatch"),
    # beyond the twelve
    "a file .gitattributes": (lambda desk: git_extra(desk, ".gitattributes"), "unsigned-file"),
    "an empty directory": (lambda desk: (desk.model / "empty").mkdir(), "empty-directory"),
    "the signature gone": (lambda desk: desk.signature.unlink(), "no-signature"),
    "the signature a link": (lambda desk: to_link(desk, "model.sig"), "symlink"),
    "a pipe": (lambda desk: os.mkfifo(desk.model / "pipe"), "special-file"),
    "the signature a pipe": (
        lambda desk: (desk.signature.unlink(), os.mkfifo(desk.signature)),
        "special-file",
    ),
    "the signature a directory": (
        lambda desk: (desk.signature.unlink(), desk.signature.mkdir()),
        "special-file",
    ),
    "another statement": (lambda desk: desk.edit(payload_of(b"{}")), "bad-signature"),
    "a name below the attestations": (
        lambda desk: model(desk.model, {".sentinel/attestations.intoto.jsonl/x.txt": b""}),
        "unsigned-file",
    ),
    "a file beside the attestations": (
        lambda desk: model(desk.model, {".sentinel/notes.txt": b""}),
        "unsigned-file",
    ),
}


@pytest.mark.parametrize("name", TAMPERS)
def test_tampering_is_refused(desk: Desk, name: str) -> None:
    tamper, reason = TAMPERS[name]
    assert oms.verify(desk.model, desk.key)
    tamper(desk)
    assert desk.reason() == reason


def test_attestations_may_be_added(desk: Desk) -> None:
    model(desk.model, {".sentinel/attestations.intoto.jsonl": b"{}\n"})
    assert oms.verify(desk.model, desk.key).unsigned == ()


def test_permissions_are_not_claimed(desk: Desk) -> None:
    (desk.model / "MLmodel").chmod(0o755)
    assert oms.verify(desk.model, desk.key)


def test_an_old_model_with_its_old_signature_is_still_signed(desk: Desk) -> None:
    # A signature cannot tell; the lock file of a policy does.
    old = shutil.copytree(desk.model, desk.root / "old")
    (desk.model / "model.pkl").write_bytes(b"\x80\x04K\x01.")
    oms.sign(desk.model, desk.signer)
    assert oms.verify(desk.model, desk.key)
    assert oms.verify(old, desk.key)


class TestVectors:
    """Bundles that other versions of the reference implementation made."""

    @pytest.fixture
    def key(self) -> PublicKey:
        return load_public_key(VECTORS / "key.pub")

    @pytest.fixture
    def signed(self, tmp_path: Path) -> Path:
        return model(tmp_path / "m", {"signme-1": b"signme-1\n", "signme-2": b"signme-2"})

    def test_of_version_1_1(self, key: PublicKey, signed: Path) -> None:
        vector = VECTORS / "key-1.1.0.sig"
        assert oms.verify(signed, key, signature=vector).name == "v1.1.0-elliptic-key"
        model(signed, {"ignore-me": b""})
        assert oms.verify(signed, key, signature=vector, strict=False).unsigned == ("ignore-me",)
        with pytest.raises(TrustError) as caught:
            oms.verify(signed, key, signature=vector)
        assert caught.value.reason == "unsigned-file"

    def test_of_version_1_0_over_a_single_file(self, key: PublicKey, signed: Path) -> None:
        vector = VECTORS / "key-1.0.0.sig"
        one = signed / "signme-1"
        assert oms.verify(one, key, signature=vector, strict=False).manifest.single
        for path, strict in ((one, True), (signed / "signme-2", False), (signed, False)):
            with pytest.raises(TrustError):
                oms.verify(path, key, signature=vector, strict=strict)


def test_no_socket_is_opened(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **more: object) -> None:
        raise AssertionError("a socket")

    for name in ("socket", "create_connection", "getaddrinfo", "socketpair"):
        monkeypatch.setattr(socket, name, refuse)
    oms.sign(desk.model, desk.signer)
    assert oms.verify(desk.model, desk.key)
