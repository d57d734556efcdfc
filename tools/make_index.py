"""Compile the import tables (TOML) into the one index that is read when a file is scanned.

``python -m tools.make_index`` writes ``src/sentinel/data/imports/index.txt``. One line per module,
sorted by its bytes, fields separated by tabs: the module, then ``key=value`` for

- ``name=s<letter>``: safe; the letter is the capability that *calling* it gives, if any, and ``?``
  for a class that its library defines but was never seen calling while it unpickles;
- ``name=h<shape>``: judged by its arguments;
- ``name=d<letter><reason>`` and ``name=g<letter><reason>``: dangerous, by hand or by the audit;
- ``name=c<letter><reason>``: a class that is dangerous to call, by the audit, not to make;
- ``=<flags>:<letter><reason>``: about the module (``w`` dangerous as a whole, ``p`` with all below
  it, ``t`` telling as an attribute or tail, ``h`` dangerous to hand out, ``x`` dangerous to give
  text alone);
- ``@=<module>``: look further in that module.

Lines that begin with ``*`` are lists: telling names of functions and of methods, attribute
segments, telling tails; ``*of.<package>`` holds the dangerous classes of a package by their bare
names, with the module each is known in, where the package has no harmless class of that name.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "src" / "sentinel" / "data" / "imports"
INDEX = FOLDER / "index.txt"

LETTERS = {
    "": "-", "execute": "E", "load-code": "L", "deserialise": "D", "import": "I",
    "introspect": "N", "file": "F", "network": "W", "process": "P", "unvouched": "?",
}  # fmt: skip

CALLED = "called: "
"""Begins the reason of a class whose instances NEWOBJ and BUILD make without harm."""

RENAMED = (("numpy._core", "numpy.core"),)
"""Packages that have two names: what is known of a module by one of them holds by the other."""

_REDUCED = "Output"
"""Part of the names of results of transformers and diffusers, which pickle as calls of a class."""

_MILDEST_FIRST = "Stcgd"
_ON_TEXT = frozenset(("opens_text", "evaluates_text", "evaluates_any_text"))
_CLASS = re.compile(r"_*[A-Z]\w*\Z", re.ASCII)
_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\Z", re.ASCII)

Table = dict[str, dict[str, str]]


class Conflict(ValueError):
    """Two tables say different things about one name."""


def load(name: str) -> dict[str, Any]:
    """Return one TOML table of the folder, empty when it does not exist."""
    path = FOLDER / name
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def modules_of(table: dict[str, Any]) -> dict[str, Any]:
    """Return the entries of a table that are about modules (its sub-tables, bar ``about``)."""
    return {
        key: value for key, value in table.items() if isinstance(value, dict) and key != "about"
    }


def build() -> bytes:
    """Return the index that the TOML tables come to.

    Raises:
        Conflict: Two tables contradict each other.
        ValueError: A table holds what is not a name.
    """
    table: Table = defaultdict(dict)
    add_generated(table, load("dangerous_generated.toml"))
    for path in sorted(FOLDER.glob("safe_*.toml")):
        add_safe(table, load(path.name), path.name)
    add_dangerous(table, load("dangerous.toml"))
    for path in sorted(FOLDER.glob("vouched*.toml")):
        add_vouched(table, load(path.name))
    add_shapes(table, load("shapes_generated.toml"))
    add_shapes(table, load("shapes_cython.toml"))
    add_shapes(table, load("shapes.toml"))
    add_modules(table, load("modules.toml"))
    add_aliases(table, load("aliases.toml"))
    add_bare_names(table)
    return render(table)


def add_generated(table: Table, source: dict[str, Any]) -> None:
    """Add what the audit found; any later table overrules it."""
    for module, capabilities in modules_of(source).items():
        for capability, names in capabilities.items():
            for name, reason in names.items():
                kind = "c" if reason.startswith(CALLED) else "g"
                reason = reason.removeprefix(CALLED)
                put(table, module, name, f"{kind}{LETTERS[capability]}{reason}")


def vouched_names() -> frozenset[tuple[str, str]]:
    """Return the names that were read by hand and found safe."""
    tables = [modules_of(load(path.name)) for path in FOLDER.glob("vouched*.toml")]
    return frozenset(
        (module, name) for table in tables for module, names in table.items() for name in names
    )


def add_vouched(table: Table, source: dict[str, Any]) -> None:
    """Add names that were read by hand and found safe: they overrule the tables before."""
    for module, names in modules_of(source).items():
        for name, about in names.items():
            call = about.get("call", "") if isinstance(about, dict) else ""
            put(table, module, name, f"s{LETTERS[call]}")


def add_safe(table: Table, source: dict[str, Any], origin: str) -> None:
    """Add the names that ordinary files hold.

    Args:
        table: What to add to.
        source: A table of safe names.
        origin: Its file name.

    Raises:
        Conflict: The audit finds a name dangerous in every use.
    """
    vouched = vouched_names()
    for module, entry in modules_of(source).items():
        calls = entry.get("call", {})
        for name in [*entry.get("seen", []), *entry.get("defined", [])]:
            letter = LETTERS[calls.get(name, "")]
            if letter == "-" and name not in entry.get("seen", []) and _REDUCED not in name:
                letter = LETTERS["unvouched"]
            old = table[module].get(name, "")
            if old.startswith("g") and (module, name) not in vouched:
                raise Conflict(f"{origin}: {module}.{name} is {old!r} by the audit")
            if old.startswith("c") and letter in "-?":
                letter = old[1]
            if not (old.startswith("s") and letter in "-?"):
                put(table, module, name, f"s{letter}")


def add_dangerous(table: Table, source: dict[str, Any]) -> None:
    """Add the dangerous names kept by hand."""
    for module, capabilities in modules_of(source).items():
        for capability, names in capabilities.items():
            for name, reason in names.items():
                if table[module].get(name, "").startswith("s"):
                    raise Conflict(f"{module}.{name} is both safe and dangerous")
                put(table, module, name, f"d{LETTERS[capability]}{reason}")


def add_shapes(table: Table, source: dict[str, Any]) -> None:
    """Add the names that are judged by their arguments."""
    for shape, entry in modules_of(source).items():
        for module, names in entry["names"].items():
            for name in names:
                old = table[module].get(name, "")
                if old.startswith("d"):
                    raise Conflict(f"{module}.{name} is both {old!r} and of shape {shape}")
                put(table, module, name, f"h{shape}")


def add_modules(table: Table, source: dict[str, Any]) -> None:
    """Add what is known about modules as wholes."""
    tails = table["*tails"]
    for group in source.get("module", []):
        flags = "".join(
            letter
            for letter, given in (
                ("w", group["capability"]),
                ("p", group.get("package")),
                ("t", group.get("tail")),
                ("h", group.get("handle")),
                ("x", group.get("text")),
            )
            if given
        )
        for module in group["names"]:
            if not _NAME.match(module):
                raise ValueError(module)
            if "" in table[module]:
                raise Conflict(f"{module} stands twice in modules.toml")
            table[module][""] = f"{flags}:{LETTERS[group['capability']]}{group['reason']}"
            if group.get("tail") and "." not in module:
                tails[module] = ""


def add_aliases(table: Table, source: dict[str, Any]) -> None:
    """Add other homes of the same names, telling names and attribute segments."""
    for module, home in source.get("modules", {}).items():
        table[module]["@"] = home
    for new, old in RENAMED:
        for module in [one for one in table if one == new or one.startswith(f"{new}.")]:
            table[old + module.removeprefix(new)].setdefault("@", module)
    for name, target in source.get("names", {}).items():
        put(table, "*names", name, target)
    for name, target in source.get("methods", {}).items():
        put(table, "*methods", name, target)
    for kind, segments in source.get("segments", {}).items():
        for segment in segments:
            put(table, "*segments", segment, kind)


def add_bare_names(table: Table) -> None:
    """Add the dangerous classes of each package by their names, wherever it re-exports them."""
    homes: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for module, entries in table.items():
        for name, value in entries.items():
            if _CLASS.match(name) and not module.startswith("*"):
                homes[module.partition(".")[0], name].append((_standing(value), module))
    for (package, name), found in homes.items():
        kinds = {kind for kind, _ in found}
        if kinds <= set(_MILDEST_FIRST):
            kind = min(kinds, key=_MILDEST_FIRST.index)
            put(table, f"*of.{package}", name, min(home for one, home in found if one == kind))


def _standing(value: str) -> str:
    """Return the kind of an entry: ``S`` is safe to make and not to call, ``t`` acts on text."""
    if value[0] == "h" and value[1:] in _ON_TEXT:
        return "t"
    return "S" if value[0] == "s" and value[1] not in "-?" else value[0]


def put(table: Table, module: str, name: str, value: str) -> None:
    """Enter one name, having looked at its spelling."""
    if (
        not _NAME.match(name)
        or not _NAME.match(module.lstrip("*"))
        or re.search(r"[\t\r\n]", value)
    ):
        raise ValueError(f"{module!r} {name!r} {value!r}")
    table[module][name] = value


def render(table: Table) -> bytes:
    """Return the lines of the index."""
    lines = []
    for module in sorted(table, key=str.encode):
        entries = table[module]
        fields = [f"{name}={entries[name]}" for name in sorted(entries)]
        if fields:
            lines.append("\t".join([module, *fields]) + "\t\n")
    return "".join(lines).encode()


def main() -> None:
    """Write the index."""
    data = build()
    INDEX.write_bytes(data)
    print(f"{INDEX.name}: {len(data):,} bytes, {data.count(bytes([10])):,} modules")


if __name__ == "__main__":
    main()
