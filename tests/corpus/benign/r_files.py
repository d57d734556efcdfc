"""R: values as rdata writes them, and models with formulas as R does, by our own writer."""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.corpus.benign.save import Saver
from tests.kit.rstream import R


def rdata(save: Saver) -> None:
    import numpy as np
    import pandas as pd
    import rdata as rd

    values: dict[str, Any] = {
        "numbers": np.arange(9.0),
        "integers": np.arange(9, dtype=np.int32).reshape(3, 3),
        "text": np.array(["a", "system('ls')", None], dtype=object),
        "list": {"a": np.array([True, False]), "b": {"c": "text"}},
        "complex": np.array([1 + 2j]),
        "frame": pd.DataFrame({"x": [1.5, 2.5], "y": [1, 2]}),
    }
    for name, value in values.items():
        for form in ("xdr", "ascii"):
            for packed in ("gzip", "bzip2", "xz"):
                save.make(
                    f"{name}-{form}-{packed}.rds",
                    partial(write, rd.write_rds, value, form, packed),
                )
    save.make("workspace.rda", partial(write, rd.write_rda, values, "xdr", "gzip"))
    for letter in "XAB":
        r = R(letter)
        formula = r.call("~", r.symbol("y"), r.symbol("x"))
        used = r.variables(data=r.promise(r.symbol("frame"), r.text("a")), call=formula)
        model = r.listed(formula, r.environment(used), r.closure(r.call("predict")))
        save.bytes(f"model-{letter}.rds", r.file(model))


def write(writer: Any, value: Any, form: str, packed: str, path: Any) -> None:
    """Write a value with rdata."""
    writer(path, value, file_format=form, compression=packed)
