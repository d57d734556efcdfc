"""The import policy, through ``judge``: exact names, attribute paths, look-alikes, tables."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.data import read
from sentinel.rules.import_index import Index, index
from sentinel.rules.import_states import is_own_source
from sentinel.rules.imports import Standing, judge

WORST_FIRST = ["execute", "load-code", "deserialise", "import", "process", "network", "file"]
SAFE, SHAPE = Standing.SAFE, Standing.SHAPE
DANGEROUS, UNKNOWN = Standing.DANGEROUS, Standing.UNKNOWN


def gadgets() -> Iterator[tuple[str, str, str]]:
    table = tomllib.loads(Path(__file__).with_name("gadgets.toml").read_text("utf-8"))
    for capability, modules in table.items():
        for module, names in modules.items():
            yield from ((capability, module, name) for name in names)


@pytest.mark.parametrize(("capability", "module", "name"), list(gadgets()))
def test_every_published_gadget_is_dangerous(capability: str, module: str, name: str) -> None:
    found = judge(module, name)
    if (module, name) == ("operator", "methodcaller"):
        assert found.shape == "methodcaller"  # as good as the method that it calls
        return
    assert found.standing is DANGEROUS
    # A gadget may give more than what was published, never less.
    assert WORST_FIRST.index(found.capability) <= WORST_FIRST.index(capability)


# None of these stands in a hand-kept table: the audit found them by what they reach.
AUDITED = [
    ("dataclasses", "_create_fn", "execute"),
    ("gettext", "c2py", "execute"),
    ("numpy.lib._npyio_impl", "loadtxt", "network"),
    ("numpy.lib._npyio_impl", "load", "deserialise"),
    ("sklearn.datasets._svmlight_format_io", "load_svmlight_file", "file"),
    ("gensim.utils", "unpickle", "deserialise"),
    ("srsly._pickle_api", "pickle_loads", "deserialise"),
    ("xml.etree.ElementTree", "parse", "file"),
    ("logging", "FileHandler._open", "file"),
    ("nltk.data", "load", "deserialise"),
    ("torch.serialization", "_open_zipfile_writer_file", "file"),
    ("ctypes.util", "_findLib_gcc", "execute"),
    ("spacy.util", "run_command", "execute"),
]


@pytest.mark.parametrize(("module", "name", "capability"), AUDITED)
def test_gadgets_on_no_list_are_found_by_the_audit(module: str, name: str, capability: str) -> None:
    hand = tomllib.loads(read("imports/dangerous.toml").decode())
    assert all(name not in names for names in hand.get(module, {}).values())
    found = judge(module, name)
    assert found.standing is DANGEROUS
    assert WORST_FIRST.index(found.capability) <= WORST_FIRST.index(capability)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("collections", "OrderedDict"), ("collections", "defaultdict"), ("datetime", "datetime"),
        ("decimal", "Decimal"), ("random", "Random"), ("array", "array"), ("builtins", "set"),
        ("builtins", "ValueError"), ("pathlib", "PosixPath"), ("re", "_compile"),
        ("_io", "BytesIO"), ("argparse", "Namespace"), ("numpy", "ndarray"), ("numpy", "dtype"),
        ("numpy._core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "scalar"),
        ("numpy.core.multiarray", "_reconstruct"), ("numpy.random.mtrand", "RandomState"),
        ("torch._utils", "_rebuild_tensor_v2"), ("torch", "FloatStorage"), ("torch", "float32"),
        ("torch.nn.modules.linear", "Linear"), ("torch.nn.modules.conv", "Conv2d"),
        ("torch.optim.adamw", "AdamW"), ("torch.nn.parameter", "Parameter"),
        ("sklearn.ensemble._forest", "RandomForestClassifier"), ("sklearn.tree._tree", "Tree"),
        ("sklearn.ensemble.forest", "RandomForestClassifier"), ("sklearn.svm.classes", "SVC"),
        ("sklearn.linear_model.logistic", "LogisticRegression"),
        ("sklearn.preprocessing.data", "StandardScaler"),
        ("sklearn.pipeline", "Pipeline"), ("scipy.sparse._csr", "csr_matrix"),
        ("scipy.sparse.csr", "csr_matrix"), ("pandas.core.frame", "DataFrame"),
        ("pandas.core.internals.managers", "BlockManager"),
        ("joblib.numpy_pickle", "NumpyArrayWrapper"), ("xgboost.core", "Booster"),
        ("xgboost.sklearn", "XGBClassifier"), ("lightgbm.sklearn", "LGBMRegressor"),
        ("catboost.core", "CatBoostClassifier"), ("tokenizers", "Tokenizer"),
        ("transformers.training_args", "TrainingArguments"),
        ("transformers.trainer_utils", "IntervalStrategy"),
        ("transformers.models.bert.configuration_bert", "BertConfig"),
        ("transformers.configuration_bert", "BertConfig"),
        ("sentence_transformers.SentenceTransformer", "SentenceTransformer"),
        ("spacy.strings", "StringStore"), ("gensim.models.word2vec", "Word2Vec"),
        ("statsmodels.regression.linear_model", "OLS"),
        ("ultralytics.nn.tasks", "DetectionModel"), ("ultralytics.nn.modules.conv", "Conv"),
        ("accelerate.utils.dataclasses", "DistributedType"),
        ("models.yolo", "Model"), ("models.common", "Conv"),
    ],
)  # fmt: skip
def test_what_ordinary_files_hold_is_safe(module: str, name: str) -> None:
    assert judge(module, name).standing is SAFE


def test_a_safe_class_may_be_dangerous_to_call() -> None:
    plain = judge("collections", "OrderedDict")
    acting = judge("lightgbm.basic", "Booster")
    assert (plain.standing, plain.capability) == (SAFE, "")
    assert (acting.standing, acting.capability) == (SAFE, "file")


def test_nothing_is_safe_by_its_prefix() -> None:
    for module, name in (
        ("numpy.testing._private.utils", "runstring"), ("torch", "nonsense"),
        ("sklearn.ensemble._forest", "nonsense"), ("collections", "nonsense"),
        ("torch.serialization", "load"), ("numpy", "load"),
    ):  # fmt: skip
        assert judge(module, name).standing in (DANGEROUS, UNKNOWN)


def test_safe_names_are_classes_or_functions_of_one_module_not_paths() -> None:
    dotted = [
        f"{module} {name}"
        for path in Path("src/sentinel/data/imports").glob("safe_*.toml")
        for module, entry in tomllib.loads(path.read_text("utf-8")).items()
        for name in [*entry.get("seen", ()), *entry.get("defined", ())]
        if "." in name
    ]
    assert len(dotted) < 60, dotted  # bound methods and nested classes, every one of them seen


@pytest.mark.parametrize(
    ("module", "name", "through", "capability"),
    [
        ("torch.serialization", "os.system", "os.system", "execute"),
        ("sklearn.utils.validation", "os.path.os.system", "os.system", "execute"),
        ("joblib.numpy_pickle", "pickle.loads", "pickle.loads", "deserialise"),
        ("anything", "subprocess.Popen", "subprocess.Popen", "execute"),
        ("anything", "urllib.request.urlopen", "urllib.request.urlopen", "network"),
        ("anything", "importlib.import_module", "importlib.import_module", "import"),
        ("anything", "builtins.eval", "builtins.eval", "execute"),
        ("anything", "types.FunctionType", "types.FunctionType", "execute"),
        ("anything", "__builtins__.eval", "__builtins__.eval", "execute"),
        ("six.moves", "cPickle.loads", "cPickle.loads", "deserialise"),
        ("subprocess", "Popen.__init__", "subprocess.Popen", "execute"),
        ("x.y._vendor.subprocess", "Popen", "subprocess.Popen", "execute"),
        ("six.moves.cPickle", "loads", "cPickle.loads", "deserialise"),
    ],
)
def test_a_path_is_worth_what_it_reaches(
    module: str, name: str, through: str, capability: str
) -> None:
    found = judge(module, name)
    assert found.standing is DANGEROUS
    assert found.through == through
    assert found.capability == capability


@pytest.mark.parametrize(
    "name",
    [
        "OrderedDict.__init__.__globals__.get", "OrderedDict.__class__", "Counter.__dict__",
        "OrderedDict.__subclasses__", "abc.__loader__", "f.__code__", "g.gi_frame.f_globals",
        "OrderedDict.__reduce_ex__", "OrderedDict.__getattribute__", "x.__self__", "f.__builtins__",
        "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s",
    ],
)  # fmt: skip
def test_paths_that_leave_their_object_are_dangerous(name: str) -> None:
    found = judge("collections", name)
    assert (found.standing, found.capability) == (DANGEROUS, "introspect")


def test_a_path_of_innocent_attributes_is_unknown_even_to_a_safe_name() -> None:
    assert judge("datetime", "datetime.fromtimestamp").standing is UNKNOWN
    assert judge("mylib.models", "Net.Block").standing is UNKNOWN
    walked = judge("numpy", "_core.multiarray._reconstruct")
    assert walked.standing is UNKNOWN
    assert walked.through == "numpy._core.multiarray._reconstruct"


@pytest.mark.parametrize("word", ["os", "sys", "subprocess", "pickle", "importlib", "builtins"])
def test_handing_out_a_module_is_dangerous(word: str) -> None:
    found = judge("torch.serialization", word)
    assert (found.standing, found.capability) == (DANGEROUS, "introspect")
    assert found.through == word


@pytest.mark.parametrize(
    "name", ["code", "signal", "platform", "queue", "types", "random", "string", "copy", "trace"]
)
def test_ordinary_words_that_are_module_names_stay_unknown(name: str) -> None:
    assert judge("mylib.things", name).standing is UNKNOWN


def test_the_module_itself_is_judged_by_an_empty_name() -> None:
    assert judge("os", "").capability == "execute"
    assert judge("builtins", "").standing is DANGEROUS
    assert judge("collections", "").standing is UNKNOWN


@pytest.mark.parametrize(
    ("name", "capability"),
    [("system", "execute"), ("exec", "execute"), ("__import__", "import"), ("Popen", "execute"),
     ("execfile", "execute"), ("run_path", "execute"), ("urlopen", "network"),
     ("CDLL", "load-code"), ("rmtree", "file")],
)  # fmt: skip
def test_telling_names_are_dangerous_in_any_library(name: str, capability: str) -> None:
    found = judge("some.library", name)
    assert (found.standing, found.capability) == (DANGEROUS, capability)
    assert "alias" in found.reason


@pytest.mark.parametrize("name", ["run", "call", "load", "Net", "forward", "compile", "main"])
def test_ordinary_names_in_unknown_libraries_are_unknown(name: str) -> None:
    assert judge("some.library", name) == judge("another.library", name)
    assert judge("some.library", name).standing is UNKNOWN


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os ", "system"), (" os", "system"), ("os", "system\x00"), ("os\x00", "system"),
        ("\u043es", "system"), ("os", "\u0455ystem"), ("\uff4f\uff53", "system"),
        ("o\u200bs", "system"), ("OS", "system"), ("os\n", "system"), ("Builtins", "eval"),
        ("builtins", "Eval"), ("bu\u0456ltins", "eval"), ("__Builtin__", "eval"),
        ("sub\u00adprocess", "Popen"),
    ],
)  # fmt: skip
def test_look_alikes_of_dangerous_names_are_dangerous_and_odd(module: str, name: str) -> None:
    found = judge(module, name)
    assert (found.standing, found.odd) == (DANGEROUS, True)
    assert found.capability == "execute"


@pytest.mark.parametrize(
    ("module", "name"),
    [("Collections", "OrderedDict"), ("collections ", "OrderedDict"), ("numpy", "nd\u0430rray")],
)  # fmt: skip
def test_look_alikes_of_safe_names_are_unknown_and_odd(module: str, name: str) -> None:
    found = judge(module, name)
    assert (found.standing, found.odd) == (UNKNOWN, True)
    assert found.through


@pytest.mark.parametrize(
    ("module", "name"), [("a b", "c"), ("", "x"), ("a", "b..c"), ("a", "1x"), ("a-b", "f<g>")]
)
def test_what_is_no_identifier_is_unknown_and_odd(module: str, name: str) -> None:
    found = judge(module, name)
    assert (found.standing, found.odd) == (UNKNOWN, True)


def test_foreign_identifiers_are_not_odd() -> None:
    assert not judge("modèles", "Réseau").odd


@pytest.mark.parametrize(
    ("module", "name", "shape"),
    [
        ("builtins", "getattr", "getattr"), ("__builtin__", "getattr", "getattr"),
        ("functools", "partial", "partial"), ("_functools", "partial", "partial"),
        ("_operator", "attrgetter", "attrgetter"), ("operator", "itemgetter", "itemgetter"),
        ("operator", "methodcaller", "methodcaller"),
        ("copyreg", "_reconstructor", "reconstructor"),
        ("copy_reg", "_reconstructor", "reconstructor"), ("copyreg", "__newobj__", "newobj"),
        ("copyreg", "__newobj_ex__", "newobj_ex"), ("_codecs", "encode", "codec"),
        ("builtins", "map", "apply"), ("functools", "reduce", "apply"),
        ("torch.storage", "_load_from_bytes", "load_from_bytes"),
        ("spacy.tokens.doc", "unpickle_doc", "load_from_bytes"),
        ("cloudpickle.cloudpickle", "_make_function", "function"),
        ("dill._dill", "_create_function", "function"), ("builtins", "str.join", "fold"),
        ("builtins", "type", "type"), ("numpy.random._pickle", "__generator_ctor", "apply"),
        ("scipy.stats._continuous_distns", "norm_gen", "source_state"),
        ("numpy.core", "_ufunc_reconstruct", "getattr"),
        ("scipy._lib._uarray._backend", "unpickle_function", "getattr"),
    ],
)  # fmt: skip
def test_shapes(module: str, name: str, shape: str) -> None:
    found = judge(module, name)
    assert (found.standing, found.shape) == (SHAPE, shape)


def test_scipys_own_source_is_told_from_any_other() -> None:
    stats = pytest.importorskip("scipy.stats")
    for kind in (stats.norm, stats.uniform, stats.randint, stats.beta):
        text = kind._parse_arg_template
        assert is_own_source(text)
        assert not is_own_source(text + "import os\n")
        assert not is_own_source(text.replace("loc=0", "loc=print(1)", 1))


def test_overlong_names_are_judged_without_looking_them_up() -> None:
    assert judge("a" * 100_000, "b").odd
    chain = judge("os", "path." * 50_000 + "system")
    assert (chain.standing, chain.capability) == (DANGEROUS, "introspect")


@given(st.text(), st.text())
def test_any_text_has_a_judgement(module: str, name: str) -> None:
    found = judge(module, name)
    assert isinstance(found.standing, Standing)
    assert (found.standing is SHAPE) == bool(found.shape) or found.standing is DANGEROUS
    assert found.reason


WORDS = st.sampled_from(["os", "x", "path", "__globals__", "numpy", "a", "system", "c"])


@given(st.lists(WORDS, min_size=1, max_size=40))
def test_paths_that_name_a_module_that_acts_are_never_safe(parts: list[str]) -> None:
    found = judge("mylib", ".".join(parts))
    assert found.standing is not SAFE
    if "os" in parts or "__globals__" in parts:
        assert found.standing is DANGEROUS


def test_every_line_of_the_index_is_found() -> None:
    tables = index()
    lines = tables.data[:].splitlines()
    assert lines == sorted(lines, key=lambda line: line.partition(b"\t")[0])
    for line in lines:
        module = line.partition(b"\t")[0].decode()
        assert Index(tables.data).line(module) == line[len(module) :]
    assert tables.line("no.such.module") == b""
    assert tables.line("") == b""


def test_looking_up_a_name_imports_nothing_heavy() -> None:
    program = (
        "import sys; before = set(sys.modules); from sentinel.rules.imports import judge;"
        "judge('os', 'system'); judge('a.b', 'c.d'); judge('sklearn.svm._classes', 'SVC');"
        "print(sorted({m.partition('.')[0] for m in set(sys.modules) - before}))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", program], capture_output=True, text=True, check=True,
        env={"PYTHONPATH": "src"},
    )  # fmt: skip
    heavy = ("tomllib", "importlib.metadata", "json", "pathlib", "unicodedata", "subprocess")
    assert not [name for name in heavy if f"'{name}'" in done.stdout]
    assert "'sentinel'" in done.stdout


def test_importing_a_program_may_run_it() -> None:
    assert judge("acme.tools.__main__", "x").standing is Standing.DANGEROUS
    assert judge("__main__", "Model").standing is Standing.UNKNOWN
