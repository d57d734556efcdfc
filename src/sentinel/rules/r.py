"""What we think of a file of R objects."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from ..formats.r.model import RCode, RFile
from . import RuleContext, rule

_LISTED = 50
_RUNS = frozenset(
    (
        "system", "system2", "shell", "shell.exec", "pipe", "dyn.load", "library.dynam", "source",
        "sys.source", "download.file", "socketConnection", "socketAccept", "make.socket",
        "install.packages", "browseURL", "mcparallel", "mcfork", ".C", ".Call", ".External",
        ".External2", ".Fortran", "curl_download", "curl_fetch_memory", "url", "httr::GET",
        "py_run_string", "py_run_file", "processx", "reg.finalizer",
    )
)  # fmt: skip
"""Functions of R that run commands or code, load libraries, or open the network."""

_WRITES = frozenset(
    (
        "unlink", "file.remove", "file.copy", "file.rename", "writeLines", "writeBin", "file",
        "readLines", "readRDS", "load", "readBin", "Sys.setenv", "Sys.getenv", "attachNamespace",
        "eval", "evalq", "parse", "str2lang", "str2expression", "do.call", "match.fun", "get",
        "assign", "delayedAssign", "makeActiveBinding", "quit", "q", "Sys.chmod", "setwd", "sink",
        "unserialize", "base64decode", "rawToChar", "intToUtf8",
    )
)  # fmt: skip
"""Functions that touch files, or make code out of data."""

_CALLED = frozenset((".Call", ".External", ".External2", ".C", ".Fortran", "url"))
"""Ordinary in the code of packages, though not in a promise."""

_AT_START = frozenset(
    (".First", ".Last", ".First.sys", ".Last.sys", ".Rprofile", ".onLoad", ".onAttach")
)
_REMEDY = "Do not read the file with R; ask for the values as text or in another format."


@rule("SNT1450", "r-promise", severity=Severity.HIGH, formats=("r",), cwe="CWE-502")
def promise(model: RFile, context: RuleContext) -> Iterator[Finding]:
    """The file holds code that runs as soon as its value is looked at.

    **What.** A promise stands where a value belongs: R evaluates its expression the first time the
    value is used, which may be printing it. `save` and `saveRDS` evaluate promises before they
    write them, so no ordinary file has one there.

    **Why it matters.** Reading the file and touching what was read runs the code (CVE-2024-27322).
    R 4.4 refuses such files, older versions run them. An expression that runs commands is critical.

    **Fix.** Treat the file as hostile.
    """
    found = [code for code in model.codes if code.kind == "promise" and code.where == "value"]
    for code in found[:_LISTED]:
        told = _named(code, _RUNS | _WRITES)
        yield context.finding(
            f"a promise{_bound(code)} runs code when its value is used",
            offset=code.offset,
            evidence=_evidence(code),
            severity=Severity.CRITICAL if told and not code.forced else None,
            remedy=_REMEDY,
        )


@rule("SNT1451", "r-pending-variable", severity=Severity.LOW, formats=("r",), cwe="CWE-502")
def pending_variable(model: RFile, context: RuleContext) -> Iterator[Finding]:
    """A variable of an environment in the file has yet to be evaluated.

    **What.** An environment comes with the file, as that of a function or a formula does, and one
    of its variables is a promise without a value, or an active binding: code that runs when the
    variable is read.

    **Why it matters.** Most are arguments that were never used. One that runs commands, or opens
    the network, is of high severity.

    **Fix.** Ask for an object without its environment, or read the code first.
    """
    for code in model.codes:
        if code.where != "environment" or code.kind == "bytecode" or code.kind == "closure":
            continue
        told = _named(code, _RUNS - _CALLED)
        if code.kind == "promise" and code.forced:
            continue
        yield context.finding(
            f"{code.kind}{_bound(code)} is evaluated when it is read",
            offset=code.offset,
            evidence=_evidence(code),
            severity=Severity.HIGH if told else None,
            confidence=Confidence.HIGH if told else Confidence.MEDIUM,
        )


@rule("SNT1452", "r-function-acts", severity=Severity.MEDIUM, formats=("r",), cwe="CWE-506")
def function_acts(model: RFile, context: RuleContext) -> Iterator[Finding]:
    """A function in the file runs commands, loads code or opens the network.

    **What.** The file carries functions by value, and the code of one mentions `system`,
    `dyn.load`, `download.file`, `source` or the like.

    **Why it matters.** Whoever calls the function, or a method that R finds by its name, runs it.
    In a workspace the functions `.First` and `.Last` run when R starts in its folder and when it
    ends; those are reported whatever they do.

    **Fix.** Read the function's code (`print` it with `unclass`) before you call anything.
    """
    for code in model.codes:
        if code.kind not in ("closure", "bytecode"):
            continue
        started = code.name in _AT_START and code.where == "value"
        told = _named(code, _RUNS - _CALLED)
        if started or told:
            yield context.finding(
                f"the function{_bound(code)} mentions {', '.join(told) or 'no such function'}"
                if not started
                else f"R runs {code.name} by itself when it starts or ends",
                offset=code.offset,
                evidence=_evidence(code),
                severity=_started(code, told) if started else None,
                confidence=Confidence.HIGH if started else Confidence.MEDIUM,
            )


def _started(code: RCode, told: list[str]) -> Severity:
    if told or _named(code, _RUNS | _WRITES):
        return Severity.HIGH
    return Severity.MEDIUM if code.name in (".First", ".Last") else Severity.LOW


@rule("SNT1453", "r-carries-code", severity=Severity.INFO, formats=("r",))
def carries_code(model: RFile, context: RuleContext) -> Iterator[Finding]:
    """The file holds functions, calls or environments, not only values.

    **What.** Models of R often keep their formula and the environment it was made in.

    **Why it matters.** It is code and data that nobody looks at, of whoever made the model.

    **Fix.** Nothing has to be done. `butcher` and the like strip models of what they do not need.
    """
    kinds = {kind: count for kind, count in model.counts.items() if kind in _CODE_KINDS}
    if kinds:
        text = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        yield context.finding(f"the file holds {text}", evidence=", ".join(sorted(kinds)))


_CODE_KINDS = frozenset(("closures", "calls", "environments", "bytecode", "expressions"))


@rule("SNT1454", "r-outside-reference", severity=Severity.LOW, formats=("r",), cwe="CWE-829")
def outside_reference(model: RFile, context: RuleContext) -> Iterator[Finding]:
    """Reading the file loads packages, or holds pointers that only its program knows.

    **What.** The file refers to namespaces, which R loads in order to read it; to objects by the
    names that a program's own handler resolves; or to external pointers and weak references.

    **Why it matters.** Loading a package runs its code. A pointer from another process is empty
    after reading, and a program that does not check it may crash.

    **Fix.** See that the packages are ones you know.
    """
    if model.packages and any(name not in _BASE for name in model.packages):
        names = ", ".join(name for name in model.packages if name not in _BASE)
        yield context.finding(
            "reading the file loads R packages", evidence=names[:300], severity=Severity.INFO
        )
    if model.hooks:
        yield context.finding(
            "objects are left to a handler of the program", evidence=", ".join(model.hooks)[:300]
        )
    for kind in ("external pointers", "weak references"):
        if model.counts.get(kind):
            yield context.finding(f"the file holds {kind}", evidence=kind, severity=Severity.INFO)


_BASE = frozenset(
    ("base", "stats", "utils", "methods", "graphics", "grDevices", "datasets", "tools", "grid", "")
)


def _named(code: RCode, among: frozenset[str]) -> list[str]:
    return [name for name in code.symbols if name in among]


def _bound(code: RCode) -> str:
    return f" {code.name}" if code.name else ""


def _evidence(code: RCode) -> str:
    return f"{code.kind}{_bound(code)}: {' '.join(code.symbols)}"[:300]
