"""The map, enforced from the source: who may import whom, and what nothing here may do.

Imports point down the list of layers. Formats and reports never know each other; rules judge what
they are given and open nothing; only the command line prints.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "sentinel"
FILES = sorted(PACKAGE.rglob("*.py"))
MAX_LINES = 400

CORE = {"_version", "errors", "findings", "artifacts", "limits", "settings"}
BELOW: dict[str, set[str]] = {
    "data": set(),
    **dict.fromkeys(CORE, CORE | {"readers"}),
    "readers": CORE,
    "formats": CORE | {"readers"},
    "rules": CORE | {"readers", "formats", "data"},
    "verdicts": CORE,
    "cache": CORE,
    "digests": CORE | {"readers"},
    "targets": CORE | {"formats"},
    "dvc": CORE | {"readers", "targets"},
    "baseline": CORE | {"readers"},
    "acceptance": CORE | {"verdicts", "digests", "baseline", "reports", "rules"},
    "explain": CORE | {"readers", "formats"},
    "engine": CORE
    | {"readers", "formats", "rules", "verdicts", "cache", "digests", "targets", "explain"},
    "pii": CORE | {"readers", "formats", "rules", "verdicts", "data"},
    "reports": CORE | {"verdicts", "rules", "_version"},
    "datasets": CORE | {"readers", "formats", "rules", "engine", "pii", "verdicts", "targets"},
    "registry": CORE | {"readers", "formats", "rules", "engine", "verdicts"},
    "trust": CORE | {"readers", "formats", "rules", "engine", "verdicts", "data"},
}
"""What each room may import, beside itself."""
ON_TOP = {"cli", "integrations", "__init__", "__main__"}
"""These may import all."""

THIRD_PARTY_ROOMS = {"readers", "registry", "trust", "datasets", "integrations", "pii"}
MAY_PRINT = {"cli", "reports", "integrations", "__main__"}
BANNED_MODULES = {
    "pickle", "_pickle", "marshal", "shelve", "subprocess", "runpy", "code", "codeop", "ctypes",
    "pdb", "dill", "cloudpickle", "joblib", "torch", "pty", "multiprocessing.connection",
}  # fmt: skip
BANNED_CALLS = {"exec", "eval", "__import__", "compile"}
BANNED_ATTRIBUTES = {
    ("os", "system"), ("os", "popen"), ("os", "execv"), ("os", "execve"), ("os", "fork"),
    ("os", "spawnv"), ("os", "posix_spawn"), ("pickle", "loads"), ("pickle", "load"),
    ("marshal", "loads"),
}  # fmt: skip
LOADS_BY_NAME = {
    "__init__.py", "formats/__init__.py", "rules/__init__.py", "reports/__init__.py",
    "formats/archive/codecs.py", "cli/__init__.py", "pii/sources/__init__.py",
    "pii/validators/__init__.py", "trust/__init__.py", "trust/load/names.py",
    "trust/vulndb/__init__.py", "trust/watermark/kinds.py", "integrations/__init__.py",
    "integrations/mlflow/__init__.py",
}  # fmt: skip
"""Files that may call ``import_module``: each on names out of its own source, never from a file."""

MAY_LOAD: dict[str, set[str]] = {
    "trust/load/trusted.py": {"pickle", "joblib", "torch"},  # signed by a listed key, and scanned
    "trust/load/torch_file.py": {"torch"},  # its reader of weights alone, 2.6 or later
    "trust/jail/kernel.py": {"ctypes"},  # Landlock, seccomp and namespaces have no other door
    "trust/jail/spawn.py": {"subprocess"},  # starts the jailed child
    "trust/jail/child.py": {"pickle", "joblib", "torch"},  # what runs inside the jail
    "trust/watermark/estimator_file.py": {"pickle", "joblib"},  # writes what secure_load read
    "trust/watermark/exec_key.py": {"subprocess"},  # the command that the user says derives keys
}
"""The safe loader loads; what it may use for that, file by file. No file of a scan is among them"""


class Import(NamedTuple):
    """One imported module: its absolute name, its line, and whether it costs at import time."""

    module: str
    line: int
    top_level: bool


def room(path: Path) -> str:
    """Return the part of the package that a file belongs to."""
    relative = path.relative_to(PACKAGE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


@cache
def tree(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def absolute(node: ast.ImportFrom, path: Path) -> list[str]:
    """Return the modules an import-from may load, relative names resolved."""
    if not node.level:
        base = node.module or ""
    else:
        package = ["sentinel", *path.relative_to(PACKAGE).parent.parts]
        parts = package[: len(package) - node.level + 1]
        base = ".".join([*parts, *([node.module] if node.module else [])])
    if base == "sentinel":
        return [f"sentinel.{alias.name}" for alias in node.names]
    return [base]


def imports(path: Path) -> Iterator[Import]:
    """Yield what a file imports at run time; imports for type checkers are left out."""
    yield from _imports_in(tree(path).body, path, top_level=True)


def _imports_in(body: list[ast.stmt], path: Path, top_level: bool) -> Iterator[Import]:
    for node in body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, top_level)
        elif isinstance(node, ast.ImportFrom):
            for name in absolute(node, path):
                yield Import(name, node.lineno, top_level)
        elif not _is_type_checking(node):
            inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            for field in ("body", "orelse", "finalbody", "handlers", "cases"):
                yield from _imports_in(getattr(node, field, []), path, top_level and not inside)


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Yield every call in a file with the dotted text of what is called."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def where(path: Path, line: int) -> str:
    """Return a place for a message."""
    return f"{path.relative_to(PACKAGE.parent)}:{line}"


def is_foreign(module: str) -> bool:
    """Return True for a module of neither this package nor the standard library."""
    top = module.partition(".")[0]
    return top != "sentinel" and top not in sys.stdlib_module_names


by_file = pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))


def test_there_is_something_to_check() -> None:
    rooms = {"engine", "formats", "rules", "readers", "reports", "cli"}
    assert rooms <= {room(path) for path in FILES}


@by_file
def test_imports_point_down(path: Path) -> None:
    here = room(path)
    if here in ON_TOP:
        return
    assert here in BELOW, f"{here} has no place in the map: give it one in BELOW"
    allowed = BELOW[here]
    for found in imports(path):
        if found.module.startswith("sentinel."):
            there = found.module.split(".")[1]
            assert there in allowed | {here}, f"{where(path, found.line)}: {here} imports {there}"


def test_the_layers_have_no_cycle() -> None:
    # Core types and readers share the protocol, and count as one layer.
    done: set[str] = set()
    names = {name: below - CORE - {"readers"} for name, below in BELOW.items()}
    while len(done) < len(names):
        ready = {name for name, below in names.items() if name not in done and below <= done}
        assert ready, f"a cycle among {set(names) - done}"
        done |= ready


@by_file
def test_third_party_imports_stay_in_their_rooms_and_inside_functions(path: Path) -> None:
    for found in imports(path):
        if is_foreign(found.module):
            at = where(path, found.line)
            assert room(path) in THIRD_PARTY_ROOMS, f"{at}: {found.module} in {room(path)}"
            assert not found.top_level, f"{at}: {found.module} must be imported in a function"


@by_file
def test_nothing_can_run_what_it_reads(path: Path) -> None:
    allowed = MAY_LOAD.get(str(path.relative_to(PACKAGE)), set())
    for found in imports(path):
        banned = found.module in BANNED_MODULES - allowed
        assert not banned, f"{where(path, found.line)}: {found.module}"
    for name, call in calls(path):
        assert name not in BANNED_CALLS, f"{where(path, call.lineno)}: {name}()"
        if name.rpartition(".")[2] == "import_module":
            assert str(path.relative_to(PACKAGE)) in LOADS_BY_NAME, where(path, call.lineno)
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            pair = (node.value.id, node.attr)
            if node.value.id in allowed:
                continue
            assert pair not in BANNED_ATTRIBUTES, f"{where(path, node.lineno)}: {'.'.join(pair)}"


@by_file
def test_only_the_surface_prints_or_exits(path: Path) -> None:
    if room(path) in MAY_PRINT or path == PACKAGE / "trust/jail/child.py":  # a process of its own
        return
    for name, call in calls(path):
        assert name not in {"print", "sys.exit", "exit", "quit", "os._exit"}, (
            f"{where(path, call.lineno)}: {name}()"
        )


@by_file
def test_rules_open_no_file(path: Path) -> None:
    if room(path) != "rules":
        return
    for name, call in calls(path):
        last = name.rpartition(".")[2]
        opens = name in {"open", "io.open", "os.open", "open_file"} or last in {"pread", "view"}
        reads = last in {"read_text", "read_bytes"}
        touches = opens or reads
        assert not touches, f"{where(path, call.lineno)}: {name}()"


@by_file
def test_a_file_has_one_job(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_LINES, f"{where(path, lines)}: {lines} lines"


@by_file
def test_every_public_name_is_documented(path: Path) -> None:
    assert ast.get_docstring(tree(path)), f"{where(path, 1)}: the module has no docstring"
    for node in _public(tree(path).body):
        assert ast.get_docstring(node), f"{where(path, node.lineno)}: {node.name}"


def _public(
    body: list[ast.stmt],
) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if node.name.startswith("_") or _is_overload(node):
                continue
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body)


def _is_overload(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    return any(ast.unparse(mark).endswith("overload") for mark in node.decorator_list)
