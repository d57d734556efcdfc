"""Make the files of this folder: small models by real libraries, and inert hostile ones.

    python examples/make_examples.py [FOLDER]

The same library versions give the same bytes. A hostile file would, if something loaded it, print
one line and no more; nothing here loads it.
"""

from __future__ import annotations

import os
import pickle
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
ECHO = "echo this line was printed by a model file"


def iris_forest(path: Path) -> None:
    """A random forest, pickled as most tutorials do it."""
    from sklearn.datasets import load_iris
    from sklearn.ensemble import RandomForestClassifier

    data, target = load_iris(return_X_y=True)
    forest = RandomForestClassifier(n_estimators=8, max_depth=4, random_state=0).fit(data, target)
    path.write_bytes(pickle.dumps(forest, protocol=5))


def iris_pipeline(path: Path, compress: int = 0) -> None:
    """A pipeline saved by joblib: its arrays lie between the opcodes, as raw bytes."""
    import joblib
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    data, target = load_iris(return_X_y=True)
    joblib.dump(
        make_pipeline(StandardScaler(), LogisticRegression()).fit(data, target), path, compress
    )


def iris_pipeline_zlib(path: Path) -> None:
    """The same, compressed."""
    iris_pipeline(path, compress=3)


def boosted_trees(path: Path) -> None:
    """An xgboost regressor, pickled."""
    import numpy
    from xgboost import XGBRegressor

    data = numpy.linspace(0, 1, 60).reshape(20, 3)
    model = XGBRegressor(n_estimators=4, max_depth=2, n_jobs=1).fit(data, data.sum(axis=1))
    path.write_bytes(pickle.dumps(model, protocol=4))


def frame(path: Path) -> None:
    """A pandas data frame with numbers, text, categories and dates."""
    import pandas

    pandas.DataFrame(
        {
            "price": [1.5, 2.25, 3.0],
            "name": ["bread", "milk", "salt"],
            "kind": pandas.Categorical(["food", "drink", "food"]),
            "day": pandas.date_range("2026-01-01", periods=3),
        }
    ).to_pickle(path)


def arrays(path: Path) -> None:
    """A NumPy archive of plain arrays."""
    import numpy

    numpy.savez(path, weight=numpy.arange(12.0).reshape(3, 4), bias=numpy.zeros(4, "f4"))


def state_dict(path: Path) -> None:
    """Weights of a small network, as PyTorch saves them."""
    import torch

    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2))
    torch.save(network.state_dict(), path)


def checkpoint(path: Path) -> None:
    """Weights, optimizer and progress of a training run."""
    import torch

    torch.manual_seed(0)
    layer = torch.nn.Linear(4, 2)
    optimizer = torch.optim.Adam(layer.parameters())
    layer(torch.ones(1, 4)).sum().backward()
    optimizer.step()
    state = {"model": layer.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3}
    torch.save(state, path)


class Hostile:
    """Pickles as a call of ``os.system``."""

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (ECHO,)


def system_call(path: Path) -> None:
    """The textbook attack: a call of os.system."""
    path.write_bytes(pickle.dumps({"weights": [0.1, 0.2], "hook": Hostile()}, protocol=4))


def short(text: str) -> bytes:
    """Return SHORT_BINUNICODE with its operand."""
    raw = text.encode()
    return b"\x8c" + bytes([len(raw)]) + raw


def computed_name(path: Path) -> None:
    """The name of the function comes out of the memo, far from where it is used."""
    program = b"\x80\x04" + b"(" + short("exec") + b"\x94" + short("builtins") + b"\x94" + b"l0"
    call = b"h\x01" + b"h\x00" + b"\x93" + short(f"print({ECHO[5:]!r})") + b"\x85R."
    path.write_bytes(program + call)


def protocol0_text(path: Path) -> None:
    """Protocol 0 is printable text, so that it passes for a text file; the suffix says nothing."""
    path.write_bytes(f"cos\nsystem\n(S'{ECHO}'\ntR.".encode())


def compressed_payload(path: Path) -> None:
    """What joblib.dump(compress=3) makes of a hostile object: a zlib stream around a pickle."""
    path.write_bytes(zlib.compress(pickle.dumps([Hostile()], protocol=4), 3))


def hostile_checkpoint(path: Path) -> None:
    """A genuine PyTorch archive with real tensors and one object too many."""
    import torch

    torch.manual_seed(0)
    torch.save({"weight": torch.ones(2, 2), "hook": Hostile()}, path)


def two_archives(path: Path) -> None:
    """A harmless archive with a hostile one behind it: readers differ over which one it is."""
    parts = []
    for make in (state_dict, hostile_checkpoint):
        part = path.with_suffix(".part")
        make(part)
        parts.append(part.read_bytes())
        part.unlink()
    path.write_bytes(b"".join(parts))


def broken_after_payload(path: Path) -> None:
    """The call comes first and the stream ends in rubbish: loading fails, but too late."""
    path.write_bytes(f"cos\nsystem\n(S'{ECHO}'\ntR".encode() + b"\xff\xff\xff\xff")


def truncated(path: Path) -> None:
    """A download that broke off. Nothing bad in it, but not all of it was there to see."""
    iris_forest(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def lfs_pointer(path: Path) -> None:
    """What a clone without Git LFS holds in place of the model."""
    path.write_text(
        "version https://git-lfs.github.com/spec/v1\n"
        "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n"
        "size 12345\n",
        newline="\n",
    )


EXAMPLES: dict[str, Callable[[Path], None]] = {
    "benign/arrays.npz": arrays,
    "benign/boosted-trees.pkl": boosted_trees,
    "benign/checkpoint.ckpt": checkpoint,
    "benign/frame.pkl": frame,
    "benign/iris-forest.pkl": iris_forest,
    "benign/iris-pipeline.joblib": iris_pipeline,
    "benign/iris-pipeline-zlib.joblib": iris_pipeline_zlib,
    "benign/state-dict.pt": state_dict,
    "hostile/broken-after-payload.pkl": broken_after_payload,
    "hostile/checkpoint.pt": hostile_checkpoint,
    "hostile/compressed-payload.joblib": compressed_payload,
    "hostile/computed-name.pkl": computed_name,
    "hostile/protocol0.bin": protocol0_text,
    "hostile/system-call.pkl": system_call,
    "hostile/two-archives.pt": two_archives,
    "incomplete/lfs-pointer.pt": lfs_pointer,
    "incomplete/truncated.pkl": truncated,
}
"""Each example by its path, in the order in which a scan names them."""


def main(folder: Path = HERE) -> None:
    """Write every example below a folder."""
    for name, make in EXAMPLES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        make(path)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
