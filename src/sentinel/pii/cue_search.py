"""Where in a text cues are that a value may be behind.

Most cues are plain words of languages and programs (``name``, ``call``, ``position``) with no value
behind them. So what is asked for first is a cue and, on its line, that without which no value can
be: a digit or an ``@``, or two words of a name. Only a few lines around that are searched for cues.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .cues import FILLERS, REACH, alternatives, cases, is_short, pieces, spelled
from .engines import Engine, Pattern
from .model import InfoType, Rule
from .spans import Compiled

# A value may be on the line below a cue and its colon.
_BELOW = r"[ \t*_\r]*:[ \t*_\r]*\n[ \t*_\r]*\n?"
_GAP = r"[ \t\"'`:=,;|<>()\[\]{}#*_/\\.?!~\x80-\xff-]"
_SPELLED = [word.decode() for word in FILLERS]
_FILLER = "(?i:" + alternatives(tuple(word) for word in _SPELLED) + ")"
_CAPITAL = alternatives(
    (word[0].upper(), *(f"[{letter.upper()}{letter}]" for letter in word[1:])) for word in _SPELLED
)
_BARE = r"[+(-]*[0-9@]"
# Counts of letters and words would be right, and make the automaton larger.
_WORD = r"[A-Za-z\x80-\xff_.%+#:/-]*(?:[ -][A-Za-z#:-]*){0,2}[0-9@]"
_WORDS = r"[A-Za-z\x80-\xff][^\x00-\x1f\"<>{}|;:@0-9]*(?:[Nn]o: ?)?[0-9@]"
_PARTICLES = "van der |van den |van |von |de la |de |da |dos |del |di |la |le |al-|el-|bin "
_NAMES = (
    r"[A-Z][A-Za-z'\x80-\xff-]*[A-Za-z\x80-\xff](?: [A-Z]\.)?"
    rf" (?:{_PARTICLES})?[A-Z\xc3-\xc5]"
)
_ANYTHING = "[sS]?[^A-Za-z]"


def _behind(value: str, joined: str = "") -> str:
    """Return what is between a cue and a value, up to the head of that.

    Args:
        value: Pattern of the head of a value behind a gap or a filler word.
        joined: Pattern of it right behind the cue; empty where there must be a gap.
    """
    gap = rf"(?:{_BELOW}{_GAP}*|{_GAP}+)"
    if not joined:
        return rf"[sS]?{gap}(?:{_FILLER}{_GAP}+)*(?:{value})"
    gap = rf"(?:{gap}|{_CAPITAL}{_GAP}+)"
    return rf"[sS]?(?:{joined}|{gap}(?:{_FILLER}{_GAP}+)*(?:{value}))"


# What is behind a short cue, and behind one that may be joined to what follows.
_NUMBER = f"{_BARE}|[+(]?[A-Za-z]{_WORD}"
_NUMBERS = (_behind(_NUMBER), _behind(_NUMBER, f"{_BARE}|[A-Z]{_WORD}"))
_FAR = (_behind(f"{_BARE}|{_WORDS}"), _behind(f"{_BARE}|{_WORDS}", f"{_BARE}|{_WORDS}"))
_NAME = (_behind(_NAMES), _behind(_NAMES, _NAMES))
_ANY = (_ANYTHING, f"(?:[A-Z]|{_ANYTHING})")

FAR = frozenset(("STREET_ADDRESS", "DATE_OF_BIRTH"))
"""Types of which a value may have its first digit behind several words."""
NAMED = frozenset(("PERSON",))
DIGITLESS = frozenset((
    "WANDB_KEY", "KAGGLE_KEY", "COMET_KEY", "PINECONE_KEY", "TOGETHER_KEY", "COHERE_KEY",
    "MISTRAL_KEY", "AWS_SECRET_KEY", "AZURE_STORAGE_KEY", "AZURE_OPENAI_KEY", "HEROKU_KEY",
    "DISCORD_TOKEN", "TWILIO_KEY", "MAILGUN_KEY", "BIC", "CRYPTO_ADDRESS", "IT_FISCAL_CODE",
    "MAC_ADDRESS", "VEHICLE_ID",
))  # fmt: skip
"""Types of which a value may hold no digit: keys, codes, addresses of hardware and of wallets."""

# The first digit of a value is nearer to its cue; but a cue may be in the words behind another.
_BEHIND = 512
_LONGEST_CUE = 80
_DENSE = 256  # hints in a chunk, from where on it is faster to go by cues alone


def cues_of(types: dict[str, InfoType], rules: Iterable[Rule]) -> dict[str, tuple[str, ...]]:
    """Return the cues by the name of their type, of types that have rules for text."""
    used = {rule.type for rule in rules if rule.where != "column"}
    return {name: kind.cues for name, kind in types.items() if kind.cues and name in used}


def patterns(cues: dict[str, tuple[str, ...]]) -> tuple[str, str]:
    """Return the pattern of all cues, and that of the hints at values behind them.

    The second matches wherever a value is behind a cue, from the byte in front of the cue, which
    there must be, to the head of the value.

    Args:
        cues: See ``Cues``.
    """
    kinds = (
        (cues.keys() - NAMED - DIGITLESS - FAR, _NUMBERS),
        (cues.keys() & FAR, _FAR),
        (cues.keys() & NAMED, _NAME),
        (cues.keys() & DIGITLESS, _ANY),
    )
    hints = []
    for names, (behind_short, behind) in kinds:
        words = cases(cues[name] for name in names)
        short = {word for word in words if is_short(word)}
        for chosen, tail in ((short, behind_short), (words - short, behind)):
            if chosen:
                hints.append(f"(?i:[^0-9A-Za-z]{alternatives(map(pieces, chosen))}){tail}")
    return spelled(cues.values()), "|".join(hints)


class CueSearch:
    """Finds the cues of a chunk that a value may be behind.

    Args:
        pattern: Pattern of all cues.
        engine: Has been given the hints at values behind them.
    """

    def __init__(self, pattern: str, engine: Engine) -> None:
        self._text, self._engine = pattern, engine
        self._plain: Compiled | None = None

    def spans(self, chunk: bytes) -> Iterator[tuple[int, int]]:
        """Yield where each cue begins and ends, the byte in front of it included."""
        ends = self._engine.hinted(chunk)
        if ends is None:
            yield from (cue[0] for cue in self._pattern().all(chunk))
            return
        find, size = self._pattern().find, len(chunk)
        seen = at = 0
        for count, end in enumerate(ends):
            if count == _DENSE:
                yield from self._from(chunk, at, seen)
                return
            low, limit = max(seen, end - _BEHIND), min(end + _LONGEST_CUE, size)
            at = max(at, _line(chunk, low, end))
            start, cue_end = find(chunk, at, limit)[0]
            while 0 <= start < end:
                at = cue_end
                if start >= low:
                    yield start, at
                start, cue_end = find(chunk, at, limit)[0]
            seen = end - 1

    def _from(self, chunk: bytes, at: int, seen: int) -> Iterator[tuple[int, int]]:
        """Yield all cues from where to search, and of these those from where none was seen."""
        find, size = self._pattern().find, len(chunk)
        start, end = find(chunk, at, size)[0]
        while start >= 0:
            if start >= seen:
                yield start, end
            start, end = find(chunk, end, size)[0]

    def _pattern(self) -> Compiled:
        if self._plain is None:
            self._plain = self._engine.compiled(Pattern(self._text, (), ignore_case=True))
        return self._plain


def _line(chunk: bytes, low: int, end: int) -> int:
    """Return where to search from for the cues of a value whose head ends at ``end``."""
    line = chunk.rfind(b"\n", low, end)
    if line >= 0 and chunk[max(0, line - REACH) : line].rstrip(b" \t*_\r\n")[-1:] != b":":
        return line
    # From some way before, where a cue may begin that goes on to here.
    return max(0, low - _LONGEST_CUE)
