"""What we think of a skops file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ..data import read
from ..findings import Finding, Severity
from ..formats.skops import SkopsFile, SkopsNode
from . import RuleContext, rule
from .imports import Standing, judge

_LISTED = 100
_LOADERS = frozenset(
    (
        "BytearrayNode", "BytesNode", "CachedNode", "ConstructorFromReduceNode", "DTypeNode",
        "DefaultDictNode", "DictNode", "FunctionNode", "JsonNode", "ListNode", "LossNode",
        "MaskedArrayNode", "MethodNode", "NdArrayNode", "ObjectNode", "OperatorFuncNode",
        "PartialNode", "QuantileForestNode", "RandomGeneratorNode", "RandomStateNode", "ReduceNode",
        "SetNode", "SliceNode", "SparseMatrixNode", "TreeNode", "TupleNode", "TypeNode",
        "SGDNode", "ZoneInfoNode", "_DictWithDeprecatedKeysNode", "EstimatorNode",
    )
)  # fmt: skip
_OPERATORS = frozenset(("attrgetter", "itemgetter", "methodcaller"))
_TELLING = re.compile(
    r"__\w+__|\A(?:system|popen|spawn\w*|exec\w*|eval|run\w*|call|check_output|load\w*|read\w*"
    r"|write\w*|open|import_module|unlink|remove|rmtree|urlopen|connect|to_pickle|tofile|dump\w*"
    r"|query)\Z"
)
_PLAIN = frozenset(
    (
        "int", "float", "str", "bool", "list", "set", "map", "tuple", "dict", "slice", "bytes",
        "bytearray", "type", "NoneType", "complex", "frozenset", "object", "len", "range",
    )
)  # fmt: skip
_REMEDY = "Do not pass these names as `trusted`; load nothing from this file."


@rule("SNT1440", "skops-dangerous-name", severity=Severity.CRITICAL, formats=("skops",),
      cwe="CWE-502")  # fmt: skip
def dangerous_name(model: SkopsFile, context: RuleContext) -> Iterator[Finding]:
    """A node names something that runs code, or reaches files or the network.

    **What.** The schema has a function, a class or a method of an object which no model is made of:
    `os.system`, `builtins.eval`, a loader of pickles.

    **Why it matters.** Loading the file looks the name up and, for most kinds of node, calls it,
    once the name is trusted. Who trusts what `get_untrusted_types` lists without reading it trusts
    this.

    **Fix.** Do not load the file.
    """
    for node in model.nodes:
        told = _danger(node)
        if told:
            yield context.finding(
                f"loading reaches {_label(node)}: {told}",
                evidence=f"{node.place or 'top'}: {node.loader} {_label(node)}",
                remedy=_REMEDY,
            )


def _label(node: SkopsNode) -> str:
    name = f"{node.module}.{node.name}"
    return f"{node.inner or name}.{node.method}" if node.method else name


def _danger(node: SkopsNode) -> str:
    if node.loader == "OperatorFuncNode" and node.name in _OPERATORS:
        return ""
    module, name = node.module, node.name
    if _trusted(module, name) and not node.method:
        return ""
    judgement = judge(module, name)
    if judgement.standing is Standing.DANGEROUS:
        return judgement.reason
    if node.method:
        inner, _, last = (node.inner or f"{module}.{name}").rpartition(".")
        judgement = judge(inner, f"{last}.{node.method}")
        if judgement.standing is Standing.DANGEROUS:
            return judgement.reason
    return ""


@rule("SNT1441", "skops-unknown-name", severity=Severity.MEDIUM, formats=("skops",),
      cwe="CWE-470")  # fmt: skip
def unknown_name(model: SkopsFile, context: RuleContext) -> Iterator[Finding]:
    """A node names a function or class that no table knows.

    **What.** The name is neither one that skops trusts by default nor one that ordinary files of
    libraries hold.

    **Why it matters.** skops asks you to trust it, and then imports its module and makes the
    object. A class that is merely looked up is of low severity.

    **Fix.** Find out where the module comes from before you add the name to `trusted`.
    """
    for node in model.nodes[:_KEPT]:
        if node.loader not in _LOADERS or _danger(node) or not _unknown(node):
            continue
        yield context.finding(
            f"loading needs {_label(node)}, which no table knows",
            evidence=f"{node.place or 'top'}: {node.loader} {_label(node)}",
            severity=Severity.LOW if node.loader == "TypeNode" else None,
            remedy="Trust the name only if you know the package it is from.",
        )


_KEPT = 2_000


def _unknown(node: SkopsNode) -> bool:
    if node.loader == "OperatorFuncNode":
        return False
    if _trusted(node.module, node.name):
        return False
    return judge(node.module, node.name).standing is Standing.UNKNOWN


@rule("SNT1442", "skops-inconsistent-node", severity=Severity.HIGH, formats=("skops",),
      cwe="CWE-351")  # fmt: skip
def inconsistent_node(model: SkopsFile, context: RuleContext) -> Iterator[Finding]:
    """A node says one thing to whoever checks it and does another.

    **What.** The class that a method node shows is not the class of its object, an operator node is
    of another module than `operator`, or the loader is one that no version of skops has.

    **Why it matters.** skops before 0.12 listed the shown name as the one to trust and used the
    other (CVE-2025-54412, CVE-2025-54413). skops never writes such nodes.

    **Fix.** Treat the file as hostile.
    """
    for node in model.nodes:
        told = _inconsistent(node)
        if told:
            yield context.finding(
                told,
                evidence=f"{node.place or 'top'}: {node.loader} {_label(node)} {node.inner}",
                severity=None if node.loader in _LOADERS else Severity.MEDIUM,
                remedy=_REMEDY,
            )


def _inconsistent(node: SkopsNode) -> str:
    shown = f"{node.module}.{node.name}"
    if node.loader not in _LOADERS:
        return f"a node with the loader {node.loader!r}, which skops does not have"
    if node.loader == "MethodNode" and node.inner != shown:
        return f"a method of {node.inner or 'nothing'} that is shown as one of {shown}"
    if node.loader == "OperatorFuncNode" and (
        node.module not in ("operator", "_operator") or node.name not in _OPERATORS
    ):
        return f"an operator that is shown as {shown}"
    if node.loader == "PartialNode" and shown != "functools.partial":
        return f"a partial function that is shown as {shown}"
    return ""


@rule("SNT1443", "skops-attribute-access", severity=Severity.HIGH, formats=("skops",),
      cwe="CWE-470")  # fmt: skip
def attribute_access(model: SkopsFile, context: RuleContext) -> Iterator[Finding]:
    """A node fetches a method or attribute by a telling name.

    **What.** A method node, or `operator.attrgetter` or `methodcaller`, goes for `__globals__`,
    `__class__`, `system`, `load` or the like. Methods of other names are not reported.

    **Why it matters.** With a few such steps any harmless object leads to the interpreter.

    **Fix.** Do not load the file.
    """
    for node in model.nodes[:100_000]:
        names = node.method.split(".") if node.method else node.inner.replace(",", ".").split(".")
        if node.loader not in ("MethodNode", "OperatorFuncNode"):
            continue
        telling = [name.strip() for name in names if _TELLING.search(name.strip())]
        if telling:
            yield context.finding(
                f"a node fetches {telling[0]}",
                evidence=f"{node.place or 'top'}: {_label(node)} {node.inner}",
                remedy=_REMEDY,
            )


def _trusted(module: str, name: str) -> bool:
    if module == "builtins":
        return name in _PLAIN
    return name in _table().get(module, frozenset())


@lru_cache(maxsize=1)
def _table() -> dict[str, frozenset[str]]:
    lines = (line.partition("\t") for line in read("skops_names.txt").decode().splitlines())
    return {module: frozenset(names.split()) for module, _, names in lines if module[:1] != "#"}
