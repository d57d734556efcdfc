"""Keys, certificates and models for the tests of signing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
DAY = dt.timedelta(days=1)
CODE = (ExtendedKeyUsageOID.CODE_SIGNING,)
SERVER = (ExtendedKeyUsageOID.SERVER_AUTH,)

FILES = {
    "MLmodel": b"flavors: {}\n",
    "model.pkl": b"\x80\x04N.",
    "data/weights.safetensors": b"w" * 5_000,
    "data-card.md": b"# A model\n",
}


class Pair(NamedTuple):
    """A key pair in files."""

    key: object
    private: Path
    public: Path


def write_private(path: Path, key: object, password: bytes | None = None) -> Path:
    hidden = BestAvailableEncryption(password) if password else NoEncryption()
    path.touch(0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden))  # type: ignore[attr-defined]
    return path


def write_public(path: Path, key: object) -> Path:
    form = PublicFormat.SubjectPublicKeyInfo
    path.write_bytes(key.public_key().public_bytes(Encoding.PEM, form))  # type: ignore[attr-defined]
    return path


def pair(folder: Path, name: str = "signer", curve: ec.EllipticCurve | None = None) -> Pair:
    return save(folder, name, ec.generate_private_key(curve or ec.SECP256R1()))


def ed25519_pair(folder: Path, name: str = "edwards") -> Pair:
    return save(folder, name, ed25519.Ed25519PrivateKey.generate())


def save(folder: Path, name: str, key: object) -> Pair:
    folder.mkdir(exist_ok=True)
    private = write_private(folder / f"{name}.pem", key)
    return Pair(key, private, write_public(folder / f"{name}.pub", key))


def model(folder: Path, files: dict[str, bytes] | None = None) -> Path:
    for name, data in (FILES if files is None else files).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


class Issued(NamedTuple):
    """A certificate with its key, and the file of the certificate."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    path: Path


def subject(text: str) -> x509.Name:
    return x509.Name.from_rfc4514_string(text)


def issue(
    folder: Path,
    name: str,
    *,
    by: Issued | None = None,
    ca: bool = False,
    usages: Sequence[x509.ObjectIdentifier] | None = None,
    since: dt.datetime = NOW - DAY,
    until: dt.datetime = NOW + 30 * DAY,
    extra: Sequence[tuple[x509.ExtensionType, bool]] = (),
    path_length: int | None = None,
    digital_signature: bool = True,
    key: ec.EllipticCurvePrivateKey | None = None,
    digest: hashes.HashAlgorithm | None = None,
    basic: bool = True,
) -> Issued:
    """Issue a certificate; one that nobody issues is its own authority."""
    folder.mkdir(exist_ok=True)
    own = key or ec.generate_private_key(ec.SECP256R1())
    usage = x509.KeyUsage(
        digital_signature=digital_signature, key_cert_sign=ca, crl_sign=ca, content_commitment=True,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False,
        decipher_only=False,
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject(name))
        .issuer_name(by.certificate.subject if by else subject(name))
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(usage, True)
    )
    if basic:
        builder = builder.add_extension(x509.BasicConstraints(ca, path_length), True)
    if usages is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage(list(usages)), False)
    for extension, critical in extra:
        builder = builder.add_extension(extension, critical)
    made = builder.sign(by.key if by else own, digest or hashes.SHA256())
    path = (
        folder / f"{name.replace('=', '-').replace('/', '')[:40]}-{made.serial_number % 9999}.crt"
    )
    path.write_bytes(made.public_bytes(Encoding.PEM))
    return Issued(made, own, path)


def root(folder: Path, name: str = "CN=Example Root") -> Issued:
    return issue(folder, name, ca=True, since=NOW - 99 * DAY, until=NOW + 3650 * DAY)


def leaf(folder: Path, by: Issued, name: str = "CN=model-signer", **more: object) -> Issued:
    more.setdefault("usages", CODE)
    return issue(folder, name, by=by, **more)  # type: ignore[arg-type]
