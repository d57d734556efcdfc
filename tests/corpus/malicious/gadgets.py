"""Gadgets in call position: listed ones, ones that nobody lists, and modules that were made up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tests.corpus.malicious.case import (
    ARGUMENTS,
    COMMAND,
    GOOD,
    P0,
    P2,
    P4,
    Case,
    rows,
)  # fmt: skip
from tests.kit.assemble import Code, Dialect

EXPECT = {"command": "critical", "code": "critical", "defer": "medium"}
"""Severity of a call by what it gives; high for all others."""


class Gadget(NamedTuple):
    """A callable that does harm.

    Attributes:
        capability: What it gives.
        module: Where it is.
        name: Dotted for methods.
        acts_in_new: It is a class that acts in ``__new__``, so that NEWOBJ is enough.
    """

    capability: str
    module: str
    name: str
    acts_in_new: bool

    @property
    def path(self) -> str:
        return f"{self.module}.{self.name}"


def read(table: str) -> list[Gadget]:
    """Return the gadgets of a table."""
    found = []
    for capability, module, *names in rows(table):
        for name in names:
            found.append(Gadget(capability, module, name.rstrip("!"), name.endswith("!!")))
    return found


def callee(p: Dialect, gadget: Gadget) -> Code:
    """Name a gadget: before protocol 4, a method is read off its class by getattr."""
    head, _, rest = gadget.name.partition(".")
    if p.protocol >= 4 or not rest:
        return p.name(gadget.module, gadget.name)
    code = p.name(gadget.module, head)
    for part in rest.split("."):
        code = p.call("__builtin__", "getattr", code, part)
    return code


def forms(gadget: Gadget) -> Iterator[tuple[str, bytes]]:
    """Yield the files that call a gadget, each with a label."""
    argument = ARGUMENTS[gadget.capability]
    for p in (P0, P2, P4):
        yield f"reduce-{p.protocol}", p.file(p.apply(callee(p, gadget), argument))
    yield "obj-4", P4.file(P4.call(gadget.module, gadget.name, argument, how="OBJ"))
    yield "inst-4", P4.file(P4.call(gadget.module, gadget.name, argument, how="INST"))
    if "." not in gadget.name:
        yield "inst-0", P0.file(P0.call(gadget.module, gadget.name, argument, how="INST"))
    if gadget.acts_in_new:
        for how in ("NEWOBJ", "NEWOBJ_EX"):
            data = P4.file(P4.call(gadget.module, gadget.name, argument, how=how))
            yield f"{how.lower()}-4", data


def gadget_cases(table: str, family: str, most: str = "critical") -> Iterator[Case]:
    """Yield the cases of a table.

    Args:
        table: Its file.
        family: What to call them.
        most: Highest severity asked for.
    """
    for gadget in read(table):
        severe = EXPECT.get(gadget.capability, "high") if most == "critical" else most
        for label, data in forms(gadget):
            name = f"{gadget.path}-{label}"
            expect = "medium" if label.startswith("newobj") else severe
            yield Case(name, family, "model.pkl", data, None, expect, payload=gadget.path)


INVENTED = (
    "acme_utils.runner run_cmd", "acme_utils.runner Runner", "acme_ml.loader load_plugin",
    "companytools.shell sh", "companytools.shell Shell", "mylib.helpers do", "mylib fetch",
    "helpers.io save_to", "utils run", "utils.misc call_it", "lib.exec_ go", "project.train main",
    "models.custom Custom", "models.net Net", "modelzoo.hub pull", "vendor.x.y.z deep_call",
    "a b", "zz.top legs", "data_tools.Reader open_path", "Data_Tools reader",
    "CamelCase.Module Thing",
    "fasttrain.kernels compile_kernel", "torchextras.ops register", "numpyext.core rebuild",
    "sklearn_contrib.boost make", "pandas_helpers.frame from_text", "hf_extra.tokenization build",
    "internal.secrets_ get", "agent.tools Tool", "pluginmanager PluginManager", "bootstrap start",
    "_private_module _hidden", "x1 x2", "service.client Client", "jobs.queue_ submit",
    "notebooks.cell render", "cythonized.fast f", "superresolution.archs Upscaler.build",
    "mmcv_like.registry build_from_cfg", "detectors.yolo_like attempt_load",
)  # fmt: skip


def cases() -> Iterator[Case]:
    yield from gadget_cases("gadgets.txt", "gadget")
    yield from gadget_cases("unlisted.txt", "unlisted-gadget", "medium")
    yield from _invented()


def _invented() -> Iterator[Case]:
    for entry in INVENTED:
        yield from made_up(*entry.split())


def made_up(module: str, name: str) -> Iterator[Case]:
    """Yield the calls of something that no table can know."""
    gadget = Gadget("command", module, name, False)
    named = callee(P4, gadget)
    files = {f"text-{p.protocol}": p.file(p.apply(callee(p, gadget), COMMAND)) for p in (P0, P2)}
    files |= {
        "text-4": P4.file(P4.apply(named, COMMAND)),
        "nested-text": P4.file(P4.apply(named, {"cmd": [COMMAND]}, 3)),
        "bytes": P4.file(P4.apply(named, COMMAND.encode())),
        "inst": P4.file(P4.call(module, name, COMMAND, how="INST")),
    }
    if not name[:1].isupper():
        # Without text a function acts all the same; a class may be plain data.
        files |= {"nothing": P4.file(P4.apply(named)), "numbers": P4.file(P4.apply(named, 7, None))}
    for label, data in files.items():
        yield Case(
            f"{gadget.path}-{label}", "made-up-module", "model.pkl", data, GOOD[4], "medium",
            payload=gadget.path,
        )  # fmt: skip
