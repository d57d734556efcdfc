"""Files of plain tensors, and the configurations and templates that come with models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.corpus.benign.save import Saver
from tests.kit.chat_templates import TEMPLATES


def safetensors(save: Saver) -> None:
    import numpy as np
    import torch
    from safetensors.numpy import save as save_numpy
    from safetensors.torch import save as save_torch

    arrays = {f"layer.{number}.weight": np.ones((4, number + 1), "f4") for number in range(20)}
    save.bytes("plain.safetensors", save_numpy(arrays))
    save.bytes("metadata.safetensors", save_numpy(arrays, {"format": "pt", "note": "a test"}))
    save.bytes("empty.safetensors", save_numpy({}))
    for dtype in ("f2", "f8", "i1", "u1", "i8", "?"):
        name = dtype.replace("?", "bool")
        save.bytes(f"{name}.safetensors", save_numpy({"x": np.ones(5, dtype)}))
    for kind in (torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2):
        name = str(kind).partition(".")[2]
        save.bytes(f"{name}.safetensors", save_torch({"x": torch.ones(3, 2).to(kind)}))


def gguf(save: Saver) -> None:
    import gguf as library

    for label, order in (("le", library.GGUFEndian.LITTLE), ("be", library.GGUFEndian.BIG)):
        for name, template in TEMPLATES.items():
            save.make(
                f"{name}-{label}.gguf",
                lambda path, order=order, template=template: _model(path, order, template),  # type: ignore[misc]
            )


def _model(path: Path, order: Any, template: str) -> None:
    import gguf as library
    import numpy as np

    writer = library.GGUFWriter(path, "llama", endianess=order)
    writer.add_name("a model")
    writer.add_url("https://example.com/model")
    writer.add_license("apache-2.0")
    writer.add_block_count(2)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(["<s>", "a", "b"])
    writer.add_token_types([3, 1, 1])
    writer.add_token_merges(["a b"])
    writer.add_chat_template(template)
    writer.add_tensor("token_embd.weight", np.ones((3, 32), "f4"))
    writer.add_tensor("output_norm.weight", np.ones(5, "f2"))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def configurations(save: Saver) -> None:
    from transformers import BertConfig, GenerationConfig, LlamaConfig, ViTImageProcessor

    for name, config in (("bert", BertConfig()), ("llama", LlamaConfig())):
        save.make(f"{name}/config.json", lambda path, c=config: c.to_json_file(path))  # type: ignore[misc]
    save.make(
        "generation_config.json", lambda path: GenerationConfig().save_pretrained(path.parent)
    )
    save.make("preprocessor_config.json", lambda path: ViTImageProcessor().to_json_file(path))
    for name, template in TEMPLATES.items():
        save.bytes(f"{name}/chat_template.jinja", template.encode())
