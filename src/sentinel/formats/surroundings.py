"""Whether a file of text stands beside a model, so that loading the model would act on it.

Ordinary source trees are full of Python, YAML and shell. What of that is read as part of a model
is decided by its neighbours: a configuration, weights, the description of a bundle.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ..artifacts import Artifact
from ..readers.file import names_in

_STRONG = frozenset(
    (
        "MLmodel", "model_index.json", "tokenizer_config.json", "adapter_config.json",
        "config_sentence_transformers.json", "generation_config.json", "preprocessor_config.json",
        "bento.yaml", "bentofile.yaml", "config.pbtxt", "MAR-INF", "saved_model.pb",
        "model.safetensors.index.json", "pytorch_model.bin.index.json", "model_config.yaml",
    )
)
_ABOVE = frozenset(("MLproject",))
_WEAK = frozenset(("config.json", "hubconf.py"))
_WEIGHTS = re.compile(
    r"(?i)\.(?:safetensors|gguf|ggml|onnx|pt|pt2|ckpt|h5|keras|tflite|pkl|joblib|pickle|dill"
    r"|distcp|nemo|skops|mlmodel|caffemodel|mar|pte|engine|pdparams|params|t7)\Z|\A(?:pytorch_)?"
    r"(?:model|weights|adapter_model|diffusion_pytorch_model)[\w.-]*\.(?:bin|pth|msgpack)\Z"
)
_OWN = re.compile(
    r"(?:modeling|configuration|tokenization|processing|image_processing|feature_extraction"
    r"|video_processing|custom_model|custom_handler)_?\w*\.py\Z|(?:\w+_)?handler\.py\Z"
    r"|hubconf\.py\Z"
)
START = re.compile(rb"(?m)^import[ \t].*$")
"""Lines of a path file (``x.pth``) that ``site`` executes; all others are paths."""
_GENERATES = re.compile(r"(?:\A|[/\\])custom_generate\Z")
"""Where transformers looks for a model's own ``generate.py``."""
_INSTALLED = re.compile(r"(?:\A|[/\\])(?:site|dist)-packages(?:[/\\]|\Z)")
_BUNDLES = re.compile(r"(?i)\.(?:mar|bento|nemo|war|mlmodel|pyfunc)!")
_TELLING = re.compile(
    rb"e(?:xec|val) ?\( ?(?:compile ?\( ?)?(?:__import__ ?\(|base64\.|zlib\.|marshal\.|codecs\."
    rb"|bytes\.fromhex|binascii\.|urllib|requests\.)|os\.dup2\( ?\w+\.fileno"
)
_WORDS = (b"exec", b"eval", b"dup2")
_PROJECT = frozenset(("pyproject.toml", "setup.py", "setup.cfg", "CMakeLists.txt", "__init__.py",
                      "package.json", "Cargo.toml", "go.mod"))  # fmt: skip
_FARTHEST = 2
_FEW = 20


def beside_model(artifact: Artifact) -> bool:
    """Return True for a file that the user named, or that has a model for a neighbour.

    Args:
        artifact: The file.
    """
    if artifact.asked:
        return True
    if artifact.parent is not None:
        if _BUNDLES.search(f"{artifact.name}!{artifact.member}"):
            return True
        return bool(_OWN.fullmatch(artifact.leaf)) and not _of_package(artifact)
    directory: str | None = getattr(artifact.reader, "directory", None)
    if directory is None:
        return False
    if _near(directory) or _GENERATES.search(directory):
        return True
    return bool(_OWN.fullmatch(artifact.leaf)) and "__init__.py" not in names_in(directory)


@lru_cache(maxsize=1024)
def _near(directory: str) -> bool:
    """Return True for a directory that holds a model, or is a part of one."""
    names = names_in(directory)
    installed = bool(_INSTALLED.search(directory))
    if not (installed and "__init__.py" in names) and _marks(names):
        return True
    if installed:
        return False
    return any(_whole(names_in(directory, up), up) for up in range(1, _FARTHEST + 1))


def _whole(names: frozenset[str], up: int) -> bool:
    """Return True for the names of a directory that is a model, with all that lies below it.

    A configuration beside weights makes one, two steps up too. Weights alone make one of the
    directories right below them, unless a project has them beside its sources.
    """
    if not _STRONG.isdisjoint(names):
        return True
    if not _PROJECT.isdisjoint(names) or not any(map(_WEIGHTS.search, names)):
        return False
    return "config.json" in names or up == 1


def forget_directories() -> None:
    """Look at directories anew: a process that goes on for long must, since they change."""
    names_in.cache_clear()
    _near.cache_clear()


def marks_around(directory: str) -> tuple[frozenset[str], ...]:
    """Return the names above a directory that decide how the files in it are read.

    Args:
        directory: The directory.
    """
    wanted = _STRONG | _ABOVE | _PROJECT | _WEAK
    above = (names_in(directory, up) for up in range(1, _FARTHEST + 1))
    return tuple(
        frozenset(one for one in names if one in wanted or _WEIGHTS.search(one)) for names in above
    )


def looks_like_model_source(artifact: Artifact, head: bytes) -> bool:
    """Return True for Python source that the user named, that stands beside a model, or that runs
    something hidden in its first lines; and for lines that Python runs when it starts.
    """
    if artifact.leaf.lower().endswith(".pth"):
        return b"import" in head and b"\0" not in head and bool(START.search(head))
    if beside_model(artifact):
        return True
    return any(word in head for word in _WORDS) and bool(_TELLING.search(head))


def _of_package(artifact: Artifact) -> bool:
    return artifact.name.lower().endswith((".whl", ".egg"))


def _marks(names: frozenset[str]) -> bool:
    """Return True for the names of a model's directory.

    A file of weights among many sources is a test's or an example's, and makes no model of them.
    """
    if not _STRONG.isdisjoint(names) or not _WEAK.isdisjoint(names):
        return True
    sources = sum(name.endswith(".py") for name in names)
    return sources <= _FEW and any(map(_WEIGHTS.search, names))
