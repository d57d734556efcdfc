"""Letters, tickets and notes: sentences with values, sentences without any."""

from __future__ import annotations

from random import Random

from . import decoys
from .build import Document, Writer
from .people import person
from .tokens import MARKED, TOKENS
from .values import PERSONAL

# What shape tells by itself: planted without a cue now and then.
BARE = (
    "EMAIL", "CREDIT_CARD", "IBAN", "US_SSN", "PHONE", "FR_NIR", "IT_CF", "BR_CPF", "CN_RIC",
    "CRYPTO_ADDRESS", "IP", "MAC",
)  # fmt: skip
_BARE_SENTENCES = (
    "Please use {} from now on.", "We got {} by fax yesterday.", "The old one was {}.",
    "Then there is {} which nobody could place.", "See also {}, as discussed.",
)  # fmt: skip
_FILLERS = (
    "Thanks for the quick answer, that solved it.",
    "The training run ended after 3 epochs with a loss of 0.304262935 and accuracy 0.9113.",
    "Wir haben die Unterlagen gestern erhalten und prüfen sie.",
    "Merci de nous rappeler dans la semaine.",
    "La reunión se pasó al jueves 14 a las 10:30.",
    "Please find the invoice attached; it is due in 30 days.",
    "Pages 112-145 of the manual describe the procedure.",
    "The council met on 12 March 2021 and adjourned at 17:45.",
    "Our office has 1234567 square millimetres of desk.",
)
_DECOY_SENTENCES = (
    ("Order {} has shipped.", decoys.order), ("Ticket {} is closed.", decoys.uid),
    ("The build {} is green.", decoys.commit), ("It fails since version {}.", decoys.version),
    ("The router at {} is down.", decoys.private_ip), ("Request {} timed out.", decoys.identifier),
    ("Updated on {}.", decoys.stamp), ("Write to {} as in the manual.", decoys.address),
    ("The loss was {} in the end.", decoys.fraction), ("Part {} is out of stock.", decoys.part),
    ("Event time {} ms.", decoys.epoch), ("The icon is {}.", decoys.path),
    ("Invoice no. {} is open.", decoys.uid), ("Tracking number {}.", decoys.order),
)  # fmt: skip
_LEAKS = ("My key stopped working: {}", "Use the token {} for now.", "I pasted {} by mistake.")


def sentence(rng: Random, out: Writer) -> None:
    """Write a sentence that holds one personal value, mostly named by a cue."""
    if rng.random() < 0.12:
        kind = rng.choice(BARE)
        before, after = rng.choice(_BARE_SENTENCES).split("{}")
        out.put(before)
        out.plant(kind, bare(rng, kind), cued=False)
        out.put(after)
        return
    kind = rng.choice(list(PERSONAL))
    made = PERSONAL[kind]
    out.put(rng.choice(made.cues) + " ")
    out.plant(kind, made.make(rng))
    out.put(rng.choice((".", ".", ", thanks.", "\n", " as of today.")))


def bare(rng: Random, kind: str) -> str:
    """Return a value of the written form that needs no cue: grouped, international."""
    for _ in range(200):
        value = PERSONAL[kind].make(rng)
        loose = {"CREDIT_CARD": value.isdigit(), "BR_CPF": value.isdigit()}
        if kind == "PHONE" and not value.startswith("+"):
            continue
        if not loose.get(kind, False):
            return value
    raise AssertionError(kind)


def filler(rng: Random, out: Writer) -> None:
    """Write a sentence that holds nothing to find."""
    if rng.random() < 0.5:
        out.put(rng.choice(_FILLERS))
        return
    shape, make = rng.choice(_DECOY_SENTENCES)
    out.put(shape.format(make(rng)))


def leak(rng: Random, out: Writer) -> None:
    """Write a sentence with a credential that names its provider."""
    kind = rng.choice(sorted(MARKED - {"PRIVATE_KEY"}))
    before, after = rng.choice(_LEAKS).split("{}")
    out.put(before)
    out.plant(kind, TOKENS[kind][0](rng), cued=False)
    out.put(after)


def paragraph(rng: Random, out: Writer, size: int) -> None:
    """Write a few sentences."""
    for _ in range(size):
        rng.choices((sentence, filler, leak), (0.55, 0.4, 0.05))[0](rng, out)
        out.put(" ")


def document(rng: Random, number: int) -> Document:
    """Return a letter or a note in Markdown."""
    out = Writer()
    if rng.random() < 0.4:
        out.put(f"# Notes {number}\n\n")
    if rng.random() < 0.5:
        out.put("Dear ")
        out.plant("PERSON", person(rng), optional=True)
        out.put(",\n\n")
    for _ in range(rng.randint(2, 5)):
        paragraph(rng, out, rng.randint(2, 5))
        out.put("\n\n")
    return out.document(f"note{number}.{rng.choice(('txt', 'md'))}", "prose")
