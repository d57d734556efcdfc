"""torch, transformers, tokenizers, accelerate, sentence-transformers, spaCy."""

from __future__ import annotations

import io
import random
import warnings
from pathlib import Path
from typing import Any

from tests.corpus.benign.save import Saver


def torch(save: Saver) -> None:
    import torch as t
    from torch import nn

    t.manual_seed(0)
    t.set_num_threads(1)
    network = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.BatchNorm1d(8), nn.Linear(8, 2))
    for name, value in _tensors(t).items():
        save.torch(f"{name}.pt", value)
        save.torch(f"{name}-legacy.pt", value, modern=False)
    for suffix in ("pt", "pth", "ckpt", "bin"):
        save.torch(f"state.{suffix}", network.state_dict())
    for protocol in (3, 4, 5):
        save.torch(f"state-p{protocol}.pt", network.state_dict(), protocol=protocol)
    save.torch("state-legacy.pt", network.state_dict(), modern=False)
    for name, module in _modules(t).items():
        save.torch(f"module-{name}.pt", module)
        save.torch(f"module-{name}-legacy.pt", module, modern=False)
        save.pickle(f"module-{name}", module, 4)
    for name, module in _graphs(t).items():
        save.torch(f"graph-{name}.pt", module)
        save.pickle(f"graph-{name}", module, 4)
    _training(save, t, network)
    _scripts(save, t)
    _packages(save, t, network)


def _tensors(t: Any) -> dict[str, Any]:
    shared = t.arange(12.0)
    return {
        "tensor": t.ones(2, 3),
        "kinds": [t.ones(2, dtype=kind) for kind in (
            t.float16, t.bfloat16, t.float64, t.int8, t.uint8, t.int16, t.int32, t.int64, t.bool,
            t.complex64)],
        "views": {"whole": shared, "part": shared[3:7], "turned": shared.view(3, 4).t()},
        "parameter": t.nn.Parameter(t.ones(3)),
        "empty": t.empty(0),
        "scalar": t.tensor(1.5),
        "sparse": t.sparse_coo_tensor([[0, 1], [1, 0]], [1.0, 2.0], (2, 2)),
        "things": [t.Size([1, 2]), t.device("cpu"), t.float32, t.strided, None, "text"],
        "quantised": t.quantize_per_tensor(t.ones(3), 0.1, 2, t.qint8),
        "grad": t.ones(2, requires_grad=True),
        "nested": {"a": [t.ones(1)] * 3, "b": {"c": (t.zeros(2), 1, "x")}},
        "float8": t.ones(4).to(t.float8_e4m3fn),
    }  # fmt: skip


def _graphs(t: Any) -> dict[str, Any]:
    """Return graph modules: traced ones, and one that was built node by node."""
    from torch import fx

    class Mixed(t.nn.Module):  # type: ignore[misc]
        """Takes what the code generator writes in ways of its own."""

        def __init__(self) -> None:
            super().__init__()
            self.layers = t.nn.ModuleList([t.nn.Linear(2, 2)])

        def forward(self, x: Any, scale: float = 2.0) -> tuple[Any, Any]:
            """Return a tensor and a number."""
            x = self.layers[0](x).to(t.float16)
            x += 1
            kept = t.where(x > 0, x, t.full_like(x, float("inf")))
            return kept[..., :1] * scale, x.shape[0]

    graph = fx.Graph()
    value = graph.placeholder("x", type_expr=t.Tensor)
    shape = graph.call_function(getattr, (value, "shape"))
    graph.output(graph.call_method("new_zeros", (value, shape)), type_expr=tuple[t.Tensor, int])
    layers = t.nn.Sequential(t.nn.Conv2d(1, 2, 1), t.nn.BatchNorm2d(2), t.nn.GELU(), t.nn.Flatten())
    return {
        "traced": fx.symbolic_trace(layers),
        "mixed": fx.symbolic_trace(Mixed()),
        "by-hand": fx.GraphModule({}, graph),
    }


def _modules(t: Any) -> dict[str, Any]:
    nn = t.nn
    return {
        "linear": nn.Linear(3, 2),
        "convolution": nn.Sequential(
            nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.1)
        ),
        "recurrent": nn.LSTM(3, 4, batch_first=True),
        "transformer": nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 1),
        "embedding": nn.ModuleDict({"e": nn.Embedding(9, 3), "n": nn.LayerNorm(3)}),
        "activations": nn.ModuleList([nn.GELU(), nn.SiLU(), nn.Softmax(-1), nn.LeakyReLU()]),
        "loss": nn.CrossEntropyLoss(t.ones(3)),
        "parameters": nn.ParameterList([nn.Parameter(t.ones(2))]),
    }


def _training(save: Saver, t: Any, network: Any) -> None:
    made = {
        "sgd": t.optim.SGD(network.parameters(), 0.1, momentum=0.9),
        "adam": t.optim.Adam(network.parameters()),
        "adamw": t.optim.AdamW(network.parameters()),
        "rmsprop": t.optim.RMSprop(network.parameters()),
        "adagrad": t.optim.Adagrad(network.parameters()),
    }
    for name, optimizer in made.items():
        network(t.ones(3, 4)).sum().backward()
        optimizer.step()
        save.torch(f"optimizer-{name}.pt", optimizer.state_dict())
        save.torch(f"optimizer-{name}-whole.pt", optimizer)
    schedulers = {
        "step": t.optim.lr_scheduler.StepLR(made["sgd"], 3),
        "cosine": t.optim.lr_scheduler.CosineAnnealingLR(made["sgd"], 9),
        "plateau": t.optim.lr_scheduler.ReduceLROnPlateau(made["sgd"]),
        "cycle": t.optim.lr_scheduler.OneCycleLR(made["sgd"], 0.1, 10),
        "warmup": t.optim.lr_scheduler.LinearLR(made["sgd"]),
    }
    for name, scheduler in schedulers.items():
        save.torch(f"scheduler-{name}.pt", scheduler.state_dict())
    import numpy as np

    state = {
        "python": random.getstate(), "numpy": np.random.get_state(), "cpu": t.get_rng_state(),
    }  # fmt: skip
    save.torch("rng_state.pth", state)
    checkpoint = {
        "model": network.state_dict(), "optimizer": made["adam"].state_dict(), "epoch": 7,
        "args": {"lr": 0.1, "data": "/data/train"}, "best": float("inf"), "rng": state,
        "scheduler": schedulers["step"].state_dict(),
        "history": [{"loss": n / 3} for n in range(9)],
    }  # fmt: skip
    save.torch("checkpoint.pth", checkpoint)
    save.torch("checkpoint.tar", checkpoint)
    save.torch("checkpoint-legacy.pth", checkpoint, modern=False)
    from argparse import Namespace

    save.torch("checkpoint-namespace.pth", {"args": Namespace(lr=0.1, x="y"), "state": checkpoint})


def _scripts(save: Saver, t: Any) -> None:
    class Net(t.nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.inner = t.nn.Linear(4, 2)

        def forward(self, x):  # type: ignore[no-untyped-def]
            return t.relu(self.inner(x)).softmax(-1)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = {
            "traced": t.jit.trace(Net(), t.ones(1, 4)),
            "traced-convolution": t.jit.trace(
                t.nn.Sequential(t.nn.Conv2d(1, 2, 3), t.nn.ReLU(), t.nn.Flatten()),
                t.ones(1, 1, 5, 5),
            ),
            "scripted": t.jit.script(t.nn.Sequential(t.nn.Linear(4, 2), t.nn.GELU())),
            "scripted-recurrent": t.jit.script(t.nn.LSTM(3, 4)),
        }
        for name, module in made.items():
            save.make(f"{name}.torchscript.pt", lambda path, m=module: t.jit.save(m, str(path)))
        frozen = t.jit.freeze(made["scripted"].eval())
        save.make("frozen.torchscript.pt", lambda path: t.jit.save(frozen, str(path)))
        save.make("extra.torchscript.pt", lambda path: t.jit.save(
            made["traced"], str(path), _extra_files={"labels.txt": "a\nb"}))  # fmt: skip


def _packages(save: Saver, t: Any, network: Any) -> None:
    from torch.package import PackageExporter

    def package(path: Path) -> None:
        with PackageExporter(str(path)) as exporter:
            exporter.extern(["torch.**", "numpy.**"])
            exporter.save_source_string("mine.model", "import math\n\nRATE = math.pi / 2\n")
            exporter.save_pickle("model", "model.pkl", network)
            exporter.save_text("notes", "readme.txt", "a model")

    save.make("package.pt", package)

    def distributed(path: Path) -> None:
        import torch.distributed.checkpoint as dcp

        dcp.save({"model": network.state_dict()}, checkpoint_id=str(path), no_dist=True)

    save.make("distributed", distributed)

    def exported(path: Path) -> None:
        program = t.export.export(t.nn.Sequential(t.nn.Linear(4, 2)), (t.ones(1, 4),))
        t.export.save(program, str(path))

    save.make("exported.pt2", exported)


def transformers(save: Saver) -> None:
    import torch as t
    import transformers as hf

    t.manual_seed(0)
    small = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
             "intermediate_size": 16, "vocab_size": 40}  # fmt: skip
    bert = hf.BertModel(hf.BertConfig(**small))
    gpt = hf.GPT2LMHeadModel(hf.GPT2Config(n_embd=16, n_layer=1, n_head=2, vocab_size=40))
    for name, model in (("bert", bert), ("gpt2", gpt)):
        save.torch(f"{name}/pytorch_model.bin", model.state_dict())
        save.torch(f"{name}/whole.pt", model)
        save.pickle(f"{name}/config", model.config, 4)
    arguments = hf.TrainingArguments(output_dir="out", report_to=[], use_cpu=True)
    save.torch("training_args.bin", arguments)
    optimizer = t.optim.AdamW(gpt.parameters())
    save.torch("optimizer.pt", optimizer.state_dict())
    save.torch("scheduler.pt", hf.get_linear_schedule_with_warmup(optimizer, 1, 9).state_dict())
    tokenizer = hf.PreTrainedTokenizerFast(tokenizer_object=_tokenizer(), unk_token="[UNK]")
    save.pickle("tokenizer-fast", tokenizer, 4)
    save.pickle("generation", hf.GenerationConfig(max_new_tokens=4), 4)
    save.torch("encoding.pt", tokenizer(["hello world"], return_tensors="pt").data)
    save.pickle("encoding", tokenizer(["hello world"]), 4)


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    made = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.train_from_iterator(
        ["hello world", "a few words"], trainers.WordLevelTrainer(special_tokens=["[UNK]"])
    )
    return made


def tokenizers(save: Saver) -> None:
    from tokenizers import AddedToken, Tokenizer, models, normalizers, processors

    save.pickle("word-level", _tokenizer(), 2, 4, 5)
    save.pickle("pieces", Tokenizer(models.BPE()), 4)
    save.pickle("parts", [normalizers.Lowercase(), AddedToken("[X]"), models.Unigram()], 4)
    save.pickle("processor", processors.BertProcessing(("a", 1), ("b", 2)), 4)
    save.pickle("encoding", _tokenizer().encode("hello world"), 4)


def accelerate(save: Saver) -> None:
    import torch as t
    from accelerate import Accelerator

    accelerator = Accelerator(cpu=True)
    network = t.nn.Linear(4, 2)
    optimizer = t.optim.AdamW(network.parameters())
    scheduler = t.optim.lr_scheduler.StepLR(optimizer, 3)
    network, optimizer, scheduler = accelerator.prepare(network, optimizer, scheduler)
    accelerator.save_state(str(save.folder / "state"), safe_serialization=False)
    accelerator.save({"x": t.ones(2)}, save.folder / "object.bin")


def sentence_transformers(save: Saver) -> None:
    import torch as t
    from sentence_transformers import models

    pooling = models.Pooling(16)
    dense = models.Dense(16, 4)
    for name, module in {
        "pooling": pooling, "dense": dense, "normalize": models.Normalize(),
        "sequence": t.nn.Sequential(pooling, dense),
    }.items():  # fmt: skip
        save.torch(f"{name}.pt", module)
        save.torch(f"{name}/pytorch_model.bin", module.state_dict())


def spacy(save: Saver) -> None:
    import spacy as sp

    nlp = sp.blank("en")
    nlp.add_pipe("sentencizer")
    doc = nlp("A few words. And some more.")
    save.make("vocab.pkl", lambda path: _dump(path, nlp.vocab.strings))
    save.make("doc.pkl", lambda path: _dump(path, doc))
    save.make("docs.spacy.pkl", lambda path: _dump(path, sp.tokens.DocBin(docs=[doc]).to_bytes()))
    save.make("language.pkl", lambda path: _dump(path, nlp))
    save.make("config.pkl", lambda path: _dump(path, dict(nlp.config)))


def _dump(path: Path, value: Any) -> None:
    import pickle

    file = io.BytesIO()
    pickle.dump(value, file, 4)
    path.write_bytes(file.getvalue())
