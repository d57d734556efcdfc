"""Fuzzes the reader of models in XML: ``python -m tests.fuzz.fuzz_xml --runs 10000``."""

from __future__ import annotations

import sys

from tests.corpus.malicious.written_files import cases
from tests.fuzz.archive_fuzz import loop

MARKS = (
    b"<PMML>", b"<net>", b"<!DOCTYPE PMML [", b"<!ENTITY x 'y'>", b"<layer type='a' version='b'>",
    b"<Apply function='a.b.C'>", b"&x;", b"<![CDATA[", b"]]>", b"\xff\xfe", b"encoding='utf-7'",
)  # fmt: skip


def seeds() -> list[bytes]:
    """Return PMML and OpenVINO's IR, hostile and not."""
    return [data for case in cases() if case.family == "xml" for data in (case.data, case.twin)
            if data]  # fmt: skip


if __name__ == "__main__":
    sys.exit(loop("pmml", seeds(), MARKS))
