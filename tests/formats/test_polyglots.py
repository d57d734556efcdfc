"""Files that are two things at once: each part is read, and that there are two is told."""

from __future__ import annotations

import io
from functools import cache

import pytest

from sentinel import Verdict, scan_bytes
from sentinel.findings import Severity
from tests.corpus.malicious.case import GOOD
from tests.kit.flat import RELU, lite, lite_graph, lite_operator
from tests.kit.msgpacks import checkpoint
from tests.kit.natives import pe
from tests.kit.onnxes import layer, model
from tests.kit.polyglots import behind, llamafile, portable, zipped
from tests.kit.runtimes import executorch, mobile
from tests.kit.secrets_in import gguf, safetensors
from tests.kit.trees import as_json, as_ubjson, catboost, lightgbm, xgboost, xgboost_old

HEADS = {
    "gif": b"GIF89a" + bytes(30), "html": b"<html><script>x()</script></html>\n",
    "pdf": b"%PDF-1.7\n%\xe2\xe3\n", "png": b"\x89PNG\r\n\x1a\n" + bytes(20),
}  # fmt: skip


@cache
def fronts() -> dict[str, bytes]:
    import h5py
    import numpy as np

    array, hierarchy = io.BytesIO(), io.BytesIO()
    np.save(array, np.zeros(4))
    with h5py.File(hierarchy, "w") as file:
        file["x"] = np.zeros(4)
    return {
        "m.safetensors": safetensors("x"), "m.gguf": gguf("x"), "m.onnx": model(layer()),
        "m.npy": array.getvalue(), "m.h5": hierarchy.getvalue(),
        "m.tflite": lite([RELU], [lite_graph(lite_operator())]),
        "m.ubj": as_ubjson(xgboost()), "m.json": as_json(xgboost()), "m.model": xgboost_old(),
        "cat.json": catboost(), "m.txt": lightgbm(), "m.msgpack": checkpoint(),
        "m.pte": executorch(), "m.ptl": mobile(), "m.pkl": GOOD[4],
    }  # fmt: skip


NAMES = (
    "m.safetensors", "m.gguf", "m.onnx", "m.npy", "m.h5", "m.tflite", "m.ubj", "m.json", "m.model",
    "cat.json", "m.txt", "m.msgpack", "m.pte", "m.ptl", "m.pkl",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_front_alone_is_clean(name: str) -> None:
    assert scan_bytes(fronts()[name], name).verdict is Verdict.CLEAN


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("what", ["zip", "pickle", "elf", "script"])
def test_what_is_appended_is_examined(name: str, what: str) -> None:
    report = scan_bytes(behind(fronts()[name])[what], name)
    worst = max((found.severity for found in report.findings), default=Severity.INFO)
    due = {"zip": Severity.CRITICAL, "pickle": Severity.CRITICAL, "elf": Severity.HIGH}
    assert worst >= due.get(what, Severity.MEDIUM)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("name", ["m.pt", "m.zip", "m.keras", "m.npz"])
def test_an_archive_behind_a_page_or_a_picture_is_told(head: str, name: str) -> None:
    report = scan_bytes(zipped(HEADS[head], **{"archive/data.pkl": GOOD[2]}), name)
    assert "zip" in report.formats
    assert report.verdict is Verdict.SUSPICIOUS


@pytest.mark.parametrize("name", ["model.llamafile", "model.exe", "model"])
def test_a_llamafile_is_a_program_with_an_examined_model(name: str) -> None:
    report = scan_bytes(llamafile(), name)
    assert "llamafile" in report.formats
    assert {found.rule_id: found.severity for found in report.findings} == {
        "SNT1027": Severity.INFO
    }
    assert report.verdict is Verdict.INCOMPLETE


def test_the_model_of_a_llamafile_is_examined() -> None:
    from tests.kit.natives import elf

    report = scan_bytes(llamafile(data=gguf("x") + elf().ljust(500, b"\0")), "m.llamafile")
    assert {"SNT1303", "SNT1010"} <= {found.rule_id for found in report.findings}


@pytest.mark.parametrize(
    "data",
    [llamafile(front=pe()), llamafile(name="weights.bin"), llamafile(front=b"#!/bin/sh\nexit\n")],
    ids=["plain program", "no model", "script"],
)
def test_what_is_only_named_a_llamafile_is_told(data: bytes) -> None:
    found = {one.rule_id: one.severity for one in scan_bytes(data, "m.llamafile").findings}
    assert found["SNT1027"] == Severity.MEDIUM


def test_a_broken_llamafile_is_incomplete() -> None:
    for data in (portable(), b"MZ" + bytes(100), portable() + b"PK\x05\x06" + bytes(18)):
        report = scan_bytes(data, "m.llamafile")
        assert not report.coverage.complete
        assert report.verdict is not Verdict.CLEAN


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_a_program_in_the_bytes_of_a_pickle_is_told(protocol: int) -> None:
    import pickle

    from tests.kit.natives import elf, mach

    for code in (elf(3) * 20, pe(), mach() * 9, elf(3).ljust(100_000, b"\0")):
        report = scan_bytes(pickle.dumps({"weights": code}, protocol), "m.pkl")
        if protocol >= 3:
            assert "SNT1010" in {found.rule_id for found in report.findings}
    harmless = {
        "a": b"\x7fELF is how they begin",
        "b": "MZ" * 90,
        "c": b"\xcf\xfa\xed\xfe" + bytes(9),
    }
    assert scan_bytes(pickle.dumps(harmless, protocol), "m.pkl").verdict is Verdict.CLEAN
