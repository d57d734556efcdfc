"""Formulas of statistics (patsy, formulaic) in saved models, which loading evaluates as Python.

``y ~ C(group) + np.log(x)``: what stands between the operators is Python, and a model of
statsmodels evaluates its formula again when it is made from its state. Ordinary ones name columns
and call functions of numbers; whatever could import, walk or touch a file is none of them.
Source: ``statsmodels/base/data.py`` (``ModelData.__setstate__``), ``patsy/tokens.py``.
"""

from __future__ import annotations

import ast
import re
import warnings

from .import_index import index
from .imports import judge
from .judgement import Standing

_LONGEST = 20_000
_QUOTED = re.compile(r"'[^'\\\n]*'|\"[^\"\\\n]*\"")
_TERMS = re.compile(r"%in%|[~:|]")
_TICKED = re.compile(r"`[^`\n]*`")
_GIVEN_TEXT = frozenset(
    ("C", "Q", "Treatment", "Sum", "Diff", "Helmert", "Poly", "bs", "cc", "cr", "te", "center",
     "standardize", "scale", "hashed", "poly", "treatment", "helmert", "diff", "sas", "custom",
     "astype", "isin")
)  # fmt: skip
"""Functions that may be given text: the names of columns, levels, contrasts and types."""
_OF_COLUMNS = _GIVEN_TEXT | frozenset(
    ("I", "log", "log1p", "log2", "log10", "exp", "expm1", "sqrt", "cbrt", "square", "abs", "sign",
     "power", "sin", "cos", "tan", "tanh", "maximum", "minimum", "where", "clip", "rank", "shift")
)  # fmt: skip
"""Functions that may be given a column that is called as a function of Python is: ``open``."""
_CALLERS = frozenset(("apply", "getattr", "type", "partial"))
_ROOTS = {"np": "numpy", "pd": "pandas", "sp": "scipy", "sm": "statsmodels.api"}
_PARTS = (
    ast.Expression, ast.Call, ast.Attribute, ast.Name, ast.Constant, ast.Tuple, ast.List, ast.Dict,
    ast.Set, ast.Slice, ast.Subscript, ast.keyword, ast.Load, ast.BinOp, ast.UnaryOp, ast.BoolOp,
    ast.Compare, ast.operator, ast.unaryop, ast.cmpop, ast.boolop,
)  # fmt: skip


def is_plain_formula(text: str) -> bool:
    """Return True for a formula whose evaluation computes with columns and nothing else."""
    tree = _parsed(text)
    return tree is not None and all(map(_is_plain, ast.walk(tree)))


def _parsed(text: str) -> ast.Expression | None:
    """Return the terms as one expression of Python; None when they are none."""
    text = " ".join(text.split())
    if len(text) > _LONGEST or not text.isprintable():
        return None
    bare = _QUOTED.sub("_", text)
    ticked = "`" in bare  # a column's name in formulaic
    if any(mark in bare for mark in "'\"#\\;") or (ticked and bare != text):
        return None
    joined = _between(_TICKED.sub(" _ ", text) if ticked else text).strip().removeprefix("+")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(f"({joined})", mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _between(text: str) -> str:
    """Put a plus for each operator that Python does not have, outside quotes and brackets."""
    done, depth, place = [], 0, 0
    for piece in re.finditer(r"'[^']*'|\"[^\"]*\"|%in%|[~:|]|[\[\]{}]", text):
        found = piece.group()
        depth += (found in "[{") - (found in "]}")
        if _TERMS.fullmatch(found) and depth == 0:
            done += [text[place : piece.start()], "+"]
            place = piece.end()
    return "".join(done) + text[place:]


def _is_plain(node: ast.AST) -> bool:
    if isinstance(node, ast.Name):
        return not node.id.startswith("__")
    if isinstance(node, ast.Attribute):
        root = node.value.id if isinstance(node.value, ast.Name) else ""
        return _names_nothing(node.attr) and not index().is_tail(root)
    if isinstance(node, ast.Call):
        return _call_is_plain(node)
    return isinstance(node, _PARTS)


def _names_nothing(name: str) -> bool:
    tables = index()
    telling = tables.telling(name) or tables.method(name) or tables.segment(name)
    return not (telling or name.startswith("_") or tables.is_tail(name))


def _call_is_plain(node: ast.Call) -> bool:
    path: list[str] = []
    part: ast.expr = node.func
    while isinstance(part, ast.Attribute):
        path.append(part.attr)
        part = part.value
    if isinstance(part, ast.Name):
        path.append(part.id)
    if not path or not _given_is_plain(node, path[0]):
        return False
    if len(path) == 1:
        known = judge("builtins", path[0])
        return known.standing is not Standing.DANGEROUS and known.shape not in _CALLERS
    root = _ROOTS.get(path[-1], path[-1])
    return judge(".".join([root, *path[-2:0:-1]]), path[0]).standing is not Standing.DANGEROUS


def _given_is_plain(node: ast.Call, name: str) -> bool:
    """Return False for text that is given to what does not take any, and for functions."""
    given = [*node.args, *(one.value for one in node.keywords)]
    parts = [part for one in given for part in _outside_calls(one)]
    if name not in _GIVEN_TEXT and any(map(_is_text, parts)):
        return False
    return name in _OF_COLUMNS or not any(map(_is_function, parts))


def _is_text(part: ast.AST) -> bool:
    return isinstance(part, ast.Constant) and isinstance(part.value, str | bytes)


def _is_function(part: ast.AST) -> bool:
    if not isinstance(part, ast.Name):
        return False
    known = judge("builtins", part.id)
    return known.standing is Standing.DANGEROUS or known.shape in _CALLERS


def _outside_calls(node: ast.AST) -> list[ast.AST]:
    """Return the parts of an argument, without what calls within it are given."""
    found, queue = [], [node]
    while queue:
        part = queue.pop()
        found.append(part)
        if not isinstance(part, ast.Call):
            queue += ast.iter_child_nodes(part)
    return found
