"""Certificates: issued for signing code, to whom, by whom, and valid now."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.errors import ReadError, TrustError, UsageError
from sentinel.trust import oms
from sentinel.trust.bundle import Material
from sentinel.trust.certificates import CertificateSigner, CertificateTrust
from sentinel.trust.keys import load_public_key, load_signer
from sentinel.trust.reasons import REASONS
from tests.trust.signing_kit import (
    CODE,
    DAY,
    NOW,
    SERVER,
    Issued,
    issue,
    leaf,
    model,
    pair,
    root,
    write_private,
    write_public,
)

SUBJECT = "CN=model-signer"
DER = Encoding.DER
UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")


class Desk:
    """Signs one model with any certificate, and verifies it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.model = model(folder / "model")
        self.root = root(folder)

    def sign(self, by: Issued, chain: list[Issued] | None = None) -> None:
        """Sign as somebody would whom our signer's own checks do not stop."""
        key = load_signer(write_private(self.folder / f"{by.path.stem}.pem", by.key))
        signer = CertificateSigner.__new__(CertificateSigner)
        signer._signer = key
        ders = [one.certificate.public_bytes(DER) for one in (by, *(chain or []))]
        signer.verification_material = Material("certificate", chain=tuple(ders))
        oms.sign(self.model, signer)

    def verify(
        self, subject: str = SUBJECT, roots: list[Path] | None = None, **more: object
    ) -> str:
        trusted = [self.root.path] if roots is None else roots
        trust = CertificateTrust(trusted, subject, **more)  # type: ignore[arg-type]
        return oms.verify(self.model, trust).signer

    def reason(self, *arguments: object, **more: object) -> str:
        with pytest.raises(TrustError) as caught:
            self.verify(*arguments, **more)  # type: ignore[arg-type]
        return caught.value.reason


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_good_certificate(desk: Desk) -> None:
    desk.sign(leaf(desk.folder, desk.root))
    assert desk.verify() == SUBJECT


Make = Callable[[Path, Issued], Issued]


@pytest.mark.parametrize(
    ("reason", "make"),
    [
        ("certificate-expired", lambda at, by: leaf(at, by, since=NOW - 9 * DAY, until=NOW - DAY)),
        ("certificate-not-yet-valid", lambda at, by: leaf(at, by, since=NOW + DAY)),
        ("certificate-subject", lambda at, by: leaf(at, by, "CN=somebody-else")),
        ("certificate-usage", lambda at, by: leaf(at, by, usages=SERVER)),
        ("certificate-untrusted", lambda at, by: leaf(at, root(at, "CN=Other Root"))),
        ("certificate-untrusted", lambda at, by: leaf(at, root(at))),
        ("certificate-usage", lambda at, by: leaf(at, by, usages=None)),
        ("certificate-usage", lambda at, by: leaf(
            at, by, usages=(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,))),
        ("certificate-usage", lambda at, by: leaf(at, by, digital_signature=False)),
        ("certificate-usage", lambda at, by: leaf(at, by, ca=True)),
        ("certificate-subject", lambda at, by: leaf(at, by, "CN=model-signer,O=Other")),
        ("certificate-subject", lambda at, by: leaf(at, by, "O=model-signer")),
        ("certificate-untrusted", lambda at, by: leaf(at, leaf(at, by, "CN=leaf"))),
        ("certificate-invalid", lambda at, by: leaf(
            at, by, extra=[(x509.NameConstraints([x509.DNSName("a")], None), True)])),
        ("certificate-invalid", lambda at, by: leaf(at, by, extra=[(UNKNOWN, True)])),
    ],
)  # fmt: skip
def test_a_certificate_that_must_not_be_trusted(desk: Desk, reason: str, make: Make) -> None:
    desk.sign(make(desk.folder, desk.root))
    assert desk.reason() == reason


@pytest.mark.parametrize(
    "make",
    [
        lambda at, by: leaf(at, by, since=NOW - 9 * DAY, until=NOW + DAY),
        lambda at, by: leaf(at, by, usages=(*SERVER, *CODE)),
        lambda at, by: leaf(at, by, basic=False),
        lambda at, by: leaf(
            at, by, extra=[(UNKNOWN, False)]
        ),
    ],
)  # fmt: skip
def test_their_nearest_neighbours_are_trusted(desk: Desk, make: Make) -> None:
    desk.sign(make(desk.folder, desk.root))
    assert desk.verify() == SUBJECT


def test_valid_now_means_at_the_time_of_verifying(desk: Desk) -> None:
    desk.sign(leaf(desk.folder, desk.root))
    assert desk.verify(now=NOW + DAY) == SUBJECT
    assert desk.reason(now=NOW + 31 * DAY) == "certificate-expired"
    assert desk.reason(now=NOW - 2 * DAY) == "certificate-not-yet-valid"


class TestChains:
    def between(self, desk: Desk, **more: object) -> Issued:
        return issue(desk.folder, "CN=Between", by=desk.root, ca=True, **more)  # type: ignore[arg-type]

    def test_the_bundle_brings_the_certificates_between(self, desk: Desk) -> None:
        between = self.between(desk)
        desk.sign(leaf(desk.folder, between), [between])
        assert desk.verify() == SUBJECT

    def test_or_the_verifier_does(self, desk: Desk) -> None:
        between = self.between(desk)
        desk.sign(leaf(desk.folder, between))
        assert desk.reason() == "certificate-untrusted"
        assert desk.verify(intermediates=[between.path]) == SUBJECT

    def test_the_bundle_cannot_bring_a_root(self, desk: Desk) -> None:
        other = root(desk.folder, "CN=Other Root")
        desk.sign(leaf(desk.folder, other), [other])
        assert desk.reason() == "certificate-untrusted"
        assert desk.verify(roots=[other.path]) == SUBJECT

    @pytest.mark.parametrize(
        ("reason", "more"),
        [
            ("certificate-expired", {"since": NOW - 9 * DAY, "until": NOW - DAY}),
            ("certificate-usage", {"usages": SERVER}),
            ("certificate-invalid", {"extra": [
                (x509.NameConstraints([x509.DNSName("a")], None), False)]}),
        ],
    )  # fmt: skip
    def test_one_between_that_is_not_good(
        self, desk: Desk, reason: str, more: dict[str, object]
    ) -> None:
        between = self.between(desk, **more)
        desk.sign(leaf(desk.folder, between), [between])
        assert desk.reason() == reason

    def test_one_that_is_no_authority(self, desk: Desk) -> None:
        tls = issue(desk.folder, "CN=server", by=desk.root, usages=(*SERVER, *CODE))
        desk.sign(leaf(desk.folder, tls), [tls])
        assert desk.reason() in ("certificate-untrusted", "certificate-usage")

    def test_the_length_of_a_chain(self, desk: Desk) -> None:
        upper = self.between(desk, path_length=0)
        lower = issue(desk.folder, "CN=Lower", by=upper, ca=True)
        desk.sign(leaf(desk.folder, lower), [lower, upper])
        assert desk.reason() == "certificate-usage"
        direct = leaf(desk.folder, upper)
        desk.sign(direct, [upper])
        assert desk.verify() == SUBJECT

    def test_an_expired_root(self, desk: Desk) -> None:
        old = issue(desk.folder, "CN=Old", ca=True, since=NOW - 9 * DAY, until=NOW - DAY)
        desk.sign(leaf(desk.folder, old))
        assert desk.reason(roots=[old.path]) == "certificate-expired"

    def test_authorities_that_issue_each_other_end(self, desk: Desk) -> None:
        one = root(desk.folder, "CN=One")
        ring = [issue(desk.folder, "CN=One", by=one, ca=True, key=one.key) for _ in range(15)]
        desk.sign(leaf(desk.folder, one), ring)
        assert desk.reason() in ("certificate-invalid", "certificate-untrusted")

    @pytest.mark.parametrize(
        ("key", "answer"),
        [
            (lambda: ec.generate_private_key(ec.SECP224R1()), "certificate-invalid"),
            (lambda: rsa.generate_private_key(65537, 1024), "certificate-invalid"),
            (lambda: dsa.generate_private_key(2048), "certificate-invalid"),
            (lambda: ec.generate_private_key(ec.SECP384R1()), SUBJECT),
            (lambda: rsa.generate_private_key(65537, 2048), SUBJECT),
        ],
    )
    def test_a_weak_key_between(
        self, desk: Desk, key: Callable[[], ec.EllipticCurvePrivateKey], answer: str
    ) -> None:
        middle = issue(desk.folder, "CN=Middle", by=desk.root, ca=True, key=key())
        desk.sign(leaf(desk.folder, middle), [middle])
        found = desk.verify() if answer == SUBJECT else desk.reason()
        assert found == answer

    @pytest.mark.parametrize("kind", ["rsa", "secp256k1"])
    def test_a_signer_of_another_kind(self, desk: Desk, kind: str) -> None:
        key = (
            rsa.generate_private_key(65537, 2048)
            if kind == "rsa"
            else ec.generate_private_key(ec.SECP256K1())
        )
        made = leaf(desk.folder, desk.root, key=key)
        desk.sign(leaf(desk.folder, desk.root))
        data = json.loads((desk.model / "model.sig").read_bytes())
        chain = data["verificationMaterial"]["x509CertificateChain"]["certificates"]
        raw = made.certificate.public_bytes(DER)
        chain[0]["rawBytes"] = base64.b64encode(raw).decode()
        (desk.model / "model.sig").write_text(json.dumps(data))
        assert desk.reason() == "key-invalid"

    def test_a_weak_digest(self, desk: Desk) -> None:
        try:
            made = leaf(desk.folder, desk.root, digest=hashes.SHA224())
        except ValueError:
            pytest.skip("this library does not make it")
        desk.sign(made)
        assert desk.reason() == "certificate-invalid"


@pytest.mark.parametrize("asked", ["email:a@example.com", "uri:spiffe://x/y", "dns:m.example.com"])
def test_alternative_names(desk: Desk, asked: str) -> None:
    names = x509.SubjectAlternativeName(
        [
            x509.RFC822Name("a@example.com"),
            x509.UniformResourceIdentifier("spiffe://x/y"),
            x509.DNSName("m.example.com"),
        ]
    )
    desk.sign(leaf(desk.folder, desk.root, extra=[(names, False)]))
    assert desk.verify(asked)
    assert desk.reason(asked + "x") == "certificate-subject"
    assert desk.reason("email:m.example.com") == "certificate-subject"


def test_a_longer_subject_must_be_given_whole(desk: Desk) -> None:
    desk.sign(leaf(desk.folder, desk.root, "CN=model-signer,O=Example"))
    assert desk.verify("CN=model-signer,O=Example")
    assert desk.reason("CN=model-signer") == "certificate-subject"
    assert desk.reason("model-signer") == "certificate-subject"


def test_root_and_subject_are_needed(desk: Desk) -> None:
    with pytest.raises(UsageError, match="root"):
        CertificateTrust([], SUBJECT)
    with pytest.raises(UsageError, match="subject"):
        CertificateTrust([desk.root.path], " ")
    with pytest.raises(ReadError):
        CertificateTrust([desk.folder / "missing"], SUBJECT)
    with pytest.raises(TrustError, match="not a certificate"):
        CertificateTrust([desk.model / "MLmodel"], SUBJECT)


def test_a_signature_by_a_key_is_none_by_a_certificate(desk: Desk) -> None:
    made = pair(desk.folder)
    oms.sign(desk.model, load_signer(made.private))
    assert desk.reason() == "wrong-method"
    good = leaf(desk.folder, desk.root)
    desk.sign(good)
    public = load_public_key(write_public(desk.folder / "leaf.pub", good.key))
    with pytest.raises(TrustError) as caught:
        oms.verify(desk.model, public)
    assert caught.value.reason == "wrong-method"


@pytest.mark.parametrize("raw", [b"x", b"0\x03\x02\x01\x00", b"\x30\x82\xff\xff"])
def test_bytes_that_are_no_certificate(desk: Desk, raw: bytes) -> None:
    with pytest.raises(TrustError) as caught:
        CertificateTrust([desk.root.path], SUBJECT).bind(Material("certificate", chain=(raw,)))
    assert caught.value.reason == "certificate-invalid"


class TestSigning:
    def signer(self, desk: Desk, made: Issued) -> CertificateSigner:
        key = load_signer(write_private(desk.folder / f"{made.path.stem}.pem", made.key))
        return CertificateSigner(key, made.path, [desk.root.path])

    def test_a_good_one(self, desk: Desk) -> None:
        oms.sign(desk.model, self.signer(desk, leaf(desk.folder, desk.root)))
        assert desk.verify() == SUBJECT

    def test_of_another_key(self, desk: Desk) -> None:
        made = leaf(desk.folder, desk.root)
        with pytest.raises(TrustError) as caught:
            CertificateSigner(load_signer(pair(desk.folder).private), made.path)
        assert caught.value.reason == "wrong-key"

    def test_one_that_nobody_would_accept(self, desk: Desk) -> None:
        with pytest.raises(TrustError) as caught:
            self.signer(desk, leaf(desk.folder, desk.root, usages=SERVER))
        assert caught.value.reason == "certificate-usage"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> tuple[CertificateTrust, list[bytes]]:
    """A trusted chain, and what trusts it."""
    folder = tmp_path_factory.mktemp("authority")
    authority = root(folder)
    between = issue(folder, "CN=Between", by=authority, ca=True)
    names = x509.SubjectAlternativeName([x509.RFC822Name("a@example.com")])
    made = leaf(folder, between, extra=[(names, False)])
    chain = [one.certificate.public_bytes(DER) for one in (made, between)]
    return CertificateTrust([authority.path], SUBJECT), chain


class TestMutants:
    """Certificates with changed bytes are refused."""

    @settings(max_examples=400, deadline=None)
    @given(
        which=st.integers(0, 1),
        at=st.integers(0, 600),
        cut=st.integers(0, 4),
        put=st.binary(max_size=4),
    )
    def test_is_refused(
        self,
        good: tuple[CertificateTrust, list[bytes]],
        which: int,
        at: int,
        cut: int,
        put: bytes,
    ) -> None:
        trust, chain = good
        mutant = list(chain)
        mutant[which] = chain[which][:at] + put + chain[which][at + cut :]
        try:
            trust.bind(Material("certificate", chain=tuple(mutant)))
        except TrustError as error:
            accepted = error.reason not in REASONS
        else:
            accepted = True
        assert accepted == (mutant == chain)

    @pytest.mark.parametrize("version", [b"\x01", b"\x03", b"\x06"])
    def test_a_version_that_there_is_not(
        self, good: tuple[CertificateTrust, list[bytes]], version: bytes
    ) -> None:
        trust, (own, between) = good
        other = own.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01" + version, 1)
        assert other != own
        with pytest.raises(TrustError) as caught:
            trust.bind(Material("certificate", chain=(other, between)))
        assert caught.value.reason in ("certificate-invalid", "certificate-untrusted")
