"""Who may sign by a policy: certificates valid now, keyless identities, and one signer once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from sentinel.errors import SettingsError, UsageError
from sentinel.trust import oms
from sentinel.trust.attest.make import attest_model, cosign
from sentinel.trust.certificates import CertificateSigner
from sentinel.trust.keys import PrivateKey
from sentinel.trust.policy import Policy
from tests.trust import signing_kit as kit
from tests.trust.attest_kit import ALL, Desk, answer, key, reasons

CERTIFICATE = (
    'certificates: [{{roots: [{root}], subject: "{subject}", eku: code_signing, at: now}}]'
)


class Authority:
    """A desk whose model is signed with a certificate."""

    def __init__(self, path: Path) -> None:
        self.desk = Desk(path)
        self.root = kit.root(path / "ca")
        self.leaf = kit.leaf(path / "ca", self.root)

    def sign(self, by: kit.Issued) -> None:
        signer = CertificateSigner(PrivateKey(by.key), by.path)
        attest_model(self.desk.model, signer, ALL, now=kit.NOW)
        oms.sign(self.desk.model, signer)

    def policy(
        self, subject: str = "CN=model-signer", threshold: int = 1, more: str = ""
    ) -> Policy:
        one = CERTIFICATE.format(root=self.root.path, subject=subject)
        return self.desk.policy(
            signers=f"{one}{more}", threshold=threshold, require=REQUIRE, more=()
        )

    def answer(self, policy: Policy | None = None, days: int = 0) -> str:
        now = kit.NOW + timedelta(days=days)
        return answer(self.desk.examine(policy or self.policy(), now=now))


REQUIRE = "[model-signature, slsa-provenance, scan-passed]"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_a_certificate_of_the_subject_under_the_root_is_accepted(authority: Authority) -> None:
    authority.sign(authority.leaf)
    assert authority.answer() == "accepted"


def test_an_expired_certificate_and_one_not_yet_valid_are_refused(authority: Authority) -> None:
    authority.sign(authority.leaf)  # valid for 30 days from a day ago
    assert authority.answer(days=29) == "accepted"
    assert authority.answer(days=31) == "certificate-expired"
    assert authority.answer(days=-2) == "certificate-not-yet-valid"


def test_another_leaf_of_the_same_authority_is_refused(authority: Authority) -> None:
    other = kit.leaf(authority.desk.root / "ca", authority.root, "CN=somebody-else")
    authority.sign(other)
    assert authority.answer() == "certificate-subject"
    assert authority.answer(authority.policy("CN=somebody-else")) == "accepted"


def test_another_authority_is_refused(authority: Authority) -> None:
    rogue = kit.root(authority.desk.root / "rogue")  # of the same name
    authority.sign(kit.leaf(authority.desk.root / "rogue", rogue))
    assert authority.answer() == "certificate-untrusted"


def test_a_servers_certificate_is_refused(authority: Authority) -> None:
    folder = authority.desk.root / "ca"
    server = kit.leaf(folder, authority.root, usages=[ExtendedKeyUsageOID.SERVER_AUTH])
    signer = PrivateKey(server.key)
    authority.sign(authority.leaf)
    # whoever signs with it has no need of our tools, so the chain is put in by hand

    class Forced:
        keyid = signer.keyid
        verifier = signer.verifier
        sign = staticmethod(signer.sign)
        verification_material = CertificateSigner(
            PrivateKey(authority.leaf.key), authority.leaf.path
        ).verification_material._replace(chain=(der(server.certificate),))

    attest_model(authority.desk.model, Forced(), ALL, now=kit.NOW)
    oms.sign(authority.desk.model, Forced())
    assert authority.answer() == "certificate-usage"


def der(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.DER)


def test_two_certificates_of_one_subject_are_one_signer(authority: Authority) -> None:
    again = kit.leaf(authority.desk.root / "ca", authority.root)
    authority.sign(authority.leaf)
    first = PrivateKey(authority.leaf.key).verifier
    cosign(authority.desk.model, CertificateSigner(PrivateKey(again.key), again.path), [first])
    listed = ", keys: [{id: prod, public_key: prod.pub}]"
    policy = authority.policy(threshold=2, more=listed)
    assert authority.answer(policy) == "threshold"
    cosign(authority.desk.model, authority.desk.key, [first])
    assert authority.answer(policy) == "accepted"


def test_a_key_that_also_has_a_certificate_is_one_signer(authority: Authority) -> None:
    own = PrivateKey(authority.leaf.key)
    authority.sign(authority.leaf)
    authority.desk.write_key("prod", own)
    policy = authority.policy(threshold=2, more=", keys: [{id: prod, public_key: prod.pub}]")
    assert authority.answer(policy) == "threshold"
    one_of_two = authority.policy(more=", keys: [{id: prod, public_key: prod.pub}]")
    assert authority.answer(one_of_two) == "accepted"
    policy = authority.policy(threshold=2, more=", keys: [{id: prod, public_key: prod.pub}]")
    second = key()
    authority.desk.write_key("prod", second)
    cosign(authority.desk.model, second, [own.verifier])
    assert authority.answer(policy) == "accepted"


def test_a_key_alone_does_not_stand_in_for_a_certificate(authority: Authority) -> None:
    authority.desk.finish()
    found = authority.desk.examine(authority.policy(), now=kit.NOW)
    assert set(reasons(found)) == {"bad-signature"}


def test_roots_that_are_not_there_are_an_error_of_settings(authority: Authority) -> None:
    authority.sign(authority.leaf)
    policy = authority.policy()
    authority.root.path.unlink()
    with pytest.raises(SettingsError, match="the policy names"):
        authority.desk.examine(policy)


def test_identities_need_the_extra_and_are_never_passed_over(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyless = 'sigstore: [{identity: "a@example.org", issuer: "https://issuer.example"}]'
    policy = authority.desk.policy(signers=keyless, require=REQUIRE, more=())
    authority.desk.finish()
    assert set(reasons(authority.desk.examine(policy, now=kit.NOW))) == {"bad-signature"}
    monkeypatch.setattr("sentinel.trust.extras.find_spec", lambda name: None)
    with pytest.raises(UsageError, match="sigstore"):
        authority.desk.examine(policy)
