"""The pages about rules, formats and settings, out of their tables."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from sentinel.formats import FORMATS, Format
from sentinel.limits import GIB, MIB
from sentinel.rules import RULES_VERSION, Rule
from sentinel.settings import Settings
from sentinel.settings.schema import KEYS, LIMITS, Key

from .markdown import NOTE, code, dedent, table
from .notes import Note, notes

FAMILIES = {
    "10": "Container and coverage",
    "11": "Pickle",
    "12": "Archives",
    "13": "Graph formats",
    "14": "Templates and code",
    "15": "Tokenizers",
    "16": "Model cards",
    "17": "Weights",
    "18": "Supply chain",
    "19": "Secrets and personal data",
    "20": "Datasets",
    "21": "Trust",
}
EXTRA_FORMATS = frozenset({"zstd", "lz4"})


def rule_page(rule: Rule) -> str:
    """Return the page of one rule."""
    facts = [
        ("severity", rule.severity.label),
        ("formats", ", ".join(map(code, rule.formats))),
        ("weakness", f"[{rule.cwe}]({_cwe(rule.cwe)})" if rule.cwe else "none named"),
    ]
    return (
        f"{NOTE}# {rule.id}: {rule.name}\n\n{table(('', ''), facts)}\n{dedent(rule.doc)}\n\n"
        f"Accept a finding of this rule for one file with a "
        f"[suppression](../../guides/settings.md#suppressions).\n"
    )


def _cwe(name: str) -> str:
    return f"https://cwe.mitre.org/data/definitions/{name.rpartition('-')[2]}.html"


def rules_index(rules: Sequence[Rule]) -> str:
    """Return the list of all rules, by family."""
    parts = [f"{NOTE}# Rules\n\nVersion {RULES_VERSION}. An id is never reused.\n"]
    for prefix, title in FAMILIES.items():
        rows = [
            (f"[{rule.id}]({rule.id}.md)", rule.name, rule.severity.label, first_line(rule.doc))
            for rule in rules
            if rule.id[3:5] == prefix
        ]
        if rows:
            head = ("id", "name", "severity", "what it says")
            parts.append(f"\n## {title}\n\n{table(head, rows)}")
    return "".join(parts)


def first_line(doc: str) -> str:
    """Return the first sentence or line of a docstring, fit for a table."""
    paragraph = dedent(doc).partition("\n\n")[0]
    return " ".join(paragraph.split()).replace("|", "\\|")


def formats_page() -> str:
    """Return the table of formats."""
    head = ("format", "what it is", "suffixes", "read")
    rows = (
        (code(entry.name), entry.title, " ".join(map(code, entry.suffixes)), how_read(entry))
        for entry in FORMATS
    )
    return (
        f"{NOTE}# Formats\n\n"
        "The content of a file decides what it is read as; its suffix counts only where the "
        "content names no format. A file that is several formats at once is read as each of them. "
        "A format that is *not yet* read is recognised and reported as "
        "[incomplete](../concepts/coverage.md), never as clean.\n\n"
        f"{table(head, rows)}\n"
        "`pip install 'sentinel-mlsecops[archives]'` adds the readers marked so; without them such "
        "a file is incomplete and the report names the extra.\n\n"
        "## What is judged, and what is not seen\n\n"
        "*Bytes needed* is what is read of an ordinary file. What is *not seen* is not part of "
        "the verdict; where it could run something, the file is incomplete.\n\n"
        f"{table(('format', 'judged', 'bytes needed', 'not seen'), map(noted, FORMATS))}"
    )


def noted(entry: Format) -> tuple[str, ...]:
    """Return the row of one format in the table of what is judged."""
    unread = Note("nothing", "the first few", "all of it (incomplete)")
    note = notes().get(entry.name, Note("", "", "") if entry.parse else unread)
    return (code(entry.name), *note)


def how_read(entry: Format) -> str:
    """Say whether a format is read, and what that takes."""
    if not entry.parse:
        return "not yet"
    return "with `[archives]`" if entry.name in EXTRA_FORMATS else "yes"


def settings_page() -> str:
    """Return the tables of settings and limits."""
    head = ("key", "environment", "default", "meaning")
    return (
        f"{NOTE}# Settings\n\n"
        "The same keys in `sentinel.toml`, in `[tool.sentinel]` of `pyproject.toml`, as variables "
        "of the environment and, with `--` before them, as [options](cli.md). An option beats a "
        "variable, a variable beats a file. The [guide](../guides/settings.md) says how to use "
        f"them.\n\n{table(head, map(setting, KEYS))}\n"
        "## Limits\n\nIn the table `[limits]`. Reaching one makes the file "
        "[incomplete](../concepts/limits.md), never clean. Sizes take `KB`, `MB`, `GB`, `TB`, each "
        f"a power of 1024.\n\n{table(head, map(setting, LIMITS))}"
    )


def setting(key: Key) -> tuple[str, ...]:
    """Return the row of one setting."""
    value = Settings().value(key)
    meaning = f"{key.help}: {' '.join(map(code, key.choices))}" if key.choices else key.help
    return code(key.name), code(key.variable), shown(value), meaning


def shown(value: object) -> str:
    """Return a default as the settings file would have it."""
    if value is None:
        return code("never")
    if isinstance(value, bool):
        return code(str(value).lower())
    if isinstance(value, IntEnum):
        return code(value.name.lower())
    if isinstance(value, int) and value >= MIB and value % MIB == 0:
        return code(f"{value // GIB}GB" if value % GIB == 0 else f"{value // MIB}MB")
    return code(str(value)) if value not in ("", ()) else "none"
