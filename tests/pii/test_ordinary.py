"""What ordinary files hold that looks like personal data, each with its nearest real twin."""

from __future__ import annotations

import json

import pytest

from sentinel.pii import Likelihood, scan_bytes
from sentinel.pii.catalog import catalog
from sentinel.pii.headers import words
from sentinel.pii.people import are_people, has_given_name, is_of_things
from sentinel.pii.text import TextEngine


@pytest.fixture(scope="module")
def engine() -> TextEngine:
    return TextEngine(catalog())


def found(engine: TextEngine, text: str) -> set[str]:
    """Return the types of what is found in a text at likely or more."""
    hits = engine.scan(text.encode())
    return {hit.rule.type for hit in hits if hit.likelihood >= Likelihood.LIKELY}


def columns(rows: list[dict[str, object]]) -> set[str]:
    """Return the types of what is found in a file of JSON."""
    return {one.info_type for one in scan_bytes(json.dumps(rows).encode(), "t.json").detections}


POLYGON = '{"type": "Polygon", "coordinates": [ [ [ -61.682972785, 12.025376695 ], [ -61.6, 12.0 ]'
TWINS = [
    ("GPS", POLYGON, '{"position": [ -61.682972785, 12.025376695 ], "n": 4}'),
    (
        "EMAIL",
        "AUTHORS\n=======\n\nAaron Ross <aaron@wawd.com>\nAdriano Petrich <petrich@wawd.com>\n",
        "PARTICIPANTS\n\nAaron Ross <aaron@wawd.com>\nAdriano Petrich <petrich@wawd.com>\n",
    ),
    ("EMAIL", "2025-05-17  Arthur Jong <a@jong-it.org>\n", "17 May: Arthur <a@jong-it.org>\n"),
    (
        "EMAIL",
        "* Tue Jul 01 2025 Salt Project <jo@salt-it.io> - 3007.5\n",
        "Tue Jul 01 2025 call Jo at jo@salt-it.io - 3007.5\n",
    ),
    ("EMAIL", " -- Jo Ann <jo@salt-it.io>  Tue, 01 Jul 2025\n", "To: Jo Ann <jo@salt-it.io>\n"),
    ("EMAIL", "Jo Ann <jo@salt-it.io> <jo@old-it.io>\n", "Jo <jo@salt-it.io>, Al <al@old-it.io>\n"),
    ("EMAIL", '"Last-Translator: Jo <jo@salt-it.io>\\n"', '"Last caller: Jo <jo@salt-it.io>\\n"'),
    ("EMAIL", "# Jo Ann <jo@salt-it.io>, 2011-2013", "# Jo Ann <jo@salt-it.io>, 33 years"),
    ("EMAIL", r"b'\xda\xde\x1f@github.com/a/b'", r"b'\nf1f@github.com/a/b'"),
    ("IP_ADDRESS", "a.75.75 0 1 0 0 1.5.75.75 0 0 0 0-1.5m6", "GET 84.15.75.75 0 0.3"),
    ("IP_ADDRESS", '"blackbird": ["1.0.79.3"]', '"client_ip": ["1.0.79.3"]'),
    ("IP_ADDRESS", "host 123.123.123.123 up", "host 123.123.123.124 up"),
    ("IP_ADDRESS", "Teredo 2001:0:808:808:0:0:80ff:fffe", "peer 2001:610:808:808:0:0:80ff:fffe"),
    ("IP_ADDRESS", "6bone 3ffe:0:1:2:3:4:5:6", "peer 2a02:0:1:2:3:4:5:6"),
    ("PHONE", "in Clause\n  252.227-7013 (c) (1) of DFARs", "call\n  (252) 227-7013 (c) now"),
    ("PHONE", 'call("192.168.0.1", "3128")', 'call("19.21.68.01.33", "3128")'),
    ("PHONE", '{"phone": "+15554449999"}', '{"phone": "+16174449999"}'),
    ("PHONE", '{"phone": "+48555555555"}', '{"phone": "+48555255515"}'),
    ("STREET_ADDRESS", "address = self.safe_string(parts, 0)", "address = Musterstring Weg 10"),
    ("STREET_ADDRESS", "entries via Amazon Route 53. This", "lives at 53 Route de Lyon. This"),
    ("STREET_ADDRESS", 'address="123 Main St", owner', 'address="127 Main St", owner'),
    ("MEDICAL_RECORD", '"memberId": "533285", "vip": 1', '"plan": "health", "memberId": "533285"'),
    ("MEDICAL_RECORD", "('HEALTH_PLAN_ID', 'HL70072', -1)", "('HEALTH_PLAN_ID', 'HB70072', -1)"),
    ("DRIVER_LICENSE", "('LICENSE_NUMBER', 'HL70461')", "('LICENSE_NUMBER', 'HB70461')"),
    ("PERSON", "<translator><name>Andrew Dunning</name>", "<tenant><name>Andrew Dunning</name>"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "ordinary", "real"), TWINS)
def test_what_is_ordinary_is_not_told_and_its_twin_is(
    engine: TextEngine, kind: str, ordinary: str, real: str
) -> None:
    assert kind not in found(engine, ordinary)
    assert kind in found(engine, real)


def test_a_day_and_a_time_zone_are_no_personal_number(engine: TextEngine) -> None:
    from sentinel.pii.checks import validators

    valid = validators()["se_personnummer"].check
    zones = [f"{day}-0400" for day in range(19220401, 19220431) if valid(f"{day}-0400")]
    other = [f"{day}-1234" for day in range(19220401, 19220431) if valid(f"{day}-1234")]
    assert zones
    assert other
    assert not found(engine, f"at {zones[0]} it")
    assert found(engine, f"personnummer {zones[0]}") == {"SE_PNR"}
    assert found(engine, f"at {other[0]} it") == {"SE_PNR"}


PLACES = ["Chicago", "Houston", "La Paz", "San Miguel", "Santa Ana", "Victoria", "Pueblo", "Oslo"]
PEOPLE = ["Mary Jones", "James Smith", "Linda Brown", "Robert Davis", "Susan Miller", "Ann Lee"]
GIVEN = ["Mary", "James", "Linda", "Robert", "Susan", "Ann"]


@pytest.mark.parametrize(
    "key", ["name", "NAME_1", "street_name", "AttributeName", "serviceFullName"]
)
def test_names_of_places_and_things_are_no_people(key: str) -> None:
    assert "PERSON" not in columns([{key: name} for name in PLACES])


def test_names_of_people_are_told_under_a_bare_name_and_below_people() -> None:
    assert "PERSON" in columns([{"name": name} for name in PEOPLE])
    assert "PERSON" in columns([{"name": name} for name in GIVEN])
    assert "PERSON" in columns([{"team": [{"name": name}]} for name in PEOPLE])
    assert "PERSON" not in columns([{"streets": [{"name": name}]} for name in PEOPLE])


@pytest.mark.parametrize("key", ["locationName", "attribute_name", "characterSetName", "label"])
def test_one_name_of_a_thing_is_none_and_one_of_a_person_is(key: str) -> None:
    assert "PERSON" not in columns([{key: "Grant"}])
    assert "PERSON" in columns([{"first_name": "Grant"}])
    assert "PERSON" in columns([{"customerName": "Mary Jones"}])


def test_a_saint_in_front_makes_a_place_of_a_given_name() -> None:
    assert not has_given_name("San Miguel")
    assert has_given_name("Miguel San")
    assert not are_people(PLACES, ("name",))
    assert are_people(GIVEN, ("name",))


def test_what_is_named_is_told_by_the_word_in_front_or_by_the_key_above() -> None:
    assert is_of_things(("street", "name"))
    assert is_of_things(("name",), ("cities",))
    assert not is_of_things(("name",), ("patients",))
    assert not is_of_things(("customer", "name"), ("cities",))
    assert not is_of_things(("street",))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Tel. privat", ("tel", "privat")),
        ("Geb.-Dat.", ("geb", "dat")),
        ("D.O.B.", ("d", "o", "b")),
        ("Geb.datum", ("geb", "datum")),
        ("customer.name", ("name",)),
        ("data[].tel.home", ("tel", "home")),
    ],
)
def test_points_of_words_cut_short_are_none_of_a_path(
    header: str, expected: tuple[str, ...]
) -> None:
    assert words(header) == expected


LETTERS = [
    ("PHONE", "Sie erreichen Sie mich unter 0221 3848253, per", "Sie unter 0221 3848253"),
    ("PHONE", "Vous pouvez me joindre au 06 04 37 31 29 ou", "Le total est de 06 04 37 31 29 ou"),
    ("PHONE", "Pueden llamarme al 638 763 662 o", "Pueden pagar 638 763 662 o"),
    ("PHONE", "Potete chiamarmi al 340/1828619 o", "Protocollo 340/1828619 o"),
    ("PHONE", "U kunt mij bereiken op 06-51998761 of", "Dossier 06-51998761 of"),
    ("PHONE", "klient dzwonił z numeru 522 082 115.", "klient zamówił 522 082 115."),
    ("PHONE", "kunden ringde från 08-603 127 81.", "kunden fick 08-603 127 81."),
    ("PHONE", "Volejte na 272 560 340 nebo", "Celkem 272 560 340 nebo"),
    ("PHONE", "Telefon: 0049 171 5842851", "Artikel: 0049 171 5842851"),
    ("PHONE", "TEL;TYPE=WORK,VOICE:0221 3848253", "REV;TYPE=WORK,VOICE:0221 3848253"),
    ("DATE_OF_BIRTH", "BDAY:19660427\nEND", "REV:19660427\nEND"),
    ("STREET_ADDRESS", "neue Anschrift mit: Lindenstraße 80, 803", "Linie: Lindenstraße 80"),
    ("STREET_ADDRESS", "Adresa: Dlouhá 61, 110 00 Praha", "Kniha: Dlouhá 61, 110 00"),
    ("STREET_ADDRESS", "Straße: Am Alten Markt 70\nPLZ", "Straße am Alten Markt 70 mal gesperrt"),
    ("STREET_ADDRESS", "Adresse: Dorfplatzl 12\n", "Adresse: Siehe Kapitel 12\n"),
    ("STREET_ADDRESS", "Address: Broadwick 12\n", "Address: Section 12\n"),
    ("STREET_ADDRESS", "I have moved to 14 Elm Drive, Leeds", "It has moved to 14 Elm Drive"),
    ("PHONE", "Rückruf bitte unter 4711-0815", "reservieren Sie bitte unter 4711-0815"),
    ("DATE_OF_BIRTH", "Jan Novák, nar. 12.05.1970", "Jan Novák, dat. 12.05.1970"),
    ("STREET_ADDRESS", "  street: Atatürk Cad. No: 150\n", "  step: Atatürk Cad. No: 150\n"),
    ("STREET_ADDRESS", "Address: Flat 2, 22 Abbey Road\n", "Note: Flat 2, 22 Abbey Road\n"),
    ("STREET_ADDRESS", "ADR;TYPE=HOME:;;Am Alten Markt 1;Köln", "N;TYPE=HOME:;;Am Alten Markt 1;K"),
    ("STREET_ADDRESS", "homePostalAddress: Storgatan 5$ 111", "homePostalCode: Storgatan 5$ 111"),
    ("PASSPORT", "Cestovní pas GD2528810. Děkuji", "Vozový park GD2528810. Děkuji"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "real", "ordinary"), LETTERS)
def test_what_letters_and_cards_say_is_found_and_the_same_without_a_word_for_it_is_not(
    engine: TextEngine, kind: str, real: str, ordinary: str
) -> None:
    assert kind in found(engine, real)
    assert kind not in found(engine, ordinary)


PID = (
    "PID|1||00473821^^^MCM^MR||VOGEL^ANNIKA||{}|F|||Am Alten Markt 8^^Koeln^^50667||0221 3848253|||"
)


def test_fields_of_a_patient_in_hl7_are_found(engine: TextEngine) -> None:
    told = found(engine, "MSH|^~\\&|A|B\n" + PID.format("19660427"))
    assert told >= {"MEDICAL_RECORD", "DATE_OF_BIRTH", "STREET_ADDRESS", "PHONE"}
    assert found(engine, PID.replace("PID|", "OBX|").format("19660427")) == set()
    assert "DATE_OF_BIRTH" not in found(engine, PID.format("19664427"))


EXPORTS = {
    "DATE_OF_BIRTH": (
        "Geb.-Dat.|Date naiss.|F. Nac.|Data nasc.|Geb.datum|Dt. Nascimento|Data ur.|Födelsedag"
        "|D.O.B.|Dat. nar.|Doğum tar.",
        [f"{day:02}.03.1966" for day in range(1, 20)],
    ),
    "PHONE": (
        "Tel. privat|N° tél. portable|Tel. móvil|Tel.nr mobiel|Celular/WhatsApp|Nr tel. kom."
        "|Ph. (cell)|Mob no.|Tel. číslo|Cep tel.",
        [f"0221 38{n}" for n in range(48253, 48270)],
    ),
}


@pytest.mark.parametrize("kind", EXPORTS)
def test_headers_of_exports_that_are_cut_short_are_understood(kind: str) -> None:
    headers, values = EXPORTS[kind]
    for header in headers.split("|"):
        rows = "\n".join(f"{n};{value}" for n, value in enumerate(values))
        told = scan_bytes(f"nr;{header}\n{rows}\n".encode(), "t.csv").detections
        assert kind in {one.info_type for one in told}, header
        plain = scan_bytes(f"nr;Posten\n{rows}\n".encode(), "t.csv").detections
        assert kind not in {one.info_type for one in plain}


def test_the_address_of_a_machine_is_no_street() -> None:
    host = "my-db2.cu7u2t4uz396.us-east-1.rds.amazonaws.com"
    assert "STREET_ADDRESS" not in columns([{"Endpoint": {"Address": host}}])
    assert "STREET_ADDRESS" in columns([{"Customer": {"Address": "Am Alten Markt 12"}}])


def test_names_of_regions_have_codes_beside_them(engine: TextEngine) -> None:
    region = '{"code": "DO-26", "name": "Santiago Rodríguez"}'
    assert "PERSON" not in found(engine, region)
    assert "PERSON" in found(engine, region.replace("DO-26", "K4711"))
    assert "PERSON" not in found(engine, 'properties:{name:"George Hill"},id:"AI.GH"')
    assert "PERSON" in found(engine, 'customer:{name:"George Hill"},id:"AI.GH"')
