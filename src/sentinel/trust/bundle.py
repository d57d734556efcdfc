"""The Sigstore bundle, version 0.3: a file with one envelope and what to verify it with.

Specification: sigstore/protobuf-specs, ``sigstore_bundle.proto``, in its JSON form.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import NamedTuple

from ..errors import TrustError
from . import dsse, strict_json
from .checked import Ask
from .dsse import Envelope

MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
_WAYS = ("publicKey", "x509CertificateChain", "certificate")
_MATERIAL = (*_WAYS, "tlogEntries", "timestampVerificationData")
_MOST_CERTIFICATES = 16
_OPTIONS = {
    "key": "if that is as it should be, verify with --key",
    "certificate": "if that is as it should be, verify with --certificate-root and --subject",
    "sigstore": "if that is as it should be, verify with --sigstore-identity and --sigstore-issuer",
}


class Material(NamedTuple):
    """What a bundle says it is to be verified with; none of it is signed.

    Attributes:
        method: ``key``, ``certificate`` (a chain of one's own) or ``sigstore`` (keyless).
        hint: SHA-256 of the public key in PEM, for ``key``; may be empty.
        chain: Certificates in DER, the signer's first, for the other two.
    """

    method: str
    hint: str = ""
    chain: tuple[bytes, ...] = ()


class Bundle(NamedTuple):
    """A signed envelope with its verification material."""

    envelope: Envelope
    material: Material


def parse(data: bytes, *, what: str = "bundle") -> Bundle:
    """Parse a bundle.

    Args:
        data: The file's content.
        what: What it is, for error messages.

    Raises:
        TrustError: It is not a bundle of version 0.3 with exactly one signed envelope.
    """
    ask = Ask("bundle-invalid", what)
    fields = ask.mapping(strict_json.loads(data, what=what), "the bundle")
    ask.only(fields, ("mediaType", "verificationMaterial", "dsseEnvelope"), "the bundle")
    media_type = fields.get("mediaType")
    if media_type != MEDIA_TYPE:
        raise ask.refuse(f"mediaType must be {MEDIA_TYPE}")
    if "dsseEnvelope" not in fields:
        raise ask.refuse("there is no dsseEnvelope")
    envelope = dsse.from_object(fields["dsseEnvelope"], what=what)
    if len(envelope.signatures) != 1:
        raise ask.refuse("a bundle has exactly one signature")
    material = ask.mapping(fields.get("verificationMaterial"), "verificationMaterial")
    return Bundle(envelope, _material(material, ask))


def _material(fields: Mapping[str, object], ask: Ask) -> Material:
    ask.only(fields, _MATERIAL, "verificationMaterial")
    given = [name for name in _WAYS if name in fields]
    if len(given) != 1:
        raise ask.refuse("verificationMaterial must have one key, chain or certificate")
    ask.sequence(fields.get("tlogEntries", []), "tlogEntries")
    value = ask.mapping(fields[given[0]], given[0])
    if given[0] == "publicKey":
        return Material("key", _hint(value, ask))
    if given[0] == "certificate":
        return Material("sigstore", chain=(_certificate(value, ask),))
    ask.only(value, ("certificates",), "x509CertificateChain")
    listed = ask.sequence(value.get("certificates"), "certificates")
    if not 1 <= len(listed) <= _MOST_CERTIFICATES:
        raise ask.refuse(f"a chain has 1 to {_MOST_CERTIFICATES} certificates")
    return Material("certificate", chain=tuple(_certificate(item, ask) for item in listed))


def _hint(fields: Mapping[str, object], ask: Ask) -> str:
    if "rawBytes" in fields:  # model-signing before 1.1 put the whole key there, in PEM
        ask.only(fields, ("rawBytes", "keyDetails"), "publicKey")
        return hashlib.sha256(ask.base64(fields["rawBytes"], "rawBytes")).hexdigest()
    ask.only(fields, ("hint",), "publicKey")
    hint = fields.get("hint", "")
    if not isinstance(hint, str) or len(hint) > 256:
        raise ask.refuse("hint must be a text")
    return hint


def _certificate(value: object, ask: Ask) -> bytes:
    fields = ask.mapping(value, "a certificate")
    ask.only(fields, ("rawBytes",), "a certificate")
    raw = ask.base64(fields.get("rawBytes", ""), "rawBytes")
    if not raw:
        raise ask.refuse("a certificate is empty")
    return raw


def to_bytes(bundle: Bundle) -> bytes:
    """Return a bundle of the methods ``key`` and ``certificate`` as its file has it."""
    material = bundle.material
    shown: dict[str, object]
    if material.method == "key":
        shown = {"publicKey": {"hint": material.hint}}
    else:
        raw = [{"rawBytes": base64.b64encode(one).decode("ascii")} for one in material.chain]
        shown = {"x509CertificateChain": {"certificates": raw}}
    return strict_json.canonical(
        {
            "mediaType": MEDIA_TYPE,
            "verificationMaterial": {**shown, "tlogEntries": []},
            "dsseEnvelope": dsse.to_object(bundle.envelope),
        }
    )


def wrong_method(material: Material, wanted: str, what: str) -> TrustError:
    """Return the error for a bundle that was signed in another way."""
    return TrustError(
        "wrong-method",
        f"{what}: signed by the method {material.method!r}, not {wanted!r}",
        _OPTIONS[material.method],
    )
