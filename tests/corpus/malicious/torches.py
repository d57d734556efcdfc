"""PyTorch: checkpoints as zip, legacy stream and tar; packages, distributed and exported ones."""

from __future__ import annotations

import io
import pickle
import struct
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.corpus.malicious import torch_base as base
from tests.corpus.malicious.case import (
    COMMAND,
    EVIL,
    GOOD,
    P2,
    P4,
    Case,
    system,
)  # fmt: skip
from tests.kit.assemble import BINPERSID, Code
from tests.kit.zips import Entry, build, changed, entries_of


def cases() -> Iterator[Case]:
    try:
        import torch  # noqa: F401
    except ImportError:
        return
    yield from _payloads()
    yield from _lies()
    yield from _hidden()
    yield from _legacy()
    yield from _tar()
    yield from _package()
    yield from _distributed()
    yield from _exported()


def _case(
    name: str, data: bytes, twin: bytes | None = None, expect: str = "critical",
    filename: str = "model.pt", stream: bytes = b"", **more: Any,
) -> Case:  # fmt: skip
    reaches = bool(stream) or more.pop("reaches", False)
    return Case(name, "torch", filename, data, twin, expect, reaches, stream=stream, **more)


def members() -> list[Entry]:
    """Return the members of a real checkpoint."""
    return entries_of(base.checkpoint())


def data_pkl() -> bytes:
    """Return the pickle of a real checkpoint."""
    return next(entry.data for entry in members() if str(entry.name).endswith("data.pkl"))


def root() -> str:
    """Return the name of a real checkpoint's folder."""
    return str(members()[0].name).partition("/")[0]


def swapped(pickle: bytes, **changes: object) -> bytes:
    """Return a checkpoint with another pickle."""
    return build(changed(members(), "data.pkl", data=pickle, **changes))


def _payloads() -> Iterator[Case]:
    original = data_pkl()
    hostile, harmless = base.infect(original), base.treat(original)
    for name in ("model.pt", "model.pth", "model.ckpt", "pytorch_model.bin", "model.zip", "weights",
                 "checkpoint.tar", "model.pt.bak"):  # fmt: skip
        yield _case(f"swapped-{name}", swapped(hostile), swapped(harmless), filename=name,
                    stream=hostile)  # fmt: skip
    for number, evil in EVIL.items():
        yield _case(f"plain-{number}", swapped(evil), swapped(GOOD[number]), stream=evil)
    within = P2.file(P2.value({"weight": _tensor(), "hook": system(P2)}))
    fine = P2.file(P2.value({"weight": _tensor()}))
    yield _case("in-state-dict", swapped(within), swapped(fine), stream=within)
    for name, expect in (("os.system", "critical"), ("runpy.run_path", "critical")):
        names = [
            P2.file(P2.value({"state_dict": {}, "hyper_parameters": {"_instantiator": one}}))
            for one in (name, "lightning.pytorch.cli.instantiate_module")
        ]
        yield _case(f"instantiator-{name}", swapped(names[0]), swapped(names[1]), expect)
    odd_id = P2.file(P2.value([P2.tuple("storage", system(P2), "0", "cpu", 32) + BINPERSID]))
    yield _case("in-persistent-id", swapped(odd_id), swapped(fine), stream=odd_id)
    module = P2.file(
        P2.call("torch._tensor", "_rebuild_from_type_v2", P2.name("os", "system"),
                P2.name("builtins", "str"), (COMMAND,), None)
    )  # fmt: skip
    yield _case("rebuild-with-a-function", swapped(module), swapped(fine), "high")
    second = GOOD[2] + EVIL[2]
    yield _case("second-pickle", swapped(second), swapped(GOOD[2] * 2), stream=second)
    broken = EVIL[2][:-1] + b"\xff\xff"
    yield _case("broken-after", swapped(broken), None, stream=broken, gap=True)


def _tensor() -> Code:
    storage = P2.tuple("storage", P2.name("torch", "FloatStorage"), "0", "cpu", 32) + BINPERSID
    return P2.call(
        "torch._utils", "_rebuild_tensor_v2", storage, 0, (8, 4), (4, 1), False,
        P2.apply(P2.name("collections", "OrderedDict")),
    )  # fmt: skip


def _lies() -> Iterator[Case]:
    """The archive says different things to different readers."""
    original = data_pkl()
    evil, good = base.infect(original), original
    whole, clean = swapped(evil), base.checkpoint()
    name, folder = f"{root()}/data.pkl", root()
    at = next(n for n, entry in enumerate(members()) if entry.name == name)

    def with_member(*extra: Entry, place: int = at + 1) -> bytes:
        listed = members()
        return build([*listed[:place], *extra, *listed[place:]])

    upper = changed(members(), "data.pkl", name=f"{folder}/DATA.PKL", data=evil)
    title = changed(members(), "data.pkl", name=f"{folder}/Data.Pkl", data=evil)
    yield _case("upper-case", build(upper), clean, stream=evil)
    yield _case("title-case", build(title), clean, stream=evil)
    yield _case("zip-zip-first-evil", whole + clean, None, stream=evil)
    yield _case("zip-zip-second-evil", clean + whole, None, stream=evil)
    yield _case("duplicate-first-evil", with_member(Entry(name, evil), place=at), None, stream=evil)
    yield _case("duplicate-last-evil", with_member(Entry(name, evil)), None, stream=evil)
    yield _case("duplicate-other-case", with_member(Entry(name.upper(), evil)), None, stream=evil)
    yield _case("duplicate-harmless", with_member(Entry(name, base.treat(good))), None,
                "medium")  # fmt: skip
    yield _case("local-name-differs", swapped(evil, local_name=f"{folder}/readme"), None,
                stream=evil)  # fmt: skip
    yield _case("local-name-differs-harmless", swapped(good, local_name=f"{folder}/data/9"), None,
                "medium")  # fmt: skip
    yield _case("central-name-differs", swapped(evil, name=f"{folder}/readme", local_name=name),
                None, stream=evil)  # fmt: skip
    for label, changes in {
        "wrong-crc": {"crc": 0x12345678}, "encrypted-flag": {"flags": 1},
        "strong-encryption": {"flags": 0x41}, "utf8-flag": {"flags": 0x800},
        "descriptor-flag": {"flags": 8}, "patch-flag": {"flags": 0x20},
        "local-flags-differ": {"local_flags": 1}, "local-method-differs": {"local_method": 8},
        "unknown-method": {"method": 97, "raw": evil}, "size-zero": {"size": 0},
        "local-size-zero": {"local_size": 0}, "size-short": {"size": 4},
        "directory-mode": {"mode": 0o040755}, "link-mode": {"mode": 0o120777},
    }.items():  # fmt: skip
        expect = "incomplete" if label == "unknown-method" else "medium"
        if label in ("wrong-crc", "utf8-flag", "local-flags-differ", "encrypted-flag",
                     "directory-mode", "descriptor-flag"):  # fmt: skip
            expect = "critical"
        stream = evil if expect == "critical" else b""
        yield _case(f"lie-{label}", swapped(evil, **changes), None, expect, stream=stream)
    deflated = build(changed(members(), "data.pkl", data=evil, method=8))
    yield _case("deflated", deflated, build(changed(members(), "data.pkl", method=8)), stream=evil)
    listed = changed(members(), "data.pkl", data=evil)
    yield _case("count-too-small", build(listed, count=1), None, stream=evil)
    yield _case("count-too-large", build(listed, count=99), None, stream=evil)
    yield _case("comment", build(listed, comment=b"PK\x05\x06 a comment"), None, stream=evil)
    yield _case("trailing-100", build(listed, suffix=b"x" * 100), None, stream=evil)
    yield _case("unlisted", build(changed(listed, "data.pkl", central=False)), None, "medium")
    prefixes = {"evil-pickle": EVIL[2], "evil-text-pickle": EVIL[0], "evil-proto-4": EVIL[4]}
    for label, prefix in prefixes.items():
        yield _case(f"prefix-{label}", prefix + clean, None, stream=prefix)
        shifted = build(members(), prefix=prefix, base=len(prefix))
        yield _case(f"prefix-{label}-not-counted", shifted, None, stream=prefix)
        counted = build(members(), prefix=prefix)
        yield _case(f"prefix-{label}-counted", counted, None, stream=prefix)
    yield _case("suffix-evil-pickle", clean + EVIL[2], None, stream=clean + EVIL[2],
                start=len(clean))  # fmt: skip
    yield _case("suffix-far-pickle", clean + b"\0" * 70_000 + EVIL[2], None, "medium")
    hidden = build(members(), comment=EVIL[0])
    yield _case("pickle-in-comment", hidden, None, "medium")
    yield _case("behind-padding", b"\0" * 8 + whole, None, "medium")


def _hidden() -> Iterator[Case]:
    """A pickle where tensors' bytes should be, and in gaps."""
    listed, folder, clean = members(), root(), base.checkpoint()
    for number in (0, 2, 4):
        evil = EVIL[number]
        extra = Entry(f"{folder}/data/99", evil)
        yield _case(f"unreferenced-storage-{number}", build([*listed, extra]), clean, "medium")
        grown = changed(listed, "data/0", data=evil + b"\0" * 128)
        yield _case(f"storage-of-another-size-{number}", build(grown), clean, "medium")
        gap = changed(listed, "version", before=b"\0" * 100 + evil + b"\0" * 100)
        yield _case(f"in-a-gap-{number}", build(gap), clean, "medium")
        before = build(listed, before_directory=evil + b"\0" * 300)
        yield _case(f"before-directory-{number}", before, clean, "medium")
        for name in (f"{folder}/extra.pkl", f"{folder}/.data/extra", "other/data.pkl", "hidden.bin",
                     f"{folder}/data/x", f"{folder}/data/0.bak", f"{folder}/code.txt",
                     f"{folder}/version.bak", f"{folder}/byteorder.old"):  # fmt: skip
            yield _case(f"member-{name.rpartition('/')[2]}-{number}", build(
                [*listed, Entry(name, evil)]), clean, "critical", stream=evil)  # fmt: skip
        zeroed = changed(listed, "version", data=evil)
        yield _case(f"as-version-{number}", build(zeroed), clean, stream=evil)
        extra_field = changed(listed, "version", extra=struct.pack("<2sH", b"FB", 300)
                              + (evil + b"\0" * 300)[:300])  # fmt: skip
        yield _case(f"in-extra-field-{number}", build(extra_field), clean, "medium")
    size = next(len(entry.data) for entry in listed if str(entry.name).endswith("data/0"))
    deflated = changed(listed, "data/0", method=8, data=EVIL[2].ljust(size, b"\0"))
    yield _case("storage-deflated", build(deflated), clean, "medium")
    nested = Entry(f"{folder}/inner.pt", swapped(EVIL[2]))
    yield _case("checkpoint-within", build([*listed, nested]), clean, stream=EVIL[2])
    yield _case("pickle-of-checkpoint", P4.file(P4.value({"blob": swapped(EVIL[2])})),
                P4.file(P4.value({"blob": clean})), "medium")  # fmt: skip


def _legacy() -> Iterator[Case]:
    clean = base.checkpoint(modern=False)
    parts = base.split(clean)
    for number, label in enumerate(("magic", "protocol", "system", "object", "keys")):
        evil = [*parts]
        evil[number] = base.infect(parts[number])
        good = [*parts]
        good[number] = base.treat(parts[number])
        data = b"".join(evil)
        yield _case(f"legacy-{label}", data, b"".join(good), stream=b"".join(evil[:5]))
        replaced = [*parts]
        replaced[number] = EVIL[2]
        yield _case(f"legacy-{label}-replaced", b"".join(replaced), None,
                    stream=b"".join(replaced[:5]))  # fmt: skip
    number = "0x1950a86a20f9469cfc6c"
    evaluated = P2.file(P2.call("builtins", "eval", f"print('SENTINEL_MARKER') or {number}"))
    data = evaluated + b"".join(parts[1:])
    yield _case("legacy-magic-by-eval", data, None, stream=evaluated, payload="builtins.eval")
    behind = clean + EVIL[2]
    yield _case("legacy-behind-storages", behind, None, stream=behind, start=len(clean))
    grown = parts[5][:-16] + EVIL[2]
    yield _case("legacy-in-storages", b"".join(parts[:5]) + grown, None, "incomplete")
    cut = clean[:-40]
    yield _case("legacy-cut", cut, None, "incomplete")
    for number in (0, 4):
        yield _case(f"legacy-first-{number}", EVIL[number] + clean, None, stream=EVIL[number])


def _tar() -> Iterator[Case]:
    def archive(**changed: bytes) -> bytes:
        listed = {
            "sys_info": pickle.dumps({"protocol_version": 1000, "little_endian": True}, 2),
            "pickle": pickle.dumps({"weight": [1.0]}, 2),
            "storages": pickle.dumps(0, 2),
            "tensors": pickle.dumps(0, 2),
        } | changed
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT) as writer:
            for name, data in listed.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                writer.addfile(info, io.BytesIO(data))
        return file.getvalue()

    twin = archive()
    for name in ("sys_info", "pickle", "storages", "tensors"):
        for number in (0, 2):
            evil = EVIL[number]
            yield _case(f"tar-{name}-{number}", archive(**{name: evil}), twin, stream=evil)
    later = pickle.dumps(1, 2) + EVIL[2]
    yield _case("tar-second-in-storages", archive(storages=later), twin, stream=later)
    raw = pickle.dumps(1, 2) + b"\x01\x02\x03\x04" * 8 + EVIL[2]
    yield _case("tar-behind-raw-bytes", archive(tensors=raw), twin, stream=raw,
                start=len(raw) - len(EVIL[2]))  # fmt: skip


def _package() -> Iterator[Case]:
    source = f"import os\nos.system({COMMAND!r})\n\nclass Model:\n    pass\n"
    harmless = "import math\n\nclass Model:\n    rate = math.pi\n"
    for label, code, model in (
        ("source", source, GOOD[2]), ("pickle", harmless, EVIL[2]), ("twin", harmless, GOOD[2]),
    ):  # fmt: skip
        entries = [
            Entry("pkg/.data/extern_modules", b"math\n"), Entry("pkg/.data/version", b"6\n"),
            Entry("pkg/.data/python_version", b"3.11.0"), Entry("pkg/byteorder", b"little"),
            Entry("pkg/mine/__init__.py"), Entry("pkg/mine/model.py", code.encode()),
            Entry("pkg/model/model.pkl", model), Entry("pkg/.data/0.storage", b"\0" * 16),
        ]  # fmt: skip
        data = build(entries)
        if label == "source":
            hostile_source = data
        elif label == "pickle":
            hostile_pickle = data
    yield _case("package-source", hostile_source, data, "high")
    yield _case("package-pickle", hostile_pickle, data, stream=EVIL[2])
    extern = build([
        replace(entry, data=b"os\nsubprocess\n") if str(entry.name).endswith("extern_modules")
        else replace(entry, data=source.encode()) if str(entry.name).endswith("__init__.py")
        else entry for entry in entries
    ])  # fmt: skip
    yield _case("package-extern", extern, data, "high")
    inner = P2.file(P2.value([P2.call("torch_package_importer", "x", COMMAND)]))
    yield _case(
        "package-unknown-call", build([*entries[:-2], Entry("pkg/model/model.pkl", inner)]), data,
        "medium",
    )  # fmt: skip


def _distributed() -> Iterator[Case]:
    for number in (2, 4):
        yield _case(f"dcp-metadata-{number}", EVIL[number], GOOD[number], filename=".metadata",
                    stream=EVIL[number])  # fmt: skip
    clean, evil = base.checkpoint(), swapped(EVIL[2])
    yield _case("dcp-second-item", clean + evil, None, filename="__0_0.distcp", stream=EVIL[2])
    yield _case("dcp-first-item", evil + clean, None, filename="__0_0.distcp", stream=EVIL[2])
    three = clean + evil + clean
    yield _case("dcp-middle-item", three, None, filename="__0_0.distcp", stream=EVIL[2])


def _exported() -> Iterator[Case]:
    clean = base.checkpoint()

    def archive(inputs: bytes, *extra: Entry) -> bytes:
        return build([
            Entry("m/archive_format", b"pt2"), Entry("m/archive_version", b"0"),
            Entry("m/byteorder", b"little"),
            Entry("m/models/model.json", b'{"graph_module": {}}'),
            Entry("m/data/sample_inputs/model.pt", inputs), *extra,
        ])  # fmt: skip

    twin = archive(clean)
    yield _case("pt2-sample-inputs", archive(swapped(EVIL[2])), twin, filename="model.pt2",
                stream=EVIL[2])  # fmt: skip
    yield _case("pt2-weights", archive(clean, Entry("m/data/weights/weight_0", EVIL[2])), twin,
                "medium", "model.pt2")  # fmt: skip
    elf = b"\x7fELF\x02\x01\x01" + b"\0" * 57 + b"\0" * 200
    so = archive(clean, Entry("m/data/aotinductor/model/model.so", elf))
    yield _case("pt2-native-code", so, twin, "medium", "model.pt2")
    opaque = archive(clean, Entry("m/data/constants/custom_obj_0", EVIL[2]))
    yield _case("pt2-custom-object", opaque, twin, "medium", "model.pt2")
