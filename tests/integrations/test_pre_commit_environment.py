"""What the frameworks install: small, offline, and nothing in it that a scan has no need of."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integrations.world import Project, World

MIB = 1 << 20
HEAVY = ("torch", "numpy", "huggingface_hub", "pandas", "pyarrow", "re2", "requests")
OFFLINE = """
import sys
def hook(event, arguments):
    if event.startswith("socket."):
        raise AssertionError(event)
sys.addaudithook(hook)
from sentinel.cli.hook import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def environment(world: World, framework: str, tmp_path: Path) -> Path:
    """The folder of the environment that a framework made for the hooks."""
    project = Project(world, tmp_path / "project", framework)
    prepare = {"pre-commit": "install-hooks", "prek": "prepare-hooks"}
    world.must(framework, prepare[framework], cwd=project.root)
    homes = {
        "pre-commit": (world.folder / "pre-commit").glob("repo*/py_env-*"),
        "prek": (world.folder / "prek" / "hooks").glob("python-*"),
    }
    (found,) = (path for path in homes[framework] if (path / "bin" / "sentinel-hook").exists())
    return found


def test_it_is_small(environment: Path) -> None:
    files = [path for path in environment.rglob("*") if path.is_file() and not path.is_symlink()]
    size = sum(path.stat().st_size for path in files)
    assert MIB / 2 < size < 40 * MIB


def test_it_holds_the_scanner_and_what_it_needs_alone(environment: Path) -> None:
    (site,) = environment.glob("lib/python*/site-packages")
    there = {path.name for path in site.iterdir()}
    assert {"sentinel", "re2"} <= there
    assert not there & (set(HEAVY) - {"re2"})


@pytest.mark.parametrize("command", ["--help", "model-scan", "pickle-check"])
def test_starting_imports_nothing_heavy(world: World, environment: Path, command: str) -> None:
    python, script = environment / "bin" / "python", environment / "bin" / "sentinel-hook"
    shown = world.must(python, "-X", "importtime", script, command, cwd=environment)
    names = {line.rpartition("|")[2].strip().partition(".")[0] for line in shown.splitlines()}
    assert "sentinel" in names
    assert not names & set(HEAVY)


@pytest.mark.parametrize("command", ["model-scan", "pickle-check"])
def test_no_socket_is_opened(world: World, environment: Path, tmp_path: Path, command: str) -> None:
    (tmp_path / "model.pkl").write_bytes(b"cos\nsystem\n(S'echo inert'\ntR.")
    python = environment / "bin" / "python"
    done = world.run(python, "-I", "-c", OFFLINE, command, "model.pkl", cwd=tmp_path)
    assert done.code == 1
    assert "SNT1101" in done.out
