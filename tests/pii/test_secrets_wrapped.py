"""Secrets apart from their names, in the arguments of commands and calls, and wrapped in base64."""

from __future__ import annotations

import base64
import json
import string
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.pii.catalog import catalog
from sentinel.pii.model import Likelihood
from sentinel.pii.secrets import SECRET_VALIDATORS
from sentinel.pii.text import TextEngine
from sentinel.pii.wrapped import decoded
from tests.pii.measure import tokens

_ALNUM = string.ascii_letters + string.digits
RNG = Random(31)


@pytest.fixture(scope="module")
def engine() -> TextEngine:
    return TextEngine(catalog())


def found(engine: TextEngine, text: str) -> dict[str, str]:
    """Return the types of what is likely, by the text found."""
    data = text.encode()
    kinds = catalog().types
    return {
        data[hit.start : hit.end].decode(): hit.rule.type
        for hit in engine.scan(data)
        if hit.likelihood >= Likelihood.LIKELY and kinds[hit.rule.type].category == "credentials"
    }


def drawn(count: int = 24) -> str:
    return "k7" + "".join(RNG.choices(_ALNUM, k=count - 4)) + "Z3"


def chosen() -> str:
    return "Granite" + RNG.choice("#!") + str(RNG.randrange(200, 9_999))


# A form, and the same with what is no secret in it or what the value does not belong to.
APART = [
    ("- name: APP_TOKEN\n  value: {v}\n", "- name: TOKEN_URL\n  value: https://sso.corp.net/{v}\n"),
    ('- name: DB_PASSWORD\n  value: "{v}"\n', '- name: pad_token\n  value: "{v}"\n'),
    ('{{"name": "API_KEY",\n "value": "{v}"}}', '{{"name": "API_KEY",\n "value": "${{API_KEY}}"}}'),
    (
        '{{"key": "Authorization", "value": "Bearer {v}"}}',
        '{{"key": "Authorization", "value": "Bearer <token>"}}',
    ),
    ('"args": [\n  "--db-password",\n  "{v}"\n]', '"args": [\n  "--pad-token",\n  "{v}"\n]'),
    ("['--api-key', '{v}']", "['--api-key', 'your-api-key']"),
    ('<string name="api_key">{v}</string>', '<string name="api_key">Your key</string>'),
    (
        "<name>fs.s3a.secret.key</name>\n<value>{v}</value>",
        "<name>fs.s3a.secret.key</name>\n<value>${{env.KEY}}</value>",
    ),
    ("<key>ApiToken</key>\n<string>{v}</string>", "<key>CFBundleVersion</key><string>{v}</string>"),
    (
        "<AdministratorPassword><Value>{v}</Value>",
        "<AdministratorPassword><Value>*SENSITIVE*DATA*DELETED*</Value>",
    ),
    ('#define WIFI_PASSWORD "{v}"', '#define WIFI_PASSWORD "your-password"'),
    ('{{:user "a" :password "{v}"}}', '{{:user "a" :password "changeme"}}'),
    (
        "{{&quot;password&quot;: &quot;{v}&quot;}}",
        "{{&quot;password&quot;: &quot;changeme&quot;}}",
    ),
    ("next=%2Fa%3Fapi_key%3D{v}%26x", "next=%2Fa%3Fapi_key%3DYOUR_API_KEY%26x"),
    ("u=https%3A%2F%2Fci%3A{v}%40git.corp.net", "u=https%3A%2F%2Fuser%3Apassword%40host"),
    ('DB = "host=db1 user=app password={v}"', 'DB = "host=db1 user=app password=changeme"'),
    ("SMTP_PASS={v}", "SMTP_BYPASS_MODE={v}"),
    ('"pass": "{v}"', '"compass": "{v}"'),
    ("ldap_bind_pw: {v}", "ldap_bind_pw: ${{LDAP_PW}}"),
    (
        r'{{"m": "{{\\\"db_password\\\": \\\"{v}\\\"}}"}}',
        r'{{"m": "{{\\\"model\\\": \\\"{v}\\\"}}"}}',
    ),
    ("log in with the password `{v}` today", "log in with the password `changeme` today"),
    ("DEBUG header=Bearer {v}", "DEBUG header=Bearer YOUR_ACCESS_TOKEN_GOES_HERE"),
]  # fmt: skip


@pytest.mark.parametrize(("secret", "none"), APART, ids=lambda text: text[:24].strip())
def test_values_apart_from_their_names(engine: TextEngine, secret: str, none: str) -> None:
    value = drawn(40)
    assert value in found(engine, secret.format(v=value) + "\n"), secret
    assert not found(engine, none.format(v=value) + "\n"), none


COMMANDS = [
    ("sshpass -p '{v}' ssh deploy@10.2.3.4", 'sshpass -p "$PW" ssh deploy@10.2.3.4'),
    ("mysql -h db1 -u root -p{v} shop", "mysql -h db1 -u root -p shop"),
    ("redis-cli -h cache1 -a {v} ping", "redis-cli -h cache1 -a $REDIS_PW ping"),
    ("docker login -u bot -p {v} registry.corp.net", "docker run -p 8080:80 -p 127.0.0.1:9:9 web"),
    ("az login --service-principal -u a -p {v}", "az login --service-principal -u a -p $PW"),
    ("twine upload -u corp -p {v} dist/*", "twine upload -u __token__ dist/*"),
    ("htpasswd -bc /etc/nginx/users admin {v}", "htpasswd -c /etc/nginx/users administrator1"),
    ("keytool -list -storepass {v} -keystore a.jks", "keytool -list -storepass changeit"),
    ("openssl enc -d -aes-256-cbc -in a -out b -k {v}", "openssl dgst -sha256 -sign key.pem a"),
    ('echo "root:{v}" | chpasswd', 'echo "root:$PW" | chpasswd'),
    ("echo {v} | docker login --password-stdin", "echo $TOKEN | docker login --password-stdin"),
    ('requests.get(u, auth=("deploy", "{v}"))', 'requests.get(u, auth=("user", "password"))'),
    ('smtp.login("bot@corp.net", "{v}")', 'smtp.login("me@corp.net", "your-password")'),
    ('getConnection("jdbc:x://db", "scott", "{v}");', 'getConnection("jdbc:x", "scott", "tiger");'),
    ('ssh.connect("10.0.0.2", 22, "deploy", "{v}")', 'button.connect("clicked", "on_Clicked")'),
    ('sql.Open("mysql", "root:{v}@tcp(10.1.1.2)/x")', 'Open("mysql", "root:password@tcp(db)/x")'),
    ("url=jdbc:oracle:thin:scott/{v}@//db1:1521/x", "url=jdbc:oracle:thin:@//db1:1521/x"),
]


@pytest.mark.parametrize(("secret", "none"), COMMANDS, ids=lambda text: text[:24].strip())
def test_passwords_in_commands_and_calls(engine: TextEngine, secret: str, none: str) -> None:
    for value in (chosen(), drawn(18)):
        assert value in found(engine, f"\n{secret.format(v=value)}\n"), secret
    assert not found(engine, f"\n{none}\n"), none


def test_passwords_made_by_a_rule_need_a_name_that_says_password(engine: TextEngine) -> None:
    value = "Harbor_" + "1600x"
    for form in ('password = "{}";', "DB_PASSWORD={}", '"pwd": "{}"', "smtp_pass: {}"):
        assert value in found(engine, form.format(value) + "\n"), form
    for form in ('model = "{}"', "RUN_NAME={}", 'password_class = "{}"'):
        assert not found(engine, form.format(value) + "\n"), form


def test_keys_of_shapes_that_identifiers_have_too(engine: TextEngine) -> None:
    uuid = "4f8b2c1e-93d7-4a60-b5e1-7c0d92f6a3b8"
    for name in ("EXA_API_KEY", "client_secret", "apiKey"):
        assert uuid in found(engine, f'{name} = "{uuid}"\n'), name
    for name in ("session_token", "token_id", "request"):
        assert uuid not in found(engine, f'{name} = "{uuid}"\n'), name
    assert uuid in found(engine, f"- name: EXA_API_KEY\n  value: {uuid}\n")
    assert not found(engine, f"- name: TOKEN_REVISION\n  value: {uuid}\n")
    digest = "3ca3ffa98bcced60f71c45bc48c57b6b33561d98"
    assert digest in found(engine, f"LABEL_STUDIO_API_KEY={digest}\n")
    assert not found(engine, f"label_token={digest}\ncommit={digest}\n")
    tail = "secret_x_" + "".join(RNG.choices("0123456789abcdef", k=32))
    assert tail in found(engine, f"LAMBDA_API_KEY={tail}\n")
    assert not found(engine, "LAMBDA_API_KEY=secret_manager_of_the_lambda_backend2\n")
    key = "/" + base64.b64encode(RNG.randbytes(32)).decode()[1:]
    assert key in found(engine, f"- NEXTAUTH_SECRET={key}\n")
    assert not found(engine, "- NEXTAUTH_SECRET=/var/lib/secrets/Nextauth/2024/key\n")


def test_base64_of_a_placeholder_is_one(engine: TextEngine) -> None:
    for text in ("changeme", "your-password"):
        assert not found(engine, f"  password: {base64.b64encode(text.encode()).decode()}\n")
    real = base64.b64encode(chosen().encode()).decode()
    assert real in found(engine, f"  password: {real}\n")


TOKENS = [tokens.github, tokens.hf, tokens.openai, tokens.anthropic, tokens.npm, tokens.pypi]


@pytest.mark.parametrize("make", TOKENS, ids=lambda make: make.__name__)
def test_tokens_in_base64(engine: TextEngine, make: Callable[[Random], str]) -> None:
    token = make(Random(4))
    text = base64.b64encode(token.encode()).decode()
    assert found(engine, f'b64decode("{text}")')
    masked = base64.b64encode((token[:9] + "x" * (len(token) - 9)).encode()).decode()
    assert not found(engine, f'b64decode("{masked}")')
    blob = base64.b64encode(RNG.randbytes(90)).decode().rstrip("=")
    assert not found(engine, f"{blob}{text}")


def test_private_keys_in_base64_and_without_armour(engine: TextEngine) -> None:
    key = tokens.private_key(RNG)
    certificate = key.replace("RSA PRIVATE KEY", "CERTIFICATE").replace(
        "PRIVATE KEY", "CERTIFICATE"
    )
    coded, public = (base64.b64encode(text.encode()).decode() for text in (key, certificate))
    assert set(found(engine, f"tls.key: {coded}\n").values()) == {"PRIVATE_KEY"}
    assert not found(engine, f"tls.crt: {public}\n")
    head = bytes.fromhex("308204be020100300d06092a864886f70d0101010500048204a8308204a40201000282")
    der = base64.b64encode(head + RNG.randbytes(300)).decode()
    assert set(found(engine, f'alipay = "{der}"').values()) == {"PRIVATE_KEY"}
    spki = bytes.fromhex("30820122300d06092a864886f70d01010105000382010f00")
    assert not found(engine, f'alipay = "{base64.b64encode(spki + RNG.randbytes(270)).decode()}"')


def _part(count: int) -> str:
    return base64.urlsafe_b64encode(RNG.randbytes(count)).decode().rstrip("=")


def test_private_keys_as_json_and_xml(engine: TextEngine) -> None:
    public = {"kty": "EC", "crv": "P-256", "x": _part(32), "y": _part(32)}
    private = public | {"d": _part(32)}
    assert found(engine, json.dumps(private)) == {private["d"]: "PRIVATE_KEY"}
    assert found(engine, json.dumps({"kty": "oct", "k": _part(32)}))
    assert not found(engine, json.dumps({"keys": [public]}))
    assert not found(engine, json.dumps({"d": _part(32), "e": 1}))
    part = base64.b64encode(RNG.randbytes(128)).decode()
    assert found(engine, f"<RSAKeyValue><Exponent>AQAB</Exponent><D>{part}</D></RSAKeyValue>")
    assert not found(engine, f"<RSAKeyValue><Modulus>{part}</Modulus></RSAKeyValue>")


@pytest.mark.parametrize("glue", ['" + "', '"\n    "', '" \\\n "', "' . '"])
def test_tokens_in_parts(engine: TextEngine, glue: str) -> None:
    quote = glue[0]
    token = tokens.hf(RNG)
    assert found(engine, f"t = {quote}{token[:19]}{glue}{token[19:]}{quote}\n")
    assert not found(engine, f"t = {quote}{token[:19]}{glue}{'x' * 18}{quote}\n")
    assert not found(engine, f't = ["{token[:19]}", "{token[19:]}"]\n')


def test_seed_phrases(engine: TextEngine) -> None:
    words = "orbit maple cactus velvet tunnel ginger pulse wagon lemon ridge copper noble"
    assert found(engine, f'MNEMONIC="{words}"\n') == {words: "PRIVATE_KEY"}
    for none in (
        "legal winner thank year wave sausage worth useful legal winner thank yellow",
        "test test test test test test test test test test test junk",
        "every word here and the rest are only speech that was not chosen",
        "orbit maple cactus velvet tunnel ginger pulse wagon lemon ridge copper",
    ):
        assert not found(engine, f'MNEMONIC="{none}"\n'), none


@given(st.text(max_size=200))
def test_validators_take_any_text(text: str) -> None:
    for name in ("encoded_token", "encoded_key", "split_token", "seed_phrase", "password_cell"):
        assert SECRET_VALIDATORS[name].check(text) in (True, False)


@given(st.binary(max_size=100))
def test_base64_comes_back(data: bytes) -> None:
    assert decoded(base64.b64encode(data).decode()) == data
    assert decoded(base64.urlsafe_b64encode(data).decode().rstrip("=")) == data
