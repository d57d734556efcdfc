"""What is around a credential: blobs that hold it by chance, names that say what it is.

Each function takes the text and the offsets of the value and returns a change of likelihood: 0, -1
or -2 levels, or -9 for no finding at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

DROP = -9
_BASE64 = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_EDGE = _BASE64 | frozenset(b"_-")
_BLOB = 100
_BEFORE = 160
_LINE = 2_000


def no_blob(data: bytes, start: int, end: int) -> int:
    """Drop a value that is a piece of a hundred characters or more of base64."""
    left = right = 0
    while left < _BLOB and start - left > 0 and data[start - left - 1] in _BASE64:
        left += 1
    while right < _BLOB and end + right < len(data) and data[end + right] in _BASE64:
        right += 1
    return DROP if left + right and left + right + end - start >= _BLOB else 0


def whole(data: bytes, start: int, end: int) -> int:
    """Drop a value that goes on to its left or right."""
    if start and data[start - 1] in _BASE64 and data[start - 2 : start - 1] != b"\\":
        return DROP
    return DROP if end < len(data) and data[end] in _EDGE else 0


def _led_by(alphabet: bytes, least: int, most: int) -> Callable[[bytes, int, int], int]:
    """Return a function that drops a value unless so many of these bytes, no more, lead to it.

    A token that begins with letters by chance is looked for by the mark in its middle: a pattern
    that begins with a class of bytes makes an automaton track every place it may have begun.
    """
    letters, edge = frozenset(alphabet), _EDGE

    def led(data: bytes, start: int, end: int) -> int:
        count = 0
        while count <= most and start > count and data[start - count - 1] in letters:
            count += 1
        if not least <= count <= most or (start > count and data[start - count - 1] in edge):
            return DROP
        return DROP if end < len(data) and data[end] in edge else 0

    return led


_DIGITS = b"0123456789"
_ALNUM = _DIGITS + b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


# The name that a value is assigned to, at the end of what is in front of the value.
_NAME = re.compile(
    rb"([A-Za-z_][\w.$-]{0,80})[\"'\]\\]{0,4}[ \t]*(?::[ \t]*[\w\[\]., |]{1,40})?"
    rb"[ \t]*(?:=>|:=|\?=|[=:,(>])[ \t]*(?:[A-Za-z]{1,2})?[\"'`\\]{0,4}$"
)
# What is called like a secret and is none: names of fields, vocabulary, counts, public parts.
_PUBLIC = re.compile(
    rb"public|pub_?key|spdx|hash|digest|checksum|sha\d|md5|finger_?print|(?:^|[_.-])salt|nonce|(?<!_)csrf"
    rb"|xsrf|name$|_ids?$|Ids?$|-id$|url$|uri$|path$|file$|dir$|type$|length$|size$|len$|expir|ttl$"
    rb"|count|index$|field|column|header|prefix|suffix|pattern|regex|label|title|message|error|msg$"
    rb"|placeholder|hint|help|desc|policy|format|version|rotat|kind$|mode$|class$|style$|color"
    rb"|(?:pad|bos|eos|unk|sep|cls|mask|special|stop|start|end|next|page|continuation|cursor|sync"
    rb"|prev|previous|starting|confirmation|change|work_?unit|client|marker|added|image|audio|video|user|assistant|system|think|tool|begin|eot|eod"
    rb"|sub|word|char|line|block|first|last|input|output|target|source|text|prompt|boi|eoi"
    rb"|additional|extra|decoder|encoder|timestamp|lang|language|mem|fim|middle|hole)_?token"
    rb"|tokeni[sz]|tokens$|endpoint|algorithm|alg$|cipher|curve|provider|scope|issuer|audience"
    rb"|keyword|test_?vector|storage_?class|partition|cache_?key|sort_?key|primary_?key|foreign"
    rb"|event|element|node|param|arg$|env_?var|variable|option|flag|reset|forgot|strength|rule"
    rb"|regexp|validator|schema|model$|widget|input$|button|form|locale|translation|i18n",
    re.IGNORECASE,
)
# What is called so is secret whatever it is for (``LABEL_STUDIO_API_KEY``), or a public part.
_CERTAIN = re.compile(
    rb"(?:api|secret|access)_?key$|(?:client|api)_?secret$|(?:auth|access)_?token$", re.IGNORECASE
)
_OPEN = re.compile(
    rb"public|publishable|test_?vector|placeholder|example|hash|csrf|xsrf|(?:pad|bos|eos|unk|mask)_",
    re.IGNORECASE,
)
# Neighbours in a list, not name and value; and the tokens of badges, which are meant to be seen.
_PAIR = re.compile(
    rb"^(?:(?!set|put|env|add|define|header|cookie|option)[^\r\n])*,[ \t]*[\"'`]$|badge|\.svg\?",
    re.IGNORECASE,
)
# The name of a licence (``mit``, ``996-icu-1.0``), not the key to a product.
_LICENSE = re.compile(rb"licen[sc]e[_-]?key$", re.IGNORECASE)
_LICENSES = re.compile(rb"(?:[a-z0-9]+[-.])*[a-z]{3,}(?:[-.+][a-z0-9]+)*|LicenseRef-.*")
_EXAMPLE = re.compile(rb"example|e\.g\.|for instance|dummy|fake|sample|placeholder", re.IGNORECASE)
# What a service calls its keys, some of which are UUIDs; other names are those of ids as well.
_KEY = re.compile(rb"(?:api[_-]?key|api[_-]?secret|client[_-]?secret)$", re.IGNORECASE)
_UUID = re.compile(rb"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


_OF_LICENSE = re.compile(
    rb"[\"'](spdx_)?licen[sc]e[_-]?key[\"'][ \t]{0,4}:[ \t]{0,4}[\"']\Z", re.IGNORECASE
)


def names_license(data: bytes, start: int, end: int) -> bool:
    """Tell whether a value is the name of a licence in JSON, of which ``assigned`` drops all."""
    low = max(0, start - 32)
    key = _OF_LICENSE.search(data[low:start]) if data.find(b"icen", low, start) >= 0 else None
    if key is None:
        return False
    return key[1] is not None or _LICENSES.fullmatch(data, start, end) is not None


def _line_start(data: bytes, start: int) -> int:
    return max(data.rfind(b"\n", max(0, start - _BEFORE), start) + 1, start - _BEFORE, 0)


def assigned(data: bytes, start: int, end: int) -> int:
    """Judge a value by the name that it is assigned to, and by the line it is on."""
    line = _line_start(data, start)
    before = data[line:start]
    name = _NAME.search(before)
    if name is not None and (_is_public(name[1]) or before[: name.start()].endswith(b"::")):
        return DROP
    if name is not None and _LICENSE.search(name[1]) and _LICENSES.fullmatch(data, start, end):
        return DROP
    # Few lines have what the pattern needs, which is seen sooner than by the pattern.
    listed = before[:-1].rstrip(b" \t")[-1:] == b","
    listed = listed or b"badge" in before.lower() or b".svg?" in before
    if listed and _PAIR.search(before):
        return DROP
    if _minified(data, start):
        return -2
    if _EXAMPLE.search(before) or _joined(data, end):
        return -1
    if _UUID.fullmatch(data, start, end) and (name is None or not _KEY.search(name[1])):
        return -1
    return 0


@lru_cache(maxsize=4096)
def _is_public(name: bytes) -> bool:
    """Tell whether what is called so is no secret: a file has few names, each many times."""
    if _CERTAIN.search(name) is not None:
        return _OPEN.search(name) is not None
    return _PUBLIC.search(name) is not None


def _minified(data: bytes, start: int) -> bool:
    """Tell whether the value is on a line longer than people write."""
    ahead = data.find(b"\n", start, start + _LINE)
    if ahead < 0 and len(data) > start + _LINE:
        return True
    return start > _LINE and data.rfind(b"\n", start - _LINE, start) < 0


def _joined(data: bytes, end: int) -> bool:
    """Tell whether the literal is one part of an expression (``"..." + name``)."""
    return re.match(rb"[\"'`]?[ \t]*(?:\+|%|\.format|\.join)", data[end : end + 24]) is not None


# The name of a setting, whose value stands apart from it: ``name: X_TOKEN``, ``"--x-token", ``.
_SETTING = re.compile(
    rb"(?:(?:name|key)[\"']?[ \t]*[=:][ \t]*[\"']?|<(?:key|name)>|[\"']--?)"
    rb"(?P<name>[\w./:-]{1,120})",
    re.IGNORECASE,
)


def setting(data: bytes, start: int, end: int) -> int:
    """Judge a value by the name that is written as a value of its own in front of it."""
    names = _SETTING.findall(data, max(0, start - _BEFORE - 100), start)
    if names and _is_public(names[-1].replace(b"-", b"_")):
        return DROP
    if _UUID.fullmatch(data, start, end):
        return 0 if names and _KEY.search(names[-1].replace(b"-", b"_")) else -1
    return 0


def jwk(data: bytes, start: int, end: int) -> int:
    """Drop a value that is not within a JSON web key, which says its type of key."""
    around = data[max(0, start - 3_000) : end + 3_000]
    return 0 if b'"kty"' in around else DROP


_URL = re.compile(rb"([A-Za-z][A-Za-z0-9+.-]{1,30})://([^\s:/@\"'<>]{0,100}):$")
_HOST = re.compile(rb"@\[?([A-Za-z0-9_.-]{1,120})")
_LOCAL = re.compile(
    rb"(?:localhost|.*bogus.*|127\.\d+\.\d+\.\d+|0\.0\.0\.0|host|hostname|server|db|database|your.*|my.*|foo.*"
    rb"|some.*|x+|example|test|(?:.*\.)?(?:example\.(?:com|org|net|edu)|example|test|invalid|localhost"
    rb"|domain\.com|host\.com|server\.com|yourdomain\.com|foo\.com|bar\.com|acme\.com))",
    re.IGNORECASE,
)
_USERS = frozenset(
    b"user username usr name login foo bar me you myuser your_username youruser someuser guest "
    b"test testuser john johndoe alice bob scott".split()
)


def url_password(data: bytes, start: int, end: int) -> int:
    """Judge the password of a URL by its user and host: local ones and examples are none."""
    url = _URL.search(data[max(0, start - 140) : start])
    host = _HOST.match(data, end, end + 124)
    if url is None or host is None or _LOCAL.fullmatch(host[1].rstrip(b".")):
        return DROP
    user, value = url[2].lower(), data[start:end].lower()
    if user in _USERS or user == value or user.startswith((b"$", b"{", b"%", b"[")):
        return DROP
    return 0


SECRET_CONTEXTS: dict[str, Callable[[bytes, int, int], int]] = {
    "no_blob": no_blob,
    "whole": whole,
    "terraform": _led_by(_ALNUM, 14, 14),
    "dropbox": _led_by(_ALNUM, 11, 11),
    "azure_ai": _led_by(_ALNUM, 52, 52),
    "azure_secret": _led_by(_ALNUM + b"_~.-", 3, 3),
    "telegram": _led_by(_DIGITS, 8, 10),
    "assigned": assigned,
    "setting": setting,
    "jwk": jwk,
    "url_password": url_password,
}
"""Functions that look around a credential, by name."""
