"""The text of a LightGBM model, held against what its own reader takes for granted.

LightGBM reads its trees in parallel, at the places that the header gives, and a list that is too
short or a place that is wrong ends the whole process. So every list must have the length that its
tree says, every number must be one, and each tree must begin where it is said to.
"""

from __future__ import annotations

import re
from itertools import pairwise

from .arrays import bad

_WHOLE = re.compile(r"-?[0-9]{1,10}")
_FLOAT = re.compile(r"-?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?(?:e[+-]?[0-9]{1,3})?|inf|nan)")
_SPLITS = {
    "split_feature": _WHOLE, "split_gain": _FLOAT, "threshold": _FLOAT, "decision_type": _WHOLE,
    "left_child": _WHOLE, "right_child": _WHOLE, "internal_value": _FLOAT,
    "internal_weight": _FLOAT, "internal_count": _WHOLE,
}  # fmt: skip
_LEAVES = {"leaf_value": _FLOAT, "leaf_weight": _FLOAT, "leaf_count": _WHOLE}
_SINGLE = {
    "Tree": _WHOLE, "num_leaves": _WHOLE, "num_cat": _WHOLE, "is_linear": _WHOLE,
    "shrinkage": _FLOAT,
}  # fmt: skip
_CATEGORIES = {"cat_boundaries": _WHOLE, "cat_threshold": _WHOLE}
_KEYS = {**_SPLITS, **_LEAVES, **_SINGLE, **_CATEGORIES}
_NEEDED = {"Tree", "num_leaves", "num_cat", "shrinkage", "leaf_value"}
_NEEDED_TO_SPLIT = {"split_feature", "threshold", "decision_type", "left_child", "right_child"}
_OF_CLASSES = ("multiclass", "multiclassova")
_MOST = {"split_feature": 1 << 31, "cat_threshold": 1 << 32}
_END = "end of trees"


def check_text(text: str) -> None:
    """Check that every tree is where the header says, and as long as it says itself.

    Args:
        text: The model.

    Raises:
        TrustError: One is not (``unsafe-values``).
    """
    start = text.find("\nTree=") + 1
    end = text.find(f"\n{_END}")
    if end < 0:
        raise bad("a model of LightGBM without an end of its trees")
    if not start or start > end:
        start = end + 1
    _check_head(text[:start])
    at = start
    for number, size in enumerate(_sizes(text[:start])):
        if not text.startswith(f"Tree={number}\n", at):
            raise bad(f"a model of LightGBM whose tree {number} is not where it should be")
        _check_tree(number, text[at : at + size])
        at += size
    if text[at:].lstrip("\n").find(_END) != 0:
        raise bad("a model of LightGBM with other trees than it announces")


def _check_head(head: str) -> None:
    """Check that the objective makes as many numbers of a row as there is room for."""
    classes = _only(head, "num_class")
    if classes != _only(head, "num_tree_per_iteration") or not re.fullmatch(
        "[1-9][0-9]{0,6}", classes
    ):
        raise bad("a model of LightGBM with other trees than classes")
    if not re.search("^objective=", head, re.MULTILINE):
        return
    name, *rest = _only(head, "objective").split(" ")
    given = [one.partition(":")[2] for one in rest if one.startswith("num_class:")]
    wanted = [classes] if name in _OF_CLASSES else []
    if given != wanted or (not wanted and classes != "1"):
        raise bad("a model of LightGBM whose objective is for other classes than its trees")


def _only(head: str, key: str) -> str:
    found = re.findall(f"^{key}=(.*)$", head, re.MULTILINE)
    if len(found) != 1:
        raise bad(f"a model of LightGBM with other than one {key}")
    value: str = found[0]
    return value


def _sizes(head: str) -> list[int]:
    given = _only(head, "tree_sizes").split()
    if not all(_WHOLE.fullmatch(one) and int(one) > 0 for one in given):
        raise bad("a model of LightGBM that does not say how long its trees are")
    return list(map(int, given))


def _check_tree(number: int, text: str) -> None:
    found: dict[str, list[str]] = {}
    for line in text.split("\n"):
        key, sign, value = line.partition("=")
        if not line:
            continue
        if not sign or key not in _KEYS or key in found:
            raise bad(f"tree {number} of a model of LightGBM has a line of an unknown kind")
        found[key] = value.split(" ") if value else []
    if not found.keys() >= _NEEDED:
        raise bad(f"tree {number} of a model of LightGBM lacks a line")
    for key, values in found.items():
        _check_numbers(number, key, values)
    _check_lengths(number, found)


def _check_numbers(number: int, key: str, values: list[str]) -> None:
    pattern = _KEYS[key]
    if not all(map(pattern.fullmatch, values)) or (key in _SINGLE and len(values) != 1):
        raise bad(f"{key} of tree {number} of a model of LightGBM holds no number")
    if pattern is _WHOLE:
        bound = _MOST.get(key, 1 << 31)
        if any(not -bound <= int(value) < bound for value in values):
            raise bad(f"{key} of tree {number} of a model of LightGBM holds too large a number")


def _check_lengths(number: int, found: dict[str, list[str]]) -> None:
    leaves, sets = int(found["num_leaves"][0]), int(found["num_cat"][0])
    wanted = {**dict.fromkeys(_SPLITS, leaves - 1), **dict.fromkeys(_LEAVES, leaves)}
    if leaves < 1 or sets < 0 or (leaves > 1 and not found.keys() >= _NEEDED_TO_SPLIT):
        raise bad(f"tree {number} of a model of LightGBM has no leaves")
    if found.get("is_linear", ["0"]) != ["0"]:
        raise bad(f"tree {number} of a model of LightGBM is linear, which is not checked here")
    if sets:
        bounds = list(map(int, found.get("cat_boundaries", ())))
        wanted["cat_boundaries"] = sets + 1
        wanted["cat_threshold"] = bounds[-1] if bounds else -1
        if not bounds or bounds[0] != 0 or any(a > b for a, b in pairwise(bounds)):
            raise bad(f"tree {number} of a model of LightGBM has sets of categories that go back")
    for key, length in wanted.items():
        optional = leaves == 1 and not found.get(key)
        if key in found and len(found[key]) != length and not optional:
            raise bad(f"{key} of tree {number} of a model of LightGBM has another length")
