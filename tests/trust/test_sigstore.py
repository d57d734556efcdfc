"""Keyless signatures, verified with the roots that the ``sigstore`` package carries."""

from __future__ import annotations

import base64
import json
import logging
from pathlib import Path

import pytest
from cryptography import x509

from sentinel.errors import TrustError, UsageError
from sentinel.trust import extras, oms, sigstore_keyless
from sentinel.trust.keys import load_signer
from sentinel.trust.sigstore_keyless import SigstoreTrust
from tests.trust.signing_kit import model, pair

pytest.importorskip("sigstore")

VECTOR = Path(__file__).parent / "vectors" / "sigstore-1.1.0.sig"
ISSUER = "https://sigstore.verify.ibm.com/oauth2"


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep what the package stores out of the home directory, and any connection out."""
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))

    def refuse(*arguments: object, **more: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr("socket.create_connection", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    logging.getLogger("sigstore").setLevel(logging.ERROR)


@pytest.fixture(scope="module")
def identity() -> str:
    """Who signed the vector, out of its certificate."""
    material = json.loads(VECTOR.read_bytes())["verificationMaterial"]
    raw = base64.b64decode(material["certificate"]["rawBytes"])
    names = x509.load_der_x509_certificate(raw).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    return names.value.get_values_for_type(x509.RFC822Name)[0]


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    return model(tmp_path / "m", {"signme-1": b"signme-1", "signme-2": b"signme-2"})


def reason(path: Path, trust: SigstoreTrust, signature: Path = VECTOR) -> str:
    with pytest.raises(TrustError) as caught:
        oms.verify(path, trust, signature=signature)
    return caught.value.reason


def test_a_keyless_signature(signed: Path, identity: str) -> None:
    trust = SigstoreTrust(identity, ISSUER, offline=True)
    found = oms.verify(signed, trust, signature=VECTOR)
    assert (found.method, found.signer) == ("sigstore", f"{identity} (by {ISSUER})")
    (signed / "signme-1").write_bytes(b"other")
    assert reason(signed, trust) == "digest-mismatch"


def test_another_identity_or_issuer(signed: Path, identity: str) -> None:
    assert reason(signed, SigstoreTrust("x@example.com", ISSUER, offline=True)) == "identity"
    other = SigstoreTrust(identity, "https://accounts.example.com", offline=True)
    assert reason(signed, other) == "identity"


def test_a_changed_signature(signed: Path, identity: str, tmp_path: Path) -> None:
    outer = json.loads(VECTOR.read_bytes())
    payload = base64.b64decode(outer["dsseEnvelope"]["payload"]).replace(b"signme-1", b"signme-0")
    outer["dsseEnvelope"]["payload"] = base64.b64encode(payload).decode()
    changed = tmp_path / "changed.sig"
    changed.write_text(json.dumps(outer))
    assert reason(signed, SigstoreTrust(identity, ISSUER, offline=True), changed) == "identity"


def test_a_signature_by_a_key_is_not_keyless(signed: Path, identity: str, tmp_path: Path) -> None:
    place = Path(oms.sign(signed, load_signer(pair(tmp_path).private)))
    trust = SigstoreTrust(identity, ISSUER, offline=True)
    assert reason(signed, trust, place) == "wrong-method"


def test_without_the_network_nothing_is_signed(signed: Path) -> None:
    with pytest.raises(TrustError) as caught:
        sigstore_keyless.sign(signed)
    assert caught.value.reason == "identity"
    assert sorted(path.name for path in signed.iterdir()) == ["signme-1", "signme-2"]


def test_the_extra_is_asked_for(monkeypatch: pytest.MonkeyPatch, signed: Path) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    with pytest.raises(UsageError) as caught:
        SigstoreTrust("x", ISSUER)
    assert "[sigstore]" in caught.value.hint
    with pytest.raises(UsageError):
        sigstore_keyless.sign(signed)
