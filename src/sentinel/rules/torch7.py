"""What we think of a Torch7 file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..findings import Finding, Severity
from ..formats.torch7 import Torch7File
from . import RuleContext, rule

_LISTED = 50
_KNOWN = re.compile(
    r"\A(?:torch\.\w*(?:Tensor|Storage|Allocator|Timer|Generator)|(?:nn|cudnn|nngraph|cunn|optim|rnn|"
    r"dpnn|inn|stn|tnt|onmt|image|graph|ccn2|fbnn|fbcunn|nnx|nnlr|cltorch|clnn|threads)\.\w+"
    r"|nngraph\.\w+|tds\.\w+)\Z"
)
_TELLING = frozenset(
    ("os", "io", "execute", "popen", "loadstring", "loadfile", "dofile", "require", "debug", "ffi")
)


@rule("SNT1470", "lua-function", severity=Severity.CRITICAL, formats=("torch7",), cwe="CWE-502")
def lua_function(model: Torch7File, context: RuleContext) -> Iterator[Finding]:
    """The file holds Lua functions as bytecode.

    **What.** A value is a function: bytecode that `torch.load` gives to `loadstring`, with the
    variables it closes over.

    **Why it matters.** Lua does not verify bytecode: crafted code breaks out of the interpreter
    even if it is never meant to do more than compute. Whatever calls the function runs it with all
    rights; modules with functions in their fields are called while they are loaded or used.

    **Fix.** Ask for the weights alone (`model:getParameters()`), and build the model from source.
    """
    for found in model.functions[:_LISTED]:
        telling = [name for name in found.names if name.partition(".")[0] in _TELLING]
        yield context.finding(
            "loading makes a Lua function out of bytecode"
            + (f" that mentions {', '.join(telling[:6])}" if telling else ""),
            offset=found.offset,
            length=found.size,
            evidence=f"{found.size} bytes: {' '.join(found.names[:20])}"[:300],
        )


@rule("SNT1471", "torch7-class", severity=Severity.MEDIUM, formats=("torch7",), cwe="CWE-470")
def unknown_class(model: Torch7File, context: RuleContext) -> Iterator[Finding]:
    """An object is of a class that is none of Torch's.

    **What.** The class is not from `torch`, `nn` or another known package of Torch7. Its own `read`
    method is called with what the file says.

    **Why it matters.** The class must come from Lua code beside the model.

    **Fix.** Read that code first.
    """
    for name, offset in model.classes:
        if not _KNOWN.match(name):
            yield context.finding(f"an object of the class {name}", offset=offset, evidence=name)


@rule("SNT1472", "torch7-trailing-bytes", severity=Severity.LOW, formats=("torch7",),
      cwe="CWE-434")  # fmt: skip
def trailing_bytes(model: Torch7File, context: RuleContext) -> Iterator[Finding]:
    """Bytes follow the value.

    **What.** `torch.load` reads one value and stops. What follows it is examined by itself.

    **Why it matters.** It may be a second file for another program.

    **Fix.** Save the model again.
    """
    if model.trailing is not None:
        offset, length = model.trailing
        yield context.finding(
            f"{length} bytes follow the value", offset=offset, length=length,
            evidence=f"bytes {offset}..{offset + length}",
        )  # fmt: skip
