"""Credentials in metadata are told, low, without showing them. Rules SNT1910 and SNT1911."""

from __future__ import annotations

import pytest

from sentinel import scan_bytes
from sentinel.findings import Severity
from tests.kit.secrets_in import AWS, HF, LOGIN, PLAIN, SIGNED, in_formats, safetensors

NAMES = sorted(in_formats(""))


def told(data: bytes, name: str) -> dict[str, Severity]:
    return {
        found.rule_id: found.severity
        for found in scan_bytes(data, name).findings
        if found.rule_id.startswith("SNT191")
    }


@pytest.mark.parametrize("name", NAMES)
def test_each_format_tells_of_a_token_and_of_a_login(name: str) -> None:
    assert told(in_formats(f"token {HF} used")[name], name) == {"SNT1910": Severity.LOW}
    assert told(in_formats(f"from {LOGIN}")[name], name) == {"SNT1911": Severity.LOW}
    assert told(in_formats(f"at {SIGNED}")[name], name) == {"SNT1911": Severity.LOW}
    assert told(in_formats(PLAIN)[name], name) == {}


def test_the_secret_itself_is_not_shown() -> None:
    report = scan_bytes(safetensors(f"{AWS} and {LOGIN} {SIGNED}"), "m.safetensors")
    shown = " ".join(found.evidence for found in report.findings if found.rule_id[-4:-1] == "191")
    assert "AKIA" in shown
    assert AWS not in shown
    assert "9f1Kq" not in shown
    assert SIGNED[-10:] not in shown


@pytest.mark.parametrize(
    "text",
    [
        "AKIAIOSFODNN7EXAMPLE", "hf_" + "x" * 34, "hf_transfer hf_xet sk-learn xoxo", "ghp_short",
        "https://user:password@host/x", "https://user:<token>@host", "postgres://u:xxxx@db",
        "sk-" + "a" * 40, "the PRIVATE KEY of the house", "x" + HF, HF + "x",
        "https://host/?token=abc", "key: ASIA and the pacific",
    ],
)  # fmt: skip
def test_what_only_looks_like_one_is_left_alone(text: str) -> None:
    assert told(safetensors(text), "m.safetensors") == {}


def test_weights_are_never_searched() -> None:
    from sentinel.artifacts import Artifact
    from sentinel.formats.safetensors import parse
    from sentinel.limits import Budget
    from sentinel.readers import MemoryReader

    size = 8_000_000
    head = b'{"w":{"dtype":"U8","shape":[%d],"data_offsets":[0,%d]}}' % (size, size)
    data = len(head).to_bytes(8, "little") + head + (HF.encode() * (size // len(HF) + 1))[:size]
    reader = MemoryReader(data)
    parse(Artifact("m.safetensors", reader), Budget())
    assert reader.stats.bytes_read < 10_000
    assert told(data, "m.safetensors") == {}
