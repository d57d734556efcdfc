"""What we think of llamafiles."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Finding, Severity
from ..formats.llamafile import Llamafile
from . import RuleContext, rule


@rule("SNT1027", "llamafile-program", severity=Severity.MEDIUM, formats=("llamafile",),
      cwe="CWE-829")  # fmt: skip
def program(model: Llamafile, context: RuleContext) -> Iterator[Finding]:
    """The file is a program with its model.

    **What.** A llamafile is started, not loaded. Info where it is put together as the project does:
    a portable executable and an archive with a GGUF model. Medium where either is missing. The
    model in it is examined, the program is not, and the verdict is incomplete for that reason.

    **Why it matters.** Starting it runs whatever its author put in front of the model.

    **Fix.** Take the GGUF file alone, and run it with a program that you have already.
    """
    well_formed = model.portable and bool(model.weights)
    held = ", ".join(model.weights) or "no model"
    yield context.finding(
        "a program with its model" if well_formed else "named a llamafile, but not made like one",
        offset=0,
        length=model.size,
        evidence=f"{model.size} bytes of program; {held[:300]}",
        remedy="Take the GGUF file alone.",
        severity=Severity.INFO if well_formed else None,
    )
