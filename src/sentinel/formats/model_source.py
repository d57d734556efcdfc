"""Python source that comes with a model: what it does, when, and with what.

Where ``python_source`` lists every outside name, this keeps the calls that act, and what they are
given: text that the source spells out, text that it had hidden, or something from the network.
Code given to ``exec`` as text, and pickles given as bytes, are passed on to be read themselves.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import partial
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded
from ..findings import Gap
from ..limits import Budget
from ..readers import MemoryReader
from . import Member, Parsed
from .python_fold import DECODERS, Folder, Value
from .python_reach import Reach, asks_every_class
from .python_source import SourceReader, running, tree_of
from .surroundings import START

_LARGEST = 4 * 1024 * 1024
_MOST_ACTS = 5_000
_MOST_MEMBERS = 50
_TEXT = 600
_PASSES = 3
_CODE = frozenset(
    (
        "builtins.exec", "builtins.eval", "builtins.compile", "ast.literal_eval", "six.exec_",
        "timeit.timeit", "timeit.repeat", "timeit.Timer", "cProfile.run", "profile.run",
    )
)  # fmt: skip
_LOADERS = frozenset(
    f"{module}.{name}"
    for module in ("pickle", "_pickle", "cPickle", "dill", "cloudpickle", "marshal", "joblib")
    for name in ("loads", "load", "Unpickler")
)
FETCHERS = re.compile(
    r"(?:urllib\.request\.(?:urlopen|urlretrieve|build_opener|Request)|urllib2?\.urlopen"
    r"|(?:requests|httpx|aiohttp|urllib3)\.(?:get|post|put|request|Session|Client|PoolManager"
    r"|ClientSession)(?:\.\w+)?|http\.client\.HTTPS?Connection|socket\.(?:socket|create_connection)"
    r"|ftplib\.FTP|telnetlib\.Telnet|xmlrpc\.client\.ServerProxy)\Z"
)
"""Functions that bring something from the network."""

_ENTRIES = frozenset(
    (
        "__init__", "__new__", "__call__", "__setstate__", "__getattr__", "__post_init__",
        "__del__", "__enter__", "__class_getitem__", "__set_name__", "__init_subclass__",
        "__getattribute__", "__iter__", "__len__", "__getitem__", "forward",
        "from_pretrained", "generate", "predict",
        "predict_stream", "predict_proba", "transform", "fit_transform", "load",
        "load_model", "load_context", "_load_pyfunc", "load_pyfunc", "initialize", "handle",
        "preprocess", "inference", "postprocess", "execute", "finalize", "setup", "run",
        "build", "call", "main", "handler", "encode", "decode", "tokenize", "_tokenize",
        "init", "model_fn", "input_fn", "predict_fn", "output_fn", "_generate_examples",
        "_split_generators", "__reduce__", "__reduce_ex__", "_forward", "training_step", "_info",
        "prepare_inputs_for_generation", "score", "finalize_options", "initialize_options",
    )
)  # fmt: skip
_MAINS = frozenset(("setup.py", "cells"))  # these are run, not imported
_WRITERS = frozenset(("write_text", "write_bytes"))
_ESCAPES = re.compile(rb"(?:\\x[0-9a-fA-F]{2}|\\[0-7]{3}|\\u[0-9a-fA-F]{4}){40,}")
_BLOB = re.compile(rb"[\"'][A-Za-z0-9+/=_-]{2000,}[\"']")


class Act(NamedTuple):
    """One call of the source to something outside.

    Attributes:
        path: What is called, as a dotted path from its module.
        line: Line, from 1.
        when: ``import`` when importing the source is enough, ``use`` when a method that a loader
            or a server calls gets there, ``call`` when it waits for somebody to call it.
        given: What kinds of things are in its arguments: ``decoded`` (hidden before), ``fetched``
            (from the network), ``read`` (from a file), ``computed``; ``listed`` when it is not
            called here but kept in a list or table; empty for constants.
        text: Strings that the arguments spell out, joined by blanks, cut to 600 characters.
        shell: True when the text is a command line for a shell.
        program: First word of a command given as a list; empty for other calls.
    """

    path: str
    line: int
    when: str
    given: frozenset[str] = frozenset()
    text: str = ""
    shell: bool = False
    program: str = ""


class ModelSource(NamedTuple):
    """What a source does.

    Attributes:
        acts: Calls to the outside, by line.
        hidden: Lines on which an attribute or module is looked up by a name the source computes.
        escapes: Offset of a long run of escaped characters; -1 when there is none.
        blob: Offset of a very long string of base64; -1 when there is none.
        decodes: True when the source calls something that decodes, unpacks or unmarshals.
    """

    acts: tuple[Act, ...] = ()
    hidden: tuple[int, ...] = ()
    escapes: int = -1
    blob: int = -1
    decodes: bool = False


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Read a source.

    Returns:
        A ``ModelSource``; code and pickles that it holds as constants as members.

    Raises:
        ParseError: It is not Python of version 3, or nested too deeply.
        LimitExceeded: It is longer than 4 MiB, or has more words and marks than are read.
    """
    if artifact.reader.size > _LARGEST:
        raise LimitExceeded(f"Python source of more than {_LARGEST} bytes is not read")
    budget.check_time()
    data = artifact.reader.pread(0, _LARGEST)
    if artifact.leaf.lower().endswith(".pth"):
        data = b"\n".join(START.findall(data.replace(b"\r", b"\n")))
    reader = _ActReader(tree_of(data), artifact.leaf)
    model = reader.read(data)
    gaps: tuple[Gap, ...] = ()
    if len(model.acts) >= _MOST_ACTS:
        gaps = (Gap("limit", artifact.location(), f"more than {_MOST_ACTS} calls in one source"),)
    members = [
        Member(number, name, partial(MemoryReader, content), formats, guess=not formats)
        for number, (name, content, formats) in enumerate(reader.stages)
    ]
    return Parsed(model, members, gaps)


class _ActReader(SourceReader):
    def __init__(self, tree: ast.Module, leaf: str) -> None:
        super().__init__(tree)
        self._is_main = leaf in _MAINS
        self._hub = leaf == "hubconf.py"  # torch.hub calls any function of it
        self.acts: dict[tuple[object, ...], Act] = {}
        self.stages: list[tuple[str, bytes, tuple[str, ...]]] = []
        self._assigned: dict[str, list[ast.expr]] = defaultdict(list)
        self._returned: dict[str, list[ast.expr]] = defaultdict(list)
        self._collect_values()
        self._folder = Folder(self.names, self._assigned)
        self.names.fold_with(self._folder.fold)
        self._kinds: dict[str, frozenset[str]] = {}
        self._spread_kinds()
        self._reach = Reach(tree)
        self._when = "import"

    def read(self, data: bytes) -> ModelSource:
        """Return what the source does."""
        body, guarded = _split_main(self.tree.body, self._is_main)
        self._run(body)
        self._when = "use"
        entries = _ENTRIES | self._reach.functions() if self._hub else _ENTRIES
        self._run([*self._reach.entries(entries), *guarded])
        self._when = "call"
        for node in running(self._reach.rest()):
            self._node(node, False)
        escapes, blob = _ESCAPES.search(data), _BLOB.search(data)
        return ModelSource(
            tuple(sorted(self.acts.values(), key=lambda act: act.line)),
            tuple(sorted(self.hidden)),
            escapes.start() if escapes else -1,
            blob.start() if blob else -1,
            any(act.path in DECODERS for act in self.acts.values()),
        )

    def _run(self, pending: list[ast.AST]) -> None:
        while pending:
            for node in running(pending):
                self._node(node, True)
                self._reach.note(node)
            self.reached.clear()
            pending = self._reach.take()

    def _collect_values(self) -> None:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self._assign(target, node.value)
            elif isinstance(node, ast.AnnAssign | ast.NamedExpr | ast.AugAssign) and node.value:
                self._assign(node.target, node.value)
            elif isinstance(node, ast.With | ast.AsyncWith):
                for item in node.items:
                    if item.optional_vars is not None:
                        self._assign(item.optional_vars, item.context_expr)
            elif isinstance(node, ast.For):
                self._assign(node.target, node.iter)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for inner in ast.walk(node) if len(node.body) < 200 else ():
                    if isinstance(inner, ast.Return) and inner.value is not None:
                        self._returned[node.name].append(inner.value)

    def _assign(self, target: ast.AST, value: ast.expr) -> None:
        name = target.id if isinstance(target, ast.Name) else getattr(target, "attr", "")
        if name and len(self._assigned[name]) < 8:
            self._assigned[name].append(value)

    def _spread_kinds(self) -> None:
        """Find the variables and functions of this source that hold something decoded or fetched.

        Order and scope are left out of account: one name is one thing.
        """
        values = [*self._assigned.items(), *self._returned.items()]
        for _ in range(_PASSES):
            for name, nodes in values:
                kinds = frozenset[str]().union(*(self._of(node) for node in nodes))
                if kinds:
                    self._kinds[name] = self._kinds.get(name, frozenset()) | kinds

    def _of(self, node: ast.AST) -> frozenset[str]:
        found: set[str] = set()
        for number, part in enumerate(ast.walk(node)):
            if number > 2_000:
                break
            if isinstance(part, ast.Name):
                found |= self._kinds.get(part.id, frozenset())
            elif isinstance(part, ast.Call):
                found |= self._call_gives(part)
            elif isinstance(part, ast.Slice) and _is_backwards(part):
                found.add("reversed")
        return frozenset(found)

    def _call_gives(self, node: ast.Call) -> set[str]:
        found: set[str] = set()
        for path in self.names.paths(node.func):
            if path in DECODERS:
                found.add("decoded")
            elif FETCHERS.match(path):
                found.add("fetched")
            elif path in ("builtins.open", "io.open", "pathlib.Path"):
                found.add("read")
        if isinstance(node.func, ast.Name):
            found |= self._kinds.get(node.func.id, frozenset())
        elif isinstance(node.func, ast.Attribute):
            if node.func.attr in self._returned:
                found |= self._kinds.get(node.func.attr, frozenset())
            if node.func.attr in ("read_text", "read_bytes"):
                found.add("read")
            elif node.func.attr in ("recv", "recvfrom"):
                found.add("fetched")
        return found

    def _call(self, node: ast.Call, on_import: bool) -> None:
        super()._call(node, on_import)
        paths = self.names.paths(node.func) or self.names.called_by(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr in _WRITERS:
            paths = [*paths, f"pathlib.Path.{node.func.attr}"]
            node = ast.Call(node.func, [node.func.value], [], lineno=node.lineno)
        elif isinstance(node.func, ast.Attribute) and node.func.attr == "open" and not paths:
            paths = ["pathlib.Path.open"]
            node = ast.Call(node.func, [node.func.value, *node.args], [], lineno=node.lineno)
        elif asks_every_class(node.func):
            paths = [*paths, "builtins.object.__subclasses__"]
        for path in paths:
            self._note(self._act(path, node))
            self._stage(path, node)
        self._handed_on(node, [*node.args, *(word.value for word in node.keywords)])

    def _node(self, node: ast.AST, on_import: bool) -> None:
        super()._node(node, on_import)
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
            self._handed_on(node, node.value.elts)  # as __reduce__ names what is to be called
        elif isinstance(node, ast.List | ast.Tuple | ast.Set):
            self._listed(node.elts)
        elif isinstance(node, ast.Dict):
            self._listed(node.values)

    def _listed(self, items: list[ast.expr]) -> None:
        """Note functions kept in a list or table, which may be called from there."""
        for item in items[:100]:
            if isinstance(item, ast.Attribute | ast.Name):
                for path in self.names.paths(item):
                    self._note(Act(path, item.lineno, self._when, frozenset({"listed"})))

    def _handed_on(self, node: ast.Call | ast.Return, parts: list[ast.expr]) -> None:
        """Note functions that are given to others to call: threads, exit handlers, pickles."""
        for part in parts:
            if isinstance(part, ast.Attribute | ast.Name):
                for path in self.names.paths(part):
                    rest = [other for other in parts if other is not part]
                    call = ast.Call(part, rest, [], lineno=node.lineno)
                    self._note(self._act(path, call))

    def _note(self, act: Act) -> None:
        if len(self.acts) < _MOST_ACTS:
            self.acts.setdefault((act.path, act.when, act.text, act.given), act)

    def _act(self, path: str, node: ast.Call) -> Act:
        given: set[str] = set()
        for argument in (*node.args, *(word.value for word in node.keywords)):
            given |= self._of(argument)
        first = node.args[0] if node.args else None
        if first is not None and not given and not self._is_constant(first):
            given.add("computed")
        words = self._words(node)
        shell = isinstance(first, ast.Constant | ast.JoinedStr | ast.BinOp) or any(
            word.arg == "shell" and not _is_false(word.value) for word in node.keywords
        )
        program = self._program(first)
        text = " ".join(words)[:_TEXT]
        return Act(path, node.lineno, self._when, frozenset(given), text, shell, program)

    def _is_constant(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, ast.List | ast.Tuple):
            return all(self._is_constant(item) for item in node.elts)
        return self._folder.fold(node) is not None

    def _program(self, node: ast.expr | None) -> str:
        values = self._assigned.get(node.id, []) if isinstance(node, ast.Name) else [node]
        for value in values:
            if isinstance(value, ast.List | ast.Tuple) and value.elts:
                first = self._folder.fold(value.elts[0])
                if isinstance(first, str):
                    return first[:100]
                return next(iter(self.names.paths(value.elts[0])), "?")
        return ""

    def _words(self, node: ast.Call) -> list[str]:
        found: list[str] = []
        pending: list[ast.AST] = [*node.args, *(word.value for word in node.keywords)]
        for part in pending[:20]:
            value = self._folder.fold(part)
            if value is not None:
                found.append(_plain(value))
                continue
            if isinstance(part, ast.Name):
                parts: list[ast.AST] = list(self._assigned.get(part.id, [])[:2])
            else:
                parts = [part]
            for inner in (one for whole in parts for one in list(ast.walk(whole))[:200]):
                if isinstance(inner, ast.Constant) and isinstance(inner.value, str | bytes):
                    found.append(_plain(inner.value))
        return found

    def _stage(self, path: str, node: ast.Call) -> None:
        """Note what is given to exec or to an unpickler as a constant."""
        runs = path in _CODE
        if not (runs or path in _LOADERS) or not node.args or len(self.stages) >= _MOST_MEMBERS:
            return
        value = self._folder.fold(node.args[0])
        if not value or (not runs and not isinstance(value, bytes)):
            return
        content = value if isinstance(value, bytes) else value.encode("utf-8", "replace")
        if path.endswith("eval"):
            content = content.lstrip(b" \t")
        kind = ("model-source",) if runs else ()
        stage = (f"line {node.lineno}", content, kind)
        if stage not in self.stages:
            self.stages.append(stage)


def _split_main(
    body: list[ast.stmt], is_main: bool
) -> tuple[list[ast.AST], list[ast.AST]]:
    """Tell what importing runs from what stands behind ``if __name__ == "__main__"``."""
    runs: list[ast.AST] = []
    guarded: list[ast.AST] = []
    for node in body:
        if not is_main and isinstance(node, ast.If) and _asks_for_main(node.test):
            guarded += node.body
            runs += node.orelse
        else:
            runs.append(node)
    return runs, guarded


def _asks_for_main(test: ast.expr) -> bool:
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return False
    sides = {getattr(one, "id", getattr(one, "value", None))
             for one in (test.left, test.comparators[0])}  # fmt: skip
    return isinstance(test.ops[0], ast.Eq) and sides == {"__name__", "__main__"}


def _plain(value: Value) -> str:
    return value if isinstance(value, str) else value[:_TEXT].decode("latin-1")


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value


def _is_backwards(node: ast.Slice) -> bool:
    return isinstance(node.step, ast.UnaryOp) and isinstance(node.step.op, ast.USub)
