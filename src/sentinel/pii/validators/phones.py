"""Telephone numbers."""

from __future__ import annotations

import re

# Country codes of ITU-T E.164 and the digits that national numbers have behind them, from the
# numbering plans that countries notify to the ITU. "7:10" stands for ten digits behind +7.
_PLANS = """
1:10 7:10 20:8-10 27:9 30:10 31:9 32:8-9 33:9 34:9 36:8-9 39:8-11 40:9 41:9 43:7-13 44:9-10 45:8
46:7-10 47:8 48:9 49:7-12 51:8-9 52:10 53:8 54:10-11 55:10-11 56:9 57:10 58:10 60:8-10 61:9
62:8-12 63:8-10 64:8-10 65:8 66:8-9 81:9-10 82:8-11 84:9-10 86:10-11 90:10 91:10 92:9-10 93:9
94:9 95:7-10 98:10 211:9 212:9 213:8-9 216:8 218:9 220:7 221:9 222:8 223:8 224:8-9 225:10 226:8
227:8 228:8 229:8-10 230:7-8 231:7-9 232:8 233:9 234:8-10 235:8 236:8 237:8-9 238:7 239:7 240:9
241:7-8 242:9 243:9 244:9 245:7-9 246:7 248:7 249:9 250:9 251:9 252:7-9 253:8 254:9 255:9 256:9
257:8 258:8-9 260:9 261:9 262:9 263:8-10 264:8-9 265:7-9 266:8 267:7-8 268:8 269:7 290:5 291:7
297:7 298:6 299:6 350:8 351:9 352:6-11 353:7-9 354:7-9 355:8-9 356:8 357:8 358:6-11 359:7-9
370:8 371:8 372:7-8 373:8 374:8 375:9 376:6-9 377:8-9 378:6-10 380:9 381:8-9 382:8 383:8-9
385:8-9 386:8 387:8-9 389:8 420:9 421:9 423:7-9 500:5 501:7 502:8 503:8 504:8 505:8 506:8
507:7-8 508:6 509:8 590:9 591:8 592:7 593:8-9 594:9 595:9 596:9 597:6-7 598:8 599:7-8 670:7-8
672:6 673:7 674:7 675:7-8 676:5-7 677:5-7 678:5-7 679:7 680:7 681:6 682:5 683:4-7 685:5-7 686:5-8
687:6 688:5-6 689:6-8 690:4 691:7 692:7 850:8-10 852:8 853:8 855:8-9 856:8-10 880:8-10 886:8-9
960:7 961:7-8 962:8-9 963:8-9 964:8-10 965:8 966:9 967:7-9 968:8 970:8-9 971:8-9 972:8-9 973:8
974:8 975:8 976:8 977:8-10 992:9 993:8 994:9 995:9 996:9 998:9
"""
_FORMAT = re.compile(r"\+[0-9](?:[0-9]|[ ./()\u00a0\u2011-]{1,3}(?=[0-9(]))+\Z")
_NANP = re.compile(
    r"(?:(?:\+?1|001)[ .-]?)?\(?([2-9][0-8][0-9])\)?[ .-]{0,2}([2-9][0-9]{2})[ .-]?([0-9]{4})\Z"
)
_DATE = re.compile(
    r"(?:(?:19|20)[0-9]{2}[-./ ][01]?[0-9][-./ ][0-3]?[0-9]"
    r"|[0-3]?[0-9][-./ ][01]?[0-9][-./ ](?:19|20)?[0-9]{2}"
    r"|(?:19|20)[0-9]{2} ?[-/] ?(?:19|20)[0-9]{2})\Z"
)
# An address of the internet, some of its numbers not of two digits: 192.168.0.1.
_DOTTED = re.compile(r"(?![0-9]{2}(?:\.[0-9]{2}){3}\Z)[0-9]{1,3}(?:\.[0-9]{1,3}){3}\Z")
_EXTENSION = re.compile(r" ?(?:x|ext\.?|#) ?[0-9]{1,6}\Z", re.IGNORECASE)


def _parsed(plans: str) -> dict[str, range]:
    table = {}
    for plan in plans.split():
        code, _, lengths = plan.partition(":")
        low, _, high = lengths.partition("-")
        table[code] = range(int(low), int(high or low) + 1)
    return table


_LENGTHS = _parsed(_PLANS)


def phone_international(text: str) -> bool:
    """Whether it is a number with plus and country code, as long as that country has them."""
    if _FORMAT.match(text) is None:
        return False
    plain = _only_digits(text.replace("(0)", ""))
    if len(set(plain[2:])) < 3 or _counts_up(plain):
        return False
    for size in (1, 2, 3):
        lengths = _LENGTHS.get(plain[:size])
        if lengths is not None:
            return _fits_plan(plain[:size], plain[size:], lengths)
    return False


def _fits_plan(code: str, national: str, lengths: range) -> bool:
    if code == "1":
        return _nanp_valid(national[:3], national[3:6], national[6:])
    if national[:1] == "0" and code not in ("39", "225", "242", "241", "378"):
        national = national[1:]  # the trunk zero that people leave in
    return len(national) in lengths


def phone_nanp(text: str) -> bool:
    """Whether it is a North American number: area and exchange in use, none of films."""
    match = _NANP.match(text)
    return match is not None and _nanp_valid(match[1], match[2], match[3])


def _nanp_valid(area: str, exchange: str, line: str) -> bool:
    if len(line) != 4 or area[:1] in "01" or exchange[:1] in "01":
        return False
    if area[1:] == "11" or exchange[1:] == "11" or area[1:2] == "9" or area == "555":
        return False
    if exchange == "555" and line.startswith("01"):  # reserved for fiction
        return False
    return len(set(area + exchange + line)) > 2 and exchange + line != "4567890"


def phone_local(text: str) -> bool:
    """Whether it may be a number as people write them at home: 7 to 13 digits, no date."""
    plain = _only_digits(text)
    if text.startswith("00") and len(plain) > 9 and phone_international("+" + plain[2:]):
        return True
    if not 7 <= len(plain) <= 13 or len(set(plain)) < 3 or _DATE.match(text) or _DOTTED.match(text):
        return False
    if _is_invented(plain):
        return False
    return not _counts_up(plain) and text.count(".") != 1


def _is_invented(plain: str) -> bool:
    """Return True for one digit behind a country's code, and for the area 555."""
    return len(set(plain[2:])) < 2 or (len(plain) == 11 and plain.startswith("1555"))


def phone_cell(text: str) -> bool:
    """Whether a cell under a header that says so holds a number, an extension perhaps behind it."""
    number = _EXTENSION.sub("", text)
    plain = _only_digits(number)
    if not 6 <= len(plain) <= 15 or len(set(plain)) < 3 or _DATE.match(number):
        return False
    return number.count(".") != 1


def _only_digits(text: str) -> str:
    return "".join(c for c in text if "0" <= c <= "9")


def _counts_up(plain: str) -> bool:
    return plain in "012345678901234567890" or plain in "98765432109876543210"
