"""What is asked of the detector beside recall: one line for each check.

python -m tests.pii.measure.checks [--seed N] [--hostile BYTES]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Iterator

from . import adversarial, decoys, encodings, id_columns, leaky
from .build import Document
from .detector import finder
from .matching import Finder, Finding, Result, judge
from .names import right

_SETTINGS = (
    "API_KEY={}\n", 'password = "{}"\n', "  token: {}\n", '{{"secret": "{}"}}\n',
    "export HF_TOKEN={}\n", "client_secret = '{}'\n",
)  # fmt: skip
_NAMES = (".env", "a.py", "b.yaml", "c.json", "d.sh", "e.py")
# Check 12: what is found in a line, and lines in which nothing is.
_SSN = ("the SSN is 130075728.", "SSN: 130-07-5728 " + " ".join(map(str, range(100, 116))))
_NO_SSN = ("0.304262935", "M0.5,1 C0.304262935,18")


def _types(findings: Iterable[Finding]) -> set[str]:
    return {finding.type for finding in findings}


def id_column_lines(find: Finder, seed: int) -> Iterator[str]:
    """Yield a line for each random column that is flagged and each valid one that is not."""
    wrong = 0
    for case in id_columns.random_ids(seed):
        found = _types(find(case.data, case.name))
        if found:
            wrong += 1
            yield f"  {case.name}: flagged as {'/'.join(sorted(found))}"
    yield f"check 10, random id columns flagged: {wrong} of 20"
    missed = 0
    for case in id_columns.valid_ids(seed):
        found = _types(find(case.data, case.name))
        if not any(right(kind, name) for kind in case.types for name in found):
            missed += 1
            yield f"  {case.name}: flagged as {'/'.join(sorted(found)) or 'nothing'}"
    yield f"check 11, columns of valid numbers under 'value' missed: {missed} of 3"


def encoding_lines(find: Finder, seed: int) -> Iterator[str]:
    """Yield a line for each way of writing in which something is missed."""
    wrong = 0
    for variant in encodings.variants(seed):
        found = _types(find(variant.data, variant.name))
        missing = [kind for kind in variant.types if not any(right(kind, name) for name in found)]
        extra = [name for name in found if not any(right(kind, name) for kind in variant.types)]
        if missing or extra:
            wrong += 1
            yield f"  {variant.name}: missing {missing}, beside {extra}"
    yield f"check 15, encodings with other findings: {wrong}"


def number_lines(find: Finder) -> Iterator[str]:
    """Yield the outcome of the nine digits that are or are not an SSN."""
    found = sum("US_SSN" in _types(find(text.encode(), "a.txt")) for text in _SSN)
    false = sum(bool(_types(find(text.encode(), "a.txt"))) for text in _NO_SSN)
    yield f"check 12, SSNs found: {found} of {len(_SSN)}; decimals flagged: {false}"


def placeholder_lines(find: Finder) -> Iterator[str]:
    """Yield a line for each stand-in of a secret that is taken for one."""
    wrong = 0
    for value in decoys.PLACEHOLDERS:
        for shape, name in zip(_SETTINGS, _NAMES, strict=True):
            found = _types(find(shape.format(value).encode(), name))
            if found:
                wrong += 1
                yield f"  {shape.format(value)!r}: {'/'.join(sorted(found))}"
    for call in decoys.FETCHES:
        found = _types(find(f"password = {call}\napi_key = {call}\n".encode(), "a.py"))
        if found:
            wrong += 1
            yield f"  {call}: {'/'.join(sorted(found))}"
    idioms = len(decoys.PLACEHOLDERS) + len(decoys.FETCHES)
    yield f"check 8, placeholders flagged: {wrong} ({idioms} idioms)"


def _leaky(find: Finder, document: Document) -> Result:
    result = Result()
    judge(document, find(document.data, document.name), result)
    return result


def leaky_lines(find: Finder, documents: Iterable[Document]) -> Iterator[str]:
    """Yield a line for each credential file that is not found out in full, and the shares."""
    files = found_files = lines = found_lines = extra = 0
    for document in documents:
        result = _leaky(find, document)
        tally = result.recall.get("GENERIC_SECRET")
        if tally is None:
            continue
        files, lines = files + 1, lines + tally.labels
        found_files, found_lines = found_files + bool(tally.found), found_lines + tally.found
        extra += len(result.alarms)
        if tally.found < tally.labels or result.alarms:
            beside = ", ".join(f"{a.finding.type} line {a.finding.line}" for a in result.alarms)
            yield f"  {document.name}: {tally.found} of {tally.labels}; beside: {beside or 'none'}"
    yield (
        f"check 9, credential files: {found_files} of {files} ({found_files / files:.0%}), risks:"
        f" {found_lines} of {lines} ({found_lines / lines:.0%}), other findings: {extra}"
    )


def hostile_lines(find: Finder, size: int) -> Iterator[str]:
    """Yield CPU seconds for each hostile input, and the factor when it is twice as long."""
    for name in adversarial.INPUTS:
        costs = []
        for length in (size, 2 * size):
            file, data = adversarial.make(name, length)
            started = time.process_time()
            count = sum(1 for _ in find(data, file))
            costs.append(time.process_time() - started)
        factor = costs[1] / max(costs[0], 1e-3)
        bad = costs[0] > 12 or (factor > 2.3 and costs[1] > 0.2)
        yield (
            f"check 19, {name:12} {size} B: {costs[0]:6.2f} s, twice: {costs[1]:6.2f} s"
            f" (x{factor:.2f}), findings {count}{'  <<<' if bad else ''}"
        )


def main() -> None:
    """Run the checks and print their lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--hostile", type=int, metavar="BYTES", help="size of check 19's inputs")
    options = parser.parse_args()
    find = finder()
    for lines in (
        id_column_lines(find, options.seed),
        encoding_lines(find, options.seed),
        number_lines(find),
        placeholder_lines(find),
        leaky_lines(find, leaky.files(options.seed)),
        hostile_lines(find, options.hostile) if options.hostile else (),
    ):
        for line in lines:
            print(line, flush=True)


if __name__ == "__main__":
    main()
