"""What we think of PyTorch's archives, beyond their pickles and their code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..findings import Confidence, Finding, Severity
from ..formats.archive.zip_model import ZipEntry
from ..formats.torch_model import TorchArchive
from . import RuleContext, rule
from .imports import Standing, judge
from .torch_weights_only import refusals

if TYPE_CHECKING:
    from ..formats.torch_doubts import Unproven
    from ..formats.torch_tar import TorchTar

_LISTED = 20
_EACH = 100
_MOST_PADDING = 128


def _names(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


@rule("SNT1150", "unproven-storage", severity=Severity.LOW, formats=("torch",), cwe="CWE-506")
def unproven_storage(model: TorchArchive, context: RuleContext) -> Iterator[Finding]:
    """A member lies where tensor data lies, but is not proven to be tensor data.

    **What.** PyTorch names each storage in the checkpoint's pickle, with its type and number of
    elements. This member is named by none of the pickles, or has another size.

    **Why it matters.** Tensor data is skipped by loaders and scanners alike, so it is where files
    are hidden. A record of another size than the pickle asks for has also been a way to make
    readers go past the end of a buffer.

    **Fix.** Save the checkpoint again with `torch.save`. The bytes themselves were examined.
    """
    lost = [found for found in model.unproven if found.reason == "unreferenced"]
    if lost:
        yield context.finding(
            f"{len(lost)} member(s) among the tensor data that no pickle asks for",
            offset=lost[0].offset,
            evidence=_names([found.name for found in lost]),
            confidence=Confidence.MEDIUM,
        )
    for found in [one for one in model.unproven if one.reason == "size"][:_EACH]:
        yield context.finding(
            f"{found.name}: {found.detail}",
            offset=found.offset,
            evidence=f"{found.name} ({found.size} bytes)",
            severity=Severity.MEDIUM,
        )


@rule("SNT1151", "missing-storage", severity=Severity.LOW, formats=("torch",), cwe="CWE-354")
def missing_storage(model: TorchArchive, context: RuleContext) -> Iterator[Finding]:
    """The pickle asks for tensor data that is not in the archive.

    **What.** A storage that the checkpoint's pickle names has no member.

    **Why it matters.** PyTorch cannot load the file; the archive was cut down, or put together
    from parts of others.

    **Fix.** Get the file again from its source.
    """
    if model.missing and not model.archive.gaps:
        yield context.finding(
            f"{len(model.missing)} storage(s) are not in the archive",
            evidence=_names([f"{found.pickle} → {found.key}" for found in model.missing]),
        )


@rule("SNT1152", "native-code", severity=Severity.HIGH, formats=("torch",), cwe="CWE-829")
def native_code(model: TorchArchive, context: RuleContext) -> Iterator[Finding]:
    """The archive carries native code.

    **What.** A member is an ELF, PE or Mach-O file: a shared library or a program. GPU code
    (`.cubin`) is reported as medium.

    **Why it matters.** Packages made by AOTInductor hold such libraries, and
    `torch._inductor.aoti_load_package` loads them into the process at once. Native code cannot be
    judged from the outside: loading it is running its author's program. In any other checkpoint
    it has no place at all.

    **Fix.** Load it only from an author you would take a program from; otherwise compile the
    model yourself from its exported graph.
    """
    for found in model.native[:_EACH]:
        gpu = found.kind == "GPU"
        what = "GPU code" if gpu else f"native code ({found.kind})"
        yield context.finding(
            f"{found.name} is {what} that would be loaded",
            offset=found.offset,
            evidence=found.name,
            remedy="Compile the model from its graph instead.",
            severity=Severity.MEDIUM if gpu else None,
        )


@rule("SNT1153", "odd-record-name", severity=Severity.MEDIUM, formats=("torch",), cwe="CWE-178")
def odd_record_name(model: TorchArchive, context: RuleContext) -> Iterator[Finding]:
    """A record's name is written in other letters than PyTorch writes.

    **What.** A pickle is called `DATA.PKL` or the like. PyTorch finds records without regard to
    case; tools that look for `data.pkl` do not find it.

    **Why it matters.** No version of PyTorch writes such a name. It hides the pickle from
    scanners that go by names.

    **Fix.** Treat the file as hostile.
    """
    for found in model.pickles[:_EACH]:
        last = found.name.rpartition("/")[2]
        if last != last.lower() and last.lower() in ("data.pkl", "constants.pkl", "bytecode.pkl"):
            yield context.finding(
                f"PyTorch reads {found.name} as {last.lower()}",
                offset=found.offset,
                evidence=found.name,
                remedy="Do not load this file.",
            )


@rule("SNT1154", "weights-only-refused", severity=Severity.INFO, formats=("torch",), cwe="CWE-502")
def weights_only_refused(model: TorchArchive, context: RuleContext) -> Iterator[Finding]:
    """`torch.load(weights_only=True)` would refuse this file.

    **What.** Since PyTorch 2.6 `torch.load` accepts by default only what is on a short list of
    names. This file needs others (listed), or is of a kind that is never accepted. Judged by the
    list of PyTorch 2.13.

    **Why it matters.** People get past the refusal with `weights_only=False`, which runs whatever
    the pickle says. Nothing is wrong with the file because of this alone.

    **Fix.** Ask for a plain `state_dict`, or allow the named classes one by one with
    `torch.serialization.add_safe_globals`.
    """
    if "torchscript" in model.kinds:
        return
    for found in model.pickles:
        if found.name.lower().endswith("/data.pkl"):
            names = refusals(found.program)
            if names:
                yield context.finding(
                    f"torch.load(weights_only=True) refuses this file for {len(names)} reason(s)",
                    offset=found.offset,
                    evidence=_names(names),
                )


@rule("SNT1155", "mobile-operator", severity=Severity.HIGH, formats=("torch",), cwe="CWE-73")
def mobile_operator(model: TorchArchive, context: RuleContext) -> Iterator[Finding]:
    """Mobile byte code uses operators that act on files or other machines.

    **What.** `bytecode.pkl` of a model for the mobile interpreter lists the operators it calls.
    Among them is one that opens files, loads code or makes remote calls, or one that is not
    PyTorch's (reported as medium).

    **Why it matters.** The byte code runs with the model, beside the readable code, and need not
    say the same.

    **Fix.** Do not run the model.
    """
    if not model.operators:
        return
    from .torch_operators import Kind, judge_schema_name

    kinds = (Kind.FILE, Kind.LOADS, Kind.RPC)
    for name, member in model.operators:
        judged = judge_schema_name(name)
        if judged.kind in kinds:
            yield context.finding(f"{member} {judged.reason}", evidence=name)
        elif judged.kind is Kind.CUSTOM:
            yield context.finding(
                f"{member} needs an operator from outside PyTorch",
                evidence=name,
                severity=Severity.MEDIUM,
                confidence=Confidence.MEDIUM,
            )


@rule("SNT1156", "package-externs", severity=Severity.LOW, formats=("torch",), cwe="CWE-829")
def package_externs(model: TorchArchive, context: RuleContext) -> Iterator[Finding]:
    """The package's code takes modules that run programs or open the network from its host.

    **What.** `.data/extern_modules` of a `torch.package` archive lists the modules that its code
    imports from outside. Among them are some that models have little use for.

    **Why it matters.** It tells what the code inside can reach. The standard library is listed by
    itself when code mentions it, so this is a hint where to look, not more.

    **Fix.** Read the sources in the package that import these modules.
    """
    names = [name for name in model.externs if _reaches_out(name)]
    if names:
        yield context.finding(
            f"the package's code imports {len(names)} module(s) that run programs or reach out",
            evidence=_names(names),
            confidence=Confidence.LOW,
        )


_ORDINARY = frozenset(("os", "sys", "builtins", "io", "pathlib", "pickle", "importlib", "inspect"))
_REACHES = frozenset(("execute", "load-code", "network"))


def _reaches_out(name: str) -> bool:
    judgement = judge(name, "")
    dangerous = judgement.standing is Standing.DANGEROUS and judgement.capability in _REACHES
    return dangerous and name.partition(".")[0] not in _ORDINARY


@rule("SNT1157", "compressed-storage", severity=Severity.INFO, formats=("torch",))
def compressed_storage(model: TorchArchive, context: RuleContext) -> Iterator[Finding]:
    """Tensor data is compressed, which PyTorch does not do.

    **What.** Members that hold tensor data are deflated. PyTorch stores them as they are, so that
    they can be mapped; somebody has packed the archive again.

    **Why it matters.** It reads the same, but the file is not the one that `torch.save` wrote: its
    digest differs, and what else was changed cannot be told.

    **Fix.** Save the checkpoint again, or get it from its author.
    """
    packed: list[Unproven] = [one for one in model.unproven if one.reason == "compressed"]
    if packed:
        yield context.finding(
            f"{len(packed)} member(s) with tensor data are compressed",
            offset=packed[0].offset,
            evidence=_names([found.name for found in packed]),
        )


@rule("SNT1160", "oversized-header", severity=Severity.MEDIUM, formats=("torch",), cwe="CWE-506")
def oversized_header(model: TorchArchive, context: RuleContext) -> Iterator[Finding]:
    """A member's header is larger than alignment needs.

    **What.** Between a member's name and its data are more bytes than it takes to reach the next
    multiple of 64, or of the larger power of two that the data does lie at.

    **Why it matters.** The bytes belong to no member; something may be hidden in them.

    **Fix.** Look at the bytes; save the checkpoint again with an ordinary PyTorch.
    """
    wide = [
        entry
        for entry in model.archive.entries
        if _padding(entry) > _MOST_PADDING
        and entry.data_offset & (-entry.data_offset) < _padding(entry)
    ]
    if wide:
        yield context.finding(
            f"{len(wide)} member(s) have headers with more padding than alignment needs",
            offset=wide[0].header_offset,
            evidence=_names([entry.name for entry in wide]),
            confidence=Confidence.MEDIUM,
        )


def _padding(entry: ZipEntry) -> int:
    return entry.data_offset - entry.header_offset - 30 - len(entry.raw_name)


@rule("SNT1158", "tar-checkpoint", severity=Severity.INFO, formats=("torch-tar",), cwe="CWE-502")
def tar_checkpoint(model: TorchTar, context: RuleContext) -> Iterator[Finding]:
    """A checkpoint in the tar form of PyTorch's first releases.

    **What.** The file is a tar archive with `storages`, `tensors` and `pickle` in it. `torch.load`
    still reads it, with `weights_only=False` alone.

    **Why it matters.** Every pickle in it runs unrestricted, and few tools look into all of them.
    Each was examined here.

    **Fix.** Load it once in a sandbox and save it again as a `state_dict`.
    """
    yield context.finding(
        "a tar-form checkpoint, which loads only without weights_only",
        evidence=", ".join(model.parts[:_LISTED]),
    )
