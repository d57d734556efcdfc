"""The commands sign and verify."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from tests.cli.run import Cli
from tests.trust.signing_kit import FILES, SERVER, leaf, model, pair, root, save, write_private


@pytest.fixture
def signed(cli: Cli) -> Cli:
    """A model ``m``, its key pair ``k.pem`` and a signature."""
    os.chdir(cli.root)
    model(cli.root / "m")
    assert cli("sign", "--generate-key", "k.pem").code == 0
    assert cli("sign", "m", "--key", "k.pem").code == 0
    return cli


@pytest.fixture(autouse=True)
def _somewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SENTINEL_KEY_PASSWORD", raising=False)


def test_making_a_key_signing_and_verifying(cli: Cli) -> None:
    os.chdir(cli.root)
    model(cli.root / "m")
    made = cli("sign", "--generate-key", "k.pem")
    assert made.code == 0
    assert "k.pem: keep it to yourself" in made.out
    assert cli("sign", "m", "--key", "k.pem") == (0, "", "sentinel: signed m: m/model.sig\n")
    done = cli("verify", "m", "--key", "k.pem.pub")
    assert done.code == 0
    assert done.err == ""
    assert done.out.startswith("m: 4 files as signed by key ")
    assert cli("verify", "m", "--key", "k.pem.pub", "-q") == (0, "", "")


def test_json(signed: Cli) -> None:
    done = signed("verify", "m", "--key", "k.pem.pub", "--format", "json")
    told = json.loads(done.out)
    assert (told["verdict"], told["method"], told["unsigned"]) == ("verified", "key", [])
    assert [one["name"] for one in told["files"]] == sorted(FILES)
    (signed.root / "m/evil.py").write_text("")
    done = signed("verify", "m", "--key", "k.pem.pub", "--format", "json")
    told = json.loads(done.out)
    assert done.code == 1
    assert (told["verdict"], told["reason"]) == ("refused", "unsigned-file")


def test_a_refusal_names_the_reason_the_file_and_the_way_out(signed: Cli) -> None:
    (signed.root / "m/MLmodel").write_bytes(b"x")
    done = signed("verify", "m", "--key", "k.pem.pub")
    assert done.code == 1
    assert done.out == ""
    assert done.err == (
        "sentinel: refused (digest-mismatch): m: not the file that was signed: MLmodel\n"
        "  help: get the model again from who signed it\n"
    )


def test_names_cannot_write_on_the_terminal(signed: Cli) -> None:
    (signed.root / "m/\x1b[2J.txt").write_text("")
    done = signed("verify", "m", "--key", "k.pem.pub")
    assert done.code == 1
    assert "\x1b" not in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("sign",),
        ("sign", "m"),
        ("sign", "missing", "--key", "k.pem"),
        ("sign", "m", "--key", "missing"),
        ("sign", "m", "--key", "k.pem", "--sigstore"),
        ("sign", "m", "--key", "k.pem", "--chain", "x"),
        ("sign", "m", "--kms", "file2:k.pem"),
        ("sign", "m", "--generate-key", "other.pem"),
        ("sign", "--generate-key", "k.pem"),
        ("verify", "m"),
        ("verify", "missing", "--key", "k.pem.pub", "--signature", "m/model.sig"),
        ("verify", "m", "--key", "missing"),
        ("verify", "m", "--key", "k.pem.pub", "--certificate-root", "x"),
        ("verify", "m", "--certificate-root", "x"),
        ("verify", "m", "--sigstore-identity", "x"),
        ("verify", "m", "--policy", "x", "--compatible"),
        ("verify", "m", "--blobs"),
        # what asks for more than would be looked at
        ("verify", "m", "--key", "k.pem.pub", "--name", "fraud"),
        ("verify", "m", "--key", "k.pem.pub", "--subject", "CN=x"),
        ("verify", "m", "--key", "k.pem.pub", "--sigstore-issuer", "x"),
        ("verify", "m", "--key", "k.pem.pub", "--trust-config", "x"),
        ("sign", "m", "--key", "k.pem", "--trust-config", "x"),
        ("sign", "m", "--key", "k.pem", "--public-key", "k.pem.pub"),
        ("sign", "m", "--sigstore", "--certificate", "x"),
    ],
)
def test_wrong_usage(signed: Cli, arguments: tuple[str, ...]) -> None:
    done = signed(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("sentinel: ")
    assert not (signed.root / "other.pem").exists()


def test_a_key_that_others_may_read(signed: Cli) -> None:
    (signed.root / "k.pem").chmod(0o644)
    (signed.root / "m/model.sig").unlink()
    done = signed("sign", "m", "--key", "k.pem")
    assert done.code == 1
    assert "refused (key-file-permissions): k.pem" in done.err
    assert not (signed.root / "m/model.sig").exists()


def test_a_key_inside_the_model(signed: Cli) -> None:
    (signed.root / "k.pem").rename(signed.root / "m/k.pem")
    done = signed("sign", "m", "--key", "m/k.pem")
    assert done.code == 1
    assert "refused (key-inside-model)" in done.err


def test_a_public_key_that_came_with_the_model(signed: Cli) -> None:
    (signed.root / "m/k.pub").write_bytes((signed.root / "k.pem.pub").read_bytes())
    assert signed("sign", "m", "--key", "k.pem").code == 0
    done = signed("verify", "m", "--key", "m/k.pub")
    assert done.code == 2
    assert "m/k.pub: lies inside the model" in done.err
    (signed.root / "link").symlink_to("m/k.pub")
    assert "lies inside the model" in signed("verify", "m", "--key", "link").err
    assert signed("verify", "m", "--key", "k.pem.pub").code == 0


def test_the_two_halves_of_a_pair_mixed_up(signed: Cli) -> None:
    assert "k.pem.pub: is a public key" in signed("sign", "m", "--key", "k.pem.pub").err
    assert "k.pem: is a private key" in signed("verify", "m", "--key", "k.pem").err


def test_the_password_comes_from_the_environment(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    os.chdir(cli.root)
    model(cli.root / "m")
    made = pair(cli.root)
    write_private(cli.root / "locked.pem", made.key, b"open sesame")
    assert "refused (key-encrypted)" in cli("sign", "m", "--key", "locked.pem").err
    monkeypatch.setenv("SENTINEL_KEY_PASSWORD", "open sesame")
    done = cli("sign", "m", "--key", "locked.pem")
    assert done.code == 0
    assert "sesame" not in done.out + done.err


def test_a_key_by_its_uri(signed: Cli) -> None:
    done = signed("sign", "m", "--kms", "file2:k.pem", "--public-key", "k.pem.pub")
    assert done.code == 0
    assert signed("verify", "m", "--key", "k.pem.pub").code == 0


def test_certificates(cli: Cli) -> None:
    os.chdir(cli.root)
    model(cli.root / "m")
    authority = root(cli.root)
    made = leaf(cli.root, authority)
    key = save(cli.root, "leaf", made.key)
    more = ("--certificate", str(made.path), "--chain", str(authority.path))
    assert cli("sign", "m", "--key", str(key.private), *more).code == 0
    trust = ("verify", "m", "--certificate-root", str(authority.path), "--subject")
    assert "as signed by CN=model-signer" in cli(*trust, "CN=model-signer").out
    assert "refused (certificate-subject)" in cli(*trust, "CN=other").err
    server = leaf(cli.root, authority, usages=SERVER)
    key = save(cli.root, "server", server.key)
    done = cli("sign", "m", "--key", str(key.private), "--certificate", str(server.path))
    assert "refused (certificate-usage)" in done.err


def test_what_is_passed_over_is_told(signed: Cli) -> None:
    model(signed.root / "m", {"registered_model_meta": b"x", ".git/config": b""})
    verify = ("verify", "m", "--key", "k.pem.pub")
    assert signed(*verify, "--allow-unsigned", "registered_model_meta").code == 1
    done = signed(*verify, "--allow-unsigned", "registered_model_meta", "--compatible")
    assert done.code == 0
    assert "not signed and passed over: .git/config, registered_model_meta" in done.out


class TestHuggingFace:
    @pytest.fixture
    def snapshot(self, cli: Cli) -> Path:
        repository = cli.root / "models--o--n"
        place = repository / "snapshots" / ("a" * 40)
        place.mkdir(parents=True)
        (repository / "blobs").mkdir()
        for name, data in FILES.items():
            blob = repository / "blobs" / hashlib.sha256(data).hexdigest()
            blob.write_bytes(data)
            (place / name).parent.mkdir(exist_ok=True)
            (place / name).symlink_to(os.path.relpath(blob, (place / name).parent))
        return place

    def test_blobs_are_their_names(self, cli: Cli, snapshot: Path) -> None:
        done = cli("verify", str(snapshot), "--blobs")
        assert done.code == 0
        assert "4 files, each the blob that its name says" in done.out
        assert "takes a signature" in done.err
        (snapshot / "model.pkl").resolve().write_bytes(b"other")
        assert "refused (blob-mismatch)" in cli("verify", str(snapshot), "--blobs").err

    def test_a_file_that_is_no_blob_is_not_one_that_its_name_says(
        self, cli: Cli, snapshot: Path
    ) -> None:
        (snapshot / "evil.py").write_text("")
        done = cli("verify", str(snapshot), "--blobs")
        assert (done.code, done.out) == (1, "")
        assert "refused (unsigned-file)" in done.err
        assert "evil.py" in done.err
        (snapshot / "evil.py").rename(snapshot / "model.sig")  # holds signatures, if any
        assert cli("verify", str(snapshot), "--blobs").code == 0

    def test_a_signature_over_a_snapshot(self, cli: Cli, snapshot: Path) -> None:
        key = pair(cli.root)
        place = str(cli.root / "s.sig")
        assert cli("sign", str(snapshot), "--key", str(key.private), "--signature", place).code == 0
        done = cli("verify", str(snapshot), "--key", str(key.public), "--signature", place)
        assert done.code == 0
        assert "4 files as signed" in done.out

    def test_it_is_laid_out_as_the_library_of_the_cache_expects(
        self, cli: Cli, snapshot: Path
    ) -> None:
        hub = pytest.importorskip("huggingface_hub")
        found = hub.scan_cache_dir(cli.root)
        (repository,) = found.repos
        (revision,) = repository.revisions
        assert revision.snapshot_path == snapshot.resolve()
        assert {file.blob_path.name for file in revision.files} == {
            hashlib.sha256(data).hexdigest() for data in FILES.values()
        }
