"""What trackers of experiments and Terraform write down: a value apart from the name that tells."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .model import FileHit, is_secret_name, value_hit

_WHOLE = re.compile(rb"\A\s{0,8}(?P<value>[!-~]{6,512})\s{0,8}\Z")
_CONFIG = re.compile(
    rb"^(?P<name>[\w.-]{1,120}):[ \t]*\r?\n(?:[ \t]+desc:[^\r\n]*\r?\n)?"
    rb"[ \t]+value:[ \t]*[\"']?(?P<value>[^\s\"']{1,512})",
    re.MULTILINE,
)
_VARIABLE = re.compile(
    rb"^variable[ \t]+\"(?P<name>[\w-]{1,120})\"[ \t]*\{(?:[^}\r\n]*\r?\n){0,12}?"
    rb"[ \t]*default[ \t]*=[ \t]*\"(?P<value>[^\"\r\n]{1,512})\"",
    re.MULTILINE,
)
_RANDOM = re.compile(rb"\"type\":\s{0,8}\"random_password\"")
_RESULT = re.compile(rb"\"(?:result|type)\":\s{0,8}\"(?P<value>[^\"\r\n]{1,512})\"")
_NEAR = 8_192


def parameter(name: str, data: bytes) -> Iterator[FileHit]:
    """Yield the value of one parameter of MLflow, which is a file of its name.

    Args:
        name: Its name, as the file's.
        data: All of the file.
    """
    match = _WHOLE.match(data) if len(data) <= 1_024 and is_secret_name(name) else None
    if match is not None:
        yield from value_hit(data, *match.span("value"), "parameter", name)


def wandb_config(data: bytes) -> Iterator[FileHit]:
    """Yield secrets of the settings of a run of Weights & Biases (``files/config.yaml``)."""
    for match in _CONFIG.finditer(data):
        name = match["name"].decode("ascii", "replace")
        if is_secret_name(name):
            yield from value_hit(data, *match.span("value"), "wandb-config", name)


def terraform(data: bytes) -> Iterator[FileHit]:
    """Yield the defaults of Terraform's variables that are called like secrets."""
    for match in _VARIABLE.finditer(data):
        name = match["name"].decode("ascii", "replace")
        if is_secret_name(name):
            yield from value_hit(data, *match.span("value"), "terraform", name)


def random_passwords(data: bytes) -> Iterator[FileHit]:
    """Yield the passwords that Terraform made up and keeps in its state."""
    for start in _RANDOM.finditer(data):
        end = start.end() + _NEAR
        for match in _RESULT.finditer(data, start.end(), end):
            if match[0].startswith(b'"type"'):
                break
            yield from value_hit(data, *match.span("value"), "terraform")
