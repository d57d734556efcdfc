"""Which parser reads which file."""

from __future__ import annotations

from .commands import history, sql
from .kubernetes import kubernetes, manifest_or
from .model import Parser, both
from .pairs import docker, json_pairs, kaggle, xml
from .records import (
    htpasswd,
    netrc,
    pgpass,
    s3fs,
    shadow,
    url_passwords,
    url_token,
)
from .settings import defines, php, settings
from .tracking import random_passwords, terraform, wandb_config
from .whole import whole

_env = both(settings("env"), url_passwords)
_ini = both(settings("ini"), url_passwords)
_yaml = both(settings("yaml"), url_passwords)
_spaced = settings("spaced", spaced=True)
_manifest = manifest_or(_yaml)
_sftp = json_pairs("sftp", "pass")
_json = json_pairs("json")
_xml = xml("xml")

NAMES: dict[str, Parser] = {
    # Containers, clouds, hubs
    ".dockercfg": docker,
    ".s3cfg": _ini,
    ".boto": _ini,
    ".passwd-s3fs": s3fs,
    "passwd-s3fs": s3fs,
    ".tugboat": _yaml,
    "heroku.json": json_pairs("json", "HEROKU_API_KEY"),
    "rclone.conf": settings("rclone"),
    "kaggle.json": kaggle,
    ".databrickscfg": _ini,
    ".modal.toml": _ini,
    ".comet.config": _ini,
    ".vault-token": whole("vault", "VAULT_TOKEN"),
    ".terraformrc": _ini,
    "terraform.rc": _ini,
    "credentials.tfrc.json": _json,
    "application_default_credentials.json": json_pairs("json", "client_secret"),
    "service_account.json": json_pairs("json", "private_key_id"),
    "client_secret.json": _json,
    "client_secrets.json": _json,
    "credentials.json": _json,
    "secrets.json": _json,
    "appsettings.json": _json,
    "local.settings.json": _json,
    ".credentials": _ini,
    "credentials": _ini,
    "stored_tokens": settings("hub", quoted=False),
    # Databases
    ".pgpass": pgpass,
    "pgpass.conf": pgpass,
    "redis.conf": _spaced,
    "sentinel.conf": _spaced,
    ".my.cnf": _ini,
    "my.cnf": _ini,
    "mongoid.yml": _yaml,
    "robomongo.json": _json,
    "dbeaver-data-sources.xml": _xml,
    ".dbeaver-data-sources.xml": _xml,
    "credentials-config.json": _json,
    "database.yml": _yaml,
    "profiles.yml": _yaml,
    "connections.toml": _ini,
    # Web, frameworks
    ".env": _env,
    ".envrc": _env,
    ".flaskenv": _env,
    "wp-config.php": defines,
    "config.php": php,
    "configuration.php": php,
    "settings.php": php,
    "localsettings.php": php,
    "config.inc.php": php,
    "secrets.yml": _manifest,
    "secrets.yaml": _manifest,
    "secret.yml": _manifest,
    "secret.yaml": _manifest,
    "credentials.yml": _manifest,
    "credentials.yaml": _manifest,
    "secrets.toml": _ini,
    "secrets.ini": _ini,
    "application.properties": _ini,
    "gradle.properties": _ini,
    "local.properties": _ini,
    "web.config": _xml,
    "app.config": _xml,
    "master.key": whole("rails-key"),
    "production.key": whole("rails-key"),
    ".htpasswd": htpasswd,
    "htpasswd": htpasswd,
    ".secret_key": whole("secret-key"),
    "secret_key_base": whole("secret-key"),
    # Users of a system, mail, chat
    "shadow": shadow,
    "shadow-": shadow,
    "gshadow": shadow,
    "proftpdpasswd": shadow,
    ".esmtprc": _spaced,
    ".msmtprc": _spaced,
    ".fetchmailrc": _spaced,
    ".muttrc": _ini,
    "ventrilo_srv.ini": _ini,
    "config": _ini,
    # Shells and their histories
    ".bashrc": _env,
    ".bash_profile": _env,
    ".bash_aliases": _env,
    ".profile": _env,
    ".zshrc": _env,
    ".zshenv": _env,
    ".zprofile": _env,
    ".bash_history": history,
    ".zsh_history": history,
    ".sh_history": history,
    ".history": history,
    "consolehost_history.txt": history,
    ".mysql_history": history,
    ".psql_history": history,
    ".sqlite_history": history,
    ".python_history": settings("history", quoted=True),
    ".rhistory": settings("history", quoted=True),
    ".rprofile": settings("r", quoted=True),
    ".renviron": _env,
    # File transfer
    "recentservers.xml": _xml,
    "sitemanager.xml": _xml,
    "filezilla.xml": _xml,
    "webservers.xml": _xml,
    "sftp-config.json": _sftp,
    "sftp-config-alt.json": _sftp,
    "sftp.json": _sftp,
    ".ftpconfig": _sftp,
    ".sftpconfig": _sftp,
    ".remote-sync.json": _sftp,
    "deployment-config.json": _sftp,
    "ftpsync.settings": _sftp,
    "ws_ftp.ini": _ini,
    # Packages and code hosts
    ".netrc": netrc,
    "_netrc": netrc,
    ".git-credentials": url_passwords,
    "hub": _yaml,
    ".npmrc": _ini,
    ".yarnrc": _spaced,
    ".yarnrc.yml": _yaml,
    ".pypirc": _ini,
    "pip.conf": url_passwords,
    "pip.ini": url_passwords,
    ".condarc": url_token,
    "auth.json": _json,
    "auth.toml": _ini,
    "logins.json": json_pairs("firefox", "encryptedUsername", "encryptedPassword"),
    "settings-security.xml": _xml,
}
"""Parsers by the name of the file in lower case."""

PATHS: tuple[tuple[str, Parser], ...] = (
    (".docker/config.json", docker),
    (".aws/credentials", _ini),
    (".huggingface/token", whole("hub", "HF_TOKEN")),
    (".cache/huggingface/token", whole("hub", "HF_TOKEN")),
    ("huggingface/token", whole("hub", "HF_TOKEN")),
    (".kaggle/access_token", whole("hub", "KAGGLE_KEY")),
    (".mlflow/credentials", _ini),
    (".dvc/config.local", _ini),
    (".dvc/config", _ini),
    (".m2/settings.xml", _xml),
    (".kube/config", _yaml),
    ("gh/hosts.yml", _yaml),
    (".gem/credentials", _yaml),
    (".cargo/credentials.toml", _ini),
    (".streamlit/secrets.toml", _ini),
    (".composer/auth.json", _json),
    ("etc/passwd", shadow),
    ("files/config.yaml", wandb_config),
    (".azure/accesstokens.json", json_pairs("json", "accessToken", "refreshToken")),
)
"""Parsers by the end of the path in lower case."""

SUFFIXES: dict[str, Parser] = {
    "tfvars": _ini,
    "tfstate": both(_json, random_passwords),
    "tf": terraform,
    "yaml": kubernetes,
    "yml": kubernetes,
    "sql": sql,
    "htpasswd": htpasswd,
    "ovpn": settings("ini"),
}
"""Parsers by the part of the name behind its last dot, where nothing else is known of it."""
