"""Settings, scripts and notebooks with credentials among placeholders."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from random import Random

from . import decoys
from .build import Document, Writer
from .tokens import MARKED, TOKENS, db_url

_NOTEBOOK_HEAD = '{"cells": [{"cell_type": "code", "execution_count": 1, "metadata": {}, "outputs":'
_NOTEBOOK_HEAD += ' [], "source": ['
_NOTEBOOK_TAIL = ']}], "metadata": {"kernelspec": {"name": "python3"}}, "nbformat": 4,'
_NOTEBOOK_TAIL += ' "nbformat_minor": 5}\n'
_PLAIN = ("DEBUG", "REGION", "BATCH_SIZE", "MODEL_NAME", "REVISION", "PORT", "CACHE_DIR")
_VALUES = ("true", "eu-central-1", "32", "bert-base-uncased", "8080", "/var/cache/hf")


def _secret(rng: Random) -> tuple[str, str, str]:
    """Return type, setting and value of a credential on one line."""
    often = sorted(set(TOKENS) - MARKED) * 2
    kind = rng.choice([name for name in TOKENS if name != "PRIVATE_KEY"] + often)
    make, names = TOKENS[kind]
    return kind, rng.choice(names), make(rng)


def _assign(rng: Random, out: Writer, shape: str, lower: bool, decoy: Callable[[], str]) -> None:
    """Write one setting: a credential, a placeholder or an ordinary one."""
    before, after = shape.split("{value}")
    dice = rng.random()
    if dice < 0.35:
        kind, name, value = _secret(rng)
        out.put(before.format(name=name.lower() if lower else name))
        out.plant(kind, value)
        out.put(after)
        return
    if dice < 0.65:
        name = _secret(rng)[1]
        text = decoy()
    else:
        name = rng.choice(_PLAIN)
        text = rng.choice((*_VALUES, decoys.commit(rng), decoys.version(rng)))
    out.put(before.format(name=name.lower() if lower else name) + text + after)


def _env(rng: Random, number: int) -> Document:
    out = Writer()
    shape = rng.choice(("{name}={value}\n", "export {name}={value}\n", '{name}="{value}"\n'))
    for _ in range(rng.randint(5, 15)):
        _assign(rng, out, shape, False, lambda: rng.choice(decoys.PLACEHOLDERS))
    return out.document(rng.choice((".env", f"prod{number}.env", ".env.local")), "config")


def _yaml(rng: Random, number: int) -> Document:
    out = Writer()
    out.put("service:\n  name: ranker\n")
    shape = rng.choice(("  {name}: {value}\n", '  {name}: "{value}"\n'))
    for _ in range(rng.randint(5, 12)):
        _assign(rng, out, shape, True, lambda: rng.choice(decoys.PLACEHOLDERS))
    if rng.random() < 0.3:
        out.put("  tls_key: |\n")
        pem = TOKENS["PRIVATE_KEY"][0](rng).replace("\n", "\n    ")
        out.put("    ")
        out.plant("PRIVATE_KEY", pem)
        out.put("\n")
    return out.document(f"config{number}.yaml", "config")


def _script(rng: Random, out: Writer) -> None:
    out.put("import os\n\n\ndef connect(path, user):\n    pass\n\n\n")
    for _ in range(rng.randint(4, 10)):
        if rng.random() < 0.3:
            name = rng.choice(("password", "api_key", "token", "SECRET_KEY"))
            out.put(f"{name} = {rng.choice(decoys.FETCHES)}\n")
        else:
            shape = rng.choice(('{name} = "{value}"\n', "{name} = '{value}'\n"))
            _assign(rng, out, shape, False, lambda: rng.choice(decoys.PLACEHOLDERS))
    if rng.random() < 0.3:
        out.put('engine = create_engine("')
        out.plant("DB_URL", db_url(rng), cued=False)
        out.put('")\n')
    if rng.random() < 0.2:
        out.put('KEY = """')
        out.plant("PRIVATE_KEY", TOKENS["PRIVATE_KEY"][0](rng))
        out.put('"""\n')
    out.put(f'CHECKSUM = "{decoys.digest(rng)}"\nURL = "{decoys.url(rng)}"\n')


def _python(rng: Random, number: int) -> Document:
    out = Writer()
    _script(rng, out)
    return out.document(f"train{number}.py", "config")


def _notebook(rng: Random, number: int) -> Document:
    """Return the same script as one cell; lines are strings of JSON."""

    def inside(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)[1:-1].replace("\\n", '\\n", "')

    again = Random()
    again.setstate(rng.getstate())
    cell = Writer()
    _script(again, cell)
    out = Writer(inside)
    out.raw(_NOTEBOOK_HEAD + '"')
    _script(rng, out)
    out.raw('"' + _NOTEBOOK_TAIL)
    book = out.document(f"explore{number}.ipynb", "config")
    return replace(book, inner=cell.document("cell/0/source", "config"))


def _pem(rng: Random, number: int) -> Document:
    out = Writer()
    out.plant("PRIVATE_KEY", TOKENS["PRIVATE_KEY"][0](rng))
    out.put("\n")
    return out.document(f"server{number}.pem", "config")


def document(rng: Random, number: int) -> Document:
    """Return a file of settings, a script, a notebook or a key."""
    makers = (_env, _yaml, _python, _notebook, _pem)
    return rng.choices(makers, (0.3, 0.25, 0.25, 0.15, 0.05))[0](rng, number)
