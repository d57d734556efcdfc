"""The wheel: what it needs, what it installs, and whose ``sentinel`` is imported."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

from sentinel import __version__

ROOT = Path(__file__).resolve().parent.parent
STRANGER = "raise RuntimeError('the other sentinel was imported')\n"


def run(*command: str | Path, cwd: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run a command with nothing of this environment that could lend it a module."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**kept, "HOME": str(cwd), "PYTHONDONTWRITEBYTECODE": "1", **extra},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree, built from a copy of it."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src", folder / "src", ignore=ignore)
    built = run(
        sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "out", cwd=folder
    )
    assert built.returncode == 0, built.stderr
    (path,) = (folder / "out").glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The python of an environment that holds this wheel and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "env", with_pip=False)
    python = folder / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    done = run(
        sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index",
        "--disable-pip-version-check", wheel, cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return python


def site_packages(python: Path) -> Path:
    """Return the folder in which an environment's packages lie."""
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    return Path(run(python, "-c", code, cwd=python.parent).stdout.strip())


def where_sentinel_is(python: Path, cwd: Path, **extra: str) -> Path:
    """Return the file of the ``sentinel`` that an interpreter imports."""
    done = run(python, "-c", "import sentinel; print(sentinel.__file__)", cwd=cwd, **extra)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


def test_the_wheel_requires_nothing(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(archive.read(name).decode())
    required = metadata.get_all("Requires-Dist") or []
    assert [line for line in required if "extra ==" not in line] == []
    assert metadata["Version"] == __version__
    assert metadata["Requires-Python"] == ">=3.11"


def test_the_wheel_holds_the_package_and_its_tables_only(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    source = ROOT / "src"
    expected = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in names if ".dist-info/" not in name} == expected
    assert "sentinel/py.typed" in names
    assert any(name.startswith("sentinel/data/") for name in names)


def test_the_installed_wheel_runs(installed: Path, tmp_path: Path) -> None:
    done = run(installed, "-m", "sentinel", "--version", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert __version__ in done.stdout


@pytest.mark.parametrize("command", ["sentinel", "sentinel-hook"])
def test_the_commands_are_installed(installed: Path, tmp_path: Path, command: str) -> None:
    done = run(installed.parent / command, "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert command in done.stdout


def test_the_installed_wheel_scans_with_nothing_else_there(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "hostile.pkl").write_bytes(b"cos\nsystem\n(S'echo inert'\ntR.")
    done = run(installed, "-m", "sentinel", "scan", "hostile.pkl", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "system" in done.stdout


def test_ours_wins_over_the_other_distribution_in_the_same_environment(
    installed: Path, tmp_path: Path
) -> None:
    # The other one is a single module, sentinel.py; a package beside a module comes first.
    stranger = site_packages(installed) / "sentinel.py"
    stranger.write_text(STRANGER)
    try:
        found = where_sentinel_is(installed, tmp_path)
    finally:
        stranger.unlink()
    assert found == stranger.with_name("sentinel") / "__init__.py"


def test_ours_wins_over_one_that_comes_later_on_the_path(installed: Path, tmp_path: Path) -> None:
    other = tmp_path / "sentinel"
    other.mkdir()
    (other / "__init__.py").write_text(STRANGER)
    site = site_packages(installed)
    (site / "zz-later.pth").write_text(f"{tmp_path}\n")
    try:
        found = where_sentinel_is(installed, site.parent)
    finally:
        (site / "zz-later.pth").unlink()
    assert found == site / "sentinel" / "__init__.py"


def test_one_that_comes_earlier_is_seen_by_the_documented_check(
    installed: Path, tmp_path: Path
) -> None:
    # Nothing can win against PYTHONPATH; the README's one-line check shows whose file it is.
    (tmp_path / "sentinel.py").write_text("")
    found = where_sentinel_is(installed, installed.parent, PYTHONPATH=str(tmp_path))
    assert found == tmp_path / "sentinel.py"
