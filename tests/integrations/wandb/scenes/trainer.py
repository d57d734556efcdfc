"""The Trainer of Transformers, which calls ``wandb.init`` itself."""

from __future__ import annotations

import os
from typing import Any

import torch
import wandb
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

from .stage import Notes, hostile_file


class Rows(torch.utils.data.Dataset):  # type: ignore[type-arg]
    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {"input_ids": torch.tensor([1, 2, 3]), "labels": torch.tensor(index % 2)}


def main() -> None:
    notes = Notes()
    import sentinel.integrations.wandb  # noqa: F401

    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=10, hidden_size=8, num_hidden_layers=1, num_attention_heads=1,
        intermediate_size=8, num_labels=2,
    )  # fmt: skip
    arguments = TrainingArguments(
        "out", max_steps=2, report_to=["wandb"], use_cpu=True, save_strategy="steps", save_steps=1,
        disable_tqdm=True, logging_steps=1,
    )  # fmt: skip
    trainer = Trainer(BertForSequenceClassification(config), arguments, train_dataset=Rows())
    notes.attempt("training", trainer.train)
    run: Any = wandb.run
    notes.say("run", run.id)
    notes.say("log model", os.environ.get("WANDB_LOG_MODEL"))
    notes.attempt("hostile", lambda: run.save(hostile_file("trained")))
    run.finish()


if __name__ == "__main__":
    main()
