"""The other implementation of OpenSSF Model Signing: both ways, and where ours is stricter."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from model_signing import hashing, signing, verifying

from sentinel.errors import TrustError
from sentinel.trust import oms
from sentinel.trust.certificates import CertificateSigner, CertificateTrust
from sentinel.trust.keys import load_public_key, load_signer
from sentinel.trust.manifest import manifest_of
from tests.trust.signing_kit import DAY, NOW, SERVER, Issued, Pair, leaf, model, pair, root, save

SIG = "model.sig"


def hashes(**more: object) -> hashing.Config:
    return hashing.Config().set_ignored_paths(paths=[SIG], **more)


def sign_there(path: Path, key: Pair, config: hashing.Config | None = None) -> None:
    signer = signing.Config().use_elliptic_key_signer(private_key=key.private)
    signer.set_hashing_config(config or hashes()).sign(path, path / SIG)


def verify_there(path: Path, key: Pair) -> None:
    verifying.Config().use_elliptic_key_verifier(public_key=key.public).verify(path, path / SIG)


def reason(path: Path, key: Pair, **more: object) -> str:
    with pytest.raises(TrustError) as caught:
        oms.verify(path, load_public_key(key.public), **more)  # type: ignore[arg-type]
    return caught.value.reason


@pytest.fixture(params=[ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()], ids=lambda one: one.name)
def curve(request: pytest.FixtureRequest) -> ec.EllipticCurve:
    return request.param  # type: ignore[no-any-return]


# Names that sort differently by characters and by the parts of a path.
FILES = {"a/b.bin": b"1", "a-b": b"22", "a.bin": b"", "MLmodel": b"x", "ä/ü.json": b"{}"}


def test_theirs_verifies_ours(tmp_path: Path, curve: ec.EllipticCurve) -> None:
    key, path = pair(tmp_path, curve=curve), model(tmp_path / "m", FILES)
    oms.sign(path, load_signer(key.private))
    verify_there(path, key)
    (path / "MLmodel").write_bytes(b"y")
    with pytest.raises(ValueError, match="mismatch"):
        verify_there(path, key)


def test_ours_verifies_theirs(tmp_path: Path, curve: ec.EllipticCurve) -> None:
    key, path = pair(tmp_path, curve=curve), model(tmp_path / "m", FILES)
    sign_there(path, key)
    assert oms.verify(path, load_public_key(key.public)).name == "m"
    (path / "MLmodel").write_bytes(b"y")
    assert reason(path, key) == "digest-mismatch"


def test_ours_verifies_their_single_file_where_it_is_asked_to(tmp_path: Path) -> None:
    key, path = pair(tmp_path), model(tmp_path, {"one.bin": b"1"}) / "one.bin"
    signer = signing.Config().use_elliptic_key_signer(private_key=key.private)
    signer.sign(path, tmp_path / "one.bin.sig")
    assert oms.verify(path, load_public_key(key.public), strict=False)
    # It says "." where the specification demands the name of the file.
    assert reason(path, key) == "missing-file"


@pytest.mark.parametrize("algorithm", ["blake2", "blake3"])
def test_digests_that_the_specification_does_not_demand(tmp_path: Path, algorithm: str) -> None:
    key, path = pair(tmp_path), model(tmp_path / "m", FILES)
    sign_there(path, key, hashes().use_file_serialization(hashing_algorithm=algorithm))
    assert reason(path, key) == "signature-format"


def test_shards(tmp_path: Path) -> None:
    key, path = pair(tmp_path), model(tmp_path / "m", FILES)
    sign_there(path, key, hashes().use_shard_serialization())
    assert reason(path, key) == "signature-format"


class TestCertificates:
    @pytest.fixture
    def authority(self, tmp_path: Path) -> Issued:
        return root(tmp_path)

    def there(self, path: Path, authority: Issued) -> None:
        config = verifying.Config().use_certificate_verifier(certificate_chain=[authority.path])
        config.verify(path, path / SIG)

    def sign_there(self, path: Path, made: Issued, authority: Issued) -> None:
        key = save(path.parent, made.path.stem, made.key)
        signer = signing.Config().use_certificate_signer(
            private_key=key.private,
            signing_certificate=made.path,
            certificate_chain=[authority.path],
        )
        signer.set_hashing_config(hashes()).sign(path, path / SIG)

    def test_theirs_verifies_ours(self, tmp_path: Path, authority: Issued) -> None:
        path, made = model(tmp_path / "m", FILES), leaf(tmp_path, authority)
        key = load_signer(save(tmp_path, "leaf", made.key).private)
        oms.sign(path, CertificateSigner(key, made.path, [authority.path]))
        self.there(path, authority)

    def test_ours_verifies_theirs(self, tmp_path: Path, authority: Issued) -> None:
        path = model(tmp_path / "m", FILES)
        self.sign_there(path, leaf(tmp_path, authority), authority)
        found = oms.verify(path, CertificateTrust([authority.path], "CN=model-signer"))
        assert (found.signer, found.method) == ("CN=model-signer", "certificate")

    @pytest.mark.parametrize(
        ("expected", "more"),
        [
            ("certificate-subject", {"name": "CN=www.example.com"}),
            ("certificate-usage", {"usages": SERVER}),
            ("certificate-expired", {"since": NOW - 9 * DAY, "until": NOW - DAY}),
        ],
        ids=["someone else's", "a server's", "expired"],
    )
    def test_what_theirs_accepts_and_ours_refuses(
        self, tmp_path: Path, authority: Issued, expected: str, more: dict[str, object]
    ) -> None:
        path = model(tmp_path / "m", FILES)
        self.sign_there(path, leaf(tmp_path, authority, **more), authority)  # type: ignore[arg-type]
        self.there(path, authority)
        with pytest.raises(TrustError) as caught:
            oms.verify(path, CertificateTrust([authority.path], "CN=model-signer"))
        assert caught.value.reason == expected


def git(path: Path) -> None:
    model(path, {".git/hooks/x": b"", ".gitattributes": b"", ".github/x": b"", ".gitignore": b""})


ACCEPTED_THERE: dict[str, tuple[Callable[[Path], object], str]] = {
    "files of Git": (git, "unsigned-file"),
    "an empty directory": (lambda path: (path / "empty").mkdir(), "empty-directory"),
}


@pytest.mark.parametrize("name", ACCEPTED_THERE)
def test_what_theirs_accepts_and_ours_refuses(tmp_path: Path, name: str) -> None:
    change, expected = ACCEPTED_THERE[name]
    key, path = pair(tmp_path), model(tmp_path / "m", FILES)
    sign_there(path, key)
    assert oms.verify(path, load_public_key(key.public))
    change(path)
    verify_there(path, key)
    assert reason(path, key) == expected


def test_unsigned_files_ignored(tmp_path: Path) -> None:
    key, path = pair(tmp_path), model(tmp_path / "m", FILES)
    sign_there(path, key)
    (path / "evil.py").write_text("")
    config = verifying.Config().use_elliptic_key_verifier(public_key=key.public)
    config.set_ignore_unsigned_files(True).verify(path, path / SIG)
    assert reason(path, key) == reason(path, key, strict=False) == "unsigned-file"


def test_what_a_link_to_a_directory_leads_to(tmp_path: Path) -> None:
    key, path = pair(tmp_path), model(tmp_path / "m", FILES)
    outside = model(tmp_path / "outside", {"w.bin": b"1"})
    (path / "link").symlink_to(outside)
    sign_there(path, key, hashes().set_allow_symlinks(True))
    model(outside, {"w.bin": b"2", "evil.py": b""})
    config = verifying.Config().use_elliptic_key_verifier(public_key=key.public)
    config.set_hashing_config(hashes().set_allow_symlinks(True)).verify(path, path / SIG)
    assert reason(path, key) == reason(path, key, strict=False) == "symlink"


def test_a_single_file_under_another_name(tmp_path: Path) -> None:
    key, path = pair(tmp_path), model(tmp_path, {"one.bin": b"1"}) / "one.bin"
    signer = signing.Config().use_elliptic_key_signer(private_key=key.private)
    signer.sign(path, tmp_path / "theirs.sig")
    ours = oms.sign(path, load_signer(key.private))
    other = Path(shutil.move(path, tmp_path / "two.bin"))
    config = verifying.Config().use_elliptic_key_verifier(public_key=key.public)
    config.verify(other, tmp_path / "theirs.sig")
    assert reason(other, key, signature=ours) == "missing-file"


def test_a_renamed_file_has_the_same_subject_there_and_another_digest_here(tmp_path: Path) -> None:
    path = model(tmp_path / "m", FILES)
    before, there = manifest_of(path), oms.payload_for(path, str(path / SIG))
    (path / "MLmodel").rename(path / "Mmodel")
    after, renamed = manifest_of(path), oms.payload_for(path, str(path / SIG))
    subject = slice(there.index(b'"subject"'), None)
    assert there[subject] == renamed[renamed.index(b'"subject"') :]  # why attestations bind names
    assert before.digest != after.digest
