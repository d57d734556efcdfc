"""Signing a model: where the signature goes, what it says, and that a failure leaves nothing."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import jsonschema
import pytest

from sentinel.errors import ReadError, TrustError, UsageError
from sentinel.trust import oms, write
from sentinel.trust.keys import PrivateKey, load_signer
from tests.trust.oms_kit import Desk, to_link
from tests.trust.signing_kit import FILES, ed25519_pair, model


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


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
