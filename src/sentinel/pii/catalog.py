"""The catalogue of info types and rules, read from ``data/pii/*.toml``.

A table of the files is an info type or a rule::

    [type.CREDIT_CARD]
    title = "payment card number"
    category = "financial"
    severity = "high"
    locale = ""                                # optional
    cues = ["card number", "credit card"]      # optional
    headers = ["card number", "cc number"]     # optional

    [[rule]]
    id = "card-grouped"
    type = "CREDIT_CARD"
    where = "text"                             # the default; or "cue", "column"
    pattern = '[3-6][0-9]{3}[ -][0-9]{4}[ -][0-9]{4}[ -][0-9]{4}'
    bounds = "word"                            # the default; or "token", "digits", "none"
    validator = "card"                         # optional
    context = ""                               # optional
    likelihood = "likely"
    cued = "very_likely"                       # optional, as likelihood by default
    literals = []                              # optional
    gate = ''                                  # optional
    ignore_case = false                        # the default
    multiline = false                          # the default
    mark = ""                                  # optional, and then also near
    near = 0

The schema is closed: an unknown key or name is an error, found by the tests.
"""

from __future__ import annotations

import json
import os
import zlib
from functools import cache
from typing import Any, NamedTuple

from ..findings import Severity
from .model import InfoType, Likelihood, Rule

_DIRECTORY = os.path.join(os.path.dirname(os.path.dirname(__file__)), "data", "pii")
COMPILED = "catalog.json"
_FILES = ("providers", "credentials", "financial", "identifiers", "contact", "people")


class Catalog(NamedTuple):
    """All that is looked for.

    Attributes:
        types: Info types by name.
        rules: Rules in the order of the files; of two that match the same bytes the longer wins,
            then the earlier.
        cue_patterns: See ``cue_search.patterns``, for all types; empty where they must be made.
    """

    types: dict[str, InfoType]
    rules: tuple[Rule, ...]
    cue_patterns: tuple[str, ...] = ()


@cache
def catalog() -> Catalog:
    """Return the catalogue that comes with the package.

    Parsing the tables takes longer than the search of ten files, so what they say is kept beside
    them as JSON, with their checksum; where that differs the tables are parsed.
    """
    texts = _texts()
    try:
        with open(os.path.join(_DIRECTORY, COMPILED), "rb") as file:
            kept = json.load(file)
    except (OSError, ValueError):
        return parse(texts)
    if kept["crc32"] != checksum(texts):
        return parse(texts)
    return Catalog(
        {row[0]: _restored_type(row) for row in kept["types"]},
        tuple(_restored_rule(row) for row in kept["rules"]),
        tuple(kept["cue_patterns"]),
    )


def parse(texts: list[bytes]) -> Catalog:
    """Return what the tables say.

    Args:
        texts: Content of the files, in order.
    """
    import tomllib

    types: dict[str, InfoType] = {}
    rules: list[Rule] = []
    for text in texts:
        document = tomllib.loads(text.decode())
        for key, entry in document.get("type", {}).items():
            types[key] = _type(key, entry)
        rules += [_rule(entry) for entry in document.get("rule", ())]
    return Catalog(types, tuple(rules))


def compiled() -> str:
    """Return the text of the compiled catalogue; ``python -m tools.make_catalog`` writes it."""
    from .cue_search import cues_of, patterns

    texts = _texts()
    found = parse(texts)
    rows = {
        "crc32": checksum(texts),
        "types": list(found.types.values()),
        "rules": found.rules,
        "cue_patterns": patterns(cues_of(found.types, found.rules)),
    }
    return json.dumps(rows, separators=(",", ":")) + "\n"


def checksum(texts: list[bytes]) -> int:
    """Return the CRC-32 of the tables."""
    return zlib.crc32(b"".join(texts))


def _texts() -> list[bytes]:
    found = []
    for name in _FILES:
        with open(os.path.join(_DIRECTORY, f"{name}.toml"), "rb") as file:
            found.append(file.read())
    return found


def _restored_type(row: list[Any]) -> InfoType:
    name, title, category, severity, locale, cues, headers = row
    return InfoType(name, title, category, Severity(severity), locale, tuple(cues), tuple(headers))


def _restored_rule(row: list[Any]) -> Rule:
    levels = {"likelihood": Likelihood(row[7]), "cued": Likelihood(row[8])}
    named = dict(zip(Rule._fields, row, strict=True)) | levels
    return Rule(**{**named, "literals": tuple(row[9])})


def _type(name: str, entry: dict[str, Any]) -> InfoType:
    return InfoType(
        name,
        entry["title"],
        entry["category"],
        Severity[entry["severity"].upper()],
        entry.get("locale", ""),
        tuple(entry.get("cues", ())),
        tuple(entry.get("headers", ())),
    )


def _rule(entry: dict[str, Any]) -> Rule:
    likelihood = Likelihood[entry["likelihood"].upper()]
    return Rule(
        entry["id"],
        entry["type"],
        entry.get("where", "text"),
        entry["pattern"],
        entry.get("bounds", "word"),
        entry.get("validator", ""),
        entry.get("context", ""),
        likelihood,
        Likelihood[entry["cued"].upper()] if "cued" in entry else likelihood,
        tuple(entry.get("literals", ())),
        entry.get("gate", ""),
        entry.get("ignore_case", False),
        entry.get("multiline", False),
        entry.get("mark", ""),
        entry.get("near", 0),
    )
