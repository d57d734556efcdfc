"""TensorBoard with real writers: what they write is read by wandb's core, and may be uploaded."""

from __future__ import annotations

import importlib
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import wandb

from .stage import Notes, mark, picture, polyglot, settings


def summary_of(tag: str, **value: Any) -> Any:
    """Return an event's summary."""
    pb: Any = importlib.import_module("tensorboard.compat.proto.summary_pb2")
    return pb.Summary(value=[pb.Summary.Value(tag=tag, **value)])


def write(folder: str, name: str) -> None:
    """Write what a training loop writes, by TensorBoard's own writer."""
    protos: Any = importlib.import_module("tensorboard.compat.proto.event_pb2")
    pb: Any = importlib.import_module("tensorboard.compat.proto.summary_pb2")
    # Looked up now, since wandb replaces it when it is told to.
    module: Any = importlib.import_module("tensorboard.summary.writer.event_file_writer")
    writer = module.EventFileWriter(folder)
    size = {"height": 1, "width": 1, "colorspace": 3}
    evil = pb.Summary.Image(encoded_image_string=polyglot(f"{name}-image"), **size)
    good = pb.Summary.Image(encoded_image_string=picture(), **size)
    for step in range(3):
        for summary in (
            summary_of("loss", simple_value=0.25 * step),
            summary_of("evil", image=evil),
            summary_of("good", image=good),
        ):
            writer.add_event(protos.Event(wall_time=1e9 + step, step=step, summary=summary))
    writer.add_event(protos.Event(wall_time=1e9, file_version=mark(name)))
    writer.flush()
    writer.close()


def by_torch(folder: str, name: str) -> None:
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(folder) as writer:
        for step in range(3):
            writer.add_scalar("torch-loss", 0.25 * step, step)
        writer.add_text("note", mark(name), 0)


def main() -> None:
    notes = Notes()
    keyword: dict[str, Any] = {}
    if sys.argv[2] != "unguarded":
        from sentinel.integrations import WandbGuard

        guard = WandbGuard(tensorboard=sys.argv[2] == "allowed", quiet=True)
        keyword = {"sentinel_guard": guard}
    run = wandb.init(settings=settings(), sync_tensorboard=True, **keyword)
    notes.say("synced", run.id)
    write("mine/synced", "synced")
    if find_spec("torch") is not None:
        by_torch("mine/torch", "torch")
    run.finish()
    wandb.tensorboard.unpatch()
    wandb.tensorboard.patch(root_logdir="mine/patched")
    run = wandb.init(settings=settings(), **keyword)
    notes.say("patched", run.id)
    write("mine/patched/train", "patched")
    run.finish()
    wandb.tensorboard.unpatch()
    notes.say("written", len(list(Path("mine").rglob("*tfevents*"))))


if __name__ == "__main__":
    main()
