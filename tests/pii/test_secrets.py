"""Keys, tokens and passwords without a provider's mark, and all that stands where they would."""

from __future__ import annotations

import base64
import json
import re
import string
import time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.pii.catalog import catalog
from sentinel.pii.model import Likelihood
from sentinel.pii.placeholders import placeholder
from sentinel.pii.randomness import entropy, flips, generated, like_words, periodic
from sentinel.pii.secret_context import DROP, SECRET_CONTEXTS, assigned, names_license
from sentinel.pii.secrets import SECRET_VALIDATORS
from sentinel.pii.text import TextEngine
from tests.pii.measure import tokens
from tests.pii.pattern_samples import Sampler

_ALNUM = string.ascii_letters + string.digits
RNG = Random(20)


@pytest.fixture(scope="module")
def engine() -> TextEngine:
    return TextEngine(catalog())


def types(engine: TextEngine, text: str) -> set[str]:
    found = engine.scan(text.encode())
    return {hit.rule.type for hit in found if hit.likelihood >= Likelihood.LIKELY}


def rules(engine: TextEngine, text: str) -> set[str]:
    found = engine.scan(text.encode())
    return {hit.rule.id for hit in found if hit.likelihood >= Likelihood.LIKELY}


def random_text(count: int = 24) -> str:
    return "".join(RNG.choices(_ALNUM, k=count))


EXAMPLE_ID = "AKIA" + "IOSFODNN7" + "EXAMPLE"
IDIOMS = [
    "<your-token>",
    "<YOUR_API_KEY>",
    "xxxxxxxxxxxxxxxx",
    "XXXXXXXX-XXXX-XXXX",
    "changeme",
    "change_me_please1",
    "${VAR}",
    "$DB_PASSWORD",
    "$(cat /run/secret)",
    "{{ vault_token }}",
    "{{.Values.token}}",
    "%(env)s",
    "%DB_PASS%",
    "@password@",
    "os.environ['X']",
    "os.getenv('TOKEN9')",
    "getpass()",
    "process.env.API_KEY",
    "import.meta.env.VITE_KEY",
    "self.token",
    "config['token']",
    EXAMPLE_ID,
    "sk-...",
    "hf_xxx",
    "hf_" + "x" * 34,
    "ghp_" + "X" * 36,
    "****************",
    "••••••••••••",
    "[REDACTED]",
    "REDACTED",
    "dummy",
    "dummy-Token-123",
    "TODO",
    "aaaaaaaaaaaaaaaaaaaa",
    "abcdefghijklmnop123456",
    "0123456789abcdef" * 2,
    "deadbeef" * 4,
    "qwertyuiop123!A",
    "1q2w3e4r5t6y7u8i",
    "correct-horse-battery-staple",
    "None",
    "null",
    "true",
    "undefined",
    "vault:secret/data/app#key",
    "op://vault/item/field",
    "!Ref MySecret",
    "{{resolve:secretsmanager:MySecret}}",
    "arn:aws:secretsmanager:us-east-1:111122223333:secret:x-AbC",
    "projects/p1/secrets/s1/versions/1",
    "@Microsoft.KeyVault(SecretUri=https://x)",
    "ENC[AES256_GCM,data:Zm9vYmFy1A=,iv:a]",
    "/run/secrets/db_password",
    "~/.ssh/id_rsa",
    "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ",
    "YOUR_API_KEY_HERE",
    "your-api-key-1234",
    "my-secret-token-value",
    "password123",
    "insert_token_here",
    "test-token-123",
    "<|endoftext|>",
    "[PAD]",
    "https://login.acme.io/oauth2/token",
    "application/x-www-form-urlencoded",
    "Qwen2TokenizerFast",
    "bert-base-uncased",
    "00000000-0000-0000-0000-000000000000",
]
FORMS = [
    "{n}={v}",
    "{n}: {v}",
    '{n} = "{v}"',
    '  "{n}": "{v}",',
    'os.environ["{n}"] = "{v}"',
    "export {n}='{v}'",
    'connect({n}="{v}")',
    "{n} is {v}",
    "tool --password {v}",
    "<password>{v}</password>",
    "Authorization: Bearer {v}",
]
NAMES = ["password", "API_KEY", "secret_token", "AWS_SECRET_ACCESS_KEY", "WANDB_API_KEY"]


@pytest.mark.parametrize("idiom", IDIOMS)
def test_what_stands_in_for_a_secret_is_none(engine: TextEngine, idiom: str) -> None:
    for form in FORMS:
        for name in NAMES:
            line = form.format(n=name, v=idiom)
            assert not types(engine, f"a = 1\n{line}\nb = 2\n"), line


@pytest.mark.parametrize("form", FORMS[:9])
def test_a_generated_password_is_found_however_it_is_written(engine: TextEngine, form: str) -> None:
    found = 0
    for _ in range(40):
        line = form.format(n="db_password", v=tokens.password(RNG))
        found += "GENERIC_SECRET" in types(engine, f"a = 1\n{line}\nb = 2\n")
    assert found >= 37


def test_passwords_that_people_choose_are_found_behind_their_name_alone(
    engine: TextEngine,
) -> None:
    value = "tundra" + "Falcon" + "4992"
    for form in ('PASSWORD = "{}"', "'PASSWORD': '{}',", "db_password: {}", "DB_PASSWORD={}"):
        assert types(engine, form.format(value) + "\n") == {"GENERIC_SECRET"}, form
    for form in ('model = "{}"', 'token_class: "{}"', "password_model={}", "PASSWORD=password123"):
        assert not types(engine, form.format(value) + "\n"), form


def test_secrets_in_markup_and_connection_strings(engine: TextEngine) -> None:
    for text, rule in [
        ("<password>{v}</password>", "xml-secret"),
        ('<add key="ServicePassword" value="{v}" />', "setting-secret"),
        ("Server=tcp:db;User ID=app;Password={v};Encrypt=True;", "bare-password"),
        ("run --token {v} --quiet", "flag-secret"),
        ("curl -s -u deploy:{v} https://ci.corp.net/api", "curl-user"),
        ("machine api.corp.net\n  login me\n  password {v}\n", "netrc"),
    ]:
        value = "k7" + random_text(14) + "Z3"
        assert rule in rules(engine, text.format(v=value)), text


@pytest.mark.parametrize(
    "line",
    [
        'pad_token = "{v}"',
        'public_key = "{v}"',
        '"token_hash": "{v}"',
        '"next_page_token": "{v}"',
        'password_field_id = "{v}"',
        '[![codecov](https://codecov.io/g/b.svg?token={v}",',
        '("token", "{v}"),',
    ],
)
def test_names_that_only_look_telling(engine: TextEngine, line: str) -> None:
    value = "k7" + random_text(20) + "Z3"
    assert "GENERIC_SECRET" in types(engine, f'token = "{value}"\n')
    assert not types(engine, line.format(v=value) + "\n")


def test_generated_code_is_less_likely(engine: TextEngine) -> None:
    value = "k7" + random_text(20) + "Z3"
    minified = "var a=1;" * 400 + f'b={{token:"{value}"}};' + "c();" * 700
    assert not types(engine, minified)


def test_a_url_with_a_password(engine: TextEngine) -> None:
    value = random_text(14)
    assert types(engine, f"uri = 'mysql+pymysql://app:{value}@10.2.3.4:3306/x'") == {"URL_PASSWORD"}
    for near in (
        f"postgres://user:{value}@localhost:5432/db",
        f"postgres://app:{value}@db.example.com/x",
        "postgres://app:${PW}@db1.corp.net/x",
        "postgres://app:<password>@db1.corp.net/x",
        "postgres://app:changeme@db1.corp.net/x",
        "postgres://app:{{ pw }}@db1.corp.net/x",
        "postgres://app:********@db1.corp.net/x",
        "postgres://app:%(pw)s@db1.corp.net/x",
        f"postgres://{{user}}:{value}@db1.corp.net/x",
        "https://docs.corp.net:8080/a@b",
        "git+ssh://git@github.com:22/org/repo.git",
        "http://proxy:8080@",
    ):
        assert "URL_PASSWORD" not in types(engine, near), near


def _jwt(claims: dict[str, object], algorithm: str = "RS256") -> str:
    head = {"alg": algorithm, "typ": "JWT"}
    parts = [json.dumps(part, separators=(",", ":")).encode() for part in (head, claims)]
    parts.append(RNG.randbytes(48))
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def test_json_web_tokens(engine: TextEngine) -> None:
    now = int(time.time())
    assert types(engine, _jwt({"sub": "u-81", "exp": now + 9_000})) == {"JWT"}
    assert types(engine, _jwt({"sub": "u-81"})) == {"JWT"}
    assert types(engine, _jwt({"sub": "u-81", "exp": now - 9_000})) == {"JWT_EXPIRED"}
    assert not types(engine, _jwt({"sub": "u-81"}, algorithm="none"))
    assert not types(engine, _jwt({"sub": "1234567890", "name": "John Doe", "iat": 1516239022}))
    noise = base64.urlsafe_b64encode(b"x" * 30).decode()
    assert not types(engine, f"eyJ{noise}.eyJ{noise}.{noise}")


@pytest.mark.parametrize("join", ["\n", "\\n", "\r\n", '\\n"\n  "', "\n    "])
def test_private_keys(engine: TextEngine, join: str) -> None:
    for _ in range(12):
        key = tokens.private_key(RNG).replace("\n", join)
        assert types(engine, f"key = '''{key}'''") == {"PRIVATE_KEY"}


@pytest.mark.parametrize("lead", range(14_700, 16_500, 97))
def test_a_key_across_the_pieces_of_a_long_text(engine: TextEngine, lead: int) -> None:
    key = tokens.private_key(Random(9)).encode()
    filler = b"a line of a log that says nothing\n"
    data = (filler * 1_000)[:lead] + b"\n" + key + b"\n" + filler * 900
    found = [hit for hit in engine.scan(data) if hit.rule.type == "PRIVATE_KEY"]
    whole = [hit for hit in engine.scan(key) if hit.rule.type == "PRIVATE_KEY"]
    assert [hit.end - hit.start for hit in found] == [hit.end - hit.start for hit in whole]


def test_what_only_talks_of_private_keys(engine: TextEngine) -> None:
    begin, end = "-----BEGIN RSA PRIVATE " + "KEY-----", "-----END RSA PRIVATE " + "KEY-----"
    public = tokens.private_key(RNG).replace("PRIVATE", "PUBLIC")
    for text in (
        f"if data.startswith('{begin}'):",
        f"{begin}\n...\n{end}",
        f"{begin}\n" + "x" * 64 + f"\n{end}",
        f"{begin}\n<paste the key of the server here, all of its lines, as they are>\n{end}",
        public,
    ):
        assert "PRIVATE_KEY" not in types(engine, text), text


def test_putty_keys(engine: TextEngine) -> None:
    lines = base64.b64encode(RNG.randbytes(180)).decode()
    body = "\n".join(lines[at : at + 64] for at in range(0, len(lines), 64))
    assert types(engine, f"Public-Lines: 1\nAAAA\nPrivate-Lines: 4\n{body}\nPrivate-MAC: x") == {
        "PRIVATE_KEY"
    }


def test_headers_of_http(engine: TextEngine) -> None:
    login = base64.b64encode(b"deploy:" + random_text(12).encode()).decode()
    assert types(engine, f"Authorization: Basic {login}") == {"BASIC_AUTH"}
    assert types(engine, f'"authorization": "Bearer {random_text(40)}"') == {"BEARER_TOKEN"}
    example = base64.b64encode(b"Aladdin:open sesame").decode()
    assert not types(engine, f"Authorization: Basic {example}")
    assert not types(engine, "Authorization: Basic realm=access")
    assert not types(engine, "Authorization: Bearer $TOKEN_OF_THE_SERVICE_ACCOUNT")


def test_names_of_licences_are_no_keys_to_products(engine: TextEngine) -> None:
    for line in (
        '"license_key": "996-icu-1.0"',
        '"spdx_license_key": "3D-Slicer-1.0"',
        '"license_key": "LicenseRef-scancode-addthis-mobile-sdk-1.0"',
    ):
        assert not types(engine, line)
    assert types(engine, f'"license_key": "{random_text(24)}"') == {"GENERIC_SECRET"}


def test_gates_match_wherever_their_patterns_do() -> None:
    for rule in catalog().rules:
        if not rule.gate or catalog().types[rule.type].category != "credentials":
            continue
        flags = re.IGNORECASE if rule.ignore_case else 0
        for _ in range(60):
            sample = Sampler(RNG).draw(rule.pattern)
            assert re.search(rule.gate, sample, flags), (rule.id, sample)


def test_randomness() -> None:
    assert entropy("") == 0
    assert entropy("abcd") == 2
    assert periodic("abcabcabc")
    assert not periodic("abcabd")
    assert like_words("tokenization_utils")
    assert flips("CamelCaseName") < flips("c4M9eLx2Q")
    assert not generated("get_tokenizer_from_pretrained_model")
    assert sum(generated(random_text(24)) for _ in range(500)) >= 490


def test_generated_tokens_are_no_placeholders() -> None:
    wrong = [value for _ in range(2_000) if placeholder(value := random_text(40))]
    assert len(wrong) <= 10


@given(st.text(max_size=300))
def test_validators_take_any_text(text: str) -> None:
    for name, validator in SECRET_VALIDATORS.items():
        assert type(validator.check(text)) is bool, name
    quoted = f'"{text.strip()}"'
    assert placeholder(quoted) == placeholder(text), "quotes do not make one"


@given(st.binary(max_size=400), st.integers(0, 400), st.integers(0, 400))
def test_contexts_take_any_bytes(data: bytes, one: int, other: int) -> None:
    start, end = sorted((min(one, len(data)), min(other, len(data))))
    for name, context in SECRET_CONTEXTS.items():
        assert context(data, start, end) in (0, -1, -2, -9), name


@given(st.text(alphabet="password=:\"' \nxA9/@${}<>.-_", max_size=200))
def test_any_text_can_be_scanned(text: str) -> None:
    ENGINE.scan(text.encode())


ENGINE = TextEngine(catalog())


@pytest.mark.parametrize("key", ["license_key", "licence-key", "spdx_license_key", "LicenseKey"])
@pytest.mark.parametrize(
    "value", ["996-icu-1.0", "LicenseRef-scancode-a1B2c3D4", "kX9vQ2mZ7pL4wR8t"]
)
def test_what_is_refused_soon_is_dropped_late_too(key: str, value: str) -> None:
    head = f'{{\n  "{key}": "'.encode()
    data, end = head + value.encode() + b'"\n', len(head) + len(value)
    if names_license(data, len(head), end):
        assert assigned(data, len(head), end) == DROP
    else:
        assert (key[:4], value[:3]) not in {("lice", "996"), ("Lice", "Lic"), ("spdx", "kX9")}
