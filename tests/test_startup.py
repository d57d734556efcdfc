"""What starting costs: a scan of a small file imports the standard library and us, and not the
slow parts of either."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import sentinel

SOURCE = Path(sentinel.__file__).parent.parent
TINY = b"\x80\x04N."
HOSTILE = b"cos\nsystem\n(S'echo inert'\ntR."
SLOW = {
    "asyncio", "concurrent.futures", "ctypes", "difflib", "email", "hashlib", "http",
    "importlib.metadata", "importlib.resources", "json", "logging", "multiprocessing", "pathlib",
    "pickle", "pickletools", "platform", "shutil", "socket", "sqlite3", "ssl", "subprocess",
    "tarfile", "tempfile", "textwrap", "threading", "tomllib", "unittest", "urllib", "zipfile",
}  # fmt: skip
"""Modules of the standard library that a clean scan of a small pickle has no use for."""
LAZY = {
    "sentinel.acceptance", "sentinel.baseline", "sentinel.cli.explain", "sentinel.cli.progress",
    "sentinel.cli.workers", "sentinel.digests", "sentinel.reports.json",
    "sentinel.reports.sarif", "sentinel.settings.suppressions",
}  # fmt: skip
"""Modules of ours that it has no use for either."""


Imported = Callable[..., frozenset[str]]


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    """Gives the modules that a command imports beyond those of a bare interpreter."""
    folder = tmp_path_factory.mktemp("startup")
    bare = modules_after("pass", folder)

    def of(*arguments: str, content: bytes = TINY) -> frozenset[str]:
        (folder / "tiny.pkl").write_bytes(content)
        code = f"sys.path.insert(0, {str(SOURCE)!r}); sys.argv = {['sentinel', *arguments]!r}"
        return modules_after(f"{code}; from sentinel.cli import run; run()", folder) - bare

    return of


def modules_after(code: str, folder: Path) -> frozenset[str]:
    # -I and -S leave out what the environment adds by itself: site-packages and its .pth files.
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; {code}; print('\\n', *sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
    )
    return frozenset(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("content", [TINY, HOSTILE], ids=["clean", "hostile"])
def test_a_scan_imports_the_standard_library_and_us(imported: Imported, content: bytes) -> None:
    found = imported("scan", "tiny.pkl", content=content)
    tops = {name.partition(".")[0] for name in found}
    assert "sentinel" in tops
    assert tops - {"sentinel"} - sys.stdlib_module_names == set()


def test_a_clean_scan_imports_nothing_slow(imported: Imported) -> None:
    found = imported("scan", "tiny.pkl")
    assert found & SLOW == set()
    assert found & LAZY == set()


def test_only_the_formats_that_were_met_are_loaded(imported: Imported) -> None:
    found = imported("scan", "tiny.pkl")
    assert "sentinel.formats.pickle" in found
    assert "sentinel.formats.archive.zip" not in found
    assert "sentinel.rules.archive" not in found
    assert "sentinel.rules.name_likeness" not in found


def test_the_version_needs_no_engine(imported: Imported) -> None:
    found = imported("--version")
    assert "sentinel.engine" not in found
    assert "argparse" not in found
