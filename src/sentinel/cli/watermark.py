"""``sentinel watermark``: make a key, put a mark into a copy of a model, look for it again."""

from __future__ import annotations

import argparse
import os
import re
import sys
from typing import TYPE_CHECKING

from ..errors import TrustError, UsageError
from ..reports.escape import printable
from ..verdicts import EXIT_FINDINGS, EXIT_OK
from .guard import complain, note
from .options import Parser, parser_for
from .outputs import write

if TYPE_CHECKING:
    from ..trust.watermark.record import Record
    from ..trust.watermark.verify import Request, Verification

_ACTIONS = ("keygen", "embed", "verify")
_MOST_IDENTITIES = 100_000

DESCRIPTION = (
    "Make a key (keygen FILE), write a marked copy of a model (embed MODEL -o OUT), or look for "
    "the mark of a key (verify MODEL). A mark can be removed by whoever knows of it, and says "
    "nothing about whether a file was altered. verify ends with 0 when the mark is there and with "
    "1 when it is not, or when that cannot be told."
)


def fill(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments to a parser."""
    parser.add_argument("action", choices=_ACTIONS, help="keygen, embed or verify")
    parser.add_argument("path", metavar="FILE", help="the model; for keygen, the new key file")
    parser.add_argument(
        "--key", default="", metavar="KEY",
        help="env:NAME (base64), file:PATH (mode 0600) or exec:COMMAND (context in, key out)",
    )  # fmt: skip
    parser.add_argument(
        "--context", default="", metavar="TEXT", help="model or recipient the key is derived for"
    )
    parser.add_argument(
        "--id", default="", metavar="HEX", help="payload, 64 bits; drawn at random by embed"
    )
    parser.add_argument(
        "--record", default="", metavar="FILE", help="record of the mark; embed writes it"
    )
    parser.add_argument(
        "--anchors", default="", metavar="FILE",
        help="where the weights were; embed writes it, verify then bears more damage",
    )  # fmt: skip
    marking = parser.add_argument_group("embed")
    marking.add_argument("-o", "--output", default="", metavar="OUT", help="the marked copy")
    looking = parser.add_argument_group("verify")
    looking.add_argument(
        "--ids", default="", metavar="FILE", help="payloads to test, one a line in hexadecimal"
    )
    looking.add_argument(
        "--original", default="", metavar="FILE",
        help="the model before it was marked, to undo permutations of hidden units",
    )  # fmt: skip
    looking.add_argument(
        "--plot", default="", metavar="FILE",
        help="draw the result as SVG: the law of unrelated keys, this model, what damage would do",
    )  # fmt: skip


def main(argv: list[str]) -> int:
    """Run the command and return its exit code."""
    parser = parser_for("watermark")
    options = parser.parse_intermixed_args(argv)
    _check(options, parser)
    actions = {"keygen": _keygen, "embed": _embed, "verify": _verify}
    return actions[options.action](options)


_TAKES = {
    "keygen": (),
    "embed": ("key", "context", "id", "record", "anchors", "output"),
    "verify": ("key", "context", "id", "record", "anchors", "ids", "original", "plot"),
}
_NEEDS = {"keygen": (), "embed": ("key", "output"), "verify": ("key",)}


def _check(options: argparse.Namespace, parser: Parser) -> None:
    """Raise UsageError for options that belong to another action, or are missing."""
    given = vars(options)
    for name, value in given.items():
        if value and name not in (*_TAKES[options.action], "action", "path"):
            parser.error(f"{options.action} takes no --{name}")
    for name in _NEEDS[options.action]:
        if not given[name]:
            parser.error(f"{options.action} needs --{name}")
    if options.id and options.ids:
        parser.error("--id and --ids say the same")


def _keygen(options: argparse.Namespace) -> int:
    from ..trust.watermark.keys import keygen

    keygen(options.path)
    note(f"sentinel: a new key is in {printable(options.path)}; without it no mark can be shown\n")
    return EXIT_OK


def _embed(options: argparse.Namespace) -> int:
    from ..trust.watermark.api import embed_watermark_file
    from ..trust.watermark.keys import load_watermark_key
    from ..trust.watermark.record import NotMarked

    for path in (options.output, options.record, options.anchors):
        if path and os.path.lexists(path):
            raise UsageError(f"{path}: exists; nothing is overwritten")
    if os.path.isdir(options.path):
        _refuse_key_inside(options.key, options.path)
    identity = _identity(options.id, "--id") if options.id else None
    try:
        marked = embed_watermark_file(
            options.path, options.output, load_watermark_key(options.key),
            identity=identity, context=options.context,
        )  # fmt: skip
    except NotMarked as error:
        complain(f"not_marked ({error.reason}): {error.message}", error.hint)
        return EXIT_FINDINGS
    if options.record:
        write(options.record, [marked.record.to_json()])
    if options.anchors and marked.anchors is not None:
        _write_bytes(options.anchors, marked.anchors.to_bytes())
    elif options.anchors:
        note("sentinel: a mark in thresholds has no anchors, none are written\n")
    _tell_mark(options.output, marked.record)
    return EXIT_OK


def _refuse_key_inside(key: str, folder: str) -> None:
    """Raise TrustError when a key file lies in the model that would be copied with it."""
    path = os.path.realpath(key.removeprefix("file:"))
    if os.path.exists(path) and path.startswith(os.path.realpath(folder) + os.sep):
        raise TrustError(
            "key-inside-model", f"{key}: lies inside the model", "keep it somewhere else"
        )


_LABELS = {
    "stdm-1": "keyed-mark: goes when somebody re-parameterises the model",
    "tree-threshold-1": "fragile-tracing: no decision changes; removed at no cost by rounding",
    "xgb-threshold-1": "fragile-tracing: removed at no cost by rounding",
}


def _tell_mark(path: str, record: Record) -> None:
    numbers = record.parameters
    sys.stdout.write(
        f"{printable(path)}: marked\n  payload    {record.identity}\n  key id     {record.key_id}\n"
    )
    if record.scheme == "stdm-1":
        sys.stdout.write(
            f"  chips      {numbers['M']:g} of {numbers['L']:g} weights\n"
            f"  changed    {record.distortion:.3%} (RMS of the change over RMS of the weights)\n"
        )
    else:
        sys.stdout.write(f"  nodes      {numbers['nodes']:g}, bits in each: {numbers['bits']:g}\n")
    sys.stdout.write(f"  label      {_LABELS[record.scheme]}\n")
    sys.stdout.write("  sign the copy, not what it was made from: its digest is another\n")


def _verify(options: argparse.Namespace) -> int:
    from ..trust.watermark.api import verify_watermark_file
    from ..trust.watermark.detect import MarkVerdict
    from ..trust.watermark.keys import load_watermark_key

    if options.plot and os.path.lexists(options.plot):
        raise UsageError(f"{options.plot}: exists; nothing is overwritten")
    request = _request(options)
    if not options.original:
        found = verify_watermark_file(options.path, load_watermark_key(options.key), request)
    else:
        from ..trust.watermark.api import open_original

        with open_original(options.original) as original:
            request = request._replace(original=original)
            found = verify_watermark_file(options.path, load_watermark_key(options.key), request)
    _tell_verdict(options.path, found, request)
    if options.plot:
        from ..trust.watermark.plot import plot

        write(options.plot, [plot(found, printable(options.path))])
    return EXIT_OK if found.verdict is MarkVerdict.MARKED else EXIT_FINDINGS


def _request(options: argparse.Namespace) -> Request:
    from ..trust.extras import need
    from ..trust.watermark.anchors import read_anchors
    from ..trust.watermark.record import read_record
    from ..trust.watermark.verify import Request

    need("watermark", "numpy", "cryptography")
    identities = [_identity(options.id, "--id")] if options.id else []
    if options.ids:
        identities = _identities(options.ids)
    return Request(
        read_record(options.record) if options.record else None,
        identities,
        read_anchors(options.anchors) if options.anchors else None,
        None,
        options.context,
    )


def _tell_verdict(path: str, found: Verification, request: Request) -> None:
    from ..trust.watermark.ownership import ownership_gaps

    best = found.score
    unit = "chips" if found.scheme == "stdm-1" else "distinct nodes"
    z = "" if best.z is None else f", z = {best.z:.1f}"
    lines = [
        f"{printable(path)}: {found.verdict}\n",
        f"  chance     {chance(found.log10_p)} that a key unrelated to the model does as well, "
        f"corrected for {_count(found.hypotheses)}\n",
        f"  detector   {best.detector}: {best.matches} of {best.chips} {unit} match{z}\n",
        f"  label      {_LABELS[found.scheme]}\n",
        f"  payload    {found.identity or 'none'} ({found.payload})\n",
        f"  tensors    told by {found.mapping}\n",
    ]
    gaps = ownership_gaps(found, request.record, None)
    lines.append(f"  ownership  not shown by this: {'; '.join(gaps)}\n")
    sys.stdout.write("".join(lines))


def chance(log10_p: float) -> str:
    """Return a probability given as its power of ten, for a person to read."""
    return f"{10**log10_p:.2g}" if log10_p > -4 else f"10^{log10_p:.1f}"


def _count(hypotheses: int) -> str:
    if hypotheses == 1:
        return "1 hypothesis"
    many = f"{hypotheses:,}" if hypotheses < 10**9 else f"about 2^{hypotheses.bit_length() - 1}"
    return f"{many} hypotheses"


def _identity(text: str, where: str) -> int:
    if not re.fullmatch(r"(0x)?[0-9a-fA-F]{1,16}", text, re.ASCII):
        raise UsageError(f"{where}: a payload is up to 16 hexadecimal digits")
    return int(text, 16)


def _identities(path: str) -> list[int]:
    from ..trust.watermark.record import read_bounded

    text = read_bounded(path, 8 << 20).decode("utf-8", "replace")
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    found = [_identity(line, path) for line in lines if line]
    if not found or len(found) > _MOST_IDENTITIES:
        raise UsageError(
            f"{path}: holds {len(found)} payloads", f"1 to {_MOST_IDENTITIES} are tested"
        )
    return found


def _write_bytes(path: str, data: bytes) -> None:
    try:
        with open(path, "xb") as file:
            file.write(data)
    except OSError as error:
        raise UsageError(f"cannot write {path!r}: {error.strerror or error}") from error
