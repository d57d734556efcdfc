"""Text that speaks to a model instead of about something: "ignore previous instructions".

Datasets become the context of models (retrieval, labelling and judging by a model), and what stands
in them is then read as orders ("indirect prompt injection", Greshake et al. 2023; OWASP LLM01). A
list of phrases finds those who use the known words in English and a few other languages, and nobody
else; that a phrase is there does not say that it was meant: people write about such phrases, and
datasets of chats consist of control tokens. So a column that is full of them has a format or a
subject, a phrase in quotes is quoted, and what is left is an indicator. Where a phrase is hidden
from people who read the text (in a comment, in Base64, by characters without width) it weighs more,
whatever the text around says it is about: anybody can write "prompt injection" beside it.
"""

from __future__ import annotations

import re
from base64 import b64encode
from binascii import Error, a2b_base64
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import NamedTuple

_GAP = r"[\s*_\"'`,-]{1,8}"
_WHICH = "previous|prior|above|earlier|preceding|foregoing|former|system|initial|original|existing"
_WHAT = r"(?:instructions?|prompts?|directions?|guidelines?|directives?|commands?|messages?)"
_SECRET = "system|hidden|secret|initial|original|confidential"
_MODEL = r"(?:ai|llm|(?:large\s)?language\smodel|ai\s(?:assistant|agent|model|language\smodel))\b"
_PHRASE = re.compile(
    r"(?<![a-z])(?:"
    rf"(?:ignore|disregard|forget|override|bypass){_GAP}"
    rf"(?:(?:all|any|every|everything|of|the|your|my|these|those|and|other){_GAP}){{0,4}}"
    rf"(?:(?:(?:{_WHICH}){_GAP}){{1,3}}{_WHAT}"
    rf"|{_WHAT}{_GAP}(?:above|before\sthis|you\s(?:were|have\sbeen)\sgiven)"
    rf"|everything\s(?:above|before\sthis))(?![a-z])"
    rf"|(?:ignore|disregard|forget){_GAP}(?:all|any|your)(?:{_GAP}(?:of|your|the)){{0,2}}{_GAP}"
    r"(?:instructions|prompts?)(?![a-z])"
    r"|(?:reveal|print|repeat|output|show|leak|disclose)\s(?:me\s|us\s)?(?:the|your)\s"
    rf"(?:(?:full|entire|whole|exact|{_SECRET})\s){{0,2}}(?:system\s(?:prompt|message)"
    rf"|(?:{_SECRET})\s(?:instructions|prompt))(?![a-z])"
    r"|you\sare\snow\s(?:in\s)?(?:dan(?![a-z])|developer\smode|jailbroken|an?\sunrestricted)"
    r"|(?:do\snot|don't|never)\s(?:tell|inform|alert|warn)\sthe\suser"
    rf"|if\syou\sare\san?\s{_MODEL}"
    r"|give\sa\spositive\sreview\sonly"
    r"|ignorier[et]?\s(?:\w{2,10}\s){0,2}(?:vorherigen|bisherigen|obigen)\sanweisungen"
    r"|ignore[rz]?\s(?:\w{2,10}\s){0,2}instructions\spr\u00e9c\u00e9dentes"
    r"|ignor[ae]\s(?:\w{2,10}\s){0,2}(?:instrucciones|istruzioni)\s(?:anteriores|precedenti)"
    r")",
    re.IGNORECASE,
)
_MARKS = (
    "ignor", "disregard", "forget", "overrid", "bypass", "prompt", "instruction", "system message",
    "you are now", " the user", "if you are a", "positive review only",
)  # fmt: skip
"""Each phrase has one of them."""
_TOKEN = re.compile(
    r"<\|(?:im_start|im_end|im_sep|system|user|assistant|endoftext|startoftext|endofprompt"
    r"|begin_of_text|end_of_text|start_header_id|end_header_id|eot_id|eom_id|python_tag"
    r"|start|end|message|channel|return|tool_call|fim_[a-z]{3,9})\|>"
    r"|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|<\uff5c(?:User|Assistant)\uff5c>"
)
_TOKEN_MARKS = ("<|", "INST]", "SYS>>", "_of_turn>", "<\uff5c")
_ABOUT = re.compile(
    r"(?:prompt|indirect|instruction)[\s-]injections?|injection\sattacks?|jailbreak"
    r"|red[\s-]team|adversarial\sprompt|chat\stemplate|special\stokens?|control\stokens?",
    re.IGNORECASE,
)
_NEARBY = 1500
_QUOTES = "\"'`\u201c\u201d\u2018\u2019\u00ab\u00bb\u201e"
_UNSEEN = re.compile(
    r"display\s?:\s?none|visibility\s?:\s?hidden|font-size\s?:\s?0(?![.\d]*[1-9])|opacity\s?:\s?0"
    r"(?![.\d]*[1-9])|\shidden(?=[\s>=/])",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*)([^<>]*)>?", re.IGNORECASE)
_EMPTY = frozenset(("area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"))
_PAGE = re.compile(r"<(?:!doctype|html|body)\b", re.IGNORECASE)
_BLOCK = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|^ {0,3}(?P<fence>`{3,}|~{3,})[^\n]*\n(?P<code>.*?)(?:^ {0,3}(?P=fence)|(?P<open>\Z))",
    re.DOTALL | re.MULTILINE,
)
"""A comment, or a block of code in Markdown, where a comment is seen; whichever begins first."""
_ZERO = re.compile("[\u200b-\u200f\u2060-\u2064\ufeff\u00ad\u180e]")
_TAGS = re.compile("[\U000e0020-\U000e007e]{8,2000}")
_TURNED = re.compile("\u202e([^\u202c\n\0]{8,1000})")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+")
_LONGEST = 4000
_MOST_HITS = 50
_MOST_JUDGED = 5000
_SHOWN = 60


def _encoded(word: bytes) -> Iterator[str]:
    """Yield how a word looks in Base64 at each of the three places where it can begin."""
    for before in range(3):
        whole = b64encode(b"\0" * before + word).decode().rstrip("=")
        end = (before + len(word)) * 8 // 6
        yield whole[(before * 8 + 5) // 6 : end]


_ENCODED = tuple(form for word in (b"nstruction", b"ystem prompt") for form in _encoded(word))


class Hit(NamedTuple):
    """A place where a text speaks to a model.

    Attributes:
        kind: ``plain``, ``quoted``, ``hidden`` or ``token``.
        start: Where, in characters.
        shown: The phrase or the token, and how it is hidden.
    """

    kind: str
    start: int
    shown: str


def may_have(text: str) -> bool:
    """Return whether it is worth while to look closer; most texts are done with here."""
    if ("<" in text or "]" in text) and any(mark in text for mark in _TOKEN_MARKS):
        return True
    folded = text.lower()
    if any(mark in folded for mark in _MARKS) or any(form in text for form in _ENCODED):
        return True
    return not text.isascii() and any(form.search(text) for form in (_ZERO, _TAGS, _TURNED))


def hits(text: str) -> Iterator[Hit]:
    """Yield where a text speaks to a model, fifty times at most of each kind and way to hide."""
    around = _Around(text)
    yield from _few(_judged(around, *match.span()) for match in _PHRASE.finditer(text))
    yield from _few(_token(around, *match.span()) for match in _TOKEN.finditer(text))
    yield from _in_base64(text)
    if not text.isascii():
        yield from _invisible(text)


def _few(found: Iterable[Hit]) -> Iterator[Hit]:
    """Yield fifty of each kind, so that those in sight leave room for those that are hidden."""
    counts: Counter[str] = Counter()
    for hit in islice(found, _MOST_JUDGED):
        counts[hit.kind] += 1
        if counts[hit.kind] <= _MOST_HITS:
            yield hit


class _Around:
    """What stands in a text besides the phrases, looked for when it is first asked for."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _about(self) -> list[int]:
        return [match.start() for match in _ABOUT.finditer(self.text)]

    @cached_property
    def _unseen(self) -> list[int]:
        return [match.start() for match in _UNSEEN.finditer(self.text)]

    @cached_property
    def _code(self) -> list[tuple[int, int]]:
        blocks = () if _PAGE.search(self.text) else _BLOCK.finditer(self.text)
        return [one.span("code") for one in blocks if one["fence"] and one["open"] is None]

    def is_talk(self, start: int, end: int) -> bool:
        """Return whether a place in sight is quoted, or the text around is about such things."""
        at = bisect_left(self._about, start - _NEARBY)
        is_near = at < len(self._about) and self._about[at] < end + _NEARBY
        return is_near or _is_quoted(self.text, start, end)

    def is_code(self, start: int, end: int) -> bool:
        """Return whether a stretch lies within a block of code that has an end."""
        at = bisect_right(self._code, (start, len(self.text))) - 1
        return at >= 0 and self._code[at][0] <= start and end <= self._code[at][1]

    def hidden_in(self, start: int) -> str:
        """Return in what a place is hidden from who sees HTML; empty where it is in sight."""
        least = max(0, start - _LONGEST)
        opened = self.text.rfind("<!--", least, start)
        if opened >= 0 and self.text.find("-->", opened, start) < 0:
            return "a comment"
        at = bisect_left(self._unseen, least)
        if at < len(self._unseen) and self._unseen[at] < start and self._is_within(least, start):
            return "an element that is not shown"
        return ""

    def _is_within(self, least: int, start: int) -> bool:
        """Return whether an element that is not shown has begun and not ended."""
        ended: Counter[str] = Counter()
        for tag in reversed(list(_TAG.finditer(self.text, least, start))):
            name = tag[2].lower()
            if tag[1]:
                ended[name] += 1
            elif ended[name]:
                ended[name] -= 1
            elif name not in _EMPTY and _UNSEEN.search(f"{tag[3]} "):
                return True
        return False


def _judged(around: _Around, start: int, end: int) -> Hit:
    shown = " ".join(around.text[start:end].split())[:_SHOWN]
    where = around.hidden_in(start)
    if where:
        in_sight = around.is_code(start, end)  # but not for everybody, so no quotation
        return Hit("plain" if in_sight else "hidden", start, f"{shown} (in {where})")
    return Hit("quoted" if around.is_talk(start, end) else "plain", start, shown)


def _token(around: _Around, start: int, end: int) -> Hit:
    """Judge a control token; where it is hidden no words around it make it a quotation."""
    hidden = around.hidden_in(start) and not around.is_code(start, end)
    quoted = not hidden and around.is_talk(start, end)
    return Hit("quoted" if quoted else "token", start, around.text[start:end])


def _is_quoted(text: str, start: int, end: int) -> bool:
    """Return whether there is a quotation mark right in front, and one soon behind."""
    before = text[max(0, start - 1) : start]
    return bool(before) and before in _QUOTES and any(
        mark in text[end : end + 200] for mark in _QUOTES
    )  # fmt: skip


def _in_base64(text: str) -> Iterator[Hit]:
    for form in _ENCODED:
        at = text.find(form)
        for _ in range(_MOST_HITS):
            if at < 0:
                break
            run = _run(text, at)
            said = "\n".join(_decoded(run[start:]) for start in range(4))
            match = _PHRASE.search(said)
            if match is not None:
                yield Hit("hidden", at, f"{match[0][:_SHOWN]} (in Base64)")
            at = text.find(form, at + len(form))


def _run(text: str, at: int) -> str:
    """Return the run of Base64 around a place."""
    least = max(0, at - _LONGEST)
    start = at
    while start > least and _BASE64.match(text[start - 1]):
        start -= 1
    match = _BASE64.match(text, start, at + _LONGEST)
    return match[0] if match else ""


def _decoded(run: str) -> str:
    try:
        return a2b_base64(run[: len(run) // 4 * 4]).decode("utf-8", "replace")
    except (Error, ValueError):
        return ""


def _invisible(text: str) -> Iterator[Hit]:
    yield from islice(_without_marks(text), 1)
    for run in islice(_TAGS.finditer(text), _MOST_HITS):
        said = "".join(chr(ord(char) - 0xE0000) for char in run[0])
        match = _PHRASE.search(said)
        if match is not None:
            yield Hit("hidden", run.start(), f"{match[0][:_SHOWN]} (in tag characters)")
    for run in islice(_TURNED.finditer(text), _MOST_HITS):
        match = _PHRASE.search(run[1][::-1])
        if match is not None:
            yield Hit("hidden", run.start(), f"{match[0][:_SHOWN]} (written backwards)")


def _without_marks(text: str) -> Iterator[Hit]:
    """Yield phrases that marks without width stand in."""
    marks = [match.start() for match in _ZERO.finditer(text)]
    places = [at - number for number, at in enumerate(marks)]  # where the marks were
    for match in _PHRASE.finditer(_ZERO.sub("", text)) if marks else ():
        first = bisect_right(places, match.start())
        if first < len(places) and places[first] < match.end():
            yield Hit("hidden", marks[first], f"{match[0][:_SHOWN]} (without its marks)")
