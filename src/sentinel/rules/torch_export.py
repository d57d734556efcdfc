"""What we think of an exported PyTorch program."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ..errors import ParseError
from ..findings import Confidence, Finding, Severity
from ..formats.python_source import tree_of
from ..formats.torch_export import ExportedProgram
from . import RuleContext, rule
from .imports import Standing, judge
from .python_source import judge_path
from .torch_operators import Kind, judge_operator

_LISTED = 20
_REMEDY = "Do not load this program; export it again from its source."
_DUNDER = re.compile(r"__\w+__")
_WORD = re.compile(r"[\w.+/-]{0,64}\Z")
_ARITHMETIC = (
    ast.Module, ast.Expr, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Call, ast.Name,
    ast.Constant, ast.Tuple, ast.keyword, ast.operator, ast.unaryop, ast.boolop, ast.cmpop,
    ast.expr_context,
)  # fmt: skip
_REACHING = frozenset(("getattr", "setattr", "delattr", "vars", "globals", "locals", "type"))
_ROOTS = {"_operator": "operator", "torch": "torch", "math": "math"}


@rule(
    "SNT1161", "exported-target", severity=Severity.HIGH, formats=("torch-export",), cwe="CWE-470"
)
def exported_target(program: ExportedProgram, context: RuleContext) -> Iterator[Finding]:
    """A node of the graph calls something other than an operator.

    **What.** The target of a node is a path of attributes from `torch`, `operator` or `math` that
    leads to a function which runs code, loads it, or touches files, or out of those modules.

    **Why it matters.** `torch.export.load` follows such a path with `getattr` and calls what it
    finds when the program runs: `torch.os.system` is a path like any other.

    **Fix.** Do not load the program.
    """
    for target in program.targets:
        danger = _target_danger(target)
        if danger:
            yield context.finding(
                f"the graph calls {target}, which {danger}", evidence=target, remedy=_REMEDY
            )


def _target_danger(target: str) -> str:
    root, _, rest = target.partition(".")
    module = next((known for head, known in _ROOTS.items() if root.startswith(head)), "")
    if not module or not rest:
        outside = judge(root, rest) if rest and not target.startswith("#") else None
        acts = outside is not None and outside.standing is Standing.DANGEROUS
        return outside.reason if outside is not None and acts else ""
    if rest.startswith("ops."):
        judged = judge_operator(rest)
        return judged.reason if judged.kind in (Kind.FILE, Kind.LOADS, Kind.RPC) else ""
    if _DUNDER.search(rest):
        return "" if module == "operator" and "." not in rest else "walks into the interpreter"
    found = judge_path(f"{module}.{rest}")
    if found is not None:
        return found.reason
    judgement = judge(module, rest)
    if judgement.standing is Standing.DANGEROUS and judgement.capability in ("execute", "file"):
        return judgement.reason
    return ""


@rule(
    "SNT1162",
    "exported-expression",
    severity=Severity.CRITICAL,
    formats=("torch-export",),
    cwe="CWE-95",
)
def exported_expression(program: ExportedProgram, context: RuleContext) -> Iterator[Finding]:
    """A size expression holds more than arithmetic.

    **What.** Symbolic sizes are written as text such as `2*s0 + 1`. This one holds attribute
    access, other text, indexing or calls of Python's built-in functions.

    **Why it matters.** Loading the program hands the text to `sympy.sympify`, which evaluates it
    as Python.

    **Fix.** Treat the file as hostile.
    """
    for expression in program.expressions:
        if not _is_arithmetic(expression):
            yield context.finding(
                "a size expression holds code that loading evaluates",
                evidence=expression[:200],
                remedy=_REMEDY,
            )


def _is_arithmetic(expression: str) -> bool:
    """Return True for what sympy writes: operators, and functions of symbols and numbers."""
    try:
        tree = tree_of(expression.strip().encode("utf-8", "surrogatepass"))
    except ParseError:
        return False
    for node in ast.walk(tree):
        if not isinstance(node, _ARITHMETIC):
            return False
        if isinstance(node, ast.Call) and not isinstance(node.func, ast.Name):
            return False
        if isinstance(node, ast.Name) and (
            "__" in node.id or node.id in _REACHING or judge_path(f"builtins.{node.id}") is not None
        ):
            return False
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            if not isinstance(node.value, str) or not _WORD.match(node.value):
                return False
            if "__" in node.value:
                return False
    return True


@rule("SNT1163", "exported-guard", severity=Severity.HIGH, formats=("torch-export",), cwe="CWE-95")
def exported_guard(program: ExportedProgram, context: RuleContext) -> Iterator[Finding]:
    """A guard of the program does more than compare.

    **What.** Guards are lines of Python, compiled and run when the program is turned into a
    module. They compare sizes and values of inputs; this one calls something that does harm,
    reaches into the interpreter, or is no Python at all.

    **Why it matters.** Whatever stands there runs with the rights of whoever uses the program.

    **Fix.** Treat the file as hostile.
    """
    if program.guard_source is None:
        yield context.finding(
            "the guards are not Python",
            evidence="; ".join(program.guards[:_LISTED])[:200],
            severity=Severity.MEDIUM,
            confidence=Confidence.MEDIUM,
        )
        return
    for use in program.guard_source.uses:
        judgement = judge_path(use.path)
        if judgement is not None and (use.called or not use.path.startswith("builtins.")):
            yield context.finding(
                f"a guard reaches {use.path}: {judgement.reason}",
                evidence=f"{use.path}({use.text!r})",
                remedy=_REMEDY,
            )
    for guard in program.guards:
        if _DUNDER.search(guard):
            yield context.finding(
                "a guard reaches into the interpreter", evidence=guard[:200], remedy=_REMEDY
            )
