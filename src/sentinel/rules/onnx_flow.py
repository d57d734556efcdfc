"""How values flow through an ONNX graph: what decides, and what reaches an output.

A backdoor of the graph (and not of its weights) looks at the input itself, decides by a comparison,
and lets the decision overwrite what the network has worked out. So each value is followed: does it
depend on the input, was it worked out with weights, was it summed up or cut, was it compared? Then
the decisions are kept that act on an output with no layer in between.
"""

from __future__ import annotations

from collections import ChainMap, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ..errors import LimitExceeded
from ..formats.onnx_model import OnnxFunction, OnnxGraph, OnnxModel, OnnxNode

RAW, WEIGHED, REDUCED, COMPARED, ARRAY, STEP = 1, 2, 4, 8, 16, 32
"""What is known of a value: it depends on the input alone, or through weights; along the way it
was reduced to less than the input, or compared; that input holds more than one number; it counts
the steps of a loop."""
_DECISION = RAW | REDUCED | COMPARED
_INPUT = RAW | WEIGHED

_MOST_NODES = 250_000
_MOST_DEPTH = 32

_WEIGHTS = frozenset((
    "MatMul", "Gemm", "Conv", "ConvTranspose", "LSTM", "GRU", "RNN", "MatMulInteger",
    "ConvInteger", "QLinearConv", "QLinearMatMul", "Einsum", "DeformConv", "Attention",
    "MultiHeadAttention", "FusedConv", "FusedMatMul", "FusedGemm", "NhwcConv", "QAttention",
    "QGemm", "DynamicQuantizeMatMul", "MatMulNBits", "MatMulIntegerToFloat",
    "DynamicQuantizeLSTM", "QLinearConvTranspose", "GroupQueryAttention",
    "EmbedLayerNormalization", "PRelu",
))  # fmt: skip
_LEARNED = frozenset((
    "LinearClassifier", "LinearRegressor", "SVMClassifier", "SVMRegressor", "TreeEnsemble",
    "TreeEnsembleClassifier", "TreeEnsembleRegressor",
))  # fmt: skip
_FORGETS = frozenset(("Shape", "Size", "Range", "EyeLike", "RandomNormalLike", "RandomUniformLike"))
_REDUCES = frozenset((
    "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2",
    "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare", "ArgMax", "ArgMin", "Slice",
    "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool", "NonZero", "TopK",
))  # fmt: skip
_COMPARES = frozenset(("Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual", "Sign"))
_JOINS = frozenset(
    ("Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "Mean", "Pow", "BitwiseOr", "BitwiseXor")
)
_PICKS = frozenset(("Gather", "GatherND", "GatherElements", "ArrayFeatureExtractor"))


class Gate(NamedTuple):
    """A place where the input itself acts on what the network gives.

    Attributes:
        kind: ``branch`` (If or Where), ``join`` (arithmetic with a decision) or ``statistic``
            (arithmetic with a figure of the input that was not compared).
        node: The operator.
        condition: Name of the value that decides.
    """

    kind: str
    node: OnnxNode
    condition: str


class _Scope(ChainMap[str, int]):
    """What is known of values by name: those of a body, then those of the graphs around it."""

    def state(self, name: str) -> int:
        """Return what is known of a value; nothing (0) of one that was not met."""
        for names in self.maps:
            if name in names:
                return names[name]
        return 0


class _Frame:
    """A graph in one place of the model, with what is known of its values."""

    __slots__ = ("graph", "known", "layers", "order", "within")

    def __init__(self, graph: OnnxGraph, known: _Scope) -> None:
        self.graph = graph
        self.known = known
        self.order: Sequence[OnnxNode] = ()
        self.layers: set[int] = set()
        self.within: dict[int, list[_Frame]] = {}

    def used(self) -> Iterator[str]:
        """Yield the names that the graph and the bodies in it take, some of them from outside."""
        for node in self.graph.nodes:
            yield from node.inputs
        yield from self.graph.outputs
        for bodies in self.within.values():
            for body in bodies:
                yield from body.used()


def gates(model: OnnxModel) -> Iterator[Gate]:
    """Yield the gates of every graph that runs.

    Raises:
        LimitExceeded: Functions and bodies within one another come to more than 250,000 nodes.
    """
    walk = _Walk(model)
    for index in model.mains:
        if index < len(model.graphs):
            graph = model.graphs[index]
            constants = set(graph.initializers)
            known = {
                name: RAW if name in graph.single else RAW | ARRAY
                for name in graph.inputs
                if name not in constants
            }
            frame = walk.forward(graph, _Scope(known), 0)
            yield from walk.acting(frame, set(graph.outputs))


class _Walk:
    def __init__(self, model: OnnxModel) -> None:
        self.graphs = model.graphs
        self.functions: Mapping[tuple[str, str], OnnxFunction] = {
            (one.domain, one.name): one for one in model.functions
        }
        self.spent = 0

    def forward(self, graph: OnnxGraph, known: _Scope, depth: int) -> _Frame:
        """Work out what is known of each value of a graph."""
        if depth > _MOST_DEPTH:
            raise LimitExceeded(f"graphs nested deeper than {_MOST_DEPTH}")
        self.spent += len(graph.nodes) + 1
        if self.spent > _MOST_NODES:
            raise LimitExceeded(f"more than {_MOST_NODES} operators with functions inlined")
        frame = _Frame(graph, known)
        frame.order = _ordered(graph.nodes)
        for place, node in enumerate(frame.order):
            self._node(frame, place, node, depth)
        return frame

    def _node(self, frame: _Frame, place: int, node: OnnxNode, depth: int) -> None:
        known = frame.known
        states = [known.state(name) for name in node.inputs]
        body = self._function(node)
        if body is not None:
            given = dict(zip(body.inputs, states, strict=False))
            inner = self.forward(body, _Scope(given), depth + 1)
            frame.within[place] = [inner]
            for name, output in zip(body.outputs, node.outputs, strict=False):
                known[output] = inner.known.state(name)
            return
        state = _after(node, states)
        if _is_layer(node, states):
            frame.layers.add(place)
        for _, index in node.graphs:
            if index < len(self.graphs):
                inner = self._body(frame, node, index, states, depth)
                frame.within.setdefault(place, []).append(inner)
                for name in inner.graph.outputs:
                    state = _merged((state, inner.known.state(name)))
        known.maps[0].update(dict.fromkeys(node.outputs, state))

    def _function(self, node: OnnxNode) -> OnnxGraph | None:
        found = self.functions.get((node.domain, node.op))
        return self.graphs[found.graph] if found and found.graph < len(self.graphs) else None

    def _body(
        self, frame: _Frame, node: OnnxNode, index: int, states: list[int], depth: int
    ) -> _Frame:
        """Follow the graph of an attribute; what a loop carries is followed through two rounds."""
        graph = self.graphs[index]
        given = dict(zip(graph.inputs, states, strict=False))
        carried = list(zip(graph.inputs[1:], graph.outputs, strict=False))
        if node.op == "Loop":
            given = {name: given.get(name, 0) or STEP for name in graph.inputs}
            given.update(dict.fromkeys(graph.inputs[:1], STEP))
        inner = self.forward(graph, frame.known.new_child(given), depth + 1)
        if node.op == "Loop":
            again = {name: _merged((given[name], inner.known.state(end))) for name, end in carried}
            if any(again[name] != given[name] for name in again):
                inner = self.forward(graph, frame.known.new_child(given | again), depth + 1)
        return inner

    def acting(self, frame: _Frame, wanted: set[str]) -> Iterator[Gate]:
        """Yield the gates whose results reach one of the wanted values with no layer between."""
        reach = set(wanted)
        for place in range(len(frame.order) - 1, -1, -1):
            node = frame.order[place]
            reached = [name for name in node.outputs if name in reach]
            if not reached or place in frame.layers:
                continue
            within = frame.within.get(place, ())
            yield from self._gate(frame, node, within)
            for inner in within:
                yield from self.acting(inner, set(inner.graph.outputs))
                reach.update(inner.used())
            reach.update(node.inputs)

    def _gate(self, frame: _Frame, node: OnnxNode, within: Sequence[_Frame]) -> Iterator[Gate]:
        known = frame.known
        states = [known.state(name) for name in node.inputs]
        if node.op in ("If", "Where") and states:
            rest = states[1:]
            rest += [inner.known.state(name) for inner in within for name in inner.graph.outputs]
            if _decides(states[0]) and any(state & WEIGHED for state in rest):
                yield Gate("branch", node, node.inputs[0])
        elif node.op in _JOINS and any(state & WEIGHED for state in states):
            for name, state in zip(node.inputs, states, strict=True):
                if _decides(state):
                    yield Gate("join", node, name)
                elif state & ~(ARRAY | STEP) == RAW | REDUCED:
                    yield Gate("statistic", node, name)


def _decides(state: int) -> bool:
    return state & (_DECISION | WEIGHED) == _DECISION


def _after(node: OnnxNode, states: list[int]) -> int:
    """Return what is known of the outputs of an operator."""
    state = 0 if node.op in _FORGETS else _merged(states)
    if not state & _INPUT:
        return state
    if _is_layer(node, states):
        return WEIGHED
    if node.op in _PICKS and len(states) > 1:
        if not states[0] & _INPUT:
            return WEIGHED  # a table of constants, looked up: an embedding
        return state if states[1] else _reduced(state)
    if node.op in _REDUCES:
        return _reduced(state)
    if node.op in _COMPARES:
        return state | COMPARED
    return state


def _reduced(state: int) -> int:
    return state | REDUCED if state & ARRAY else state


def _is_layer(node: OnnxNode, states: list[int]) -> bool:
    depends = [bool(state & _INPUT) for state in states]
    if node.op in _LEARNED:
        return any(depends)
    return node.op in _WEIGHTS and any(depends) and not all(depends)


def _merged(states: Iterable[int]) -> int:
    """Join what is known of the inputs; what has been through weights in part counts as weighed."""
    state = 0
    for one in states:
        state |= one
    return WEIGHED if state & WEIGHED else state


def _ordered(nodes: Sequence[OnnxNode]) -> Sequence[OnnxNode]:
    """Return nodes so that values are made before they are used, where that can be done."""
    made: dict[str, int] = {
        name: place for place, node in enumerate(nodes) for name in node.outputs if name
    }
    if all(made.get(name, -1) < place for place, node in enumerate(nodes) for name in node.inputs):
        return nodes
    waits = [0] * len(nodes)
    users: dict[int, list[int]] = {}
    for place, node in enumerate(nodes):
        for name in set(node.inputs):
            if name in made:
                waits[place] += 1
                users.setdefault(made[name], []).append(place)
    ready = deque(place for place, count in enumerate(waits) if not count)
    order: list[int] = []
    while ready:
        place = ready.popleft()
        order.append(place)
        for user in users.get(place, ()):
            waits[user] -= 1
            if not waits[user]:
                ready.append(user)
    left = set(range(len(nodes))).difference(order)
    return [nodes[place] for place in (*order, *sorted(left))]
