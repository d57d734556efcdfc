"""Functions that call what they are handed, now or later: map and its kin, threads, pools."""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus.malicious.calls import instance
from tests.corpus.malicious.case import COMMAND, GOOD, P4, SOURCE, Case
from tests.corpus.malicious.walks import got


def cases() -> Iterator[Case]:
    evil, call, name = P4.name("os", "system"), P4.call, P4.name
    one = [COMMAND]
    bound = call("functools", "partial", evil, COMMAND)
    proven = {
        "map-list": call("builtins", "list", call("builtins", "map", evil, one)),
        "map-deque": call("collections", "deque", call("builtins", "map", evil, one), 0),
        "map-tuple": call("builtins", "tuple", call("builtins", "map", evil, one)),
        "map-set": call("builtins", "set", call("builtins", "map", evil, one)),
        "filter": call("builtins", "list", call("builtins", "filter", evil, one)),
        "starmap": call("builtins", "list", call("itertools", "starmap", evil, [(COMMAND,)])),
        "takewhile": call("builtins", "list", call("itertools", "takewhile", evil, one)),
        "dropwhile": call("builtins", "list", call("itertools", "dropwhile", evil, one)),
        "filterfalse": call("builtins", "list", call("itertools", "filterfalse", evil, one)),
        "accumulate": call("builtins", "list", call("itertools", "accumulate", ["a", "b"], evil)),
        "groupby": call("builtins", "list", call("itertools", "groupby", one, evil)),
        "reduce": call("functools", "reduce", evil, ["a", "b"]),
        "iter": call("builtins", "list", call("builtins", "iter", bound, 1)),
        "default-factory": call(
            "operator", "getitem", call("collections", "defaultdict", bound), "x"
        ),
    }
    for label, code in proven.items():
        yield Case(f"dispatch-{label}", "walk", "model.pkl", P4.file(code), GOOD[4], "high")
    later = {
        "vectorize": P4.apply(call("numpy", "vectorize", evil), one),
        "frompyfunc": P4.apply(call("numpy", "frompyfunc", evil, 1, 1), one),
        "apply-along-axis": call("numpy", "apply_along_axis", evil, 0, one),
        "fromfunction": call("numpy", "fromfunction", evil, (1,)),
        "piecewise": call("numpy", "piecewise", one, [True], [evil]),
        "thread": P4.apply(got(call("threading", "Timer", 0, evil, one), "start")),
        "start-thread": call("_thread", "start_new_thread", evil, (COMMAND,)),
        "executor": P4.apply(
            got(call("concurrent.futures", "ThreadPoolExecutor"), "submit"), evil, COMMAND
        ),
        "pool": P4.apply(got(call("multiprocessing.dummy", "Pool", 1), "map"), evil, one),
        "process-pool": P4.apply(got(call("multiprocessing", "Pool", 1), "map"), evil, one),
        "atexit": call("atexit", "register", evil, COMMAND),
        "signal": call("signal", "signal", 14, evil),
        "finalize": call("weakref", "finalize", evil, evil, COMMAND),
        "exit-stack": P4.apply(
            got(call("contextlib", "ExitStack"), "callback"), evil, COMMAND
        ),
        "settrace": call("sys", "settrace", evil),
        "setprofile": call("sys", "setprofile", evil),
        "thread-profile": call("threading", "setprofile", evil),
        "audit-hook": call("sys", "addaudithook", evil),
        "property": P4.apply(got(call("builtins", "property", evil), "__get__"), COMMAND),
        "new-type": P4.apply(
            call("builtins", "type", "T", (), {"__new__": evil})
        ),
        "new-class": call("types", "new_class", "T", (), {}, evil),
        "build-class": call("builtins", "__build_class__", evil, "T"),
        "json-hook": call("json", "loads", "{}", evil),
        "regex": call("re", "sub", ".+", evil, COMMAND),
        "regex-scanner": P4.apply(
            got(call("re", "Scanner", [(".+", evil)]), "scan"), COMMAND
        ),
        "deepcopy": call("copy", "deepcopy", instance(P4, {"__deepcopy__": evil})),
        "copy": call("copy", "copy", instance(P4, {"__reduce_ex__": evil})),
        "series-apply": P4.apply(got(call("pandas", "Series", one), "apply"), evil),
        "series-map": P4.apply(got(call("pandas.core.series", "Series", one), "map"), evil),
        "frame-pipe": P4.apply(got(call("pandas", "DataFrame", one), "pipe"), evil),
        "module-apply": P4.apply(got(call("torch.nn", "Linear", 1, 1), "apply"), evil),
        "torch-map": P4.apply(got(call("torch", "zeros", 1), "map_"), one, evil),
        "torch-vmap": P4.apply(call("torch", "vmap", evil), one),
        "joblib-parallel": P4.apply(
            call("joblib", "Parallel", 1), [(evil, (COMMAND,), {})]
        ),
        "transformer": P4.apply(
            got(call("sklearn.preprocessing", "FunctionTransformer", evil), "transform"), one
        ),
        "scorer": P4.apply(call("sklearn.metrics", "make_scorer", evil), one),
        "optimise": call("scipy.optimize", "minimize", evil, one),
        "integrate": call("scipy.integrate", "quad", evil, 0, 1),
        "tree-map": call("torch.utils._pytree", "tree_map", evil, one),
        "executor-loop": P4.apply(
            got(call("asyncio", "new_event_loop"), "run_in_executor"), None, evil, COMMAND
        ),
        "call-soon": P4.apply(
            got(call("asyncio", "new_event_loop"), "call_soon"), evil, COMMAND
        ),
        "sched": P4.apply(got(call("sched", "scheduler"), "enter"), 0, 1, evil, one),
        "nlargest": call("heapq", "nlargest", 1, one, evil),
        "timer": P4.apply(got(call("timeit", "Timer", evil), "timeit"), 1),
        "getter-of-method": P4.apply(
            call("operator", "methodcaller", "map", evil, one), name("builtins", "len")
        ),
        "mock": call("unittest.mock", "patch", "json.loads", evil),
        "traced": P4.apply(got(call("trace", "Trace"), "runfunc"), evil, COMMAND),
        "profiled": P4.apply(got(call("cProfile", "Profile"), "runcall"), evil, COMMAND),
        "debugged": P4.apply(got(call("bdb", "Bdb"), "runcall"), evil, COMMAND),
        "gui": call("tkinter", "CallWrapper", evil, None, None),
        "optparse": call("optparse", "Option", "-x", evil),
        "decorated": P4.apply(call("contextlib", "contextmanager", evil), COMMAND),
        "singledispatch": P4.apply(call("functools", "singledispatch", evil), COMMAND),
    }  # fmt: skip
    for label, code in later.items():
        yield Case(
            f"dispatch-{label}", "walk", "model.pkl", P4.file(code), GOOD[4], "medium", False
        )
    source = call("builtins", "list", call("builtins", "map", name("builtins", "exec"), [SOURCE]))
    yield Case(
        "dispatch-map-exec", "walk", "model.pkl", P4.file(source), GOOD[4], payload="builtins.exec"
    )
