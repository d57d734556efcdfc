"""DSSE envelopes: bytes, what they are said to be, and signatures over both.

Specification: https://github.com/secure-systems-lab/dsse, version 1.0. Signatures are over the
bytes as they are, so nothing is parsed before they hold.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol, TypeVar

from ..errors import TrustError
from . import strict_json
from .checked import Ask

IN_TOTO = "application/vnd.in-toto+json"
"""Payload type of in-toto statements, the only one that is verified here."""
_MOST_SIGNATURES = 64


class Signature(NamedTuple):
    """One signature of an envelope.

    Attributes:
        sig: The signature.
        keyid: Which key it is said to be of; a hint that nobody has signed.
    """

    sig: bytes
    keyid: str = ""


class Envelope(NamedTuple):
    """A payload and the signatures over it.

    Attributes:
        payload_type: What the payload is; signed too.
        payload: The bytes that were signed.
        signatures: At least one.
    """

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    def signed_bytes(self) -> bytes:
        """Return what the signatures are over."""
        return pae(self.payload_type, self.payload)


class Verifier(Protocol):
    """What a signature is verified with."""

    @property
    def keyid(self) -> str:
        """Name of the key; two that have the same are the same key."""
        ...

    def verify(self, signature: bytes, data: bytes) -> None:
        """Raise TrustError unless this key made the signature over the data."""
        ...


AnyVerifier = TypeVar("AnyVerifier", bound=Verifier)


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return the pre-authentication encoding, the bytes that are signed."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def parse(data: bytes, *, what: str = "envelope") -> Envelope:
    """Parse an envelope from its JSON.

    Raises:
        TrustError: It is not one, or may be read in two ways.
    """
    return from_object(strict_json.loads(data, what=what), what=what)


def from_object(value: object, *, what: str = "envelope") -> Envelope:
    """Read an envelope out of parsed JSON. Raises TrustError when it is not one."""
    ask = Ask("envelope-invalid", what)
    fields = ask.mapping(value, "the envelope")
    ask.only(fields, ("payload", "payloadType", "signatures"), "the envelope")
    payload_type = ask.text(fields.get("payloadType"), "payloadType", most=256)
    payload = ask.base64(fields.get("payload", ""), "payload")
    if not payload:
        raise TrustError("empty-payload", f"{what}: there is no payload")
    listed = ask.sequence(fields.get("signatures", []), "signatures")
    if not listed:
        raise TrustError("no-signature", f"{what}: there is no signature")
    if len(listed) > _MOST_SIGNATURES:
        raise ask.refuse(f"more than {_MOST_SIGNATURES} signatures")
    return Envelope(payload_type, payload, tuple(_signature(item, ask) for item in listed))


def _signature(value: object, ask: Ask) -> Signature:
    fields = ask.mapping(value, "a signature")
    ask.only(fields, ("sig", "keyid"), "a signature")
    sig = ask.base64(fields.get("sig", ""), "sig")
    keyid = fields.get("keyid", "")
    if keyid is None:  # how Protocol Buffers write nothing
        keyid = ""
    if not isinstance(keyid, str):
        raise ask.refuse("keyid must be a text")
    if not sig:
        raise TrustError("no-signature", f"{ask.what}: a signature is empty")
    return Signature(sig, keyid)


def to_object(envelope: Envelope) -> dict[str, object]:
    """Return an envelope as JSON has it."""
    signatures: list[Mapping[str, str]] = []
    for one in envelope.signatures:
        keyid = {"keyid": one.keyid} if one.keyid else {}
        signatures.append({"sig": base64.b64encode(one.sig).decode("ascii"), **keyid})
    return {
        "payload": base64.b64encode(envelope.payload).decode("ascii"),
        "payloadType": envelope.payload_type,
        "signatures": signatures,
    }


def to_bytes(envelope: Envelope) -> bytes:
    """Return an envelope as one line of JSON, without its end."""
    return strict_json.canonical(to_object(envelope))


def verify(
    envelope: Envelope,
    verifiers: Sequence[AnyVerifier],
    *,
    threshold: int = 1,
    what: str = "envelope",
) -> tuple[AnyVerifier, ...]:
    """Return those of the verifiers whose key has signed an envelope.

    Every signature is tried with every key: the key ids of an envelope are not signed, so they
    decide nothing. A key counts once, however often it signed or is listed.

    Args:
        envelope: The envelope; its payload type must be that of in-toto statements.
        verifiers: The keys that are trusted.
        threshold: How many of them must have signed; at least 1.
        what: What the envelope is, for error messages.

    Raises:
        TrustError: Another payload type, or too few signatures hold.
    """
    if envelope.payload_type != IN_TOTO:
        raise TrustError("payload-type", f"{what}: holds {envelope.payload_type[:80]!r}")
    data = envelope.signed_bytes()
    held: dict[str, AnyVerifier] = {}
    for verifier in verifiers:
        if verifier.keyid not in held and _signed(envelope, verifier, data):
            held[verifier.keyid] = verifier
    if not held:
        raise TrustError(
            "bad-signature",
            f"{what}: not signed with any trusted key, or changed since",
            "compare the public key with its owner's, or get the model again",
        )
    if len(held) < max(1, threshold):
        raise TrustError("threshold", f"{what}: signed by {len(held)} of {threshold} trusted keys")
    return tuple(held.values())


def _signed(envelope: Envelope, verifier: Verifier, data: bytes) -> bool:
    for signature in envelope.signatures:
        try:
            verifier.verify(signature.sig, data)
        except TrustError as error:
            if error.reason != "bad-signature":
                raise
        else:
            return True
    return False
