"""Tables and sentences of Faker's values in twenty locales: a generator that is not ours.

    python -m tests.pii.measure.faker_set [--seed N] [--misses N]

Needs the library ``faker``. Headers and sentences are ours, values are Faker's.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from random import Random

from faker import Faker

from .build import Document, Writer
from .values import PERSONAL

LOCALES = (
    "en_US", "en_GB", "en_CA", "de_DE", "de_AT", "fr_FR", "es_ES", "it_IT", "nl_NL", "pl_PL",
    "pt_BR", "pt_PT", "sv_SE", "da_DK", "fi_FI", "no_NO", "cs_CZ", "ro_RO", "en_IN", "zh_CN",
)  # fmt: skip
# What Faker's ``ssn`` is in a locale. Where it gives no valid number or none of our types: absent.
# (Its British numbers begin with ZZ, which is never issued.)
_NUMBERS = {
    "en_US": "US_SSN", "en_CA": "CA_SIN", "es_ES": "ES_DNI", "it_IT": "IT_CF",
    "nl_NL": "NL_BSN", "pt_BR": "BR_CPF", "zh_CN": "CN_RIC", "fr_FR": "FR_NIR",
}  # fmt: skip


def _number(faker: Faker, locale: str) -> Callable[[], str]:
    named = {"es_ES": "nif", "pt_BR": "cpf", "pl_PL": "pesel"}
    make: Callable[[], str] = getattr(faker, named.get(locale, "ssn"))
    return make


def makers(locale: str, seed: int) -> dict[str, Callable[[], str]]:
    """Return Faker's makers by our types."""
    faker = Faker(locale)
    faker.seed_instance(seed)
    made: dict[str, Callable[[], str]] = {
        "PERSON": lambda: faker.name(),
        "EMAIL": lambda: faker.ascii_free_email(),
        "PHONE": lambda: faker.phone_number(),
        "CREDIT_CARD": lambda: faker.credit_card_number(),
        "IBAN": lambda: faker.iban(),
        "STREET_ADDRESS": lambda: faker.address().replace("\n", ", "),
        "DOB": lambda: str(faker.date_of_birth(minimum_age=18)),
        "LICENSE_PLATE": lambda: faker.license_plate(),
        "IP": lambda: faker.ipv4_public(),
        "MAC": lambda: faker.mac_address(),
    }
    if locale in _NUMBERS or locale == "pl_PL":
        made[_NUMBERS.get(locale, "PL_PESEL")] = _number(faker, locale)
    return made


def _table(locale: str, seed: int, rows: int = 40) -> Document:
    rng, made = Random(f"{seed}/{locale}"), makers(locale, seed)
    out = Writer(lambda text: f'"{text}"' if "," in text else text)
    headers = {kind: rng.choice(PERSONAL[kind].headers) for kind in made}
    out.raw(",".join((*headers.values(), "total", "order_ref")) + "\n")
    for row in range(rows):
        for kind, make in made.items():
            out.plant(kind, make().replace('"', "'"), column=headers[kind], row=row)
            out.raw(",")
        out.raw(f"{rng.random() * 100:.2f},{rng.randint(10**15, 10**16)}\n")
    return out.document(f"people_{locale}.csv", "csv")


def _letter(locale: str, seed: int, rounds: int = 20) -> Document:
    rng, made = Random(f"{seed}/{locale}"), makers(locale, seed + 1)
    out = Writer()
    for _ in range(rounds):
        for kind, make in made.items():
            out.put(rng.choice(PERSONAL[kind].cues) + " ")
            out.plant(kind, make())
            out.put(rng.choice((".\n", "\n", ", thank you.\n")))
    return out.document(f"letter_{locale}.txt", "prose")


def generate(seed: int) -> Iterator[Document]:
    """Yield a table and a letter for each locale."""
    for locale in LOCALES:
        yield _table(locale, seed)
        yield _letter(locale, seed)


def main() -> None:
    """Measure and print."""
    from .detector import finder
    from .matching import measure
    from .score import show

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--misses", type=int, default=3)
    options = parser.parse_args()
    show("Faker, 20 locales", measure(generate(options.seed), finder()), options.misses)


if __name__ == "__main__":
    main()
