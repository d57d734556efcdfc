"""A model, keys, and a policy, for the tests of attestations and policies."""

from __future__ import annotations

import dataclasses
import json
import pickle
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sentinel.trust import dsse, oms
from sentinel.trust.attest import make, store
from sentinel.trust.attest.make import Wanted
from sentinel.trust.bundle import Bundle
from sentinel.trust.keys import PrivateKey
from sentinel.trust.policy import Policy, load_policy
from sentinel.trust.verify import Verification, examine

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ALL = Wanted(scan=True, provenance=True, mlbom=True, name="fraud", version=7)
V8 = dataclasses.replace(ALL, version=8)
REQUIRE = "[model-signature, slsa-provenance, scan-passed, mlbom]"
RULES = "scan: {max_age: 30d, min_ruleset: '2026.11'}"


def key() -> PrivateKey:
    return PrivateKey(ec.generate_private_key(ec.SECP256R1()))


def private_file(path: Path, of: PrivateKey) -> Path:
    pem = of._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(pem)
    path.chmod(0o600)
    return path


class Desk:
    """Where a model is signed and verified.

    Args:
        root: A directory.
    """

    def __init__(self, root: Path) -> None:
        root.mkdir(exist_ok=True)
        self.root = root
        self.model = root / "model"
        self.lock = root / "sentinel.lock"
        self.key = key()
        self.write_key("prod", self.key)
        write_model(self.model)

    def write_key(self, name: str, of: PrivateKey) -> None:
        (self.root / f"{name}.pub").write_bytes(of.verifier.pem())

    def policy(
        self,
        *,
        require: str = REQUIRE,
        more: Sequence[str] = (RULES,),
        threshold: int = 1,
        signers: str = "keys: [{id: prod, public_key: prod.pub}]",
        pattern: str = "fraud*",
    ) -> Policy:
        lines = [
            "version: 1",
            "models:",
            f'  "{pattern}":',
            f"    signers: {{threshold: {threshold}, {signers}}}",
            f"    require: {require}",
            *(f"    {line}" for line in more),
        ]
        path = self.root / "policy.yaml"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return load_policy(path)

    def with_lock(self, **more: object) -> Policy:
        return self.policy(more=(RULES, "freshness: {lock: sentinel.lock}"), **more)  # type: ignore[arg-type]

    def sign(self, by: PrivateKey | None = None) -> None:
        oms.sign(self.model, by or self.key)

    def attest(
        self, wanted: Wanted = ALL, by: PrivateKey | None = None, now: datetime = NOW
    ) -> make.Attested:
        return make.attest_model(self.model, by or self.key, wanted, now=now)

    def finish(self, wanted: Wanted = ALL) -> None:
        self.attest(wanted)
        self.sign()

    def examine(
        self, policy: Policy | None = None, name: str = "fraud", now: datetime = NOW
    ) -> Verification:
        return examine(self.model, policy or self.policy(), name=name, now=now)

    def put(self, payload: bytes, payload_type: str = dsse.IN_TOTO) -> None:
        """Add an attestation with any payload, well signed."""
        sig = self.key.sign(dsse.pae(payload_type, payload))
        envelope = dsse.Envelope(payload_type, payload, (dsse.Signature(sig),))
        one = store.stored(Bundle(envelope, self.key.verification_material))
        store.write(self.model, [*store.read(self.model), one])

    def keep(self, *predicate_types: str) -> None:
        """Drop the attestations of all other kinds."""
        kept = [one for one in store.read(self.model) if kind(one) in predicate_types]
        store.write(self.model, kept)


def kind(one: store.Stored) -> str:
    from sentinel.trust import statement

    return statement.parse(one.bundle.envelope.payload).predicate_type


def statement_of(desk: Desk, predicate_type: str) -> dict[str, object]:
    """Return the first stored statement with a predicate of some type."""
    found = next(one for one in store.read(desk.model) if kind(one) == predicate_type)
    value = json.loads(found.bundle.envelope.payload)
    assert isinstance(value, dict)
    return value


def write_model(path: Path, content: object = 0.5) -> None:
    path.mkdir(parents=True, exist_ok=True)
    (path / "model.pkl").write_bytes(pickle.dumps({"weights": [content] * 20}))
    (path / "MLmodel").write_text("flavors:\n  sklearn:\n    pickled_model: model.pkl\n")
    (path / "README.md").write_text("A model.\n")
    (path / "data").mkdir(exist_ok=True)
    (path / "data" / "labels.txt").write_text("no\nyes\n")


def flip(model: Path) -> None:
    """Change one bit of the weights."""
    data = bytearray((model / "model.pkl").read_bytes())
    data[-3] ^= 1
    (model / "model.pkl").write_bytes(bytes(data))


def reasons(found: Verification) -> list[str]:
    return [check.reason for check in found.checks if not check.ok]


def answer(found: Verification) -> str:
    """Return the reason of the refusal, or ``accepted``."""
    return "accepted" if found.accepted else reasons(found)[0]
