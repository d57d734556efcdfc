"""Headers of model files, vocabularies, and what is not read at all."""

from __future__ import annotations

import base64
import json
import random
from pathlib import Path

import gguf
import numpy as np
import onnx
import pytest
import safetensors.numpy
import tokenizers
from onnx import helper

from sentinel.artifacts import Artifact
from sentinel.pii.model import Piece
from sentinel.pii.sources import SOURCES, pick
from sentinel.readers import MemoryReader
from tests.pii.reading import EMAILS, PLANTED, gaps, missing, pieces, strings, texts


def said(found: list[Piece]) -> str:
    return "\n".join(strings(found))


def test_safetensors() -> None:
    data = safetensors.numpy.save(
        {"author@tensor.name": np.arange(4000, dtype="f4")}, metadata={"by": EMAILS[0], "n": "1"}
    )
    for name in ("a.safetensors", "a.bin"):
        found = pieces(data, name)
        assert gaps(found) == []
        assert sorted(said(found).split("\n")) == [f"by: {EMAILS[0]}", "n: 1"]
    assert gaps(pieces(data[:40], "a.safetensors")) == ["malformed"]
    assert pieces((2).to_bytes(8, "little") + b"{}", "a.safetensors") == []


def gguf_file(path: Path) -> bytes:
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_author(EMAILS[0])
    writer.add_uint32("general.count", 7)
    writer.add_array("numbers", [1, 2, 3])
    writer.add_token_list(["the", "Ġshort", "Ġ" + EMAILS[1], "##" + EMAILS[2]])
    writer.add_chat_template("{{ ask " + EMAILS[3] + " }}")
    writer.add_tensor("w", np.arange(64, dtype="f4"))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.read_bytes()


def test_gguf(tmp_path: Path) -> None:
    data = gguf_file(tmp_path / "a.gguf")
    found = pieces(data, "a.gguf")
    assert gaps(found) == []
    assert missing(found, EMAILS[:4]) == []
    assert "short" not in said(found)
    for end in range(8, 600, 7):
        assert gaps(pieces(data[:end], "a.gguf")) in ([], ["malformed"])
    source = random.Random(2)
    for _ in range(300):
        changed = bytearray(data)
        changed[source.randrange(4, len(data) - 256)] = source.randrange(256)
        pieces(bytes(changed), "a.gguf")


@pytest.mark.parametrize("kind", [8, 9, 4, 99])
def test_hostile_gguf_counts(kind: int) -> None:
    huge = (1 << 63).to_bytes(8, "little")
    data = b"GGUF\3\0\0\0" + bytes(8) + huge + (1).to_bytes(8, "little") + b"k"
    data += kind.to_bytes(4, "little") + (9).to_bytes(4, "little") + huge + bytes(200)
    assert gaps(pieces(data, "a.gguf")) == ["malformed"]


def model() -> onnx.ModelProto:
    node = helper.make_node(
        "LabelEncoder", ["x"], ["y"], keys_strings=[EMAILS[1], EMAILS[2]], domain="ai.onnx.ml",
        values_int64s=[1, 2], doc_string=EMAILS[3],
    )  # fmt: skip
    tensor = helper.make_tensor("names", onnx.TensorProto.STRING, [1], [EMAILS[4].encode()])
    weight = helper.make_tensor("w", onnx.TensorProto.FLOAT, [500], [0.5] * 500)
    value = helper.make_tensor_value_info("x", onnx.TensorProto.STRING, [1], doc_string=EMAILS[5])
    result = helper.make_tensor_value_info("y", onnx.TensorProto.INT64, [1])
    graph = helper.make_graph([node], "g", [value], [result], [tensor, weight], EMAILS[6])
    made = helper.make_model(graph, producer_name="p", doc_string=EMAILS[7])
    helper.set_model_props(made, {"owner": EMAILS[8]})
    return made


def test_onnx() -> None:
    data = model().SerializeToString()
    found = pieces(data, "a.onnx")
    assert gaps(found) == []
    assert missing(found, EMAILS[1:9]) == []
    assert any(text.path == "owner" for text in texts(found))
    for end in range(1, len(data), 13):
        pieces(data[:end], "a.onnx")
    source = random.Random(2)
    for _ in range(200):
        changed = bytearray(data)
        changed[source.randrange(len(data))] = source.randrange(256)
        pieces(bytes(changed), "a.onnx")


def test_no_onnx_is_told() -> None:
    assert gaps(pieces(random.Random(1).randbytes(500), "a.onnx")) == ["malformed"]


def test_a_tokenizer_tells_its_long_pieces_and_settings(tmp_path: Path) -> None:
    words = {f"w{n}": n for n in range(2000)}
    words |= {"Ġ" + EMAILS[0]: 2000, "PID": 2001}
    made = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=words, merges=[]))
    made.add_special_tokens([EMAILS[1]])
    made.save(str(tmp_path / "tokenizer.json"))
    found = pieces((tmp_path / "tokenizer.json").read_bytes(), "m/tokenizer.json")
    vocabulary = [text for text in texts(found) if text.path == "model.vocab"]
    assert [text.data.decode() for text in vocabulary] == [EMAILS[0]]
    assert missing(found, EMAILS[:2]) == []
    assert "PID" not in said(found)


def test_a_unigram_tokenizer() -> None:
    data = {"model": {"type": "Unigram", "vocab": [["▁ab", -1.5], ["▁" + EMAILS[0], -2]]}}
    found = pieces(json.dumps(data).encode(), "tokenizer.json")
    assert "ab" not in said(found).split()
    assert missing(found, EMAILS[:1]) == []


def test_other_vocabularies() -> None:
    words = [f"w{n}" for n in range(3000)] + [EMAILS[0]]
    places = json.dumps({word: n for n, word in enumerate(words)}).encode()
    ranks = b"".join(b"%s %d\n" % (base64.b64encode(w.encode()), n) for n, w in enumerate(words))
    merges = "#version: 0.2\n" + "".join(f"{word[:1]} {word[1:]}\n" for word in words)
    files = {
        "vocab.json": places,
        "vocab.txt": "\n".join(words).encode(),
        "merges.txt": merges.encode(),
        "qwen.tiktoken": ranks,
    }
    for name, data in files.items():
        found = pieces(data, name)
        assert said(found).split("\n")[-1] == EMAILS[0], name
        assert "w2999" not in said(found)
        assert gaps(found) == []


def test_other_files_with_such_names_are_read_whole() -> None:
    assert missing(pieces(b'{"a": "short@x.io", "b": 1}', "vocab.json"), ["short@x.io"]) == []
    assert missing(pieces(b"short@x.io and more\n", "vocab.txt"), ["short@x.io"]) == []
    assert missing(pieces(b"short@x.io and more\n", "a.tiktoken"), ["short@x.io"]) == []
    assert missing(pieces(b'{"x": "short@x.io"}', "tokenizer.json"), ["short@x.io"]) == []


def sentencepiece(words: list[str]) -> bytes:
    out = b""
    for word in words:
        raw = word.encode()
        piece = b"\x0a" + bytes([len(raw)]) + raw + b"\x15\0\0\x80\xbf"
        out += b"\x0a" + bytes([len(piece)]) + piece
    return out


def test_a_sentencepiece_model() -> None:
    found = pieces(sentencepiece(["▁the", "▁" + EMAILS[0], "\x01\x02"] * 40), "tokenizer.model")
    assert said(found).split("\n") == [EMAILS[0]] * 40


@pytest.mark.parametrize(
    "head",
    [b"\x89PNG\r\n\x1a\n\0\0", b"\xff\xd8\xff\xe0\0\x10JFIF", b"GIF89a\1\0",
     b"RIFF\0\0\0\0WAVEfmt ", b"RIFF\0\0\0\0WEBPVP8 ", b"\0\0\0\x20ftypisom\0",
     b"ID3\3\0\0", b"OggS\0\2"],
)  # fmt: skip
def test_pictures_sound_and_films_are_told_as_not_read(head: bytes) -> None:
    found = pieces(head + bytes(range(256)), "a.bin")
    assert gaps(found) == ["unsupported"]
    assert "pictures" in found[0].detail  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text", [b"ORCID,name\n1,2\n", b"PAR1 of it", b"ID3 tags", b"FORM 5", b"GGUF"]
)
def test_a_text_that_begins_like_a_format_is_a_text(text: bytes) -> None:
    found = pieces(text, "a.txt")
    assert [piece.data for piece in texts(found)] == [text]


def test_content_comes_before_the_name() -> None:
    assert pick(Artifact("a.csv", MemoryReader(b"")), b"PK\x03\x04").name == "zip"
    assert pick(Artifact("a.zip", MemoryReader(b"")), b"a,b\n").name == "text"
    assert pick(Artifact("x/A.CSV", MemoryReader(b"")), b"a,b\n").name == "csv"
    assert len({source.name for source in SOURCES}) == len(SOURCES)


def test_every_planted_value_is_distinct() -> None:
    assert len(set(PLANTED)) == 300
