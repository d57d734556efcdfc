"""Names that run code, or lead to something that does, are refused before anything is called."""

from __future__ import annotations

import copyreg
import io
import sys
from collections.abc import Callable

import joblib
import numpy as np
import pytest

from sentinel.trust.load.joblib_file import load_pickle
from sentinel.trust.load.makers import MAKERS
from sentinel.trust.load.names import table
from tests.trust.load import kit

DANGEROUS = [
    line.split()
    for line in """
    os system
    posix system
    nt system
    os popen
    os execv
    os spawnv
    os fork
    os remove
    os putenv
    subprocess Popen
    subprocess check_output
    builtins eval
    builtins exec
    builtins compile
    builtins __import__
    builtins open
    builtins getattr
    builtins setattr
    builtins globals
    builtins input
    builtins breakpoint
    builtins map
    builtins filter
    builtins type
    builtins print
    __builtin__ eval
    __builtin__ apply
    __builtin__ execfile
    operator attrgetter
    operator methodcaller
    operator itemgetter
    operator call
    _operator attrgetter
    functools partial
    functools reduce
    functools partialmethod
    types FunctionType
    types CodeType
    types MethodType
    types SimpleNamespace
    copyreg __newobj__
    copyreg __newobj_ex__
    copyreg _reconstruct
    importlib import_module
    importlib._bootstrap _call_with_frames_removed
    runpy run_path
    runpy _run_code
    code InteractiveInterpreter
    pdb run
    timeit timeit
    cProfile run
    bdb Bdb
    pty spawn
    platform popen
    webbrowser open
    ctypes CDLL
    socket create_connection
    urllib.request urlopen
    shutil rmtree
    tempfile mktemp
    pickle loads
    _pickle Unpickler
    marshal loads
    shelve open
    multiprocessing.util spawnv_passfds
    asyncio.unix_events _UnixSubprocessTransport
    logging.config valid_ident
    ensurepip _run_pip
    doctest debug_script
    xmlrpc.client ServerProxy
    zipimport zipimporter
    site execsitecustomize
    torch.storage _load_from_bytes
    torch load
    torch.hub load
    torch._dynamo.guards GuardBuilder
    torch.jit.unsupported_tensor_ops execWrapper
    torch.utils.cpp_extension load_inline
    torch.distributed.rpc rpc_sync
    numpy load
    numpy loads
    numpy fromfile
    numpy memmap
    numpy save
    numpy testing
    numpy.testing runstring
    numpy.testing._private.utils runstring
    numpy.testing._private.utils rundocs
    numpy.f2py.crackfortran myeval
    numpy.f2py.diagnose run_command
    numpy.distutils.exec_command exec_command
    numpy.ctypeslib load_library
    numpy.lib.npyio NpzFile
    numpy vectorize
    numpy apply_along_axis
    joblib load
    joblib.numpy_pickle load
    joblib.memory Memory
    joblib.parallel Parallel
    sklearn.utils os
    sklearn.datasets._base os
    sklearn.utils._testing sys
    sklearn.utils.validation joblib
    sklearn.externals.array_api_compat importlib
    sklearn.utils._show_versions platform
    sklearn.datasets fetch_openml
    sklearn.datasets load_files
    sklearn.datasets load_svmlight_file
    scipy.io loadmat
    scipy._lib._util check_random_state
    scipy.stats._distn_infrastructure rv_frozen
    scipy.stats._distn_infrastructure rv_continuous
    pandas eval
    pandas read_pickle
    pandas.core.computation.eval eval
    dill loads
    cloudpickle.cloudpickle _make_function
    cloudpickle.cloudpickle _make_skeleton_class
    xgboost.core _LIB
    xgboost.compat cloudpickle
    lightgbm.basic _LIB
    lightgbm.basic ctypes
    sentinel.trust.load.names resolve
    """.strip().splitlines()
]
DOTTED = [
    ("numpy", "testing.runstring"),
    ("numpy", "f2py.crackfortran.myeval"),
    ("numpy", "float64.__class__"),
    ("numpy", "ndarray.tofile"),
    ("numpy", "ndarray.__class__.__subclasses__"),
    ("sklearn.base", "BaseEstimator.__init__.__globals__"),
    ("sklearn.linear_model._logistic", "LogisticRegression.__class__"),
    ("sklearn.linear_model._logistic", "os.system"),
    ("sklearn.tree._tree", "Tree.__reduce__"),
    ("collections", "OrderedDict.__subclasses__"),
    ("builtins", "int.__class__"),
    ("joblib.numpy_pickle", "pickle.loads"),
    ("joblib.numpy_pickle", "NumpyArrayWrapper.read_array"),
    ("xgboost.core", "Booster.__init__"),
    ("lightgbm.basic", "Booster.set_network"),
    ("copyreg", "_reconstructor.__globals__"),
]
NAMES = [*map(tuple, DANGEROUS), *DOTTED]

HEADS = {0: b"", 2: b"\x80\x02", 4: b"\x80\x04", 5: b"\x80\x05"}
WAYS: dict[str, Callable[[str, str], bytes]] = {
    "global": kit.by_global,
    "global called": lambda m, n: kit.called(kit.by_global(m, n)),
    "stack": kit.by_stack,
    "stack called": lambda m, n: kit.called(kit.by_stack(m, n)),
    "stack made": lambda m, n: kit.made(kit.by_stack(m, n)),
    "held": lambda m, n: kit.held(kit.by_global(m, n)),
    "inst": kit.inst,
    "obj": lambda m, n: kit.obj(kit.by_global(m, n)),
}


def test_the_list_is_long_enough() -> None:
    assert len(set(NAMES)) >= 70


@pytest.mark.parametrize(("module", "name"), NAMES, ids=lambda part: part)
def test_a_dangerous_name_is_refused_however_it_is_asked_for(module: str, name: str) -> None:
    before = set(sys.modules)
    for head in HEADS.values():
        for way in WAYS.values():
            error = kit.refusal(head + way(module, name) + b".")
            assert error.reason == "not-allowed"
    assert not {one for one in set(sys.modules) - before if one.split(".")[0] != "sentinel"}


@pytest.mark.parametrize(("module", "name"), NAMES, ids=lambda part: part)
def test_a_dangerous_name_in_an_array_of_objects_of_joblib_is_refused(
    module: str, name: str
) -> None:
    inner = b"\x80\x05" + kit.called(kit.by_stack(module, name)) + b"."
    assert kit.refusal(_joblib_around(inner)).reason == "not-allowed"


def test_an_array_of_plain_objects_of_joblib_loads() -> None:
    plain = np.array(["a", 1, None], dtype=object)
    buffer = io.BytesIO()
    joblib.dump({"labels": plain, "after": np.arange(3)}, buffer)
    found = load_pickle(buffer.getvalue())
    assert found["labels"].tolist() == ["a", 1, None]
    assert found["after"].tolist() == [0, 1, 2]


def _joblib_around(inner: bytes) -> bytes:
    """Return a file of joblib whose array of objects is another pickle."""
    buffer = io.BytesIO()
    joblib.dump(np.array(["x"], dtype=object), buffer)
    whole = buffer.getvalue()
    start = whole.index(b"\x80\x05")
    return whole[:start] + inner + whole[whole.index(b".", start) + 1 :] + b"."


def test_the_extension_registry_is_not_asked() -> None:
    copyreg.add_extension("collections", "OrderedDict", 0x77)
    try:
        for code in (b"\x82\x77", b"\x83\x77\x00", b"\x84\x77\x00\x00\x00"):
            assert kit.refusal(b"\x80\x02" + code + b")R.").reason == "not-allowed"
    finally:
        copyreg.remove_extension("collections", "OrderedDict", 0x77)
    assert (
        load_pickle(b"\x80\x02" + kit.called(kit.by_global("collections", "OrderedDict")) + b".")
        == {}
    )


@pytest.mark.parametrize(
    "code",
    [b"Pname\n", b"K\x01Q", b"\x97", b"]\x98", b"K\x012", b"U\x01x", b"T\x01\x00\x00\x00x",
     b"S'x'\n"],
    ids=["PERSID", "BINPERSID", "NEXT_BUFFER", "READONLY_BUFFER", "DUP", "SHORT_BINSTRING",
         "BINSTRING", "STRING"],
)  # fmt: skip
def test_opcodes_that_no_writer_of_models_uses_are_refused(code: bytes) -> None:
    assert kit.refusal(b"\x80\x04" + code + b".").reason == "not-allowed"


def test_keyword_arguments_are_refused() -> None:
    name = kit.by_stack("collections", "OrderedDict")
    assert kit.refusal(b"\x80\x04" + name + b")}\x92.").reason == "not-allowed"


def test_the_table_holds_exact_names_and_none_that_a_scan_calls_dangerous() -> None:
    from sentinel.rules.imports import Standing, judge

    names = {name for use in table()._uses.values() for name in use} | set(MAKERS)
    assert len(names) > 300
    for module, name in names:
        assert "." not in name
        assert not module.startswith(("os", "sys", "subprocess", "importlib", "torch"))
        assert judge(module, name).standing is not Standing.DANGEROUS


def test_a_class_that_may_be_made_may_not_be_held_or_called() -> None:
    name = kit.by_stack("sklearn.linear_model._logistic", "LogisticRegression")
    assert load_pickle(b"\x80\x04" + kit.made(name) + b".") is not None
    assert kit.refusal(b"\x80\x04" + kit.called(name) + b".").reason == "not-allowed"
    for holder in (kit.held(name), b"}K\x01" + name + b"s", name + b"\x85", b"(" + name + b"t"):
        assert kit.refusal(b"\x80\x04" + holder + b".").reason == "not-allowed"


def test_a_function_that_may_be_held_may_not_be_called() -> None:
    name = kit.by_stack("sklearn.feature_selection._univariate_selection", "f_classif")
    assert callable(load_pickle(b"\x80\x04" + name + b"."))
    for args in (b")", b"]]\x86"):
        assert kit.refusal(b"\x80\x04" + kit.called(name, args) + b".").reason == "not-allowed"


def test_what_a_maker_gave_is_not_called_in_turn() -> None:
    first = kit.called(kit.by_stack("collections", "OrderedDict"))
    assert kit.refusal(b"\x80\x04" + kit.called(first) + b".").reason == "not-allowed"


def test_text_is_not_called() -> None:
    assert (
        kit.refusal(b"\x80\x04" + kit.called(b"X\x02\x00\x00\x00os") + b".").reason == "not-allowed"
    )
