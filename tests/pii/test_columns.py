"""Tables are judged by the column: header, values, and what chance would give."""

from __future__ import annotations

import json
import random

import pytest

from sentinel.pii import Likelihood, scan_bytes
from sentinel.pii.headers import Aliases, words
from sentinel.pii.people import are_people, has_given_name, is_name_shaped


def luhn(digits: str) -> str:
    """Return the digits with their check digit."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if index % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return digits + str(-total % 10)


def csv(header: str, values: list[str]) -> bytes:
    rows = [f"{index},{value},x" for index, value in enumerate(values)]
    return "\n".join([f"n,{header},z", *rows, ""]).encode()


def types(data: bytes, name: str = "t.csv") -> dict[str, tuple[str, int]]:
    """Return column and count by type."""
    found = scan_bytes(data, name).detections
    return {one.info_type: (one.place.column, one.count) for one in found}


def test_a_column_of_cards_is_told_by_header_or_by_check_digits_alone() -> None:
    chance = random.Random(7)
    cards = [luhn("4" + "".join(chance.choices("0123456789", k=14))) for _ in range(60)]
    for header in ("card_number", "value", "CC Number"):
        assert types(csv(header, cards)) == {"CREDIT_CARD": (header, 60)}


@pytest.mark.parametrize("width", [9, 10, 11, 16])
@pytest.mark.parametrize("header", ["id", "uid", "order_ref", "permit", "parcel_id"])
def test_random_numbers_are_nothing(width: int, header: str) -> None:
    chance = random.Random(width)
    values = [str(chance.randrange(10 ** (width - 1), 10**width)) for _ in range(2_000)]
    assert types(csv(header, values)) == {}


def test_addresses_in_a_column_are_one_detection_with_their_count() -> None:
    values = [f"person{n}@acme-corp.com" for n in range(40)]
    (one,) = scan_bytes(csv("contact", values), "t.csv").detections
    assert (one.info_type, one.count, one.place.column, one.place.row) == (
        "EMAIL",
        40,
        "contact",
        1,
    )
    assert one.rows == 40
    assert one.place.line == 2
    assert len(one.more) == 15


def test_one_address_among_other_things_is_found_with_its_row() -> None:
    values = [f"thing {n}" for n in range(500)]
    values[321] = "ask jane@acme-corp.com"
    (one,) = scan_bytes(csv("note", values), "t.csv").detections
    assert (one.info_type, one.count, one.place.row, one.place.line) == ("EMAIL", 1, 322, 323)


def test_names_need_header_shape_and_known_names() -> None:
    people = ["Mary Jones", "John Smith", "Linda Brown", "James Miller", "Karen Davis", "Bob Hill"]
    ships = ["Red Falcon", "Sea Queen", "Iron Duke", "Blue Marlin", "Night Wind", "Wave Dancer"]
    assert "PERSON" in types(csv("customer_name", people))
    assert types(csv("customer_name", ships)) == {}
    assert types(csv("product", people)) == {}


def test_the_list_of_names_is_what_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sentinel.pii.people.given_names", frozenset)
    people = ["Mary Jones", "John Smith", "Linda Brown", "James Miller", "Karen Davis", "Bob Hill"]
    assert types(csv("customer_name", people)) == {}


def test_keys_of_json_are_headers() -> None:
    data = b'{"users": [{"ssn": "130075728"}, {"ssn": "130075729"}], "parcel": "130075730"}'
    found = scan_bytes(data, "u.json").detections
    assert {one.info_type for one in found} == {"US_SSN"}


def test_a_header_that_holds_a_value_is_not_told() -> None:
    data = b"jane@acme-corp.com,b\n" + b"x,y\n" * 20 + b"joe@acme-corp.com,1\n"
    found = scan_bytes(data, "t.csv").detections
    assert found
    assert "jane" not in str(found)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("customerEmail_1", ("customer", "email")),
        ("user.address.ZIPCode", ("zip", "code")),
        ("items[]", ("items",)),
        ("Geburtsdatum", ("geburtsdatum",)),
        ("phone2", ("phone",)),
        ("", ()),
        ("42", ()),
    ],
)
def test_headers_are_made_comparable(name: str, expected: tuple[str, ...]) -> None:
    assert words(name) == expected


def test_a_header_is_known_by_its_last_words() -> None:
    aliases = Aliases({"EMAIL": ("email", "mail address"), "PHONE": ("phone",)})
    assert aliases.types("customer_email") == ("EMAIL",)
    assert aliases.types("MailAddress") == ("EMAIL",)
    assert aliases.types("email_sent") == ()
    assert aliases.types("homePhone2") == ("PHONE",)


def test_shapes_of_names() -> None:
    assert is_name_shaped("Dr. Mary-Ann van der Berg")
    assert is_name_shaped("Jones, Mary")
    assert not is_name_shaped("a red bicycle")
    assert has_given_name("MARY JONES")
    assert not are_people([])
    assert not are_people(["Mary Jones"] * 50)


def test_likelihoods() -> None:
    values = [f"person{n}@acme-corp.com" for n in range(40)]
    (one,) = scan_bytes(csv("email", values), "t.csv").detections
    assert one.likelihood is Likelihood.VERY_LIKELY


def test_a_nameless_column_may_mix_the_forms_of_a_type() -> None:
    chance = random.Random(9)
    cards = [luhn("4" + "".join(chance.choices("0123456789", k=14))) for _ in range(20)]
    dashed = ["-".join(card[at : at + 4] for at in range(0, 16, 4)) for card in cards]
    mixed = [value for pair in zip(cards, dashed, strict=True) for value in pair]
    assert types(csv("x0", mixed)) == {"CREDIT_CARD": ("x0", 40)}
    wrong = [value[:-1] + str((int(value[-1]) + 1) % 10) for value in mixed]
    assert types(csv("x0", wrong)) == {}


def _messages(texts: list[str]) -> bytes:
    return "\n".join(json.dumps({"content": text}) for text in texts).encode()


def test_an_unlikely_hit_is_not_counted_with_likely_ones() -> None:
    version = "It fails since version 12.15.70.1."
    data = _messages(["logged in from IP 81.2.69.142.", version, "fine", "fine"])
    assert types(data, "m.jsonl") == {"IP_ADDRESS": ("content", 1)}
    assert types(_messages([version, "fine"]), "m.jsonl") == {}
    order = "Order 4454794511390933 has shipped."
    data = _messages(["My card 4454 7945 1139 0933", order, "fine"])
    assert types(data, "m.jsonl") == {"CREDIT_CARD": ("content", 1)}


def test_the_name_of_a_column_is_read_with_its_values() -> None:
    values = [f"81.{n}.{n + 30}.7" for n in range(1, 30)]
    assert types(csv("x0", values)) == {"IP_ADDRESS": ("x0", 29)}
    assert types(csv("version", values)) == {}
    assert types(csv("model", values[:3])) == {}


NAMES = [
    "Hamanová", "Desrosiers", "Neal", "Ó'Brien", "Schmidt-Weber", "Szöllősy", "Kowalczyk",
    "Iñárritu",
]  # fmt: skip
STREETS = ["Quadra 106", "Siikasaarentie 19", "95 Nowhere", "Hjellestadnipen 66", "Calle 7 12"]


def test_a_header_that_only_people_have_needs_the_shape_alone() -> None:
    assert types(csv("Surname", NAMES)) == {"PERSON": ("Surname", 8)}
    assert types(csv("nachname", NAMES)) == {"PERSON": ("nachname", 8)}
    assert types(csv("product", NAMES)) == {}
    assert types(csv("Surname", ["none", "x1", "?", "unknown", "a b c", "12"])) == {}


def test_a_header_that_says_address_or_phone_needs_a_plausible_shape() -> None:
    assert types(csv("StreetAddress", STREETS)) == {"STREET_ADDRESS": ("StreetAddress", 5)}
    assert types(csv("title", STREETS)) == {}
    assert types(csv("address", [f"0x7f{n:06x}" for n in range(20)])) == {}
    phones = ["467 3395", "883.446.2756", "070-783-977", "(02) 6766 4988", "0676 408 84 82"]
    assert types(csv("phone", phones)) == {"PHONE": ("phone", 5)}
    assert types(csv("size", phones[:1] * 5)) == {}


def test_positions_are_those_of_people_where_the_rows_are() -> None:
    rows = [f"{n},Person {n},{48.1 + n / 997:.6f},{11.5 + n / 991:.6f}" for n in range(1, 30)]
    people = [row.replace("Person", NAMES[n % 8]).replace(f" {n + 1},", ",", 1)
              for n, row in enumerate(rows)]  # fmt: skip
    cities = "\n".join(["n,city,latitude,longitude", *rows, ""]).encode()
    assert types(cities) == {}
    found = types("\n".join(["n,surname,latitude,longitude", *people, ""]).encode())
    assert set(found) == {"PERSON", "GPS_COORDINATE"}


def test_authors_of_packages_are_no_leak_and_those_of_messages_are() -> None:
    people = [{"name": f"Jane {NAMES[n]}", "email": f"jane{n}@acme-corp.com"} for n in range(6)]
    parts = {"components": [{"author": f"Jane <{one['email']}>"} for one in people]}
    assert types(json.dumps({"authors": people}).encode(), "bom.json") == {}
    assert types(json.dumps(parts).encode(), "bom.json") == {}
    messages = {"messages": [{"author": one} for one in people]}
    assert "EMAIL" in types(json.dumps(messages).encode(), "chat.json")


def test_each_column_has_a_quota_of_its_own() -> None:
    lines = ["notes,remarks,z"]
    for n in range(30_000):
        remark = f"or joe{n}@acme-corp.com" if n % 10_000 == 9_999 else "nothing"
        lines.append(f"write to jane{n}@acme-corp.com,{remark},x")
    scan = scan_bytes("\n".join(lines).encode(), "t.csv")
    found = {one.place.column: one for one in scan.detections}
    assert set(found) == {"notes", "remarks"}
    assert found["remarks"].count == 3
    assert found["notes"].count == 30_000  # as it must be: a thousand in the first thousand rows
    assert scan.gaps == ()


def test_many_columns_of_many_matches_are_hurried() -> None:
    width, rows = 200, 400
    row = ",".join(f"write to jane{n}@acme-corp.com" for n in range(width))
    header = ",".join(f"note{n}" for n in range(width))
    scan = scan_bytes("\n".join([header, *[row] * rows]).encode(), "t.csv")
    assert {one.place.column for one in scan.detections} == {f"note{n}" for n in range(width)}
