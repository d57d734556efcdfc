"""What we think of machine code, byte code and scripts, by where they lie."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from ..formats.native import describe
from ..formats.native_headers import GPU
from ..formats.native_model import MACHINE_CODE, NativeFile
from . import RuleContext, rule

_REMEDY = "Do not run or load it unless you would take a program from whoever made it."
_FORMATS = ("native",)


def _finding(
    model: NativeFile, context: RuleContext, message: str, severity: Severity, sure: Confidence
) -> Finding:
    code = model.code
    what = describe(code)
    digest = f", sha256 {model.sha256}" if model.sha256 else ""
    facts = {
        "kind": code.kind, "role": code.role, "machine": code.machine, "entry": code.entry,
        "sha256": model.sha256,
    }  # fmt: skip
    found = context.finding(
        message.format(what), evidence=f"{what}{digest}", remedy=_REMEDY, severity=severity,
        confidence=sure, offset=0,
    )  # fmt: skip
    return found._replace(facts=facts)


@rule("SNT1010", "code-in-model", severity=Severity.HIGH, formats=_FORMATS, cwe="CWE-506")
def in_model(model: NativeFile, context: RuleContext) -> Iterator[Finding]:
    """A model carries code that a machine or an interpreter runs.

    **What.** A member of a model's archive, or bytes where no file should be, begin with the whole
    header of a program or library (ELF, PE, Mach-O), of byte code (WebAssembly, Python, Java, Lua,
    Android) or of a script. Byte code, scripts and code for graphics cards are medium, scripts for
    Python low, since their source is judged by itself. The digest is in the evidence.

    **Why it matters.** Loading a model needs no program beside its numbers. What is packed with it
    is meant to be run by something: a custom operator's library at load, or a second stage that
    takes it out.

    **Fix.** Ask whoever made the file what it is for; look the digest up; do not use it otherwise.
    """
    if model.setting not in ("model", "hidden"):
        return
    code = model.code
    severity = Severity.HIGH
    if code.kind == "script" and "python" in code.machine:
        severity = Severity.LOW
    elif code.kind not in MACHINE_CODE or code.machine in GPU:
        severity = Severity.MEDIUM
    where = "within a model" if model.setting == "model" else "where no file should be"
    yield _finding(model, context, f"{{}} {where}", severity, Confidence.HIGH)


@rule("SNT1011", "code-named-as-model", severity=Severity.HIGH, formats=_FORMATS, cwe="CWE-646")
def named_as_model(model: NativeFile, context: RuleContext) -> Iterator[Finding]:
    """A file with a model's name is a program.

    **What.** The name ends as a model's does, the content begins with the whole header of machine
    code, byte code or a script.

    **Why it matters.** No loader takes it for a model. Something else is to run it, under a name
    that people and filters let through.

    **Fix.** Do not use it; get the model from its source.
    """
    if model.setting == "top" and model.named_as_model:
        yield _finding(model, context, "named as a model, but {}", Severity.HIGH, Confidence.HIGH)


@rule("SNT1012", "code-in-archive", severity=Severity.MEDIUM, formats=_FORMATS, cwe="CWE-829")
def in_archive(model: NativeFile, context: RuleContext) -> Iterator[Finding]:
    """An archive holds code beside other files.

    **What.** A member is machine code, byte code or a script. Medium for a program that lies in
    one archive with a model; low for a library and for a program without a model; info where the
    path or the archive's name is that of installed software (`site-packages`, `bin`, `.whl`).

    **Why it matters.** Nothing runs it by itself. Code is not examined here: whatever it does is
    not part of the verdict.

    **Fix.** None is needed for a package of software. Beside a model, ask what it is for.
    """
    code = model.code
    if model.setting == "package":
        if code.kind in MACHINE_CODE:
            yield _finding(model, context, "{}, not examined", Severity.INFO, Confidence.HIGH)
    elif model.setting == "archive":
        severity = Severity.LOW if code.kind != "script" else Severity.INFO
        where = ""
        if model.beside:
            where = f" beside the model {model.beside}"
            runs = code.kind in MACHINE_CODE and code.role == "program"
            severity = Severity.MEDIUM if runs else Severity.LOW
        yield _finding(
            model, context, f"{{}} in an archive{where}, not examined", severity, Confidence.MEDIUM
        )


@rule("SNT1013", "code-beside-model", severity=Severity.LOW, formats=_FORMATS, cwe="CWE-829")
def beside_model(model: NativeFile, context: RuleContext) -> Iterator[Finding]:
    """Machine code lies in one folder with a model.

    **What.** A library or program (ELF, PE, Mach-O) is in the folder of a model's file. A model
    that names a library to load has a finding of its own.

    **Why it matters.** Custom operators come as such libraries, and loading one is running its
    author's program. Code is not examined here.

    **Fix.** Load it only from an author you would take a program from.
    """
    if model.setting == "top" and not model.named_as_model and model.beside:
        code = model.code
        if code.kind in MACHINE_CODE:
            message = f"{{}} beside the model {model.beside}, not examined"
            yield _finding(model, context, message, Severity.LOW, Confidence.MEDIUM)
