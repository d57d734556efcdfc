"""Hostile pickles that once were called clean, each with its nearest ordinary neighbour.

What they have in common: no dangerous name stands in the file, or it stands where the loader, not
the file, puts it to use.
"""

from __future__ import annotations

import functools
import itertools
import json
import operator
import pickle
from types import SimpleNamespace
from typing import Any

import cloudpickle
import pytest

from sentinel import Report, Severity, Verdict, scan_bytes
from tests.corpus.malicious import keras_files
from tests.corpus.malicious.arrays import zipped
from tests.kit.assemble import (
    APPEND,
    BINPERSID,
    BUILD,
    EMPTY_TUPLE,
    NEWOBJ,
    PROTO,
    REDUCE,
    SETITEM,
    STOP,
    Code,
    Dialect,
)

P = Dialect(4)
RELU = P.name("torch.nn.functional", "relu")
GETATTR = P.name("builtins", "getattr")
SHELL = P.name("acme.shell", "run")
ECHO = "echo MARKER"


def scan(body: Code, name: str = "m.pkl") -> Report:
    return scan_bytes(P.file(body), name)


def flagged(report: Report) -> bool:
    return any(finding.severity >= Severity.MEDIUM for finding in report.findings)


def evaluate(table: Code) -> Code:
    """Take eval out of the globals of a trusted function and call it."""
    builtins = P.call("operator", "getitem", table, "__builtins__")
    return P.apply(P.call("operator", "getitem", builtins, "eval"), f"print({ECHO!r})")


def attributes(*names: str) -> Code:
    return P.apply(P.call("operator", "attrgetter", *names), RELU)


WALKS = {
    "next-map": P.call(
        "builtins", "next", P.call("builtins", "map", GETATTR, [RELU], ["__globals__"])
    ),
    "starmap": P.call(
        "builtins", "next", P.call("itertools", "starmap", GETATTR, [(RELU, "__globals__")])
    ),
    "partial": P.apply(P.call("functools", "partial", GETATTR, RELU), "__globals__"),
    "two-names": P.call("operator", "getitem", attributes("__name__", "__globals__"), 1),
    "reduce": P.call(
        "functools", "reduce", GETATTR, P.call("builtins", "str.split", "__globals__", "."), RELU
    ),
}


@pytest.mark.parametrize("table", WALKS.values(), ids=WALKS)
def test_what_comes_out_of_a_call_is_not_taken_for_the_name_that_was_called(table: Code) -> None:
    assert flagged(scan(evaluate(table)))


@pytest.mark.parametrize(
    "value",
    [
        functools.partial(int, base=2),
        operator.itemgetter(0, 1),
        operator.attrgetter("real"),
        map(str, [1, 2]),
        itertools.accumulate([1, 2]),
    ],
    ids=["partial", "itemgetter", "attrgetter", "map", "accumulate"],
)
def test_getters_partials_and_iterators_that_nobody_calls_raise_nothing(value: Any) -> None:
    assert not flagged(scan_bytes(pickle.dumps([value, {"a": 1}]), "m.pkl"))


def test_a_name_that_scipy_looks_up_is_judged_as_the_name_it_is() -> None:
    module = "scipy._lib._uarray._backend"
    look_up = P.call(module, "unpickle_function", "os", "system", None)
    report = scan(P.apply(look_up, ECHO))
    assert report.verdict is Verdict.MALICIOUS
    assert not flagged(scan(P.call(module, "unpickle_function", "scipy.fft", "fft", None)))


@pytest.mark.parametrize(
    "wrapper",
    [
        P.call("types", "GenericAlias", SHELL, ()),
        P.call("builtins", "staticmethod", SHELL),
    ],
    ids=["alias", "staticmethod"],
)
def test_an_object_that_passes_calls_on_is_not_called_in_the_dark(wrapper: Code) -> None:
    assert flagged(scan(P.apply(wrapper, ECHO)))
    assert not flagged(scan(wrapper))


INSTANCE = P.name("types", "SimpleNamespace") + EMPTY_TUPLE + NEWOBJ
PLANTS = {
    "setstate": INSTANCE + P.value({"__setstate__": SHELL}) + BUILD + P.value(ECHO) + BUILD,
    "append": INSTANCE + P.value({"append": SHELL}) + BUILD + P.value(ECHO) + APPEND,
    "new": INSTANCE + P.value({"__new__": SHELL}) + BUILD + P.value((ECHO,)) + NEWOBJ,
    "class": INSTANCE + P.value((None, {"__class__": SHELL})) + BUILD,
    "computed-key": INSTANCE
    + P.value({P.call("builtins", "str.join", "", ["__set", "state__"]): SHELL})
    + BUILD
    + P.value(ECHO)
    + BUILD,
    "made-mapping": INSTANCE
    + P.call("builtins", "dict", [("__setstate__", SHELL)])
    + BUILD
    + P.value(ECHO)
    + BUILD,
    "memory": INSTANCE
    + P.value({"__array_interface__": {"data": (4096, False), "shape": (8,), "typestr": "|u1"}})
    + BUILD,
}


@pytest.mark.parametrize("body", PLANTS.values(), ids=PLANTS)
def test_a_method_planted_in_an_instance_is_a_call_in_disguise(body: Code) -> None:
    assert flagged(scan(body))


def test_a_method_is_seen_behind_hundreds_of_plain_states_of_its_class() -> None:
    plain = INSTANCE + P.value({"a": 1}) + BUILD
    assert flagged(scan(P.value([*[plain] * 300, PLANTS["setstate"]])))
    assert scan(P.value([plain] * 301)).verdict is Verdict.CLEAN


def test_a_method_is_seen_behind_hundreds_of_plain_attributes() -> None:
    plain: dict[str, Any] = {f"attribute{number}": number for number in range(300)}
    planted = P.value({**plain, "__setstate__": SHELL})
    again = BUILD + P.value(ECHO) + BUILD
    assert flagged(scan(INSTANCE + planted + again))
    late = P.value({**plain, **{f"{n}": 1 for n in range(8000)}}) + P.value("__setstate__")
    assert flagged(scan(INSTANCE + late + SHELL + SETITEM + again))
    assert not flagged(scan(INSTANCE + P.value({**plain, "function": SHELL}) + BUILD))


def test_attributes_of_such_names_that_nothing_runs_into_raise_nothing() -> None:
    value = SimpleNamespace(append=True, add=len, extend="text")
    assert scan_bytes(pickle.dumps(value), "m.pkl").verdict is Verdict.CLEAN


@pytest.mark.parametrize(
    "owner",
    [
        P.call("builtins", "getattr", P.name("torch.nn", "Module"), "forward"),
        P.call("builtins", "type", P.call("decimal", "Decimal", "1")),
    ],
    ids=["getattr", "type"],
)
def test_state_stored_into_what_was_looked_up_changes_the_program(owner: Code) -> None:
    assert flagged(scan(owner + P.value((None, {"scale": 2})) + BUILD))
    assert not flagged(scan(INSTANCE + P.value((None, {"scale": 2})) + BUILD))


def test_a_class_made_out_of_names_is_not_ordinary_while_asking_for_a_class_is() -> None:
    made = P.call(
        "builtins", "type", "X", (), {"__call__": P.call("builtins", "staticmethod", SHELL)}
    )
    assert flagged(scan(P.apply(P.apply(made), ECHO)))
    assert not flagged(scan_bytes(pickle.dumps([type(None), type(Ellipsis)]), "m.pkl"))


def inner() -> bytes:
    return P.file(P.call("os", "system", ECHO))


LOADER = P.name("torch.storage", "_load_from_bytes")
HALVES = [inner()[:20], inner()[20:]]
UNTOLD = {
    "reduced": P.call("functools", "reduce", P.name("operator", "add"), HALVES),
    "chained": P.call("builtins", "bytes", P.call("itertools", "chain", *HALVES)),
    "persistent": P.value("key") + BINPERSID,
}


@pytest.mark.parametrize("data", UNTOLD.values(), ids=UNTOLD)
def test_bytes_that_only_running_tells_are_not_loaded_unseen(data: Code) -> None:
    assert flagged(scan(P.apply(LOADER, data)))
    assert flagged(scan(P.call("functools", "partial", LOADER, data)))


def test_long_bytes_written_as_text_are_read_to_their_end() -> None:
    old = Dialect(2)

    def file(last: Code) -> bytes:
        padding = P.value(b"\0" * (2 << 20))
        nested = bytes(PROTO(4) + P.tuple(padding, last) + STOP)
        return old.file(old.apply(old.name("torch.storage", "_load_from_bytes"), nested))

    assert flagged(scan_bytes(file(P.call("os", "system", ECHO)), "m.pkl"))
    assert not flagged(scan_bytes(file(P.value(1)), "m.pkl"))


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("_eval_repr", (f"print({ECHO!r})",)),
        ("_create_filehandle", ("/tmp/x", "w", 0, True, False, False, "")),
        ("_load_type", ("PyTextWrapperType",)),
        ("_create_type", (SHELL, ECHO)),
    ],
)
def test_makers_of_dill_that_do_more_than_make(name: str, args: tuple[Any, ...]) -> None:
    assert flagged(scan(P.call("dill._dill", name, *args)))


@pytest.mark.parametrize(
    ("name", "args"),
    [("_eval_repr", ("Ellipsis",)), ("_load_type", ("CodeType",)), ("_load_type", ("type",))],
)
def test_makers_of_dill_as_dill_uses_them(name: str, args: tuple[Any, ...]) -> None:
    assert not flagged(scan(P.call("dill._dill", name, *args)))


def test_a_function_by_value_that_is_called_while_loading_is_reported() -> None:
    code = P.call("dill._dill", "_create_code", 0, 0, 0, 0, 0, 0, b"\0", (), (), (), "f", "f", "f")
    function = P.call("dill._dill", "_create_function", code, {}, "f")
    assert flagged(scan(P.apply(function)))
    assert not flagged(scan(function))


@pytest.mark.parametrize("name", ["torch.hub.load", "np.load", "fetch"])
def test_what_a_script_has_imported_is_not_the_scripts_own(name: str) -> None:
    assert flagged(scan(P.call("__main__", name, "a text", "another")))
    assert not flagged(scan(P.call("__main__", "Colour", "red")))
    assert not flagged(scan(P.name("__main__", name.rpartition(".")[2]) + b"0" + P.value(1)))


def test_text_far_down_in_the_arguments_counts() -> None:
    filler = tuple(((),) for _ in range(500))
    assert flagged(scan(P.call("acme.shell", "Runner", ("sh", "-c", ECHO), filler)))
    assert not flagged(scan(P.call("acme.shell", "Runner", filler)))


def test_a_function_in_a_table_of_formatters_is_called_on_the_array() -> None:
    array = P.call("numpy", "array", [ECHO])
    rest = (None, None, None, " ", "", None)
    assert flagged(scan(P.call("numpy", "array2string", array, *rest, {"all": SHELL})))
    assert not flagged(scan(P.call("numpy", "array2string", array, *rest, {})))


@pytest.mark.parametrize("place", ["/tmp/a.npy", "../a.npy", "C:\\a.npy", "\\\\host\\a.npy"])
def test_an_array_of_old_joblib_is_read_from_beside_the_file_alone(place: str) -> None:
    def file(filename: str) -> Code:
        made = P.name("joblib.numpy_pickle_compat", "NDArrayWrapper") + EMPTY_TUPLE + NEWOBJ
        return (
            made + P.value({"filename": filename, "subclass": P.name("numpy", "ndarray")}) + BUILD
        )

    assert flagged(scan(file(place), "m.joblib"))
    assert not flagged(scan(file("m.joblib_01.npy"), "m.joblib"))


def by_value(code: str, name: str = "function", protocol: int = 4) -> bytes:
    """Pickle by value what source defines in a module that nobody can import."""
    space: dict[str, Any] = {"__name__": "__main__"}
    exec(code, space)
    return bytes(cloudpickle.dumps(space[name], protocol=protocol))


MANY_NAMES = "\n".join(f"    x.a{number}" for number in range(500))


@pytest.mark.parametrize(
    "body",
    [
        "    return x.__class__.__base__.__subclasses__()[100]",
        "    return globals()['__builtins__']",
        "    import torch\n    torch.hub.load('a/b', 'c')",
        "    from torch.hub import load\n    load('a/b', 'c')",
        MANY_NAMES + "\n    import os\n    os.system('echo MARKER')",
    ],
    ids=["subclasses", "globals", "hub", "from-hub", "many-names"],
)
def test_code_by_value_is_read_for_more_than_the_names_of_commands(body: str) -> None:
    assert flagged(scan_bytes(by_value(f"def function(x):\n{body}\n"), "m.pkl"))


@pytest.mark.parametrize(
    "body",
    [
        "    return type(x).__name__ + x.__class__.__name__",
        "    import torch\n    return torch.nn.functional.relu(x).load",
        MANY_NAMES,
    ],
    ids=["class", "relu", "many-names"],
)
def test_ordinary_code_by_value_raises_nothing(body: str) -> None:
    assert not flagged(scan_bytes(by_value(f"def function(x):\n{body}\n"), "m.pkl"))


def test_code_whose_names_cannot_be_read_is_reported() -> None:
    names = P.call("builtins", "tuple", ["os", "system"])
    rest = ((), "f", "f", "f", 1, b"", (), ())
    head = (0, 0, 0, 0, 0, 0, b"\0", ())
    assert flagged(scan(P.call("dill._dill", "_create_code", *head, names, *rest)))
    assert not flagged(scan(P.call("dill._dill", "_create_code", *head, ("x",), *rest)))


def test_only_classes_by_value_are_called_by_ordinary_files() -> None:
    wrapped = P.call("dill._dill", "_create_ftype", P.name("functools", "partial"), SHELL, (), None)
    assert flagged(scan(P.apply(wrapped, ECHO)))
    made = P.call("dill._dill", "_create_type", P.name("builtins", "type"), "X", (), {})
    assert not flagged(scan(P.apply(made, 1)))


def fresh(module: str, name: str) -> Code:
    return P.name(module, name) + EMPTY_TUPLE + NEWOBJ


ANSWERED = {
    "bunch": fresh("sklearn.utils._bunch", "Bunch") + P.join("append", SHELL) + SETITEM,
    "encoding": fresh("transformers.tokenization_utils_base", "BatchEncoding")
    + P.value({"data": {"append": SHELL}})
    + BUILD,
    "bag": P.call("numpy.lib._npyio_impl", "BagObj", {"append": SHELL}),
    "underscore": fresh("spacy.tokens.underscore", "Underscore")
    + P.value({"_extensions": {"append": (None, None, SHELL, None)}, "_obj": ECHO})
    + BUILD,
}


@pytest.mark.parametrize("body", ANSWERED.values(), ids=ANSWERED)
def test_objects_that_answer_from_a_mapping_are_called_like_any_other(body: Code) -> None:
    assert flagged(scan(body + P.value(ECHO) + APPEND))


def test_a_state_setter_among_the_items_of_a_mapping_is_reported() -> None:
    result = fresh("scipy.optimize._optimize", "OptimizeResult")
    assert flagged(scan(result + P.join("__setstate__", SHELL) + SETITEM + P.value(ECHO) + BUILD))
    assert not flagged(scan(result + P.join("x", SHELL) + SETITEM))
    operators = P.name("operator", "add")
    assert not flagged(scan(P.value({"add": operators, "append": operators})))


def test_classes_by_value_may_set_their_state() -> None:
    code = "class thing:\n    def __setstate__(self, state):\n        self.x = state\n"
    code += "function = thing()\nfunction.x = 1\n"
    assert not flagged(scan_bytes(by_value(code), "m.pkl"))


def test_reconstructors_call_the_base_that_they_are_given() -> None:
    base = P.name("acme.shell", "Runner")
    owner = P.name("types", "SimpleNamespace")
    assert flagged(scan(P.call("copyreg", "_reconstructor", owner, base, ECHO)))
    number = P.name("builtins", "int")
    assert not flagged(scan(P.call("copyreg", "_reconstructor", base, number, 1)))


def test_a_class_that_opens_files_does_so_for_dispatchers_as_well() -> None:
    opener = P.name("dateutil.tz._tzfile", "tzfile")
    assert flagged(scan(P.call("builtins", "list", P.call("builtins", "map", opener, ["/etc/x"]))))
    assert not flagged(scan(P.call("builtins", "list", P.call("builtins", "map", RELU, [1]))))


@pytest.mark.parametrize(
    ("module", "name", "args"),
    [
        ("xgboost.core", "Booster", (None, (), "/etc/x")),
        ("gensim.models.word2vec", "Word2Vec", (None, "/etc/x")),
        ("torch.utils.data.dataloader", "DataLoader", ([ECHO], 1, False, None, None, 0, SHELL)),
    ],
)
def test_classes_that_are_plain_data_alone_are_not_called(
    module: str, name: str, args: tuple[Any, ...]
) -> None:
    assert flagged(scan(P.call(module, name, *args)))
    assert not flagged(scan(fresh(module, name) + P.value({"a": 1}) + BUILD))


def test_items_that_a_wrapper_passes_on_change_the_program() -> None:
    table = P.name("torch.serialization", "_package_registry")
    stored = P.join("x", 1) + SETITEM
    assert flagged(scan(P.call("collections", "ChainMap", table) + stored))
    assert flagged(
        scan(fresh("collections", "UserDict") + P.value({"data": table}) + BUILD + stored)
    )
    assert not flagged(scan(P.call("collections", "ChainMap", {}) + stored))


def test_calls_of_calls_of_calls_are_judged_without_recursion() -> None:
    report = scan(P.name("builtins", "len") + (EMPTY_TUPLE + REDUCE) * 20_000)
    assert flagged(report)
    assert not any(gap.reason == "internal" for gap in report.coverage.gaps)


def bound(*args: Any) -> Code:
    return P.call("functools", "partial", SHELL, *args)


FACTORY = P.call("collections", "defaultdict", bound(ECHO))


@pytest.mark.parametrize(
    "body",
    [
        P.call("operator", "getitem", FACTORY, "key"),
        P.apply(P.call("operator", "itemgetter", "key"), FACTORY),
        P.call("builtins", "str.format_map", "{key}", FACTORY),
        P.call("operator", "mod", "%(key)s", FACTORY),
        P.call("operator", "getitem", P.call("collections", "ChainMap", FACTORY), "key"),
    ],
    ids=["getitem", "itemgetter", "format", "mod", "chain"],
)
def test_a_factory_is_called_by_whatever_looks_an_item_up(body: Code) -> None:
    assert flagged(scan(body))
    assert not flagged(scan(FACTORY))


def handler(state: dict[str, Any]) -> Code:
    return fresh("logging", "FileHandler") + P.value(state) + BUILD


def test_a_logger_belongs_to_the_program_and_takes_no_state() -> None:
    logger = P.call("logging", "getLogger", "transformers")
    assert flagged(scan(logger + P.value({"disabled": True}) + BUILD))
    writes = handler({"baseFilename": "/no/such/folder/MARKER", "mode": "a", "stream": None})
    assert flagged(scan(logger + P.value({"handlers": [writes]}) + BUILD))
    assert flagged(scan(writes))
    assert not flagged(scan(logger))


@pytest.mark.parametrize(
    ("module", "name", "severity"),
    [
        ("xgboost.core", "DMatrix", Severity.HIGH),
        ("catboost.core", "Pool", Severity.HIGH),
        ("sentence_transformers.models.Transformer", "Transformer", Severity.HIGH),
        ("joblib.memory", "Memory", Severity.HIGH),
        ("accelerate.utils.dataclasses", "DeepSpeedPlugin", Severity.MEDIUM),
        ("timm.layers.activations", "Swish", Severity.MEDIUM),
    ],
)
def test_classes_known_as_data_are_not_thereby_known_as_calls(
    module: str, name: str, severity: Severity
) -> None:
    called = scan(P.call(module, name, "/no/such/folder/MARKER"))
    assert max(finding.severity for finding in called.findings) == severity
    assert not flagged(
        scan(P.call(module, name, 1))
        if severity is Severity.MEDIUM
        else scan(fresh(module, name) + P.value({"path": "/no/such/folder/MARKER"}) + BUILD)
    )


@pytest.mark.parametrize("owner", ["pathlib:PosixPath", "pathlib:WindowsPath", "acme.paths:Place"])
@pytest.mark.parametrize("method", ["write_text", "unlink", "symlink_to", "to_pickle", "tofile"])
def test_methods_of_telling_names_are_judged_as_what_they_are(owner: str, method: str) -> None:
    module, _, name = owner.partition(":")
    made = P.call(module, name, "MARKER")
    for body in (
        P.apply(P.apply(GETATTR, made, method), ECHO),
        P.call(module, f"{name}.{method}", made, ECHO),
        P.apply(P.call("operator", "methodcaller", method, ECHO), made),
    ):
        assert max(finding.severity for finding in scan(body).findings) >= Severity.HIGH
    assert not flagged(scan(made))


@pytest.mark.parametrize("core", ["core", "_core"])
def test_numpys_two_names_for_its_core_are_one(core: str) -> None:
    mapped = P.name(f"numpy.{core}.memmap", "memmap") + P.tuple("MARKER", "u1", "w+") + NEWOBJ
    assert flagged(scan(mapped))
    assert not flagged(scan(P.call(f"numpy.{core}.numeric", "_frombuffer", b"12", "u1", (2,), "C")))


OPENER = ("torch.utils.data.datapipes.iter.fileopener", "FileOpenerIterDataPipe")


@pytest.mark.parametrize("name", ["list", "tuple", "sum", "str", "dict", "bool", "len"])
def test_what_python_walks_or_prints_of_an_object_is_a_call(name: str) -> None:
    state = P.value({"datapipe": ["/no/such/folder/MARKER"], "mode": "w", "encoding": None})
    opener = fresh(*OPENER) + state + BUILD
    assert flagged(scan(P.call("builtins", name, opener)))
    assert not flagged(scan(opener))
    assert not flagged(scan(P.call("builtins", name, [1.5, 2.5])))
    assert not flagged(scan(P.call("builtins", name, P.call("collections", "OrderedDict", []))))


def test_functions_in_a_pipe_that_is_walked_are_called() -> None:
    state = P.value({"datapipe": [ECHO], "fn": SHELL, "input_col": None, "output_col": None})
    pipe = fresh("torch.utils.data.datapipes.iter.callable", "MapperIterDataPipe") + state + BUILD
    assert flagged(scan(P.call("builtins", "list", pipe)))
    assert not flagged(scan(pipe))


def test_classes_that_torch_stored_with_their_source_are_known() -> None:
    stored = P.tuple("module", P.name("torch.nn.modules.linear", "Linear"), "linear.py", "class x")
    method = P.apply(GETATTR, stored + BINPERSID, "forward")
    assert not flagged(scan(P.value({"hook": method})))
    hostile = P.tuple("module", P.name("os", "path"), "linear.py", "class x") + BINPERSID
    assert flagged(scan(P.apply(P.apply(GETATTR, hostile, "os.system"), ECHO)))


def test_parameters_with_attributes_are_ordinary() -> None:
    def parameter(hook: Any) -> Code:
        state = {"_is_hf_initialized": True, "note": "some text", "hook": hook}
        tensor = P.call("torch._utils", "_rebuild_tensor_v2", None, 0, (2,), (1,), False, None)
        return P.call("torch._utils", "_rebuild_parameter_with_state", tensor, True, None, state)

    assert not flagged(scan(parameter(None)))
    assert flagged(scan(parameter(P.name("os", "system"))))


def unpickled(archive: Code | bytes) -> Code:
    owner = P.name("keras.src.models.sequential", "Sequential")
    held = P.name("_io", "BytesIO") + EMPTY_TUPLE + NEWOBJ + P.tuple(archive, 0, None) + BUILD
    return P.apply(P.apply(GETATTR, owner, "_unpickle_model"), held)


def test_a_model_of_keras_in_a_pickle_is_as_good_as_its_archive() -> None:
    def archive(*layers: dict[str, Any]) -> bytes:
        text = json.dumps(keras_files.model(*layers)).encode()
        return zipped({"config.json": text, "metadata.json": b"{}"})

    fine = archive(keras_files.layer("Dense", units=1))
    hostile = archive(keras_files.layer("Lambda", function=keras_files.by_value()))
    assert not flagged(scan(unpickled(fine)))
    assert flagged(scan(unpickled(hostile)))
    assert flagged(scan(unpickled(P.call("acme.bytes", "Made", 1))))


def test_functions_that_dill_leaves_in_their_module_are_ordinary() -> None:
    def function(*home: str) -> Code:
        code = P.call("dill._dill", "_create_code", 1)
        return P.call("dill._dill", "_create_function", code, P.name(*home), "f", None, None)

    def names_it(report: Report) -> bool:
        return any(finding.rule_id == "SNT1102" for finding in report.findings)

    assert not names_it(scan(function("acme.models", "__dict__")))
    assert names_it(scan(function("os", "__dict__")))
    looked_up = P.call("operator", "getitem", P.name("acme.models", "__dict__"), "run")
    assert flagged(scan(P.apply(looked_up, ECHO)))


CLOUD = "cloudpickle.cloudpickle"


@pytest.mark.parametrize(
    ("hostile", "fine"),
    [
        (P.call(CLOUD, "subimport", "antigravity"), P.call(CLOUD, "subimport", "numpy")),
        (
            P.call("dill._dill", "_import_module", "acme.__main__"),
            P.call("dill._dill", "_import_module", "acme.models"),
        ),
        (
            P.call(CLOUD, "_class_setstate", P.name("json", "JSONEncoder"), P.tuple({"x": 1}, {})),
            P.call(
                CLOUD,
                "_class_setstate",
                P.call(CLOUD, "_builtin_type", "NoneType"),
                P.tuple({"x": 1}, {}),
            ),
        ),
        (
            P.call("dill._dill", "_create_capsule", 1234, b"x", 0, 0),
            P.call("dill._dill", "_create_stringi", "x", 0, False),
        ),
    ],
    ids=["import", "program", "class", "pointer"],
)
def test_makers_of_cloudpickle_and_dill_that_do_more_than_make(hostile: Code, fine: Code) -> None:
    assert flagged(scan(hostile))
    assert not flagged(scan(fine))
