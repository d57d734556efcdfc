"""The hook for personal data, through the real pre-commit and prek."""

from __future__ import annotations

import json
import random
import re
import string
from pathlib import Path

import pytest

from tests.integrations.samples import BENIGN, HOSTILE
from tests.integrations.world import HOOKS, REV, Project, World

PII = "sentinel-pii-scan"
STEM = "453201511283"
ROWS = 200


def card(number: int) -> str:
    """Return a card number of a test range with its check digit."""
    digits = f"{STEM}{number:03}"
    total = 0
    for place, digit in enumerate(map(int, reversed(digits))):
        double = digit * 2 if place % 2 == 0 else digit
        total += double - 9 if double > 9 else double
    return f"{digits}{-total % 10}"


CARDS = [card(number) for number in range(ROWS)]
ORDERS = [f"{4 * 10**15 + number * 7919}" for number in range(ROWS)]


def table(name: str, values: list[str]) -> str:
    return "".join(
        f"{row}\n" for row in [f"id,{name}", *(f"{i},{v}" for i, v in enumerate(values))]
    )


def notebook(source: str) -> str:
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None,
            "source": [source]}  # fmt: skip
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


# Made here, so that no scanner of this repository takes it for a real one.
TOKEN = "hf_" + "".join(random.Random(3).choices(string.ascii_letters, k=34))


@pytest.fixture
def guarded(project: Project) -> Project:
    """A repository with all three hooks installed."""
    project.configure([*HOOKS, PII])
    return project


CASES = [
    ("customers.csv", table("card_number", CARDS), table("order_number", ORDERS)),
    ("customers.jsonl", "".join(f'{{"card": "{c}"}}\n' for c in CARDS),
     "".join(f'{{"order": "{o}"}}\n' for o in ORDERS)),
    ("train.ipynb", notebook(f'login(token="{TOKEN}")'),
     notebook('login(token=os.environ["HF_TOKEN"])')),
]  # fmt: skip


@pytest.mark.parametrize(("name", "bad", "good"), CASES, ids=[case[0] for case in CASES])
def test_personal_data_is_refused_and_its_twin_is_committed(
    guarded: Project, name: str, bad: str, good: str
) -> None:
    guarded.stage(f"data/{name}", bad)
    refused = guarded.commit()
    assert refused.code == 1
    assert refused.out.count("exit code: 1") == 1
    assert f"data/{name}" in refused.out
    assert "SNT19" in refused.out
    assert guarded.commits() == 0

    guarded.stage(f"data/{name}", good)
    accepted = guarded.commit()
    assert accepted.code == 0, accepted.out
    assert "Traceback" not in accepted.out


def test_what_was_found_is_accepted_with_the_entry_that_is_printed(guarded: Project) -> None:
    guarded.stage("data/customers.csv", table("card_number", CARDS))
    refused = guarded.commit()
    (entry,) = re.findall(r"^ *\[\[allow\]\]\n(?: *\w+ = .*\n)+", refused.out, re.M)
    guarded.stage(".sentinel-pii.toml", entry)
    unexplained = guarded.commit()
    assert unexplained.code == 1
    assert "allow 1 has no reason" in unexplained.out

    guarded.stage(".sentinel-pii.toml", entry.replace('reason = ""', 'reason = "made up"'))
    accepted = guarded.commit()
    assert accepted.code == 0, accepted.out
    assert "1 finding accepted, in data/customers.csv." in accepted.out

    guarded.stage("data/customers.csv", table("card_number", [*CARDS, card(500)]))
    assert guarded.commit().code == 1


def test_nothing_hides_behind_the_first_line_of_a_pointer(guarded: Project) -> None:
    head = "version https://git-lfs.github.com/spec/v1\n"
    guarded.stage("notes.txt", f'{head}login(token="{TOKEN}")\n')
    guarded.stage("chat_template.jinja", f"{head}{{{{ cycler.__init__.__globals__ }}}}")
    guarded.stage("local.env", f"# sentinel: allow[NOPE] x\nHF={TOKEN}\n")
    refused = guarded.commit()
    assert refused.code == 1
    for name in ("notes.txt", "chat_template.jinja", "local.env"):
        assert f"{name} · malicious" in refused.out


def test_no_value_is_ever_shown(guarded: Project) -> None:
    guarded.stage("customers.csv", table("card_number", CARDS))
    guarded.stage("login.py", f'login(token="{TOKEN}")\n')
    refused = guarded.commit()
    assert refused.code == 1
    assert STEM[:8] not in refused.out
    assert TOKEN[:10] not in refused.out


def test_the_three_together(guarded: Project) -> None:
    guarded.stage("model.pkl", BENIGN)
    guarded.stage("README.md", "A model.\n")
    assert guarded.commit().code == 0
    guarded.stage("model.pkl", HOSTILE)
    guarded.stage("customers.csv", table("card_number", CARDS))
    refused = guarded.commit()
    assert refused.out.count("exit code: 1") == len(HOOKS) + 1


def test_names_are_never_options(guarded: Project) -> None:
    for name in ("--config=evil.csv", "-o.csv", "a\nb.csv", "--full.csv"):
        guarded.stage(name, table("card_number", CARDS))
    refused = guarded.commit()
    assert refused.code == 1
    assert "Traceback" not in refused.out
    for shown in ("--config=evil.csv", "-o.csv", "a\\nb.csv", "--full.csv"):
        assert shown in refused.out


def test_an_ordinary_project_passes_in_silence(guarded: Project) -> None:
    guarded.stage("main.py", "import os\n\nprint(os.getcwd())\n")
    guarded.stage("logo.png", b"\x89PNG\r\n\x1a\n" + bytes(64))
    guarded.stage("blob.xyz", bytes(range(256)))
    done = guarded.commit()
    assert done.code == 0, done.out
    assert "main.py" not in done.out.partition("[main")[0]


def test_the_repository_can_be_tried(world: World, framework: str, tmp_path: Path) -> None:
    project = Project(world, tmp_path / "project", framework)
    project.stage("model.pkl", HOSTILE)
    project.stage("customers.csv", table("card_number", CARDS))
    trial = (framework, "try-repo", world.hooks, "--ref", REV, "--all-files")
    done = world.run(*trial, cwd=project.root)
    assert done.code == 1
    assert done.out.count("exit code: 1") == len(HOOKS) + 1
