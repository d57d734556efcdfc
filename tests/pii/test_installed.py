"""Ordinary files stay quiet: a slice of what is installed here, against a list kept by hand."""

from __future__ import annotations

from tests.pii.measure.installed import TRUE, measure

WRONG = TRUE.with_name("installed_wrong.txt")


def test_what_is_installed_has_few_wrong_findings() -> None:
    outcome = measure()
    assert outcome.files > 300
    assert outcome.megabytes > 3
    assert len(outcome.wrong) <= max(1, 0.1 * outcome.megabytes), outcome.wrong


def test_the_lists_name_type_and_file_and_do_not_overlap() -> None:
    right, wrong = (set(path.read_text().splitlines()) for path in (TRUE, WRONG))
    assert not right & wrong
    for line in right | wrong:
        kind, _, name = line.partition(" ")
        assert kind.isupper()
        assert "/" in name
