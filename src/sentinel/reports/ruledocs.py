"""What the rules say about themselves, looked up only when a report needs it."""

from __future__ import annotations

from ..rules import Rule, all_rules, loaded_rules


class RuleDocs:
    """Names and documentation by rule id; empty texts for an id that is not known here."""

    __slots__ = ("_loaded", "_rules")

    def __init__(self) -> None:
        self._loaded: dict[str, Rule] | None = None
        self._rules: dict[str, Rule] | None = None

    @property
    def rules(self) -> dict[str, Rule]:
        """All rules by id."""
        if self._rules is None:
            self._rules = {rule.id: rule for rule in all_rules()}
        return self._rules

    def find(self, rule_id: str) -> Rule | None:
        """Return a rule; the others are imported only when it is none of those that judged."""
        if self._loaded is None:
            self._loaded = loaded_rules()
        return self._loaded.get(rule_id) or self.rules.get(rule_id)

    def name(self, rule_id: str) -> str:
        """Return the rule's short name."""
        rule = self.find(rule_id)
        return rule.name if rule else ""

    def summary(self, rule_id: str) -> str:
        """Return the first paragraph of the rule's documentation, on one line."""
        rule = self.find(rule_id)
        return first_paragraph(rule.doc) if rule else ""


def dedent(doc: str) -> str:
    """Return a docstring without the indentation of the source it stood in."""
    lines = doc.expandtabs().splitlines()
    margins = [len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()]
    margin = min(margins, default=0)
    return "\n".join([*lines[:1], *(line[margin:].rstrip() for line in lines[1:])]).strip()


def first_paragraph(doc: str) -> str:
    """Return the first paragraph of a docstring on one line."""
    return " ".join(dedent(doc).partition("\n\n")[0].split())
