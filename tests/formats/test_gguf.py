"""GGUF and GGML: what the library writes is clean, lists are walked, templates are members."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel import Verdict, scan_bytes
from sentinel.artifacts import Artifact
from sentinel.errors import LimitExceeded, ParseError, SentinelError
from sentinel.findings import Severity
from sentinel.formats.ggml_types import TYPES
from sentinel.formats.gguf import parse
from sentinel.formats.tensors import TensorFile
from sentinel.limits import Budget
from sentinel.readers import MemoryReader, open_file
from tests.corpus.malicious.templates import HOST
from tests.corpus.malicious.tensors import ordinary
from tests.kit.tensor_files import ARRAY, BOOL, F32, I32, STRING, U8, U32, Gguf, old_ggml

NAME = "model.gguf"


def model_of(data: bytes) -> TensorFile:
    model = parse(Artifact(NAME, MemoryReader(data)), Budget()).model
    assert isinstance(model, TensorFile)
    return model


def ids(data: bytes) -> set[tuple[str, Severity]]:
    return {(one.rule_id, one.severity) for one in scan_bytes(data, NAME).findings}


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Files by the gguf package: little- and big-endian, quantised, without tensors."""
    gguf = pytest.importorskip("gguf")
    folder = tmp_path_factory.mktemp("gguf")
    made = {}
    for name, order in (("little", gguf.GGUFEndian.LITTLE), ("big", gguf.GGUFEndian.BIG)):
        writer = gguf.GGUFWriter(folder / name, "llama", endianess=order)
        _fill(writer, gguf)
        writer.add_tensor("a", np.ones((3, 32), "f4"))
        writer.add_tensor("b", np.ones((5, 7), "f2"))
        writer.add_tensor("c", np.ones(3, "i1"))
        made[name] = _written(writer, folder / name)
    writer = gguf.GGUFWriter(folder / "vocabulary", "llama")
    _fill(writer, gguf)
    made["vocabulary"] = _written(writer, folder / "vocabulary")
    writer = gguf.GGUFWriter(folder / "quantised", "llama")
    for kind in ("Q8_0", "Q4_0", "Q5_1", "BF16", "TQ1_0"):
        number = gguf.GGMLQuantizationType[kind]
        data = gguf.quants.quantize(np.ones((4, 256), "f4"), number)
        writer.add_tensor(kind, data, raw_dtype=number)
    made["quantised"] = _written(writer, folder / "quantised")
    return made


def _fill(writer: Any, gguf: Any) -> None:
    writer.add_name("a model")
    writer.add_url("https://example.com/model")
    writer.add_float32("x.float", 1.5)
    writer.add_bool("x.flag", True)
    writer.add_array("x.numbers", [1, 2, 3])
    writer.add_token_list(["<s>", "a", "b"])
    writer.add_token_scores([0.0, 1.0, 2.0])
    writer.add_token_types([1, 1, 1])
    writer.add_chat_template(HOST)


def _written(writer: Any, path: Path) -> bytes:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.read_bytes()


@pytest.mark.parametrize("name", ["little", "big", "vocabulary", "quantised"])
def test_what_the_library_writes_is_clean(real: dict[str, bytes], name: str) -> None:
    report = scan_bytes(real[name], NAME)
    assert report.formats == ("gguf",)
    assert report.verdict is Verdict.CLEAN
    assert not report.findings


@pytest.mark.parametrize("name", ["little", "big", "quantised"])
def test_every_truncation_is_not_clean(real: dict[str, bytes], name: str) -> None:
    data = real[name]
    # Without its padding the last tensor is still whole.
    last = len(data.rstrip(b"\0")) if name != "quantised" else len(data) - 64
    for end in range(4, last, 7):
        report = scan_bytes(data[:end], NAME)
        assert report.verdict is not Verdict.CLEAN, end
        assert all(gap.reason != "internal" for gap in report.coverage.gaps)


def test_the_library_knows_the_same_types() -> None:
    gguf = pytest.importorskip("gguf")
    theirs = {int(kind): sizes for kind, sizes in gguf.GGML_QUANT_SIZES.items()}
    theirs.pop(9)  # only ever in memory, and its layout has changed since
    assert {kind: (TYPES[kind].items, TYPES[kind].size) for kind in theirs} == theirs


@pytest.mark.parametrize(("version", "order"), [(1, "<"), (2, "<"), (3, "<"), (2, ">"), (3, ">")])
def test_versions_and_byte_orders(version: int, order: str) -> None:
    report = scan_bytes(ordinary(version, order).file(), NAME)
    assert report.verdict is Verdict.CLEAN
    model = model_of(ordinary(version, order).file())
    assert (model.version, model.tensors) == (version, 2)


def test_templates_are_members() -> None:
    made = ordinary().key("tokenizer.chat_template.rag", STRING, "{{ messages }}")
    members = list(parse(Artifact(NAME, MemoryReader(made.file())), Budget()).members)
    found = {member.name: member.open() for member in members}
    assert set(found) == {"tokenizer.chat_template", "tokenizer.chat_template.rag"}
    reader = found["tokenizer.chat_template"]
    assert reader.pread(0, reader.size).decode() == HOST


def test_nested_arrays_are_low() -> None:
    data = Gguf().key("x", ARRAY, (ARRAY, [(U8, [1, 2]), (STRING, ["a"])])).file()
    assert ids(data) == {("SNT1305", Severity.LOW)}


def test_ids_of_a_vocabulary_that_does_not_fit() -> None:
    data = ordinary().key("tokenizer.ggml.token_type", ARRAY, (I32, [1, 1])).file()
    assert ids(data) == {("SNT1306", Severity.MEDIUM)}


def test_an_unknown_type_leaves_a_gap() -> None:
    data = ordinary().tensor("c", bytes(range(64)), kind=200).tensor("d", bytes(8)).file()
    report = scan_bytes(data, NAME)
    assert ids(data) == {("SNT1307", Severity.INFO)}
    assert report.verdict is Verdict.INCOMPLETE


def test_addresses_in_odd_keys_are_facts() -> None:
    data = ordinary().key("x.hook", STRING, "https://example.com/run").file()
    assert ids(data) == {("SNT1309", Severity.INFO)}
    assert not ids(ordinary().key("general.url", STRING, "https://example.com").file())


@pytest.mark.parametrize("align", [1, 8, 64, 4096])
def test_alignments(align: int) -> None:
    made = Gguf(align=align).key("general.alignment", U32, align)
    data = made.tensor("a", bytes(range(33))).tensor("b", bytes(5)).file()
    assert scan_bytes(data, NAME).verdict is Verdict.CLEAN


def test_a_vocabulary_is_walked_and_data_is_not_read(tmp_path: Path) -> None:
    tokens, merges = 128_000, 278_000
    made = Gguf().key("general.architecture", STRING, "llama").key("x", F32, 1.0)
    made.key("tokenizer.ggml.tokens", ARRAY, (STRING, [f"token{n}" for n in range(tokens)]))
    made.key("tokenizer.ggml.token_type", ARRAY, (I32, [1] * tokens))
    made.key("tokenizer.ggml.merges", ARRAY, (STRING, [f"a{n} b{n}" for n in range(merges)]))
    made.key("tokenizer.chat_template", STRING, HOST).key("y", BOOL, 1)
    for number in range(100):
        made.tensor(f"blk.{number}.weight", b"", [4_000_000], offset=number * 4_000_000)
    path = tmp_path / NAME
    path.write_bytes(made.file())
    described = path.stat().st_size
    os.truncate(path, described + 400_000_000)
    with open_file(path) as reader:
        parsed = parse(Artifact(NAME, reader), Budget())
        assert [member.name for member in parsed.members] == ["tokenizer.chat_template"]
        assert not parsed.gaps
        # The texts are walked; a window may reach a few MiB past the last of them.
        assert reader.stats.bytes_read < described + 5_000_000


@pytest.mark.parametrize("most", [1 << 30, 1 << 62, (1 << 64) - 1])
@pytest.mark.parametrize("what", ["keys", "tensors"])
def test_counts_that_do_not_fit(most: int, what: str) -> None:
    with pytest.raises((ParseError, LimitExceeded)):
        model_of(ordinary().file(**{what: most}))


def test_a_million_texts_and_a_million_tensors() -> None:
    data = Gguf().key("x", ARRAY, (STRING, [""] * 1_000_000)).file()
    assert not model_of(data).problems
    info = Gguf().tensor("").infos[0]
    many = b"GGUF" + struct.pack("<IQQ", 3, 1_000_000, 0) + info * 1_000_000
    with pytest.raises(LimitExceeded):
        model_of(many)


@pytest.mark.parametrize(
    "data",
    [
        old_ggml(), old_ggml(b"tjgg", 1), old_ggml(b"fmgg", 1), old_ggml(b"lmgg", None),
        old_ggml(kind=2, data=bytes(18), shape=(32,)),
        old_ggml(b"tjgg", 1, kind=2, data=bytes(20), shape=(32,)),
    ],
)  # fmt: skip
def test_old_files(data: bytes) -> None:
    report = scan_bytes(data, "ggml-model.bin")
    assert report.formats == ("gguf",)
    assert report.verdict is Verdict.CLEAN


def test_old_files_of_whisper() -> None:
    name = b"encoder.weight"
    data = b"lmgg" + struct.pack("<11I", 3, *[1] * 9, 0)
    data += struct.pack("<2I", 2, 2) + bytes(16)
    data += struct.pack("<I", 3) + b"".join(struct.pack("<I", 1) + b"a" for _ in range(3))
    data += struct.pack("<3I2I", 2, len(name), 1, 2, 2) + name + bytes(8)
    assert scan_bytes(data, "ggml-base.bin").verdict is Verdict.CLEAN
    assert model_of(data).title == "GGML (Whisper)"


@pytest.mark.parametrize("change", [old_ggml() + b"x" * 9, old_ggml()[:-4], b"lmgg" + bytes(200)])
def test_old_files_that_do_not_add_up_are_incomplete(change: bytes) -> None:
    assert scan_bytes(change, "ggml-model.bin").verdict is Verdict.INCOMPLETE


@settings(max_examples=400, deadline=None)
@given(
    at=st.integers(0, 600), width=st.sampled_from([1, 2, 4, 8]),
    number=st.sampled_from([0, 1, 0x7F, 0xFF, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 62, (1 << 64) - 1]),
    version=st.sampled_from([1, 2, 3]), order=st.sampled_from(["<", ">"]),
)  # fmt: skip
def test_any_number_anywhere(at: int, width: int, number: int, version: int, order: str) -> None:
    data = bytearray(ordinary(version, order).file())
    changed = number & ((1 << 8 * width) - 1)
    data[at : at + width] = changed.to_bytes(width, "little" if order == "<" else "big")
    try:
        model_of(bytes(data))
    except SentinelError:
        return


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([b"GGUF\3\0\0\0", b"GGUF\1\0\0\0", b"tjgg", b"lmgg", b"algg"]),
       st.binary(max_size=300))  # fmt: skip
def test_any_bytes_give_a_model_or_one_of_our_errors(magic: bytes, data: bytes) -> None:
    try:
        model_of(magic + data)
    except SentinelError:
        return
