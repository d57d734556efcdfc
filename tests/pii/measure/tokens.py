"""Makers of credentials in the providers' published shapes. None is ever stored."""

from __future__ import annotations

import base64
import hmac
import json
import string
from collections.abc import Callable
from hashlib import sha256
from random import Random

from .digits import BASE62, crc_tail, digits, urlsafe

_URL = BASE62 + "-_"
_HEX = "0123456789abcdef"
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_LETTERS = string.ascii_letters


def some(rng: Random, alphabet: str, count: int) -> str:
    """Return ``count`` random letters of an alphabet."""
    return "".join(rng.choices(alphabet, k=count))


def aws_key_id(rng: Random) -> str:
    """Return an AWS access key id."""
    return rng.choice(("AKIA", "AKIA", "ASIA")) + some(rng, _BASE32, 16)


def aws_secret(rng: Random) -> str:
    """Return an AWS secret key: 40 letters of base64."""
    return base64.b64encode(rng.randbytes(30)).decode()


def gcp_key(rng: Random) -> str:
    """Return a Google API key."""
    return "AI" + "za" + "Sy" + some(rng, _URL, 33)


def azure_storage(rng: Random) -> str:
    """Return an Azure storage key: 64 bytes in base64."""
    return base64.b64encode(rng.randbytes(64)).decode()


def azure_openai(rng: Random) -> str:
    """Return an Azure OpenAI key of 84 letters with the platform's fixed signature."""
    year, month = rng.choice("AB"), rng.choice("ABCDEFGHIJKL")
    signature = "JQQ" + "J99" + year + month + "AC" + "YeBjFXJ3w3AAABACOG"
    return some(rng, BASE62, 52) + signature + some(rng, BASE62, 4)


def hf(rng: Random) -> str:
    """Return a Hugging Face user token or, rarely, one of an organisation."""
    return rng.choice(("hf_", "hf_", "hf_", "api_org_")) + some(rng, _LETTERS, 34)


def openai(rng: Random) -> str:
    """Return an OpenAI key, of the old form or of a project."""
    mark = "T3Blbk" + "FJ"
    if rng.random() < 0.4:
        return "sk-" + some(rng, BASE62, 20) + mark + some(rng, BASE62, 20)
    kind = rng.choice(("proj", "proj", "svcacct"))
    return f"sk-{kind}-" + some(rng, _URL, 74) + mark + some(rng, BASE62 + "_", 74)


def anthropic(rng: Random) -> str:
    """Return an Anthropic key."""
    return "sk-" + "ant-" + "api03-" + some(rng, _URL, 93) + "AA"


def wandb(rng: Random) -> str:
    """Return a Weights & Biases key, old (40 hex digits) or new."""
    if rng.random() < 0.6:
        return some(rng, _HEX, 40)
    return "wandb_" + "v1_" + some(rng, BASE62, 27) + "_" + some(rng, BASE62, 49)


def databricks(rng: Random) -> str:
    """Return a Databricks token."""
    return "da" + "pi" + some(rng, _HEX, 32) + rng.choice(("", "", "-2"))


def replicate(rng: Random) -> str:
    """Return a Replicate token."""
    return "r8" + "_" + some(rng, BASE62, 37)


def groq(rng: Random) -> str:
    """Return a Groq key with the mark that its keys carry."""
    return "gs" + "k_" + some(rng, BASE62, 20) + "WGdyb" + "3FY" + some(rng, BASE62, 24)


def cohere(rng: Random) -> str:
    """Return a Cohere key: 40 letters without a mark."""
    return some(rng, BASE62, 40)


def pinecone(rng: Random) -> str:
    """Return a Pinecone key."""
    return "pc" + "sk_" + some(rng, BASE62, rng.choice((5, 6))) + "_" + some(rng, BASE62, 63)


def langsmith(rng: Random) -> str:
    """Return a LangSmith key."""
    kind = rng.choice(("pt", "sk"))
    return f"lsv2_{kind}_" + some(rng, _HEX, 32) + "_" + some(rng, _HEX, 10)


def nvidia(rng: Random) -> str:
    """Return an NVIDIA NGC key."""
    return "nv" + "api-" + some(rng, _URL, 63) + rng.choice(BASE62)


def github(rng: Random) -> str:
    """Return a GitHub token whose tail is the CRC-32 of its body, or a fine-grained one."""
    if rng.random() < 0.3:
        return "github_" + "pat_" + some(rng, BASE62, 22) + "_" + some(rng, BASE62, 59)
    body = some(rng, BASE62, 30)
    return f"gh{rng.choice('ppousr')}_" + body + crc_tail(body)


def gitlab(rng: Random) -> str:
    """Return a GitLab personal access token."""
    return "gl" + "pat-" + some(rng, _URL, 19) + rng.choice(BASE62)


def npm(rng: Random) -> str:
    """Return an npm token whose tail is the CRC-32 of its body."""
    body = some(rng, BASE62, 30)
    return "np" + "m_" + body + crc_tail(body)


def pypi(rng: Random) -> str:
    """Return a PyPI token: a macaroon of pypi.org."""
    name = rng.randbytes(16).hex()
    uuid = "-".join((name[:8], name[8:12], name[12:16], name[16:20], name[20:]))
    caveat = b'{"permissions": "user", "version": 1}'
    data = b"\2\1\10pypi.org\2\x24" + uuid.encode() + b"\0\2" + bytes([len(caveat)]) + caveat
    return "py" + "pi-" + urlsafe(data + b"\0\0\6\x20" + rng.randbytes(32))


def slack(rng: Random) -> str:
    """Return a Slack bot or user token."""
    kind = rng.choice(("xoxb", "xoxb", "xoxp"))
    parts = [kind, digits(rng, 12, "123456789"), digits(rng, 13, "123456789")]
    if kind == "xoxp":
        return "-".join((*parts, digits(rng, 13, "123456789"), some(rng, _HEX, 32)))
    return "-".join((*parts, some(rng, BASE62, 24)))


def stripe(rng: Random) -> str:
    """Return a Stripe live key."""
    kind = rng.choice(("sk", "rk"))
    return f"{kind}_li" + "ve_" + some(rng, BASE62, rng.choice((24, 99)))


def telegram(rng: Random) -> str:
    """Return a Telegram bot token."""
    return digits(rng, 10, "5678") + ":AA" + some(rng, _URL, 32) + rng.choice(BASE62)


def sendgrid(rng: Random) -> str:
    """Return a SendGrid key."""
    return "S" + "G." + some(rng, _URL, 22) + "." + some(rng, _URL, 42) + rng.choice(BASE62)


def jwt(rng: Random) -> str:
    """Return a JSON web token signed with HMAC-SHA-256."""
    head = urlsafe(json.dumps({"alg": "HS256", "typ": "JWT"}, separators=(",", ":")).encode())
    claims = {"sub": digits(rng, 10), "iat": rng.randint(1_700_000_000, 1_790_000_000)}
    claims["exp"] = 4_000_000_000
    body = urlsafe(json.dumps(claims, separators=(",", ":")).encode())
    sign = hmac.new(rng.randbytes(16), f"{head}.{body}".encode(), sha256).digest()
    return f"{head}.{body}.{urlsafe(sign)}"


def private_key(rng: Random) -> str:
    """Return a PEM block of the length and shape of a key; its numbers are random bytes."""
    kind, size, head = rng.choice(
        (
            ("RSA ", 1190, b"\x30\x82\x04\xa2\x02\x01\x00\x02\x82\x01\x01\x00"),
            ("EC ", 121, b"\x30\x77\x02\x01\x01\x04\x20"),
            ("", 1217, b"\x30\x82\x04\xbd\x02\x01\x00\x30\x0d\x06\x09\x2a\x86\x48"),
            ("OPENSSH ", 400, b"openssh-key-v1\0\0\0\0\4none\0\0\0\4none\0\0\0\0\0\0\0\1"),
        )
    )
    body = base64.b64encode(head + rng.randbytes(size - len(head))).decode()
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    edge = f"{kind}PRIVATE KEY-----"
    return "\n".join((f"-----BEGIN {edge}", *lines, f"-----END {edge}"))


def password(rng: Random) -> str:
    """Return a password as a manager makes it: at least one digit and both cases."""
    text = some(rng, string.ascii_letters + string.digits + "!%*+^~", rng.randint(12, 20))
    fit = any(c.isdigit() for c in text) and any(c.isupper() for c in text)
    return text if fit and text[0].isalpha() and text[-1].isalnum() else password(rng)


def db_url(rng: Random) -> str:
    """Return a database URL with a password in it."""
    scheme = rng.choice(("postgres", "postgresql+psycopg2", "mysql", "mongodb+srv", "amqp"))
    secret = some(rng, BASE62, rng.randint(12, 18))
    host = rng.choice(("db-prod-2.internal.acme.io", "10.4.17.80", "mongo.svc.cluster.local"))
    return f"{scheme}://{rng.choice(('svc_app', 'ml', 'etl'))}:{secret}@{host}/features"


def slack_hook(rng: Random) -> str:
    """Return a Slack incoming webhook."""
    parts = ("T" + some(rng, _BASE32, 8), "B" + some(rng, _BASE32, 10), some(rng, BASE62, 24))
    return "https://hooks." + "slack.com/services/" + "/".join(parts)


def hex32(rng: Random) -> str:
    """Return 32 hex digits, as Kaggle, Comet's elders and Azure's old keys have them."""
    return some(rng, _HEX, 32)


Maker = Callable[[Random], str]
# Credentials by type: how they are made and the names that settings give them.
TOKENS: dict[str, tuple[Maker, tuple[str, ...]]] = {
    "AWS_ACCESS_KEY_ID": (aws_key_id, ("AWS_ACCESS_KEY_ID", "aws_access_key_id")),
    "AWS_SECRET_KEY": (aws_secret, ("AWS_SECRET_ACCESS_KEY", "aws_secret_access_key")),
    "GCP_API_KEY": (gcp_key, ("GOOGLE_API_KEY", "gemini_key", "MAPS_KEY")),
    "AZURE_STORAGE_KEY": (azure_storage, ("AZURE_STORAGE_KEY", "AccountKey")),
    "AZURE_OPENAI_KEY": (azure_openai, ("AZURE_OPENAI_API_KEY", "azure_openai_key")),
    "HF_TOKEN": (hf, ("HF_TOKEN", "HUGGINGFACE_HUB_TOKEN", "token")),
    "OPENAI_KEY": (openai, ("OPENAI_API_KEY", "openai_api_key", "api_key")),
    "ANTHROPIC_KEY": (anthropic, ("ANTHROPIC_API_KEY", "claude_key", "api_key")),
    "WANDB_KEY": (wandb, ("WANDB_API_KEY", "wandb_api_key")),
    "DATABRICKS_TOKEN": (databricks, ("DATABRICKS_TOKEN", "dbx_token")),
    "REPLICATE_TOKEN": (replicate, ("REPLICATE_API_TOKEN", "replicate")),
    "GROQ_KEY": (groq, ("GROQ_API_KEY", "groq")),
    "COHERE_KEY": (cohere, ("COHERE_API_KEY", "cohere_api_key", "CO_API_KEY")),
    "PINECONE_KEY": (pinecone, ("PINECONE_API_KEY", "pinecone")),
    "LANGSMITH_KEY": (langsmith, ("LANGSMITH_API_KEY", "LANGCHAIN_API_KEY")),
    "NVIDIA_KEY": (nvidia, ("NVIDIA_API_KEY", "NGC_API_KEY")),
    "GITHUB_TOKEN": (github, ("GITHUB_TOKEN", "GH_TOKEN", "github")),
    "GITLAB_TOKEN": (gitlab, ("GITLAB_TOKEN", "gitlab_pat")),
    "NPM_TOKEN": (npm, ("NPM_TOKEN", "npm_auth")),
    "PYPI_TOKEN": (pypi, ("TWINE_PASSWORD", "PYPI_TOKEN")),
    "SLACK_TOKEN": (slack, ("SLACK_BOT_TOKEN", "slack_token")),
    "SLACK_WEBHOOK": (slack_hook, ("SLACK_WEBHOOK_URL", "alert_hook")),
    "STRIPE_KEY": (stripe, ("STRIPE_SECRET_KEY", "stripe_key")),
    "TELEGRAM_TOKEN": (telegram, ("TELEGRAM_BOT_TOKEN", "bot_token")),
    "SENDGRID_KEY": (sendgrid, ("SENDGRID_API_KEY", "mail_key")),
    "JWT": (jwt, ("NEPTUNE_API_TOKEN", "ACCESS_TOKEN", "session_jwt")),
    "PRIVATE_KEY": (private_key, ("PRIVATE_KEY", "tls_key")),
    "DB_URL": (db_url, ("DATABASE_URL", "SQLALCHEMY_DATABASE_URI", "MLFLOW_TRACKING_URI")),
    "GENERIC_SECRET": (password, ("DB_PASSWORD", "password", "client_secret", "SMTP_PASSWORD")),
}
# What names the provider by itself, wherever it stands.
MARKED = frozenset(TOKENS) - {
    "AWS_SECRET_KEY", "WANDB_KEY", "COHERE_KEY", "GENERIC_SECRET", "AZURE_STORAGE_KEY",
}  # fmt: skip
