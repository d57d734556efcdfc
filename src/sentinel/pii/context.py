"""What is around a match and makes it less likely to be somebody's.

A function takes a text and where a match lies in it, and returns by how many levels to lower the
likelihood. It lowers and never deletes, with one exception: ``DROP`` for what cannot be personal at
all, such as digits out of a run of base64.
"""

from __future__ import annotations

import re

from .checks import DROP, Context

_LINE = 200  # bytes that are looked at on either side of a match
_BLOB = 100  # characters of base64 without a break: an image, a hash list, a key
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-"
_TOUCHING = frozenset(bytes((byte,)) for byte in _BASE64)


_VERSION_WORDS = re.compile(
    rb"(?:(?:version|ver|model|release|rev|revision|build|firmware|upgrade|min|max|minimum|maximum|"
    rb"chrome|safari|firefox|edge|opera|windows|kernel|driver|dll|sdk|package|pkg|python|java|jdk|"
    rb"section|chapter|clause|paragraph|figure|table|oid|assembly)s?[\"'_ :=(\[,v<>~^/-]{0,6}"
    rb"|[=<>~!]=\s?|[~^]|\b[vV]|[A-Za-z_]/)\Z",
    re.IGNORECASE,
)
_VERSION_TAIL = re.compile(rb"(?:\.whl|\.tar|\.zip|\.jar|\.dll|\.so|/[0-9]{1,2}\b|\.x\b|\.\*)")
_SMALL_FIRST, _SMALL_OCTET = 20, 64
_LOGGED = re.compile(rb" - | -- | \[|,? [0-9]{4}-")  # first in a line of a web server's log
_PATH_BEFORE = re.compile(rb"[0-9]?\.[0-9]+[, ]\Z")  # numbers of a drawing: 12.4.84.32 is three
_PATH_AFTER = re.compile(rb"[, ]?-?[0-9]*\.[0-9]")
# An arc of a drawing: numbers before, two flags behind.
_ARC_BEFORE, _ARC_AFTER = (
    re.compile(rb"[0-9][ ,]\Z"),
    re.compile(rb"[ ,][0-9.]{1,4}[ ,][01][ ,]?[01]"),
)
_OBJECT_IDENTIFIERS = frozenset(((1, 2), (1, 3), (2, 5), (2, 16), (2, 23)))  # ITU-T X.660

_CARDS = (
    rb"(?:\b|_)(?:(?:credit|debit|bank)?[ _-]?cards?|visa|master ?card|amex|maestro"
    rb"|american express|cc[ _-]?(?:n|num|number|no)?|(?:kredit|debit)?karten?|carte|tarjetas?"
    rb"|carta di credito|cart(?:\xc3\xa3|a)o|kart[aky]|kaart|kort)(?:\b|_)"
)
_CARD = re.compile(_CARDS, re.IGNORECASE)
_CALLED = re.compile(
    rb"(?P<card>" + _CARDS + rb")|order|invoice|tracking|ticket|parcel|shipment|trace|session"
    rb"|request|transaction id|bestell|rechnung|pedido|factura|commande|facture|isbn|imei|serial",
    re.IGNORECASE,
)

_PROSE_BEFORE = re.compile(rb"[a-z\x80-\xff]{2,} [a-z\x80-\xff]{1,20} \Z")
_PROSE_AFTER = re.compile(rb" [a-z\x80-\xff]{2,}|[.,;!?](?:\s|$)|$")

_GROUPS_BEFORE = re.compile(rb"(?:(?<![0-9A-Za-z])[0-9A-Fa-f]{4}[ -])*\Z")
_GROUPS_AFTER = re.compile(rb"(?:[ -][0-9A-Fa-f]{4}(?![0-9A-Za-z]))*")
_PAIR_BEFORE = re.compile(rb"[0-9A-Fa-f]{2}[:-]\Z")
_PAIR_AFTER = re.compile(rb"[:-][0-9A-Fa-f]{2}")
_FICTION = re.compile(rb"555[ .-]?[0-9]{4}\Z")
_CLAUSE = re.compile(rb"252\.2[0-9]{2}-7[0-9]{3}")  # of the DFARS, which licences cite
_OFFSET = re.compile(rb"[+-](?:0[0-9]|1[0-4])(?:00|30|45)\Z")
_MEMBER = re.compile(
    rb"member[ _-]?ids?[^0-9A-Za-z]*(?:(?:is|no|number)[^0-9A-Za-z]*)?[A-Z]{0,3}-?\Z", re.IGNORECASE
)
_HEALTH = (
    b"health", b"insur", b"medic", b"patient", b"hospital", b"clinic", b"plan", b"policy",
    b"doctor", b"physician", b"subscriber", b"pharma", b"copay", b"deductible", b"payer",
)  # fmt: skip
_SPECIMEN = re.compile(
    rb"(?:1|12|123|1234|456) (?:Main|Any|Anywhere|Address|Fake|Example|Sample|Test|Sesame|Your)\b"
    rb"|742 Evergreen",
    re.IGNORECASE,
)
_CODED = re.compile(
    rb"[A-Za-z]_[a-z]|[a-z0-9_]\.[a-z_]+\(|\w\(|==|[a-z]\.[a-z]*_|%|Route 53\Z|\\[nrt]"
)
_LABEL = re.compile(rb"\s*[^0-9\s:=][^0-9:=]{3,30}: ?\Z|ADR[^:\n]{0,40}:;[^;]{0,30};\Z")
# What has a number and no door: of a text, a house, a machine.
_PART_OF = re.compile(
    rb"(?:see|siehe|voir|section|chapter|kapitel|pagina|zeile|paragraph|article|artikel|appendix|page|seite"
    rb"|figure|table|note|item|step|part|version|permit|number|building|room|floor|level|gate|hall"
    rb"|unit|zone|block|sector|line|p\.? ?o\.? ?box|box|postfach|port|slot|bank|register|node"
    rb"|host|server|rack|pin|channel|memory|byte|word|bit|address|group|lot|phase|stage|type)s?\b",
    re.IGNORECASE,
)
_LINE_END = re.compile(rb",? [0-9A-Z][^=(){}]{2,40}\Z|\s*\Z|, |;")
_UNIT = re.compile(rb"\s?(?:%|(?:px|ms|kb|mb|gb|kg|km|cm|mm|usd|eur|rows?|bytes)\b)", re.IGNORECASE)
_DIFF_BEFORE = re.compile(rb"(?:\A|\n)[-+ @][^\n]*\n\Z")


# A further number, or an array within an array, right beside a pair of coordinates.
_MORE_BEFORE = re.compile(rb"[0-9.][\])]?[,; ]{1,3}[\[(]?[+-]?\Z|\[\s{0,20}\[\s{0,20}[+-]?\Z")
_MORE_AFTER = re.compile(rb"[\])]?[,; ]{1,3}[\[(]?[+-]?[0-9]")


def line_before(data: bytes, start: int, size: int = _LINE) -> bytes:
    """Return what stands in front of a match on its line."""
    return data[max(0, start - size) : start].rpartition(b"\n")[2]


def line_after(data: bytes, end: int, size: int = _LINE) -> bytes:
    """Return what stands behind a match on its line."""
    return data[end : end + size].partition(b"\n")[0]


def blob(data: bytes, start: int, end: int) -> int:
    """Drop what is a piece of at least a hundred characters of base64."""
    if data[start - 1 : start] not in _TOUCHING and data[end : end + 1] not in _TOUCHING:
        return 0
    head, tail = data[max(0, start - _BLOB) : start], data[end : end + _BLOB]
    touching = len(head) - len(head.rstrip(_BASE64)) + len(tail) - len(tail.lstrip(_BASE64))
    if touching == 0 or touching + end - start < _BLOB:
        return 0
    return DROP


def ip_address(data: bytes, start: int, end: int) -> int:
    """Lower what may be a version or the number of a section, and what names a whole network."""
    if blob(data, start, end):
        return DROP
    if _ARC_BEFORE.search(data[max(0, start - 4) : start]) and _ARC_AFTER.match(
        data[end : end + 12]
    ):
        return DROP
    if _VERSION_WORDS.search(line_before(data, start, 40)) or _VERSION_TAIL.match(
        data[end : end + 8]
    ):
        return -2
    if _PATH_BEFORE.search(data[max(0, start - 12) : start]) or _PATH_AFTER.match(
        data[end : end + 8]
    ):
        return -2
    octets = data[start:end].split(b".")
    if len(octets) != 4 or not all(octet.isdigit() for octet in octets):
        return 0
    numbers = [int(octet) for octet in octets]
    if _starts_line(data, start) and _LOGGED.match(data[end : end + 8]):
        return 0
    small = numbers[0] < _SMALL_FIRST and (max(numbers) < _SMALL_OCTET or numbers[1] == 0)
    if small or tuple(numbers[:2]) in _OBJECT_IDENTIFIERS:
        return -1
    return 0


def _starts_line(data: bytes, start: int) -> bool:
    return start == 0 or data[start - 1] == 0x0A


def grouped(data: bytes, start: int, end: int) -> int:
    """Lower a number in groups that has two more groups of four beside it: a dump, a table."""
    if blob(data, start, end):
        return DROP
    before = _GROUPS_BEFORE.search(data[max(0, start - 11) : start])
    after = _GROUPS_AFTER.match(data[end : end + 11])
    neighbours = (len(before[0]) if before else 0) + (len(after[0]) if after else 0)
    return -2 if neighbours >= 10 else 0


def card(data: bytes, start: int, end: int) -> int:
    """Raise a bare number that the words around it call a card, lower one that they call an order.

    One number in ten passes Luhn's check, of those of issuers' ranges too.
    """
    if blob(data, start, end):
        return DROP
    if _UNIT.match(data[end : end + 8]):
        return -2
    called = list(_CALLED.finditer(line_before(data, start, 60)))
    if called:
        return 1 if called[-1]["card"] else -1
    return 1 if _CARD.search(line_after(data, end, 40)) else 0


def mac_address(data: bytes, start: int, end: int) -> int:
    """Drop what is a piece of a longer run of pairs, as fingerprints are."""
    before = data[max(0, start - 3) : start]
    if _PAIR_BEFORE.search(before) or _PAIR_AFTER.match(data[end : end + 3]):
        return DROP
    return 0


def phone(data: bytes, start: int, end: int) -> int:
    """Lower numbers of films (555) and what stands at the start of an added line of a patch."""
    if blob(data, start, end):
        return DROP
    value = data[start:end]
    if _FICTION.search(value):
        return -1
    if _CLAUSE.match(value):
        return DROP
    bare = value[1:].isdigit()
    if bare and value[:1] == b"+" and _DIFF_BEFORE.search(data[max(0, start - 160) : start]):
        return -1
    return 0


def number(data: bytes, start: int, end: int) -> int:
    """Drop a piece of base64; lower an amount with its unit."""
    if blob(data, start, end):
        return DROP
    return -2 if _UNIT.match(data[end : end + 8]) else 0


def birth_number(data: bytes, start: int, end: int) -> int:
    """Lower what may be a day and a time zone of HL7 (``19220430-0400``); treat as ``number``."""
    return number(data, start, end) or (-1 if _OFFSET.search(data[start:end]) else 0)


def health(data: bytes, start: int, end: int) -> int:
    """Lower the id of a member where nothing says of what: exchanges and clouds have them too."""
    if _MEMBER.search(line_before(data, start, 60)):
        around = data[max(0, start - 200) : end + 200].lower()
        return 0 if any(map(around.__contains__, _HEALTH)) else -2
    return 0


def street(data: bytes, start: int, end: int) -> int:
    """Drop code and the streets of examples."""
    value = data[start:end]
    return DROP if _CODED.search(value) or _SPECIMEN.match(value) else 0


def street_line(data: bytes, start: int, end: int) -> int:
    """Drop what is not all of a line behind its label: ``Adresa: Dlouhá 61``; treat as ``street``.

    There is no word in it that only streets have.
    """
    if (
        _LABEL.match(line_before(data, start)) is None
        or _LINE_END.match(line_after(data, end)) is None
    ):
        return DROP
    return DROP if _PART_OF.match(data[start:end]) else street(data, start, end)


def position(data: bytes, start: int, end: int) -> int:
    """Drop a pair of numbers with more of their kind beside it: a border, a path, a vector."""
    if _MORE_BEFORE.search(data[max(0, start - 44) : start]):
        return DROP
    return DROP if _MORE_AFTER.match(data[end : end + 12]) else 0


def sentence(data: bytes, start: int, end: int) -> int:
    """Raise a number within a sentence that does not call it something else; treat as ``number``.

    For numbers whose check leaves one in thousands to chance: logs and tables hold thousands.
    """
    lowered = number(data, start, end)
    if lowered:
        return lowered
    before = line_before(data, start, 60)
    if _CALLED.search(before) or not _PROSE_BEFORE.search(before):
        return 0
    return 1 if _PROSE_AFTER.match(line_after(data, end, 12)) else 0


CONTEXTS: dict[str, Context] = {
    "position": position,
    "birth_number": birth_number,
    "health": health,
    "street": street,
    "street_line": street_line,
    "blob": blob,
    "ip_address": ip_address,
    "grouped": grouped,
    "card": card,
    "mac_address": mac_address,
    "phone": phone,
    "number": number,
    "sentence": sentence,
}
"""All functions by the name that rules use."""
