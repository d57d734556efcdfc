"""What we think of graphs of PaddlePaddle, Caffe, MXNet and CNTK."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Finding, Severity
from ..formats.caffe import CaffeNet
from ..formats.cntk import CntkModel
from ..formats.mxnet import MxGraph, MxParameters
from ..formats.paddle import PaddleProgram
from . import RuleContext, rule
from .external_paths import leads_out

_REMEDY = "Do not run this model; get it again from a source you trust."
_PYTHON = frozenset(("py_func", "py_layer", "pylayer"))
_FILES = frozenset(("save", "load", "save_combine", "load_combine", "read", "create_custom_reader",
                    "lookup_sparse_table_init", "save_selected_rows", "read_file"))  # fmt: skip
_NETWORK = frozenset((
    "listen_and_serv", "heter_listen_and_serv", "send", "recv", "send_and_recv", "send_barrier",
    "fetch_barrier", "gen_nccl_id", "c_gen_nccl_id", "checkpoint_notify", "prefetch", "recv_save",
    "distributed_lookup_table", "push_sparse", "pull_sparse", "gen_bkcl_id", "c_gen_bkcl_id",
))  # fmt: skip


@rule("SNT1350", "paddle-python", severity=Severity.CRITICAL, formats=("paddle",), cwe="CWE-94")
def paddle_python(model: PaddleProgram, context: RuleContext) -> Iterator[Finding]:
    """An operator of the program calls a Python function.

    **What.** `py_func` and its like call a function of Python that the process has registered
    under a number, with values that the program gives.

    **Why it matters.** The program chooses which of the registered functions runs, and with what.
    Programs for inference have no such operator.

    **Fix.** Do not run the program.
    """
    for operator in model.operators:
        if operator.kind in _PYTHON:
            yield context.finding(
                f"the operator {operator.kind} calls Python",
                offset=operator.offset,
                evidence=_shown(operator.kind, operator.texts),
                remedy=_REMEDY,
            )


@rule("SNT1351", "paddle-reaches-out", severity=Severity.HIGH, formats=("paddle",), cwe="CWE-73")
def paddle_reaches_out(model: PaddleProgram, context: RuleContext) -> Iterator[Finding]:
    """An operator of the program touches files or the network.

    **What.** The program saves or loads files, or sends and receives over the network.

    **Why it matters.** Programs for inference do neither. Whoever runs this one reads or writes
    files that its author named, or talks to a server of the author's choice.

    **Fix.** Do not run the program.
    """
    for operator in model.operators:
        if operator.kind not in _FILES and operator.kind not in _NETWORK:
            continue
        network = operator.kind in _NETWORK
        away = any(leads_out(text) for _, text in operator.texts)
        yield context.finding(
            f"the operator {operator.kind} {'uses the network' if network else 'touches files'}",
            offset=operator.offset,
            evidence=_shown(operator.kind, operator.texts),
            remedy=_REMEDY,
            severity=None if network or away else Severity.MEDIUM,
        )


@rule("SNT1356", "paddle-custom-operator", severity=Severity.MEDIUM, formats=("paddle",),
      cwe="CWE-829")  # fmt: skip
def paddle_custom_operator(model: PaddleProgram, context: RuleContext) -> Iterator[Finding]:
    """An operator of the program is none of PaddlePaddle's own.

    **What.** The operator is one of those that a library registers (`custom_op`).

    **Why it matters.** To run the program, a native library has to be loaded that comes from its
    author. That is code, and no scan of the program covers it.

    **Fix.** Find out which library provides it and whether you trust it.
    """
    kinds = {operator.kind: operator for operator in model.operators if operator.custom}
    for kind, operator in kinds.items():
        yield context.finding(
            f"the operator {kind!r} comes from a library",
            offset=operator.offset,
            evidence=_shown(kind, operator.texts),
            remedy="Find out which library provides it.",
        )


@rule("SNT1352", "caffe-python-layer", severity=Severity.CRITICAL, formats=("caffe", "prototxt"),
      cwe="CWE-94")  # fmt: skip
def caffe_python_layer(model: CaffeNet, context: RuleContext) -> Iterator[Finding]:
    """A layer of the network is a class of a Python module that the network names.

    **What.** The layer's type is `Python`; its parameters name a module and a class.

    **Why it matters.** Caffe imports the module when the network is loaded and makes an object of
    the class. A module beside the network, or anywhere on the path, runs.

    **Fix.** Read that module before you load the network.
    """
    for layer in model.python:
        yield context.finding(
            f"loading imports the module {layer.module[:100]!r} and makes {layer.layer[:100]!r}",
            offset=layer.offset,
            evidence=f"{layer.module}.{layer.layer}({layer.parameters})"[:300],
            remedy="Read that module before you load the network.",
        )


@rule("SNT1353", "mxnet-custom-operator", severity=Severity.MEDIUM, formats=("mxnet",),
      cwe="CWE-470")  # fmt: skip
def mxnet_custom_operator(model: MxGraph, context: RuleContext) -> Iterator[Finding]:
    """An operator of the graph is Python, or a pointer into the memory of the process.

    **What.** `Custom` calls a class of Python that the process has registered under a name that
    the graph gives. `_Native` and `_NDArray` take, as an attribute, the address of a table of
    functions in memory.

    **Why it matters.** The graph chooses what is called, and with `_Native` even the address: a
    file with such an attribute jumps wherever it says.

    **Fix.** Do not load a graph with `_Native` or `_NDArray`. For `Custom`, find out which class
    is meant.
    """
    for operator in model.operators:
        if operator.op in ("_Native", "_NDArray", "Custom", "_CustomFunction"):
            pointer = operator.op in ("_Native", "_NDArray")
            yield context.finding(
                f"{operator.op} calls "
                + ("an address that the file gives" if pointer else "Python code by its name"),
                evidence=_shown(operator.op, operator.attributes),
                remedy=_REMEDY if pointer else "Find out which class is meant.",
                severity=Severity.CRITICAL if pointer else None,
            )


@rule("SNT1354", "mxnet-parameters", severity=Severity.LOW, formats=("mxnet-params",),
      cwe="CWE-130")  # fmt: skip
def mxnet_parameters(model: MxParameters, context: RuleContext) -> Iterator[Finding]:
    """The parameters do not account for the bytes of the file.

    **What.** Bytes follow the last name, or there are names for another number of arrays.

    **Why it matters.** Bytes that belong to nothing can be a second file for another reader.

    **Fix.** Save the parameters again.
    """
    if model.trailing:
        yield context.finding(
            f"{model.trailing} bytes follow the last name", evidence=f"{model.trailing} bytes"
        )
    if model.names not in (0, model.arrays):
        yield context.finding(
            f"{model.names} names for {model.arrays} arrays",
            evidence=f"{model.names} names, {model.arrays} arrays",
        )


@rule("SNT1355", "cntk-user-function", severity=Severity.CRITICAL, formats=("cntk",), cwe="CWE-94")
def cntk_user_function(model: CntkModel, context: RuleContext) -> Iterator[Finding]:
    """Loading the model imports a module or a native library that the model names.

    **What.** The model holds a user-defined function: a Python module and a class, or a native
    library and a function in it.

    **Why it matters.** Loading puts the two Python names into a line of code and executes it, so
    that the names themselves may be code; a native library is loaded and called.

    **Fix.** Do not load the model unless you know the module and trust it.
    """
    for function in model.functions:
        does = "loads the library" if function.native else "runs `from … import …` with"
        yield context.finding(
            f"loading {does} {function.module[:100]!r} and calls {function.name[:100]!r}",
            offset=function.offset,
            evidence=f"{function.module}: {function.name}"[:200],
            remedy=_REMEDY,
        )


def _shown(kind: str, texts: tuple[tuple[str, str], ...]) -> str:
    return f"{kind}({', '.join(f'{key}={text[:60]!r}' for key, text in texts[:6])})"[:300]
