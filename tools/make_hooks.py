"""Make the hooks' manifest and the package that installs them: ``python -m tools.make_hooks``.

The manifest says by name which files a hook is given; what they are is decided by their content.
Names come from the table of formats, so a new format needs nothing here. Frameworks match the
pattern with Python's ``re`` (pre-commit) and with a crate of Rust (prek), so it keeps to what both
understand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from sentinel._version import __version__
from sentinel.formats import BY_NAME, FORMATS
from sentinel.formats.family import CARRIERS, PICKLES

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "integrations" / "pre-commit"
HOOKS = ".pre-commit-hooks.yaml"
WIDTH = 98

PICKLE_SUFFIXES = (
    "bin", "checkpoint", "chkpt", "cloudpickle", "cpkl", "dat", "data", "kv", "mdl", "model", "npz",
    "obj", "pbz2", "pdopt", "pdparams", "pickle5", "pickled", "pkl5", "pyth", "sav", "torch",
    "torchscript", "w2v", "weights",
)  # fmt: skip
"""Endings that pickles bear too, beside those that stand for them in the table of formats."""
MODEL_SUFFIXES = (
    "bst", "cbm", "dvc", "engine", "gguf", "ggml", "h5", "hdf5", "keras", "llamafile", "mar",
    "mlmodel", "mnn", "nemo", "onnx", "orbax", "params", "pb", "pbtxt", "pdmodel", "pdiparams",
    "plan", "pmml", "pte", "safetensors", "skops", "tflite", "ubj",
)  # fmt: skip
"""Endings of model files that are containers of a format in the table, or are to be."""
MODEL_NAMES = (
    "MLmodel", "adapter_config.json", "chat_template.jinja", "chat_template.json", "config.json",
    "dvc.lock", "generation_config.json", "model.safetensors.index.json", "model_index.json",
    "pytorch_model.bin.index.json", "special_tokens_map.json", "tokenizer.json",
    "tokenizer_config.json",
)  # fmt: skip
"""Files of a model that are known by their whole name."""
NO_TEXT = (
    "7z", "a", "aac", "avi", "avif", "bmp", "class", "dll", "dylib", "eot", "exe", "flac", "gif",
    "heic", "ico", "jar", "jpeg", "jpg", "lib", "m4a", "mkv", "mov", "mp3", "mp4", "mpeg", "o",
    "obj", "ogg", "opus", "otf", "png", "psd", "pyc", "pyd", "rar", "so", "tif", "tiff", "ttf",
    "wasm", "wav", "webm", "webp", "woff", "woff2",
)  # fmt: skip
"""Endings of pictures, sound, fonts and machine code, in which nobody's data is looked for."""

HEAD = """\
# The hooks of SENTINEL for pre-commit and prek. Made by `make hooks` from the table of formats.
"""
HOOK = """\
- id: sentinel-{command}
  name: sentinel {words}
  description: {description}
  entry: sentinel-hook {command}
  language: python
{selection}
  types: [file]
  require_serial: true
  stages: [pre-commit, pre-merge-commit, pre-push, manual]
  minimum_pre_commit_version: "3.2.0"
  verbose: true
"""
PROJECT = """\
# Installs the hooks: the frameworks run `pip install .` here. Made by `make hooks`.
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "sentinel-hooks"
version = "{version}"
description = "Hooks of SENTINEL for pre-commit and prek."
requires-python = ">=3.11"
dependencies = ["sentinel-mlsecops[pii]=={version}"]

[tool.setuptools]
py-modules = []
"""


def manifest() -> str:
    """Return the text of the manifest."""
    hooks = (
        hook("model-scan", "Read model files without loading them and say what they would run.",
             selection("files", model_pattern())),
        hook("pickle-check", "Read pickles without loading them and say what they would run.",
             selection("files", pickle_pattern())),
        hook("pii-scan", "Look for personal data and credentials in text, tables and notebooks.",
             selection("exclude", pattern(NO_TEXT))),
    )  # fmt: skip
    return "\n".join((HEAD, *hooks))


def hook(command: str, description: str, chosen: str) -> str:
    """Return the entry of one hook."""
    words = command.replace("-", " ").replace("pii", "PII")
    return HOOK.format(command=command, words=words, description=description, selection=chosen)


def selection(key: str, expression: str) -> str:
    """Return a key of the manifest with a verbose regular expression over several lines."""
    lines = [""]
    for part in re.split(r"(?<=\|)", expression):
        if len(lines[-1]) + len(part) > WIDTH - 6:
            lines.append("")
        lines[-1] += part
    body = "\n".join(f"    {line}" for line in ("(?ix)", *lines))
    return f"  {key}: |\n{body}"


def model_pattern() -> str:
    """Return what matches the names of model files."""
    table = [suffix for entry in FORMATS for suffix in entry.suffixes]
    dotted = [suffix for suffix in table if suffix.startswith(".")]
    # An ending such as ``-symbol.json`` is the end of a name.
    names = [f"*{suffix}" for suffix in table if suffix not in dotted]
    return pattern([*_bare(dotted), *PICKLE_SUFFIXES, *MODEL_SUFFIXES], [*MODEL_NAMES, *names])


def pickle_pattern() -> str:
    """Return what matches the names of pickles, packed ones included."""
    own = (suffix for name in PICKLES for suffix in BY_NAME[name].suffixes)
    packed = (suffix for name in CARRIERS for suffix in BY_NAME[name].suffixes)
    return pattern([*_bare(own), *PICKLE_SUFFIXES, "dvc"], ("dvc.lock",), _bare(packed))


def pattern(suffixes: Iterable[str], names: Iterable[str] = (), behind: Iterable[str] = ()) -> str:
    """Return a regular expression over paths, to be searched for.

    Args:
        suffixes: Endings, without their dot.
        names: Whole names; ``*`` stands for any part of one.
        behind: Further endings that may follow one of ``suffixes``.
    """
    more = "|".join(sorted(map(re.escape, set(behind))))
    tail = rf"(\.({more}))?" if more else ""
    ending = rf"\.({'|'.join(sorted(map(re.escape, set(suffixes))))}){tail}$"
    whole = "|".join(sorted(re.escape(name).replace(r"\*", "[^/]*") for name in set(names)))
    return rf"{ending}|(^|/)({whole})$" if whole else ending


def outputs() -> dict[Path, str]:
    """Return every file this makes, with its text."""
    return {
        ROOT / HOOKS: manifest(),
        PACKAGE / HOOKS: manifest(),
        PACKAGE / "pyproject.toml": PROJECT.format(version=__version__),
    }


def _bare(suffixes: Iterable[str]) -> list[str]:
    return [suffix.removeprefix(".") for suffix in suffixes]


def main() -> None:
    """Write the files."""
    for path, text in outputs().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
