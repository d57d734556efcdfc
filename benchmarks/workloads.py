"""The files that are scanned. Each is made once, by the library that makes such files.

    python -m benchmarks.workloads FOLDER NAME

Run as a process of its own, since some of them take a gigabyte to make.
"""

from __future__ import annotations

import json
import pickle
import random
import string
import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy


class Workload(NamedTuple):
    """One thing to scan.

    Attributes:
        name: Its name in the tables.
        file: Its file or folder name.
        make: Writes it.
        what: One line about it.
        opcodes: Whether ``pickletools.genops`` can read it, as a yardstick.
        tensors: Whether most of its bytes are tensors, which need not be read.
    """

    name: str
    file: str
    make: Callable[[Path], None]
    what: str
    opcodes: bool = False
    tensors: bool = False


def vocabulary(size: int) -> dict[str, int]:
    """Return a tokenizer's vocabulary: as many distinct strings, numbered."""
    return {f"tok{number}": number for number in range(size)}


def numbers(lists: int = 5_000, length: int = 1_000) -> list[list[float]]:
    """Return lists of whole and broken numbers in turn."""
    source = random.Random(5)
    return [
        [
            source.randrange(70_000, 2**31) if place % 2 else source.random()
            for place in range(length)
        ]
        for _ in range(lists)
    ]


def objects(size: int = 300_000) -> dict[str, object]:
    """Return word counts as old gensim models keep them: one instance for each word."""
    from gensim.models.keyedvectors import CompatVocab

    return {
        f"w{number}": CompatVocab(index=number, count=size - number, sample_int=2**31 + number)
        for number in range(size)
    }


def token_lists(lists: int = 150_000, length: int = 8) -> list[list[str]]:
    """Return short lists of strings that are all different objects."""
    return [[f"t{row}_{place}" for place in range(length)] for row in range(lists)]


def dump(path: Path, value: object, protocol: int) -> None:
    """Pickle a value to a file."""
    with path.open("wb") as file:
        pickle.dump(value, file, protocol=protocol)


def tiny(path: Path) -> None:
    """A dict that any program may have pickled."""
    dump(path, {"lr": 0.1, "epochs": 3, "tag": "a"}, 4)


def vocab(path: Path, size: int, protocol: int) -> None:
    """A pickled vocabulary."""
    dump(path, vocabulary(size), protocol)


def nested(path: Path) -> None:
    """Five million numbers."""
    dump(path, numbers(), 4)


def instances(path: Path) -> None:
    """300,000 instances of one class."""
    dump(path, objects(), 4)


def mixture(path: Path, protocol: int) -> None:
    """All of the above in one file."""
    value = {
        "vocabulary": vocabulary(1_000_000),
        "small": vocabulary(50_000),
        "numbers": numbers(),
        "objects": objects(),
        "tokens": token_lists(),
    }
    dump(path, value, protocol)


def forest(path: Path, compress: int) -> None:
    """A random forest of 250 trees, saved by joblib."""
    import joblib
    from sklearn.datasets import make_classification
    from sklearn.ensemble import RandomForestClassifier

    data, target = make_classification(11_000, 20, n_informative=10, flip_y=0.35, random_state=0)
    model = RandomForestClassifier(n_estimators=250, n_jobs=2, random_state=0)
    joblib.dump(model.fit(data, target), path, compress=compress)


def checkpoint(path: Path) -> None:
    """500 tensors of 2 MB, as ``torch.save`` writes them."""
    import torch

    tensors = {
        f"model.layers.{number}.weight": torch.full((512, 1024), number / 500)
        for number in range(500)
    }
    torch.save(tensors, path)


def weights(source: numpy.random.Generator) -> numpy.ndarray:
    """Return one of the 250 arrays of 2 MB that each file of plain tensors holds."""
    import numpy

    made: numpy.ndarray = source.standard_normal((512, 1024), dtype=numpy.float32)
    return made


def safetensors_file(path: Path) -> None:
    """250 tensors, as the safetensors library writes them."""
    import numpy
    from safetensors.numpy import save_file

    source = numpy.random.default_rng(7)
    tensors = {f"model.layers.{number}.weight": weights(source) for number in range(250)}
    save_file(tensors, path, metadata={"format": "pt"})


def onnx_file(path: Path) -> None:
    """250 layers of two operators each, their weights within the file."""
    import numpy
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    source = numpy.random.default_rng(7)
    nodes, initializers, value = [], [], "input"
    for number in range(250):
        name = f"layers.{number}"
        initializers.append(numpy_helper.from_array(weights(source), f"{name}.weight"))
        nodes.append(helper.make_node("MatMul", [value, f"{name}.weight"], [f"{name}.product"]))
        value = f"{name}.output"
        nodes.append(helper.make_node("Relu", [f"{name}.product"], [value], name=f"/{name}/Relu"))
    given = helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", 512])
    result = helper.make_tensor_value_info(value, TensorProto.FLOAT, ["batch", 1024])
    graph = helper.make_graph(nodes, "main_graph", [given], [result], initializers)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)


TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<|{{ message['role'] }}|>\n"
    "{{ message['content'] | trim }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)


def gguf_file(path: Path) -> None:
    """250 tensors, and a tokenizer of the size of Llama 3's: 128,256 tokens and 280,147 merges.

    Lengths are like those of real vocabularies: ten bytes on average, one in two thousand long.
    """
    import gguf
    import numpy

    source, words = numpy.random.default_rng(7), random.Random(7)
    lengths = [70 if not number % 2000 else words.randint(2, 15) for number in range(128_256)]
    tokens = [
        "Ġ" * words.randrange(2) + "".join(words.choices(string.ascii_lowercase, k=length))
        for length in lengths
    ]
    merges = [f"{token[:2]} {token[2:]}" for token in words.choices(tokens, k=280_147)]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("benchmark")
    writer.add_context_length(8192)
    writer.add_block_count(32)
    writer.add_head_count(32)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("llama-bpe")
    writer.add_token_list(tokens)
    writer.add_token_types([1] * len(tokens))
    writer.add_token_merges(merges)
    writer.add_chat_template(TEMPLATE)
    for number in range(250):
        writer.add_tensor(f"blk.{number}.weight", weights(source))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def tree(path: Path) -> None:
    """A working copy: 5,000 files, most of them source code, 120 of them models and data."""
    path.mkdir(parents=True, exist_ok=True)
    for place, make in enumerate(islice(_tree_files(), 5_000)):
        folder = path / f"part{place % 50:02}"
        folder.mkdir(exist_ok=True)
        make(folder / f"file{place:04}")


def _tree_files() -> Iterator[Callable[[Path], None]]:
    import joblib
    import numpy
    import torch
    from safetensors.numpy import save_file

    array = numpy.arange(2_000.0)
    yield from [lambda p: dump(p.with_suffix(".pkl"), vocabulary(3_000), 4)] * 40
    yield from [lambda p: torch.save({"w": torch.ones(40, 40)}, p.with_suffix(".pt"))] * 20
    yield from [lambda p: save_file({"w": array}, p.with_suffix(".safetensors"))] * 20
    yield from [lambda p: joblib.dump({"w": array}, p.with_suffix(".joblib"))] * 15
    yield from [lambda p: numpy.save(p.with_suffix(".npy"), array)] * 20
    yield from [lambda p: p.with_suffix(".json").write_text(json.dumps(vocabulary(300)))] * 5
    suffixes = (".py", ".py", ".py", ".txt", ".md", ".c", ".js")
    while True:
        for suffix in suffixes:
            yield partial(_source, suffix=suffix)


def _source(path: Path, suffix: str) -> None:
    line = "def function_{0}(first, second):  # {1}\n    return first + second * {0}\n"
    lines = (line.format(number, path.stem) for number in range(120))
    path.with_suffix(suffix).write_text("".join(lines))


MILLION = 1_000_000
WORKLOADS: tuple[Workload, ...] = (
    Workload("tiny", "tiny.pkl", tiny, "small dict", True),
    Workload("vocab50k", "vocab50k.pkl", partial(vocab, size=50_000, protocol=4), "strings", True),
    Workload(
        "vocab1m_p2", "vocab1m_p2.pkl", partial(vocab, size=MILLION, protocol=2), "same", True
    ),
    Workload(
        "vocab1m_p4", "vocab1m_p4.pkl", partial(vocab, size=MILLION, protocol=4), "same", True
    ),
    Workload("nested5m", "nested5m.pkl", nested, "5,000 lists of 1,000 numbers", True),
    Workload("objs300k", "objs300k.pkl", instances, "300,000 instances (gensim)", True),
    Workload("mix100", "mix100.pkl", partial(mixture, protocol=4), "all of these, and lists", True),
    Workload("rf", "rf.joblib", partial(forest, compress=0), "forest of 250 trees, raw arrays"),
    Workload("rf_c3", "rf_c3.joblib", partial(forest, compress=3), "the same, zlib"),
    Workload("ckpt1g", "ckpt1g.pt", checkpoint, "torch.save of 500 tensors", tensors=True),
    Workload(
        "safetensors", "m500.safetensors", safetensors_file, "250 tensors of 2 MB", tensors=True
    ),
    Workload("onnx", "m500.onnx", onnx_file, "250 layers, weights within", tensors=True),
    Workload("gguf", "m500.gguf", gguf_file, "250 tensors, 128,256 tokens", tensors=True),
    Workload("tree5k", "tree5k", tree, "5,000 files, 120 of them models or data"),
)
"""What is measured, in the order of the tables."""

BY_NAME = {workload.name: workload for workload in WORKLOADS}


if __name__ == "__main__":
    chosen = BY_NAME[sys.argv[2]]
    chosen.make(Path(sys.argv[1]) / chosen.file)
