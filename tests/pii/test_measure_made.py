"""The made set of the measure: its labels lie where they say and its numbers are valid."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.pii.measure import adversarial, encodings, id_columns, leaky
from tests.pii.measure.generator import generate
from tests.pii.measure.tokens import TOKENS, github, npm
from tests.pii.measure.values import PERSONAL

DOCUMENTS = list(generate(11, 400))
ORACLES = {
    "CREDIT_CARD": "luhn",
    "IBAN": "iban",
    "US_SSN": "us.ssn",
    "UK_NHS": "gb.nhs",
    "DE_TAX_ID": "de.idnr",
    "FR_NIR": "fr.nir",
    "ES_DNI": "es.dni",
    "ES_NIE": "es.nie",
    "IT_CF": "it.codicefiscale",
    "IN_AADHAAR": "in_.aadhaar",
    "IN_PAN": "in_.pan",
    "BR_CPF": "br.cpf",
    "CN_RIC": "cn.ric",
    "PL_PESEL": "pl.pesel",
    "NL_BSN": "nl.bsn",
    "CA_SIN": "ca.sin",
    "CRYPTO_ADDRESS": "bitcoin",
    "MAC": "mac",
}


def oracle(kind: str) -> Callable[[str], bool]:
    module: Any = pytest.importorskip(f"stdnum.{ORACLES[kind]}")
    if kind == "CN_RIC":  # is_valid asks also whether the county had its number by then
        return lambda value: bool(module.calc_check_digit(value) == value[-1])
    compact = getattr(module, "compact", lambda value: re.sub("[ -]", "", value))
    return lambda value: bool(module.is_valid(compact(value)))


@pytest.mark.parametrize("kind", ORACLES)
def test_made_numbers_are_valid_by_another_library(kind: str) -> None:
    valid, rng = oracle(kind), Random(f"oracle/{kind}")
    for _ in range(500):
        value = PERSONAL[kind].make(rng)
        if not value.startswith("0x"):
            assert valid(value), value


def test_labels_lie_where_they_say() -> None:
    for document in DOCUMENTS:
        ends = [0]
        for label in document.labels:
            written = document.text[label.start : label.end]
            if document.name.endswith(".ipynb"):
                written = written.replace('", "', "")
            if document.name.endswith((".jsonl", ".ipynb")):
                written = json.loads(f'"{written}"')
            elif written.startswith('"'):
                written = written[1:-1].replace('""', '"')
            assert written == label.value
            assert label.start >= ends[-1]
            ends.append(label.end)


def test_json_documents_are_json() -> None:
    for document in DOCUMENTS:
        if document.name.endswith(".jsonl"):
            assert all(json.loads(line) for line in document.text.splitlines())
        if document.name.endswith(".ipynb"):
            assert json.loads(document.text)["nbformat"] == 4


def test_every_type_is_planted() -> None:
    planted = {label.type for document in generate(11, 1500) for label in document.labels}
    assert planted == {*PERSONAL, *TOKENS}
    assert len(PERSONAL) >= 28
    assert len(TOKENS) >= 24


def test_the_same_seed_gives_the_same_documents() -> None:
    assert list(generate(11, 400)) == DOCUMENTS
    assert next(generate(12, 1)) != DOCUMENTS[0]


def test_a_quarter_of_strong_columns_has_a_header_that_says_nothing() -> None:
    columns = {
        (number, label.column): label.cued
        for number, document in enumerate(generate(11, 2500))
        if document.kind == "csv"
        for label in document.labels
        if PERSONAL[label.type].strong
    }
    share = 1 - sum(columns.values()) / len(columns)
    assert 0.2 < share < 0.3


def test_the_tails_of_tokens_are_those_of_published_ones() -> None:
    rng = Random(3)
    for make in (github, npm):
        token = next(t for t in (make(rng) for _ in range(99)) if not t.startswith("github"))
        body, tail = token[4:-6], token[-6:]
        value = 0
        for letter in tail:
            value = value * 62 + (
                "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".index(letter)
            )
        assert value == zlib.crc32(body.encode())


def test_id_columns_have_their_headers_and_rows() -> None:
    cases = [*id_columns.random_ids(1, 50), *id_columns.valid_ids(1, 50)]
    assert len(cases) == 5 * 4 + 3
    assert all(case.data.count(b"\n") == 51 for case in cases)


@pytest.mark.parametrize("name", adversarial.INPUTS)
def test_adversarial_inputs_are_of_the_asked_size(name: str) -> None:
    _, data = adversarial.make(name, 100_000)
    assert 0.8 * 100_000 <= len(data) <= 100_000


def test_encodings_hold_the_same_text() -> None:
    variants = {variant.name: variant.data for variant in encodings.variants(1)}
    text = variants["utf8.txt"].decode()
    assert variants["utf16.txt"].decode("utf-16") == text
    assert variants["utf32be.txt"].decode("utf-32-be") == text
    assert json.loads(variants["all_escaped.json"]) == {"note": text}
    assert b"@" not in variants["at_escaped.json"]


def test_credential_files_have_their_secrets_labelled(tmp_path: Path) -> None:
    leaky.write(tmp_path, 1)
    risks = json.loads((tmp_path / "risks.json").read_text())
    made = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert made == {*risks, "risks.json"}
    assert len(made) > 40
    assert sum(map(len, risks.values())) > 80
    for document in leaky.files(1):
        assert not re.search(r"\[\[\w+\]\]|\(\(\w+\)\)", document.text)
        assert document.labels


def test_files_of_json_and_xml_are_well_formed() -> None:
    for document in leaky.files(1):
        if document.name.endswith(".json") and document.name != "sftp-config.json":
            json.loads(document.text)
        if document.name.endswith((".xml", "web.config")):
            ElementTree.fromstring(document.data)
