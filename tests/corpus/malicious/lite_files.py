"""TensorFlow Lite: foreign operators, full TensorFlow by way of them, indexes that lead astray."""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus.malicious.case import Case
from tests.kit.flat import RELU, Fields, custom, lite, lite_graph, lite_operator
from tests.kit.natives import elf
from tests.kit.tfs import node

GOOD = lite([RELU], [lite_graph(lite_operator())])
"""A model of one operator."""


def cases() -> Iterator[Case]:
    """Yield the cases of the family."""
    known = _with(custom("TFLite_Detection_PostProcess"))
    yield _case("custom", _with(custom("Mine")), known, "medium")
    yield _case("custom-unnamed", _with(custom("Mine")), GOOD, "medium", "weights.bin")
    ordinary = _with(custom("FlexAddV2"), node("AddV2", "a", "x y"))
    for op, severity in (("ReadFile", "high"), ("WriteFile", "high"), ("PyFunc", "critical")):
        yield _case(f"flex-{op}", _with(custom(f"Flex{op}")), ordinary, severity)
        hidden = _with(custom("FlexAddV2"), node(op, "a", "x y"))
        yield _case(f"flex-{op}-hidden", hidden, ordinary, severity)
    yield _case("flex-foreign", _with(custom("FlexMine")), ordinary, "medium")
    for name, hostile in _astray().items():
        yield _case(name, hostile, GOOD, "medium")
    for name, code in {"elf": elf(), "script": b"#!/bin/sh\necho SENTINEL_MARKER\n"}.items():
        hostile, plain = (
            lite([RELU], [lite_graph(lite_operator(), buffer=1)], [{}, {0: held.ljust(256, b"\0")}])
            for held in (code, b"words\n" * 20)
        )
        yield _case(f"program-{name}", hostile, plain, "high")
    yield _case("cut", GOOD[: len(GOOD) // 2], GOOD, "incomplete")


def _case(name: str, data: bytes, twin: bytes, expect: str, file: str = "model.tflite") -> Case:
    return Case(name, "tflite", file, data, twin, expect, reaches=False)


def _with(code: Fields, options: bytes = b"") -> bytes:
    held = {"f5": b"\x00op\x00" + options} if options else {}
    return lite([code], [lite_graph(lite_operator(**held))])


def _astray() -> dict[str, bytes]:
    def branch(then: int, other: int) -> Fields:
        return lite_graph(lite_operator(f3=(1, 92), f4={0: (4, then), 1: (4, other)}))

    return {
        "operator": lite([RELU], [lite_graph(lite_operator(9))]),
        "tensor": lite([RELU], [lite_graph(lite_operator(inputs=[77]))]),
        "tensor-negative": lite([RELU], [lite_graph(lite_operator(inputs=[-2]))]),
        "buffer": lite([RELU], [lite_graph(lite_operator(), buffer=5)]),
        "buffer-past-end": lite([RELU], [lite_graph()], [{1: (8, 1 << 40), 2: (8, 4)}]),
        "graph": lite([RELU], [branch(1, 9), lite_graph()]),
        "circle": lite([RELU], [branch(1, 1), branch(0, 0)]),
        "itself": lite([RELU], [branch(0, 0)]),
    }
