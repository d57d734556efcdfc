"""What we think of a pickle's shape: hidden pickles, trailing bytes, bombs."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from ..formats.pickle.program import PickleProgram
from . import RuleContext, rule
from .pickle_size import expanded_size, nesting

_LISTED = 20
_DEEPEST = 10_000
"""Levels; picklers give up at about a thousand, and whoever walks more overflows the stack."""
_MOST_ELEMENTS = 1_000_000_000
_FEWEST_SHARED = 20
"""Fewer shared containers than this cannot make a billion elements of a small file."""
_REMEDY = "Ask what writes such a file, and do not load it before you know."


@rule("SNT1110", "hidden-pickle", severity=Severity.MEDIUM, formats=("pickle",), cwe="CWE-506")
def hidden_pickle(program: PickleProgram, context: RuleContext) -> Iterator[Finding]:
    """A pickle lies behind bytes that are none.

    **What.** Between or before the pickles of this file are bytes that no unpickler reads, and
    behind them another pickle that imports something.

    **Why it matters.** A loader that seeks to the right place runs it; a scanner that stops at
    the first error does not see it.

    **Fix.** Ask what writes such a file; treat it as hostile otherwise.
    """
    starts = {stream.start: stream for stream in program.streams}
    for start, end in program.junk:
        if end in starts:
            yield context.finding(
                f"a pickle begins behind {end - start} bytes that are none",
                offset=program.offset(end),
                evidence=f"bytes {program.offset(start)}..{program.offset(end)}",
                remedy=_REMEDY,
                confidence=Confidence.MEDIUM,
            )


@rule(
    "SNT1115", "array-of-unclear-size", severity=Severity.HIGH, formats=("pickle",), cwe="CWE-506"
)
def array_of_unclear_size(program: PickleProgram, context: RuleContext) -> Iterator[Finding]:
    """The file does not tell plainly how long one of its arrays is.

    **What.** joblib writes the bytes of an array into the stream, behind an object that says how
    many they are. Here that object is not in the form in which joblib writes it, so that two
    readers may disagree about where the array ends and the pickle goes on.

    **Why it matters.** What one reader takes for data is code for the other: a payload hidden from
    every scanner that counts as joblib does not.

    **Fix.** Do not load the file; save the model again from its source.
    """
    for position in program.recorder.unclear[:_LISTED]:
        yield context.finding(
            "an inline array follows whose length the file does not tell plainly",
            offset=program.offset(position),
            remedy=_REMEDY,
        )


@rule("SNT1111", "trailing-data", severity=Severity.LOW, formats=("pickle",), cwe="CWE-506")
def trailing_data(program: PickleProgram, context: RuleContext) -> Iterator[Finding]:
    """Bytes follow the last pickle.

    **What.** The file goes on behind STOP with bytes that are no pickle.

    **Why it matters.** Unpicklers ignore them; something else may not.

    **Fix.** None needed where the writing program is known to append data.
    """
    if program.junk and program.streams and not program.streams[-1].error:
        start, end = program.junk[-1]
        if end >= len(program.data) and start >= program.streams[-1].end:
            # Legacy torch files end with their storages, to the byte.
            severity = Severity.MEDIUM if program.tensors else None
            yield context.finding(
                f"{end - start} bytes follow the last pickle",
                offset=program.offset(start),
                evidence=f"bytes {program.offset(start)}..{program.offset(end)}",
                severity=severity,
                confidence=Confidence.MEDIUM,
            )


@rule("SNT1113", "expansion-bomb", severity=Severity.MEDIUM, formats=("pickle",), cwe="CWE-409")
def expansion_bomb(program: PickleProgram, context: RuleContext) -> Iterator[Finding]:
    """A small file that becomes enormous once its values are walked.

    **What.** Containers hold the same container many times over, level upon level, so that the
    value has more elements than any model; or they are nested thousands of levels deep; or the
    file asks for a memo of billions of entries, a number of thousands of digits in text, or keys
    that all collide.

    **Why it matters.** Loading, printing, hashing or comparing it exhausts time or memory.

    **Fix.** Do not load the file.
    """
    for stream in program.streams:
        if stream.result is not None and nesting(stream.result, _DEEPEST) >= _DEEPEST:
            yield context.finding(
                f"its value is nested {_DEEPEST} levels deep or more",
                offset=program.offset(stream.start),
                remedy=_REMEDY,
                confidence=Confidence.MEDIUM,
            )
        if stream.result is None or program.recorder.shared < _FEWEST_SHARED:
            continue
        size = expanded_size(stream.result)
        if size > _MOST_ELEMENTS:
            yield context.finding(
                f"its value holds more than {size:.0e} elements when walked",
                offset=program.offset(stream.start),
                confidence=Confidence.MEDIUM,
            )
    for position, demand in program.recorder.demands[:_LISTED]:
        yield context.finding(
            f"asks the loader for {demand}",
            offset=program.offset(position),
            evidence=demand,
            remedy=_REMEDY,
        )
