"""All generated pages, and how they get to disk."""

from __future__ import annotations

import sys
from pathlib import Path

from sentinel.rules import all_rules

from .api import api_page
from .cli import cli_page
from .infotypes import infotypes_page
from .markdown import NOTE
from .reasons import reasons_page
from .schema import json_page
from .tables import formats_page, rule_page, rules_index, settings_page

DOCS = Path(__file__).resolve().parent.parent


def pages() -> dict[str, str]:
    """Return the text of every generated page by its path below docs/."""
    rules = all_rules()
    made = {f"reference/rules/{rule.id}.md": rule_page(rule) for rule in rules}
    made["reference/rules/index.md"] = rules_index(rules)
    made["reference/formats.md"] = formats_page()
    made["reference/settings.md"] = settings_page()
    made["reference/cli.md"] = cli_page()
    made["reference/api.md"] = api_page()
    made["reference/info-types.md"] = infotypes_page()
    made["reference/reasons.md"] = reasons_page()
    made["reference/json.md"] = json_page()
    return made


def stale(made: dict[str, str]) -> list[str]:
    """Return the pages on disk that are missing, differ, or should not be there."""
    found = {
        path.relative_to(DOCS).as_posix(): path.read_text(encoding="utf-8")
        for path in DOCS.rglob("*.md")
    }
    wrong = {name for name, text in made.items() if found.get(name) != text}
    left = {name for name, text in found.items() if text.startswith(NOTE) and name not in made}
    return sorted(wrong | left)


def main() -> int:
    """Write the pages, or with ``--check`` only say which are out of date."""
    made = pages()
    names = stale(made)
    if "--check" in sys.argv[1:]:
        print("\n".join(names))
        return int(bool(names))
    for name in names:
        path = DOCS / name
        if name in made:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made[name], encoding="utf-8")
        else:
            path.unlink()
    print(f"{len(names)} of {len(made)} pages written")
    return 0
