"""Policies, levels and what a result says."""

from __future__ import annotations

import hashlib
import pickle
from collections import Counter
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import joblib
import pytest
from sklearn.linear_model import LogisticRegression

from sentinel.errors import SandboxUnavailable, SentinelError, TrustError, UsageError
from sentinel.findings import Severity, Verdict
from sentinel.trust import LoadPolicy, oms, secure_load
from sentinel.trust.keys import load_signer
from tests.trust.load.kit import Reduced, pickled
from tests.trust.signing_kit import pair

MODEL = LogisticRegression(C=5.0).fit([[0.0], [1.0]], [0, 1])
GOOD = pickled(MODEL)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "model.pkl"
    path.write_bytes(GOOD)
    return path


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"levels": ("unsafe",)}, "no level"), ({"levels": ()}, "no level"),
        ({"levels": "allowlist"}, "tuple"), ({"max_size": 0}, "max_size"),
        ({"max_size": True}, "max_size"), ({"fail_on": "high"}, "Severity"),
        ({"levels": ("trusted",)}, "key"), ({"allow": {("a.b", "c.d")}}, "exact"),
        ({"allow": {("sklearn", "*")}}, "exact"), ({"allow": {("sklearn.*", "x")}}, "exact"),
        ({"allow": {("", "x")}}, "exact"), ({"allow": {("a", "")}}, "exact"),
        ({"allow": {"os.system"}}, "module, name"), ({"allow": {("os", "system", "x")}}, "module"),
        ({"allow": {("os", "system")}}, "runs code"),
        ({"allow": {("posix", "system")}}, "runs code"),
        ({"allow": {("builtins", "eval")}}, "runs code"),
        ({"allow": {("builtins", "getattr")}}, "runs code"),
        ({"allow": {("functools", "partial")}}, "runs code"),
        ({"allow": {("numpy.testing", "runstring")}}, "runs code"),
        ({"allow": {("torch.storage", "_load_from_bytes")}}, "runs code"),
    ],
)  # fmt: skip
def test_a_policy_is_closed(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        LoadPolicy(**arguments)


def test_a_policy_cannot_be_changed() -> None:
    policy = LoadPolicy(levels=("allowlist", "data-only"))
    assert policy.levels == ("data-only", "allowlist")
    with pytest.raises(AttributeError):
        policy.levels = ("trusted",)  # type: ignore[misc]


def test_a_pickle_is_no_data(path: Path) -> None:
    assert secure_load(path).level == "allowlist"
    assert secure_load(path, level="allowlist").obj.C == 5.0
    with pytest.raises(TrustError) as caught:
        secure_load(path, level="data-only")
    assert caught.value.reason == "no-safe-way"


@pytest.mark.parametrize(
    "options", [{"level": "trusted"}, {"level": "convert"}, {"level": "x"}, {"framework": "jax"},
                {"level": "allowlist", "policy": LoadPolicy(levels=("data-only",))}]
)  # fmt: skip
def test_a_level_that_the_policy_does_not_name_is_not_used(
    path: Path, options: dict[str, Any]
) -> None:
    with pytest.raises(UsageError):
        secure_load(path, **options)


def test_a_result_says_how_and_what(path: Path) -> None:
    result = secure_load(path)
    assert (result.level, result.format, result.verdict) == ("allowlist", "pickle", Verdict.CLEAN)
    assert result.relaxed == ()
    assert result.signer == ""
    assert "LogisticRegression" not in repr(result)


def test_a_name_may_be_allowed_and_the_result_says_so(tmp_path: Path) -> None:
    path = tmp_path / "counts.pkl"
    path.write_bytes(pickled({"words": Counter("hello"), "every": timedelta(days=2)}))
    with pytest.raises(TrustError) as caught:
        secure_load(path)
    assert caught.value.reason == "not-allowed"
    allow = {("collections", "Counter"), ("datetime", "timedelta")}
    result = secure_load(path, policy=LoadPolicy(allow=allow))
    assert result.obj == {"words": Counter("hello"), "every": timedelta(days=2)}
    assert result.relaxed == (
        "collections.Counter may be used", "datetime.timedelta may be used",
    )  # fmt: skip


def test_a_name_that_was_taken_from_elsewhere_is_refused_even_when_allowed(tmp_path: Path) -> None:
    path = tmp_path / "x.pkl"
    path.write_bytes(b"\x80\x04cstatistics\nCounter\n)R.")
    policy = LoadPolicy(allow=frozenset({("statistics", "Counter")}), fail_on=None)
    with pytest.raises(TrustError) as caught:
        secure_load(path, policy=policy)
    assert caught.value.reason == "not-allowed"


def test_findings_refuse_and_a_relaxed_policy_says_so(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(pickled(Reduced(print, ("never shown",))))
    with pytest.raises(TrustError):
        secure_load(path)
    # Even a policy that lets any finding pass makes no call that is not allowed.
    with pytest.raises(TrustError) as caught:
        secure_load(path, policy=LoadPolicy(fail_on=None, require_complete=False))
    assert caught.value.reason == "not-allowed"
    assert LoadPolicy(fail_on=None, require_complete=False).relaxed() == (
        "findings of any severity pass", "a file that was not examined in full passes",
    )  # fmt: skip
    assert LoadPolicy(fail_on=Severity.HIGH).relaxed() == ("findings below high pass",)


@pytest.mark.parametrize("data", [b"", b"hello", b"\x80\x04", b"PK\x03\x04", b"\x00" * 100])
def test_what_is_no_model_is_one_clear_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(data)
    with pytest.raises(TrustError):
        secure_load(path)


def test_values_that_make_no_model_are_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    name = b"csklearn.isotonic\nIsotonicRegression\n)\x81"
    state = pickle.dumps({"X_thresholds_": "no array", "y_thresholds_": 5}, 2)[2:-1]
    path.write_bytes(b"\x80\x04" + name + state + b"b.")
    with pytest.raises(TrustError) as caught:
        secure_load(path)
    assert caught.value.reason == "malformed"
    assert "\n" not in caught.value.message


# Trusted


class Ours:
    """A class of this file: no table knows it."""

    value = 5


@pytest.fixture
def signed(tmp_path: Path) -> tuple[Path, Path]:
    keys = tmp_path / "keys"
    keys.mkdir()
    signer = pair(keys)
    path = tmp_path / "ours.joblib"
    joblib.dump(Ours(), path)
    oms.sign(path, load_signer(str(signer.private)))
    return path, signer.public


def _trusting(*keys: Path) -> LoadPolicy:
    return LoadPolicy(levels=("trusted",), keys=keys, fail_on=Severity.HIGH)


def test_a_signed_model_loads_in_the_ordinary_way(signed: tuple[Path, Path]) -> None:
    path, key = signed
    with pytest.raises(SentinelError):
        secure_load(path)
    result = secure_load(path, policy=_trusting(key))
    assert type(result.obj) is Ours
    assert result.level == "trusted"
    assert result.signer.startswith("key ")


def test_another_key_is_not_trusted(signed: tuple[Path, Path], tmp_path: Path) -> None:
    path, key = signed
    other = pair(tmp_path, "other").public
    with pytest.raises(TrustError) as caught:
        secure_load(path, policy=_trusting(other))
    assert caught.value.reason in ("wrong-key", "bad-signature")
    assert secure_load(path, policy=_trusting(other, key)).level == "trusted"


def test_a_model_that_was_changed_or_never_signed_is_not_trusted(
    signed: tuple[Path, Path], tmp_path: Path
) -> None:
    path, key = signed
    unsigned = tmp_path / "unsigned.pkl"
    unsigned.write_bytes(GOOD)
    joblib.dump({"other": Ours()}, path)
    for one in (path, unsigned):
        with pytest.raises(SentinelError):
            secure_load(one, policy=_trusting(key))


def test_a_model_that_is_swapped_between_reading_and_verifying_is_not_trusted(
    signed: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, key = signed
    from sentinel.trust.load import secure

    good = path.read_bytes()
    joblib.dump({"other": Ours()}, path)
    scan: Any = secure.scan_held

    def back(held: Any) -> Any:
        path.write_bytes(good)
        return scan(held)

    monkeypatch.setattr(secure, "scan_held", back)
    with pytest.raises(TrustError) as caught:
        secure_load(path, policy=_trusting(key))
    assert caught.value.reason == "digest-mismatch"


def test_a_signature_does_not_make_up_for_what_a_scan_finds(tmp_path: Path) -> None:
    signer = pair(tmp_path)
    folder = tmp_path / "model"
    folder.mkdir()
    path = folder / "model.pkl"
    path.write_bytes(b"\x80\x04cos\nsystem\nX\x04\x00\x00\x00true\x85R.")
    oms.sign(path, load_signer(str(signer.private)), signature=tmp_path / "hostile.sig")
    policy = LoadPolicy(levels=("trusted",), keys=(signer.public,), fail_on=None)
    with pytest.raises(TrustError) as caught:
        secure_load(path, policy=policy, signature=tmp_path / "hostile.sig")
    assert caught.value.reason == "findings"
    path.write_bytes(GOOD)
    oms.sign(path, load_signer(str(signer.private)), signature=tmp_path / "hostile.sig")
    assert secure_load(path, policy=policy, signature=tmp_path / "hostile.sig").obj.C == 5.0


def test_the_signature_of_the_directory_counts(tmp_path: Path) -> None:
    signer = pair(tmp_path)
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.pkl").write_bytes(GOOD)
    (folder / "README.md").write_text("# A model\n")
    oms.sign(folder, load_signer(str(signer.private)))
    assert secure_load(folder / "model.pkl", policy=_trusting(signer.public)).obj.C == 5.0
    (folder / "README.md").write_text("# Another\n")
    with pytest.raises(TrustError) as caught:
        secure_load(folder / "model.pkl", policy=_trusting(signer.public))
    assert caught.value.reason == "digest-mismatch"


def test_a_later_level_takes_what_an_allowlist_refuses(signed: tuple[Path, Path]) -> None:
    path, key = signed
    levels = ("allowlist", "trusted")
    policy = LoadPolicy(levels=levels, keys=(key,), fail_on=Severity.HIGH)
    assert secure_load(path, policy=policy).level == "trusted"


# Convert


def _jail(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    convert = import_module("sentinel.trust.jail.convert")

    def run(*args: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(data=answer)

    monkeypatch.setattr(convert, "convert_held", run)


def test_without_a_jail_nothing_weaker_is_used(
    signed: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, key = signed
    _jail(monkeypatch, SandboxUnavailable("no jail here"))
    policy = LoadPolicy(levels=("convert", "trusted"), keys=(key,), fail_on=Severity.HIGH)
    with pytest.raises(SandboxUnavailable):
        secure_load(path, policy=policy)


def test_what_comes_out_of_the_jail_is_scanned_and_read_as_data(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import skops.io

    _jail(monkeypatch, skops.io.dumps(MODEL))
    result = secure_load(path, policy=LoadPolicy(levels=("convert",)))
    assert result.level == "convert"
    assert result.obj.C == 5.0
    assert result.digest == hashlib.sha256(GOOD).hexdigest()


@pytest.mark.parametrize("made", [GOOD, b"", b"nonsense", b"PK\x05\x06" + bytes(18)])
def test_what_comes_out_of_the_jail_is_not_taken_for_something_else(
    path: Path, monkeypatch: pytest.MonkeyPatch, made: bytes
) -> None:
    _jail(monkeypatch, made)
    with pytest.raises(TrustError) as caught:
        secure_load(path, policy=LoadPolicy(levels=("convert",)))
    assert caught.value.reason == "unsafe-result"
