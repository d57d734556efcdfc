"""Makes the ordinary files: ``python -m tests.corpus.benign FOLDER [GROUP ...]``."""

from __future__ import annotations

import json
import sys
import time
import traceback
from importlib import import_module
from pathlib import Path

from tests.corpus.benign import GROUPS
from tests.corpus.benign.save import Saver


def make(folder: Path, group: str) -> str:
    """Make the files of one library; return why there are none, or nothing."""
    module, _, function = GROUPS[group].partition(":")
    save = Saver(folder / group)
    try:
        getattr(import_module(f"tests.corpus.benign.{module}"), function)(save)
    except ImportError as error:
        return f"not installed: {error}"
    for failure in save.failed:
        print(f"{group}: {failure}", file=sys.stderr)
    return ""


def main() -> None:
    """Make all groups, or those named."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    left_out = {}
    for group in sys.argv[2:] or GROUPS:
        started = time.process_time()
        try:
            left_out[group] = make(folder, group)
        except Exception:
            traceback.print_exc()
            sys.exit(f"{group} failed")
        print(f"{group}: {time.process_time() - started:.1f} s {left_out[group]}")
    text = json.dumps(left_out, indent=1)
    (folder / "groups.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
