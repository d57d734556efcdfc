"""What we think of TorchScript code."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from ..formats.torchscript import TorchScriptCode, Use
from . import RuleContext, rule
from .torch_operators import RPC, Kind, judge_operator

_LISTED = 20
_FILE_METHODS = frozenset(("from_file", "save"))
_REMEDY = "Do not load this archive; ask its author what the operator is for."
_PYTHON = frozenset(
    ("exec", "eval", "compile", "__import__", "open", "globals", "breakpoint", "input")
)


def _of_kind(code: TorchScriptCode, *kinds: Kind) -> Iterator[tuple[Use, str]]:
    """Yield the first use of each operator that is of a kind, with what it does."""
    seen: set[tuple[str, str]] = set()
    for use in code.operators:
        judged = judge_operator(use.name)
        if judged.kind in kinds and (use.name, use.text) not in seen:
            seen.add((use.name, use.text))
            yield use, judged.reason


def _evidence(use: Use) -> str:
    if not use.called:
        return use.name
    return f"{use.name}({use.text!r}, …)" if use.text else f"{use.name}(…)"


@rule(
    "SNT1410",
    "torchscript-file-access",
    severity=Severity.HIGH,
    formats=("torchscript",),
    cwe="CWE-73",
)
def file_access(code: TorchScriptCode, context: RuleContext) -> Iterator[Finding]:
    """TorchScript code reads or writes files.

    **What.** The code names `torch.from_file`, which maps any file into a tensor, or
    `torch.save`, which writes one to any path. They run with the model, and with loading when
    they stand in `__setstate__`.

    **Why it matters.** A model computes on what it is given. One that opens paths of its own can
    read secrets into its outputs or overwrite files of whoever runs it.

    **Fix.** Do not run the model. Ask its author why it needs the file, and export it without.
    """
    for use, reason in _of_kind(code, Kind.FILE):
        yield context.finding(
            f"the model's code {reason}", line=use.line, evidence=_evidence(use), remedy=_REMEDY
        )
    for use in code.methods:
        if use.name in _FILE_METHODS and not use.own:
            yield context.finding(
                f"the model's code calls {use.name} as a method, which may be the operator that "
                "opens files",
                line=use.line,
                evidence=f"….{_evidence(use)}",
                remedy=_REMEDY,
                severity=Severity.MEDIUM,
                confidence=Confidence.MEDIUM,
            )


@rule(
    "SNT1411",
    "torchscript-loads-code",
    severity=Severity.HIGH,
    formats=("torchscript",),
    cwe="CWE-94",
)
def loads_code(code: TorchScriptCode, context: RuleContext) -> Iterator[Finding]:
    """TorchScript code names something that loads code or further models.

    **What.** `load_library`, `torch.load`, `torch.jit.load`, `torch.hub`, or an operator that
    calls back into Python.

    **Why it matters.** TorchScript as PyTorch writes it names none of these. Where a runtime
    resolves them, they run native code or unpickle.

    **Fix.** Do not load the archive.
    """
    for use, reason in _of_kind(code, Kind.LOADS):
        yield context.finding(
            f"the model's code {reason}", line=use.line, evidence=_evidence(use), remedy=_REMEDY
        )


@rule(
    "SNT1412",
    "torchscript-remote",
    severity=Severity.HIGH,
    formats=("torchscript",),
    cwe="CWE-918",
)
def remote(code: TorchScriptCode, context: RuleContext) -> Iterator[Finding]:
    """TorchScript code talks to other processes.

    **What.** The code makes remote procedure calls (`rpc_async`, `rpc_sync`, `rpc_remote`), or
    uses operators of a process group to send and receive tensors.

    **Why it matters.** Calls run on other machines of the cluster with their rights; sent tensors
    leave the host.

    **Fix.** Ask what the model communicates with. Collective operators (reported as medium) are
    ordinary in programs exported for several devices.
    """
    for use in (*code.functions, *code.methods):
        if use.name in RPC:
            yield context.finding(
                "the model's code calls functions on other machines",
                line=use.line,
                evidence=_evidence(use),
            )
    for use, reason in _of_kind(code, Kind.RPC, Kind.COLLECTIVE):
        mild = judge_operator(use.name).kind is Kind.COLLECTIVE
        yield context.finding(
            f"the model's code {reason}",
            line=use.line,
            evidence=_evidence(use),
            severity=Severity.MEDIUM if mild else None,
        )


@rule(
    "SNT1413",
    "torchscript-custom-operator",
    severity=Severity.MEDIUM,
    formats=("torchscript",),
    cwe="CWE-829",
)
def custom_operator(code: TorchScriptCode, context: RuleContext) -> Iterator[Finding]:
    """The code needs operators or classes that are not PyTorch's.

    **What.** An operator under `ops.<namespace>` or a class under `torch.classes` that PyTorch
    does not register. Whoever runs the model must load a native library that does. For libraries
    that are published and widely used (torchvision, torchaudio, …) this is only a remark.

    **Why it matters.** The archive cannot bring the library, but it makes people load one, and
    what the operator does cannot be told from the file.

    **Fix.** Get the library from the place you already trust, never from beside the model.
    """
    for kind, severity in ((Kind.CUSTOM, None), (Kind.KNOWN_LIBRARY, Severity.INFO)):
        found = {use.name: use for use, _ in _of_kind(code, kind)}
        if found:
            names = list(found)
            more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
            yield context.finding(
                f"the code needs {len(names)} operator(s) or class(es) from outside PyTorch",
                line=found[names[0]].line,
                evidence=", ".join(names[:_LISTED]) + more,
                severity=severity,
            )


@rule(
    "SNT1414",
    "torchscript-unknown-operator",
    severity=Severity.MEDIUM,
    formats=("torchscript",),
    cwe="CWE-829",
)
def unknown_operator(code: TorchScriptCode, context: RuleContext) -> Iterator[Finding]:
    """The code names operators that PyTorch does not have.

    **What.** A name below `torch` or in one of PyTorch's own namespaces that is not in the table
    of registered operators.

    **Why it matters.** Mostly the model was written by an older or newer PyTorch. It may also
    need a library that adds operators to PyTorch's namespace.

    **Fix.** Run the model with the release that wrote it; ask where the operator comes from.
    """
    found = {use.name: use for use, _ in _of_kind(code, Kind.UNKNOWN) if use.called}
    if found:
        names = list(found)
        yield context.finding(
            f"the code calls {len(names)} operator(s) that PyTorch does not know",
            line=found[names[0]].line,
            evidence=", ".join(names[:_LISTED]),
            confidence=Confidence.LOW,
        )


@rule(
    "SNT1415",
    "torchscript-is-python",
    severity=Severity.MEDIUM,
    formats=("torchscript",),
    cwe="CWE-94",
)
def is_python(code: TorchScriptCode, context: RuleContext) -> Iterator[Finding]:
    """What should be TorchScript is ordinary Python.

    **What.** The code imports modules, or calls `exec`, `eval`, `open` and the like, none of
    which TorchScript has.

    **Why it matters.** PyTorch refuses to compile it, so it is there for somebody else to run:
    unpacked, it is a Python file under a name people import.

    **Fix.** Treat the archive as hostile; do not unpack it.
    """
    for use in code.functions:
        if use.name in _PYTHON:
            yield context.finding(
                f"the code calls {use.name}, which TorchScript does not have",
                line=use.line,
                evidence=_evidence(use),
                severity=Severity.HIGH,
            )
    if code.imports:
        names = ", ".join(dict.fromkeys(use.name for use in code.imports[:_LISTED]))
        yield context.finding(
            "the code imports modules, which TorchScript does not do",
            line=code.imports[0].line,
            evidence=f"import {names}",
        )
