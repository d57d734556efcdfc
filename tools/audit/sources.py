"""The source files that are audited: the standard library, installed packages, extra folders."""

from __future__ import annotations

import sysconfig
from collections.abc import Iterator
from pathlib import Path

from .extract import extract
from .facts import ModuleFacts

_SKIPPED = frozenset(
    ("__pycache__", "site-packages", "node_modules", "tests", "test_data", "mypy", "mypyc")
)


def standard_library() -> Path:
    """Return the folder of the running interpreter's library."""
    return Path(sysconfig.get_path("stdlib"))


def files(root: Path, package: str = "") -> Iterator[tuple[str, Path]]:
    """Yield ``(module name, file)`` for every module below a folder.

    Args:
        root: A folder of modules.
        package: Dotted name of the folder itself; empty when it is no package.
    """
    if root.is_file():
        yield package, root
        return
    for path in sorted(root.iterdir()):
        inner = f"{package}.{path.stem}" if package else path.stem
        if path.suffix == ".py" and path.stem.isidentifier():
            if path.stem == "__init__":
                if package:
                    yield package, path
            elif not path.stem.startswith("test_"):
                yield inner, path
        elif path.is_dir() and path.name.isidentifier() and path.name not in _SKIPPED:
            if package == "" and path.name == "test":
                yield from files(path / "support", "test.support")
            elif any(path.glob("*.py")) or any(path.glob("*/*.py")):
                yield from files(path, inner)


def package_roots(folder: Path) -> list[tuple[str, Path]]:
    """Return the packages and modules that a folder such as ``site-packages`` holds."""
    roots = []
    for path in sorted(folder.iterdir()):
        if path.suffix == ".py" and path.stem.isidentifier():
            roots.append((path.stem, path))
        elif not path.name.isidentifier() or path.name in _SKIPPED:
            continue
        elif any(path.glob("*.py")) or any(path.glob("*/__init__.py")):
            roots.append((path.name, path))
    return roots


def read(roots: list[tuple[str, Path]]) -> dict[str, ModuleFacts]:
    """Return the facts of every module under some roots; what does not parse is left out.

    Args:
        roots: ``(package, folder)``; an empty package for a folder that holds modules.
    """
    found: dict[str, ModuleFacts] = {}
    for package, root in roots:
        for name, path in files(root, package):
            if name in found:
                continue
            try:
                found[name] = extract(path.read_bytes(), name, path.name == "__init__.py")
            except (SyntaxError, ValueError, RecursionError):
                continue
    return found
