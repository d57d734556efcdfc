"""What is around a mail address or a name and says that it is nobody's secret.

Packages are full of those of their authors, who are named on purpose: in headers, in lists of
contributors, in logs of changes. Templates and manuals have addresses of nobody.
"""

from __future__ import annotations

import re

from .checks import DROP, Context
from .context import blob, line_after, line_before

_NEAR = 200  # bytes in front of an address
_LONG_LINE = 1_000  # in front of a mail address, where a line may name many authors
_AUTHORS = re.compile(
    rb"author|maintainer|copyright|\(c\)|\xc2\xa9|signed-off-by|co-authored|reviewed-by|acked-by|"
    rb"tested-by|reported-by|committer|contributor|packager|supplier\b|licen[sc]ed under|"
    rb"translator|language-team|msgid-bugs-to|>, (?:19|20)[0-9]{2}\b|"
    rb"(?:written|ported|developed|created|contributed|implemented)\b.{0,40}\bby\b|changelog",
    re.IGNORECASE,
)
# One of these is in whatever the pattern above finds, and they are found many times faster.
_AUTHORLY = (
    b"author", b"maintainer", b"copyright", b"(c)", b"\xc2\xa9", b"by", b"committer",
    b"contributor", b"packager", b"supplier", b"licen", b"changelog", b"translator", b"-team",
    b"-bugs-to", b">, ",
)  # fmt: skip
_AUTHOR_FIELD = re.compile(rb"\s*(?:author|maintainer)s?(?:[-_ ]?e-?mail)?s?\s*[:=]", re.IGNORECASE)
# Whose change it was: ChangeLog of GNU, of a package of Debian or of RPM; and .mailmap.
_CHANGED = re.compile(
    rb"(?:[12][0-9]{3}-[0-9]{2}-[0-9]{2}  ?[^<>@\t]{2,60} <| -- [^<>@]{2,60} <"
    rb"|\* (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ 0-9]{1,2} [12][0-9]{3} -? ?"
    rb"[^<>@]{2,60}[ <]"
    rb"|(?:[^<>@,;:]{2,60} )?<[^<>@\s]{1,64}@[^<>@\s]{1,80}> [^<>@,;:]{0,60}<)\Z"
)
_CHANGED_AFTER = re.compile(
    rb"> ?(?:\r?\n|\Z|  ?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), |- ?[0-9])|\r?\n|\Z"
)
# A line of a list of people: "- Jane Doe <"; and what stands above such a list of contributors.
_LISTED = re.compile(rb"\s*(?:[-*+] )?[^<>@:=\"']{2,60} [<(]\Z")
_LISTED_AFTER = re.compile(rb"[>)][ \t]*(?:\r?\n|\Z|[,.(])")
_LIST_OF = (b"ontributors", b"CONTRIBUTORS", b"uthors", b"AUTHORS", b"aintainers", b"ommitters")
_TITLE, _LIST = 400, 3_000
_OLD_ADDRESS = re.compile(rb"> [^<>@,;:]{0,60}<[^<>@\s]{1,64}@[^<>@\s]{1,80}>[ \t]*(?:\r?\n|\Z)")
_ESCAPED = re.compile(rb"(?:x[0-9A-Fa-f]{2}|[0-7]{3})@")
_CREDITED = re.compile(
    rb"author(?!i)|translator|maintainer|contributor|copyright|publisher|supplier|committer|publication"
    rb"|(?<!driving )(?<!driver )(?<!drivers )(?<!driver's )(?<!dl )licen[sc]e(?! n)",
    re.IGNORECASE,
)
# Names of countries, regions, languages and scripts have codes beside them.
_CODES = re.compile(
    rb"\"(?:alpha_[234]|numeric|inverted_name|iso[_A-Za-z0-9]{0,12})\"\s*:"
    rb"|\"code\"\s*:\s*\"[A-Z]{2}-[A-Z0-9]{1,3}\""
    rb"|\"?properties\"?\s*:\s*\{\s*\"?name\"?\s*:\s*\"\Z"
)
_NOBODYS_NAME = re.compile(rb"\b(?:Doe|Mustermann|Musterfrau|Bloggs|Public|Smithee)\Z")
_NOBODY = re.compile(
    rb"(?:no-?_?reply|do-?not-?reply|mailer-daemon|postmaster|hostmaster|nobody|root|"
    rb"webmaster|bounces?|undisclosed|unsubscribe|customersname|user-?name|"
    rb"your[-_.]?(?:name|e?-?mail|user(?:name)?|address|account|company|appemail)"
    rb"|first[-_.]?author|example|ll(?=@li\.))(?:[+-][^@]*)?@",
    re.IGNORECASE,
)
_LISTS = re.compile(
    rb"(?:-(?:users|dev|devel|announce|discuss|list|core|help|bugs|security|team|maintainers)@"
    rb"|@(?:lists?\.|googlegroups\.com|groups\.io|nongnu\.org))",
    re.IGNORECASE,
)
_TEMPLATES = re.compile(
    rb"@(?:(?:domain|company|test|testing|foo|bar|baz|foobar|foo-?bar|abc|xyz|acme|"
    rb"aaaa?|bbbb?|cccc?|dddd?|xxxx?|yyyy?|email|mail|provider|host|server|site|website|business|organization|org|some|any|dummy|fake|"
    rb"x|y|z|a|b|c)\.(?:com|org|net|io|edu|co)|[^@]*\.(?:test|tld|fake))\Z",
    re.IGNORECASE,
)
_PASSWORD_OF_URL = re.compile(rb"[a-z][a-z0-9+.-]*://[^\s/@]*\Z", re.IGNORECASE)


def email(data: bytes, start: int, end: int) -> int:
    """Lower addresses of authors, lists, robots and templates; drop what only looks like one.

    Those are the password and host of a URL, and a product of matrices (``a.x@b.to(device)``).
    """
    after = data[end : end + 1]
    if after in (b"(", b"[") or blob(data, start, end):
        return DROP
    if data[start - 1 : start] == b"\\" and _ESCAPED.match(data[start:end]):
        return DROP  # a byte of a string that is no text: \x1f@github.com/a/b
    before = line_before(data, start, _LONG_LINE)
    near = before[-_NEAR:]
    if near.endswith(b"@"):  # a handle of Mastodon: @user@host
        return -2
    if b"://" in near and _PASSWORD_OF_URL.search(near):
        return DROP
    if _AUTHOR_FIELD.match(before) or _credits(near + b"\n" + line_after(data, end, 60)):
        return -2
    value = data[start:end]
    if _NOBODY.match(value) or _TEMPLATES.search(value) or _LISTS.search(value):
        return -2
    return -2 if _is_listed(data, start, end, before) else 0


def _credits(text: bytes) -> bool:
    """Tell whether a text says who wrote something."""
    lowered = text.lower()
    return any(map(lowered.__contains__, _AUTHORLY)) and _AUTHORS.search(text) is not None


def _is_listed(data: bytes, start: int, end: int, before: bytes) -> bool:
    """Tell whether a line is one of a list of contributors, or of a log of changes."""
    if _CHANGED.match(before) and _CHANGED_AFTER.match(data[end : end + 20]):
        return True
    if _LISTED.match(before) is None:
        return False
    if _LISTED_AFTER.match(data[end : end + 12]) is None:
        return _OLD_ADDRESS.match(data[end : end + 220]) is not None
    above = (data[:_TITLE], data[max(0, start - _LIST) : start])
    return any(word in text for text in above for word in _LIST_OF)


def person(data: bytes, start: int, end: int) -> int:
    """Lower the names of authors, which packages and their lists of parts are full of, and Doe."""
    if _NOBODYS_NAME.search(data[start:end]):
        return -2
    if _CODES.search(data[max(0, start - 160) : start]):
        return -2
    return -2 if _CREDITED.search(data[max(0, start - 300) : start]) else 0


MAIL_CONTEXTS: dict[str, Context] = {"email": email, "person": person}
"""Both functions by the name that rules use."""
