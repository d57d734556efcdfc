"""JSON: text and values by key; notebooks by cell."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.limits import MIB
from sentinel.pii.sources import Sampling
from sentinel.pii.sources.json_scan import is_whole, values
from tests.pii.reading import PLANTED, batches, columns, gaps, missing, pieces, texts

RECORDS = [
    {"id": number, "user": {"mail": value, "tags": ["a", "b"]},
     "messages": [{"role": "user", "content": f"I am {value}"}, {"role": "bot", "content": "ok"}]}
    for number, value in enumerate(PLANTED)
]  # fmt: skip


@pytest.mark.parametrize("indent", [None, 1])
def test_values_come_out_by_key_and_line(indent: int | None) -> None:
    data = json.dumps(RECORDS, indent=indent).encode()
    found = pieces(data, "a.json")
    made = columns(found)
    assert made["[].user.mail"] == PLANTED
    assert made["[].messages[].content"][::2] == [f"I am {value}" for value in PLANTED]
    assert made["[].id"][:2] == ["0", "1"]
    assert b"".join(text.data for text in texts(found)) == data
    lines = data.split(b"\n")
    for batch in batches(found):
        for column in batch.columns:
            for cell, line in zip(column, batch.lines, strict=False):
                assert cell.encode() in lines[line - 1]


def test_a_document_a_line_gives_columns_without_a_list() -> None:
    data = b"".join(json.dumps(record).encode() + b"\n" for record in RECORDS)
    for name in ("a.jsonl", "a.ndjson", "a.json"):
        found = pieces(data, name)
        assert columns(found)["user.mail"] == PLANTED
        mails = next(
            batch
            for batch in batches(found)
            if any(PLANTED[0] in column for column in batch.columns)
        )
        assert list(mails.lines) == list(range(1, len(PLANTED) + 1))


def test_names_only_ever_grow_at_the_end() -> None:
    data = b"".join(b'{"k%d": "v", "pad": "%s"}\n' % (n, b"x" * 60_000) for n in range(40))
    names: tuple[str, ...] = ()
    for batch in batches(pieces(data, "a.jsonl")):
        assert batch.names[: len(names)] == names
        names = batch.names
    assert len(names) == 41


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_encodings(encoding: str) -> None:
    data = json.dumps(RECORDS, ensure_ascii=False).encode(encoding)
    assert columns(pieces(data, "a.json"))["[].user.mail"] == PLANTED


def test_escaped_values_come_out_as_text_too() -> None:
    data = json.dumps(RECORDS).replace("@", "\\u0040").encode()
    assert missing(texts(pieces(data, "a.json"))) == []


def test_an_escaped_line_end_does_not_stick_to_a_value() -> None:
    data = json.dumps({"a": "number\n078-05-1120\tend"}).encode()
    text = texts(pieces(data, "a.json"))[0].data
    assert text == b'{"a": "number  078-05-1120  end"}'


@pytest.mark.parametrize("opener", [b"[", b'{"a":', b'[{"a":'])
@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.ipynb"])
def test_depth_is_no_danger(opener: bytes, name: str) -> None:
    data = opener * 200_000 + b'"deep@x.example.org"'
    assert missing(pieces(data, name), ["deep@x.example.org"]) == []


def test_oddities_are_read_past() -> None:
    data = b"""\xef\xbb\xbf// settings
    {"n": NaN, "big": %s, "twice": "one@x.org", "twice": "two@x.org", // mail
     "f": 1.5e300, "neg": -17, "t": true, "z": null, "bad": "\\ud800\\q", }
    """ % (b"9" * 50_000)
    made = columns(pieces(data, "a.json"))
    assert made["twice"] == ["one@x.org", "two@x.org"]
    assert made["neg"] == ["-17"]
    assert "f" not in made
    assert pieces(b'{"a": ' + b"9" * 50_000 + b"}\n", "a.jsonl")


@pytest.mark.parametrize("end", range(1, 400, 7))
def test_a_file_that_breaks_off_gives_what_stands_before(end: int) -> None:
    data = json.dumps(RECORDS[:3]).encode()[:end]
    found = pieces(data, "a.json")
    assert b"".join(text.data for text in texts(found)) == data
    assert gaps(found) == []


def test_keys_without_number_share_a_name() -> None:
    data = json.dumps({f"piece{number}": number for number in range(20_000)}).encode()
    made = columns(pieces(data, "a.json"))
    assert len(made) < 600
    assert sum(map(len, made.values())) == 20_000


def test_quotes_without_end_take_no_quadratic_time() -> None:
    started = time.process_time()
    for data in (b'"\\' * 500_000, b'["' + b'\\"' * 500_000, b'"a' * 500_000, b"[" * MIB):
        list(values(data))
        is_whole(data)
    assert time.process_time() - started < 20


def test_only_the_start_of_a_large_document_is_told_by_key() -> None:
    data = json.dumps(RECORDS * 60).encode()
    assert len(data) > 2 * MIB
    found = pieces(data, "a.json")
    assert 0 < len(columns(found)["[].user.mail"]) < len(RECORDS) * 60
    assert missing(texts(found)) == []


def test_a_large_file_is_sampled() -> None:
    data = b"".join(json.dumps(record).encode() + b"\n" for record in RECORDS) * 100
    sampling = Sampling(over=MIB, head=MIB, windows=4, window=64 * 1024)
    found = pieces(data, "a.jsonl", sampling=sampling)
    assert type(found[-1]).__name__ == "Skipped"
    assert columns(found)["user.mail"]


JSON = st.recursive(
    st.text(max_size=8) | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=20,
)


def leaves(value: object) -> list[str]:
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in leaves(inner)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in leaves(inner)]
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return [str(value)]
    return []


@given(JSON, st.sampled_from([None, 2]), st.booleans())
def test_the_scanner_tells_all_leaves(value: object, indent: int | None, plain: bool) -> None:
    data = json.dumps(value, indent=indent, ensure_ascii=plain).encode("utf-8", "surrogatepass")
    expected = [leaf.encode("utf-8", "replace") for leaf in leaves(value)]
    assert [one.text.encode("utf-8", "replace") for one in values(data)] == expected
    assert is_whole(data)


@given(JSON)
def test_lines_and_documents_agree(value: object) -> None:
    data = json.dumps(value).encode()
    assert sorted(columns(pieces(data, "a.jsonl")).items()) == sorted(
        columns(pieces(data, "a.json")).items()
    )


def notebook() -> dict[str, object]:
    return {
        "cells": [
            {"cell_type": "markdown", "metadata": {"author": PLANTED[0]}, "source": ["# Hi\n", "x"],
             "attachments": {"a.png": {"image/png": "aGVsbG8="}}},
            {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": f"# {PLANTED[1]}",
             "outputs": [
                 {"output_type": "stream", "name": "stdout", "text": ["one\n", PLANTED[2]]},
                 {"output_type": "display_data", "metadata": {},
                  "data": {"image/png": "QUJD" * 100, "text/plain": [PLANTED[3]],
                           "application/json": {"k": [PLANTED[4]]}}},
                 {"output_type": "error", "ename": "E", "evalue": PLANTED[5],
                  "traceback": ["t1", PLANTED[6]]},
             ]},
        ],
        "metadata": {"kernelspec": {"name": "python3"}, "who": PLANTED[7]},
        "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip


def test_a_notebook_is_read_by_cell() -> None:
    found = texts(pieces(json.dumps(notebook(), indent=1).encode(), "n.ipynb"))
    by_path = {piece.path: piece for piece in found}
    assert by_path["cell/0/source"].data == b"# Hi\nx"
    assert by_path["cell/0/source"].prose
    assert by_path["cell/1/source"].data.decode() == f"# {PLANTED[1]}"
    assert not by_path["cell/1/source"].prose
    assert by_path["cell/1/output/0"].data.decode() == f"one\n{PLANTED[2]}"
    assert missing(found, PLANTED[:8]) == []
    everything = b"".join(piece.data for piece in found)
    assert b"QUJD" not in everything
    assert b"aGVsbG8" not in everything


def test_an_old_notebook_is_read_by_cell() -> None:
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["a = 1"], "outputs": []}]}],
           "cells": []}  # fmt: skip
    found = texts(pieces(json.dumps(old).encode(), "n.ipynb"))
    assert [piece.data for piece in found if piece.path == "cell/0/source"] == [b"a = 1"]


def test_what_stands_beside_a_notebook_is_read_as_text() -> None:
    data = json.dumps(notebook()).encode() + b"\n<<<<<<< mail me: a@b.example.org"
    assert missing(pieces(data, "n.ipynb"), [*PLANTED[:8], "a@b.example.org"]) == []
    assert missing(pieces(b"not a notebook a@b.example.org", "n.ipynb"), ["a@b.example.org"]) == []
