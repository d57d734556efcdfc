"""What we think of TensorFlow Lite files."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Finding, Severity
from ..formats.tflite import LiteModel, LiteOperator
from . import RuleContext, rule
from .tensorflow import effect_of, is_ordinary

_CUSTOM = 32
_FLEX = "Flex"
_KNOWN = frozenset((
    "TFLite_Detection_PostProcess", "edgetpu-custom-op", "edgetpu-custom-op-2", "ethos-u",
    "Convolution2DTransposeBias", "MaxPoolingWithArgmax2D", "MaxUnpooling2D",
    "Landmarks2TransformMatrix", "TransformLandmarks", "TransformTensorBilinear",
    "Resampler", "AudioSpectrogram", "Mfcc",
    "RFFT", "IRFFT2D", "Multinomial", "RandomUniform", "RandomStandardNormal", "Roll",
    "AvgPool3D", "AvgPool3DGrad", "MaxPool3D", "MaxPool3DGrad", "Atan2", "Sign", "Table",
    "AddN", "NumericVerify", "TFSentencepieceTokenizeOp", "WhitespaceTokenizer", "NgramsStringJoin",
    "RaggedTensorToTensor", "RaggedRange", "FastWordpieceTokenizeWithOffsets", "Hashtable",
    "HashtableFind", "HashtableImport", "HashtableSize", "VarHandle", "ReadVariable",
    "AssignVariable", "BroadcastGradientArgs", "KmeansEmbeddingLookup", "FlexDelegate",
    "SignalFilterBank", "SignalFft", "SignalRfft", "SignalWindow", "SignalPCAN", "SignalStacker",
    "SignalEnergy", "SignalFramer", "SignalDelay", "SignalOverlapAdd", "SignalIrfft", "XtensaConv",
))  # fmt: skip
"""Custom operators of TensorFlow's own repositories, of MediaPipe and of compilers for devices."""
_REMEDY = "Do not run this model; get it again from a source you trust."


@rule("SNT1340", "lite-custom-operator", severity=Severity.MEDIUM, formats=("tflite",),
      cwe="CWE-829")  # fmt: skip
def lite_custom_operator(model: LiteModel, context: RuleContext) -> Iterator[Finding]:
    """The model uses an operator that only somebody's own library can provide.

    **What.** The operator is custom: neither built in, nor one of TensorFlow's repositories or of
    the well-known compilers for devices (those are information).

    **Why it matters.** To run the model, native code that comes with it has to be linked or loaded.
    No scan of the model covers that code.

    **Fix.** Find out which library the model needs and whether you trust it.
    """
    for operator in _customs(model):
        if operator.name.startswith(_FLEX):
            continue
        known = operator.name in _KNOWN
        yield context.finding(
            f"custom operator {operator.name[:100]!r} ({operator.uses} times)",
            offset=operator.offset,
            evidence=operator.name[:200],
            remedy="" if known else "Find out which library provides it.",
            severity=Severity.INFO if known else None,
        )


@rule("SNT1341", "lite-structure", severity=Severity.MEDIUM, formats=("tflite",), cwe="CWE-129")
def lite_structure(model: LiteModel, context: RuleContext) -> Iterator[Finding]:
    """An index or an offset of the model leads out of what it counts, or graphs call in circles.

    **What.** A tensor, buffer, operator or graph is named by a number that there is none of, a
    buffer reaches past the end of the file, or a graph calls itself by way of others.

    **Why it matters.** Interpreters have read and written out of bounds for such files
    (CVE-2020-15211, CVE-2021-29591, CVE-2022-23558), and calls in circles end in a crash.

    **Fix.** Convert the model again. Treat a file from elsewhere as hostile.
    """
    for problem in model.problems:
        yield context.finding(
            problem.text, offset=problem.offset, evidence=problem.text, remedy=_REMEDY
        )
    circle = _circle(model)
    if circle is not None:
        yield context.finding(
            f"graph {circle} calls itself by way of others",
            evidence=f"graph {circle} -> {list(model.calls[circle][:8])}",
            remedy=_REMEDY,
        )


def _circle(model: LiteModel) -> int | None:
    """Return a graph that can be reached from itself, or None."""
    done: set[int] = set()
    for first in range(len(model.calls)):
        open_, stack = {first}, [(first, iter(model.calls[first]))]
        if first in done:
            continue
        while stack:
            graph, rest = stack[-1]
            called = next(rest, None)
            if called is None:
                stack.pop()
                open_.discard(graph)
                done.add(graph)
            elif called in open_:
                return called
            elif 0 <= called < len(model.calls) and called not in done:
                open_.add(called)
                stack.append((called, iter(model.calls[called])))
    return None


@rule("SNT1342", "lite-flex-operator", severity=Severity.HIGH, formats=("tflite",), cwe="CWE-73")
def lite_flex_operator(model: LiteModel, context: RuleContext) -> Iterator[Finding]:
    """The model runs an operator of full TensorFlow that reaches out of the model.

    **What.** Operators named `Flex…` run by way of TensorFlow itself, which their options name
    again. This one calls Python, touches files or opens a connection; or TensorFlow has none of
    that name.

    **Why it matters.** Models for phones are held to be data. With TensorFlow linked in, such an
    operator does what it does in a graph: read a file into the output, write one, call Python.

    **Fix.** Do not run the model.
    """
    for operator in _customs(model):
        if not operator.name.startswith(_FLEX):
            continue
        names = dict.fromkeys((operator.name.removeprefix(_FLEX), *operator.nodes))
        for name in names:
            finding = _flex(context, operator, name)
            if finding is not None:
                yield finding


def _flex(context: RuleContext, operator: LiteOperator, name: str) -> Finding | None:
    effect = effect_of(name)
    if effect in ("python", "file", "network", "region"):
        return context.finding(
            f"{operator.name} runs TensorFlow's {name}, which reaches out of the model ({effect})",
            offset=operator.offset,
            evidence=f"{operator.name}: {name}",
            remedy=_REMEDY,
            severity=Severity.CRITICAL if effect == "python" else None,
        )
    if name == operator.name.removeprefix(_FLEX) and not is_ordinary(name):
        return context.finding(
            f"{operator.name} is no operator of TensorFlow",
            offset=operator.offset,
            evidence=operator.name[:200],
            remedy="Find out which library provides it.",
            severity=Severity.MEDIUM,
        )
    return None


def _customs(model: LiteModel) -> Iterator[LiteOperator]:
    return (operator for operator in model.operators if operator.code == _CUSTOM)
