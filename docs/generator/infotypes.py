"""The page about what the detector of personal data looks for, out of its catalogue."""

from __future__ import annotations

from collections.abc import Iterable

from sentinel.pii.catalog import catalog
from sentinel.pii.checks import validators
from sentinel.pii.model import InfoType, Rule
from sentinel.pii.sources import SOURCES

from .markdown import NOTE, code, table

CATEGORIES = {
    "credentials": "Credentials",
    "financial": "Money",
    "government_id": "Numbers by which a state knows a person",
    "health": "Health",
    "contact": "Contact",
    "demographic": "Names and traits",
    "location": "Places",
    "network": "Networks",
}
_WHERE = {"text": "anywhere", "cue": "behind a cue", "column": "in a column or key"}


def infotypes_page() -> str:
    """Return the tables of info types, by category, and of what is read."""
    found = catalog()
    parts = [
        f"{NOTE}# Personal data and credentials\n\n"
        f"{len(found.types)} types, {len(found.rules)} rules. A value is told by its shape, its "
        "check digits, the words in front of it or the column it stands in; the likelihood says "
        "how much of that there is. *likely* and above is reported. `sentinel pii types` prints "
        "the list. Rules that apply only behind a cue or in a column of other countries are left "
        "out with `--locale`.\n"
    ]
    for category, title in CATEGORIES.items():
        types = sorted(one for one in found.types.values() if one.category == category)
        if types:
            head = ("type", "what it is", "severity", "country", "told by", "likelihood")
            rows = (_row(one, [r for r in found.rules if r.type == one.name]) for one in types)
            parts.append(f"\n## {title}\n\n{table(head, rows)}")
    head = ("source", "file names")
    rows = ((code(one.name), " ".join(map(code, (*one.suffixes, *one.names)))) for one in SOURCES)
    parts.append(
        "\n## What is read\n\nThe content decides before the name. What cannot be read is reported "
        f"as not scanned.\n\n{table(head, rows)}\nAll else is read as text. In text of Markdown, "
        "HTML and SQL, and in cells of notebooks, tables are judged by column as well: pipe "
        "tables, `<table>`, and the rows of `INSERT` and `COPY`.\n"
    )
    return "".join(parts)


def _row(entry: InfoType, rules: list[Rule]) -> tuple[str, ...]:
    levels = sorted({level for rule in rules for level in (rule.likelihood, rule.cued)})
    told = list(dict.fromkeys(map(_told, rules)))
    if not rules:
        told = ["the header of a column and its values"]
    ends = dict.fromkeys(one.label for one in (*levels[:1], *levels[-1:]))
    span = " to ".join(ends)
    return (
        code(entry.name), entry.title, entry.severity.label, entry.locale,
        _join(told), span.replace("_", " ") or "very likely",
    )  # fmt: skip


def _told(rule: Rule) -> str:
    where = _WHERE[rule.where]
    if not rule.validator:
        return f"shape, {where}"
    odds = validators()[rule.validator].odds
    check = "check" if odds == 1 else "check digits"
    return f"{check} {code(rule.validator)}, {where}"


def _join(parts: Iterable[str]) -> str:
    listed = list(parts)
    return "; ".join(listed[:4]) + ("; ..." if len(listed) > 4 else "")
