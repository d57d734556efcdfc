"""Every rule is complete: id, name, documentation that helps, a case and its neighbour, a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sentinel import scan_bytes
from sentinel.findings import Severity
from sentinel.formats import BY_NAME
from sentinel.rules import FAMILIES, Rule, all_rules, rules_for
from tests.corpus.malicious import cases

ROOT = Path(__file__).resolve().parent.parent
RULES = all_rules()

ELSEWHERE = [path for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__)]

by_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


def test_there_are_rules() -> None:
    assert len(RULES) >= 10


@by_rule
def test_the_id_and_the_name_are_well_formed(rule: Rule) -> None:
    assert re.fullmatch(r"SNT(1[0-9]|2[01])\d\d", rule.id)
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", rule.name)
    if rule.severity >= Severity.MEDIUM:
        assert re.fullmatch(r"CWE-\d+", rule.cwe)
    assert rule.severity in Severity


def test_no_id_and_no_name_is_used_twice() -> None:
    modules = {family for names in FAMILIES.values() for family in names}
    sources = [(ROOT / "src" / "sentinel" / "rules" / f"{name}.py").read_text() for name in modules]
    ids = re.findall(r'@rule\(\s*"(SNT\d{4})"', "\n".join(sources))
    assert sorted(ids) == [rule.id for rule in RULES]
    assert len({rule.name for rule in RULES}) == len(RULES)


@by_rule
def test_the_formats_exist_and_their_rules_include_it(rule: Rule) -> None:
    assert rule.formats
    for name in rule.formats:
        # What the detector, the database of vulnerabilities and the validation of datasets say,
        # which are no formats.
        assert name in BY_NAME or name in ("pii", "advisories", "dataset")
        assert rule.id in {entry.id for entry in rules_for(name)}


@by_rule
def test_the_documentation_says_what_why_and_how_to_fix(rule: Rule) -> None:
    first, *rest = rule.doc.split("\n\n")
    assert first.strip().endswith(".")
    starts = [match[1] for part in rest if (match := re.match(r"\s*\*\*([\w ]+)\.\*\*", part))]
    assert starts == ["What", "Why it matters", "Fix"], rule.id


@by_rule
def test_it_has_a_page(rule: Rule) -> None:
    page = ROOT / "docs" / "reference" / "rules" / f"{rule.id}.md"
    assert page.is_file(), "run `make docs`"


@pytest.fixture(scope="module")
def shown() -> set[str]:
    """Rules that a case of the corpus triggers and its nearest benign neighbour does not."""
    found: set[str] = set()
    for case in cases():
        if case.twin is not None and not {rule.id for rule in RULES} <= found:
            hostile, benign = (
                {finding.rule_id for finding in scan_bytes(data, case.filename).findings}
                for data in (case.data, case.twin)
            )
            found |= hostile - benign
    return found


@by_rule
def test_it_has_a_malicious_case_and_a_benign_neighbour(rule: Rule, shown: set[str]) -> None:
    # Cases that are not whole pickles stand beside the tests of their format, under the rule's id.
    if rule.id not in shown:
        assert any(rule.id in path.read_text() for path in ELSEWHERE), rule.id
