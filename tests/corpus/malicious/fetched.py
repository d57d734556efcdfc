"""What by-value picklers and torch.fx fetch, define or bind, and their ordinary twins."""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus.malicious.case import COMMAND, P2, P4, SOURCE, Case
from tests.kit.assemble import Code, Dialect

_IMPORTS = "\nNoneType = type(None)\nfrom math import inf\nfrom torch import device\nimport torch\n"
_REDUCE = "torch.fx.graph_module.reduce_graph_module"
_HEADS = {
    "hint": f"def forward(self, x : eval({SOURCE!r})):",
    "returned": f"def forward(self, x) -> eval({SOURCE!r}):",
    "rest": f"def forward(self, *x : eval({SOURCE!r})):",
    "keyword": f"def forward(self, *, x = eval({SOURCE!r})):",
    "default": f"def forward(self, x = eval({SOURCE!r})):",
}
_BODIES = {
    "item": f"a = __builtins__['eval']({SOURCE!r})",
    "list": f"a = [eval][0]({SOURCE!r})",
    "attribute": f"self.a = eval;  b = self.a({SOURCE!r})",
    "module": "a = torch;  b = a.hub.list('x')",
    "part": "a = torch.hub;  b = a.list('x')",
}


def cases() -> Iterator[Case]:
    yield from _graphs()
    yield from _tuples()
    yield from _bound()


def _case(name: str, data: bytes, twin: bytes, expect: str, payload: str) -> Case:
    return Case(name, "fetched", "model.pkl", data, twin, expect, payload=payload)


def _graphs() -> Iterator[Case]:
    """The source of a graph module runs when its function is defined, and again when traced."""

    def made(p: Dialect, source: str) -> bytes:
        return p.file(p.call(*_split(_REDUCE), {"training": False, "_code": source}, _IMPORTS))

    good = "def forward(self, x : torch.Tensor, y : float = inf):\n    return x + y"
    for p in (P2, P4):
        twin = made(p, good)
        for name, head in _HEADS.items():
            evil = made(p, f"{head}\n    return x")
            yield _case(f"graph-{name}-{p.protocol}", evil, twin, "critical", _REDUCE)
        for name, body in _BODIES.items():
            evil = made(p, f"def forward(self, x):\n    {body}\n    return x")
            yield _case(f"graph-{name}-{p.protocol}", evil, twin, "critical", _REDUCE)


def _split(path: str) -> tuple[str, str]:
    module, _, name = path.rpartition(".")
    return module, name


def _tuples() -> Iterator[Case]:
    """dill looks a named tuple up in its module before it makes one."""
    for p in (P2, P4):
        maker = p.name("dill._dill", "_create_namedtuple")
        found = p.apply(maker, "Popen", ("args",), "subprocess")
        twin = p.file(p.apply(p.apply(maker, "Pair", ("a",), "__main__"), 1.5))
        evil = p.file(p.apply(found, COMMAND))
        path = "dill._dill._create_namedtuple"
        yield _case(f"tuple-{p.protocol}", evil, twin, "critical", path)
        yield _case(f"tuple-held-{p.protocol}", p.file(found), twin, "high", path)


def _bound() -> Iterator[Case]:
    """Bound methods and partials run what they bind when the file calls them."""
    for p in (P2, P4):
        for module, name in (
            ("dill._dill", "_load_type"),
            ("cloudpickle.cloudpickle", "_builtin_type"),
        ):
            for kind in ("MethodType", "PartialType"):
                if kind == "PartialType" and name == "_builtin_type":
                    continue  # types has no partial

                def bind(*function: str, p: Dialect = p, kind: str = kind, to: str = name,
                         home: str = module) -> Code:  # fmt: skip
                    return p.apply(p.call(home, to, kind), p.name(*function), COMMAND)

                twin = p.file(bind("textwrap", "dedent"))
                evil = p.file(p.apply(bind("os", "system")))
                path = f"{module}.{name}"
                label = f"{kind}-{name}-{p.protocol}"
                yield _case(label, evil, twin, "critical", path)
                yield _case(f"{label}-held", p.file(bind("os", "system")), twin, "high", path)
