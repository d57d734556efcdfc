"""Names and versions: another name, an older version, and the lock that remembers the newest."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest

from sentinel.errors import SettingsError
from sentinel.trust import lock
from sentinel.trust.attest import svr
from sentinel.trust.policy import load_policy
from tests.trust.attest_kit import ALL, V8, Desk, answer, reasons, write_model


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.finish()
    return made


def test_the_same_content_under_another_name_is_refused(desk: Desk) -> None:
    assert answer(desk.examine(name="fraud")) == "accepted"
    assert answer(desk.examine(name="fraud-eu")) == "name-mismatch"
    assert answer(desk.examine(name="churn")) == "no-policy"


def test_provenance_under_no_name_is_refused(desk: Desk) -> None:
    desk.finish(dataclasses.replace(ALL, name="", version=None, parameters={"commit": "a1"}))
    assert answer(desk.examine()) == "name-mismatch"


def test_an_old_version_is_refused_once_a_newer_was_accepted(desk: Desk) -> None:
    policy = desk.with_lock()
    old = desk.root / "old"
    shutil.copytree(desk.model, old)
    assert answer(desk.examine(policy)) == "accepted"
    write_model(desk.model, 0.75)
    desk.finish(V8)
    assert answer(desk.examine(policy)) == "accepted"
    assert lock.read(str(desk.lock))["fraud"].version == 8
    desk.model = old
    assert reasons(desk.examine(policy)) == ["rollback"]
    assert lock.read(str(desk.lock))["fraud"].version == 8
    allowing = desk.policy(more=("freshness: {lock: sentinel.lock, allow_rollback: true}",))
    found = desk.examine(allowing)
    assert answer(found) == "accepted"
    assert svr.NOT_ROLLED_BACK not in found.properties  # it was let through, and that is all
    assert svr.PROVENANCE_VALID in found.properties
    assert lock.read(str(desk.lock))["fraud"].version == 8


def test_the_same_version_with_other_files_is_refused(desk: Desk) -> None:
    policy = desk.with_lock()
    assert answer(desk.examine(policy)) == "accepted"
    assert answer(desk.examine(policy)) == "accepted"
    write_model(desk.model, 0.75)
    desk.finish(ALL)
    assert reasons(desk.examine(policy)) == ["lock-digest-mismatch"]


def test_a_refused_model_does_not_move_the_lock(desk: Desk) -> None:
    policy = desk.with_lock()
    desk.finish(V8)
    (desk.model / "model.sig").unlink()
    assert answer(desk.examine(policy)) == "no-signature"
    assert not desk.lock.exists()
    desk.sign()
    assert answer(desk.examine(policy)) == "accepted"
    assert lock.read(str(desk.lock))["fraud"].version == 8


def test_a_lock_needs_a_version_and_a_place_outside_the_model(desk: Desk) -> None:
    desk.finish(dataclasses.replace(ALL, version=None))
    assert answer(desk.examine(desk.with_lock())) == "no-version"
    assert answer(desk.examine()) == "accepted"
    inside = desk.policy(more=("freshness: {lock: model/sentinel.lock}",))
    with pytest.raises(SettingsError, match="inside the model"):
        desk.examine(inside)


def test_policy_and_keys_are_not_taken_from_the_model(desk: Desk) -> None:
    (desk.model / "prod.pub").write_bytes((desk.root / "prod.pub").read_bytes())
    desk.finish()
    brought = desk.policy(signers="keys: [{id: prod, public_key: model/prod.pub}]")
    with pytest.raises(SettingsError, match=r"prod\.pub: lies inside the model"):
        desk.examine(brought)
    assert answer(desk.examine()) == "accepted"
    shutil.copy(desk.root / "policy.yaml", desk.model / "policy.yaml")
    with pytest.raises(SettingsError, match=r"policy\.yaml: lies inside the model"):
        desk.examine(load_policy(desk.model / "policy.yaml"))


def test_a_damaged_lock_refuses(desk: Desk) -> None:
    desk.lock.write_text('{"lock":1,"models":{},"models":{}}')
    assert answer(desk.examine(desk.with_lock())) == "bad-lock"
