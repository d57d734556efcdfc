"""Writes the files of one library into its folder."""

from __future__ import annotations

import io
import pickle
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Saver:
    """Writes files, and keeps the others when one cannot be made with the installed version.

    Args:
        folder: Where to write.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.failed: list[str] = []
        folder.mkdir(parents=True, exist_ok=True)

    def bytes(self, name: str, data: bytes) -> None:
        """Write a file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def make(self, name: str, write: Callable[[Path], Any]) -> None:
        """Have a library write a file at a path."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write(path)
        except Exception:
            self.failed.append(f"{name}: {traceback.format_exc(limit=-2)}")

    def pickle(self, name: str, value: Any, *protocols: int) -> None:
        """Pickle a value, in protocol 4 unless others are given."""
        for protocol in protocols or (4,):
            suffix = "" if protocol == 4 else f"-p{protocol}"
            self.make(
                f"{name}{suffix}.pkl",
                lambda path, p=protocol: path.write_bytes(pickle.dumps(value, p)),  # type: ignore[misc]
            )

    def joblib(self, name: str, value: Any, compress: Any = 0) -> None:
        """Write a value with joblib."""
        import joblib

        self.make(name, lambda path: joblib.dump(value, path, compress=compress))

    def torch(self, name: str, value: Any, modern: bool = True, protocol: int = 2) -> None:
        """Write a value with torch.save."""
        import torch

        file = io.BytesIO()

        def write(path: Path) -> None:
            torch.save(value, file, pickle_protocol=protocol, _use_new_zipfile_serialization=modern)
            path.write_bytes(file.getvalue())

        self.make(name, write)
