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
        module, name = entry.split()
        gadget = Gadget("command", module, name, False)
        for p in (P0, P2, P4):
            data = p.file(p.apply(callee(p, gadget), COMMAND))
            yield _made_up(f"{gadget.path}-text-{p.protocol}", gadget, data)
        data = P4.file(P4.apply(callee(P4, gadget), {"cmd": [COMMAND]}, 3))
        yield _made_up(f"{gadget.path}-nested-text", gadget, data)
        data = P4.file(P4.apply(callee(P4, gadget), COMMAND.encode()))
        yield _made_up(f"{gadget.path}-bytes", gadget, data)
        data = P4.file(P4.call(module, name, COMMAND, how="INST"))
        yield _made_up(f"{gadget.path}-inst", gadget, data)
        if not name[:1].isupper():
            # Without arguments: a function acts all the same, a class may be plain data.
            data = P4.file(P4.apply(callee(P4, gadget)))
            yield _made_up(f"{gadget.path}-nothing", gadget, data)
            data = P4.file(P4.apply(callee(P4, gadget), 7, 2.5, None))
            yield _made_up(f"{gadget.path}-numbers", gadget, data)


def _made_up(name: str, gadget: Gadget, data: bytes) -> Case:
    return Case(
        name, "made-up-module", "model.pkl", data, GOOD[4], "medium", payload=gadget.path
    )
