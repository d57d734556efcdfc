"""``sentinel attest`` and ``sentinel verify --policy``, as a person uses them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sentinel.trust import statement
from sentinel.trust.attest import store, uris
from sentinel.trust.watermark.record import Record
from tests.cli.run import Cli, Done
from tests.trust.attest_kit import Desk, key, private_file

SYSTEM = b"cos\nsystem\n(S'true'\ntR."


class Shell:
    """A desk and a command line."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.desk = Desk(root)
        self.cli = Cli(root, capsys)
        self.key = str(private_file(root / "prod.pem", self.desk.key))

    def attest(self, *arguments: str) -> Done:
        return self.cli("attest", str(self.desk.model), "--key", self.key, *arguments)

    def verify(self, *arguments: str) -> Done:
        policy = str(self.desk.root / "policy.yaml")
        return self.cli("verify", str(self.desk.model), "--policy", policy, *arguments)

    def predicate(self, kind: str) -> dict[str, object]:
        for one in store.read(self.desk.model):
            said = statement.parse(one.bundle.envelope.payload)
            if said.predicate_type == kind:
                return dict(said.predicate)
        raise AssertionError(kind)


@pytest.fixture
def shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(tmp_path, capsys)


def test_attested_signed_and_verified(shell: Shell) -> None:
    shell.desk.with_lock()
    (shell.desk.root / "train.csv").write_text("a,b\n")
    done = shell.attest(
        "--scan", "--name", "fraud", "--model-version", "7", "--mlbom",
        "--slsa-params", "flavor=sklearn", "--dataset", "train.csv",
        "--dataset", f"base=sha256:{'c' * 64}", "--card", "task=classification",
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    assert "claimed, not checked: flavor, registered_model, version" in done.out
    assert "scan: PASSED" in done.out
    shell.desk.sign()
    done = shell.verify("--name", "fraud")
    assert done.code == 0, done.err
    assert "accepted as 'fraud'" in done.out
    assert "ok freshness: first time that fraud is seen" in done.out
    build = shell.predicate(uris.SLSA)["buildDefinition"]
    assert isinstance(build, dict)
    first, second = build["resolvedDependencies"]
    assert first["name"] == "train.csv"
    assert "annotations" not in first
    assert second["annotations"] == {"sentinel_claimed": True}


def test_a_refusal_shows_every_check_and_its_reason(shell: Shell) -> None:
    shell.desk.policy()
    shell.attest("--scan", "--name", "fraud", "--model-version", "7")
    shell.desk.sign()
    done = shell.verify("--name", "fraud")
    assert done.code == 1
    assert "refused (missing-attestation)" in done.err
    assert "ok scan-passed" in done.out
    assert "failed mlbom" in done.out
    told = json.loads(shell.verify("--name", "fraud", "-f", "json").out)
    assert (told["verdict"], told["reason"]) == ("refused", "missing-attestation")
    assert [one["name"] for one in told["checks"] if not one["ok"]] == ["mlbom"]


def test_a_policy_needs_the_name_that_is_asked_for(shell: Shell) -> None:
    shell.desk.policy()
    done = shell.verify()
    assert done.code == 2
    assert "--policy needs --name" in done.err


def test_findings_are_attested_and_fail_the_run(shell: Shell) -> None:
    (shell.desk.model / "more.pkl").write_bytes(SYSTEM)
    done = shell.attest("--scan")
    assert done.code == 1
    assert "scan: FAILED SNT" in done.out
    assert shell.predicate(uris.TEST_RESULT)["result"] == "FAILED"


def test_what_is_accepted_by_settings_is_not_set_aside(shell: Shell) -> None:
    (shell.desk.model / "more.pkl").write_bytes(SYSTEM)
    (shell.desk.root / "sentinel.toml").write_text('exclude = ["*.pkl"]\n')
    assert shell.attest("--scan").code == 1


def test_requirements_become_components(shell: Shell) -> None:
    listed = shell.desk.root / "requirements.txt"
    listed.write_text(
        f"scikit-learn==1.9.1 --hash=sha256:{'d' * 64}\nnumpy>=1.26\n"
        "git+https://token:secret@example.org/x.git@main#egg=x\n"
    )
    done = shell.attest("--mlbom", "--name", "fraud", "--requirements", str(listed))
    assert done.code == 0, done.err
    assert "1 lines that name no package of an index" in done.err
    parts = shell.predicate(uris.MLBOM)["components"]
    assert isinstance(parts, list)
    assert [part.get("purl") for part in parts] == [
        "pkg:pypi/scikit-learn@1.9.1", "pkg:pypi/numpy",
    ]  # fmt: skip
    assert "secret" not in Path(store.place(shell.desk.model)).read_text()


def test_a_mark_is_attested_without_payload_or_salt(shell: Shell) -> None:
    record = Record(
        "stdm-1",
        "b" * 16,
        "5a17" * 8,
        "c" * 64,
        "fraud",
        "1dea" * 4,
        {"L": 4096, "M": 346},
        (),
        0.004,
    )
    (shell.desk.root / "mark.json").write_text(record.to_json())
    done = shell.attest("--watermark", "mark.json")
    assert done.code == 0, done.err
    said = str(shell.predicate(uris.WATERMARK)) + done.out
    assert "5a17" not in said
    assert "1dea" not in said
    shell.desk.policy(require="[watermark]", more=())
    assert shell.verify("--name", "fraud").code == 0


def test_a_verdict_is_attested_only_when_it_held(shell: Shell) -> None:
    shell.desk.policy()
    done = shell.attest("--svr", "policy.yaml", "--name", "fraud")
    assert (done.code, store.read(shell.desk.model)) == (1, ())
    shell.desk.attest(now=datetime.now(UTC))
    shell.desk.sign()
    done = shell.attest("--svr", "policy.yaml", "--name", "fraud")
    assert done.code == 0, done.err
    assert shell.predicate(uris.SVR)["properties"] == [
        "SENTINEL_MLBOM_PRESENT", "SENTINEL_PROVENANCE_VALID", "SENTINEL_SCAN_PASSED",
        "SENTINEL_SIGNATURE_VALID",
    ]  # fmt: skip


def test_a_second_signer_signs_along(shell: Shell) -> None:
    second = key()
    shell.desk.write_key("second", second)
    shell.desk.attest(now=datetime.now(UTC))
    shell.desk.sign()
    two = "keys: [{id: prod, public_key: prod.pub}, {id: second, public_key: second.pub}]"
    shell.desk.policy(threshold=2, signers=two, more=())
    assert shell.verify("--name", "fraud").code == 1
    pem = str(private_file(shell.desk.root / "second.pem", second))
    model = str(shell.desk.model)
    done = shell.cli("attest", model, "--key", pem, "--cosign", "prod.pub")
    assert done.code == 0, done.err
    assert shell.verify("--name", "fraud").code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "nothing to attest"),
        (("--slsa-params", "x"), "is not KEY=VALUE"),
        (("--slsa-params", "x=1", "--slsa-params", "x=2"), "given twice"),
        (("--slsa-params", "version=3"), "an option of its own"),
        (("--dataset", "none.csv"), "cannot be read"),
        (("--dataset", "model"), "cannot be read"),
        (("--mlbom", "--card", "licence=MIT"), "a model card has no"),
        (("--mlbom", "--card", "task=\x1b[2J"), "printable"),
        (("--requirements", "r.txt", "--scan"), "without --mlbom"),
        (("--sarif", "r.sarif", "--name", "a"), "without --scan"),
        (("--model-version", "3"), "a version without the name"),
        (("--model-version", "-3", "--name", "a"), "a whole number"),
        (("--svr", "policy.yaml"), "--svr needs --name"),
        (("--svr", "policy.yaml", "--scan"), "nothing else"),
        (("--scan", "--certificate", "none.pem"), "none.pem"),
    ],
)
def test_wrong_usage_writes_nothing(shell: Shell, arguments: tuple[str, ...], message: str) -> None:
    before = sorted(shell.desk.model.rglob("*"))
    done = shell.attest(*arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert "Traceback" not in done.err
    assert sorted(shell.desk.model.rglob("*")) == before


def test_a_key_that_others_may_read_or_that_is_sent_along_signs_nothing(shell: Shell) -> None:
    Path(shell.key).chmod(0o644)
    done = shell.attest("--scan")
    assert (done.code, "key-file-permissions" in done.err) == (1, True)
    Path(shell.key).chmod(0o600)
    inside = shell.desk.model / "prod.pem"
    Path(shell.key).rename(inside)
    done = shell.cli("attest", str(shell.desk.model), "--key", str(inside), "--scan")
    assert (done.code, "key-inside-model" in done.err) == (1, True)
    assert not (shell.desk.model / ".sentinel").exists()
