"""What we think of checkpoints in MessagePack, and of the Zarr arrays beside them."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from ..formats.msgpack_model import MsgpackFile
from ..formats.zarr import ZarrFile
from . import RuleContext, rule

_LISTED = 20
_REBUILD = "Get the file again from its source, or save the checkpoint anew with its library."
_FORMATS = ("msgpack",)


def _each(
    model: MsgpackFile, context: RuleContext, kinds: dict[str, str], low: tuple[str, ...] = ()
) -> Iterator[Finding]:
    matching = [problem for problem in model.problems if problem.kind in kinds]
    for problem in matching[:_LISTED]:
        yield context.finding(
            kinds[problem.kind],
            offset=problem.offset,
            evidence=problem.detail,
            remedy=_REBUILD,
            severity=Severity.LOW if problem.kind in low else None,
        )


@rule("SNT1705", "checkpoint-unpickles", severity=Severity.HIGH, formats=_FORMATS, cwe="CWE-502")
def unpickles(model: MsgpackFile, context: RuleContext) -> Iterator[Finding]:
    """The checkpoint holds an array that a common reader gives to pickle.

    **What.** A map as `msgpack-numpy` writes it, of kind `O`: its bytes are a pickle. They are
    judged as one, too.

    **Why it matters.** `msgpack_numpy.decode` calls `pickle.loads` on them.

    **Fix.** Save arrays of numbers; do not read this file with `msgpack-numpy`.
    """
    yield from _each(model, context, {"pickled": "bytes that msgpack-numpy unpickles"})


@rule("SNT1706", "checkpoint-structure", severity=Severity.MEDIUM, formats=_FORMATS, cwe="CWE-130")
def structure(model: MsgpackFile, context: RuleContext) -> Iterator[Finding]:
    """The checkpoint does not add up.

    **What.** An array has more or fewer bytes than its shape and type give, is one of Python
    objects, or is not described as one; a key occurs twice in one map; bytes follow the end; beside
    arrays of Flax there is an extension type that Flax does not have (low where there are no such
    arrays). A type of items that is not known here is low.

    **Why it matters.** Flax refuses some of these files, other readers take the first or the last
    of two values, and bytes that nothing describes can be a second file. A reader with a handler of
    its own for an extension type runs that handler on bytes of the file.

    **Fix.** Get the file again from its source, or save the checkpoint anew.
    """
    kinds = {
        "size": "an array's bytes are not what its shape and type give",
        "object": "an array of Python objects",
        "array": "an array is not described as one",
        "duplicate": "a key that should be unique occurs twice",
        "behind": "bytes follow the end",
        "extension": "an extension type that is not known",
        "type": "a type of items that is not known",
    }
    # Flax has three types of extensions; in its files a fourth is somebody else's.
    low = ("type",) if model.arrays else ("extension", "type")
    yield from _each(model, context, kinds, low)


@rule("SNT1707", "zarr-unpickles", severity=Severity.HIGH, formats=("zarr",), cwe="CWE-502")
def zarr_unpickles(model: ZarrFile, context: RuleContext) -> Iterator[Finding]:
    """Chunks of a Zarr array go through pickle.

    **What.** The description of an array names the codec `pickle`.

    **Why it matters.** Reading any chunk of the array calls `pickle.loads` on its bytes.

    **Fix.** Store numbers, or texts with the codec `vlen-utf8` or `json2`.
    """
    for array in model.arrays[:1000]:
        if any(name.rpartition(".")[2].lower() in ("pickle", "dill") for name in array.codecs):
            yield context.finding(
                "reading this array unpickles its chunks",
                evidence=f"{array.path or '/'}: {array.dtype} through {', '.join(array.codecs)}",
                remedy="Do not read the array.",
                confidence=Confidence.HIGH,
            )
