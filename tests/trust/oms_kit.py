"""A signed model, and what is done to it, for the tests of signatures over models."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sentinel.errors import TrustError
from sentinel.trust import bundle, dsse, oms
from sentinel.trust.dsse import IN_TOTO, Envelope, Signature
from sentinel.trust.keys import PrivateKey, PublicKey, load_public_key, load_signer
from sentinel.trust.reasons import REASONS
from tests.trust.signing_kit import model, pair


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


def to_link(desk: Desk, name: str) -> None:
    path = desk.model / name
    path.rename(desk.root / path.name)
    path.symlink_to(desk.root / path.name)


def flip(desk: Desk) -> None:
    path = desk.model / "data/weights.safetensors"
    data = bytearray(path.read_bytes())
    data[2_500] ^= 1
    path.write_bytes(data)


def git_extra(desk: Desk, name: str) -> None:
    path = desk.model / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("x")


def in_serialization(**fields: object) -> Callable[[dict[str, object]], object]:
    return lambda said: said["predicate"]["serialization"].update(fields)  # type: ignore[index]
