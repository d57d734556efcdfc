"""Log files: addresses, users and tokens among what is none of it."""

from __future__ import annotations

from random import Random

from . import decoys, people
from .build import Document, Writer
from .tokens import TOKENS
from .values import PERSONAL

_PATHS = ("/v1/predict", "/models/bert/versions/3", "/healthz", "/static/app.9f2c1e7b.js")


def _access(rng: Random, out: Writer) -> None:
    if rng.random() < 0.5:
        out.plant("IP", people.public_ip(rng), cued=False)
    else:
        out.put(decoys.private_ip(rng))
    out.put(f' - - [12/Mar/2026:10:{rng.randint(10, 59)}:07 +0000] "GET {rng.choice(_PATHS)}')
    out.put(f' HTTP/1.1" 200 {rng.randint(100, 99_999)} "-" "curl/8.5.0"')


def _event(rng: Random, out: Writer) -> None:
    out.put(f"{decoys.stamp(rng)}T08:12:{rng.randint(10, 59)}.{rng.randint(100, 999)}Z INFO ")
    shape = rng.choice(("request_id={}", "trace={}", "order={}", "digest={}", "took={}s", "v={}"))
    makers = {"request_id={}": decoys.identifier, "trace={}": decoys.order}
    makers |= {"order={}": decoys.uid, "digest={}": decoys.digest, "took={}s": decoys.fraction}
    out.put(shape.format(makers.get(shape, decoys.version)(rng)))
    if rng.random() < 0.6:
        key, kind = rng.choice(
            (("user", "EMAIL"), ("email", "EMAIL"), ("phone", "PHONE"), ("ssn", "US_SSN"),
             ("client_ip", "IP"), ("mac", "MAC"), ("iban", "IBAN"), ("card", "CREDIT_CARD"),
             ("dob", "DOB"), ("passport", "PASSPORT"), ("cpf", "BR_CPF"), ("pesel", "PL_PESEL"))
        )  # fmt: skip
        value = PERSONAL[kind].make(rng)
        quote = '"' if " " in value else ""
        out.put(f" {key}={quote}")
        out.plant(kind, value)
        out.put(quote)


def _bearer(rng: Random, out: Writer) -> None:
    out.put(f"{decoys.stamp(rng)} 09:00:01 DEBUG > ")
    kind = rng.choice(("JWT", "HF_TOKEN", "OPENAI_KEY", "DATABRICKS_TOKEN", "GITHUB_TOKEN"))
    out.put("Authorization: Bearer ")
    out.plant(kind, TOKENS[kind][0](rng))


def _address(rng: Random, out: Writer) -> None:
    out.put(f"{decoys.stamp(rng)} 09:00:02 WARN GET https://maps.googleapis.com/api?key=")
    out.plant("GCP_API_KEY", TOKENS["GCP_API_KEY"][0](rng), cued=False)
    out.put("&q=" + rng.choice(("berlin", "rome")))


def _connect(rng: Random, out: Writer) -> None:
    out.put(f"{decoys.stamp(rng)} 09:00:03 ERROR cannot connect to ")
    if rng.random() < 0.5:
        out.put(decoys.url(rng))
        return
    out.plant("DB_URL", TOKENS["DB_URL"][0](rng), cued=False)


def document(rng: Random, number: int) -> Document:
    """Return a log of 10 to 40 lines."""
    out = Writer()
    makers = (_access, _event, _bearer, _address, _connect)
    for _ in range(rng.randint(10, 40)):
        rng.choices(makers, (0.35, 0.5, 0.05, 0.05, 0.05))[0](rng, out)
        out.put("\n")
    return out.document(f"service{number}.log", "log")
