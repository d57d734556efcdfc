"""safetensors and GGUF: headers that lie, files within and behind tensors, templates in GGUF."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Iterator

from tests.corpus.malicious.case import EVIL, Case
from tests.corpus.malicious.templates import HOST, WALKS
from tests.kit.tensor_files import ARRAY, STRING, U8, U32, Gguf, entry, safetensors

ELF = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00\x01" + bytes(43)
"""The header of a program that holds nothing."""
PE = b"MZ" + bytes(58) + b"\x40\0\0\0" + b"PE\0\0" + bytes(60)
MACH = b"\xcf\xfa\xed\xfe\x07\0\0\x01\x03\0\0\0\x02\0\0\0" + bytes(48)
SCRIPT = b"#!/bin/sh\necho SENTINEL_MARKER\n".ljust(64, b"\n")


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("data.pkl", EVIL[4])
    return out.getvalue()


FILES = {"elf": ELF, "pe": PE, "mach": MACH, "script": SCRIPT, "zip": archive(), "pickle": EVIL[2]}


def cases() -> Iterator[Case]:
    yield from _safetensors()
    yield from _gguf()


def plain(data: bytes = bytes(range(64))) -> bytes:
    """Return an ordinary file of two tensors."""
    end = len(data)
    return safetensors({"a": entry(0, 16), "b": entry(16, end)}, data)


_CODE = {
    "python": "import os\nos.system('echo SENTINEL_MARKER')",
    "template": "{{ cycler.__init__.__globals__.os }}",
    "script": "#!/bin/sh\necho SENTINEL_MARKER",
}


def _safetensors() -> Iterator[Case]:
    twin = plain()
    data = bytes(range(64))
    headers = {
        "overlap": {"a": entry(0, 40), "b": entry(16, 64)},
        "hole": {"a": entry(0, 16), "b": entry(32, 64)},
        "before": {"a": entry(16, 64)},
        "reversed": {"a": entry(0, 64), "b": {**entry(0, 4), "data_offsets": [9, 5]}},
        "shape": {"a": entry(0, 64, [63])},
        "items": {"a": entry(0, 64, [64], "F32")},
        "huge": {"a": entry(0, 64, [1 << 40, 1 << 40])},
        "float-shape": {"a": entry(0, 64, [64.0])},
        "bool-shape": {"a": entry(0, 64, [True])},
        "negative": {"a": entry(0, 64, [-64])},
        "text-offsets": {"a": {**entry(0, 64), "data_offsets": ["0", "64"]}, "b": entry(0, 64)},
        "three-offsets": {"a": {**entry(0, 64), "data_offsets": [0, 1, 64]}, "b": entry(0, 64)},
        "no-shape": {"a": {"dtype": "U8", "data_offsets": [0, 64]}},
        "more-keys": {"a": {**entry(0, 64), "code": "x"}},
        "no-object": {"a": entry(0, 64), "b": []},
        "metadata-number": {"__metadata__": {"x": 1}, "a": entry(0, 64)},
        "metadata-list": {"__metadata__": ["x"], "a": entry(0, 64)},
        "metadata-nested": {"__metadata__": {"x": {"y": "z"}}, "a": entry(0, 64)},
    }
    for name, header in headers.items():
        yield _case(name, "safetensors", safetensors(header, data), twin, "medium")
    good = json.dumps({"a": entry(0, 64)}).encode()
    raw = {
        "duplicate": good[:-1] + b"," + good[1:],
        "duplicate-inside": good.replace(b'"dtype"', b'"dtype": "F32", "dtype"'),
        "behind-object": good + b' {"b": 1}',
    }
    for name, header_bytes in raw.items():
        yield _case(name, "safetensors", safetensors(header_bytes, data), twin, "medium")
    for name, words in _CODE.items():
        hostile = safetensors({"__metadata__": {"note": words}, "a": entry(0, 64)}, data)
        said = safetensors({"__metadata__": {"note": "of os-system"}, "a": entry(0, 64)}, data)
        yield _case(f"metadata-{name}", "safetensors", hostile, said, "medium")
        described = Gguf().key("general.description", STRING, words).tensor("a", data).file()
        spoken = Gguf().key("general.description", STRING, "{{ a }}").tensor("a", data).file()
        yield _case(f"metadata-{name}", "gguf", described, spoken, "medium")
    held = [(ELF.ljust(256, b"\0")), bytes(range(256))]
    hostile, plain_one = (
        Gguf().key("a.b", ARRAY, (U8, list(one))).tensor("a", data).file() for one in held
    )
    yield _case("program-in-array", "gguf", hostile, plain_one, "high")
    broken = {
        "truncated": twin[:-8], "past-the-end": safetensors(good, data[:40]),
        "nan": safetensors(good.replace(b"[64]", b"[NaN]"), data),
        "no-json": safetensors(b'{"a": }', data), "latin": safetensors(b'{"\xe9": {}}', data),
        "deep": safetensors(b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}", data),
        "long-header": safetensors(good, data, 1 << 32),
        "header-past-end": safetensors(good, b"", len(good) + 9),
        "digits": safetensors(good.replace(b"[64]", b"[" + b"9" * 9000 + b"]"), data),
    }  # fmt: skip
    for name, whole in broken.items():
        yield _case(name, "safetensors", whole, None, "incomplete")
    for name, file in FILES.items():
        level = "critical" if name in ("zip", "pickle") else "high"
        yield _case(f"behind-{name}", "safetensors", twin + file, twin, level)
        within = safetensors({"a": entry(0, len(file))}, file)
        if name in ("zip", "pickle"):
            level = "critical"
        yield _case(f"within-{name}", "safetensors", within, twin, level)
    yield _case("behind-zeros", "safetensors", twin + bytes(9), twin, "medium")
    for name, text in (
        ("base64", base64.b64encode(EVIL[2] * 2).decode()), ("hex", ELF.hex()),
        ("urlsafe", base64.urlsafe_b64encode(archive()).decode()),
    ):  # fmt: skip
        header = {"__metadata__": {"note": text}, "a": entry(0, 64)}
        other = {"__metadata__": {"note": "0123456789" * 9, "format": "pt"}, "a": entry(0, 64)}
        yield _case(
            f"metadata-{name}", "safetensors", safetensors(header, data), safetensors(other, data),
            "critical" if name != "hex" else "high",
        )  # fmt: skip


def _case(name: str, family: str, data: bytes, twin: bytes | None, expect: str) -> Case:
    return Case(name, family, f"model.{family}", data, twin, expect, False)


def ordinary(version: int = 3, order: str = "<", template: str = HOST) -> Gguf:
    """Return an ordinary model in progress."""
    made = Gguf(version, order)
    made.key("general.architecture", STRING, "llama").key("general.alignment", U32, 32)
    made.key("tokenizer.ggml.tokens", ARRAY, (STRING, ["<s>", "a", "b"]))
    made.key("tokenizer.ggml.scores", ARRAY, (6, [0.0, 1.0, 2.0]))
    made.key("tokenizer.chat_template", STRING, template)
    return made.tensor("a", bytes(range(40))).tensor("b", bytes(range(32)))


def _gguf() -> Iterator[Case]:
    twin = ordinary().file()
    for version, order in ((1, "<"), (2, "<"), (3, "<"), (3, ">")):
        hostile = ordinary(version, order, HOST + WALKS["dots"]).file()
        label = f"template-v{version}{'be' if order == '>' else ''}"
        yield _case(label, "gguf", hostile, ordinary(version, order).file(), "critical")
    named = ordinary().key("tokenizer.chat_template.tool_use", STRING, HOST + WALKS["join-filter"])
    yield _case("template-named", "gguf", named.file(), twin, "critical")
    odd = {
        "duplicate-key": ordinary().key("general.architecture", STRING, "other"),
        "duplicate-template": ordinary().key("tokenizer.chat_template", STRING, "{{ 1 }}"),
        "duplicate-tensor": ordinary().tensor("a", bytes(8)),
        "overlap": ordinary().tensor("c", bytes(64), offset=0),
        "hole": ordinary().tensor("c", bytes(range(1, 65)) * 4, offset=192),
        "unaligned": ordinary().tensor("c", bytes(16), offset=97),
        "alignment": Gguf().key("general.alignment", U32, 31).tensor("a", bytes(32)),
        "alignment-zero": Gguf().key("general.alignment", U32, 0).tensor("a", bytes(32)),
        "huge": ordinary().tensor("c", b"", [1 << 40, 1 << 40]),
        "axes": ordinary().tensor("c", bytes(1), [1] * 9),
        "rows": ordinary().tensor("c", bytes(18), [31], kind=2),
        "scores": ordinary().key("tokenizer.ggml.token_type", ARRAY, (5, [1] * 9)),
        "bool": ordinary().key("x", 7, 9),
    }
    for name, made in odd.items():
        yield _case(name, "gguf", made.file(), twin, "medium")
    broken = {
        "truncated": twin[:-8], "keys": ordinary().file(keys=1 << 40),
        "tensors": ordinary().file(tensors=1 << 62), "version": b"GGUF\x09" + twin[5:],
        "type": ordinary().tensor("c", bytes(8), kind=99).file(),
        "key-type": Gguf().key("x", U8, 1).file().replace(b"x\0\0\0\0", b"x\x63\0\0\0"),
        "deep": _nested(40), "string": _long_string(),
    }  # fmt: skip
    for name, whole in broken.items():
        yield _case(name, "gguf", whole, None, "incomplete")
    for name, file in FILES.items():
        level = "critical" if name in ("zip", "pickle") else "high"
        yield _case(f"behind-{name}", "gguf", twin + file, twin, level)
        yield _case(f"within-{name}", "gguf", ordinary().tensor("c", file).file(), twin, level)


def _nested(depth: int) -> bytes:
    made = Gguf()
    value: object = (U8, [1])
    for _ in range(depth):
        value = (ARRAY, [value])
    return made.key("x", ARRAY, value).file()


def _long_string() -> bytes:
    return Gguf().key("x", STRING, "abc").file().replace(b"\x03\0\0\0\0\0\0\0abc",
                                                          b"\xff" * 8 + b"abc")  # fmt: skip
