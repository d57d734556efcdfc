"""What looks like personal data or a credential and is none: never labelled."""

from __future__ import annotations

import uuid
from random import Random

from .digits import digits
from .tokens import some

_HEX = "0123456789abcdef"
# Idioms that stand where a secret will be. Each is a value as it appears in a setting.
PLACEHOLDERS: tuple[str, ...] = (
    "AKIA" + "IOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY",
    "${API_KEY}",
    "$API_KEY",
    "${DB_PASSWORD:-changeme}",
    "{{ api_key }}",
    "${{ secrets.HF_TOKEN }}",
    "<your-api-key>",
    "YOUR_API_KEY_HERE",
    "your_secret_key",
    "changeme",
    "hf_" + "x" * 34,
    "sk-" + "x" * 48,
    "sk-...",
    "ghp_" + "X" * 36,
    "AIza" + "Sy" + "X" * 33,
    "********",
    "xxxxxxxxxxxxxxxx",
    "[REDACTED]",
    "<password>",
    "%(password)s",
    "#{ENV['SECRET']}",
    "vault:secret/data/ml#token",
    "op://team/openai/credential",
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db",
    "projects/p/secrets/hf-token/versions/latest",
    "replace-with-your-own-key",
    "example-token",
    "dummy",
    "TODO",
    "null",
)
# Expressions of Python that fetch a secret rather than hold one.
FETCHES: tuple[str, ...] = (
    'os.environ["API_KEY"]',
    'os.getenv("OPENAI_API_KEY", "")',
    "getpass.getpass()",
    'config.get("db", "password")',
    "settings.SECRET_KEY",
    'input("Password: ")',
    'keyring.get_password("mlflow", user)',
    "None",
    'dbutils.secrets.get(scope="ml", key="token")',
    'Path("/run/secrets/token").read_text().strip()',
    "load_token(path)",
    "args.password",
)
_VERSIONS = ("3.11.4", "1.2.3.4", "10.0.19045.3570", "2.15.0.1", "4.47.1", "6.1.0.22")


def order(rng: Random) -> str:
    """Return a random number of 16 digits; one in ten passes Luhn's check by chance."""
    return digits(rng, 16, "123456789")


def uid(rng: Random) -> str:
    """Return a random number of 9, 10 or 11 digits."""
    return digits(rng, rng.choice((9, 10, 11)), "123456789")


def fraction(rng: Random) -> str:
    """Return a float with many places."""
    return f"{rng.random():.9f}"


def commit(rng: Random) -> str:
    """Return a SHA-1 in hex."""
    return some(rng, _HEX, 40)


def digest(rng: Random) -> str:
    """Return a SHA-256 in hex."""
    return "sha256:" + some(rng, _HEX, 64)


def identifier(rng: Random) -> str:
    """Return a UUID of version 4."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def version(rng: Random) -> str:
    """Return a version, sometimes of four parts like an address."""
    return rng.choice(_VERSIONS)


def private_ip(rng: Random) -> str:
    """Return an address that is not routed, or one of documentation."""
    tail = f"{rng.randint(0, 250)}.{rng.randint(1, 250)}"
    return rng.choice(
        (f"10.0.{tail}", f"192.168.{tail}", f"172.20.{tail}", "127.0.0.1", "0.0.0.0",
         f"203.0.113.{rng.randint(1, 250)}", f"198.51.100.{rng.randint(1, 250)}")
    )  # fmt: skip


def stamp(rng: Random) -> str:
    """Return a date that is nobody's birthday."""
    return f"20{rng.randint(20, 26)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"


def epoch(rng: Random) -> str:
    """Return a time in milliseconds since 1970."""
    return str(rng.randint(1_600_000_000_000, 1_790_000_000_000))


def address(rng: Random) -> str:
    """Return what has the shape of a mail address: a repository, an example, a decorator."""
    return rng.choice(
        ("git@github.com:acme/models.git", "user@example.com", "you@example.org",
         "12345+bot@users.noreply.github.com", "admin@localhost", "name@domain.invalid",
         "actions/checkout@v4", "lodash@4.17.21", "torch@sha256")
    )  # fmt: skip


def url(rng: Random) -> str:
    """Return a database URL without a real password."""
    return rng.choice(
        ("postgres://user:password@localhost:5432/db", "mysql://root:changeme@127.0.0.1/test",
         "redis://localhost:6379/0", "postgresql://${USER}:${PASS}@db/app",
         "https://<token>@host.tld/simple", "mongodb://username:password@host:27017")
    )  # fmt: skip


def path(rng: Random) -> str:
    """Return a vector path: floats glued by commas and letters."""
    first, second = f"{rng.random():.9f}", f"{rng.random() * 30:.6f}"
    return f"M0.5,1 C{first},18 {second},9.25 4,2Z"


def part(rng: Random) -> str:
    """Return a part number or permit."""
    return f"{rng.choice(('PN', 'SKU', 'WO'))}-{digits(rng, 4)}-{digits(rng, 5)}"


DECOYS = (
    order, uid, fraction, commit, digest, identifier, version, private_ip, stamp, epoch, address,
    url, path, part,
)  # fmt: skip
