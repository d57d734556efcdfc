"""``sentinel convert``: turn a model that runs code into one that is data, in a jail."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..reports.escape import printable
from .guard import note
from .options import parser_for

if TYPE_CHECKING:
    from ..trust.jail import Converted

DESCRIPTION = (
    "Convert a pickle, a joblib file or a PyTorch checkpoint to a format that is data. The model "
    "is loaded in a jail that can read libraries and nothing else (Linux only), and what comes out "
    "is scanned again. The jail narrows what a hostile model can do; it is no proof against one."
)
_TARGETS = ("safetensors", "skops", "ubj")


def fill(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments to a parser."""
    parser.add_argument("path", metavar="MODEL", help="the file to convert")
    parser.add_argument(
        "--to", required=True, choices=_TARGETS,
        help="safetensors for tensors by name, skops for scikit-learn, ubj for XGBoost",
    )  # fmt: skip
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="the new file; by default beside the model"
    )
    parser.add_argument(
        "--seconds", type=float, default=300.0, metavar="N", help="wall time it may take (300)"
    )
    parser.add_argument(
        "--memory", type=float, default=8.0, metavar="GIB",
        help="memory it may use beyond its libraries, in GiB (8)",
    )  # fmt: skip
    parser.add_argument("--force", action="store_true", help="replace the new file if it is there")
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing when it worked")


def main(argv: list[str]) -> int:
    """Run the command and return its exit code."""
    options = parser_for("convert").parse_args(argv)
    from ..trust.jail import JailLimits, convert
    from ..trust.jail.convert import TARGETS
    from ..trust.write import replace

    output = options.output or os.path.splitext(options.path)[0] + TARGETS[options.to]
    if os.path.exists(output) and not options.force:
        raise UsageError(f"{output}: is there already", "--force replaces it")
    folder = os.path.dirname(output) or os.curdir
    if not os.path.isdir(folder):
        raise UsageError(f"{folder}: no such directory", "make it first, or give another --output")
    seconds, memory = options.seconds, options.memory
    if not (0 < seconds <= 1_000_000 and 0 < memory <= 1_000_000):
        raise UsageError("--seconds and --memory take a number above 0, of a million at most")
    limits = JailLimits(seconds, max(1, int(seconds)), max(1, int(memory * (1 << 30))))
    made = convert(options.path, options.to, limits=limits)
    replace(output, made.data)
    if not options.quiet:
        note(_told(options.path, output, made))
    return 0


def _told(path: str, output: str, made: Converted) -> str:
    before, after = made.source_report, made.report
    lines = [
        f"sentinel: {printable(path)} -> {printable(output)}",
        f"  was {printable(made.type)}, by its own word; {before.verdict} before, "
        f"{after.verdict} now",
        f"  sha256 {made.source_sha256} -> {made.sha256}",
    ]
    if made.taken:
        lines.append(f"  the tensors of {printable(made.taken)} were taken, and nothing beside")
    if made.left_out:
        lines.append(f"  left out, no tensors: {printable(', '.join(made.left_out), 500)}")
    return "\n".join(lines) + "\n"
