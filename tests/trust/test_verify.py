"""What a policy accepts, and its files when they are changed: each attack has its accepted twin."""

from __future__ import annotations

import dataclasses
import hashlib
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from sentinel.errors import SettingsError, TrustError, UsageError
from sentinel.trust.manifest import OWN_FILES, manifest_of
from sentinel.trust.verify import Refused, verify_by_policy
from tests.trust.attest_kit import NOW, V8, Desk, answer, flip, reasons


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.finish()
    return made


def test_what_is_signed_scanned_and_named_is_accepted(desk: Desk) -> None:
    found = verify_by_policy(desk.model, desk.policy(), name="fraud", now=NOW)
    assert found.accepted
    assert found.version == 7
    assert found.manifest == manifest_of(desk.model, ignore=OWN_FILES).digest
    names = [check.name for check in found.checks]
    assert names == [
        "policy", "files", "attestations", "model-signature", "slsa-provenance", "scan-passed",
        "mlbom",
    ]  # fmt: skip
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.checks = ()  # type: ignore[misc]


def test_a_refusal_is_raised_and_carries_all_checks(desk: Desk) -> None:
    (desk.model / "README.md").write_text("Another model.\n")
    with pytest.raises(Refused) as caught:
        verify_by_policy(desk.model, desk.policy(), name="fraud", now=NOW)
    assert caught.value.reason == "digest-mismatch"
    assert len(caught.value.verification.checks) == 7
    assert not caught.value.verification


# What is done to the files.


def git_hook(model: Path) -> None:
    (model / ".git" / "hooks").mkdir(parents=True)
    (model / ".git" / "hooks" / "post-checkout").write_text("#!/bin/sh\n")


def inside_own_name(model: Path) -> None:
    (model / "model.sig").unlink()
    (model / "model.sig").mkdir()
    (model / "model.sig" / "notes").write_text("x")


TAMPERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "flip": (flip, "digest-mismatch"),
    "add": (lambda m: (m / "evil.py").write_text("1"), "unsigned-file"),
    "remove": (lambda m: (m / "MLmodel").unlink(), "missing-file"),
    "rename": (lambda m: (m / "MLmodel").rename(m / "Mmodel"), "missing-file"),
    "empty directory": (lambda m: (m / "new").mkdir(), "empty-directory"),
    "git": (git_hook, "unsigned-file"),
    "link": (lambda m: (m / "l").symlink_to("MLmodel"), "symlink"),
    "beside the attestations": (
        lambda m: (m / ".sentinel" / "more").write_text("x"),
        "unsigned-file",
    ),
    "in a directory named as the signature": (inside_own_name, "unsigned-file"),
}


@pytest.mark.parametrize("name", TAMPERS)
def test_changed_files_are_refused(desk: Desk, name: str) -> None:
    assert answer(desk.examine()) == "accepted"
    tamper, reason = TAMPERS[name]
    tamper(desk.model)
    assert answer(desk.examine()) == reason


@pytest.mark.parametrize("name", ["flip", "add", "remove", "rename"])
def test_attestations_alone_bind_every_file_and_its_name(desk: Desk, name: str) -> None:
    policy = desk.policy(require="[scan-passed]")
    (desk.model / "model.sig").unlink()
    assert answer(desk.examine(policy)) == "accepted"
    TAMPERS[name][0](desk.model)
    assert answer(desk.examine(policy)) == "subject-mismatch"


def test_files_of_git_may_be_unsigned_only_where_the_policy_says_so(desk: Desk) -> None:
    git_hook(desk.model)
    lenient = desk.policy(more=("strict_files: false",))
    assert answer(desk.examine()) == "unsigned-file"
    assert answer(desk.examine(lenient)) == "unsigned-file"  # Git would run it
    hook = desk.model / ".git" / "hooks" / "post-checkout"
    hook.rename(hook.with_suffix(".sample"))
    assert answer(desk.examine(lenient)) == "accepted"
    (desk.model / ".git" / "evil.py").write_text("1")
    assert answer(desk.examine(lenient)) == "unsigned-file"
    (desk.model / ".git" / "evil.py").unlink()
    (desk.model / "notes").write_text("1")
    assert answer(desk.examine(lenient)) == "unsigned-file"


def test_what_a_registry_adds_may_be_unsigned_where_the_policy_names_it(desk: Desk) -> None:
    (desk.model / "registered_model_meta").write_text("model_name: fraud\n")
    assert reasons(desk.examine()) == ["unsigned-file", *["subject-mismatch"] * 3]
    naming = desk.policy(more=("allow_unsigned: [registered_model_meta]",))
    assert answer(desk.examine(naming)) == "accepted"
    (desk.model / "registered_model_meta").unlink()
    (desk.model / "registered_model_meta").mkdir()
    (desk.model / "registered_model_meta" / "a.pkl").write_bytes(b"N.")
    assert answer(desk.examine(naming)) == "unsigned-file"
    (desk.model / "registered_model_meta" / "a.pkl").rename(
        desk.model / "registered_model_meta" / "notes"
    )
    assert answer(desk.examine(naming)) == "unsigned-file"  # a name is not a directory
    for name in ("evil.py", "model.pkl", "../x", "/x"):
        with pytest.raises(SettingsError):
            desk.policy(more=(f"allow_unsigned: ['{name}']",))


def test_tags_change_no_verdict(desk: Desk) -> None:
    """MLflow keeps tags beside the artifacts, and whoever can write there can say anything."""
    run = desk.root / "mlruns" / "1" / "r1"
    artifacts = run / "artifacts" / "model"
    artifacts.parent.mkdir(parents=True)
    desk.model.rename(artifacts)
    desk.model = artifacts
    tags = run / "tags"
    tags.mkdir()
    good = desk.examine()
    for name, value in (
        ("sentinel.verdict", "malicious"),
        ("sentinel.manifest_sha256", "0" * 64),
        ("sentinel.version", "1"),
    ):
        (tags / name).write_text(value)
    assert desk.examine() == good
    assert good.accepted
    flip(artifacts)
    (tags / "sentinel.verdict").write_text("clean")
    (tags / "sentinel.manifest_sha256").write_text(manifest_of(artifacts, ignore=OWN_FILES).digest)
    assert answer(desk.examine()) == "digest-mismatch"


def test_a_single_file_is_verified_under_its_own_name(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.model = tmp_path / "fraud.pkl"
    (tmp_path / "model" / "model.pkl").rename(desk.model)
    desk.finish()
    assert answer(desk.examine()) == "accepted"
    for name in ("", ".sig", ".attestations.intoto.jsonl"):
        (tmp_path / f"fraud.pkl{name}").rename(tmp_path / f"other.pkl{name}")
    desk.model = tmp_path / "other.pkl"
    assert not desk.examine().accepted


def test_no_policy_file_or_key_is_an_error_of_settings(desk: Desk) -> None:
    (desk.root / "prod.pub").unlink()
    with pytest.raises(SettingsError, match=r"prod\.pub"):
        desk.examine()
    (desk.root / "prod.pub").write_text("no key")
    with pytest.raises(TrustError) as caught:
        desk.examine()
    assert caught.value.reason == "key-invalid"


def test_a_time_needs_a_zone(desk: Desk) -> None:
    with pytest.raises(UsageError):
        desk.examine(now=NOW.replace(tzinfo=None))


def test_the_network_is_never_used(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    desk.finish(V8)
    assert answer(desk.examine(desk.with_lock())) == "accepted"


def test_a_snapshot_in_the_cache_of_hugging_face_is_verified_as_it_lies_there(desk: Desk) -> None:
    repository = desk.root / "models--x--fraud"
    snapshot = repository / "snapshots" / ("c" * 40)
    blobs = repository / "blobs"
    blobs.mkdir(parents=True)
    for path in sorted(desk.model.rglob("*")):
        if path.is_file():
            name = path.relative_to(desk.model)
            data = path.read_bytes()
            blob = blobs / hashlib.sha256(data).hexdigest()
            blob.write_bytes(data)
            link = snapshot / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to("/".join([*[".."] * (len(name.parts) + 1), "blobs", blob.name]))
    desk.model = snapshot
    assert answer(desk.examine()) == "accepted"
    model = snapshot / "model.pkl"
    (desk.root / "other").write_bytes(model.read_bytes())
    model.unlink()
    model.symlink_to(desk.root / "other")
    assert answer(desk.examine()) == "outside-cache"
