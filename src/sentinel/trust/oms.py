"""OpenSSF Model Signing, version 1.0: a signature over every file of a model.

Specification: https://github.com/ossf/model-signing-spec. Written and read here: SHA-256, whole
files, the methods ``key``, ``certificate`` and ``sigstore``.

The strict profile goes beyond the specification. Nothing may be there that was not signed but the
signature itself and the attestations, which carry signatures of their own: not what Git keeps, not
what the signer's list of ignored paths names. Links and empty directories are refused.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Collection
from typing import NamedTuple, Protocol

from ..errors import ReadError, TrustError, UsageError
from . import bundle, dsse, files, statement, strict_json, write
from .bundle import Bundle
from .compare import require_same
from .dsse import IN_TOTO, Envelope, Signature
from .keys import PublicKey, Signer
from .manifest import (
    ATTESTATIONS,
    GIT,
    SIGNATURE,
    Manifest,
    check_name,
    covers,
    is_model_file,
    manifest_of,
)
from .oms_statement import PREDICATE, Signed, parse_statement, statement_over


class Trust(Protocol):
    """Whom to believe: a public key, certificates of an authority, or a keyless identity."""

    @property
    def method(self) -> str:
        """Method of OpenSSF Model Signing that it verifies."""
        ...

    def check(self, bundle: Bundle, raw: bytes, *, what: str) -> str:
        """Verify a bundle and return who signed it. Raises TrustError."""
        ...


class Verified(NamedTuple):
    """A model that is what was signed.

    Attributes:
        name: What the signer called it; a name, not a promise.
        signer: Who signed.
        method: ``key``, ``certificate`` or ``sigstore``.
        manifest: Its files.
        unsigned: Files that were passed over without a signature; none in the strict profile.
    """

    name: str
    signer: str
    method: str
    manifest: Manifest
    unsigned: tuple[str, ...] = ()


def sign(
    path: str | os.PathLike[str],
    signer: Signer,
    *,
    signature: str | os.PathLike[str] | None = None,
) -> str:
    """Sign every file of a model and write the signature.

    Args:
        path: The model: a directory or a file.
        signer: What signs; a key on an elliptic curve, with its certificate or without.
        signature: Where the signature goes; ``model.sig`` in a directory, or beside a file under
            its name with ``.sig``.

    Returns:
        Where the signature is.

    Raises:
        ReadError: The signature cannot be written.
        TrustError: The model has something that cannot be signed (a link, an empty directory), or
            the key is of another kind.
        UsageError: There is nothing at ``path``, or another file where the signature goes.
    """
    if not signer.verifier.is_ec:
        raise _unknown_kind(signer.verifier.name)
    place = signature_path(path, signature)
    check_place(place)
    write.clean(place)
    payload = payload_for(path, place)
    data = dsse.pae(IN_TOTO, payload)
    sig = signer.sign(data)
    signer.verifier.verify(sig, data)
    envelope = Envelope(IN_TOTO, payload, (Signature(sig),))
    write.replace(place, bundle.to_bytes(Bundle(envelope, signer.verification_material)) + b"\n")
    return place


def payload_for(path: str | os.PathLike[str], place: str) -> bytes:
    """Return the statement over a model as it is signed.

    Args:
        path: The model.
        place: Where the signature will be.

    Raises:
        TrustError: The model has something that cannot be signed.
    """
    top = os.fsdecode(path)
    inside = _inside(top, place)
    ignored = tuple(sorted({ATTESTATIONS, *([inside] if inside else [])}))
    found = manifest_of(top, ignore=ignored)
    if not found.files:
        raise UsageError(f"{top}: there is no file to sign")
    if found.empty_directories:
        require_same({one.name: one.sha256 for one in found.files}, found, what=top)
    return statement_over(top, found, () if found.single else ignored).to_bytes()


def verify(
    path: str | os.PathLike[str],
    trust: Trust,
    *,
    signature: str | os.PathLike[str] | None = None,
    strict: bool = True,
    allow_unsigned: Collection[str] = (),
) -> Verified:
    """Verify that a model is, file by file, what someone trusted has signed.

    A signature says who vouched for these bytes. It does not say that they are safe, or that they
    are the newest.

    Args:
        path: The model: a directory, a file, or a snapshot in the cache of Hugging Face.
        trust: Whom to believe.
        signature: Where the signature is; where ``sign`` puts it, by default.
        strict: Refuse every file that was not signed. False accepts what the reference
            implementation leaves out (the signer's list of ignored paths, files of Git, never a
            model file or code) and its name for a single file.
        allow_unsigned: Names of files, by the verifier's own choice, that need no signature; never
            a model file or code.

    Returns:
        Who signed, and the files.

    Raises:
        TrustError: It must not be trusted; the reason says why.
        UsageError: There is nothing at ``path``.
    """
    top = os.fsdecode(path)
    if not os.path.lexists(top):
        raise UsageError(f"{top}: there is nothing")
    place = signature_path(path, signature)
    signed, signer = read_signature(place, trust)
    listed = signed.files
    inside = _inside(top, place)
    own = (ATTESTATIONS, *([inside] if inside else []))
    # What was signed after all is compared, whatever the switches say.
    allowed = tuple(one for one in _allowed(allow_unsigned) if one not in listed)
    if not strict:
        left_out = dict.fromkeys((*GIT, *signed.ignored))
        loose = [one for one in left_out if not any(covers((one,), name) for name in listed)]
        allowed += tuple(form for one in loose for form in (one, f"{one}/"))
    found = manifest_of(top, ignore=(*own, *allowed))
    if found.single and not strict and list(listed) == ["."]:
        listed = {found.files[0].name: listed["."]}
    require_same(listed, found, what=top)
    unsigned = tuple(name for name in found.ignored if name not in own)
    return Verified(signed.name, signer, trust.method, found, unsigned)


def read_signature(place: str, trust: Trust) -> tuple[Signed, str]:
    """Verify a signature by itself, and return what it says and who made it.

    Raises:
        TrustError: There is none, it is not the trusted one's, or says something else.
    """
    if isinstance(trust, PublicKey) and not trust.is_ec:
        raise _unknown_kind(trust.name)
    raw = _read(place)
    parsed = bundle.parse(raw, what=place)
    signer = trust.check(parsed, raw, what=place)
    if parsed.envelope.payload_type != IN_TOTO:
        raise TrustError("payload-type", f"{place}: holds {parsed.envelope.payload_type[:80]!r}")
    said = statement.parse(parsed.envelope.payload, what=place, predicate_type=PREDICATE)
    return parse_statement(said, place), signer


def signature_path(
    path: str | os.PathLike[str], signature: str | os.PathLike[str] | None = None
) -> str:
    """Return where the signature of a model is, unless it is said to be elsewhere."""
    if signature is not None:
        return os.fsdecode(signature)
    top = os.fsdecode(path)
    return os.path.join(top, SIGNATURE) if os.path.isdir(top) else f"{top}.sig"


def _allowed(names: Collection[str]) -> tuple[str, ...]:
    for name in names:
        if not check_name(name):
            raise UsageError(f"{name!r} is no file of a model")
        if is_model_file(name):
            raise TrustError("ignored-model-file", f"{name}: a model file or code must be signed")
    return tuple(names)


def _inside(top: str, place: str) -> str:
    """Return the signature's name relative to the model; empty when it is elsewhere."""
    if not os.path.isdir(top):
        return ""
    directory = os.path.realpath(os.path.dirname(os.path.abspath(place)))
    relative = os.path.relpath(
        os.path.join(directory, os.path.basename(place)), os.path.realpath(top)
    )
    name = relative.replace(os.sep, "/")
    return "" if name.startswith("../") or posixpath.isabs(name) else name


def _read(place: str) -> bytes:
    data = files.content(place, strict_json.LIMIT)
    if data is None:
        raise TrustError(
            "no-signature",
            f"{place}: there is no signature",
            "say where it is with --signature, or have the model signed",
        )
    return data


def _unknown_kind(name: str) -> TrustError:
    return TrustError(
        "key-invalid",
        f"{name}: OpenSSF Model Signing knows no Ed25519 keys",
        "use a key on P-256, P-384 or P-521",
    )


def check_place(place: str) -> None:
    """Raise UsageError when something other than a signature is where one will be written."""
    if not os.path.lexists(place):
        return
    try:
        bundle.parse(_read(place), what=place)
    except (TrustError, ReadError):
        raise UsageError(
            f"{place}: there is a file that is not a signature", "put it elsewhere with --signature"
        ) from None
