"""Lists of packages: what is read out of them, against pip's own reading and its neighbours'."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel import scan_bytes
from sentinel.artifacts import Artifact
from sentinel.errors import SentinelError
from sentinel.findings import Gap
from sentinel.formats.dependency_names import is_list, kind_of
from sentinel.formats.requirements import parse
from sentinel.formats.requirements.address import redacted
from sentinel.formats.requirements.conda import read_spec
from sentinel.formats.requirements.line import read_line
from sentinel.formats.requirements.model import Clause, Dependencies, Requirement
from sentinel.formats.requirements.options import read_options
from sentinel.formats.requirements.version import is_version
from sentinel.limits import Budget
from sentinel.readers import MemoryReader, open_file
from tests.fuzz import fuzz_requirements

SECRET = fuzz_requirements.SECRET
COMMIT = "1234567890abcdef1234567890abcdef12345678"


def read(text: str | bytes, name: str = "requirements.txt") -> tuple[Dependencies, list[Gap]]:
    data = text.encode() if isinstance(text, str) else text
    parsed = parse(Artifact(name, MemoryReader(data), asked=True), Budget())
    assert isinstance(parsed.model, Dependencies)
    return parsed.model, list(parsed.gaps)


def only(text: str, name: str = "requirements.txt") -> Requirement:
    found, gaps = read(text, name)
    assert not gaps
    (one,) = found.requirements
    return one


def read_file(path: Path, *, asked: bool = True) -> tuple[Dependencies, list[Gap]]:
    with open_file(path) as reader:
        parsed = parse(Artifact(str(path), reader, asked=asked), Budget())
    assert isinstance(parsed.model, Dependencies)
    return parsed.model, list(parsed.gaps)


@pytest.mark.parametrize(
    ("line", "pin"),
    [
        ("\\x==1.2.3 \\", "1.2.3"),
        ("x==1.2.3", "1.2.3"), ("x===odd", "odd"), ("x==1.0+cu126", "1.0+cu126"), ("x==2.*", ""),
        ("x>=1", ""), ("x~=1.2", ""), ("x", ""), ("x!=1", ""), ("x>=1,==1.4", "1.4"),
        ("x (==1.0)", "1.0"), ("x[a,b]==1.0 ; python_version < '3.12'", "1.0"),
    ],
)  # fmt: skip
def test_only_one_version_is_a_pin(line: str, pin: str) -> None:
    assert only(line).pin == pin


@pytest.mark.parametrize(
    ("line", "kind", "fixed"),
    [
        (f"x @ git+https://h/o/x@{COMMIT}", "vcs", True),
        (f"git+https://h/o/x.git@{COMMIT}#egg=x", "vcs", True),
        ("git+https://h/o/x.git@v1.0#egg=x", "vcs", False),
        (f"git+https://h/o/x.git@{COMMIT[:12]}#egg=x", "vcs", False),
        (f"git+https://h/o/x.git#egg=x@{COMMIT}", "vcs", False),
        (f"svn+https://h/o/x@{COMMIT}#egg=x", "vcs", False),
        (f"https://h/x-1.0.whl#sha256={'a' * 64}", "url", True),
        (f"https://h/x-1.0.whl#md5={'a' * 32}", "url", False),
        ("./x-1.0-py3-none-any.whl", "path", False),
        ("x-1.0-py3-none-any.whl", "path", False),
        ("-e .", "path", False),
        ("-e ./sub[extra]", "path", False),
        ("file:///opt/x", "path", False),
    ],
)
def test_where_a_package_comes_from(line: str, kind: str, fixed: bool) -> None:
    source = only(line).source
    assert source is not None
    assert (source.kind, source.fixed) == (kind, fixed)


def test_lines_are_joined_and_cut_as_pip_does() -> None:
    text = (
        "# coding: utf-8\na==1 # why\n\nb== \\\n2\nc==3 \\\n    --hash=sha256:aa \\\n"
        "    --hash sha256:bb\nd @ https://h/d#egg=d\n# e==5 \\\nf==6\n"
    )
    found, gaps = read(text)
    assert not gaps
    told = [(one.name, one.pin, one.line, len(one.hashes)) for one in found.requirements]
    assert told == [
        ("a", "1", 2, 0), ("b", "2", 4, 0), ("c", "3", 6, 2), ("d", "", 9, 0), ("f", "6", 11, 0)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "data",
    ["x==1\n".encode("utf-16"), "x==1\n".encode("utf-8-sig"), b"# coding: latin-1\nx==1 # \xe9\n",
     b"x==1 # \xe9\n", b"# -*- coding: utf-7 -*-\nx+AD0APQ-1\n"],
)  # fmt: skip
def test_encodings(data: bytes) -> None:
    found, gaps = read(data)
    assert not gaps
    assert [(one.name, one.pin) for one in found.requirements] == [("x", "1")]


def test_an_encoding_that_hides_the_rest_is_not_clean() -> None:
    report = scan_bytes(b"# coding: zlib\nx==1\n", "requirements.txt")
    assert report.coverage.gaps


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("-ihttps://h/s", ["index"]), ("--index-url=https://h", ["index"]),
        ("--pypi-url https://h", ["index"]), ("--extra-i https://h", ["extra-index"]),
        ("--find https://h --pre", ["find-links", "pre"]), ("--trusted h", ["trusted-host"]),
        ("-rother.txt", ["-r"]), ("--no-index", ["no-index"]), ("--no-bin :all:", ["build"]),
        ("-e ./x --config-settings a=b", ["-e", "build"]), ("--hash=sha256:aa", ["hash"]),
    ],
)  # fmt: skip
def test_options_are_told_as_pip_tells_them(text: str, kinds: list[str]) -> None:
    assert [one.kind for one in read_options(text)] == kinds


@pytest.mark.parametrize("line", ["--nonsense", "-x", "--pre=1", "--index-url", "--e x", "-i 'x"])
def test_an_option_that_pip_refuses_is_a_gap(line: str) -> None:
    found, gaps = read(f"a==1\n{line}\n")
    assert len(found.requirements) == 1
    assert len(gaps) == 1


def test_options_against_pips_own_parser() -> None:
    req_file = pytest.importorskip("pip._internal.req.req_file")
    texts = [
        "-i https://h", "-ihttps://h", "--index-url https://h", "--extra-index https://h",
        "--find-links=x", "-fx", "-rbase.txt", "-c c.txt", "--trusted-host h", "--trust h",
        "--require-hashes", "--require base.txt", "--no-index", "--pre", "--prefer-binary", "-e .",
        "--edit .", "--e .", "--hash=sha256:aa", "--no-b x", "--nonsense", "--only-b x", "-x y",
        "--pre --no-index -e x", "stray --pre", "--index-url", "-i 'a b'", "-i 'a",
    ]  # fmt: skip
    for text in texts:
        parser = req_file.build_parser()
        try:
            theirs = parser.parse_args(req_file.shlex.split(text))[0]
        except (req_file.OptionParsingError, ValueError):
            with pytest.raises(SentinelError):
                read_options(text)
            continue
        ours = {one.kind for one in read_options(text)}
        plain = req_file.build_parser().parse_args([])[0]
        names = {
            "index": "index_url", "extra-index": "extra_index_urls", "find-links": "find_links",
            "-r": "requirements", "-c": "constraints", "-e": "editables", "pre": "pre",
            "trusted-host": "trusted_hosts", "no-index": "no_index",
            "require-hashes": "require_hashes",
        }  # fmt: skip
        expected = {kind for kind, name in names.items()
                    if getattr(theirs, name, None) != getattr(plain, name, None)}  # fmt: skip
        assert expected <= ours, text


_PIECES = (
    "x", "X-1.y_z", "1x", "x-", "[a]", "[a, b]", "[]", "[a,]", " ", "==1.0", "==1.*", "===any",
    ">=1,<2",
    "~=1", "~=1.2", "!=1.2.*", "<1.*", ">=1.0a1", "==1.0.post1", "==1!2.0", "==1.0+local", ">1.0+l",
    "(>=1)", "(>=1, <2)", "()", ",", ", >1", "; python_version < '3'",
    ";os_name=='nt' and extra=='a'",
    "; (python_version<'3')", "; python_version", ";'a' in sys_platform", "; x == '1'", "@ https://h/x",
    " @ https://h/x ; os_name=='a'", "==v1.0", "==1.0-1", "==1.0.dev", "= 1", "== 1.0",
    ">= 1.0 , < 2", ";",
    "; python_full_version not in '3.1 3.2'", "é",
)  # fmt: skip


def test_names_and_conditions_are_those_of_packaging() -> None:
    requirements = pytest.importorskip("packaging.requirements")
    chance = random.Random(7)
    agreed = 0
    for _ in range(6_000):
        text = "x" + "".join(chance.choices(_PIECES, k=chance.randrange(0, 4)))
        if _deviates(text):
            continue
        try:
            theirs = requirements.Requirement(text)
        except requirements.InvalidRequirement:
            theirs = None
        try:
            ours = read_line(text)
        except SentinelError:
            ours = None
        if ours is not None and not ours.name.isascii():
            ours = None  # read, to say that the name deceives
        assert (ours is None) == (theirs is None), text
        if ours is None or theirs is None:
            continue
        agreed += 1
        assert (ours.name, set(ours.extras)) == (theirs.name, theirs.extras), text
        clauses = {(one.operator, one.version) for one in theirs.specifier}
        assert {tuple(one) for one in ours.clauses} == clauses, text
        assert (ours.source is not None) == (theirs.url is not None), text
    assert agreed > 500


def _deviates(text: str) -> bool:
    """Return True where pip's reading, which is followed, is not that of packaging alone."""
    # pip cuts at the first ';' and takes nothing behind it for no marker; packaging does not.
    # '===' takes anything up to white space in packaging, and pip has cut before it looks.
    nothing = re.search(r";\s*\Z", text) is not None
    return nothing or "===" in text or ("@" in text and ";" in text)


def test_versions_are_those_of_packaging() -> None:
    versions = pytest.importorskip("packaging.version")
    chance = random.Random(3)
    parts = ["1", "0", ".", "a", "rc", "post", "dev", "-", "_", "+", "!", "v", "alpha", "2026", "c"]
    for _ in range(4_000):
        text = "1" + "".join(chance.choices(parts, k=chance.randrange(0, 6)))
        try:
            versions.Version(text)
            theirs = True
        except versions.InvalidVersion:
            theirs = False
        assert is_version(text) == theirs, text


def test_against_the_other_reader_of_requirements_files(tmp_path: Path) -> None:
    other = pytest.importorskip("pip_requirements_parser")
    text = (
        "requests==2.31.0\nnumpy>=1.20,<2\ntorch[extra]==2.6.0 ; python_version < '3.13'\n"
        "flask==2.*\n"
        f"x @ git+https://h.invalid/o/x@{COMMIT}\n-e git+https://h.invalid/o/y#egg=y\n"
        "z @ https://h.invalid/z-1.0.tar.gz\na==1 --hash=sha256:aa --hash=sha256:bb\n"
        "b==2 \\\n  # c\nd==3 # e\n"
    )
    path = tmp_path / "requirements.txt"
    path.write_text(text)
    theirs = other.RequirementsFile.from_file(str(path))
    ours, gaps = read_file(path)
    assert not gaps
    assert not theirs.invalid_lines
    assert [one.key for one in ours.requirements] == [one.name for one in theirs.requirements]
    # Known deviation: it calls ==2.* pinned.
    differ = [mine.name for mine, yours in zip(ours.requirements, theirs.requirements, strict=True)
              if bool(mine.pin) != bool(yours.is_pinned) and mine.source is None]  # fmt: skip
    assert differ == ["flask"]
    counts = [len(one.hash_options) for one in theirs.requirements]
    assert [len(one.hashes) for one in ours.requirements] == counts


@pytest.mark.parametrize(
    "text",
    [
        "https://user:{}@h/x", "https://{}{}@h/x", "https://user:pa/{}@h/x", "git+https://u:{}@h/o/x@main",
        "https://h/x?token={}", "https://h/x?a=1&X-Amz-Signature={}", "--index-url https://u:{}@h:8080/s",
        "u:{}@h/simple", "x @ https://u:{}@h/x.whl", "git+ssh://git:{}@h/x", "HTTPS://U:{}@H/x",
        "https://u:@{}@h/x", "https://u:{}#@h/x", "--trusted-host u:{}@h", "-e git+https://u:{}@h/x#egg=x",
        "-r https://u:{}@h/r.txt", "x==1 --config-settings=u=https://u:{}@h", "x == https://u:{}@h",
        "--find-links https://h/?password={}", "--nonsense https://u:{}@h",
    ],
)  # fmt: skip
def test_no_login_is_told(text: str) -> None:
    line = text.replace("{}", SECRET)
    report = scan_bytes(f"{line}\n".encode(), "requirements.txt")
    assert SECRET not in repr(report)
    found, gaps = read(f"{line}\n")
    assert SECRET not in repr(found) + repr(gaps)


@pytest.mark.parametrize(
    "text",
    ["https://h/x", "git+ssh://git@github.com/o/x.git@main", "https://${USER}:${TOKEN}@h/x",
     "git+https://github.com/o/x@1234567#egg=x", "https://h:8080/x?version=3", "x==1.0"],
)  # fmt: skip
def test_what_is_no_login_stays(text: str) -> None:
    assert redacted(text) == text


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


def chain(folder: Path, names: list[str]) -> Path:
    for number, name in enumerate(names):
        following = f"-r {names[number + 1]}\n" if number + 1 < len(names) else ""
        (folder / name).write_text(f"p{number}==1\n{following}")
    return folder / names[0]


def test_a_chain_is_followed(tmp_path: Path) -> None:
    top = chain(tmp_path, [f"r{number}.txt" for number in range(6)])
    found, gaps = read_file(top)
    assert not gaps
    assert [(one.name, one.file) for one in found.requirements] == [
        ("p0", ""), ("p1", "r1.txt"), ("p2", "r2.txt"), ("p3", "r3.txt"), ("p4", "r4.txt"),
        ("p5", "r5.txt"),
    ]  # fmt: skip


def test_a_chain_that_is_too_deep_is_a_gap(tmp_path: Path) -> None:
    found, gaps = read_file(chain(tmp_path, [f"r{number}.txt" for number in range(30)]))
    assert 6 < len(found.requirements) < 30
    assert gaps


def test_a_circle_ends(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x==1\n-r b.txt\n-r a.txt\n")
    (tmp_path / "b.txt").write_text("y==1\n-r a.txt\n-c ./b.txt\n")
    found, gaps = read_file(tmp_path / "a.txt")
    assert not gaps
    assert [one.name for one in found.requirements] == ["x", "y"]
    assert {one.outcome for one in found.includes} == {"read", "cycle"}


def test_a_file_that_is_included_many_times_is_read_once(tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / f"r{number}.txt").write_text(f"p{number}==1\n" + f"-r r{number + 1}.txt\n" * 50)
    (tmp_path / "r9.txt").write_text("last==1\n")
    found, gaps = read_file(tmp_path / "r0.txt")
    assert not gaps
    assert len(found.requirements) == 10


@pytest.mark.parametrize(
    ("target", "outcome"),
    [
        ("../secret.txt", "outside"), ("sub/../../secret.txt", "outside"),
        ("/etc/passwd", "outside"),
        ("~/secret.txt", "outside"), ("link.txt", "outside"), ("linked/secret.txt", "outside"),
        ("https://h.invalid/r.txt", "address"), ("file:///etc/passwd", "address"),
        ("none.txt", "missing"), ("sub", "missing"), ("${HOME}/x.txt", "outside"),
        ("sub/inner.txt", "read"), ("sub/../sub/inner.txt", "read"),
    ],
)  # fmt: skip
def test_nothing_outside_of_the_folder_is_opened(
    tmp_path: Path, target: str, outcome: str
) -> None:
    folder = tmp_path / "model"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("secret-package==1\n")
    (folder / "sub" / "inner.txt").write_text("inner==1\n")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "linked").symlink_to(tmp_path)
    (folder / "requirements.txt").write_text(f"-r {target}\n")
    found, gaps = read_file(folder / "requirements.txt")
    assert [one.outcome for one in found.includes] == [outcome]
    assert "secret-package" not in repr(found)
    assert bool(gaps) == (outcome != "read")


def test_a_cache_of_links_is_one_folder(tmp_path: Path) -> None:
    blobs, snapshot = tmp_path / "blobs", tmp_path / "snapshots" / "abc"
    blobs.mkdir()
    snapshot.mkdir(parents=True)
    for name, text in {"requirements.txt": "-r more.txt\n", "more.txt": "x==1\n"}.items():
        (blobs / f"blob-{name}").write_text(text)
        (snapshot / name).symlink_to(f"../../blobs/blob-{name}")
    found, gaps = read_file(snapshot / "requirements.txt")
    assert not gaps
    assert [one.name for one in found.requirements] == ["x"]


def test_constraints_are_told_from_requirements(tmp_path: Path) -> None:
    (tmp_path / "pins.txt").write_text("x==1\n")
    (tmp_path / "requirements.txt").write_text("x\n-c pins.txt\ny\n")
    found, _ = read_file(tmp_path / "requirements.txt")
    assert [(one.name, one.section) for one in found.requirements] == [
        ("x", "pip"), ("x", "constraint"), ("y", "pip"),
    ]  # fmt: skip


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


@pytest.mark.parametrize("size", [1, 20_001])
def test_more_than_is_kept_is_no_clean_answer(size: int) -> None:
    report = scan_bytes(b"x==1\n" * size, "requirements.txt")
    assert bool(report.coverage.gaps) == (size > 1)


def test_a_file_that_is_too_long_is_not_read() -> None:
    report = scan_bytes(b"#" * (5 << 20), "requirements.txt")
    assert [gap.reason for gap in report.coverage.gaps] == ["limit"]


NAMES = ["requirements.txt", "conda.yaml", "pyproject.toml", "setup.cfg", "setup.py",
         "python_env.yaml"]  # fmt: skip


@given(st.text(max_size=60), st.sampled_from(NAMES))
@settings(max_examples=200, deadline=None)
def test_any_text_ends_in_facts_or_our_errors(text: str, name: str) -> None:
    fuzz_requirements.check(text.encode("utf-8", "replace"), name)


def test_ten_thousand_lines_of_nonsense() -> None:
    data = fuzz_requirements.lines(random.Random(11), 10_000)
    report = fuzz_requirements.check(data, "requirements.txt")
    assert report.coverage.gaps
    assert SECRET not in fuzz_requirements.told(report)


@pytest.mark.parametrize("name", ["requirements.txt", "conda.yaml", "pyproject.toml"])
def test_every_beginning_of_a_file(name: str) -> None:
    (data,) = [data for file, data in fuzz_requirements.seeds() if file == name][:1]
    for size in range(1, len(data), 7):
        fuzz_requirements.check(data[:size], name)


@pytest.mark.parametrize(
    "line",
    ["x" * 100_000, "x" + ",==1" * 30_000, "x;" + "(" * 60_000, "[" * 65_000, "x[" + "a," * 30_000,
     "git+" * 16_000, "x @ " + "a" * 60_000, "#" * 65_000, " " * 65_000 + "#", "://@" * 16_000,
     "x=='" * 16_000, "u:@" * 20_000, "\\\n" * 50_000, "--hash=x " * 7_000, "a-" * 32_000],
)  # fmt: skip
def test_long_lines_cost_little(line: str) -> None:
    fuzz_requirements.check(line.encode(), "requirements.txt")


def test_deep_structures_end_in_our_errors() -> None:
    for name, text in {
        "pyproject.toml": "a = " + "[" * 100_000,
        "conda.yaml": "dependencies: " + "[" * 100_000,
        "setup.py": "setup(install_requires=" + "[" * 5_000,
    }.items():
        assert fuzz_requirements.check(text.encode(), name).coverage.gaps, name
