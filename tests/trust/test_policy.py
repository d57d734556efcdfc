"""The policy file: a closed schema, patterns by how specific they are, nothing guessed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sentinel.errors import SettingsError, TrustError
from sentinel.trust.policy import Policy, load_policy
from sentinel.trust.policy_yaml import MAX_SIZE, parse

WHOLE = """\
version: 1
models:
  "fraud*":
    signers:
      threshold: 1
      keys: [{id: prod, public_key: keys/prod.pub}]
      certificates: [{roots: [ca.pem], subject: "CN=model-signer", eku: code_signing, at: now}]
      sigstore: [{identity: "https://x/train.yml@main", issuer: "https://issuer"}]
    require: [model-signature, slsa-provenance, scan-passed]
    strict_files: true
    scan: {max_age: 30d, min_ruleset: "2026.11"}
    freshness: {lock: sentinel.lock, allow_rollback: false}
"""
SMALL = """\
version: 1
models:
  %s:
    signers: {threshold: 1, keys: [{id: a, public_key: a.pub}]}
    require: [model-signature]
"""


def read(path: Path, text: str) -> Policy:
    path.write_text(text, encoding="utf-8")
    return load_policy(path)


def test_the_whole_schema_is_read(tmp_path: Path) -> None:
    entry = read(tmp_path / "policy.yaml", WHOLE).for_model("fraud-eu")
    assert entry.require == {"model-signature", "slsa-provenance", "scan-passed"}
    assert entry.scan_max_age == 30 * 86400
    assert entry.min_ruleset == (2026, 11)
    assert entry.lock == str(tmp_path / "sentinel.lock")
    assert entry.signers.keys[0].public_key == str(tmp_path / "keys/prod.pub")
    assert entry.signers.certificates[0].subject == "CN=model-signer"
    assert entry.signers.sigstore[0].issuer == "https://issuer"
    assert entry.strict_files
    assert not entry.allow_rollback


@pytest.mark.parametrize(
    ("old", "new", "near"),
    [
        ("threshold:", "treshold:", "threshold"),
        ("strict_files:", "strict_file:", "strict_files"),
        ("max_age", "maxage", "max_age"),
        ("allow_rollback", "allow_rollbacks", "allow_rollback"),
        ("public_key", "publickey", "public_key"),
        ("scan-passed]", "scan-pased]", "scan-passed"),
        ("code_signing", "code_sining", "code_signing"),
        ("models:", "model:", "models"),
        ("require:", "requires:", "require"),
    ],
)
def test_a_misspelt_key_or_word_names_the_nearest(
    tmp_path: Path, old: str, new: str, near: str
) -> None:
    assert old in WHOLE
    with pytest.raises(SettingsError) as caught:
        read(tmp_path / "p.yaml", WHOLE.replace(old, new, 1))
    assert f"did you mean {near!r}?" in caught.value.hint


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('"2026.11"', "2026.11", "in quotes"),  # a float: 2026.10 would become 2026.1
        ("threshold: 1", "threshold: 0", "from 1 to 100"),
        ("threshold: 1", "threshold: true", "from 1 to 100"),
        # what YAML 1.1 and 1.2 read in two ways
        ("threshold: 1", "threshold: yes", "write true or false"),
        ("threshold: 1", "threshold: 01", "plain digits"),
        ("threshold: 1", "threshold: 0b1", "plain digits"),
        ("threshold: 1", "threshold: 1:10", "plain digits"),
        ("threshold: 1", "threshold: 1_0", "plain digits"),
        ("strict_files: true", "strict_files: on", "write true or false"),
        ("allow_rollback: false", "allow_rollback: No", "write true or false"),
        ("threshold: 1", "threshold: 4", "with 3 different signers"),
        ("strict_files: true", "strict_files: 'no'", "true or false"),
        ("30d", "30", "such as"),
        ("at: now", "at: signing", "no 'signing'"),
        ("version: 1", "version: 2", "version"),
        ("version: 1", "version: true", "version"),
        ("[model-signature, slsa-provenance, scan-passed]", "[]", "empty"),
        ("slsa-provenance, ", "", "slsa-provenance"),  # the lock compares what is signed there
        (", scan-passed", "", "scan-passed"),
        ("[ca.pem]", "[]", "roots"),
        ("keys/prod.pub", "", "some text"),
        ("lock: sentinel.lock, ", "", "lock is missing"),
    ],
)
def test_values_that_make_no_sense_are_refused(
    tmp_path: Path, old: str, new: str, what: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path / "p.yaml", WHOLE.replace(old, new, 1))
    assert what in caught.value.message + caught.value.hint


def test_one_key_listed_twice_is_one_signer(tmp_path: Path) -> None:
    twice = "keys: [{id: prod, public_key: keys/prod.pub}, {id: b, public_key: keys/prod.pub}]"
    text = WHOLE.replace("keys: [{id: prod, public_key: keys/prod.pub}]", twice)
    assert read(tmp_path / "p.yaml", text.replace("threshold: 1", "threshold: 3"))
    with pytest.raises(SettingsError, match="with 3 different"):
        read(tmp_path / "p.yaml", text.replace("threshold: 1", "threshold: 4"))


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("fraud", "fraud"),
        ("fraud-eu", "fraud-*"),
        ("fraud-eu-7", "fraud-eu-?"),
        ("fraud2", "fraud*"),
        ("other", "*"),
        ("Fraud", "*"),
    ],
)
def test_the_most_specific_pattern_decides(tmp_path: Path, name: str, pattern: str) -> None:
    body = SMALL.split("models:\n")[1]
    patterns = ("*", "fraud*", "fraud-*", "fraud-eu-?", "fraud")
    text = "version: 1\nmodels:\n" + "".join(body % f'"{one}"' for one in patterns)
    assert read(tmp_path / "p.yaml", text).for_model(name).pattern == pattern


def test_no_pattern_is_a_refusal_and_two_equal_ones_an_error(tmp_path: Path) -> None:
    body = SMALL.split("models:\n")[1]
    text = "version: 1\nmodels:\n" + body % '"a*"' + body % '"*a"'
    policy = read(tmp_path / "p.yaml", text)
    assert policy.for_model("ab").pattern == "a*"
    with pytest.raises(TrustError) as caught:
        policy.for_model("b")
    assert caught.value.reason == "no-policy"
    with pytest.raises(SettingsError, match="fit 'aa' equally"):
        policy.for_model("aa")
    for name in ("", "a\n", "a" * 300):
        with pytest.raises(TrustError):
            policy.for_model(name)


def test_brackets_in_a_pattern_are_letters(tmp_path: Path) -> None:
    policy = read(tmp_path / "p.yaml", SMALL % '"a[bc]"')
    assert policy.for_model("a[bc]")
    with pytest.raises(TrustError):
        policy.for_model("ab")


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nversion: 1\nmodels: {}",
        "a: &x [1]\nb: *x",
        "a: &a [x]\nb: &b [*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b]",
        "<<: {version: 1}\nmodels: {}",
        "version: !!python/object/apply:os.system ['true']",
        "version: 1\n---\nversion: 1",
        "[" * 50_000,
        "- " * 50_000,
        "? {a: b}\n: c",
        "\0",
        "a: 2001-99-99",
        'a: !!int ""',
        'a: !!float ""',
        "a: !!bool maybe",
        "a: !!timestamp soon",
        "version: 1\nmodels: [",
        "",
        "text",
        "#" * (MAX_SIZE + 1),
    ],
    ids=range(19),
)
def test_yaml_that_is_more_than_plain_values_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError):
        read(tmp_path / "p.yaml", text)


def test_a_policy_that_is_not_there_is_a_settings_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        load_policy(tmp_path / "none.yaml")


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab:{}[]&*!-?|>'\"# \n\t0x1.,~%<=", max_size=60))
def test_any_text_is_a_value_or_a_settings_error(text: str) -> None:
    try:
        parse(text.encode(), "policy")
    except SettingsError:
        pass


def test_the_policy_in_the_guide_is_one(tmp_path: Path) -> None:
    guide = Path(__file__).resolve().parents[2] / "docs" / "guides" / "policies.md"
    text = guide.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    entry = read(tmp_path / "p.yaml", text).for_model("fraud")
    assert entry.strict_files
    assert entry.lock


ODD = ("", "null", "~", "-1", "1e9", "[]", "{}", "*", "\n")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_change_of_a_policy_is_a_policy_or_a_settings_error(
    tmp_path: Path, data: st.DataObject
) -> None:
    words = re.split(r"(\W)", WHOLE)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(words) - 1))
        new = data.draw(
            st.sampled_from([*words, "", "null", "~", "-1", "1e9", "[]", "{}", "*", "\n"])
        )
        words[at] = new
    try:
        policy = read(tmp_path / "p.yaml", "".join(words))
    except SettingsError:
        return
    for entry in policy.models:
        assert entry.require
        assert entry.signers.threshold >= 1
        assert entry.signers.keys or entry.signers.certificates or entry.signers.sigstore
