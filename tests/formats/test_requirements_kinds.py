"""Lists of packages of other kinds: conda's, MLflow's, tables of projects, setup files."""

from __future__ import annotations

from pathlib import Path

import pytest

from sentinel.formats.dependency_names import is_list, kind_of
from sentinel.formats.requirements.conda import read_spec
from sentinel.formats.requirements.model import Clause
from tests.formats.requirements_kit import COMMIT, SECRET, read, read_file

CONDA = """\
channels:
- conda-forge
dependencies:
- python=3.11.5
- conda-forge::scipy=1.11=py311_0
- pip<=24.0
- pip:
  - mlflow==3.18.0
  - "scikit-learn==1.9.1"
  - x @ git+https://h.invalid/o/x@main   # why
- numpy>=1.20
name: mlflow-env
"""


def test_condas_packages_and_pips_within() -> None:
    found, gaps = read(CONDA, "conda.yaml")
    assert not gaps
    told = [(one.section, one.name, one.pin, one.line) for one in found.requirements]
    assert told == [
        ("conda", "python", "3.11.5", 4), ("conda", "scipy", "1.11", 5), ("conda", "pip", "", 6),
        ("pip", "mlflow", "3.18.0", 8), ("pip", "scikit-learn", "1.9.1", 9), ("pip", "x", "", 10),
        ("conda", "numpy", "", 11),
    ]  # fmt: skip
    assert [(one.kind, one.value) for one in found.options] == [
        ("channel", "conda-forge"), ("channel", "conda-forge"),
    ]  # fmt: skip


def test_conda_in_other_spellings_of_yaml() -> None:
    yaml = pytest.importorskip("yaml")
    flow = '{"dependencies": ["python=3.11", {"pip": ["a==1", "--pre"]}], "channels": ["c"]}'
    block = "dependencies:\n  - pip:\n      - |\n        a==1\n        --pre\n  - python=3.11\n"
    anchored = "x: &a a==1\ndependencies:\n- python=3.11\n- pip: [*a, --pre]\n"
    mixed = "channels: [c]\ndependencies: [{pip: [a==1, --pre]}, python=3.11,\n  ]\nname: x\n"
    indented = (
        "dependencies:\n    -   pip:\n        -   a==1\n        -   --pre\n    -   python=3.11\n"
    )
    backwards = '{"channels": ["c"], "dependencies": [{"pip": ["a==1", "--pre"]}, "python=3.11"]}'
    for text in (flow, block, anchored, mixed, indented, backwards):
        assert yaml.safe_load(text)
        found, gaps = read(text, "environment.yml")
        assert not gaps, text
        assert {(one.section, one.name) for one in found.requirements} == {
            ("pip", "a"), ("conda", "python"),
        }, text  # fmt: skip
        assert "pre" in {one.kind for one in found.options}, text


@pytest.mark.parametrize(
    "text",
    ["dependencies:\n- *unknown\n", "dependencies:\n- pip:\n  - 'a==1\n",
     "dependencies:\n- npm:\n  - left-pad\n", "<<: *x\ndependencies: [a]\n",
     "? dependencies\n: - x @ git+https://h.invalid/x\n",
     "dependencies:\n- ? pip\n  : - x @ git+https://h.invalid/x\n",
     "dependencies:\n- !!binary eD09MQ==\n", "dependencies:\n- pip: !!python/tuple [a==1]\n",
     "".join(f"{' ' * n}k{n}:\n" for n in range(20)) + "dependencies:\n- pip: [x]\n"],
)  # fmt: skip
def test_what_is_not_understood_of_conda_is_a_gap(text: str) -> None:
    _, gaps = read(text, "conda.yaml")
    assert gaps


@pytest.mark.parametrize(
    ("text", "name", "clauses", "channel"),
    [
        ("numpy", "numpy", (), ""),
        ("numpy=1.26.4=py311h64a7726_0", "numpy", (Clause("=", "1.26.4"),), ""),
        ("numpy 1.26.*", "numpy", (Clause("=", "1.26.*"),), ""),
        ("numpy>=1,<2", "numpy", (Clause(">=", "1"), Clause("<", "2")), ""),
        ("conda-forge/linux-64::numpy==1.26", "numpy", (Clause("==", "1.26"),), "conda-forge"),
        ("numpy[version='>=1.7']", "numpy", (Clause(">=", "1.7"),), ""),
    ],
)
def test_condas_specifications(
    text: str, name: str, clauses: tuple[Clause, ...], channel: str
) -> None:
    found, where = read_spec(text)
    assert (found.name, found.clauses, where) == (name, clauses, channel)


def test_mlflows_environment() -> None:
    text = (
        "python: 3.11.5\nbuild_dependencies:\n- pip==24.0\n- setuptools\ndependencies:\n"
        "- -r requirements.txt\n- a==1\n"
    )
    found, gaps = read(text, "python_env.yaml")
    assert [(one.section, one.name, one.line) for one in found.requirements] == [
        ("build", "pip", 3), ("build", "setuptools", 4), ("pip", "a", 7),
    ]  # fmt: skip
    assert not gaps
    assert [(one.target, one.outcome) for one in found.includes] == [
        ("requirements.txt", "elsewhere")
    ]


def test_the_tables_of_a_project() -> None:
    text = f"""
[build-system]
requires = ["hatchling>=1"]
[project]
dependencies = ["a==1", "b @ git+https://h.invalid/b"]
[project.optional-dependencies]
x = ["c"]
[dependency-groups]
dev = ["d", {{include-group = "x"}}]
[tool.poetry.dependencies]
python = "^3.11"
e = "^1.2"
f = {{git = "https://h.invalid/f.git", rev = "{COMMIT}"}}
[[tool.poetry.source]]
name = "s"
url = "https://u:{SECRET}@h.invalid/simple"
[[tool.uv.index]]
url = "https://h2.invalid/simple"
default = true
"""
    found, gaps = read(text, "pyproject.toml")
    assert not gaps
    told = {one.name: (one.section, one.line) for one in found.requirements}
    assert told["hatchling"] == ("build", 3)
    assert told["b"] == ("pip", 5)
    assert (told["c"][0], told["d"][0], told["e"][0]) == ("extra", "extra", "pip")
    assert "python" not in told
    (f,) = [one for one in found.requirements if one.name == "f"]
    assert f.source is not None
    assert f.source.fixed
    assert [(one.kind, one.host) for one in found.options] == [
        ("extra-index", "h.invalid"), ("index", "h2.invalid"),
    ]  # fmt: skip
    assert SECRET not in repr(found)


def test_setup_files() -> None:
    text = "[options]\ninstall_requires =\n    a==1\n    b; os_name=='nt'\nsetup_requires = c\n"
    found, gaps = read(text, "setup.cfg")
    assert not gaps
    assert [(one.section, one.name) for one in found.requirements] == [
        ("pip", "a"), ("pip", "b"), ("build", "c"),
    ]  # fmt: skip
    code = (
        "import setuptools\nBASE = ['a==1']\nsetuptools.setup(install_requires=BASE + ['b'],\n"
        "  extras_require={'x': ['c']}, dependency_links=['http://h.invalid/l'])\n"
    )
    found, gaps = read(code, "setup.py")
    assert not gaps
    assert {(one.section, one.name, one.line) for one in found.requirements} == {
        ("pip", "a", 2), ("pip", "b", 3), ("extra", "c", 4),
    }  # fmt: skip
    assert [one.kind for one in found.options] == ["find-links"]


def test_lists_that_projects_take_in(tmp_path: Path) -> None:
    (tmp_path / "deps.txt").write_text("a==1\n--pre\n")
    (tmp_path / "pyproject.toml").write_text(
        "[tool.setuptools.dynamic]\ndependencies = {file = ['deps.txt']}\n"
        "optional-dependencies.x = {file = '../out.txt'}\n"
    )
    (tmp_path / "setup.cfg").write_text("[options]\ninstall_requires = file: deps.txt\n")
    for name in ("pyproject.toml", "setup.cfg"):
        found, gaps = read_file(tmp_path / name)
        assert [(one.name, one.file) for one in found.requirements] == [("a", "deps.txt")]
        assert [one.kind for one in found.options] == ["pre"]
        assert bool(gaps) == (name == "pyproject.toml")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("requirements.txt", "requirements"), ("requirements-dev.txt", "requirements"),
        ("dev-requirements.txt", "requirements"), ("requirements_gpu.in", "requirements"),
        ("constraints.txt", "requirements"), ("requirements/base.txt", "requirements"),
        ("conda.yaml", "conda"), ("environment.yml", "conda"), ("python_env.yaml", "python-env"),
        ("pyproject.toml", "pyproject"), ("setup.cfg", "setup-cfg"), ("setup.py", "setup-py"),
        ("notes.txt", ""), ("vocab.txt", ""), ("merges.txt", ""), ("config.yaml", ""),
        ("requirements.md", ""), ("base.txt", ""), ("myrequirements.txt", ""),
    ],
)  # fmt: skip
def test_names(name: str, kind: str) -> None:
    assert kind_of(name) == kind
    assert is_list(name) == (kind == "requirements")
