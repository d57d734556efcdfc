"""Values that stand where a secret would: placeholders, references, templates, code.

People write these on purpose, so that the secret is elsewhere; none of them is a leak.
"""

from __future__ import annotations

import re

from .randomness import counts, entropy, noise, periodic, run

# Words that nobody's generated secret holds. Four letters and more: three come up by chance.
_WORDS = re.compile(
    r"chang[ei][-_ ]?(?:me|it|this|now|pass)|replace|your|insert|enter[-_ ]|example|sample|dummy"
    r"|fake|mock|placeholder|redacted|removed|masked|hidden|todo|fixme|undefined|default|notreal|not[-_]a"
    r"|not[-_]real|invalid|deadbeef|lorem|goes[-_ ]?here|[-_]here\b|put[-_]|fill[-_]|add[-_]your"
    r"|qwerty|asdfgh|zxcvbn|1q2w3e|qazwsx|letmein|hunter2|correct[-_ ]?horse|foobar|foo[-_]?bar"
    r"|foobaz|testing|unittest|pytest|never|some[-_]"
    r"|my[-_](?:secret|token|key|pass|api|app|db|super)"
    r"|secret[-_]?(?:key|token|value|name|here|pass|id)|super[-_ ]?secret"
    r"|top[-_ ]?secret|this[-_ ]?is"
    r"|password|passwd|passphrase|api[-_]?key|access[-_]?(?:token|key)|auth[-_]?token|pa55word|p[a@][s5$]{2}w[o0]rd"
    r"|invalid|bogus|generate|random|obtain|encrypted|expired|revoked|deleted|anon(?:ymous|cvs)|unknown"
    r"|notset|not[-_]set|no[-_]?token|no[-_]?key|obfuscated|sanitized|scrubbed|censored|\bsecret\b|s3cr3t",
    re.IGNORECASE,
)
# One of these is in whatever the pattern above finds, and they are found ten times faster.
_WORDLY = (
    "chang", "replace", "your", "insert", "enter", "ample", "dummy", "fake", "mock", "placeholder",
    "redacted", "removed", "masked", "hidden", "todo", "fixme", "undefined", "default", "not",
    "invalid", "deadbeef", "lorem", "here", "put", "fill", "add", "qwerty", "asdfgh", "zxcvbn",
    "1q2w3e", "qazwsx", "letmein", "hunter2", "correct", "foo", "test", "never", "some", "my-",
    "my_", "secret", "this", "pass", "api", "access", "auth", "rd", "bogus", "generate", "random",
    "obtain", "encrypted", "expired", "revoked", "deleted", "anon", "unknown", "no-", "no_",
    "nokey", "obfuscated", "sanitized", "scrubbed", "censored", "s3cr3t",
)  # fmt: skip
_WHOLE = re.compile(
    r"(?:none|null|nil|nan|n/?a|true|false|yes|no|on|off|tbd|tba|empty|blank|void|optional|required"
    r"|str|string|bytes|text|int|bool|any|object|self|admin|root|guest|user|username|test\w{0,8}"
    r"|foo|bar|baz|qux|spam|eggs|abc|xyz|pass|pwd|pw|secret\w{0,4}|token\w{0,4}|keys?|value|private|public"
    r"|hello\w*|world|temp|tmp|demo|postgres|mysql|mongo|redis|rabbitmq|minio|minioadmin|elastic"
    r"|oracle|system|manager|tiger|sa|raspberry|ubuntu|vagrant|toor|xyzzy|1234?5?6?7?8?9?0?|\W*)",
    re.IGNORECASE,
)
# Another place is named: a variable, a template, a command, a store of secrets.
_ELSEWHERE = re.compile(
    r"\$\{|\$\(|\$\[|^\$[A-Za-z_]\w*$|\{\{|\{%|#\{|^%\w+%$|%\(\w|^@\w+@$|^<|>$|^\[.*\]$|^\{.*\}$|^__\w+__$"
    r"|^%[sdrv]|\{\w*\}|^`|os\.environ|getenv|environ\[|process\.env|\benv\[|env\.|import\.meta"
    r"|getpass|input\(|prompt\(|read_text|\bopen\(|^(?:self|this|args|config|settings|options|opts"
    r"|ctx|conf|cfg|params?|kwargs|request|req|res|secrets|userdata|user|data|values?|vars?|local"
    r"|module|each|state|props|event|credentials?|creds)[.\[]"
    r"|^!(?:Ref|Sub|GetAtt|ImportValue|secret|vault|env|reference)\b|^ENC[\[(]|^enc:|^\{cipher\}"
    r"|^\{AES|^(?:vault|secret|secrets|op|ssm|sops|kms|gcpsm|awssm|akv|keyring|env|file|path|ref"
    r"|lookup|azkv|doppler|infisical|bws|pass|chamber|berglas|sm)[:!]|secretsmanager|keyvault"
    r"|^arn:|^projects/[\w-]+/secrets/|^AQICAH|\$ANSIBLE_VAULT|^gAAAAA|^lookup\b|/run/secrets/",
    re.IGNORECASE,
)
_SIGNS = frozenset("$%@<>[{`!.:(_/")
_ELSEWHERELY = (
    "environ", "getenv", "getpass", "vault", "secretsmanager", "aqicah", "gaaaaa", "lookup",
)  # fmt: skip
_MASK = re.compile(r"\.\.\.|\u2026|\*{3}|[xX]{4}|[_#]{4}|-{4}|[.\u2022\u25cf]{3}|0{8}|\?{3}")

_NO_DIGITS = re.compile(r"[^0-9]+")
_NO_LETTERS = re.compile(r"[^a-z]+")


def placeholder(value: str) -> bool:
    """Tell whether a value only stands where a secret would.

    Args:
        value: The value without its quotes.

    Returns:
        Whether it is a placeholder, a reference to a variable or to a store of secrets, a
        template, a mask, an empty or constant word, or made of a pattern (``abcdef``, ``aaaa``).
    """
    text = value.strip().strip("\"'`")
    if _WHOLE.fullmatch(text) or _is_elsewhere(text) or _has_words(text):
        return True
    return bool(_MASK.search(text)) or _short_mask(text) or patterned(text)


def _has_words(text: str) -> bool:
    return any(map(text.lower().__contains__, _WORDLY)) and _WORDS.search(text) is not None


def _is_elsewhere(text: str) -> bool:
    if _SIGNS.isdisjoint(text) and not any(map(text.lower().__contains__, _ELSEWHERELY)):
        return False
    return _ELSEWHERE.search(text) is not None


def _short_mask(text: str) -> bool:
    body = re.split(r"[-_]", text)[-1].lower()
    return len(text) < 20 and ("xxx" in text.lower() or body in {"abc", "xyz", "123"})


def patterned(text: str) -> bool:
    """Tell whether a text is made of a pattern: runs, counting, repetition, few letters."""
    if run(text, 6 if len(text) > 16 else 4) or periodic(text):
        return True
    lower = text.lower()
    # Counting goes on behind other characters where people make up an example: ``a1b2c3d4``.
    if counts(lower) or counts(_NO_LETTERS.sub("", lower)) or counts(_NO_DIGITS.sub("", lower), 8):
        return True
    return len(text) >= 12 and entropy(text) < 2.0


def elsewhere(value: str) -> bool:
    """Tell whether a value names the place of the secret: a variable, a template, a store."""
    return _is_elsewhere(value.strip())


_PATH = re.compile(r"(?:~|\.{1,2})?/[\w.-]+/[\w./-]+|[A-Za-z]:\\.+|[\w./-]+\.(?:pem|key|ppk|json)")
_STAND_IN = re.compile(
    r"(?:none|null|nil|undefined|true|false|yes|no|on|off|auto|required|optional|~|\d{1,5}"
    r"|change[-_ ]?(?:me|this|it).{0,20}|replace.{0,30}|insert.{0,30}|put[-_ ].{0,30}|todo.{0,30}"
    r"|<.*>|.{0,20}\byour[-_ ].{0,60}|.{0,20}_your_.{0,40}|your\w{0,40}|placeholder"
    r"|(?:dummy|fake|example|sample|test)(?:[-_ ](?:token|key|secret|password|value))?"
    r"|.{1,12}\.\.\."
    r"|redacted|removed|hidden|x{3,}|.{0,40}[-_ ]here|plaintext|base64|osxkeychain|store|cache)",
    re.IGNORECASE,
)


def stand_in(value: str) -> bool:
    """Tell whether something stands in for a secret in a file that is made to hold secrets.

    There a weak password is a password: only what cannot be one is left out.
    """
    text = value.strip().strip("\"'`")
    if len(text) < 3 or _STAND_IN.fullmatch(text[:200]) or "EXAMPLE" in text:
        return True
    if _PATH.fullmatch(text[:400]):
        return True
    if noise(text):
        return False
    return elsewhere(text) or bool(_MASK.search(text) and patterned(text))
