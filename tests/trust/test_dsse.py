"""Envelopes, bundles and statements: one form each, and nothing else."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.errors import TrustError
from sentinel.limits import MIB
from sentinel.trust import bundle, dsse, statement
from sentinel.trust.bundle import MEDIA_TYPE, Bundle, Material
from sentinel.trust.dsse import IN_TOTO, Envelope, Signature
from sentinel.trust.keys import PublicKey, load_public_key, load_signer
from sentinel.trust.statement import Statement, Subject
from tests.trust.signing_kit import ed25519_pair, pair

ENVELOPES = st.builds(
    Envelope,
    st.text(min_size=1, max_size=40),
    st.binary(min_size=1, max_size=100),
    st.lists(
        st.builds(Signature, st.binary(min_size=1, max_size=80), st.text(max_size=20)),
        min_size=1,
        max_size=4,
    ).map(tuple),
)
SAMPLE = Envelope(IN_TOTO, b'{"x":1}', (Signature(b"sig", "id"),))


def reason(call: object, *arguments: object, **more: object) -> str:
    with pytest.raises(TrustError) as caught:
        call(*arguments, **more)  # type: ignore[operator]
    return caught.value.reason


def changed(**fields: object) -> bytes:
    return json.dumps({**dsse.to_object(SAMPLE), **fields}).encode()


def test_the_encoding_is_that_of_the_specification() -> None:
    expected = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert dsse.pae("http://example.com/HelloWorld", b"hello world") == expected


@given(st.text(), st.binary(), st.text(), st.binary())
def test_two_payloads_never_have_one_encoding(
    kind: str, payload: bytes, other: str, another: bytes
) -> None:
    same = (kind, payload) == (other, another)
    assert (dsse.pae(kind, payload) == dsse.pae(other, another)) == same


@given(ENVELOPES)
def test_an_envelope_is_read_as_it_was_written(envelope: Envelope) -> None:
    assert dsse.parse(dsse.to_bytes(envelope)) == envelope


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (changed(extra=1), "envelope-invalid"),
        (changed(payloadType=""), "envelope-invalid"),
        (changed(payloadType=None), "envelope-invalid"),
        (changed(payload=""), "empty-payload"),
        (changed(payload="eyJ4IjoxfR=="), "base64-invalid"),
        (changed(payload="eyJ4IjoxfQ"), "base64-invalid"),
        (changed(payload="eyJ4Ij oxfQ=="), "base64-invalid"),
        (changed(payload="eyJ4-joxfQ=="), "base64-invalid"),
        (changed(payload="ü"), "base64-invalid"),
        (changed(payload=7), "envelope-invalid"),
        (changed(signatures=[]), "no-signature"),
        (changed(signatures=[{"sig": ""}]), "no-signature"),
        (changed(signatures=[{"sig": "c2ln", "keyid": 1}]), "envelope-invalid"),
        (changed(signatures=[{"sig": "c2ln", "x": ""}]), "envelope-invalid"),
        (changed(signatures=[{"sig": "c2ln"}] * 65), "envelope-invalid"),
        (changed(signatures={"sig": "c2ln"}), "envelope-invalid"),
        (b'{"payload":"YQ==","payload":"YQ=="}', "json-duplicate-key"),
        (b"[]", "envelope-invalid"),
    ],
)
def test_what_is_no_envelope_is_refused(data: bytes, code: str) -> None:
    assert reason(dsse.parse, data) == code


def test_missing_parts_are_named(tmp_path: Path) -> None:
    whole = dsse.to_object(SAMPLE)
    for name in whole:
        rest = {key: value for key, value in whole.items() if key != name}
        with pytest.raises(TrustError, match=r"payload|signature"):
            dsse.parse(json.dumps(rest).encode())


def test_a_payload_of_more_than_64_mib_is_refused_unread() -> None:
    data = b'{"payload":"' + b"A" * (64 * MIB) + b'"}'
    assert reason(dsse.parse, data) == "too-large"
    assert reason(bundle.parse, data) == "too-large"


class TestThresholds:
    @pytest.fixture
    def trusted(self, tmp_path: Path) -> list[PublicKey]:
        pairs = [pair(tmp_path, "a"), ed25519_pair(tmp_path, "b")]
        return [load_public_key(one.public) for one in pairs]

    @pytest.fixture
    def both(self, tmp_path: Path, trusted: list[PublicKey]) -> Envelope:
        signers = [load_signer(tmp_path / f"{name}.pem") for name in "ab"]
        return Statement((Subject("a", "0" * 64),), "https://example.com/x", {}).envelope(*signers)

    def test_two_of_two(self, both: Envelope, trusted: list[PublicKey]) -> None:
        assert dsse.verify(both, trusted, threshold=2) == tuple(trusted)

    def test_one_of_them_forged(self, both: Envelope, trusted: list[PublicKey]) -> None:
        good, bad = both.signatures
        forged = both._replace(signatures=(good, bad._replace(sig=bytes(64))))
        assert reason(dsse.verify, forged, trusted, threshold=2) == "threshold"
        assert dsse.verify(forged, trusted, threshold=1) == (trusted[0],)

    def test_one_key_counts_once(self, both: Envelope, trusted: list[PublicKey]) -> None:
        twice = both._replace(signatures=(both.signatures[0],) * 2)
        assert reason(dsse.verify, twice, [trusted[0]] * 2, threshold=2) == "threshold"

    def test_key_ids_decide_nothing(self, both: Envelope, trusted: list[PublicKey]) -> None:
        first, second = both.signatures
        swapped = (first._replace(keyid=second.keyid), second._replace(keyid=first.keyid))
        assert len(dsse.verify(both._replace(signatures=swapped), trusted, threshold=2)) == 2

    def test_another_payload_or_type(self, both: Envelope, trusted: list[PublicKey]) -> None:
        other = both._replace(payload=both.payload + b" ")
        assert reason(dsse.verify, other, trusted) == "bad-signature"
        assert reason(dsse.verify, both._replace(payload_type="x/y"), trusted) == "payload-type"
        assert reason(dsse.verify, both, []) == "bad-signature"


BUNDLE = Bundle(Envelope(IN_TOTO, b"{}", (Signature(b"s"),)), Material("key", "ab"))


def bundled(**fields: object) -> bytes:
    return json.dumps({**json.loads(bundle.to_bytes(BUNDLE)), **fields}).encode()


def material(**fields: object) -> bytes:
    return bundled(verificationMaterial=fields)


@pytest.mark.parametrize("made", [Material("key", "ab"), Material("certificate", "", (b"x", b"y"))])
def test_a_bundle_is_read_as_it_was_written(made: Material) -> None:
    assert bundle.parse(bundle.to_bytes(BUNDLE._replace(material=made))).material == made


RAW = base64.b64encode(b"x").decode()
CHAIN = {"certificates": [{"rawBytes": RAW}]}
LONG_CHAIN = {"certificates": [{"rawBytes": RAW}] * 17}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (bundled(mediaType=MEDIA_TYPE.replace("0.3", "0.2")), "bundle-invalid"),
        (bundled(messageSignature={}), "bundle-invalid"),
        (bundled(verificationMaterial=None), "bundle-invalid"),
        (bundled(dsseEnvelope=[]), "envelope-invalid"),
        (bundled(dsseEnvelope=changed().decode()), "envelope-invalid"),
        (material(), "bundle-invalid"),
        (material(publicKey={}, x509CertificateChain=CHAIN), "bundle-invalid"),
        (material(publicKey={"hint": 1}), "bundle-invalid"),
        (material(publicKey={"hint": "", "rawBytes": RAW}), "bundle-invalid"),
        (material(publicKey={}, tlogEntries={}), "bundle-invalid"),
        (material(publicKey={}, more=1), "bundle-invalid"),
        (material(x509CertificateChain={"certificates": []}), "bundle-invalid"),
        (material(x509CertificateChain=LONG_CHAIN), "bundle-invalid"),
        (material(x509CertificateChain={"certificates": [{"rawBytes": ""}]}), "bundle-invalid"),
        (material(certificate={"rawBytes": "?"}), "base64-invalid"),
        (b"null", "bundle-invalid"),
    ],
)  # fmt: skip
def test_what_is_no_bundle_is_refused(data: bytes, code: str) -> None:
    assert reason(bundle.parse, data) == code


def test_a_bundle_has_one_signature() -> None:
    envelope = BUNDLE.envelope._replace(signatures=(Signature(b"a"), Signature(b"b")))
    data = bundled(dsseEnvelope=dsse.to_object(envelope))
    assert reason(bundle.parse, data) == "bundle-invalid"


def test_a_bundle_that_ends_anywhere_else_is_refused() -> None:
    whole = bundle.to_bytes(BUNDLE)
    for end in range(len(whole)):
        assert reason(bundle.parse, whole[:end]) == "json-invalid", end


SAID = Statement(
    (Subject("a", "0" * 64), Subject("b", "1" * 64)), "https://example.com/x", {"n": 1}
)


def said(**fields: object) -> bytes:
    return json.dumps({**json.loads(SAID.to_bytes()), **fields}).encode()


def test_a_statement_is_read_as_it_was_written() -> None:
    assert statement.parse(SAID.to_bytes()) == SAID
    assert statement.parse(said(unknown=1)) == SAID  # as the specification demands


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (said(_type="https://in-toto.io/Statement/v0.1"), "statement-invalid"),
        (said(predicateType=""), "statement-invalid"),
        (said(predicate=[]), "statement-invalid"),
        (said(subject=[]), "statement-invalid"),
        (said(subject=[{"name": "a", "digest": {"sha256": "0" * 63}}]), "statement-invalid"),
        (said(subject=[{"name": "a", "digest": {"sha256": "A" * 64}}]), "statement-invalid"),
        (said(subject=[{"name": "a", "digest": {"sha1": "0" * 40}}]), "statement-invalid"),
        (said(subject=[{"name": "", "digest": {"sha256": "0" * 64}}]), "statement-invalid"),
        (said(subject=[{"name": "a", "digest": {"sha256": "0" * 64}}] * 2), "statement-invalid"),
    ],
)
def test_what_is_no_statement_is_refused(data: bytes, code: str) -> None:
    assert reason(statement.parse, data) == code


def test_a_statement_of_another_kind() -> None:
    assert statement.parse(SAID.to_bytes(), predicate_type=SAID.predicate_type) == SAID
    other = "https://example.com/y"
    assert reason(statement.parse, SAID.to_bytes(), predicate_type=other) == "predicate-type"
