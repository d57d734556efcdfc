"""What we think of models for one runtime: ExecuTorch, PyTorch mobile, TensorRT, RKNN and more."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from ..formats.engines import Engine
from ..formats.executorch import OPEN_DELEGATES, Program
from ..formats.torch_mobile import MobileModule
from . import RuleContext, rule

_LISTED = 20
_ENGINES = ("tensorrt", "rknn", "mnn", "ncnn")
_NAMESPACES = frozenset((
    "aten", "prim", "prims", "executorch_prim", "dim_order_ops", "quantized_decomposed",
    "quantized", "torchao", "llama", "cadence", "cortex_m", "et_vk", "mps", "coreml", "qnn",
    "neutron", "edge", "preprocess", "tokenizers", "torchvision",
))  # fmt: skip
_DELEGATES = OPEN_DELEGATES | frozenset((
    "CoreMLBackend", "VulkanBackend", "QnnBackend", "MPSBackend", "EthosUBackend", "TOSABackend",
    "VgfBackend", "NeuropilotBackend", "OpenvinoBackend", "EnnBackend", "NeutronBackend",
    "CudaBackend", "AotiBackend", "MetalBackend", "CadenceBackend", "SamsungBackend",
))  # fmt: skip


@rule("SNT1020", "compiled-model", severity=Severity.INFO, formats=_ENGINES)
def compiled(model: Engine, context: RuleContext) -> Iterator[Finding]:
    """The model is compiled for one runtime, and what it holds is not examined.

    **What.** An engine of TensorRT or a model for RKNN or MNN. Their formats are closed, or are
    machine code for a graphics card or an accelerator.

    **Why it matters.** Loading it runs what its author compiled, within the runtime. The verdict is
    incomplete for that reason.

    **Fix.** Compile it yourself from a model that can be examined (ONNX, safetensors).
    """
    if model.title != "ncnn":
        yield context.finding(
            f"compiled for {model.title}: runs as native code in its runtime, not examined",
            evidence=model.title,
        )


@rule("SNT1021", "library-in-engine", severity=Severity.MEDIUM, formats=_ENGINES, cwe="CWE-829")
def library_in_engine(model: Engine, context: RuleContext) -> Iterator[Finding]:
    """A compiled model carries a library for the host.

    **What.** Within an engine begins the whole header of an ELF library or program for a processor,
    not for a graphics card. TensorRT packs plugins, and the lean runtime of version-compatible
    engines, into an engine like this.

    **Why it matters.** The runtime loads the library into the process, where it runs as the user.
    TensorRT asks for `engine_host_code_allowed` first.

    **Fix.** Do not allow host code; build the engine yourself.
    """
    for offset, what in model.libraries[:_LISTED]:
        yield context.finding(
            f"{what} within an engine for {model.title}",
            offset=offset,
            evidence=what,
            confidence=Confidence.MEDIUM,
        )


@rule("SNT1022", "runtime-custom-layer", severity=Severity.LOW, formats=("ncnn",), cwe="CWE-829")
def custom_layer(model: Engine, context: RuleContext) -> Iterator[Finding]:
    """The network needs a layer that ncnn does not have, or its counts do not add up.

    **What.** A type of layer is none of ncnn's own, or the numbers of layers and blobs are not
    those in the text.

    **Why it matters.** The program that loads it must register the layer as code of its own. A
    count that is too small hides layers from the loader, one that is too large makes it read past
    the end.

    **Fix.** Ask which program the network is made for; convert it again.
    """
    if model.unknown:
        yield context.finding(
            f"{len(model.unknown)} type(s) of layers that ncnn does not have",
            evidence=", ".join(model.unknown[:_LISTED]),
            confidence=Confidence.MEDIUM,
        )
    for problem in model.problems:
        yield context.finding("the description does not add up", evidence=problem)


@rule("SNT1023", "program-custom-operator", severity=Severity.MEDIUM, formats=("executorch",),
      cwe="CWE-829")  # fmt: skip
def custom_operator(model: Program, context: RuleContext) -> Iterator[Finding]:
    """An ExecuTorch program calls an operator from outside ExecuTorch.

    **What.** The name space of an operator is none of those that ExecuTorch and its own packages
    register.

    **Why it matters.** The program that runs it must link a kernel of its author, which is native
    code with arguments out of this file.

    **Fix.** Link kernels only from an author you would take a program from.
    """
    names = [name for name in model.operators if name.partition("::")[0] not in _NAMESPACES]
    if names:
        yield context.finding(
            f"{len(names)} operator(s) from outside ExecuTorch",
            evidence=", ".join(names[:_LISTED]),
            confidence=Confidence.MEDIUM,
        )


@rule("SNT1024", "program-delegate", severity=Severity.INFO, formats=("executorch",), cwe="CWE-829")
def delegate(model: Program, context: RuleContext) -> Iterator[Finding]:
    """Parts of an ExecuTorch program are compiled for a backend.

    **What.** The program hands data to a backend other than XNNPACK. A backend that ExecuTorch does
    not have is medium.

    **Why it matters.** What the backend runs is not examined, and the verdict is incomplete for
    that reason. A backend of unknown name is code of somebody else's that gets bytes of this file.

    **Fix.** Export the program yourself; link backends only from an author you trust.
    """
    known = [name for name in model.delegates if name in _DELEGATES - OPEN_DELEGATES]
    strange = [name for name in model.delegates if name not in _DELEGATES]
    if known:
        yield context.finding(
            "parts are compiled for a backend", evidence=", ".join(known[:_LISTED])
        )
    if strange:
        yield context.finding(
            "parts are made for a backend that ExecuTorch does not have",
            evidence=", ".join(strange[:_LISTED]),
            severity=Severity.MEDIUM,
            confidence=Confidence.MEDIUM,
        )


@rule("SNT1025", "program-leads-outside", severity=Severity.MEDIUM,
      formats=("executorch", "torch-mobile"), cwe="CWE-125")  # fmt: skip
def leads_outside(model: Program | MobileModule, context: RuleContext) -> Iterator[Finding]:
    """A program for a small runtime leads out of its lists, or something follows it.

    **What.** The number of a value, an operator, a backend or an instruction is not in its list; a
    segment lies outside of the file or within the program; bytes follow the last segment.

    **Why it matters.** Such runtimes check little: the program makes them read or write outside of
    their memory. No exporter writes it.

    **Fix.** Export the program again.
    """
    kinds = {
        "outside": "a number leads out of its list",
        "behind": "bytes follow the last segment",
    }
    for problem in model.problems[:_LISTED]:
        yield context.finding(kinds[problem.kind], offset=problem.offset, evidence=problem.detail)


@rule("SNT1026", "mobile-module-operator", severity=Severity.HIGH, formats=("torch-mobile",),
      cwe="CWE-73")  # fmt: skip
def mobile_operator(model: MobileModule, context: RuleContext) -> Iterator[Finding]:
    """A mobile module uses operators that act on files or other machines.

    **What.** A function calls an operator that opens files, loads code or makes remote calls. One
    that is not PyTorch's is medium.

    **Why it matters.** The byte code runs with the model.

    **Fix.** Do not run the model.
    """
    from .torch_operators import Kind, judge_schema_name

    for name in model.operators:
        judged = judge_schema_name(name)
        if judged.kind in (Kind.FILE, Kind.LOADS, Kind.RPC):
            yield context.finding(f"the module {judged.reason}", evidence=name)
        elif judged.kind is Kind.CUSTOM:
            yield context.finding(
                "the module needs an operator from outside PyTorch",
                evidence=name,
                severity=Severity.MEDIUM,
                confidence=Confidence.MEDIUM,
            )
