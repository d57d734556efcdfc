"""Classes of ordinary libraries that act on what they are made of, and their ordinary instances.

None takes more than making an instance: by NEWOBJ, by REDUCE, or from a saved state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.corpus.malicious.case import ABSENT, P2, P4, SOURCE, Case
from tests.kit.assemble import BUILD, NEWOBJ_EX, Code, Dialect

_SYMPY_IN_TORCH = (
    "FloorDiv",
    "CeilDiv",
    "PythonMod",
    "Mod",
    "ModularIndexing",
    "Where",
    "Identity",
)
_FORMULAS = {
    "import": "y ~ x + I(__import__('os').getpid() or x)",
    "eval": f"y ~ eval({SOURCE!r})",
    "open": "y ~ x + len(open(name))",
    "file": f"y ~ x + np.load('{ABSENT}')",
    "method": f"y ~ x.to_csv('{ABSENT}')",
    "lambda": "y ~ I((lambda: 1)())",
    "walk": "y ~ x.__class__",
    "map": "y ~ map(exec, x)",
    "ticks": "y ~ f('`') + eval('1') + f('`')",
    "module": "y ~ os.getpid()",
}
_ORDINARY = (
    "close ~ open + high:low + np.log(open)",
    "y ~ C(g, Treatment(reference='a')) * np.log(x + 1) - 1",
    "y ~ bs(x, df=4, degree=3) + Q('weird name') + x.astype('float')",
    "code ~ platform + time + (a + b:c) ** 2",
    "`my column` ~ x %in% z",
    "~ 0 + x",
)
_DATA = "statsmodels.base.data"


def cases() -> Iterator[Case]:
    yield from _evaluate()
    yield from _formulas()
    yield from _open()
    yield from _re_exported()
    yield from _hooks()


def _case(name: str, data: bytes, twin: bytes, expect: str, payload: str) -> Case:
    return Case(name, "trusted-class", "model.pkl", data, twin, expect, payload=payload)


def _evaluate() -> Iterator[Case]:
    """Numbers and functions of sympy, here and in torch, evaluate text."""
    where = "torch.utils._sympy.functions"
    for p in (P2, P4):
        symbol = p.call("sympy.core.symbol", "Symbol", "s0", how="NEWOBJ")
        for name in _SYMPY_IN_TORCH:
            evil = p.file(p.call(where, name, SOURCE, 2, how="NEWOBJ"))
            good = p.file(p.call(where, name, symbol, 2, how="NEWOBJ"))
            yield _case(f"{name}-{p.protocol}", evil, good, "critical", f"{where}.{name}")
        for module, path in (
            ("torch.fx.experimental.symbolic_shapes", "FloorDiv"),
            ("torch._inductor.utils", "sympy.Max"),
        ):
            evil = p.file(p.call(module, path, SOURCE, 2, how="NEWOBJ"))
            good = p.file(p.call(module, path, symbol, 2, how="NEWOBJ"))
            if p.protocol >= 4 or "." not in path:
                case = f"elsewhere-{path}-{p.protocol}"
                yield _case(case, evil, good, "critical", f"{module}.{path}")
        for label, home, name, given, plain in (
            ("number", "sympy.core.numbers", "Rational", ([SOURCE],), (3, 4)),
            ("pattern", "sympy.core.symbol", "Wild", ("a", [SOURCE]), ("a_{1}", [symbol])),
        ):
            for how in ("REDUCE", "NEWOBJ"):
                evil = p.file(p.call(home, name, *given, how=how))
                good = p.file(p.call(home, name, *plain, how=how))
                case = f"{label}-{how.lower()}-{p.protocol}"
                yield _case(case, evil, good, "critical", f"{home}.{name}")


def _formulas() -> Iterator[Case]:
    """A model of statsmodels evaluates the formula in its state."""

    def made(p: Dialect, name: str, formula: str) -> bytes:
        state = {"frame": {"x": [1.0]}, "formula": formula, "restore_design_info": True}
        return p.file(p.call(_DATA, name, how="NEWOBJ") + p.value(state) + BUILD)

    twins = [*_ORDINARY] * 2
    for (label, formula), twin in zip(_FORMULAS.items(), twins, strict=False):
        for name in ("PandasData", "ModelData"):
            evil, good = made(P4, name, formula), made(P4, name, twin)
            yield _case(f"formula-{label}-{name}", evil, good, "critical", f"{_DATA}.{name}")
    parts = P4.call("collections", "OrderedDict", [("formula", _FORMULAS["eval"])])
    data = P4.file(P4.call(_DATA, "ModelData", how="NEWOBJ") + parts + BUILD)
    good = made(P4, "ModelData", "y ~ x")
    yield _case("formula-in-a-call", data, good, "critical", f"{_DATA}.ModelData")


def _open() -> Iterator[Case]:
    """Models of tokenizers open the file that stands in the place of a vocabulary."""
    where = "tokenizers.models"
    for name, given in {
        "BPE": (ABSENT, ABSENT),
        "WordPiece": (ABSENT,),
        "WordLevel": ("a",),
    }.items():
        path = f"{where}.{name}"
        state = P4.call(where, name, how="NEWOBJ") + P4.value(b'{"type":"BPE","vocab":{}}') + BUILD
        good = P4.file(state)
        for how in ("REDUCE", "NEWOBJ"):
            evil = P4.file(P4.call(where, name, *given, how=how))
            yield _case(f"{name}-{how.lower()}", evil, good, "high", path)
        keywords = P4.name(where, name) + P4.tuple() + P4.value({"vocab": ABSENT}) + NEWOBJ_EX
        yield _case(f"{name}-keywords", P4.file(keywords), good, "high", path)
        bound = P4.apply(P4.call("functools", "partial", P4.name(where, name), *given))
        yield _case(f"{name}-partial", P4.file(bound), good, "high", path)
    for module, name in (
        ("tokenizers.implementations.bert_wordpiece", "BertWordPieceTokenizer"),
        ("accelerate.utils.dataclasses", "DeepSpeedPlugin"),
    ):
        evil = P4.file(P4.call(module, name, "settings"))
        good = P4.file(P4.call(module, name, how="NEWOBJ") + P4.value({"stage": 2}) + BUILD)
        yield _case(f"word-{name}", evil, good, "high", f"{module}.{name}")
    for module, name in (
        ("docx.opc.phys_pkg", "PhysPkgReader"),
        ("blosc2.remote_ctable", "RemoteCTable"),
        ("mypy.metastore", "SqliteMetadataStore"),
        ("torch.onnx._internal._lazy_import", "_LazyModule"),
    ):
        evil = P4.file(P4.call(module, name, ABSENT, how="NEWOBJ"))
        good = P4.file(P4.call("mypy.metastore", "SqliteMetadataStore", how="NEWOBJ"))
        yield _case(f"new-{name}", evil, good, "high", f"{module}.{name}")


def _re_exported() -> Iterator[Case]:
    """Classes that act when they are made, under the name of a module that merely holds them."""
    kept = P4.file(P4.call("acme.shapes", "FileMovieWriter", how="NEWOBJ"))
    for module, name, given, twin in (
        ("numpy.matlib", "memmap", (ABSENT, "uint8", "w+"), P4.file(P4.name("numpy", "ndarray"))),
        ("matplotlib.backends.agg", "FileMovieWriter", (), kept),
    ):
        evil = P4.file(P4.call(module, name, *given, how="NEWOBJ"))
        yield _case(f"elsewhere-{name}", evil, twin, "high", f"{module}.{name}")


def _hooks() -> Iterator[Case]:
    """A function that nobody knows, in the place of a method which loading calls."""
    run = P4.name("acme.tools", "run")
    bound = P4.call("functools", "partial", run, "echo SENTINEL_MARKER")
    for name, module, owner, method, function in (
        ("setstate", "requests.adapters", "HTTPAdapter", "init_poolmanager", run),
        ("isotonic", "sklearn.isotonic", "IsotonicRegression", "_build_f", run),
        ("bound", "sklearn.isotonic", "IsotonicRegression", "_build_f", bound),
        ("del", "gensim.matutils", "MmWriter", "close", bound),
        ("free", "lightgbm.basic", "Dataset", "_free_handle", bound),
    ):
        yield Case(
            f"hook-{name}", "trusted-class", "model.pkl",
            _made(module, owner, {method: function, "X_thresholds_": "text"}),
            _made(module, owner, {"function": function, "X_thresholds_": "text"}),
            "medium", False,
        )  # fmt: skip

    for module, owner in (("xgboost.core", "DMatrix"), ("lightgbm.basic", "Dataset")):
        yield Case(
            f"pointer-{owner}", "trusted-class", "model.pkl",
            _made(module, owner, {"handle": 64, "_handle": 64}),
            _made(module, owner, {"handle": None, "_handle": None}),
            "high", payload=f"{module}.{owner}",
        )  # fmt: skip
    yield Case(
        "factor", "trusted-class", "model.pkl",
        _made("patsy.eval", "EvalFactor", {"code": "__import__('os').getpid()"}),
        _made("patsy.eval", "EvalFactor", {"code": "np.log(x)"}),
        payload="patsy.eval.EvalFactor",
    )  # fmt: skip


def _made(module: str, name: str, state: Mapping[str, Code | str | int | None]) -> bytes:
    return P4.file(P4.call(module, name, how="NEWOBJ") + P4.value(dict(state)) + BUILD)
