"""Files that are known by name to hold credentials."""

from __future__ import annotations

import base64
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.pii.catalog import catalog
from sentinel.pii.files import applies, find
from sentinel.pii.files.table import NAMES, PATHS, SUFFIXES
from sentinel.pii.model import Likelihood
from sentinel.pii.text import TextEngine
from tests.pii.credential_files import Leak, leaks
from tests.pii.measure import tokens

LEAKS = leaks(Random(11))


@pytest.fixture(scope="module")
def engine() -> TextEngine:
    return TextEngine(catalog())


def values(path: str, text: str) -> list[str]:
    data = text.encode()
    return [data[hit.start : hit.end].decode() for hit in find(path, data)]


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.path)
def test_a_file_of_credentials_gives_them_and_nothing_else(leak: Leak) -> None:
    assert applies(leak.path)
    assert leak.secrets
    found = [leak.data[hit.start : hit.end].decode() for hit in find(leak.path, leak.data)]
    assert sorted(found) == sorted(leak.secrets)


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.path)
def test_placeholders_are_not_found(leak: Leak) -> None:
    text = leak.data.decode()
    for stand_in in ("<password>", "${DB_PASSWORD}", "changeme", "{{ secret }}", "xxxxxxxx", ""):
        placed = text
        for secret in leak.secrets:
            placed = placed.replace(secret, stand_in)
        assert not list(find(leak.path, placed.encode())), stand_in


def test_most_files_and_risks_are_found_under_other_names_of_directories() -> None:
    files = risks = lines = 0
    for leak in leaks(Random(12)):
        found = list(find(f"backup/home/me/{leak.path}", leak.data))
        files += bool(found)
        risks += len(leak.secrets)
        lines += len(found)
    assert files / len(LEAKS) >= 0.8
    assert lines / risks >= 0.7


def test_every_type_is_in_the_catalogue() -> None:
    types = catalog().types
    for leak in LEAKS:
        for hit in find(leak.path, leak.data):
            assert types[hit.type].category == "credentials"
            assert hit.rule.startswith("file-")
            assert hit.likelihood is Likelihood.VERY_LIKELY


def test_names_of_keys_tell_the_type() -> None:
    data = b"WANDB_API_KEY=" + Random(1).randbytes(20).hex().encode()
    assert [hit.type for hit in find(".env", data)] == ["WANDB_KEY"]
    by_path = {leak.path: [hit.type for hit in find(leak.path, leak.data)] for leak in LEAKS}
    assert by_path["kaggle.json"] == ["KAGGLE_KEY"]
    assert by_path[".cache/huggingface/token"] == ["HF_TOKEN"]
    assert by_path[".aws/credentials"] == ["AWS_SECRET_KEY"]
    assert by_path["etc/shadow"] == ["PASSWORD_HASH"]
    assert by_path[".docker/config.json"] == ["BASIC_AUTH"]
    assert by_path[".git-credentials"] == ["URL_PASSWORD"]


def test_tokens_with_marks_are_left_to_their_own_rules(engine: TextEngine) -> None:
    data = f"OPENAI_API_KEY={tokens.openai(Random(3))}\nHF_TOKEN={tokens.hf(Random(3))}\n".encode()
    assert not list(find(".env", data))
    assert {hit.rule.type for hit in engine.scan(data)} >= {"OPENAI_KEY", "HF_TOKEN"}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".env", "# PASSWORD=swordfish is what it used to be"),
        (".env", "PASSWORD_FILE=/run/secrets/db\nTOKEN_URL=https://a/token\nDEBUG=true"),
        (".env", "PASSWORD=\nSECRET=none\nTOKEN_TTL=3600"),
        (".netrc", "machine a.corp.net login me account"),
        ("config.php", "$password = getenv('DB_PASSWORD');\n$token = make_token($user);"),
        ("sftp-config.json", '{\n  //"password": "swordfish",\n  "user": "me"}'),
        ("etc/passwd", "root:x:0:0:root:/root:/bin/bash\n"),
        ("etc/shadow", "daemon:*:17000:0:99999:7:::\nme:!!:17000::::::\n"),
        (".docker/config.json", '{"credsStore": "desktop", "auths": {"r": {"auth": ""}}}'),
        ("master.key", "this is prose about the key, not the key"),
        (".zsh_history", ": 1:0;git push origin main\n: 2:0;mysql -u root -p shop\n"),
        ("dump.sql", "CREATE TABLE t (`password` varchar(60) DEFAULT NULL);"),
        ("filezilla.xml", "<Pass></Pass><PassiveMode>MODE_DEFAULT</PassiveMode>"),
        (".npmrc", "registry=https://r/\n//r/:_authToken=${NPM_TOKEN}\nalways-auth=true"),
        ("logins.json", '{"nextId": 1, "logins": []}'),
    ],
)
def test_near_misses(path: str, text: str) -> None:
    assert values(path, text) == []


@pytest.mark.parametrize(
    "path",
    ["model.py", "tokenizer.json", "config.json", "README.md", "train.csv", "env", "shadow.py",
     ".env.example", ".env.sample", ".env.template", "wp-config.php.dist", "credentials.json.j2"],
)  # fmt: skip
def test_ordinary_files_and_templates_are_not_read(path: str) -> None:
    assert not applies(path)


@pytest.mark.parametrize("path", [".env", ".env.production", "staging.env", "a\\b\\.ENV", "x!.env"])
def test_names_in_other_spellings(path: str) -> None:
    assert values(path, "DB_PASSWORD=swordfish12\n") == ["swordfish12"]


def _coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_secrets_of_kubernetes() -> None:
    key = tokens.private_key(Random(2))
    login = '{"auths": {"ghcr.io": {"auth": "' + _coded("bot:swordfish12") + '"}}}'
    secret = {
        "username": _coded("admin"),
        "password": _coded("swordfish12"),
        "ca.crt": _coded(key.replace("PRIVATE KEY", "CERTIFICATE")),
        "tls.key": _coded(key),
        ".dockerconfigjson": _coded(login),
        "anything": _coded(tokens.github(Random(3))),
        "token": _coded("changeme"),
        "api-key": _coded("${API_KEY}"),
    }
    lines = "".join(f"  {name}: {value}\n" for name, value in secret.items())
    head = "apiVersion: v1\nmetadata:\n  name: db\n"
    public = f"{head}kind: ConfigMap\ndata:\n{lines}"
    text = f"{public}---\n{head}kind: Secret\ndata:\n{lines}type: Opaque\n"
    wanted = [secret[n] for n in ("password", "tls.key", ".dockerconfigjson", "anything")]
    for path in ("deploy/app.yaml", "app.yml", "secret.yaml"):
        assert values(path, text) == wanted, path
        assert text.index("---") < min(hit.start for hit in find(path, text.encode()))
    found = {hit.type for hit in find("app.yaml", text.encode())}
    assert found == {"GENERIC_SECRET", "PRIVATE_KEY", "BASIC_AUTH"}
    plain = f"{head}kind: Secret\nstringData:\n  DB_PASS: swordfish12\n  mode: swordfish12\n"
    assert values("app.yaml", plain) == ["swordfish12"]
    for kind in ("SealedSecret", "ConfigMap", "SecretStore"):
        assert values("app.yaml", text.replace("kind: Secret\n", f"kind: {kind}\n")) == [], kind


def test_parameters_of_runs() -> None:
    assert values("mlruns/0/ab12/params/db_password", "swordfish12") == ["swordfish12"]
    assert values("mlruns/0/ab12/tags/api_token", "swordfish12\n") == ["swordfish12"]
    for path, text in (
        ("mlruns/0/ab12/params/pad_token_id", "50256"),
        ("mlruns/0/ab12/params/password", "None"),
        ("mlruns/0/ab12/metrics/password", "swordfish12"),
        ("mlruns/0/ab12/params/password", "two words"),
    ):
        assert values(path, text) == [], (path, text)
    config = (
        "wandb_version: 1\ndb_password:\n  desc: null\n  value: swordfish12\n"
        "tokenizer:\n  value: bert\napi_key:\n  value: ${KEY}\nnext_page_token:\n  value: ab12cd\n"
    )
    assert values("wandb/run-1/files/config.yaml", config) == ["swordfish12"]


def test_passwords_of_terraform() -> None:
    text = (
        'variable "db_password" {\n  type = string\n  default = "swordfish12"\n}\n'
        'variable "region" {\n  default = "eu-west-1"\n}\n'
        'variable "token" {\n  type = string\n}\nvariable "x" {\n  default = "swordfish34"\n}\n'
    )
    assert values("vars.tf", text) == ["swordfish12"]
    state = (
        '{"resources": [{"type": "random_password", "instances": [{"attributes": '
        '{"length": 11, "result": "swordfish12"}}]}, {"type": "random_pet", "instances": '
        '[{"attributes": {"result": "noble-walrus"}}]}]}'
    )
    assert values("terraform.tfstate", state) == ["swordfish12"]


def test_a_password_of_a_cache() -> None:
    assert values("redis.conf", "port 6379\nrequirepass swordfish12\n") == ["swordfish12"]
    assert values("redis.conf", "# requirepass foobared\nmaxmemory 1gb\n") == []


def test_values_are_cut_where_they_end() -> None:
    text = "A_TOKEN='one # two' # three\nB_TOKEN=four;\nC_TOKEN: \"five\",\nD_TOKEN=six#7\r\n"
    assert values(".env", text) == ["one # two", "four", "five", "six#7"]


def test_what_is_found_is_bounded() -> None:
    data = b"PASSWORD=swordfish12\n" * 300_000
    assert len(list(find(".env", data))) == 2_000


_PATHS = [*NAMES, *(path for path, _ in PATHS), *(f"x.{suffix}" for suffix in SUFFIXES)]


@given(st.sampled_from(_PATHS), st.binary(max_size=300))
def test_any_bytes_can_be_read(path: str, data: bytes) -> None:
    for hit in find(path, data):
        assert 0 <= hit.start < hit.end <= len(data)


@given(
    st.sampled_from(_PATHS),
    st.text(alphabet="password:=\"' \n\r\\<>/$-u{}auth#@,;.", max_size=200),
)
def test_any_text_can_be_read(path: str, text: str) -> None:
    end = 0
    for hit in find(path, text.encode()):
        assert end <= hit.start < hit.end
        end = hit.end


@given(st.text(max_size=80) | st.sampled_from(_PATHS), st.sampled_from(LEAKS))
def test_any_path_can_be_asked_for(path: str, leak: Leak) -> None:
    known = applies(path)
    assert applies(f"some/folder/{path}") or not known
    assert known or not list(find(path, leak.data))
