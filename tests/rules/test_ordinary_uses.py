"""Uses of names that ordinary files make, each beside the hostile use that is nearest to it."""

from __future__ import annotations

import argparse
import functools
import pickle
import zoneinfo

import numpy as np
import pytest

from sentinel import Severity, scan_bytes
from tests.corpus.malicious.case import COMMAND, P4

UNPICKLE_VOCAB = "__pyx_unpickle_Vocab"


def worst(data: bytes) -> Severity | None:
    """Return the severity of the worst finding that is an alarm."""
    found = [one.severity for one in scan_bytes(data, "x.pkl").findings]
    return max((one for one in found if one >= Severity.MEDIUM), default=None)


def partial_of(module: str, name: str, argument: str) -> bytes:
    """Return a pickle that calls what the state of a partial binds, not what its call names."""
    return (
        b"cfunctools\npartial\n(cbuiltins\nlen\ntR"
        b"(c" + f"{module}\n{name}\n(V{argument}\n".encode() + b"t}Ntb)R."
    )


@pytest.mark.parametrize(
    ("hostile", "benign"),
    [
        (P4.file(P4.call("acme.shapes", "Kind", COMMAND)), P4.file(P4.call("acme.x", "Kind", "a"))),
        (
            P4.file(P4.call("acme.shapes", "Kind", "a", "b")),
            P4.file(P4.call("acme.shapes", "Kind", "a")),
        ),
        (
            P4.file(P4.call("acme.shapes", "run", "a")),
            P4.file(P4.call("acme.shapes", "AcmeError", "something went wrong: /x")),
        ),
        (
            P4.file(P4.call("operator", "methodcaller", "system", COMMAND)),
            P4.file(P4.call("operator", "methodcaller", "split", ",")),
        ),
        (
            P4.file(P4.call("sympy.core.symbol", "Symbol", P4.call("sympy", "sympify", "x(1)"))),
            P4.file(P4.call("sympy.core.symbol", "Symbol", "x", how="NEWOBJ")),
        ),
        (
            P4.file(P4.call("sympy.core.add", "Add", COMMAND, how="NEWOBJ")),
            P4.file(P4.call("sympy.core.add", "Add", 1, 2, how="NEWOBJ")),
        ),
        (
            P4.file(P4.call("numpy", "vectorize", P4.name("builtins", "len"))),
            pickle.dumps(np.vectorize(len)),
        ),
        (
            P4.file(P4.call("requests.sessions", "Session")),
            P4.file(P4.call("requests.sessions", "Session", how="NEWOBJ")),
        ),
        (
            P4.file(P4.call("nltk.tag.perceptron", "PerceptronTagger", "x")),
            P4.file(P4.call("nltk.tag.perceptron", "PerceptronTagger", how="NEWOBJ")),
        ),
        (
            P4.file(P4.call("spacy.vocab", UNPICKLE_VOCAB, P4.name("os", "system"), 1, None)),
            P4.file(
                P4.call("spacy.vocab", UNPICKLE_VOCAB, P4.name("spacy.vocab", "Vocab"), 1, None)
            ),
        ),
        (
            P4.file(P4.call("zoneinfo", "ZoneInfo.from_file", "x")),
            pickle.dumps(zoneinfo.ZoneInfo("Europe/Berlin"), 2),
        ),
    ],
    ids=[
        "word", "one-argument", "error", "method-of-text", "expression", "class-of-expressions",
        "vectorize", "session", "audited-class", "cython", "zone",
    ],
)  # fmt: skip
def test_an_ordinary_use_is_quiet_and_its_hostile_neighbour_is_not(
    hostile: bytes, benign: bytes
) -> None:
    assert worst(hostile) is not None
    assert worst(benign) is None


@pytest.mark.parametrize(
    ("module", "name", "severity"),
    [
        ("os", "system", Severity.CRITICAL),
        ("acme.tools", "execute", Severity.MEDIUM),
        ("builtins", "str", None),
    ],
)
def test_a_partial_calls_what_its_state_binds(
    module: str, name: str, severity: Severity | None
) -> None:
    assert worst(partial_of(module, name, COMMAND)) is severity


@pytest.mark.parametrize("protocol", range(6))
def test_partials_that_python_writes_are_quiet(protocol: int) -> None:
    assert worst(pickle.dumps(functools.partial(sorted, reverse=True), protocol)) is None


def test_a_class_that_was_renamed_is_no_look_alike() -> None:
    old = P4.file(P4.name("statsmodels.genmod.families.links", "identity"))
    assert worst(old) is None
    assert worst(P4.file(P4.name("OS", "system"))) is Severity.HIGH


def test_objects_that_share_their_attributes_are_no_bomb() -> None:
    objects = [argparse.Namespace()]
    for _ in range(60):
        objects.append(argparse.Namespace(one=objects[-1], two=objects[-1], three=[objects[-1]]))
    assert worst(pickle.dumps(objects[-1])) is None
    tower: object = []
    for _ in range(60):
        tower = [tower, tower]
    hidden = argparse.Namespace(value=tower)
    assert worst(pickle.dumps(hidden)) is Severity.MEDIUM


CELL = "cloudpickle.cloudpickle"
NUMBA = "numba.core.types.abstract"


@pytest.mark.parametrize(
    ("hostile", "benign"),
    [
        (
            P4.file(P4.call(CELL, "_make_cell", P4.name("os", "system"))),
            P4.file(P4.call(CELL, "_make_cell", P4.call(CELL, "subimport", "re"))),
        ),
        (
            P4.file(P4.call(CELL, "_make_skeleton_class", P4.name("acme.tools", "execute"), "x")),
            P4.file(P4.call(CELL, "_make_cell", P4.name("acme.tools", "execute"))),
        ),
        (
            P4.file(P4.call(NUMBA, "_type_reconstructor", P4.name("acme.tools", "run"), ("x",))),
            P4.file(
                P4.call(
                    NUMBA,
                    "_type_reconstructor",
                    P4.name("copyreg", "_reconstructor"),
                    P4.tuple(P4.name("numba.core.types.scalars", "Integer"), None, None),
                    {"name": "int64"},
                )
            ),
        ),
    ],
    ids=["module-in-a-cell", "function-in-a-cell", "numba-type"],
)
def test_what_keeps_a_callable_does_not_call_it(hostile: bytes, benign: bytes) -> None:
    assert worst(hostile) is not None
    assert worst(benign) is None


GETTER = b"ctorch_geometric.data.batch\nDynamicInheritanceGetter\n)\x81("
BATCH = b"ctorch_geometric.data.batch\nBatch\n"
GRAPH = b"ctorch_geometric.data.data\nData\n"
RETYPE = b"ctorch._tensor\n_rebuild_from_type_v2\n("
TENSOR = b"ctorch._utils\n_rebuild_tensor_v2\n"
WEIGHTS = b"ctorchvision.models._api\nWeights\n)\x81"


JAX = b"cjax._src.array\n_reconstruct_array\n("
REMADE = b"cnumpy._core.multiarray\n_reconstruct\n"
STATE = b"(I1\n(t" + b"Vx\nI00\nVtext\nt}tR"


@pytest.mark.parametrize(
    ("hostile", "benign"),
    [
        (
            JAX + REMADE + b"(cacme.x\nThing\n(I0\ntVb\nt" + STATE,
            JAX + REMADE + b"(cnumpy\nndarray\n(I0\ntVb\nt" + STATE,
        ),
        (
            JAX + b"ccopyreg\n_reconstructor\n(cnumpy\nndarray\nNt" + STATE,
            b"cflax.core.frozen_dict\nFrozenDict\n(}Vparams\n}stR",
        ),
        (
            b"cplotly.io\nfrom_json\n(V{} \ntR",
            b"cplotly.graph_objs._figure\nFigure\n(}Vdata\n]stR",
        ),
        (
            GETTER + b"cacme\nRun\n" + GRAPH + b"tR",
            GETTER + BATCH + GRAPH + b"tR}b",
        ),
        (GETTER + BATCH + b"cacme\nrun\ntR", GETTER + BATCH + GRAPH + b"tR"),
        (
            RETYPE + b"cacme\nrun\ncacme\nImage\n(Vtext\nt}tR",
            RETYPE + TENSOR + b"cacme\nImage\n(Vtext\nt}tR",
        ),
        (
            RETYPE + TENSOR + b"cos\nsystem\n(Vtext\nt}tR",
            RETYPE + TENSOR + b"ctorchvision.tv_tensors._mask\nMask\n(t}tR",
        ),
        (
            b"criver._river_rust.vectordict\nVectorDict\n(}cos\ngetcwd\nN\x88tR",
            b"criver._river_rust.vectordict\nVectorDict\n(}(Va\nF1.0\nuNN\x88tR",
        ),
        (
            b"ctorch._C\nimport_ir_module\n(Vcpu or so\ntR",
            b"ctorch._C\nGenerator\n(ctorch\ndevice\n(Vcpu\ntRtR(I1\nNNtb",
        ),
        (
            b"ctorchvision.models.resnet\nResNet18_Weights.get_state_dict\n(Va b\ntR",
            b"ctorchvision.models.resnet\nResNet18_Weights\n(" + WEIGHTS + b"tR",
        ),
        (b"cenum\nEnum\n(VName\nVa b\ntR", b"cenum\nFlagBoundary\n(Vstrict\ntR"),
        (b"cabc\nABCMeta\n(VName\n)}tR", b"]cabc\nABCMeta\na"),
        (
            b"ckeras.src.models.functional\nFunctional.from_config\n(Va b\ntR",
            b"]ckeras.src.models.functional\nFunctional\na",
        ),
        (b"cbuiltins\n__main__\n(Va\nVb\nu", b"]cbuiltins\n__main__\na"),
    ],
)
def test_uses_of_libraries(hostile: bytes, benign: bytes) -> None:
    assert worst(b"\x80\x04" + hostile + b".") is not None
    assert worst(b"\x80\x04" + benign + b".") is None


def test_classes_that_a_torchscript_archive_defines_itself_are_not_listed() -> None:
    (found,) = scan_bytes(b"\x80\x02]c__torch__\nNet\nac__torch\nNet\na.", "x.pkl").findings
    assert found.evidence == "__torch.Net"
