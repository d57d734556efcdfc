"""Deferred: hooks, methods and functions that act when the object is first used."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Iterator

from tests.corpus.malicious.calls import instance
from tests.corpus.malicious.case import COMMAND, P4, PROTOCOLS, SOURCE, Case
from tests.kit.assemble import BUILD, NEWOBJ, Code

HOOKS = (
    ("torch.nn.modules.linear", "Linear", "_forward_hooks"),
    ("torch.nn.modules.linear", "Linear", "_forward_pre_hooks"),
    ("torch.nn.modules.linear", "Linear", "_load_state_dict_post_hooks"),
    ("torch.nn.modules.linear", "Linear", "_backward_hooks"),
    ("torch.optim.sgd", "SGD", "_optimizer_step_pre_hooks"),
)  # fmt: skip

METHODS = (
    ("torch.nn.modules.linear", "Linear", "forward"),
    ("torch.nn.modules.linear", "Linear", "_call_impl"),
    ("torch.nn.modules.activation", "ReLU", "extra_repr"),
    ("sklearn.linear_model._base", "LinearRegression", "predict"),
    ("sklearn.preprocessing._function_transformer", "FunctionTransformer", "func"),
    ("sklearn.preprocessing._data", "StandardScaler", "transform"),
    ("sklearn.feature_extraction.text", "CountVectorizer", "tokenizer"),
    ("sklearn.feature_extraction.text", "TfidfVectorizer", "preprocessor"),
    ("sklearn.pipeline", "Pipeline", "memory"),
    ("sklearn.metrics._scorer", "_Scorer", "_score_func"),
    ("xgboost.sklearn", "XGBRegressor", "objective"),
    ("lightgbm.sklearn", "LGBMClassifier", "_fobj"),
    ("numpy.lib._function_base_impl", "vectorize", "pyfunc"),
    ("logging", "Logger", "info"),
    ("argparse", "Namespace", "__call__"),
    ("transformers.tokenization_utils_fast", "PreTrainedTokenizerFast", "encode"),
    ("collections", "OrderedDict", "get"),
    ("pandas.core.groupby.generic", "DataFrameGroupBy", "apply"),
    ("joblib.memory", "MemorizedFunc", "func"),
)  # fmt: skip

CALLABLES: dict[str, Callable[[], Code]] = {
    "system": lambda: P4.name("os", "system"),
    "partial": lambda: P4.call("functools", "partial", P4.name("os", "system"), COMMAND),
    "exec": lambda: P4.name("builtins", "exec"),
    "exec-partial": lambda: P4.call("functools", "partial", P4.name("builtins", "exec"), SOURCE),
    "popen": lambda: P4.name("subprocess", "Popen"),
}


def cases() -> Iterator[Case]:
    yield from _hooks()
    yield from _by_value()
    yield from _default_factories()


def made(module: str, name: str, state: object) -> Code:
    """Return code for an instance as the pickler writes it: NEWOBJ and BUILD."""
    return P4.name(module, name) + P4.tuple() + NEWOBJ + P4.value(state) + BUILD


def _hooks() -> Iterator[Case]:
    for module, name, hook in HOOKS:
        for label, function in CALLABLES.items():
            hooks = P4.call("collections", "OrderedDict", [(0, function())])
            data = P4.file(made(module, name, {"training": False, hook: hooks}))
            empty = P4.apply(P4.name("collections", "OrderedDict"))
            twin = P4.file(made(module, name, {"training": False, hook: empty}))
            yield _case(f"hook-{hook}-{label}", data, twin)
    for module, name, method in METHODS:
        for label in ("system", "exec-partial"):
            data = P4.file(made(module, name, {"a": 1, method: CALLABLES[label]()}))
            twin = P4.file(made(module, name, {"a": 1, method: None}))
            yield _case(f"method-{name}.{method}-{label}", data, twin)


def _case(name: str, data: bytes, twin: bytes | None, expect: str = "high") -> Case:
    return Case(name, "deferred", "model.pkl", data, twin, expect, False)


def _default_factories() -> Iterator[Case]:
    partial = CALLABLES["partial"]()
    twin = P4.file(P4.call("collections", "defaultdict", P4.name("builtins", "list")))
    forms = {
        "default": P4.call("collections", "defaultdict", partial),
        "iterator": P4.call("builtins", "map", P4.name("os", "system"), [COMMAND]),
        "iter": P4.call("builtins", "iter", partial, 1),
        "cmp-key": P4.call("functools", "cmp_to_key", P4.name("os", "system")),
        "cached-property": P4.call("functools", "cached_property", P4.name("os", "system")),
        "property": P4.call("builtins", "property", P4.name("os", "system")),
        "type": P4.call("builtins", "type", "T", (), {"__del__": P4.name("os", "system")}),
        "bare-name": P4.name("os", "system"),
        "named-in-list": P4.value([1, 2, P4.name("builtins", "eval")]),
        "module-name": P4.value({"loss": P4.name("subprocess", "check_output")}),
        "setstate-kept": instance(P4, {"__setstate__": P4.name("os", "system")}),
        "reduce-kept": instance(P4, {"__reduce__": partial}),
    }
    for label, code in forms.items():
        yield _case(f"factory-{label}", P4.file(code), twin)


def _by_value() -> Iterator[Case]:
    """Functions written out whole by the real libraries; dumping them runs none of them."""
    try:
        import cloudpickle
        import dill
    except ImportError:
        return
    picklers = {"cloudpickle": cloudpickle.dumps, "dill": lambda f: dill.dumps(f, recurse=True)}
    for library, dumps in picklers.items():
        for label, hostile in _functions().items():
            # Opening a file or unpickling one is what the code of a model may do in good faith too.
            expect = "medium" if label in ("write", "unpickle") else "high"
            yield _case(f"{library}-{label}", dumps(hostile), dumps(_harmless()), expect)
        yield _case(f"{library}-in-data", dumps({"w": [1], "f": _functions()["system"]}), None)
    for p in PROTOCOLS[2:]:
        data = cloudpickle.dumps(_functions()["system"], protocol=p.protocol)
        yield _case(f"cloudpickle-protocol-{p.protocol}", data, None)
    try:
        import joblib
    except ImportError:
        return
    file = io.BytesIO()
    joblib.dump({"f": cloudpickle.dumps(_functions()["exec"])}, file)
    yield Case("joblib-of-cloudpickle", "deferred", "model.joblib", file.getvalue(), None, "medium",
               False)  # fmt: skip


def _harmless() -> Callable[[float], float]:
    rate = 0.5
    return lambda x: max(0.0, x) * rate + 1


def _functions() -> dict[str, Callable[..., object]]:
    """Return functions that would do harm; nobody calls them."""

    def system(x: object) -> object:
        import os

        os.system("echo SENTINEL_MARKER")
        return x

    def dunder(x: object) -> object:
        return __import__("os").popen("echo SENTINEL_MARKER")

    def run(x: object) -> object:
        exec("print('SENTINEL_MARKER')")
        return x

    def process(x: object) -> object:
        import subprocess

        return subprocess.run(["echo", "SENTINEL_MARKER"])

    def network(x: object) -> object:
        from urllib.request import urlopen

        return urlopen("http://127.0.0.1:9/SENTINEL_MARKER")

    def write(x: object) -> object:
        return open("/nonexistent-sentinel/SENTINEL_MARKER", "w")  # noqa: PTH123

    def unpickle(x: bytes) -> object:
        return pickle.loads(x)

    def nested(x: object) -> object:
        def inner() -> object:
            import os

            return os.system("echo SENTINEL_MARKER")

        return inner()

    def hidden(x: object) -> object:
        return getattr(__import__("o" + "s"), "sys" + "tem")("echo SENTINEL_MARKER")

    return {
        "system": system, "dunder-import": dunder, "exec": run, "process": process,
        "network": network, "write": write, "unpickle": unpickle, "nested": nested,
        "hidden": hidden,
    }  # fmt: skip
