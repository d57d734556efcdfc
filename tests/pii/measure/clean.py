"""Ordinary files out of installed packages, by class, and what the detector says of them.

    python -m tests.pii.measure.clean --root SITE-PACKAGES [--root FOLDER] [--cap MB] [--out FILE]

The packages of ``benchmarks/requirements-pii.txt`` hold tables, notebooks and vocabularies. What
is found is listed with its line, since the files are public; somebody has to judge it.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import json
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

from .detector import finder
from .matching import Finder, Finding

MB = 1_000_000
# Classes by the ends of names. The first one that fits counts.
CLASSES: dict[str, tuple[str, ...]] = {
    "vocab": ("tokenizer.json", ".tiktoken", "vocab.txt", "vocab.json", "merges.txt",
              "bpe_simple_vocab_16e6.txt.gz"),
    "csv": (".csv", ".csv.gz", ".tsv"),
    "notebooks": (".ipynb",),
    "code": (".py", ".pyi", ".pyx"),
    "metadata": ("METADATA", ".md", ".rst", ".json", ".yaml", ".yml", ".toml", ".cfg"),
}  # fmt: skip
# Code is taken of these alone, since all of it would be gigabytes.
PACKAGES = (
    "sklearn", "pandas", "scipy", "transformers", "statsmodels", "joblib", "gensim", "spacy",
    "vega_datasets", "causaldata", "holoviews", "datashader", "hvplot", "mlxtend", "lifelines",
)  # fmt: skip


class Sample(NamedTuple):
    """One file.

    Attributes:
        kind: Its class.
        name: Its path below the root; within an archive, after a ``!``.
        data: Its content, decompressed.
    """

    kind: str
    name: str
    data: bytes


def classify(name: str) -> str:
    """Return the class of a file by its name, empty for none."""
    for kind, ends in CLASSES.items():
        if name.endswith(ends):
            top = name.split("/", 1)[0]
            return "" if kind == "code" and top not in PACKAGES else kind
    return ""


def _archive(path: Path, name: str) -> Iterator[Sample]:
    with tarfile.open(path) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.name.endswith(".csv") else None
            if file and "/._" not in member.name:
                yield Sample("csv", f"{name}!{member.name}", file.read())


def _files(root: Path) -> Iterator[tuple[Path, str]]:
    named = ((path, path.relative_to(root).as_posix()) for path in root.rglob("*"))
    kept = [(path, name) for path, name in named if classify(name) or name.endswith("ces.tar.gz")]
    # The order is random but the same everywhere, so that a cap takes of every package.
    return iter(sorted(kept, key=lambda item: hashlib.md5(item[1].encode()).digest()))


def _plots(root: Path, size: int) -> Iterator[Sample]:
    """Yield notebooks whose outputs are the pictures of installed packages."""
    paths = sorted(path for path in root.rglob("*.png") if 5000 < path.stat().st_size < 400_000)
    for number, path in enumerate(paths):
        picture = base64.encodebytes(path.read_bytes()).decode()
        output = {"output_type": "display_data", "data": {"image/png": picture}, "metadata": {}}
        cell = {"cell_type": "code", "metadata": {}, "execution_count": 1, "outputs": [output]}
        book = {"cells": [{**cell, "source": ["plot()"]}], "metadata": {}, "nbformat": 4}
        data = json.dumps({**book, "nbformat_minor": 5}, indent=1).encode()
        yield Sample("notebooks", f"plots/{number}.ipynb", data)
        size -= len(data)
        if size < 0:
            return


def _read(path: Path, name: str) -> Iterator[Sample]:
    if name.endswith(".tar.gz"):
        yield from _archive(path, name)
        return
    data = path.read_bytes()
    if name.endswith(".gz"):
        data, name = gzip.decompress(data), name.removesuffix(".gz")
    kind = classify(name) or classify(name + ".gz")
    yield Sample(kind, name, data)


def corpus(roots: Iterable[Path], cap: int = 20 * MB) -> Iterator[Sample]:
    """Yield the samples of folders of packages.

    Args:
        roots: Folders such as ``site-packages``.
        cap: Bytes of each class; ``csv`` is taken to twice as many.
    """
    seen: set[bytes] = set()
    sizes: Counter[str] = Counter()
    for root in roots:
        plots = _plots(root, cap // 4)
        files = (sample for path, name in _files(root) for sample in _read(path, name))
        for sample in plots:
            sizes[sample.kind] += len(sample.data)
            yield sample
        for sample in files:
            digest = hashlib.md5(sample.data).digest()
            limit = cap * (2 if sample.kind == "csv" else 1)
            if digest in seen or not sample.data or sizes[sample.kind] > limit:
                continue
            seen.add(digest)
            sizes[sample.kind] += len(sample.data)
            yield sample


def excerpt(sample: Sample, finding: Finding) -> str:
    """Return the line that a finding is on, cut to what surrounds it."""
    if finding.start < 0:
        lines = sample.data.splitlines()
        line = lines[finding.line - 1] if 0 < finding.line <= len(lines) else b""
        return line[:120].decode("utf-8", "replace")
    start = max(finding.start - 40, sample.data.rfind(b"\n", 0, finding.start) + 1)
    return sample.data[start : finding.end + 30].split(b"\n")[0].decode("utf-8", "replace")


def survey(samples: Iterable[Sample], find: Finder, out: TextIO) -> None:
    """Write each finding and, at the end, the findings for each megabyte by class and type."""
    sizes: Counter[str] = Counter()
    counts: Counter[tuple[str, str]] = Counter()
    cost: Counter[str] = Counter()
    for sample in samples:
        started = time.process_time()
        findings = list(find(sample.data, sample.name))
        cost[sample.kind] += int((time.process_time() - started) * 1e6)
        sizes[sample.kind] += len(sample.data)
        for finding in findings:
            counts[sample.kind, finding.type] += 1
            column = finding.columns[0] if finding.columns else ""
            place = f"{sample.name}:{finding.line} {column} x{finding.values}"
            print(f"{finding.type}\t{place}\t{excerpt(sample, finding)}", file=out)
    for kind, size in sizes.items():
        found = ", ".join(f"{name} {n}" for (k, name), n in counts.most_common() if k == kind)
        speed = size / max(cost[kind], 1)
        print(f"== {kind}: {size / MB:.1f} MB, {speed:.0f} MB/s; {found or 'nothing'}", file=out)


def main() -> None:
    """Survey and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, action="append", required=True)
    parser.add_argument("--cap", type=float, default=20.0, help="MB of each class")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    samples = corpus(options.root, int(options.cap * MB))
    if options.out is None:
        survey(samples, finder(), sys.stdout)
        return
    with options.out.open("w", encoding="utf-8") as out:
        survey(samples, finder(), out)


if __name__ == "__main__":
    main()
