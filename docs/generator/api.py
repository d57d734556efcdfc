"""The page about the library, out of its docstrings."""

from __future__ import annotations

import enum
import inspect
import re
from collections.abc import Callable
from typing import Any

import sentinel
from sentinel.limits import DEFAULT_LIMITS

from .markdown import NOTE, code, dedent


def api_page() -> str:
    """Return every public name of the package."""
    names = [name for name in sentinel.__all__ if not name.startswith("__")]
    sections = (api_section(name, getattr(sentinel, name)) for name in names)
    return (
        f"{NOTE}# Library\n\n```python\n{api_example()}```\n\n"
        "Everything below is imported from `sentinel`. Names are resolved on first use; importing "
        "the package costs nothing.\n\n" + "\n".join(sections)
    )


def api_example() -> str:
    """Return the example of the package's docstring."""
    block = dedent(sentinel.__doc__).partition("::\n")[2].partition("\n\nNames")[0]
    return inspect.cleandoc(block).strip() + "\n"


def api_section(name: str, value: Any) -> str:
    """Return the section about one public name."""
    parts = [f"## {code(name)}\n"]
    if inspect.isclass(value) and issubclass(value, enum.Enum):
        parts.append(", ".join(code(member.name) for member in value) + ", in this order.\n")
        parts.append(docstring(value))
        return "\n".join(parts)
    if callable(value) and not (inspect.isclass(value) and issubclass(value, BaseException)):
        parts.append(f"```python\n{signature(name, value)}\n```\n")
    parts.append(docstring(value))
    if inspect.isclass(value):
        parts += [method_section(name, *pair) for pair in methods(value)]
    return "\n".join(parts)


def methods(value: type) -> list[tuple[str, Callable[..., Any]]]:
    """Return the public methods a class defines itself."""
    return [
        (name, member)
        for name, member in vars(value).items()
        if inspect.isfunction(member) and not name.startswith("_")
    ]


def method_section(owner: str, name: str, method: Callable[..., Any]) -> str:
    """Return the part about one method."""
    heading = f"### {code(f'{owner}.{name}')}"
    return f"{heading}\n\n```python\n{signature(name, method)}\n```\n\n{docstring(method)}"


def signature(name: str, value: Callable[..., Any]) -> str:
    """Return a signature, one argument a line where it is long."""
    full = inspect.signature(value)
    shown: list[str] = []
    for parameter in full.parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in shown:
            shown.append("*")
        shown.append(parameter_text(parameter))
    result = full.return_annotation
    tail = "" if result is full.empty or inspect.isclass(value) else f" -> {spelled(result)}"
    line = f"{name}({', '.join(shown)}){tail}"
    if len(line) <= 88:
        return line
    return f"{name}(\n" + "".join(f"    {part},\n" for part in shown) + f"){tail}"


def parameter_text(parameter: inspect.Parameter) -> str:
    """Return one parameter as the source would have it."""
    text = f"{parameter.name}: {spelled(parameter.annotation)}"
    if parameter.default is parameter.empty:
        return text
    default = parameter.default
    return f"{text} = {'DEFAULT_LIMITS' if default is DEFAULT_LIMITS else repr(default)}"


def spelled(annotation: object) -> str:
    """Return an annotation as it was written."""
    return str(getattr(annotation, "__forward_arg__", annotation))


def docstring(value: Any) -> str:
    """Return a docstring as Markdown: its sections become lists."""
    text = dedent(value.__doc__)
    text = re.sub(r"``([^`]+)``", r"`\1`", text)
    lines, listing = [], False
    for line in text.splitlines():
        if line.endswith(":") and line[:-1] in {
            "Args",
            "Attributes",
            "Raises",
            "Returns",
            "Yields",
        }:
            listing = line[:-1] not in {"Returns", "Yields"}
            lines += [f"**{line[:-1]}**", ""]
        elif match := re.match(r"    ([\w*., ]+): (.*)", line) if listing else None:
            lines.append(f"- `{match[1]}`: {match[2]}")
        elif line.startswith("    "):
            lines.append("  " + line.strip() if listing else line.strip())
        else:
            listing = listing and not line
            lines.append(line)
    return "\n".join(lines).strip() + "\n"
