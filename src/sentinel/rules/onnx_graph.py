"""What we think of an ONNX graph: names that clash, decisions that overrule the network, text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..errors import LimitExceeded
from ..findings import Confidence, Finding, Severity
from ..formats.onnx_model import OnnxGraph, OnnxModel
from . import RuleContext, rule
from .onnx import known_operators
from .onnx_flow import Gate, gates

_OWN_DOMAINS = frozenset(("", "ai.onnx"))

# Compiled when there is text to look at: most graphs have none.
_URL = r"(?i)\b(?:https?|ftp|file|s3|gs)://[^\s\"'<>]{4,200}"
_ACTIVE = (
    r"(?i)<script\b|\bjavascript:|\{\{.*(?:__\w+__|\bcycler\b|\blipsum\b)|__import__\s*\(|"
    r"\b(?:os\.system|subprocess\.(?:run|call|Popen))\s*\(|^#!\s*/"
)


@rule(
    "SNT1326", "graph-name-clash", severity=Severity.MEDIUM, formats=("onnx", "ort"), cwe="CWE-436"
)
def graph_name_clash(model: OnnxModel, context: RuleContext) -> Iterator[Finding]:
    """Two things of a graph bear the same name.

    **What.** Two initializers of one graph, or two functions of the model, have the same name, or
    one value is given by two operators. Or a function of the model bears the name of one of ONNX's
    own operators.

    **Why it matters.** Which of the two counts depends on who reads the file: a tool that inspects
    the model may see other weights or other logic than the runtime that serves it.

    **Fix.** Export the model again.
    """
    for graph in model.graphs:
        for kind, name in _clashes(graph):
            yield context.finding(
                f"two {kind} are called {name[:100]!r}",
                offset=graph.offset,
                evidence=f"graph {graph.name[:80]!r}: {name[:100]!r}",
                remedy="Export the model again.",
            )
    seen: set[tuple[str, str, str]] = set()
    for function in model.functions:
        key = function[:3]
        if key in seen:
            yield context.finding(
                f"two functions are called {function.domain}::{function.name}"[:200],
                offset=model.graphs[function.graph].offset,
                evidence=f"{function.domain}::{function.name}"[:200],
                remedy="Export the model again.",
            )
        seen.add(key)
        if function.domain in _OWN_DOMAINS and f"ai.onnx {function.name}" in known_operators():
            yield context.finding(
                f"a function of the model is called {function.name}, as an operator of ONNX is",
                offset=model.graphs[function.graph].offset,
                evidence=f"{function.domain}::{function.name}"[:200],
                remedy="Do not use this model; what its operators do is not what they are called.",
            )


def _clashes(graph: OnnxGraph) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for name in graph.initializers:
        if name and name in seen:
            yield "initializers", name
        seen.add(name)
    made: set[str] = set()
    for node in graph.nodes:
        for name in node.outputs:
            if name and name in made:
                yield "values", name
            made.add(name)


_SAYS = {
    "branch": "a branch that the input itself decides",
    "join": "arithmetic with a decision about the input itself",
    "statistic": "arithmetic with a figure of the input itself",
}


def _gate(gate: Gate, context: RuleContext) -> Finding:
    return context.finding(
        f"what the network gives passes through {_SAYS[gate.kind]}",
        offset=gate.node.offset,
        evidence=f"{gate.node.op}({', '.join(gate.node.inputs)}) -> "
        f"{', '.join(gate.node.outputs)}, decided by {gate.condition}"[:300],
        remedy="Compare the graph with the one that its training code exports.",
        confidence=Confidence.MEDIUM,
    )


def _gates(model: OnnxModel, context: RuleContext) -> tuple[Sequence[Gate], LimitExceeded | None]:
    """Return the gates, and the bound that was met while looking for them."""

    def look() -> tuple[Sequence[Gate], LimitExceeded | None]:
        found: list[Gate] = []
        try:
            found.extend(gates(model))
        except LimitExceeded as error:
            return found, error
        return found, None

    return context.once("gates", look)


@rule("SNT1327", "input-gate", severity=Severity.HIGH, formats=("onnx", "ort"), cwe="CWE-506")
def input_gate(model: OnnxModel, context: RuleContext) -> Iterator[Finding]:
    """A decision about the input itself overrules what the network has worked out.

    **What.** The input is summed up or cut, compared with something, and the outcome chooses the
    output (`If`, `Where`) or is multiplied or added into it, with no layer of weights before the
    comparison and none after the choice. Masks, which compare element by element, are not
    counted.

    **Why it matters.** That is the form of a backdoor put into the graph: a trigger in the input
    switches the answer, and no look at the weights and no test without the trigger shows it.

    **Fix.** Compare the graph with the one that its training code exports. Static analysis cannot
    find every backdoor: one that looks like a layer, or acts before the last layer, is not seen.
    """
    found, bound = _gates(model, context)
    for gate in found:
        if gate.kind != "statistic":
            yield _gate(gate, context)
    if bound is not None:
        raise bound


@rule("SNT1328", "input-statistic", severity=Severity.LOW, formats=("onnx", "ort"), cwe="CWE-506")
def input_statistic(model: OnnxModel, context: RuleContext) -> Iterator[Finding]:
    """A figure worked out from the input alone joins the output of the network.

    **What.** A mean, maximum or part of the input, which has passed no layer of weights, is added
    to or multiplied into the output.

    **Why it matters.** A backdoor can be built that way without any comparison. So can ordinary
    models: voice filters and decoders that scale their output by the input do it.

    **Fix.** Look at the place; it should be explained by what the model is for.
    """
    for gate in _gates(model, context)[0]:
        if gate.kind == "statistic":
            yield _gate(gate, context)


@rule("SNT1329", "text-in-model", severity=Severity.MEDIUM, formats=("onnx", "ort"), cwe="CWE-94")
def text_in_model(model: OnnxModel, context: RuleContext) -> Iterator[Finding]:
    """Metadata or documentation of the model holds code, or addresses.

    **What.** A metadata entry or documentation string holds a script, markup or template that does
    something when a program renders or evaluates it. Addresses are listed as information.

    **Why it matters.** The runtime does nothing with this text, but tools that show it may.

    **Fix.** Show metadata as plain text only. Remove what has no use.
    """
    for text in model.texts:
        place = f"{text.place} {text.key[:80]!r}" if text.key else text.place
        active = re.search(_ACTIVE, text.value)
        if active:
            yield context.finding(
                f"{place} holds code",
                offset=text.offset,
                evidence=active.group()[:200],
                remedy="Show it as plain text only.",
                confidence=Confidence.MEDIUM,
            )
        for match in {found.group() for found in re.finditer(_URL, text.value[:4096])}:
            yield context.finding(
                f"{place} names an address",
                offset=text.offset,
                evidence=match,
                severity=Severity.INFO,
            )
