"""What we think of TensorFlow's graphs: what their operators do to the world outside."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from ..data import read
from ..findings import Confidence, Finding, Severity
from ..formats.tf_model import TfGraphs, TfNode
from . import RuleContext, rule
from .external_paths import leads_out
from .tensorflow_paths import Places, places, sources

_REMEDY = "Do not run this model; get it again from a source you trust."
_PATHS = frozenset(
    ("descriptor_source", "file_pattern", "memory_region_name", "filename", "path", "logdir")
)
_STREAMS = ("file://", "grpc://", "http://", "https://")


@rule("SNT1331", "tensorflow-python", severity=Severity.CRITICAL, formats=("savedmodel",),
      cwe="CWE-94")  # fmt: skip
def tensorflow_python(model: TfGraphs, context: RuleContext) -> Iterator[Finding]:
    """An operator of the graph calls into the Python interpreter.

    **What.** `PyFunc`, `PyFuncStateless` and `EagerPyFunc` call a Python function that the process
    has registered under a token, with values that the graph gives.

    **Why it matters.** The function itself is not in the file: it has to be registered by the
    process that runs the graph. Tokens are short numbers (`pyfunc_0`) that are given in order, so
    a graph can call whatever another part of the program has registered, with arguments of its
    choice. Ordinary models are saved without such operators, because they do not work elsewhere.

    **Fix.** Do not run the graph. Write the step that needs Python outside of the model.
    """
    for node in _having(model, "python"):
        token = next((text for key, text in node.texts if key == "token"), "")
        yield _finding(
            context, node, f"{node.op} calls the Python function registered as {token[:60]!r}",
            remedy=_REMEDY,
        )  # fmt: skip


@rule("SNT1332", "tensorflow-file", severity=Severity.HIGH, formats=("savedmodel",), cwe="CWE-73")
def tensorflow_file(model: TfGraphs, context: RuleContext) -> Iterator[Finding]:
    """An operator of the graph reads or writes files.

    **What.** The graph reads, lists or writes files (`ReadFile`, `WriteFile`, `MatchingFiles`,
    `SqlDataset`, `PrintV2` to a file), or an operator that reads records, tables or variables is
    given a constant path out of the folder of the model. Saving and restoring variables, reading
    assets and records is ordinary, and at most noted.

    **Why it matters.** Running the model gives its author the files of whoever runs it, as
    predictions or in a place of the author's choice, or puts files on that machine: a start-up
    script, a module of Python, a key.

    **Fix.** Do not run the graph.
    """
    known = context.once("places", lambda: places(model))
    assets = {asset.tensor.partition(":")[0] for asset in model.assets}
    noted: set[str] = set()
    for node in model.nodes:
        effect = _effects().get(node.op, "")
        if effect == "file":
            yield _file(context, node, known)
        elif effect in ("records", "checkpoint", "log", "region"):
            path, how = _away(node, known, assets, 2 if effect == "checkpoint" else None)
            if how:
                yield _finding(
                    context, node, f"{node.op} is given a path that {how}", path, _REMEDY
                )
            elif effect == "records" and node.op not in noted:
                noted.add(node.op)
                yield context.finding(
                    f"{node.op} reads a file that whoever runs the graph names",
                    offset=node.offset,
                    evidence=node.op,
                    severity=Severity.INFO,
                )
        elif effect == "print":
            for key, text in node.texts:
                if key == "output_stream" and text.startswith(_STREAMS):
                    yield _finding(context, node, "PrintV2 writes to a file", text, _REMEDY)


def _file(context: RuleContext, node: TfNode, known: Places) -> Finding:
    paths = [text for text, _ in sources(node, known) if text]
    return context.finding(
        f"{node.op} touches {'a file that the graph names' if paths else 'files'}",
        offset=node.offset,
        evidence=_shown(node, ", ".join(paths[:3])),
        remedy=_REMEDY,
        confidence=Confidence.HIGH if paths else Confidence.MEDIUM,
    )


def _away(node: TfNode, known: Places, assets: set[str], inputs: int | None) -> tuple[str, str]:
    """Return a path that leads out of the model's folder, and how; empty when there is none."""
    given = [(text, name) for text, name in sources(node, known, inputs) if name not in assets]
    given += [(text, "") for key, text in node.texts if key in _PATHS]
    for text, _ in given:
        if text.startswith(("memmapped_package://", "local://", "bytes://", "ram://")):
            continue
        how = leads_out(text)
        if how:
            return text, how
    return "", ""


@rule("SNT1333", "tensorflow-network", severity=Severity.HIGH, formats=("savedmodel",),
      cwe="CWE-918")  # fmt: skip
def tensorflow_network(model: TfGraphs, context: RuleContext) -> Iterator[Finding]:
    """An operator of the graph opens a connection, or sends what it sees to a debugger.

    **What.** The graph talks to a server (`RpcClient`, `RpcServer`, `DataServiceDataset`), or one
    of the operators of the debugger (`DebugIdentity`) writes each value it sees to a URL.

    **Why it matters.** Running the model hands its inputs and outputs to whoever listens there.

    **Fix.** Do not run the graph.
    """
    known = context.once("places", lambda: places(model))
    for node in model.nodes:
        effect = _effects().get(node.op, "")
        if effect == "network":
            to = ", ".join(text for text, _ in sources(node, known))
            yield _finding(context, node, f"{node.op} opens a connection", to, _REMEDY)
        elif effect == "debug":
            urls = [text for key, text in node.texts if text.startswith(_STREAMS)]
            if urls:
                yield _finding(
                    context, node, f"{node.op} sends each value to a URL", ", ".join(urls[:3]),
                    _REMEDY,
                )  # fmt: skip


@rule("SNT1334", "tensorflow-custom-operator", severity=Severity.MEDIUM, formats=("savedmodel",),
      cwe="CWE-829")  # fmt: skip
def tensorflow_custom_operator(model: TfGraphs, context: RuleContext) -> Iterator[Finding]:
    """The graph uses an operator that TensorFlow does not have.

    **What.** The operator is none of TensorFlow's, none of a library we know, and no function that
    the graph defines itself. Those of TensorFlow Text and Decision Forests are information.

    **Why it matters.** To run the graph, a native library has to be loaded that comes with it from
    the same source. That is code, and no scan of the graph covers it.

    **Fix.** Find out which library the graph needs and whether you trust it.
    """
    functions = set(model.functions)
    seen: set[str] = set()
    for node in model.nodes:
        op = node.op
        if op in seen or op in functions or op in _table():
            continue
        seen.add(op)
        library = _libraries().get(op, "")
        if not library and op.startswith("TFText>"):
            library = "tensorflow-text"
        yield context.finding(
            f"operator {op[:100]!r} of {library}" if library else f"unknown operator {op[:100]!r}",
            offset=node.offset,
            evidence=op[:200],
            remedy="" if library else "Find out which library provides it.",
            severity=Severity.INFO if library else None,
        )


@rule("SNT1335", "tensorflow-asset-path", severity=Severity.HIGH, formats=("savedmodel",),
      cwe="CWE-22")  # fmt: skip
def tensorflow_asset_path(model: TfGraphs, context: RuleContext) -> Iterator[Finding]:
    """A file that should come with the model lies elsewhere.

    **What.** Assets are files below the `assets` folder of a SavedModel. The name of this one is
    absolute, climbs with `..` or is a URL.

    **Why it matters.** Loading reads that file instead, for instance into a table that the model
    then answers from.

    **Fix.** Do not load the model.
    """
    for asset in model.assets:
        how = leads_out(asset.filename)
        if how:
            yield context.finding(
                f"the name of an asset {how}",
                offset=asset.offset,
                evidence=asset.filename[:200],
                remedy=_REMEDY,
            )


@rule("SNT1336", "tensorflow-shadowed-operator", severity=Severity.MEDIUM,
      formats=("savedmodel",), cwe="CWE-436")  # fmt: skip
def tensorflow_shadowed_operator(model: TfGraphs, context: RuleContext) -> Iterator[Finding]:
    """A function of the graph bears the name of one of TensorFlow's operators.

    **What.** Functions are looked up before operators, so all uses of that name call the function.

    **Why it matters.** The graph does something else than it seems to: an addition may read a
    file. No exporter names functions like that.

    **Fix.** Treat the file as hostile.
    """
    for name in dict.fromkeys(model.functions):
        if name in _table():
            yield context.finding(
                f"a function is called {name}, like the operator", evidence=name, remedy=_REMEDY
            )


@rule("SNT1337", "tensorflow-opaque-operator", severity=Severity.LOW, formats=("savedmodel",),
      cwe="CWE-829")  # fmt: skip
def tensorflow_opaque_operator(model: TfGraphs, context: RuleContext) -> Iterator[Finding]:
    """An operator holds code compiled for a device, or ends the process.

    **What.** The operator carries an engine or calls a routine by name that a compiler made for one
    kind of device, which cannot be looked into; or it is `Abort`, which ends the process.

    **Why it matters.** Compiled engines are code. `Abort` takes the server down when it runs.

    **Fix.** Compile engines yourself, from a graph that was scanned. Do not run a graph that
    aborts.
    """
    seen: set[str] = set()
    for node in model.nodes:
        effect = _effects().get(node.op, "")
        if effect not in ("native", "end") or node.op in seen:
            continue
        seen.add(node.op)
        ends = effect == "end"
        yield context.finding(
            f"{node.op} ends the process" if ends else f"{node.op} holds or calls compiled code",
            offset=node.offset,
            evidence=_shown(node, ""),
            severity=Severity.MEDIUM if ends else None,
        )


def _having(model: TfGraphs, effect: str) -> Iterator[TfNode]:
    effects = _effects()
    return (node for node in model.nodes if effects.get(node.op) == effect)


def _finding(
    context: RuleContext, node: TfNode, message: str, given: str = "", remedy: str = ""
) -> Finding:
    return context.finding(message, offset=node.offset, evidence=_shown(node, given), remedy=remedy)


def _shown(node: TfNode, given: str) -> str:
    place = f"{node.function}/{node.name}" if node.function else node.name
    return f"{node.op}({given[:160]}) at {place[:120]}"


def effect_of(op: str) -> str:
    """Return what an operator does to the outside (see ``data/tf_effects.txt``), or nothing."""
    return _effects().get(op, "")


def is_ordinary(op: str) -> bool:
    """Return True for an operator of TensorFlow or of a library of it that we know."""
    return op in _table() or op in _libraries() or op.startswith("TFText>")


@cache
def _effects() -> dict[str, str]:
    return _pairs("tf_effects.txt")


@cache
def _libraries() -> dict[str, str]:
    return _pairs("tf_ops_known.txt")


def _pairs(table: str) -> dict[str, str]:
    lines = read(table).decode().splitlines()
    rows = (line.split() for line in lines if line and not line.startswith("#"))
    return {row[0]: row[1] for row in rows}


@cache
def _table() -> frozenset[str]:
    return frozenset(read("tf_ops.txt").decode().splitlines())
