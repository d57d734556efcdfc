"""cloudpickle and dill: functions and classes written out whole, harmless ones."""

from __future__ import annotations

import collections
import functools
import math
from typing import Any

from tests.corpus.benign.save import Saver


def _made() -> dict[str, Any]:
    rate, table = 0.5, {"a": 1, "b": 2}

    def smooth(values: list[float], weight: float = 0.9) -> list[float]:
        """Return an exponential average."""
        last, out = values[0], []
        for value in values:
            last = last * weight + (1 - weight) * value
            out.append(last)
        return out

    def power(exponent: int) -> Any:
        return lambda base: base**exponent

    def loss(truth: Any, guess: Any) -> Any:
        return sum((a - b) ** 2 for a, b in zip(truth, guess, strict=True)) / len(truth)

    Record = collections.namedtuple("Record", ("function", "count"))

    class Scaler:
        """Scales."""

        factor = 2.0

        def __init__(self, offset: float = 0.0) -> None:
            self.offset = offset

        def transform(self, value: float) -> float:
            return value * self.factor + self.offset

    return {
        "lambda": lambda x: x * 2 + 1,
        "closure": lambda x: max(0.0, x) * rate + table.get("a", 0),
        "function": smooth,
        "nested": power(3),
        "loss": loss,
        "partial": functools.partial(smooth, weight=0.5),
        "math": lambda x: math.sqrt(x) + math.pi,
        "instance": Scaler(1.0),
        "class": Scaler,
        "in-data": {"activation": lambda x: x if x > 0 else 0, "layers": [1, 2]},
        "formatted": lambda name, value: f"{name}: {value:.3f}".upper(),
        "with-error": smooth,
        "method": Scaler(2.0).transform,
        "bound": {"hook": functools.partial(math.pow, 2.0), "text": "abc".upper},
        "default": collections.defaultdict(lambda: [0, table]),
        "record": Record(smooth, 3),
    }


def cloudpickle(save: Saver) -> None:
    import cloudpickle as cp

    for name, value in _made().items():
        for protocol in (4, 5):
            save.make(
                f"{name}-p{protocol}.pkl",
                lambda path, v=value, p=protocol: path.write_bytes(cp.dumps(v, protocol=p)),
            )


def dill(save: Saver) -> None:
    import dill as d

    for name, value in _made().items():
        save.make(f"{name}.pkl", lambda path, v=value: path.write_bytes(d.dumps(v, recurse=True)))
    for name, value in {
        "numbers": [1, 2.5],
        "text": {"a": "b"},
        "dates": _dates(),
        "ranges": _ranges(),
    }.items():
        save.make(f"{name}.dill", lambda path, v=value: path.write_bytes(d.dumps(v)))


def _ranges() -> Any:
    return {"range": range(5), "steps": range(9, -3, -2), "slice": slice(1, None)}


def _dates() -> Any:
    import datetime

    return [datetime.datetime(2026, 1, 1), datetime.timedelta(3)]
