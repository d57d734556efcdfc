"""Cues: the words in front of a value that say what it is.

A number of nine digits means nothing, ``BSN: 123456782`` does. Weak shapes are only looked for
right behind a cue of their type, which is also what makes the scan fast: most text has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

REACH = 44
"""Bytes that may lie between a cue and its value."""

_MOST_FILLERS = 4
_SHORT = 5
_GAP_WITHIN = "[ _-]{0,2}"
_END = r"(?:\b|_|s\b)"
_GAP = frozenset(b" \t\"'`:=,;|<>()[]{}#*_/\\-.?!~\xc2\xa0")
_BREAKS = frozenset(b"\r\n")
_OPENERS = frozenset(b"+(-")
_WORD = re.compile(rb"[A-Za-z\xc3\x80-\xbf]+")
_LETTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_VALUE_STARTS = _LETTERS | frozenset(b"0123456789") | _OPENERS
FILLERS = frozenset(
    b"""is was are be will as has had number numbers num no nr nos at on of my our your his her
    their the a an and or id ids code value string text data in for to with ending starting
    valid current new old field key attr name td th tr span div b i strong em p li br label option
    ist war lautet nummer meine mein die der das von est numero mon ma le la du de es mi el los un
    una het mijn van is nummer jest numer meu minha o os e il mio mia della del di n do da dos das
    au mit numaram type pref voice cell home work des du cliente client customer kunde kunden user
    holder owner patient employee""".split()
)
"""Words that may stand between a cue and its value."""


class Cues:
    """The types that each cue is one of.

    Args:
        cues: Lower-case words with single spaces between them, by info type.
    """

    def __init__(self, cues: dict[str, tuple[str, ...]]) -> None:
        self._cues = cues
        self._types: dict[bytes, tuple[str, ...]] = {}

    def types(self, found: bytes) -> tuple[str, ...]:
        """Return the info types of a match of ``spelled``."""
        if not self._types:
            self._fill()
        key = _key(found)
        for tried in (key, key[1:], key.removesuffix(b"s"), key[1:].removesuffix(b"s")):
            if tried in self._types:
                return self._types[tried]
        return ()

    def _fill(self) -> None:
        for name, words in self._cues.items():
            for key in {_key(case.encode()) for cue in words for case in _cases(cue)}:
                self._types[key] = (*self._types.get(key, ()), name)


def _cases(cue: str) -> set[str]:
    """Return the ways to write a cue; bytes of other letters than ASCII fold no case."""
    return {cue} if cue.isascii() else {cue, cue[:1].upper() + cue[1:], cue.title(), cue.upper()}


def _key(cue: bytes) -> bytes:
    return cue.translate(None, b" _-").lower()


def spelled(cues: Iterable[tuple[str, ...]]) -> str:
    """Return a pattern of cues and of the byte in front, which is neither letter nor digit."""
    return "(?:^|[^0-9A-Za-z])" + alternatives(map(_tokens, cases(cues)))


def cases(cues: Iterable[tuple[str, ...]]) -> set[str]:
    """Return the spellings of cues that differ in more than the case of ASCII letters."""
    return {case for group in cues for cue in group for case in _cases(cue)}


def is_short(cue: str) -> bool:
    """Return True for a cue that must not be the start of a longer word."""
    return len(cue) < _SHORT and cue.isascii() and cue[-1].isalnum()


def pieces(cue: str) -> tuple[str, ...]:
    """Return the pieces of the pattern of a cue: letters and gaps."""
    found: list[str] = []
    for word in cue.replace("-", " ").split():
        found += [_GAP_WITHIN] * bool(found) + [re.escape(letter) for letter in word]
    return tuple(found)


def _tokens(cue: str) -> tuple[str, ...]:
    return (*pieces(cue), _END) if is_short(cue) else pieces(cue)


def alternatives(words: Iterable[tuple[str, ...]]) -> str:
    """Return a pattern of words that begin alike only once, for ``re`` tries one after the other.

    Of two that begin at the same place the longer one is matched. A gap within one may be in
    another, too: a longer word must not be hidden by a shorter one with a gap.

    Args:
        words: The pieces of the pattern of each.
    """
    root: dict[str, Any] = {}
    for word in words:
        node, gap = root, False
        for piece in word:
            if piece == _GAP_WITHIN:
                gap = True
                continue
            node = node.setdefault(piece, {})
            if gap:
                node[_GAP_WITHIN] = {}  # it stands in front of the piece
            gap = False
        node[""] = {}
    return _branches(root)


def _branches(node: dict[str, Any]) -> str:
    texts = []
    for piece in sorted(node, key=lambda piece: (piece == _END, piece)):
        if piece and piece != _GAP_WITHIN:
            gap = _GAP_WITHIN if _GAP_WITHIN in node[piece] else ""
            texts.append(gap + piece + _branches(node[piece]))
    if "" in node and texts:
        return f"(?:{'|'.join(texts)})?"
    return texts[0] if len(texts) == 1 else f"(?:{'|'.join(texts)})" if texts else ""


def is_free(data: bytes, end: int) -> bool:
    """Return True when the cue that ends here is not the start of a longer word."""
    if end >= len(data):
        return True
    after = data[end]
    if after not in _LETTERS:
        return True
    # A plural is the same cue, and camel case starts a new word.
    if after in b"sS" and data[end + 1 : end + 2] not in (b"",) and data[end + 1] not in _LETTERS:
        return True
    return 0x41 <= after <= 0x5A and 0x61 <= data[end - 1] <= 0x7A


def starts_after(data: bytes, end: int) -> Iterator[int]:
    """Yield the offsets where a value may start behind a cue that ends at ``end``.

    Between the two are punctuation and at most four filler words, on one line; or a colon, and the
    value is on the next line.
    """
    position, fillers, limit = end, 0, min(len(data), end + REACH)
    if position < limit and data[position] in b"sS":
        position += 1
    while position < limit:
        byte = data[position]
        if byte in _VALUE_STARTS and (byte not in _OPENERS or _opens(data, position)):
            yield position
            if byte in _OPENERS:
                position += 1
                continue
            word = _WORD.match(data, position, limit)
            if word is None or fillers == _MOST_FILLERS or word[0].lower() not in FILLERS:
                return
            fillers += 1
            position = word.end()
        elif byte in _GAP or byte >= 0x80 or (byte in _BREAKS and _goes_on(data, end, position)):
            position += 1
        else:
            return


def _goes_on(data: bytes, end: int, position: int) -> bool:
    """Return True at a line end behind a cue and its colon, with no more than one empty line."""
    between = data[end:position].strip(b" \t*_\r\n")
    return between == b":" and data.count(b"\n", end, position) < 2


def _opens(data: bytes, position: int) -> bool:
    after = data[position + 1 : position + 2]
    return after.isdigit() or (after == b"(" and data[position] == 0x2B)
