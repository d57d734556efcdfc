"""Public sets made by others, read from a folder that the user has filled.

What is looked for there (nothing is fetched):

* ``*.json`` of microsoft/presidio-research, such as ``synth_dataset_v2.json`` (which the source
  distribution of presidio-evaluator carries) and ``generated_large.json``;
* ``FakeNameGenerator*.csv`` of the same project: tables of invented people;
* ``leaky-repo``: a clone of Plazmaz/leaky-repo.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from .build import Document, Label, Writer
from .matching import Finder

# Their names of types by ours; every other span may be found but need not be.
_SPANS = {
    "EMAIL_ADDRESS": "EMAIL", "EMAIL": "EMAIL", "CREDIT_CARD": "CREDIT_CARD",
    "IBAN_CODE": "IBAN", "IBAN": "IBAN", "US_SSN": "US_SSN", "PHONE_NUMBER": "PHONE",
    "US_DRIVER_LICENSE": "DRIVER_LICENSE", "IP_ADDRESS": "IP", "STREET_ADDRESS": "STREET_ADDRESS",
    "PERSON": "PERSON",
}  # fmt: skip
_COLUMNS = {
    "GivenName": "PERSON", "Surname": "PERSON", "StreetAddress": "STREET_ADDRESS",
    "EmailAddress": "EMAIL", "TelephoneNumber": "PHONE", "Birthday": "DOB",
    "CCNumber": "CREDIT_CARD", "Latitude": "GPS", "Longitude": "GPS",
}  # fmt: skip
# Personal too, but of no one type: what is found there is right, and not asked for.
_EITHER = {
    "NationalID", "Password", "MothersMaiden", "Username", "Domain", "City", "ZipCode", "Gender",
    "CVV2", "CCExpires", "Age", "BloodType", "Title", "NameSet",
}  # fmt: skip
# A spreadsheet once rounded the card numbers of the larger table.
_ROUNDED = re.compile(r"\d\.\d+E\+\d+")


def _label(span: dict[str, Any]) -> Label:
    kind = _SPANS.get(span["entity_type"])
    place = int(span["start_position"]), int(span["end_position"])
    return Label(
        kind or span["entity_type"], *place, str(span["entity_value"]), optional=kind is None
    )


def sentences(path: Path) -> Iterator[Document]:
    """Yield the sentences of a file of presidio-research, one document each."""
    for number, sample in enumerate(json.loads(path.read_text("utf-8"))):
        labels = sorted(map(_label, sample["spans"]), key=lambda label: label.start)
        yield Document(f"{number}.txt", "prose", sample["full_text"], tuple(labels))


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"' if {*value} & {",", '"', "\n"} else value


def people(path: Path) -> Iterator[Document]:
    """Yield a table of FakeNameGenerator, its personal columns labelled."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    out = Writer(_quoted)
    out.raw(",".join(header) + "\n")
    for number, row in enumerate(rows):
        for place, (name, value) in enumerate(zip(header, row, strict=True)):
            out.raw("," if place else "")
            if value and (name in _COLUMNS or name in _EITHER) and not _ROUNDED.match(value):
                kind = _COLUMNS.get(name, name)
                out.plant(kind, value, column=name, row=number, optional=name in _EITHER)
            else:
                out.put(value)
        out.raw("\n")
    yield out.document(path.name, "csv")


def load(folder: Path) -> Iterator[tuple[str, Iterable[Document]]]:
    """Yield name and documents of each set that is there."""
    for path in sorted(folder.rglob("*.json")):
        if path.name in {"synth_dataset_v2.json", "generated_large.json", "generated_small.json"}:
            yield path.name, sentences(path)
    for path in sorted(folder.rglob("FakeNameGenerator*.csv")):
        yield path.name, people(path)


def leaky_repo(folder: Path, find: Finder) -> Iterator[str]:
    """Yield a line for each file of leaky-repo with less found than is there, and the shares.

    A file's figure is the number of distinct lines with a finding, at most its number of risks:
    the set says how many lines are risks, not which.
    """
    files = found_files = risks = found_risks = extra = 0
    for name, risk, informative in _counts(folder):
        path = folder / name
        if not risk or not path.is_file():
            continue
        lines = len({finding.line or finding.start for finding in find(path.read_bytes(), name)})
        files, risks = files + 1, risks + risk
        found_files, found_risks = found_files + bool(lines), found_risks + min(lines, risk)
        extra += max(0, lines - risk - informative)
        if lines < risk:
            yield f"  {name}: {lines} of {risk}"
    if files:
        yield (
            f"leaky-repo: files {found_files} of {files}, risk lines {found_risks} of {risks},"
            f" lines beyond risk and informative: {extra}"
        )


def _counts(folder: Path) -> Iterator[tuple[str, int, int]]:
    index = folder / ".leaky-meta" / "secrets.csv"
    for line in index.read_text().splitlines() if index.is_file() else ():
        if line.strip() and not line.startswith("#"):
            name, risk, informative = line.rsplit(",", 2)
            yield name, int(risk), int(informative)
