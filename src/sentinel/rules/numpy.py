"""What we think of a ``.npy`` file."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from ..formats.numpy import NpyFile
from . import RuleContext, rule


@rule("SNT1170", "object-array", severity=Severity.LOW, formats=("npy",), cwe="CWE-502")
def object_array(model: NpyFile, context: RuleContext) -> Iterator[Finding]:
    """The array holds Python objects, so its data is a pickle.

    **What.** The dtype is `object`, or a structure with an object field. NumPy loads such a file
    only with `allow_pickle=True`; the pickle itself is examined as a member of its own.

    **Why it matters.** Whoever needs `allow_pickle=True` for this file will leave it on for the
    next one, and unpickling runs whatever the file says.

    **Fix.** Store plain dtypes: fixed-width strings, numbers, or a structured dtype without
    objects. Keep `allow_pickle=False`.
    """
    for array in model.arrays:
        if array.dtype is not None and array.dtype.objects:
            yield context.finding(
                "an array of Python objects: loading it needs allow_pickle=True",
                offset=array.offset,
                evidence=array.header,
                remedy="Save the values with a plain dtype.",
            )


@rule("SNT1171", "code-in-header", severity=Severity.HIGH, formats=("npy",), cwe="CWE-95")
def code_in_header(model: NpyFile, context: RuleContext) -> Iterator[Finding]:
    """The header holds code where a literal belongs.

    **What.** The header of a `.npy` file is a Python dictionary written as text. This one calls
    something, walks through attributes or holds an expression.

    **Why it matters.** NumPy refuses such a header, but readers in scripts and other programs
    pass it to `eval`. No writer makes one by accident.

    **Fix.** Treat the file as hostile.
    """
    for array in model.arrays:
        if array.code:
            yield context.finding(
                "the array's header holds code",
                offset=array.offset,
                evidence=array.header,
                remedy="Do not open this file with any reader.",
            )


@rule("SNT1172", "size-mismatch", severity=Severity.LOW, formats=("npy",), cwe="CWE-130")
def size_mismatch(model: NpyFile, context: RuleContext) -> Iterator[Finding]:
    """Shape and dtype do not account for the bytes that follow.

    **What.** The data is longer or shorter than the header says, or the header gives a number of
    elements that does not fit 64 bits.

    **Why it matters.** Bytes that belong to no array can be a second file for another reader.
    Sizes that wrap around make careless readers allocate too little and write past it.

    **Fix.** Save the array again with NumPy.
    """
    for array in model.arrays:
        if array.wraps:
            yield context.finding(
                "the header gives more elements than 64 bits can count",
                offset=array.offset,
                evidence=array.header,
                severity=Severity.MEDIUM,
            )
        elif array.expected is not None and array.expected > array.available:
            yield context.finding(
                f"{array.available} bytes of data where the header wants {array.expected}",
                offset=array.data_offset,
                evidence=array.header,
            )
    if model.trailing is not None:
        offset, length = model.trailing
        yield context.finding(
            f"{length} bytes follow the last array",
            offset=offset,
            length=length,
            evidence=f"bytes {offset}..{offset + length}",
            confidence=Confidence.MEDIUM,
        )
