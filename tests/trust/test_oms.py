"""Signatures over models: what is tampered with is refused, by a reason; nothing else is."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sentinel.errors import ReadError, TrustError, UsageError
from sentinel.limits import MIB
from sentinel.trust import bundle, dsse, oms, write
from sentinel.trust.dsse import IN_TOTO, Envelope, Signature
from sentinel.trust.keys import PrivateKey, PublicKey, load_public_key, load_signer
from sentinel.trust.reasons import REASONS
from tests.trust.signing_kit import FILES, ed25519_pair, model, pair

VECTORS = Path(__file__).parent / "vectors"


class Desk:
    """A signed model and whom to believe."""

    def __init__(self, root: Path) -> None:
        self.root = root
        made = pair(root)
        signer = load_signer(made.private)
        assert isinstance(signer, PrivateKey)
        self.signer: PrivateKey = signer
        self.key: PublicKey = load_public_key(made.public)
        self.model = model(root / "model")
        self.signature = Path(oms.sign(self.model, self.signer))

    def reason(self, match: str = ".", **more: object) -> str:
        with pytest.raises(TrustError, match=match) as caught:
            oms.verify(self.model, self.key, **more)  # type: ignore[arg-type]
        assert caught.value.reason in REASONS
        return caught.value.reason

    def said(self) -> dict[str, object]:
        """Return the statement that was signed."""
        outer = json.loads(self.signature.read_bytes())
        return json.loads(base64.b64decode(outer["dsseEnvelope"]["payload"]))  # type: ignore[no-any-return]

    def say(self, value: object, kind: str = IN_TOTO) -> None:
        """Sign another statement with the same key."""
        payload = value if isinstance(value, bytes) else json.dumps(value).encode()
        signature = Signature(self.signer.sign(dsse.pae(kind, payload)))
        envelope = Envelope(kind, payload, (signature,))
        made = bundle.Bundle(envelope, self.signer.verification_material)
        self.signature.write_bytes(bundle.to_bytes(made))

    def edit(self, change: Callable[[dict[str, object]], object]) -> None:
        """Change the bundle without signing it again."""
        outer = json.loads(self.signature.read_bytes())
        change(outer)
        self.signature.write_text(json.dumps(outer))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


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


def to_link(desk: Desk, name: str) -> None:
    path = desk.model / name
    path.rename(desk.root / path.name)
    path.symlink_to(desk.root / path.name)


def sign_with_another_key(desk: Desk) -> None:
    oms.sign(desk.model, load_signer(pair(desk.root, "other").private))


def signature_of_another_model(desk: Desk) -> None:
    other = model(desk.root / "other", {**FILES, "model.pkl": b"\x80\x04K\x00."})
    shutil.copy(oms.sign(other, desk.signer), desk.signature)


def flip(desk: Desk) -> None:
    path = desk.model / "data/weights.safetensors"
    data = bytearray(path.read_bytes())
    data[2_500] ^= 1
    path.write_bytes(data)


def git_extra(desk: Desk, name: str) -> None:
    path = desk.model / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("x")


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


class TestSingleFiles:
    def test_is_signed_beside_itself(self, desk: Desk) -> None:
        path = desk.root / "one.safetensors"
        path.write_bytes(b"x")
        assert oms.sign(path, desk.signer) == f"{path}.sig"
        assert oms.verify(path, desk.key).manifest.single

    def test_another_name_is_refused(self, desk: Desk) -> None:
        path = desk.root / "one.safetensors"
        path.write_bytes(b"x")
        place = oms.sign(path, desk.signer)
        path.rename(desk.root / "two.safetensors")
        with pytest.raises(TrustError) as caught:
            oms.verify(desk.root / "two.safetensors", desk.key, signature=place)
        assert caught.value.reason == "missing-file"


class TestSignaturePlaces:
    def test_elsewhere(self, desk: Desk) -> None:
        desk.signature.unlink()
        place = desk.root / "elsewhere.sig"
        oms.sign(desk.model, desk.signer, signature=place)
        assert oms.verify(desk.model, desk.key, signature=place)
        (desk.model / "model.sig").write_bytes(place.read_bytes())
        assert desk.reason(signature=place) == "unsigned-file"

    def test_in_the_model_under_another_name(self, desk: Desk) -> None:
        desk.signature.unlink()
        place = desk.model / "data/mine.sig"
        oms.sign(desk.model, desk.signer, signature=place)
        assert oms.verify(desk.model, desk.key, signature=place)

    def test_a_relative_one(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(desk.model)
        assert oms.verify(".", desk.key).name == "model"
        assert oms.verify(".", desk.key, signature="model.sig")

    def test_signing_again_replaces_it(self, desk: Desk) -> None:
        (desk.model / "MLmodel").write_bytes(b"new")
        oms.sign(desk.model, desk.signer)
        assert oms.verify(desk.model, desk.key)

    def test_a_file_that_is_no_signature_stays(self, desk: Desk) -> None:
        desk.signature.write_text("mine")
        with pytest.raises(UsageError, match="not a signature"):
            oms.sign(desk.model, desk.signer)
        assert desk.signature.read_text() == "mine"


class TestNothingIsWritten:
    """Where signing fails, the directory is as it was."""

    def names(self, desk: Desk) -> list[str]:
        return sorted(str(path) for path in desk.root.rglob("*"))

    def refused(self, desk: Desk, signer: object) -> str:
        desk.signature.unlink(missing_ok=True)
        before = self.names(desk)
        with pytest.raises((TrustError, ReadError, UsageError)) as caught:
            oms.sign(desk.model, signer)  # type: ignore[arg-type]
        assert self.names(desk) == before
        return str(getattr(caught.value, "reason", ""))

    def test_a_link(self, desk: Desk) -> None:
        to_link(desk, "MLmodel")
        assert self.refused(desk, desk.signer) == "symlink"

    def test_an_empty_directory(self, desk: Desk) -> None:
        (desk.model / "empty").mkdir()
        assert self.refused(desk, desk.signer) == "empty-directory"

    def test_no_file(self, desk: Desk) -> None:
        shutil.rmtree(desk.model)
        desk.model.mkdir()
        assert self.refused(desk, desk.signer) == ""

    def test_a_key_that_the_format_does_not_know(self, desk: Desk) -> None:
        assert self.refused(desk, load_signer(ed25519_pair(desk.root).private)) == "key-invalid"

    def test_a_signer_that_gives_no_good_signature(self, desk: Desk) -> None:
        class Broken(PrivateKey):
            def sign(self, data: bytes) -> bytes:
                return super().sign(data + b"x")

        assert self.refused(desk, Broken(desk.signer._key)) == "bad-signature"

    def test_over_a_pipe(self, desk: Desk) -> None:
        desk.signature.unlink()
        os.mkfifo(desk.signature)
        with pytest.raises(UsageError, match="not a signature"):
            oms.sign(desk.model, desk.signer)

    def test_what_a_killed_writer_left_is_not_signed(self, desk: Desk) -> None:
        model(desk.model, {".model.sig.0123abcd": b"half", ".model.sig.notes": b"mine"})
        oms.sign(desk.model, desk.signer)
        names = oms.verify(desk.model, desk.key).manifest.by_name()
        assert ".model.sig.0123abcd" not in names
        assert ".model.sig.notes" in names

    def test_a_write_that_fails(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*arguments: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(write.os, "replace", fail)
        self.refused(desk, desk.signer)


def edited(**fields: object) -> Callable[[dict[str, object]], object]:
    return lambda said: said.update(fields)


def in_predicate(**fields: object) -> Callable[[dict[str, object]], object]:
    return lambda said: said["predicate"].update(fields)  # type: ignore[attr-defined]


def in_serialization(**fields: object) -> Callable[[dict[str, object]], object]:
    return lambda said: said["predicate"]["serialization"].update(fields)  # type: ignore[index]


def resources(
    change: Callable[[list[dict[str, str]]], object],
) -> Callable[[dict[str, object]], object]:
    return lambda said: change(said["predicate"]["resources"])  # type: ignore[index]


SIGNED: list[tuple[Callable[[dict[str, object]], object], str]] = [
    (edited(_type="https://in-toto.io/Statement/v0.1"), "statement-invalid"),
    (edited(predicateType="https://model_signing/Digests/v0.1"), "predicate-type"),
    (edited(predicateType="https://slsa.dev/provenance/v1"), "predicate-type"),
    (edited(predicate={}), "signature-format"),
    (in_predicate(resources=[]), "signature-format"),
    (in_predicate(resources={}), "signature-format"),
    (in_serialization(method="shards"), "signature-format"),
    (in_serialization(hash_type="md5"), "signature-format"),
    (in_serialization(hash_type="blake2b"), "signature-format"),
    (in_serialization(allow_symlinks="false"), "signature-format"),
    (in_serialization(ignore_paths="model.sig"), "signature-format"),
    (in_serialization(ignore_paths=["x"] * 101), "signature-format"),
    (resources(lambda all_: all_.reverse()), "signature-format"),
    (resources(lambda all_: all_.append(all_[-1])), "signature-format"),
    (resources(lambda all_: all_.pop()), "signature-format"),
    (resources(lambda all_: all_[0].update(algorithm="sha1")), "signature-format"),
    (resources(lambda all_: all_[0].update(digest="0" * 63)), "signature-format"),
    (resources(lambda all_: all_[0].update(name="../MLmodel")), "name-invalid"),
    (resources(lambda all_: all_[0].update(name="/etc/passwd")), "name-invalid"),
    (resources(lambda all_: all_[0].update(name="data//x")), "name-invalid"),
    (edited(subject=[]), "statement-invalid"),
    (edited(subject=[{"name": "model", "digest": {"sha256": "0" * 64}}]), "signature-format"),
]


@pytest.mark.parametrize(("change", "reason"), SIGNED)
def test_a_statement_that_is_not_of_the_specification(
    desk: Desk, change: Callable[[dict[str, object]], object], reason: str
) -> None:
    said = desk.said()
    desk.say(said)
    assert oms.verify(desk.model, desk.key)
    change(said)
    desk.say(said)
    assert desk.reason() == reason


def test_two_subjects(desk: Desk) -> None:
    said = desk.said()
    (one,) = said["subject"]  # type: ignore[misc]
    desk.say({**said, "subject": [one, {**one, "name": "other"}]})
    assert desk.reason() == "signature-format"


def test_further_fields_are_passed_over_as_the_specification_demands(desk: Desk) -> None:
    said = desk.said()
    in_predicate(model_card="x")(said)
    desk.say(said)
    assert oms.verify(desk.model, desk.key)


def test_another_payload_type(desk: Desk) -> None:
    desk.say(desk.said(), kind="application/json")
    assert desk.reason() == "payload-type"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"[]", "statement-invalid"),
        (b"{", "json-invalid"),
        (b'{"_type":1,"_type":2}', "json-duplicate-key"),
        (b"\xff", "json-invalid"),
    ],
)
def test_a_payload_that_is_no_statement(desk: Desk, payload: bytes, reason: str) -> None:
    desk.say(payload)
    assert desk.reason() == reason


def test_a_signature_of_more_than_64_mib(desk: Desk) -> None:
    desk.signature.write_bytes(b"[" * (64 * MIB + 1))
    assert desk.reason() == "too-large"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.data())
def test_a_truncated_signature_is_refused(desk: Desk, data: st.DataObject) -> None:
    whole = desk.signature.read_bytes()
    end = data.draw(st.integers(0, len(whole) - 3))
    desk.signature.write_bytes(whole[:end])
    try:
        assert desk.reason() == "json-invalid"
    finally:
        desk.signature.write_bytes(whole)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.data())
def test_a_signature_with_a_changed_byte_says_the_same_or_is_refused(
    desk: Desk, data: st.DataObject
) -> None:
    whole = desk.signature.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    desk.signature.write_bytes(
        whole[:at] + bytes([data.draw(st.integers(0, 255))]) + whole[at + 1 :]
    )
    try:
        outcome = sorted(oms.verify(desk.model, desk.key).manifest.by_name())
    except TrustError as error:
        outcome = [error.reason] if error.reason in REASONS else []
    finally:
        desk.signature.write_bytes(whole)
    assert outcome == sorted(FILES) or len(outcome) == 1


class TestLenient:
    """What the reference implementation leaves out, where the verifier says so."""

    def ignoring(self, desk: Desk, *paths: str) -> None:
        said = desk.said()
        in_serialization(ignore_paths=["model.sig", *paths])(said)
        desk.say(said)

    def test_files_of_git(self, desk: Desk) -> None:
        git_extra(desk, ".git/config")
        assert desk.reason() == "unsigned-file"
        assert oms.verify(desk.model, desk.key, strict=False).unsigned == (".git/config",)

    def test_what_the_signer_left_out(self, desk: Desk) -> None:
        self.ignoring(desk, "logs", "notes.txt")
        model(desk.model, {"logs/a.txt": b"", "notes.txt": b""})
        assert desk.reason() == "unsigned-file"
        found = oms.verify(desk.model, desk.key, strict=False)
        assert found.unsigned == ("logs/a.txt", "notes.txt")

    def test_never_a_hook_of_git_that_would_be_run(self, desk: Desk) -> None:
        model(desk.model, {".git/hooks/pre-commit.sample": b"", ".git/config": b""})
        assert oms.verify(desk.model, desk.key, strict=False)
        model(desk.model, {".git/hooks/post-checkout": b""})
        assert desk.reason(strict=False) == "ignored-model-file"

    @pytest.mark.parametrize("name", ["logs/a.pkl", ".git/hook.py", "logs/b.safetensors"])
    def test_never_a_model_file_or_code(self, desk: Desk, name: str) -> None:
        self.ignoring(desk, "logs")
        model(desk.model, {name: b""})
        assert desk.reason(strict=False) == "ignored-model-file"

    def test_what_was_signed_is_compared_all_the_same(self, desk: Desk) -> None:
        self.ignoring(desk, "data", "data-card.md", ".git")
        assert oms.verify(desk.model, desk.key, strict=False).unsigned == ()
        flip(desk)
        assert desk.reason(strict=False) == "digest-mismatch"

    def test_links_and_empty_directories_are_refused_all_the_same(self, desk: Desk) -> None:
        (desk.model / "empty").mkdir()
        assert desk.reason(strict=False) == "empty-directory"
        (desk.model / "empty").rmdir()
        to_link(desk, "MLmodel")
        assert desk.reason(strict=False) == "symlink"

    def test_a_file_of_the_verifiers_choice(self, desk: Desk) -> None:
        model(desk.model, {"registered_model_meta": b"model_name: x\n"})
        with pytest.raises(TrustError) as caught:
            oms.verify(desk.model, desk.key)
        assert "--allow-unsigned registered_model_meta" in caught.value.hint
        allowed = ["registered_model_meta"]
        found = oms.verify(desk.model, desk.key, allow_unsigned=allowed)
        assert found.unsigned == ("registered_model_meta",)
        oms.sign(desk.model, desk.signer)  # one that was signed after all is compared
        assert oms.verify(desk.model, desk.key, allow_unsigned=allowed).unsigned == ()
        model(desk.model, {"registered_model_meta": b"model_name: y\n"})
        assert desk.reason(allow_unsigned=allowed) == "digest-mismatch"

    @pytest.mark.parametrize(
        "name",
        ["evil.py", "evil.pkl", "lib.so.1", "run.ps1", "a.pyz", "a.ipynb", "site.pth", "x/Y.JS"],
    )
    def test_never_a_model_file_or_code_of_the_verifiers_choice(
        self, desk: Desk, name: str
    ) -> None:
        assert desk.reason(allow_unsigned=[name]) == "ignored-model-file"


SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
BASE64 = {"type": "string", "pattern": "^[A-Za-z0-9+/]+={0,2}$"}
BUNDLE_SCHEMA = {
    "type": "object",
    "required": ["mediaType", "verificationMaterial", "dsseEnvelope"],
    "additionalProperties": False,
    "properties": {
        "mediaType": {"const": "application/vnd.dev.sigstore.bundle.v0.3+json"},
        "verificationMaterial": {
            "type": "object",
            "required": ["publicKey", "tlogEntries"],
            "properties": {
                "publicKey": {"required": ["hint"], "properties": {"hint": SHA256}},
                "tlogEntries": {"type": "array", "maxItems": 0},
            },
        },
        "dsseEnvelope": {
            "required": ["payload", "payloadType", "signatures"],
            "properties": {
                "payload": BASE64,
                "payloadType": {"const": "application/vnd.in-toto+json"},
                "signatures": {
                    "minItems": 1,
                    "maxItems": 1,
                    "items": {"required": ["sig"], "properties": {"sig": BASE64}},
                },
            },
        },
    },
}
STATEMENT_SCHEMA = {
    "type": "object",
    "required": ["_type", "subject", "predicateType", "predicate"],
    "additionalProperties": False,
    "properties": {
        "_type": {"const": "https://in-toto.io/Statement/v1"},
        "predicateType": {"const": "https://model_signing/signature/v1.0"},
        "subject": {
            "minItems": 1,
            "maxItems": 1,
            "items": {
                "required": ["name", "digest"],
                "properties": {
                    "digest": {"required": ["sha256"], "properties": {"sha256": SHA256}}
                },
            },
        },
        "predicate": {
            "required": ["serialization", "resources"],
            "properties": {
                "serialization": {
                    "required": ["method", "hash_type", "allow_symlinks"],
                    "properties": {
                        "method": {"const": "files"},
                        "hash_type": {"enum": ["sha256", "blake2b", "blake3"]},
                        "allow_symlinks": {"type": "boolean"},
                        "ignore_paths": {"type": "array", "items": {"type": "string"}},
                    },
                },
                "resources": {
                    "minItems": 1,
                    "items": {
                        "required": ["name", "algorithm", "digest"],
                        "additionalProperties": False,
                        "properties": {
                            "name": {"type": "string", "pattern": "^[^/].*$"},
                            "algorithm": {"const": "sha256"},
                            "digest": SHA256,
                        },
                    },
                },
            },
        },
    },
}


def test_what_is_written_is_what_the_specification_says(desk: Desk) -> None:
    # The schemas are ours, written from the specification's text.
    jsonschema.validate(json.loads(desk.signature.read_bytes()), BUNDLE_SCHEMA)
    said = desk.said()
    jsonschema.validate(said, STATEMENT_SCHEMA)
    names = [one["name"] for one in said["predicate"]["resources"]]  # type: ignore[index]
    assert names == sorted(FILES)


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
