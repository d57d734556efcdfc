"""Python source: what it would call, and whether importing it is enough to get there.

The source is parsed into a tree (``ast.parse``, which runs nothing) and its names are followed
through imports, plain assignments, ``getattr`` with a constant and ``__import__``. Code that runs
when the module is imported is told apart from code that waits to be called; a local function that
import-time code calls counts as import-time.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError
from ..findings import Gap
from ..limits import MIB, Budget
from . import Parsed
from .python_names import Names

_MOST = MIB
_MOST_TOKENS = 120_000  # a tree takes about 2 KiB for each
_TOKEN = re.compile(rb"\w+|[^\w\s]")
_MOST_USES = 20_000
_TEXT = 300


class SourceUse(NamedTuple):
    """One outside name that the source reaches.

    Attributes:
        path: Dotted path from a module (``os.system``; built-in functions from ``builtins``).
        line: Line, from 1, of its first use.
        called: True when it is called, False when it is only mentioned.
        on_import: True when importing the source is enough to get there.
        text: First string constant among the arguments, cut to 300 characters.
    """

    path: str
    line: int
    called: bool
    on_import: bool
    text: str


class PythonSource(NamedTuple):
    """What a source file reaches.

    Attributes:
        uses: Outside names, each once for every way of use.
        hidden: Lines on which an attribute or module is looked up by a name the source computes.
        cut: True when there were more names than are kept.
    """

    uses: tuple[SourceUse, ...] = ()
    hidden: tuple[int, ...] = ()
    cut: bool = False


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a Python source file.

    Returns:
        A ``PythonSource``; a gap when there were more names than are kept.

    Raises:
        ParseError: It is not Python, or nested too deeply.
        LimitExceeded: It is longer than 1 MiB, or has more words and marks than are read.
    """
    if artifact.reader.size > _MOST:
        raise LimitExceeded(f"Python source of more than {_MOST} bytes is not read")
    budget.check_time()
    source = read_source(artifact.reader.pread(0, _MOST))
    gaps: tuple[Gap, ...] = ()
    if source.cut:
        gaps = (Gap("limit", artifact.location(), f"more than {_MOST_USES} names in one source"),)
    return Parsed(source, gaps=gaps)


def read_source(data: bytes) -> PythonSource:
    """Return what a source reaches.

    Args:
        data: Its bytes, 1 MiB at most.

    Raises:
        ParseError: It is not Python, or nested too deeply.
        LimitExceeded: It has more words and marks than are read.
    """
    return SourceReader(tree_of(data)).run()


def tree_of(data: bytes) -> ast.Module:
    """Return the syntax tree of a source.

    Raises:
        ParseError: It is not Python, or nested too deeply.
        LimitExceeded: It has more words and marks than are read.
    """
    if next(islice(_TOKEN.finditer(data), _MOST_TOKENS, None), None) is not None:
        raise LimitExceeded(f"Python source of more than {_MOST_TOKENS} words and marks")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the source's style, said on stderr
            return ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise ParseError(f"not Python source ({type(error).__name__})") from error


class SourceReader:
    """Walks a source's tree: first what importing it runs, then the rest.

    Args:
        tree: The tree.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.names = Names(tree)
        self.tree = tree
        self.uses: dict[tuple[str, bool, bool, str], SourceUse] = {}
        self.hidden: dict[int, None] = {}
        self.bodies: dict[str, list[ast.AST]] = {}
        self.reached: set[str] = set()

    def run(self) -> PythonSource:
        """Return what the source reaches."""
        self._collect_bodies()
        self._follow(list(self.tree.body), True)
        for parts in self.bodies.values():
            for node in running(parts):
                self._node(node, False)
        cut = len(self.uses) >= _MOST_USES
        uses = sorted(self.uses.values(), key=lambda use: use.line)
        return PythonSource(tuple(uses), tuple(sorted(self.hidden)), cut)

    def _follow(self, pending: list[ast.AST], on_import: bool) -> None:
        """Go through nodes, and the functions of this source that they call."""
        while pending:
            for node in running(pending):
                self._node(node, on_import)
            called = [name for name in self.reached if name in self.bodies]
            pending = [part for name in called for part in self.bodies.pop(name)]
            self.reached.clear()

    def _collect_bodies(self) -> None:
        """Note the bodies of functions by name, methods and constructors by their class as well."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ClassDef):
                for item in node.body:
                    if isinstance(item, ast.FunctionDef) and item.name in _ON_CREATION:
                        self.bodies.setdefault(node.name, []).extend(item.body)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self.bodies.setdefault(node.name, []).extend(node.body)
            elif isinstance(node, ast.Lambda):
                self.bodies.setdefault(f"<lambda {node.lineno}:{node.col_offset}>", [node.body])

    def _node(self, node: ast.AST, on_import: bool) -> None:
        if isinstance(node, ast.Call):
            self._call(node, on_import)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for mark in node.decorator_list:
                for path in self.names.paths(mark):
                    self._keep(SourceUse(path, node.lineno, True, on_import, ""))
        elif isinstance(node, ast.Attribute | ast.Name | ast.Subscript):
            for path in self.names.paths(node):
                self._keep(SourceUse(path, node.lineno, False, on_import, ""))

    def _call(self, node: ast.Call, on_import: bool) -> None:
        if self.names.is_hidden(node):
            self.hidden[node.lineno] = None
        text = next((found for arg in node.args if (found := self.names.text(arg))), "")[:_TEXT]
        for path in self.names.paths(node.func):
            self._keep(SourceUse(path, node.lineno, True, on_import, text))
        if on_import:
            self.reached.add(_last(node.func))
            self.reached.update(arg.id for arg in node.args if isinstance(arg, ast.Name))

    def _keep(self, use: SourceUse) -> None:
        if len(self.uses) < _MOST_USES:
            self.uses.setdefault((use.path, use.called, use.on_import, use.text), use)


_ON_CREATION = frozenset(("__init__", "__new__", "__call__", "__post_init__", "__enter__"))


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Lambda):
        return f"<lambda {node.lineno}:{node.col_offset}>"
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _annotations(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.expr]:
    """Return the annotations of a function that are worked out where it is defined."""
    given = node.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    found = [one.annotation for one in every if one is not None and one.annotation is not None]
    return [*found, node.returns] if node.returns is not None else found


def running(nodes: list[ast.AST]) -> Iterator[ast.AST]:
    """Yield what runs when the nodes run: all but the bodies of functions."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = node.args
            defaults = [*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)]
            pending += [*node.decorator_list, *defaults, *_annotations(node)]
        elif isinstance(node, ast.Lambda):
            pending += node.args.defaults
        else:
            pending += ast.iter_child_nodes(node)
