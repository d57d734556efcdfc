"""What is found in running text, and what stands too close to something else to be it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.errors import UsageError
from sentinel.pii.catalog import catalog
from sentinel.pii.engines import Pattern, StdlibEngine, make_engine
from sentinel.pii.hyperscan import has_avx2
from sentinel.pii.model import Likelihood
from sentinel.pii.text import MOST, Quota, TextEngine

ENGINES = ("stdlib", "re2", "hyperscan")


@pytest.fixture(scope="module")
def engine() -> TextEngine:
    return TextEngine(catalog())


def found(engine: TextEngine, text: str, least: Likelihood = Likelihood.LIKELY) -> list[str]:
    """Return ``TYPE:value`` of what is found."""
    data = text.encode()
    return [
        f"{hit.rule.type}:{data[hit.start : hit.end].decode()}"
        for hit in engine.scan(data)
        if hit.likelihood >= least
    ]


@pytest.mark.parametrize(
    "text",
    [
        "write to jane.doe@acme-corp.com today",
        "write to jane.doe@acme-corp.com.",
        '{"contact": "jane.doe@acme-corp.com"}',
        "<jane.doe@acme-corp.com>",
        "a\\njane.doe@acme-corp.com",
        "x,jane.doe@acme-corp.com,y",
    ],
)
def test_an_address_is_found_whatever_is_around_it(engine: TextEngine, text: str) -> None:
    assert found(engine, text) == ["EMAIL:jane.doe@acme-corp.com"]


@pytest.mark.parametrize(
    "text",
    ["git@github.com:a/b.git", "jane@example.com", "user@localhost", "a@b", "@decorator.call"],
)
def test_what_only_looks_like_an_address_is_not_found(engine: TextEngine, text: str) -> None:
    assert found(engine, text) == []


def test_neighbours_separated_by_one_byte_are_all_found(engine: TextEngine) -> None:
    text = "jane@acme-corp.com,john@acme-corp.com;joan@acme-corp.com"
    assert [item.split(":")[0] for item in found(engine, text)] == ["EMAIL"] * 3


def test_a_sentence_may_end_behind_a_number(engine: TextEngine) -> None:
    assert found(engine, "the SSN is 130075728.") == ["US_SSN:130075728"]
    assert found(engine, "0.304262935") == []
    assert found(engine, "M0.5,1 C0.304262935,18") == []


def test_a_cue_reaches_its_value_through_filler_but_no_other_word(engine: TextEngine) -> None:
    assert found(engine, "SSN: 130075728") == ["US_SSN:130075728"]
    assert found(engine, "ssn number is = '130075728'") == ["US_SSN:130075728"]
    assert found(engine, "ssn of the parcel weighing 130075728") == []
    assert found(engine, "ssn\n130075728") == []
    assert found(engine, "classnumber 130075728") == []


def test_a_number_is_found_though_others_follow(engine: TextEngine) -> None:
    text = "SSN 130075728 " + " ".join(str(n) for n in range(16))
    assert found(engine, text) == ["US_SSN:130075728"]


def test_a_hit_across_chunks_is_found_once(engine: TextEngine) -> None:
    filler = b"lorem ipsum "
    for shift in range(0, 60, 7):
        data = filler * 1400 + b"x" * shift + b" jane@acme-corp.com " + filler * 1400
        assert [data[h.start : h.end] for h in engine.scan(data)] == [b"jane@acme-corp.com"]


def test_a_long_line_is_searched_to_its_end(engine: TextEngine) -> None:
    data = b"[" + b"0," * 200_000 + b'"jane@acme-corp.com"]'
    assert [data[h.start : h.end] for h in engine.scan(data)] == [b"jane@acme-corp.com"]


def test_matches_of_one_rule_are_counted_and_bounded(engine: TextEngine) -> None:
    data = b"\n".join(b"user%d@acme-corp.com" % n for n in range(MOST + 200))
    quota = Quota()
    assert len(engine.scan(data, quota)) == MOST
    assert len(quota.spent()) == 1


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_gives_the_same(engine: TextEngine, name: str) -> None:
    if name == "hyperscan" and not has_avx2():
        pytest.skip("no AVX2")
    other = TextEngine(catalog(), engine=name)
    text = (
        "mail jane@acme-corp.com card 4111 1111 1111 1111 IBAN DE89 3704 0044 0532 0130 00 "
        "ssn 130075728 ip 8.8.4.4 call +49 30 901820 password = 'kX9#mQ2$vL7p' "
    )
    assert other.engine == name
    assert other.scan(text.encode()) == engine.scan(text.encode())


@given(st.text(max_size=300), st.sampled_from(["jane@acme-corp.com", "ssn 130075728", ""]))
def test_the_slow_engine_agrees_with_the_fast_one(text: str, planted: str) -> None:
    data = f"{text} {planted}\n{text[::-1]}".encode("utf-8", "surrogatepass")
    slow, fast = TextEngine(catalog(), engine="stdlib"), TextEngine(catalog())
    assert slow.scan(data) == fast.scan(data)


@given(st.binary(max_size=400))
def test_no_bytes_break_it(data: bytes) -> None:
    for hit in TextEngine(catalog()).scan(data):
        assert 0 <= hit.start < hit.end <= len(data)


def test_hyperscan_is_not_loaded_on_a_processor_without_avx2(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sentinel.pii.hyperscan.has_avx2", lambda: False)
    with pytest.raises(UsageError, match="AVX2"):
        TextEngine(catalog(), engine="hyperscan")


def test_without_re2_the_standard_library_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "re2", None)
    assert isinstance(make_engine([[Pattern("a", (b"a",), False)]]), StdlibEngine)
    with pytest.raises(UsageError, match=r"sentinel-mlsecops\[pii\]|re2"):
        make_engine([[Pattern("a", (b"a",), False)]], "re2")


def test_weak_numbers_of_other_countries_can_be_left_out() -> None:
    text = "BSN: 123456782"
    assert found(TextEngine(catalog()), text) == ["NL_BSN:123456782"]
    assert found(TextEngine(catalog(), frozenset({"us"})), text) == []
    assert found(TextEngine(catalog(), frozenset({"nl"})), text) == ["NL_BSN:123456782"]


def test_strong_numbers_of_other_countries_stay() -> None:
    text = "DE89 3704 0044 0532 0130 00"
    assert [one[:5] for one in found(TextEngine(catalog(), frozenset({"us"})), text)] == ["IBAN:"]


@pytest.mark.parametrize(
    "text",
    [
        "What is the limit for card 4454794511390933?",
        "I want to cancel my card 340376792748116 because I lost it",
        "card=3528740021733249 took=3s",
        "meine Karte ist 4454794511390933",
        "4454794511390933 is my Visa card",
    ],
)
def test_a_bare_number_called_a_card_is_one(engine: TextEngine, text: str) -> None:
    assert [one.split(":")[0] for one in found(engine, text)] == ["CREDIT_CARD"]


@pytest.mark.parametrize(
    "text",
    [
        "Order 4454794511390933 has shipped.",
        "paid by card for order 4454794511390933",
        "tracking number 4454794511390933",
        "trace=4454794511390933",
        "4454794511390933",
        "the discard 4454794511390933",
    ],
)
def test_a_bare_number_called_something_else_is_no_card(engine: TextEngine, text: str) -> None:
    assert found(engine, text) == []


def test_a_value_may_stand_below_its_name_and_colon(engine: TextEngine) -> None:
    assert found(engine, "Phone:\n60-56-85-91\n") == ["PHONE:60-56-85-91"]
    assert found(engine, "Phone:\n\n60-56-85-91\n") == ["PHONE:60-56-85-91"]
    assert found(engine, "Phone\n60-56-85-91\n") == []
    assert found(engine, "Phone: none\n60-56-85-91\n") == []
    assert found(engine, "Phone:\n\n\n60-56-85-91\n") == []


def test_a_number_may_be_labelled_behind_it(engine: TextEngine) -> None:
    assert found(engine, "416 60 039 office\n") == ["PHONE:416 60 039"]
    assert found(engine, "(37) 788-063-Office") == ["PHONE:(37) 788-063"]
    assert found(engine, "2019-2021 office\n") == []
    assert found(engine, "416 60 039 office chairs were sold") == []


def test_an_extension_is_no_part_of_a_number_and_does_not_hide_it(engine: TextEngine) -> None:
    assert found(engine, "+1-947-772-0081x495") == ["PHONE:+1-947-772-0081"]
    assert found(engine, "001-726-210-0070x181") == ["PHONE:001-726-210-0070"]
    assert found(engine, "+1-947-772-0081xz") == []


def test_the_first_field_of_an_access_log_is_an_address(engine: TextEngine) -> None:
    assert found(engine, '12.8.38.57 - - [12/Mar/2026] "GET /"') == ["IP_ADDRESS:12.8.38.57"]
    assert found(engine, "fixed in 12.8.38.57 - see there") == []


def test_a_number_of_a_hard_check_is_found_in_a_sentence_and_not_in_a_log(
    engine: TextEngine,
) -> None:
    assert found(engine, "Then use 159080818718305 from now on.") == ["FR_NIR:159080818718305"]
    assert found(engine, "trace=159080818718305 took=3") == []
    assert found(engine, "see order no. 159080818718305 from now on.") == []


def test_a_name_made_of_words_is_none(engine: TextEngine) -> None:
    assert found(engine, "Full name: Max Werner") == ["PERSON:Max Werner"]
    assert found(engine, "Full name: Max Speed") == []
    assert found(engine, "Full name: John Doe") == []


def test_a_driving_licence_is_no_licence_of_a_package(engine: TextEngine) -> None:
    text = "driving licence no. D773343762098, thanks. Patient: Arjun Mehta."
    assert "PERSON:Arjun Mehta" in found(engine, text)
    assert found(engine, '"license": "MIT", "name": "x", Patient: Arjun Mehta') == []


def test_a_street_is_not_made_of_a_mail_address(engine: TextEngine) -> None:
    text = "My address is jane.doe@acme-corp.com. Address: Bahnhofstraße 175, Ulm"
    assert found(engine, text) == [
        "EMAIL:jane.doe@acme-corp.com",
        "STREET_ADDRESS:Bahnhofstraße 175",
    ]


def test_one_position_is_somebodys_and_a_border_is_not(engine: TextEngine) -> None:
    assert found(engine, "coordinates: 47.547658, -101.190094") == ["GPS:47.547658, -101.190094"]
    border = '"coordinates": [[[-85.2145, 32.3271], [-85.2199, 32.3302], [-85.2244, 32.3377]]]'
    assert found(engine, border) == []
    assert found(engine, "position -0.114777 -0.503385 0.422400 -0.254903") == []


def test_unlikely_matches_do_not_hide_a_likely_one(engine: TextEngine) -> None:
    bare = [f"{41111111 + n:08}{n:07}" for n in range(MOST + 200)]
    doubled = (sum(divmod(int(d) * 2, 10)) if i % 2 == 0 else int(d)
               for value in bare for i, d in enumerate(reversed(value)))  # fmt: skip
    sums = [sum(next(doubled) for _ in value) for value in bare]
    decoys = [f"{value}{-total % 10}" for value, total in zip(bare, sums, strict=True)]
    text = "\n".join([*decoys, "credit card: 4111111111111111"])
    assert found(engine, text) == ["CREDIT_CARD:4111111111111111"]
    assert len(found(engine, text, Likelihood.POSSIBLE)) > MOST
