"""Names of packages that are like popular ones: slips are told, popular names never are."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel import Report, Severity, scan, scan_bytes
from sentinel.formats.requirements.model import normal
from sentinel.rules.name_likeness import is_known, like, table, within_one, within_two
from tools import make_popular

UNRANKED = Path(__file__).parent / "unranked_names.txt.gz"
"""10,000 names drawn by `random.Random(28)` from all projects of PyPI less the ranking's."""
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-"


def of(text: str, name: str = "requirements.txt") -> list[tuple[str, Severity, str]]:
    found = scan_bytes(text.encode(), name).findings
    return [(one.rule_id, one.severity, one.message) for one in found if "SNT182" in one.rule_id]


def installed(folder: Path, text: str, name: str = "requirements.txt") -> Report:
    (folder / "MLmodel").write_text("flavors:\n  python_function:\n    loader_module: x\n")
    (folder / name).write_text(text)
    (found,) = [one for one in scan(folder) if one.artifact.endswith(name)]
    return found


def mutants(name: str, draw: random.Random) -> Iterator[str]:
    """Yield one text for each way of changing one letter, or two next to each other."""
    at, letter = draw.randrange(len(name)), draw.choice(LETTERS)
    yield name[:at] + name[at + 1 :]
    yield name[:at] + letter + name[at + 1 :]
    yield name[:at] + letter + name[at:]
    at = draw.randrange(len(name) - 1)
    yield name[:at] + name[at + 1] + name[at] + name[at + 2 :]


@pytest.mark.parametrize(
    ("name", "target", "severity"),
    [
        ("tensorfow", "tensorflow", Severity.MEDIUM), ("pytroch", "pytorch", Severity.MEDIUM),
        ("reqeusts", "requests", Severity.MEDIUM), ("numpyy", "numpy", Severity.MEDIUM),
        ("Hugging_Face-Hubs", "huggingface-hub", Severity.LOW),
        ("huggingfacehub", "huggingface-hub", Severity.MEDIUM),
        ("scikit-leam", "scikit-learn", Severity.MEDIUM),
        ("scikitlearn", "scikit-learn", Severity.MEDIUM),
        ("skicit-learn", "scikit-learn", Severity.LOW),
        ("learn-scikit", "scikit-learn", Severity.LOW),
        ("pyyam1", "pyyaml", Severity.MEDIUM), ("keras-3", "keras", Severity.LOW),
        ("openai-420", "openai", Severity.LOW), ("torch2", "torch", Severity.LOW),
        ("httpx2", "httpx", Severity.LOW), ("bitsnbytes", "bitsandbytes", Severity.LOW),
    ],
)  # fmt: skip
def test_a_name_with_little_changed_is_told(name: str, target: str, severity: Severity) -> None:
    (one,) = of(f"{name}==1.0\n")
    assert one[:2] == ("SNT1820", severity)
    assert f"{name} differs from {target} in" in one[2]
    assert of(f"{target}==1.0\n") == []


@pytest.mark.parametrize(
    "line",
    [
        "tensorfow @ https://h.invalid/tensorfow-1.0.tar.gz",  # not looked up by its name
        "git+https://h.invalid/tensorfow#egg=tensorfow",
        "acme-feature-store==1.0",  # like none
        "jaxs==1.0",  # too short to be sure of
        "nvidia-cuda-nvrtc-cu110==11.0",  # builds for another CUDA
        "cupy-cuda112==9.0",
        "tabplotlib==1.0",  # two letters, one of them the first
        "x" * 5000,
    ],
)
def test_these_are_like_no_other(line: str) -> None:
    assert of(f"{line}\n") == []


def test_names_of_conda_and_constraints_are_not_looked_up(tmp_path: Path) -> None:
    assert of("dependencies: [tensorfow=2.0]\n", "conda.yaml") == []
    (one,) = of("dependencies:\n- pip:\n  - tensorfow==2.0\n", "conda.yaml")
    assert one[0] == "SNT1820"
    (tmp_path / "constraints.txt").write_text("tensorfow==2.0\n")
    report = installed(tmp_path, "-c constraints.txt\nnumpy==2.0\n")
    assert not {one.rule_id for one in report.findings} & {"SNT1820", "SNT1821"}


def test_each_name_is_told_once_where_the_list_itself_has_it(tmp_path: Path) -> None:
    (tmp_path / "base.txt").write_text("tensorfow==2.0\n")
    (tmp_path / "requirements.txt").write_text("-r base.txt\nnumpy==2.0\nTensorfow==2.0\n")
    (found,) = scan(tmp_path / "requirements.txt")
    (one,) = [one for one in found.findings if one.rule_id == "SNT1820"]
    assert (one.location.line, one.location.member) == (3, "")


def test_little_known_packages_are_a_fact_where_a_server_installs_them(tmp_path: Path) -> None:
    text = "numpy==2.0\nacme-feature-store==1.0\nacme-models==2.0\n"
    (one,) = [f for f in installed(tmp_path, text).findings if f.rule_id == "SNT1821"]
    assert one.severity is Severity.INFO
    assert one.message.startswith("2 of 3 packages are not among the 14,9")
    assert one.evidence == "acme-feature-store, acme-models"
    assert one.location.line == 2
    assert of(text) == []  # people install that one by hand


def test_mutants_of_the_first_thousand_are_told() -> None:
    draw = random.Random(28)
    made = {
        normal(text).strip("-"): name
        for name, rank in table().ranks.items()
        if rank <= 1000 and len(name) >= 6
        for text in mutants(name, draw)
    }
    slips = [text for text, name in made.items() if text != name and not is_known(text)]
    assert len(slips) > 3000
    found = sum(like(text) is not None for text in slips)
    assert found >= 0.99 * len(slips)


def test_no_popular_name_is_told() -> None:
    names = [*table().ranks, *table().learning]
    assert len(table().ranks) > 14_900
    assert of("".join(f"{name}\n" for name in names)) == []


def test_few_names_that_nobody_ranks_are_told() -> None:
    names = gzip.decompress(UNRANKED.read_bytes()).decode("ascii").split()
    assert len(names) == 10_000
    assert not [name for name in names if name in table().ranks]
    found = [one for one in map(like, names) if one is not None]
    assert len(found) <= 100
    assert sum(one.near for one in found) <= 40


def distance(one: str, other: str) -> int:
    """Optimal string alignment as the textbook has it."""
    rows = [[max(a, b) for b in range(len(other) + 1)] for a in range(len(one) + 1)]
    for a in range(1, len(one) + 1):
        for b in range(1, len(other) + 1):
            costs = [rows[a - 1][b] + 1, rows[a][b - 1] + 1,
                     rows[a - 1][b - 1] + (one[a - 1] != other[b - 1])]  # fmt: skip
            if a > 1 and b > 1 and one[a - 1] == other[b - 2] and one[a - 2] == other[b - 1]:
                costs.append(rows[a - 2][b - 2] + 1)
            rows[a][b] = min(costs)
    return rows[-1][-1]


WORDS = st.text("abc-", min_size=1, max_size=9)


@given(WORDS, WORDS)
def test_distances_are_those_of_the_textbook(one: str, other: str) -> None:
    assert within_one(one, other) == (distance(one, other) <= 1)
    assert within_two(one, other) == (distance(one, other) <= 2)


@given(st.text(max_size=30), st.text("abcdefghijklmnop-_.019", max_size=120))
def test_any_text_has_an_answer(one: str, other: str) -> None:
    for text in (one, other):
        found = like(normal(text))
        assert found is None or is_known(found.target)


def test_the_tables_say_where_they_are_from() -> None:
    assert "ranking" in table().source
    assert table().date.startswith("20")
    assert len(table().learning) >= 200
    assert {"torch", "transformers", "scikit-learn"} <= table().learning
    for name in (*table().ranks, *table().learning):
        assert name == normal(name)


def test_the_table_is_made_of_a_published_ranking(tmp_path: Path) -> None:
    rows = [{"download_count": 9, "project": "Boto_3"}, {"download_count": 1, "project": "six"}]
    (tmp_path / "top.json").write_text(
        json.dumps({"last_update": "2026-11-01 08:00:00", "rows": [*rows, rows[1]]})
    )
    (tmp_path / "top.tsv").write_text("name\trank\textra\nsix\t2\t\nboto-3\t1\t\nnone\t\t\n")
    made = make_popular.text(*make_popular.ranking(tmp_path / "top.json"))
    assert made.splitlines()[1:] == ["# date: 2026-11-01", "# names: 2", "boto-3", "six"]
    names, date = make_popular.ranking(tmp_path / "top.tsv")
    assert (names, date) == (["boto-3", "six"], "")
    with pytest.raises(SystemExit):
        make_popular.text(names, date)
