"""Boosters of XGBoost and LightGBM: what native code walks must stay within its arrays.

Both libraries read a model by their own parsers and then follow its numbers of children and
features without looking. The readers of ``sentinel.formats`` hold those against the arrays first;
what they find odd is refused here.
"""

from __future__ import annotations

from typing import Any

from ...artifacts import Artifact
from ...errors import LimitExceeded, ParseError, TrustError
from ...formats.trees import lightgbm, xgboost
from ...formats.trees.model import TreeModel
from ...formats.trees.ubjson import Ubjson
from ...limits import Budget
from ...readers import MemoryReader
from .arrays import bad
from .lightgbm_text import check_text

_HARMLESS = frozenset({"infinite"})
_CONFIG = b"{L" + (6).to_bytes(8, "big") + b"Config"
_MODEL = b"L" + (5).to_bytes(8, "big") + b"Model"


def check_xgboost(data: bytes) -> None:
    """Check a model as ``Booster.save_model`` writes it.

    Args:
        data: JSON or UBJSON.

    Raises:
        TrustError: An index leads out of its array (``unsafe-values``), or it cannot be read.
    """
    if data.lstrip()[:1] != b"{":
        raise TrustError(
            "unsupported", "a model of XGBoost in the old binary layout",
            "load it with the version that wrote it and save it as .ubj",
        )  # fmt: skip
    _check("XGBoost", xgboost.parse, data)


def check_lightgbm(data: bytes) -> None:
    """Check the text of a LightGBM model. Raises as ``check_xgboost`` does."""
    if b"\0" in data:
        raise bad("a model of LightGBM with a NUL byte")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise bad("a model of LightGBM that is no text") from error
    if "\r" in text:
        raise bad("a model of LightGBM with odd ends of lines")
    _check("LightGBM", lightgbm.parse, data)
    check_text(text)


def check_xgboost_state(state: dict[str, Any]) -> None:
    """Check the state of a pickled ``xgboost.Booster``. Raises as ``check_xgboost`` does."""
    handle = state.get("handle")
    if handle is None and "handle" in state:
        return
    if type(handle) is not bytearray:
        raise bad("a Booster of XGBoost whose handle is no buffer")
    data = bytes(handle)
    if not data.startswith(_CONFIG):
        raise TrustError(
            "unsupported", "a Booster of XGBoost pickled by a version before 1.6",
            "load it with the version that wrote it and save it as .ubj",
        )  # fmt: skip
    start = len(_CONFIG)
    try:
        config = Ubjson(MemoryReader(data[start:]), Budget())
        config.read()
    except (ParseError, LimitExceeded) as error:
        raise bad(f"a Booster of XGBoost: {error.message}") from error
    model = start + config.at
    if config.duplicates or not data.startswith(_MODEL, model) or not data.endswith(b"}"):
        raise bad("a Booster of XGBoost that is not one configuration and one model")
    check_xgboost(data[model + len(_MODEL) : -1])


def check_lightgbm_state(state: dict[str, Any]) -> None:
    """Check the state of a pickled ``lightgbm.Booster``. Raises as ``check_xgboost`` does."""
    given = [state[key] for key in ("_handle", "handle") if key in state]
    if len(given) != 1:
        raise bad("a Booster of LightGBM with other than one model")
    if type(given[0]) is not str:
        raise bad("a Booster of LightGBM whose model is no text")
    try:
        data = given[0].encode("utf-8")
    except UnicodeEncodeError as error:
        raise bad("a Booster of LightGBM whose model is no text") from error
    check_lightgbm(data)
    if state.get("_network"):
        raise bad("a Booster of LightGBM that is part of a network")


def _check(title: str, parse: Any, data: bytes) -> None:
    try:
        parsed = parse(Artifact("booster", MemoryReader(data)), Budget())
    except (ParseError, LimitExceeded) as error:
        raise bad(f"a model of {title}: {error.message}") from error
    model: TreeModel = parsed.model
    for problem in model.problems:
        if problem.kind not in _HARMLESS:
            raise bad(f"a model of {title}: {problem.detail}")
    if parsed.gaps:
        raise bad(f"a model of {title}: {parsed.gaps[0].detail}")
    if model.features <= 0:
        raise bad(f"a model of {title} that does not say how many features it takes")
