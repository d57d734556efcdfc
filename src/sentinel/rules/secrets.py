"""Credentials in the metadata of models: providers' tokens by their prefixes, and URLs that log in.

A few fixed shapes, far fewer than the detector of personal data knows (``sentinel pii``): what is
judged here is every text that any format keeps as metadata, and it must cost nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ..findings import Confidence, Finding, Severity
from ..formats.credentials import excerpts
from . import RuleContext, rule

_FORMATS = (
    "safetensors", "gguf", "onnx", "ort", "keras-config", "zip", "xgboost", "lightgbm", "catboost",
    "msgpack", "tensorrt",
)  # fmt: skip
_LISTED = 20
_MOST_TEXTS = 20_000
_SHOWN = 6
_FEWEST = 8
_TOKENS = {
    "AWS access key id": r"(?:AKIA|ASIA)[A-Z2-7]{16}",
    "GitHub token": r"gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}",
    "GitLab token": r"glpat-[A-Za-z0-9_-]{20}",
    "Hugging Face token": r"hf_[A-Za-z]{34}",
    "OpenAI key": r"sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40,}"
    r"|sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}",
    "Anthropic key": r"sk-ant-[a-z0-9]+-[A-Za-z0-9_-]{80,}",
    "Slack token": r"xox[abprs]-[A-Za-z0-9-]{10,}",
    "Google API key": r"AIza[A-Za-z0-9_-]{35}",
    "npm token": r"npm_[A-Za-z0-9]{36}",
    "PyPI token": r"pypi-AgE[A-Za-z0-9_-]{50,}",
    "Docker token": r"dckr_pat_[A-Za-z0-9_-]{27}",
    "SendGrid key": r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",
    "Databricks token": r"dapi[0-9a-f]{32}",
    "NVIDIA key": r"nvapi-[A-Za-z0-9_-]{60,}",
    "Replicate token": r"r8_[A-Za-z0-9]{37}",
    "Groq key": r"gsk_[A-Za-z0-9]{52}",
    "private key": r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----",
}  # fmt: skip
_URL = (
    r"[a-z][a-z0-9+.-]{1,20}://[^\s/@:\"'<>]{1,80}:(?P<password>[^\s/@\"'<>]{3,200})@[\w.-]+"
    r"|[a-z]{2,10}://[^\s\"'<>]{1,300}[?&](?:sig|signature|X-Amz-Signature|access_token|token)="
    r"(?P<signature>[^\s&\"'<>]{16,300})"
)
_PLACEHOLDER = r"(?i)example|xxxx|\*\*\*|<|\{|password|secret|changeme|your|123456"


@cache
def _tokens() -> re.Pattern[str]:
    parts = (f"(?P<t{number}>{shape})" for number, shape in enumerate(_TOKENS.values()))
    return re.compile(rf"(?<![A-Za-z0-9_-])(?:{'|'.join(parts)})(?![A-Za-z0-9])")


@cache
def _urls() -> re.Pattern[str]:
    return re.compile(_URL, re.IGNORECASE)


def _pieces(model: object, context: RuleContext) -> list[tuple[str, str]]:
    """Return ``(key, text)`` of what bears a mark in the metadata of any format."""
    return context.once("marked texts", lambda: list(_marked(model)))


def _marked(model: object) -> Iterator[tuple[str, str]]:
    yield from getattr(model, "marked", ())
    for item in (*getattr(model, "texts", ())[:_MOST_TEXTS], *getattr(model, "paths", ())):
        key = getattr(item, "key", None)
        text = getattr(item, "value", None) or getattr(item, "text", None)
        if key is None and len(item) == 2:
            key, text = item
        for piece in excerpts(text or ""):
            yield str(key), piece
    for piece in excerpts(getattr(model, "comment", b"").decode("latin-1")):
        yield "archive comment", piece


def _hidden(value: str) -> str:
    return f"{value[:_SHOWN]}… ({len(value)} characters)"


@rule("SNT1910", "token-in-metadata", severity=Severity.LOW, formats=_FORMATS, cwe="CWE-798")
def token(model: object, context: RuleContext) -> Iterator[Finding]:
    """The metadata holds what looks like a token of a provider.

    **What.** A text of the metadata (not the weights) holds an access key, token or private key in
    the shape that its provider gives it. Only its first characters are shown.

    **Why it matters.** Whoever gets the model gets the credential. Training programs write their
    whole command line or environment into metadata without being asked.

    **Fix.** Revoke the credential, then remove it from the file.
    """
    names = list(_TOKENS)
    told: set[str] = set()
    for key, piece in _pieces(model, context):
        for match in _tokens().finditer(piece):
            value = match[0]
            private = value.startswith("-----")
            dull = len(set(value)) < _FEWEST or "EXAMPLE" in value.upper()
            if value in told or len(told) >= _LISTED or (dull and not private):
                continue
            told.add(value)
            kind = names[int((match.lastgroup or "t0")[1:])]
            yield context.finding(
                f"what looks like a credential in the metadata: {kind}",
                evidence=f"{key}: {value if private else _hidden(value)}",
                remedy="Revoke it, then remove it from the file.",
                confidence=Confidence.MEDIUM,
            )


@rule("SNT1911", "login-in-address", severity=Severity.LOW, formats=_FORMATS, cwe="CWE-522")
def login(model: object, context: RuleContext) -> Iterator[Finding]:
    """The metadata holds an address with a password or a signature in it.

    **What.** A URL of the form `scheme://user:password@host`, or one whose query carries a token or
    the signature of a pre-signed link. The secret is not shown.

    **Why it matters.** Whoever gets the model can log in there as its author, as long as the
    password or link holds.

    **Fix.** Change the password, then remove the address from the file.
    """
    told: set[str] = set()
    for key, piece in _pieces(model, context):
        for match in _urls().finditer(piece):
            secret = match["password"] or match["signature"] or ""
            if (
                not secret
                or re.search(_PLACEHOLDER, secret)
                or secret in told
                or len(told) >= _LISTED
            ):
                continue
            told.add(secret)
            yield context.finding(
                "an address in the metadata holds a secret",
                evidence=f"{key}: {match[0].replace(secret, '…')[:300]}",
                remedy="Change the password, then remove the address.",
                confidence=Confidence.MEDIUM,
            )
