"""Names in prose, found by a model that the user supplies.

Nothing else tells a name in running text from any other word. Models do it slowly and are wrong
about one in four (spaCy's small English model: precision 0.70, recall 0.64, 45 KB/s), so they look
at prose alone, at a sample of it, and only when they were asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from ..errors import UsageError

MOST = 200_000
"""Bytes of prose of one file that are looked at."""

Namer = Callable[[str], Iterator[tuple[int, int]]]
_LONGEST = 20_000


@lru_cache(maxsize=2)
def namer(model: str) -> Namer:
    """Return a function that yields the ``(start, end)`` of people's names in a text.

    Args:
        model: ``spacy:PATH`` or ``gliner:PATH``; the path is a directory with the model.

    Raises:
        UsageError: No such kind of model, its library is not installed, or it cannot be loaded.
    """
    kind, colon, path = model.partition(":")
    makers: dict[str, Callable[[str], Namer]] = {"spacy": _spacy, "gliner": _gliner}
    if kind not in makers or not colon or not path:
        raise UsageError(f"--ner {model!r} names no model", "e.g. --ner spacy:models/en_core_web")
    try:
        return makers[kind](path)
    except ImportError as error:
        missing = error.name or kind
        raise UsageError(f"--ner {kind} needs {missing}", f"pip install {missing}") from None
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UsageError(f"{path}: the model cannot be loaded: {reason}") from None


def _spacy(path: str) -> Namer:
    import spacy

    unused = ["tagger", "parser", "lemmatizer", "attribute_ruler", "senter", "textcat"]
    pipeline: Any = spacy.load(path, exclude=unused)

    def find(text: str) -> Iterator[tuple[int, int]]:
        for start in range(0, len(text), _LONGEST):
            for entity in pipeline(text[start : start + _LONGEST]).ents:
                if entity.label_ in ("PERSON", "PER"):
                    yield start + entity.start_char, start + entity.end_char

    return find


def _gliner(path: str) -> Namer:
    from gliner import GLiNER

    model: Any = GLiNER.from_pretrained(path, local_files_only=True)

    def find(text: str) -> Iterator[tuple[int, int]]:
        for start in range(0, len(text), 1_500):
            for entity in model.predict_entities(text[start : start + 1_500], ["person"]):
                yield start + entity["start"], start + entity["end"]

    return find
