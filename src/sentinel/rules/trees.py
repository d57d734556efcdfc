"""What we think of models of boosted trees."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Confidence, Finding, Severity
from ..formats.trees.model import TreeModel
from . import RuleContext, rule

_FORMATS = ("xgboost", "lightgbm", "catboost")
_LISTED = 20
_REBUILD = "Get the file again from its source, or save the model anew with its library."
_OBJECTIVES = frozenset((
    "reg:linear", "reg:squarederror", "reg:squaredlogerror", "reg:logistic",
    "reg:pseudohubererror", "reg:absoluteerror", "reg:quantileerror", "reg:expectileerror",
    "reg:gamma", "reg:tweedie", "binary:logistic", "binary:logitraw", "binary:hinge",
    "count:poisson", "survival:cox", "survival:aft", "multi:softmax", "multi:softprob",
    "rank:pairwise", "rank:ndcg", "rank:map", "interval:censored", "regression", "regression_l2",
    "regression_l1", "huber", "fair", "poisson", "quantile", "mape", "gamma", "tweedie", "binary",
    "multiclass", "multiclassova", "cross_entropy", "cross_entropy_lambda", "xentropy",
    "xentlambda", "lambdarank", "rank_xendcg", "custom", "none",
))  # fmt: skip


def _each(model: TreeModel, context: RuleContext, kinds: dict[str, str]) -> Iterator[Finding]:
    matching = [problem for problem in model.problems if problem.kind in kinds]
    for problem in matching[:_LISTED]:
        yield context.finding(
            kinds[problem.kind],
            offset=problem.offset or None,
            evidence=problem.detail,
            remedy=_REBUILD,
        )
    if len(matching) > _LISTED:
        more = f"at least {len(matching) - _LISTED} more like these"
        yield context.finding(more, evidence=matching[_LISTED].detail, remedy=_REBUILD)


@rule("SNT1701", "tree-leads-outside", severity=Severity.MEDIUM, formats=_FORMATS, cwe="CWE-125")
def leads_outside(model: TreeModel, context: RuleContext) -> Iterator[Finding]:
    """Trees of the model lead out of their arrays, in a circle, or do not add up.

    **What.** A child, a feature, a category or an output has a number that its array does not
    have; a node has two parents; the arrays of one tree have different lengths; something is no
    number where one must be.

    **Why it matters.** The loaders of these libraries are written in C++ and take the numbers for
    granted: such a model makes them read or write outside of their memory, or never end. No
    version of the libraries writes one.

    **Fix.** Get the file again from its source, or save the model anew.
    """
    kinds = {
        "outside": "an index leads out of its array",
        "cycle": "a tree can be walked in a circle",
        "length": "arrays of the model do not have the lengths they must have",
        "kind": "something is no number where one must be",
    }
    yield from _each(model, context, kinds)


@rule("SNT1702", "tree-numbers-odd", severity=Severity.LOW, formats=_FORMATS, cwe="CWE-20")
def numbers_odd(model: TreeModel, context: RuleContext) -> Iterator[Finding]:
    """Numbers of the model are not finite, or trees are not as many as announced.

    **What.** A leaf, a weight or a condition is infinite or no number, or the counts of trees
    differ.

    **Why it matters.** Predictions become infinite or none for some inputs, and a file that was
    cut short or put together from parts of others looks like this.

    **Fix.** Train or save the model anew.
    """
    kinds = {
        "infinite": "a number of the model is not finite",
        "count": "the trees are not as many as announced",
    }
    yield from _each(model, context, kinds)


@rule("SNT1703", "tree-objective-unknown", severity=Severity.LOW, formats=_FORMATS, cwe="CWE-829")
def unknown_objective(model: TreeModel, context: RuleContext) -> Iterator[Finding]:
    """The model names an objective that its library does not have.

    **What.** The name of the objective is none of those of XGBoost or LightGBM.

    **Why it matters.** The program that loads the model must register the objective as code of its
    own, or the library refuses the file.

    **Fix.** Ask which program the model is made for.
    """
    if model.objective and model.objective not in _OBJECTIVES:
        yield context.finding(
            f"{model.title} has no objective of this name",
            evidence=model.objective[:200],
            confidence=Confidence.MEDIUM,
        )


@rule("SNT1704", "tree-file-ambiguous", severity=Severity.MEDIUM, formats=_FORMATS, cwe="CWE-436")
def ambiguous(model: TreeModel, context: RuleContext) -> Iterator[Finding]:
    """The file holds more than one model, or something besides it.

    **What.** A key occurs twice in one object, or bytes follow the end of the model.

    **Why it matters.** One reader takes the first of two keys, another the last. Bytes behind the
    end can be a second file.

    **Fix.** Get the file again from its source, or save the model anew.
    """
    kinds = {
        "duplicate": "a key that should be unique occurs twice",
        "behind": "bytes follow the end of the model",
    }
    yield from _each(model, context, kinds)
