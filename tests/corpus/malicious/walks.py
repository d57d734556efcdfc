"""Walks along attributes, partials, and attributes planted and read back."""

from __future__ import annotations

import fractions
import functools
import operator
import pickle
from collections.abc import Iterator

from tests.corpus.malicious.calls import instance
from tests.corpus.malicious.case import COMMAND, GOOD, P0, P2, P4, Case
from tests.kit.assemble import BINGET, BINPUT, BUILD, NEWOBJ, POP, REDUCE, SETITEM, Code

RUN = P4.tuple(COMMAND) + REDUCE
PARTIAL = pickle.dumps([functools.partial(int, base=2), functools.partial(round, ndigits=2)], 4)
GETTERS = pickle.dumps([operator.itemgetter(1), operator.attrgetter("a"), str.upper, [].append], 4)


def cases() -> Iterator[Case]:
    yield from _dotted()
    yield from _getters()
    yield from _partials()
    yield from _planted_and_read_back()


DOTTED = (
    ("os", "path.os.system"), ("posixpath", "os.system"), ("random", "_os.system"),
    ("collections", "_sys.modules"), ("collections", "abc.sys.modules.get"),
    ("collections", "OrderedDict.__init__.__globals__"), ("logging", "os.system"),
    ("logging", "Logger.info.__globals__.get"), ("pickle", "sys.modules.get"),
    ("pickle", "_Unpickler.load.__globals__.get"), ("copyreg", "__builtins__.get"),
    ("copyreg", "pickle.__globals__"), ("copyreg", "__newobj__.__builtins__"),
    ("functools", "partial.__class__.__subclasses__"), ("builtins", "object.__subclasses__"),
    ("builtins", "type.__subclasses__"), ("builtins", "print.__self__.exec"),
    ("builtins", "len.__self__.eval"), ("builtins", "__loader__.load_module"),
    ("builtins", "__spec__.loader.load_module"), ("builtins", "len.__self__.__import__"),
    ("numpy", "os.system"), ("numpy", "f2py.os.system"), ("numpy", "testing.os.system"),
    ("numpy.core.multiarray", "os.system"), ("numpy.lib.format", "pickle.loads"),
    ("numpy", "lib.format.pickle.loads"), ("numpy", "core.numeric.sys.modules"),
    ("torch", "os.system"), ("torch", "serialization.os.system"), ("torch", "hub.os.system"),
    ("torch._utils", "sys.modules.get"), ("torch.serialization", "os.system"),
    ("torch.nn", "modules.module.sys.modules"), ("torch", "utils.data.os.system"),
    ("torch.nn.modules.module", "Module.forward.__globals__.get"),
    ("torch.storage", "_load_from_bytes.__globals__"), ("sklearn", "os.system"),
    ("sklearn.base", "platform.os.system"), ("sklearn.utils", "_joblib.joblib.os.system"),
    ("sklearn.pipeline", "Pipeline.fit.__globals__"), ("pandas", "io.common.os.system"),
    ("pandas.core.frame", "sys.modules.get"), ("pandas", "io.pickle.pickle.loads"),
    ("joblib", "os.system"), ("joblib.numpy_pickle", "os.system"),
    ("scipy", "os.system"), ("scipy.sparse", "_csr.np.os.system"), ("xgboost.core", "os.system"),
    ("xgboost.core", "ctypes.CDLL"), ("lightgbm.basic", "ctypes.CDLL"),
    ("transformers.utils", "os.system"), ("transformers.trainer", "subprocess.run"),
    ("unittest.mock", "builtins.exec"), ("decimal", "Decimal.__new__.__self__"),
    ("datetime", "sys.modules.get"), ("re", "functools.partial.__reduce__"),
    ("argparse", "_os.system"), ("argparse", "_sys.modules"), ("tempfile", "_os.system"),
    ("tempfile", "_shutil.rmtree"), ("zipfile", "shutil.rmtree"), ("typing", "sys.modules"),
    ("inspect", "os.system"), ("warnings", "sys.modules"), ("dataclasses", "builtins.exec"),
    ("enum", "sys.modules"), ("json", "decoder.scanner.re.enum.sys.modules"),
)  # fmt: skip


def _dotted() -> Iterator[Case]:
    twin = pickle.dumps({"simplify": fractions.Fraction.limit_denominator}, 4)
    for module, path in DOTTED:
        code = P4.name(module, path)
        whole = f"{module}.{path}"
        yield Case(
            f"dotted-{module}:{path}", "walk", "model.pkl", P4.file(code + RUN), twin,
            "medium" if path.endswith("modules") else "high", payload=whole,
        )  # fmt: skip
    for module, path in DOTTED[:6]:
        # Named, to be called by whoever gets the object.
        data = P4.file(P4.value({"activation": P4.name(module, path)}))
        yield Case(
            f"dotted-named-{module}:{path}", "walk", "model.pkl", data, twin, "medium", False
        )


def got(owner: Code, *names: str) -> Code:
    """Return code that reads attributes one by one."""
    for name in names:
        owner = P4.call("builtins", "getattr", owner, name)
    return owner


def _getters() -> Iterator[Case]:
    name = P4.name
    chains = {
        "getattr": (got(name("posixpath", "os"), "system"), "posixpath.os.system"),
        "getattr-twice": (got(name("os", "path"), "os", "system"), "os.path.os.system"),
        "getattr-static": (
            P4.call("inspect", "getattr_static", name("posixpath", "os"), "system"),
            "posixpath.os.system",
        ),
        "getattr-of-getattr": (
            P4.apply(got(name("builtins", "len"), "__self__", "getattr"), name("os", "path"), "os"),
            "builtins.len.__self__.getattr",
        ),
        "globals": (
            got(name("logging", "getLogger"), "__globals__", "get"),
            "logging.getLogger.__globals__.get",
        ),
        "dict-item": (
            P4.call("operator", "getitem", got(name("posixpath", "os"), "__dict__"), "system"),
            "posixpath.os.__dict__.system",
        ),
        "dict-method": (
            got(name("posixpath", "os"), "__dict__", "__getitem__"),
            "posixpath.os.__dict__.__getitem__",
        ),
        "self": (
            got(name("builtins", "print"), "__self__", "exec"), "builtins.print.__self__.exec",
        ),
        "builtins": (
            got(name("collections", "namedtuple"), "__builtins__", "get"),
            "collections.namedtuple.__builtins__.get",
        ),
        "class-base": (
            got(P4.value(()), "__class__", "__base__", "__subclasses__"),
            "builtins.tuple.__class__.__base__.__subclasses__",
        ),
        "init-globals": (
            got(name("collections", "OrderedDict"), "__init__", "__globals__"),
            "collections.OrderedDict.__init__.__globals__",
        ),
        "getattribute": (
            P4.call("builtins", "object.__getattribute__", name("posixpath", "os"), "system"),
            "posixpath.os.system",
        ),
        "getattribute-of-type": (
            P4.call("builtins", "type.__getattribute__", name("posixpath", "os"), "system"),
            "posixpath.os.system",
        ),
        "attrgetter": (
            P4.apply(P4.call("operator", "attrgetter", "os.system"), name("os", "path")),
            "os.path.os.system",
        ),
        "attrgetter-private": (
            P4.apply(P4.call("_operator", "attrgetter", "system"), name("posixpath", "os")),
            "posixpath.os.system",
        ),
        "itemgetter": (
            P4.apply(P4.call("operator", "itemgetter", "exec"), name("copyreg", "__builtins__")),
            "copyreg.__builtins__.exec",
        ),
        "itemgetter-modules": (
            got(
                P4.apply(P4.call("operator", "itemgetter", "os"), name("sys", "modules")), "system"
            ),
            "sys.modules.os.system",
        ),
        "methodcaller-get": (
            P4.apply(P4.call("operator", "methodcaller", "get", "os"), name("sys", "modules")),
            "sys.modules.get",
        ),
        "reduce-getattr": (
            P4.call(
                "functools", "reduce", name("builtins", "getattr"), ["os", "system"],
                name("os", "path"),
            ),
            "os.path.os.system",
        ),
        "partial-getattr": (
            P4.apply(
                P4.call(
                    "functools", "partial", name("builtins", "getattr"), name("posixpath", "os")
                ),
                "system",
            ),
            "posixpath.os.system",
        ),
        "import-module": (
            got(P4.call("importlib", "import_module", "os"), "system"), "os.system",
        ),
        "dunder-import": (got(P4.call("builtins", "__import__", "os"), "system"), "os.system"),
        "subimport": (
            got(P4.call("cloudpickle.cloudpickle", "subimport", "os"), "system"), "os.system",
        ),
        "dill-import": (
            got(P4.call("dill._dill", "_import_module", "os"), "system"), "os.system",
        ),
        "dill-import-name": (P4.call("dill._dill", "_import_module", "os.system"), "os.system"),
        "locate": (P4.call("pydoc", "locate", "os.system"), "os.system"),
        "resolve-name": (P4.call("pkgutil", "resolve_name", "os:system"), "os.system"),
        "attribute-of-trusted": (
            got(name("torch", "serialization"), "os", "system"), "torch.serialization.os.system",
        ),
        "attribute-of-numpy": (
            got(name("numpy", "testing"), "os", "system"), "numpy.testing.os.system",
        ),
        "attribute-of-class": (
            got(name("logging", "Formatter"), "format", "__globals__"),
            "logging.Formatter.format.__globals__",
        ),
        "vars": (
            P4.call("operator", "getitem", P4.call("builtins", "vars", name("posixpath", "os")),
                    "system"),
            "posixpath.os.system",
        ),
        "frame": (got(P4.call("sys", "_getframe", 0), "f_builtins"), "sys._getframe().f_builtins"),
        "subclasses": (
            P4.call("builtins", "type.__subclasses__", name("builtins", "object")),
            "builtins.type.__subclasses__",
        ),
    }  # fmt: skip
    for label, (code, payload) in chains.items():
        yield Case(
            f"getter-{label}", "walk", "model.pkl", P4.file(code + RUN), GETTERS, "high",
            payload=payload,
        )  # fmt: skip
    for p in (P0, P2):
        code = p.call("__builtin__", "getattr", p.name("posixpath", "os"), "system")
        yield Case(
            f"getter-getattr-{p.protocol}", "walk", "model.pkl", p.file(p.apply(code, COMMAND)),
            GETTERS, "high", payload="posixpath.os.system",
        )  # fmt: skip
    called = P4.apply(
        P4.call("operator", "methodcaller", "system", COMMAND), P4.name("posixpath", "os")
    )
    yield Case(
        "getter-methodcaller", "walk", "model.pkl", P4.file(called), GETTERS,
        payload="posixpath.os.system",
    )  # fmt: skip
    by_new = P4.name("operator", "methodcaller") + P4.tuple("system", COMMAND)
    called = P4.apply(by_new + NEWOBJ, P4.name("posixpath", "os"))
    yield Case("getter-methodcaller-new", "walk", "m.pkl", P4.file(called), GETTERS, "high", False)
    named = P4.value({"hook": got(P4.name("posixpath", "os"), "system")})
    yield Case("getter-kept", "walk", "model.pkl", P4.file(named), GETTERS, "high", False)
    waiting = P4.value({"hook": P4.call("operator", "methodcaller", "system", COMMAND)})
    yield Case("getter-waiting", "walk", "m.pkl", P4.file(waiting), GETTERS, "medium", False)


def _partials() -> Iterator[Case]:
    evil = P4.name("os", "system")
    bound = P4.call("functools", "partial", evil, COMMAND)
    forms = {
        "called": P4.apply(bound),
        "late-argument": P4.apply(P4.call("functools", "partial", evil), COMMAND),
        "twice": P4.apply(P4.call("functools", "partial", bound)),
        "partial-private": P4.apply(P4.call("_functools", "partial", evil, COMMAND)),
        "method-type": P4.apply(P4.call("types", "MethodType", evil, COMMAND)),
        "operator-call": P4.call("operator", "call", evil, COMMAND),
        "operator-call-private": P4.call("_operator", "call", evil, COMMAND),
        "partial-of-call": P4.apply(
            P4.call("functools", "partial", P4.name("operator", "call"), evil), COMMAND
        ),
        "newobj-helper": P4.call("copyreg", "__newobj__", evil, COMMAND),
        "cache": P4.apply(P4.call("functools", "cache", evil), COMMAND),
        "context": P4.apply(
            got(P4.call("contextvars", "Context"), "run"), evil, COMMAND
        ),
        "delayed": P4.apply(P4.call("joblib", "delayed", evil), COMMAND),
    }  # fmt: skip
    for label, code in forms.items():
        reaches = label != "newobj-helper"
        yield Case(f"partial-{label}", "walk", "model.pkl", P4.file(code), PARTIAL, "high", reaches)
    by_state = P4.name("functools", "partial") + P4.tuple(P4.name("builtins", "print")) + REDUCE
    by_state += P4.value((evil, (COMMAND,), {}, None)) + BUILD
    yield Case(
        "partial-by-state", "walk", "model.pkl", P4.file(P4.apply(Code(by_state))), PARTIAL,
        "high", False,
    )  # fmt: skip
    yield Case("partial-kept", "walk", "m.pkl", P4.file(P4.value([bound])), PARTIAL, "high", False)


def _planted_and_read_back() -> Iterator[Case]:
    evil = P4.name("os", "system")
    trusted = P4.name("collections", "namedtuple")
    planted = trusted + BINPUT(0) + P4.value({"go": evil}) + BUILD + POP
    by_item = (
        P4.call("builtins", "getattr", trusted, "__dict__") + P4.join("go", evil) + SETITEM + POP
    )
    forms = {
        "state": (planted + got(BINGET(0), "go") + RUN, True),
        "state-attrgetter": (
            planted + P4.apply(P4.call("operator", "attrgetter", "go"), BINGET(0)) + RUN, True,
        ),
        "dotted": (planted + P4.name("collections", "namedtuple.go") + RUN, False),
        "item": (by_item + got(trusted, "go") + RUN, False),
        "setattr": (
            P4.call("builtins", "setattr", trusted, "go", evil) + POP + P4.value(1), False
        ),
        "unwrap": (
            trusted + BINPUT(0) + P4.value({"__wrapped__": evil}) + BUILD + POP
            + P4.call("inspect", "unwrap", BINGET(0)) + RUN, False,
        ),
        "wraps": (
            P4.call("functools", "update_wrapper", trusted, evil) + POP
            + P4.name("collections", "namedtuple.__wrapped__") + RUN, False,
        ),
        "instance": (got(instance(P4, {"go": evil}), "go") + RUN, True),
        "instance-method": (
            P4.apply(
                P4.call("operator", "methodcaller", "go", COMMAND), instance(P4, {"go": evil})
            ),
            True,
        ),
        "instance-item": (
            P4.call("operator", "getitem", P4.value({"go": evil}), "go") + RUN, True
        ),
        "list-item": (P4.call("operator", "getitem", P4.value([1, evil]), 1) + RUN, True),
        "itemgetter-of-own": (
            P4.apply(P4.call("operator", "itemgetter", "go"), {"go": evil}) + RUN, True
        ),
        "pop-of-own": (
            P4.apply(P4.call("operator", "methodcaller", "pop"), [evil]) + RUN, False
        ),
        "next-of-own": (
            P4.call("builtins", "next", P4.call("builtins", "iter", [evil])) + RUN, False
        ),
        "max-of-own": (P4.call("builtins", "max", [evil]) + RUN, False),
    }  # fmt: skip
    for label, (code, reaches) in forms.items():
        yield Case(
            f"read-back-{label}", "walk", "model.pkl", P4.file(Code(code)), GOOD[4], "high", reaches
        )
