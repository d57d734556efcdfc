"""TorchScript: hostile calls in the code members and pickles of a real archive."""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus.malicious import torch_base as base
from tests.corpus.malicious.case import ABSENT, EVIL, GOOD, SOURCE, Case
from tests.kit.zips import Entry, build, changed, entries_of

LINES: dict[str, tuple[str, str]] = {
    "from-file": (f'x = torch.from_file("{ABSENT}", True, 4)', "high"),
    "from-file-ops": (f'x = ops.aten.from_file("{ABSENT}", True, 4)', "high"),
    "save": (f'torch.save(input, "{ABSENT}")', "high"),
    "save-ops": (f'ops.aten.save(input, "{ABSENT}")', "high"),
    "load-library": (f'ops.load_library("{ABSENT}")', "medium"),
    "classes": ("x = __torch__.torch.classes.evil.Runner.__new__(__torch__.torch.classes.evil."
                "Runner)", "medium"),
    "custom-operator": (f'x = ops.evil.run("{ABSENT}")', "medium"),
    "custom-operator-void": ('ops.evil.go("echo SENTINEL_MARKER")', "medium"),
    "unknown-aten": ("x = torch.no_such_operator_x(input)", "medium"),
    "unknown-ops-aten": ("x = ops.aten.no_such_operator_x(input)", "medium"),
    "rpc-async": ('x = ops.aten.rpc_async("worker", "f", [])', "medium"),
    "rpc-sync": ('x = rpc_sync("worker", "f", [])', "medium"),
    "rpc-remote": ('x = torch.distributed.rpc.remote("worker", "f")', "medium"),
    "to-here": ("x = ops.aten.to_here(input)", "medium"),
    "c10d": ("x = ops.c10d.allreduce_([input], None, None)", "medium"),
    "backend": ("x = __torch__.torch.classes.__backends__.evil.__new__(input)", "medium"),
    "dunder-import": (f"x = __import__('os').system({SOURCE!r})", "medium"),
    "exec": (f"exec({SOURCE!r})", "medium"),
}  # fmt: skip


def cases() -> Iterator[Case]:
    try:
        clean = base.script()
    except ImportError:
        return
    listed = entries_of(clean)
    source = next(entry for entry in listed if "/code/" in str(entry.name)
                  and str(entry.name).endswith(".py"))  # fmt: skip
    for label, (line, expect) in LINES.items():
        text = source.data.decode()
        head, mark, tail = text.partition("-> Tensor:\n")
        evil = (head + mark + f"    {line}\n" + tail).encode()
        data = build(changed(listed, str(source.name), data=evil))
        yield _case(f"code-{label}", data, clean, expect)
    setstate = (
        source.data
        + (
            "  def __setstate__(self: __torch__.X,\n    state: Tensor) -> NoneType:\n"
            f'    torch.save(state, "{ABSENT}")\n    return None\n'
        ).encode()
    )
    data = build(changed(listed, str(source.name), data=setstate))
    yield _case("code-setstate", data, clean, "high")
    for name in ("data.pkl", "constants.pkl"):
        if any(str(entry.name).endswith(name) for entry in listed):
            data = build(changed(listed, name, data=EVIL[2]))
            twin = build(changed(listed, name, data=GOOD[2]))
            yield _case(f"pickle-{name}", data, twin, "critical", EVIL[2])
    folder = str(listed[0].name).partition("/")[0]
    extra = {
        "extra-code": Entry(f"{folder}/code/__torch__/evil.py",
                            f'def f(x: Tensor) -> Tensor:\n  torch.save(x, "{ABSENT}")\n'
                            "  return x\n".encode()),
        "debug-pickle": Entry(f"{folder}/code/__torch__/x.py.debug_pkl", EVIL[2]),
        "extra-file": Entry(f"{folder}/extra/config.pkl", EVIL[2]),
        "bytecode": Entry(f"{folder}/bytecode.pkl", EVIL[2]),
        "mobile-debug": Entry(f"{folder}/mobile_debug_handles.pkl", EVIL[2]),
        "constants-storage": Entry(f"{folder}/constants/77", EVIL[2]),
        "call-stack": Entry(f"{folder}/callstack_debug_map.pkl", EVIL[2]),
    }  # fmt: skip
    for label, entry in extra.items():
        expect = "high" if label == "extra-code" else "medium"
        yield _case(f"member-{label}", build([*listed, entry]), clean, expect)
    broken = build(changed(listed, str(source.name), data=b"\xff\xfe" * 50))
    yield _case("code-not-text", broken, None, "incomplete")


def _case(name: str, data: bytes, twin: bytes | None, expect: str, stream: bytes = b"") -> Case:
    return Case(name, "torchscript", "model.pt", data, twin, expect, bool(stream), stream=stream)
