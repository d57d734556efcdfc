"""What we think of files of other kinds that lie in the weights of a graph, or behind it."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Finding, Severity
from ..formats.onnx_model import OnnxModel
from ..formats.tf_model import TfGraphs
from ..formats.tflite import LiteModel
from . import RuleContext, rule

_FORMATS = ("onnx", "ort", "savedmodel", "tflite")


@rule("SNT1330", "file-in-graph", severity=Severity.HIGH, formats=_FORMATS, cwe="CWE-506")
def file_in_graph(
    model: OnnxModel | TfGraphs | LiteModel, context: RuleContext
) -> Iterator[Finding]:
    """The data of a tensor begins like a program or an archive, or one follows the model.

    **What.** Where the numbers of a weight should start, or behind the last field of the model,
    there is the header of an executable, a script, an archive or a pickle.

    **Why it matters.** Weights never look like that. A model can carry a program past checks that
    look at file names, for a loader that knows where to find it.

    **Fix.** Treat the file as hostile.
    """
    for hidden in model.files:
        yield context.finding(
            f"a {hidden.kind} where the model should have numbers, or should end",
            offset=hidden.offset,
            length=hidden.length,
            evidence=f"{hidden.kind}, {hidden.length} bytes",
            remedy="Do not use this file.",
        )
