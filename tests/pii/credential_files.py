"""Files of credentials as people leave them about, made afresh with weak and strong passwords.

The places of Plazmaz's leaky-repo are the model: the formats are the same, the text is ours.
"""

from __future__ import annotations

import base64
import string
from random import Random
from typing import NamedTuple

_ALNUM = string.ascii_letters + string.digits
_WORDS = ("swordfish", "harbour", "monday", "piano", "dragon", "letters", "orange", "saturn")


class Leak(NamedTuple):
    """A file and what is secret in it.

    Attributes:
        path: Its name.
        data: Its text.
        secrets: Each secret, as it stands there.
    """

    path: str
    data: bytes
    secrets: tuple[str, ...]


class _Maker:
    """Makes values and notes those that are secret."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.secrets: list[str] = []

    def _note(self, value: str) -> str:
        self.secrets.append(value)
        return value

    def weak(self) -> str:
        """Return a password as people choose it."""
        word = self._rng.choice(_WORDS)
        return self._note(f"{word}{self._rng.choice(('', '!', '_'))}{self._rng.randint(100, 999)}")

    def hex(self, count: int) -> str:
        """Return hexadecimal digits."""
        return self._note("".join(self._rng.choices("0123456789abcdef", k=count)))

    def text(self, count: int, letters: str = _ALNUM) -> str:
        """Return random letters."""
        return self._note("".join(self._rng.choices(letters, k=count)))

    def salt(self) -> str:
        """Return a salt of WordPress: any printable character but the quote and backslash."""
        letters = [chr(code) for code in range(33, 127) if chr(code) not in "'\\"]
        return self._note("".join(self._rng.choices(letters, k=64)))

    def login(self) -> str:
        """Return base64 of a user and password."""
        word = self._rng.choice(_WORDS)
        return self._note(base64.b64encode(f"deploy:{word}77".encode()).decode())

    def crypt(self, scheme: str = "6", salt: int = 16, size: int = 86) -> str:
        """Return a hash as crypt(3) writes it."""
        letters = _ALNUM + "./"
        parts = ["".join(self._rng.choices(letters, k=count)) for count in (salt, size)]
        return self._note(f"${scheme}${parts[0]}${parts[1]}")

    def bcrypt(self) -> str:
        """Return a hash of bcrypt."""
        return self._note("$2y$" + "12$" + "".join(self._rng.choices(_ALNUM + "./", k=53)))


def _shell(m: _Maker) -> dict[str, str]:
    return {
        ".bash_profile": f"""export PATH=$PATH:/usr/local/bin
export AWS_SECRET_ACCESS_KEY={m.text(38)}
export S3_SECRET_ACCESS_KEY=$AWS_SECRET_ACCESS_KEY
export RDS_PASSWORD='{m.weak()}'
export GITHUB_API_TOKEN='{m.hex(40)}'
""",
        ".zsh_history": f""": 1700000001:0;ls -la
: 1700000002:0;mysql -u root -p{m.weak()} shop
: 1700000003:0;curl -u robot:{m.weak()} https://ci.corp.net/job
: 1700000004:0;export DEPLOY_TOKEN={m.hex(20)}
: 1700000005:0;wandb login {m.hex(40)}
""",
        ".env": f"""APP_ENV=local
APP_KEY={m.text(44)}
DB_USERNAME=root
DB_PASSWORD={m.weak()}
REDIS_PASSWORD={m.weak()} # the cache
MAIL_ENCRYPTION=tls
SENTRY_TOKEN=${{SENTRY_TOKEN}}
""",
        "config": f"IRC_HOST=irc.corp.net\nIRC_NICK=nick\nIRC_PASS={m.weak()}\n",
    }


def _clouds(m: _Maker) -> dict[str, str]:
    return {
        ".dockercfg": f'{{"https://r.corp.net/v1/": {{"auth": "{m.login()}", "email": "a@b"}}}}',
        ".docker/config.json": f'{{"auths": {{"r.corp.net": {{\n"auth": "{m.login()}"\n}}}}}}',
        ".s3cfg": f"[default]\nbucket_location = US\nsecret_key = {m.text(40)}\n",
        ".aws/credentials": f"[default]\naws_secret_access_key = {m.text(39)}\nregion = x\n",
        ".tugboat": f"authentication:\n  api_key: {m.hex(32)} # mine\nssh:\n  ssh_key: ''\n",
        "heroku.json": f'{{"app": "x",\n "HEROKU_API_KEY": "{m.hex(32)}"}}',
        "kaggle.json": f'{{"username":"someone","key":"{m.hex(32)}"}}',
        ".cache/huggingface/token": m.text(36) + "\n",
        "rclone.conf": f"[box]\ntype = ftp\nuser = me\npass = {m.text(30)}\n",
        ".streamlit/secrets.toml": f'db_password = "{m.weak()}"\n',
        "prod.tfvars": f'region = "eu"\nmaster_password = "{m.weak()}"\n',
        ".passwd-s3fs": "ABCDEFGHIJ234567WXYZ:" + m.text(40) + "\n",
    }


def _databases(m: _Maker) -> dict[str, str]:
    return {
        ".pgpass": f"# host:port:db:user:password\ndb.corp.net:5432:shop:app:{m.weak()}\n",
        "robomongo.json": f"""{{"connections": [{{"userName" : "app",
"userPassword" : "{m.weak()}",
"sshPassphrase" : "{m.weak()}",
"sshPrivateKey" : ""}}]}}""",
        "dbeaver-data-sources.xml": f"""<data-sources><data-source name="x" save-password="true">
<connection host="localhost" user="app" password="{m.weak()}"/></data-source></data-sources>""",
        "dump.sql": f"""INSERT INTO `users` (`id`, `name`, `password`) VALUES
(1, 'ann', '{m.bcrypt()}'),
(2, 'bob', '{m.bcrypt()}');
""",
        "mongoid.yml": f'production:\n  uri: "mongodb://app:{m.weak()}@ds1.corp.net:4000/x"\n',
        "database.yml": f"production:\n  adapter: mysql2\n  password: {m.weak()}\n",
        ".my.cnf": f"[client]\nuser=app\npassword={m.weak()}\n",
        ".mysql_history": f"CREATE USER app IDENTIFIED BY '{m.weak()}';\n",
    }


def _web(m: _Maker) -> dict[str, str]:
    salts = "".join(
        f"define('{name}', '{m.salt()}');\n" for name in ("AUTH_KEY", "NONCE_SALT", "LOGGED_IN_KEY")
    )
    return {
        "wp-config.php": f"<?php\ndefine('DB_NAME', 'wp');\ndefine('DB_PASSWORD', '{m.weak()}');\n"
        + salts,
        "config.php": f"<?php\n  $dbuser = 'root';\n  $dbpasswd = '{m.weak()}';\n",
        ".htpasswd": f"admin:{m.crypt('apr1', 8, 22)}\n",
        "secrets.yml": f"test:\n  secret_key_base: {m.hex(128)}\n",
        "config/master.key": m.hex(32),
        "web.config": f'<add name="c" connectionString="Server=s;User=u;Password={m.weak()};"/>',
        "gradle.properties": f"org.gradle.jvmargs=-Xmx2g\nnexusPassword={m.weak()}\n",
    }


def _systems(m: _Maker) -> dict[str, str]:
    return {
        "etc/shadow": f"root:{m.crypt()}:17000:0:99999:7:::\ndaemon:*:17000:0:99999:7:::\n",
        "proftpdpasswd": f"ftp:{m.crypt()}:3044:3045::/home/ftp:/bin/false",
        ".esmtprc": f'hostname smtp.corp.net:587\nusername "me"\npassword "{m.weak()}"\n',
        "ventrilo_srv.ini": f"[Server]\nAdminPassword={m.weak()}\nPassword={m.weak()}\nDiag=0\n",
        ".netrc": f"machine a.corp.net\n  login me\n  password {m.weak()}\n",
        ".git-credentials": f"https://me:{m.weak()}@git.corp.net\n",
        ".npmrc": f"registry=https://r/\n_auth = {m.login()}\n//r/:_authToken={m.hex(36)}\n",
        ".pypirc": f"[pypi]\nusername = me\npassword = {m.weak()}\n",
        "pip.conf": f"[global]\nindex-url = https://me:{m.weak()}@pypi.corp.net/simple\n",
        ".config/hub": f'github.com:\n- user: me\n  oauth_token: "{m.hex(40)}"\n',
        "logins.json": f'{{"encryptedUsername":"{m.text(60)}","encryptedPassword":"{m.text(60)}"}}',
    }


def _transfer(m: _Maker) -> dict[str, str]:
    encoded = base64.b64encode(b"swordfish").decode()
    m.secrets.append(encoded)
    return {
        "filezilla.xml": f"<Server><User>me</User>\n<Pass>{m.weak()}</Pass>\n</Server>",
        "recentservers.xml": f'<Pass encoding="base64">{encoded}</Pass>',
        "sftp-config.json": f"""{{
    "user": "me",
    "password": "{m.weak()}",
    // "passphrase": "not in use",
}}""",
        ".ftpconfig": f'{{"pass": "{m.weak()}", "promptForPass": false,\n"privatekey": ""}}',
        ".remote-sync.json": f'{{"username": "root",\n"password": "{m.weak()}"}}',
        "deployment-config.json": f'{{"host": "h", "password": "{m.weak()}"}}',
        ".idea/WebServers.xml": f'<fileTransfer host="h" password="{m.hex(60)}" username="u">',
    }


def leaks(rng: Random) -> list[Leak]:
    """Return the files."""
    found = []
    for build in (_shell, _clouds, _databases, _web, _systems, _transfer):
        maker = _Maker(rng)
        files = build(maker)
        for path, text in files.items():
            secrets = tuple(dict.fromkeys(s for s in maker.secrets if s in text))
            found.append(Leak(path, text.encode(), secrets))
    return found
