"""The rules on packages: a hostile list line by line, lists beside models, and ordinary ones."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from sentinel import Finding, Report, Severity, Verdict, scan, scan_bytes
from sentinel.formats.requirements.line import read_line
from sentinel.rules.package_floors import floors_of, too_old

COMMIT = "1234567890abcdef1234567890abcdef12345678"
MLMODEL = "flavors:\n  python_function:\n    loader_module: mlflow.sklearn\n"
SECRET = "hunter2hunter2"
HOSTILE: list[tuple[str, set[str]]] = [
    ("requests==2.*", {"SNT1802", "SNT1803"}),
    ("numpy>=1.20", {"SNT1802"}),
    ("--extra-index-url https://pypi.evil.invalid/simple", {"SNT1804"}),
    ("--index-url http://mirror.invalid/simple", {"SNT1804", "SNT1805"}),
    ("--trusted-host mirror.invalid", {"SNT1806"}),
    ("--find-links https://files.evil.invalid/links.html", {"SNT1807"}),
    (f"--extra-index-url https://deploy:{SECRET}@pypi.evil.invalid/simple", {"SNT1804", "SNT1808"}),
    ("flash-attn @ git+https://github.com/evil/flash-attn@main", {"SNT1809"}),
    ("-e git+https://github.com/evil/tools.git#egg=tools", {"SNT1809"}),
    ("helper @ https://evil.invalid/helper-1.0-py3-none-any.whl", {"SNT1810"}),
    ("./wheels/local-1.0-py3-none-any.whl", {"SNT1811"}),
    ("-e ../outside/pkg", {"SNT1811"}),
    ("-r ../../common.txt", {"SNT1812"}),
    ("-c https://evil.invalid/constraints.txt", {"SNT1812"}),
    ("nump\u0443==1.26.4", {"SNT1813"}),
    ("acme-internal-utils==1.0", {"SNT1814", "SNT1821"}),
    ("--pre", {"SNT1815"}),
    ("torch==2.5.1", {"SNT1816"}),
    ("pandas==2.2.2 --config-settings='--build-option=evil'", {"SNT1819"}),
    ("git+http://github.com/evil/x.git@v1.0#egg=x", {"SNT1805", "SNT1809"}),
]
"""Twenty lines, and the rules that each must break."""


def model(folder: Path, text: str, name: str = "requirements.txt", about: str = MLMODEL) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "MLmodel").write_text(about)
    (folder / name).write_text(text)
    return folder


def report_of(folder: Path, name: str = "requirements.txt") -> Report:
    (found,) = [one for one in scan(folder) if one.artifact.endswith(name)]
    return found


def by_line(report: Report) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for finding in report.findings:
        for place in finding.locations:
            found.setdefault(place.line or 0, set()).add(finding.rule_id)
    return found


def ids(report: Report) -> dict[str, Severity]:
    return {one.rule_id: one.severity for one in reversed(report.findings)}


def of(text: str, name: str = "requirements.txt") -> dict[str, Severity]:
    return ids(scan_bytes(text.encode(), name))


def test_each_of_twenty_hostile_lines_breaks_its_rules(tmp_path: Path) -> None:
    assert len(HOSTILE) == 20
    text = "\n".join(line for line, _ in HOSTILE) + "\n"
    report = report_of(model(tmp_path / "model", text))
    assert by_line(report) == {number: rules for number, (_, rules) in enumerate(HOSTILE, 1)}
    assert SECRET not in repr(report)
    severities = ids(report)
    assert severities["SNT1809"] is Severity.HIGH
    assert severities["SNT1812"] is Severity.HIGH


def test_what_mlflow_writes_is_quiet(tmp_path: Path) -> None:
    pins = "mlflow==3.18.0\ncloudpickle==3.1.3\nnumpy==2.4.6\nscikit-learn==1.9.1\nscipy==1.17.1\n"
    about = MLMODEL + "  sklearn:\n    sklearn_version: 1.9.1\n"
    folder = model(tmp_path / "model", pins, about=about)
    (folder / "conda.yaml").write_text(
        "channels:\n- conda-forge\ndependencies:\n- python=3.11.5\n- pip<=24.0\n- pip:\n"
        + "".join(f"  - {pin}\n" for pin in pins.split())
        + "name: mlflow-env\n"
    )
    (folder / "python_env.yaml").write_text(
        "python: 3.11.5\nbuild_dependencies:\n- pip==24.0\n- setuptools\n- wheel==0.42.0\n"
        "dependencies:\n- -r requirements.txt\n"
    )
    reports = scan(folder)
    assert {one.formats for one in reports} == {("bundle",), ("requirements",)}
    assert len(reports) == 4
    for report in reports:
        assert report.verdict is Verdict.CLEAN
        assert set(ids(report)) <= {"SNT1803"}


@pytest.mark.parametrize(
    ("line", "severity"),
    [
        (f"x @ git+https://github.com/o/x@{COMMIT}", Severity.INFO),
        (f"x @ git+https://h.invalid/x@{COMMIT}", Severity.LOW),
        ("x @ git+https://h.invalid/x@v1", Severity.HIGH),
        ("git+https://h.invalid/x", Severity.HIGH),
    ],
)
def test_a_commit_is_asked_for_where_a_model_is_installed_with_it(
    tmp_path: Path, line: str, severity: Severity
) -> None:
    report = report_of(model(tmp_path / "model", f"{line}\n"))
    assert ids(report)["SNT1809"] is severity
    assert report.verdict is not Verdict.MALICIOUS  # careless, not hostile
    assert of(line)["SNT1809"] is min(severity, Severity.MEDIUM)


def test_code_of_another_repository_in_a_configuration_is_high() -> None:
    text = '{"model_type": "x", "auto_map": {"AutoModel": "someone/else--modeling_x.XModel"}}'
    own = text.replace("someone/else--", "")
    assert of(text, "config.json")["SNT1419"] is Severity.HIGH
    assert "SNT1419" not in of(own, "config.json")


def test_a_source_tree_is_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("x @ git+https://h.invalid/x\n--pre\n")
    (tmp_path / "setup.py").write_text("from setuptools import setup\nsetup()\n")
    (tmp_path / "pyproject.toml").write_text("[project]\nname='x'\n")
    (tmp_path / "code.py").write_text("x = 1\n")
    assert scan(tmp_path) == []


def test_a_list_beside_weights_is_read_and_its_usual_lines_are_facts(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "x"}')
    (tmp_path / "requirements.txt").write_text(
        "torch>=2.0\ntransformers\n--extra-index-url https://download.pytorch.org/whl/cu126\n"
        "en-core-web-sm @ https://github.com/explosion/spacy-models/releases/download/"
        "en_core_web_sm-3.8.0/en_core_web_sm-3.8.0-py3-none-any.whl\n"
    )
    report = report_of(tmp_path)
    assert max(ids(report).values()) is Severity.LOW
    assert report.verdict is Verdict.CLEAN


def test_unpinned_names_are_one_fact_where_nothing_is_installed(tmp_path: Path) -> None:
    report = scan_bytes(b"a\nb==2.*\nc==1\n", "requirements.txt")
    (found,) = [one for one in report.findings if one.rule_id == "SNT1802"]
    assert (found.severity, found.evidence) == (Severity.INFO, "a, b")
    assert [place.line for place in found.locations] == [1, 2]


@pytest.mark.parametrize(
    ("line", "rule", "severity"),
    [
        ("--extra-index-url https://pypi.org/simple", "SNT1804", Severity.INFO),
        ("--extra-index-url ${INDEX}", "SNT1804", Severity.LOW),
        ("--index-url https://pypi.invalid/simple", "SNT1804", Severity.LOW),
        ("--index-url http://localhost:3141/simple", "SNT1805", Severity.LOW),
        ("--find-links ./wheels", "SNT1807", Severity.LOW),
        ("--trusted-host 127.0.0.1:8080", "SNT1806", Severity.LOW),
        ("x @ https://files.pythonhosted.org/x-1.0.tar.gz", "SNT1810", Severity.LOW),
        ("--no-binary :all:", "SNT1819", Severity.INFO),
        ("-r ../base.txt", "SNT1812", Severity.LOW),
    ],
)
def test_ordinary_spellings_are_no_alarm(line: str, rule: str, severity: Severity) -> None:
    assert of(f"{line}\nx==1\n")[rule] is severity


@pytest.mark.parametrize(
    "line",
    ["--index-url https://pypi.org/simple", "-i https://${USER}:${TOKEN}@pypi.org/simple",
     "--no-index", "--only-binary :all:", "x==1 ; python_version < '3.12'", "# -r ../x\nx==1"],
)  # fmt: skip
def test_lines_that_say_nothing(line: str) -> None:
    assert set(of(f"{line}\n")) <= {"SNT1803"}


def test_a_private_name_is_safe_behind_its_own_index() -> None:
    name = "acme-internal-utils==1.0\n"
    assert of(name)["SNT1814"] is Severity.LOW
    assert of(name + "--extra-index-url https://pypi.invalid/s\n")["SNT1814"] is Severity.MEDIUM
    assert "SNT1814" not in of(name + "--index-url https://pypi.invalid/s\n")
    assert "SNT1814" not in of("international==1.0\nprivateer==1.0\n")


@pytest.mark.parametrize(
    ("line", "old"),
    [
        ("torch==2.5.1", True), ("torch==2.5.1+cu121", True), ("torch==2.6.0", False),
        ("torch==2.6.0rc1", True), ("torch<2.6", True), ("torch<=2.5.1", True),
        ("torch<2.7", False),
        ("torch==2.5.*", True), ("torch~=2.5.0", True), ("torch~=2.5", False), ("torch>=2", False),
        ("torch==2.6.*", False), ("torch<3,>=2", False), ("torch<=2.6.0", False), ("torch", False),
        ("keras==2.15.0", False), ("keras==3.8.0", True), ("keras==3.11.3", False),
        ("joblib==1.1.0", True), ("joblib==1.1.1", False), ("pyyaml==5.3.1", True),
    ],
)  # fmt: skip
def test_versions_below_a_floor(line: str, old: bool) -> None:
    one = read_line(line)
    assert any(too_old(one, floor) for floor in floors_of(one.key)) == old


def test_a_model_made_with_another_version(tmp_path: Path) -> None:
    about = MLMODEL + "  sklearn:\n    sklearn_version: 1.9.1\n"
    differing = report_of(model(tmp_path / "a", "scikit-learn==1.8.0\n", about=about))
    assert ids(differing)["SNT1817"] is Severity.LOW
    same = report_of(model(tmp_path / "b", "scikit_learn==1.9.1\n", about=about))
    assert "SNT1817" not in ids(same)


def test_a_pickle_made_with_another_version(tmp_path: Path) -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    sklearn = pytest.importorskip("sklearn")
    fitted = linear.LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
    for protocol in range(6):
        folder = model(tmp_path / str(protocol), "scikit-learn==0.24.2\n")
        (folder / "model.pkl").write_bytes(pickle.dumps(fitted, protocol))
        (found,) = [one for one in report_of(folder).findings if one.rule_id == "SNT1817"]
        assert f"model.pkl says {sklearn.__version__}" in found.message
        (folder / "requirements.txt").write_text(f"scikit-learn=={sklearn.__version__}\n")
        assert "SNT1817" not in ids(report_of(folder))


def test_environments_that_disagree(tmp_path: Path) -> None:
    folder = model(tmp_path / "model", "mlflow==3.18.0\n")
    conda = "dependencies:\n- python=3.11\n- pip:\n  - mlflow=={}\n"
    (folder / "conda.yaml").write_text(conda.format("3.17.0"))
    assert "SNT1817" in ids(report_of(folder, "conda.yaml"))
    (folder / "conda.yaml").write_text(conda.format("3.18.0"))
    assert "SNT1817" not in ids(report_of(folder, "conda.yaml"))


def test_a_loader_out_of_a_package_that_can_change(tmp_path: Path) -> None:
    about = MLMODEL.replace("mlflow.sklearn", "acme_loader.flavor")
    loose = report_of(model(tmp_path / "a", "acme-loader>=1\n", about=about))
    assert ids(loose)["SNT1818"] is Severity.MEDIUM
    pinned = report_of(model(tmp_path / "b", "acme-loader==1.0\n", about=about))
    assert "SNT1818" not in ids(pinned)
    other = report_of(model(tmp_path / "c", "acme-loader>=1\n"))
    assert "SNT1818" not in ids(other)


def test_hashes_are_asked_for_once_or_where_they_lack() -> None:
    def lines(text: str) -> list[int | None]:
        report = scan_bytes(text.encode(), "requirements.txt")
        return [one.location.line for one in report.findings if one.rule_id == "SNT1803"]

    assert lines("a==1\nb==1\n") == [1]
    assert lines("a==1 --hash=sha256:aa\nb==1\n") == [2]
    assert lines("a==1 --hash=sha256:aa\n") == []


def test_findings_of_an_included_list_name_it(tmp_path: Path) -> None:
    folder = model(tmp_path / "model", "-r more.txt\n")
    (folder / "more.txt").write_text("a==1\n--pre\n")
    (found,) = [one for one in report_of(folder).findings if one.rule_id == "SNT1815"]
    assert str(found.location).endswith("requirements.txt!more.txt:2")


def test_a_list_in_an_archive_of_a_model() -> None:
    from tests.kit.zips import Entry, build

    data = build([Entry("requirements.txt", b"x @ git+https://h.invalid/x\n")])
    report = scan_bytes(data, "model.mar")
    found: list[Finding] = [one for one in report.findings if one.rule_id == "SNT1809"]
    assert [one.severity for one in found] == [Severity.HIGH]


@pytest.mark.parametrize("name", ["num\u0440y", "\uff4eumpy", "num\u200bpy", "numpÿ", "\u0578umpy"])
def test_letters_that_no_name_has(name: str) -> None:
    report = scan_bytes(f"{name}==1.0\n".encode(), "requirements.txt")
    (found,) = [one for one in report.findings if one.rule_id == "SNT1813"]
    assert (found.message + found.evidence).isascii()
    assert report.verdict is Verdict.MALICIOUS


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("channels: [conda-forge, defaults, nvidia/label/cuda-12.4.0]", None),
        ("channels: [acme]", Severity.LOW),
        ("variables:\n  PIP_EXTRA_INDEX_URL: https://h.invalid/s", Severity.MEDIUM),
        ("channels: [https://repo.invalid/conda]", Severity.MEDIUM),
        ("channels: [https://conda.anaconda.org/conda-forge]", None),
    ],
)
def test_channels(text: str, severity: Severity | None) -> None:
    found = of(f"{text}\ndependencies: [numpy=1.26]\n", "conda.yaml")
    assert found.get("SNT1804") is severity


@pytest.mark.parametrize("name", ["deps.yaml", "envs/deps.yaml"])
def test_an_environment_under_another_name_is_read(tmp_path: Path, name: str) -> None:
    about = MLMODEL + f"    env:\n      conda: {name}\n      virtualenv: python_env.yaml\n"
    folder = model(tmp_path / "model", "x==1\n", about=about)
    (folder / "envs").mkdir()
    (folder / name).write_text("dependencies:\n- pip:\n  - x @ git+https://h.invalid/x\n")
    found = ids(report_of(folder, "MLmodel"))
    assert found["SNT1809"] is Severity.HIGH
    (folder / name).write_text("dependencies:\n- pip:\n  - x==1.0\n")
    assert "SNT1809" not in ids(report_of(folder, "MLmodel"))


def test_an_environment_outside_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("dependencies:\n- secret-package\n")
    for name in ("../secret.yaml", str(tmp_path / "secret.yaml"), "link.yaml"):
        folder = model(tmp_path / "model", "x==1\n", about=MLMODEL + f"    env: {name}\n")
        if not (folder / "link.yaml").exists():
            (folder / "link.yaml").symlink_to(tmp_path / "secret.yaml")
        report = report_of(folder, "MLmodel")
        assert "secret-package" not in repr(report)
        assert report.verdict is not Verdict.CLEAN


def test_what_the_environment_adds_to_a_version_pins_nothing() -> None:
    report = scan_bytes(b"torch==2.7.1+${CUDA}\n-f https://h.invalid/${CUDA}\n", "requirements.txt")
    assert report.coverage.complete
    assert "SNT1802" in ids(report)
    assert not scan_bytes(b"${NAME}==1\n", "requirements.txt").coverage.complete
