"""Every provider's rule: a token of its shape, and the same shape without chance in it."""

from __future__ import annotations

import base64
import json
import string
import tomllib
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from sentinel.pii.catalog import _DIRECTORY, catalog
from sentinel.pii.model import Likelihood, Rule
from sentinel.pii.secret_context import SECRET_CONTEXTS
from sentinel.pii.secrets import SECRET_VALIDATORS, aws_account
from sentinel.pii.text import TextEngine
from tests.pii.measure import tokens
from tests.pii.pattern_samples import Sampler

_ALNUM = string.ascii_letters + string.digits


def _own_rules() -> list[Rule]:
    names = {
        rule["id"]
        for rule in tomllib.loads((Path(_DIRECTORY) / "providers.toml").read_text())["rule"]
    }
    return [rule for rule in catalog().rules if rule.id in names]


RULES = _own_rules()


@pytest.fixture(scope="module")
def engine() -> TextEngine:
    return TextEngine(catalog())


def _some(rng: Random, count: int, letters: str = _ALNUM) -> str:
    return "".join(rng.choices(letters, k=count))


def _neptune(rng: Random) -> str:
    claims = {"api_address": "https://app.neptune.ai", "api_key": _some(rng, 32)}
    return base64.b64encode(json.dumps(claims, separators=(",", ":")).encode()).decode()


# Tokens with more to them than their pattern: a checksum, structure, letters that lead to a mark.
SPECIAL: dict[str, Callable[[Random], str]] = {
    "github-token": lambda rng: "gh" + "p_" + (body := _some(rng, 30)) + tokens.crc_tail(body),
    "npm-token": tokens.npm,
    "pypi-token": tokens.pypi,
    "neptune-token": _neptune,
    "azure-ai-key": tokens.azure_openai,
    "telegram-token": tokens.telegram,
    "aws-key-id": tokens.aws_key_id,
    "terraform-token": lambda rng: _some(rng, 14) + ".atlas" + "v1." + _some(rng, 64),
    "dropbox-token": lambda rng: _some(rng, 11) + "A" * 10 + _some(rng, 43),
    "azure-client-secret": lambda rng: _some(rng, 3) + "8Q" + "~" + _some(rng, 33),
}


def _token(rule: Rule, rng: Random) -> str:
    make = SPECIAL.get(rule.id)
    return make(rng) if make else Sampler(rng).draw(rule.pattern)


def _carrier(rule: Rule, token: str) -> bytes:
    cues = catalog().types[rule.type].cues
    lead = f"{cues[0]} = " if rule.where == "cue" else ""
    return f"first line\n{lead}{token}\nlast line\n".encode()


def _types(engine: TextEngine, data: bytes) -> set[str]:
    return {hit.rule.type for hit in engine.scan(data) if hit.likelihood >= Likelihood.LIKELY}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_token_is_found(engine: TextEngine, rule: Rule) -> None:
    rng = Random(rule.id)
    found = 0
    for _ in range(20):
        found += rule.type in _types(engine, _carrier(rule, _token(rule, rng)))
    assert found >= 19


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_shape_alone_is_not(engine: TextEngine, rule: Rule) -> None:
    token = Sampler(Random(1), dull=True).draw(rule.pattern)
    if rule.id in SPECIAL and "~" in token:
        token = "xxx" + token
    assert not _types(engine, _carrier(rule, token))


FIXED = [rule for rule in RULES if rule.bounds == "token" and rule.where == "text"]


@pytest.mark.parametrize("rule", FIXED, ids=lambda rule: rule.id)
def test_a_piece_of_something_longer_is_not(engine: TextEngine, rule: Rule) -> None:
    token = _token(rule, Random(rule.id))
    data = _carrier(rule, f"a{token}")
    assert rule.id not in {hit.rule.id for hit in engine.scan(data)}


def test_every_rule_names_functions_that_exist_and_literals_that_occur() -> None:
    rng = Random(5)
    for rule in RULES:
        assert not rule.validator or rule.validator in SECRET_VALIDATORS, rule.id
        assert not rule.context or rule.context in SECRET_CONTEXTS, rule.id
        assert rule.literals or rule.where == "cue", rule.id
        if rule.literals:
            sample = Sampler(rng).draw(rule.pattern).lower()
            assert any(literal in sample for literal in rule.literals), rule.id


def test_tokens_with_a_wrong_checksum_are_not_found(engine: TextEngine) -> None:
    rng = Random(8)
    for make in (SPECIAL["github-token"], tokens.npm):
        token = make(rng)
        wrong = token[:-1] + ("a" if token[-1] != "a" else "b")
        assert _types(engine, f"x = {token}\n".encode())
        assert not _types(engine, f"x = {wrong}\n".encode())


def test_the_account_of_an_aws_key_is_decoded() -> None:
    number = 581039954779
    head = (number << 7).to_bytes(6)
    key = "AKIA" + base64.b32encode(head + b"\x01\x02\x03\x04").decode()
    assert aws_account(key) == number
    assert aws_account("AKIA1") is None


def test_examples_of_documentation_are_not_found(engine: TextEngine) -> None:
    example = "AKIA" + "IOSFODNN7" + "EXAMPLE"
    secret = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"
    account = (123456789012 << 7).to_bytes(6) + bytes(4)
    documented = "AKIA" + base64.b32encode(account).decode()
    emulator = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1" + "OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTO"
    text = (
        f"key={example}\naws_secret_access_key = {secret}\nkey: {documented}\n"
        f"AccountKey={emulator}tr/KBHBeksoGMGw==\n"
    )
    assert not _types(engine, text.encode())


def test_an_access_key_within_base64_is_chance(engine: TextEngine) -> None:
    key = tokens.aws_key_id(Random(3))
    blob = base64.b64encode(Random(4).randbytes(200)).decode().rstrip("=")
    assert "AWS_ACCESS_KEY_ID" in _types(engine, f"id {key} end".encode())
    assert "AWS_ACCESS_KEY_ID" not in _types(engine, f"{blob}/{key}+{blob}".encode())


@pytest.mark.parametrize("kind", sorted(tokens.TOKENS))
def test_recall_by_type_in_the_ways_that_settings_are_written(
    engine: TextEngine, kind: str
) -> None:
    make, names = tokens.TOKENS[kind]
    forms = (
        "{n}={v}",
        "{n}: {v}",
        '{n} = "{v}"',
        '"{n}": "{v}",',
        'os.environ["{n}"] = "{v}"',
        "export {n}='{v}'",
    )
    rng, found, total = Random(kind), 0, 0
    for number in range(90):
        value = make(rng)
        if kind == "PRIVATE_KEY" and number % 6 in (2, 3, 4):
            value = value.replace("\n", "\\n")
        line = forms[number % 6].format(n=rng.choice(names), v=value)
        expected = "URL_PASSWORD" if kind == "DB_URL" else kind
        found += expected in _types(engine, f"import x\n{line}\nend\n".encode())
        total += 1
    assert found / total >= 0.97
