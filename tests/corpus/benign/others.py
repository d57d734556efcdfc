"""Other libraries that people pickle objects of: networkx, sympy, Pillow, attrs, pydantic."""

from __future__ import annotations

from tests.corpus.benign.save import Saver


def networkx(save: Saver) -> None:
    import networkx as nx

    save.pickle("graph", nx.path_graph(5), 2, 4)
    save.pickle("directed", nx.DiGraph([(1, 2), ("a", "b")]), 4)
    save.pickle("multiple", nx.MultiGraph([(1, 2), (1, 2)]), 4)


def sympy(save: Saver) -> None:
    from sympy import Matrix, Symbol, sin

    x = Symbol("x")
    save.pickle("expression", sin(x) ** 2 + x / 3, 2, 4)
    save.pickle("matrix", Matrix([[1, x]]), 4)


def pillow(save: Saver) -> None:
    from PIL import Image

    save.pickle("image", Image.new("RGB", (4, 4), "red"), 2, 4)


def regex(save: Saver) -> None:
    import regex as rx

    save.pickle("pattern", rx.compile(r"\p{L}+"), 4)


def packaging(save: Saver) -> None:
    from packaging.version import Version

    save.pickle("version", Version("1.2.3"), 4)


def matplotlib(save: Saver) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib.colors import ListedColormap, Normalize

    save.pickle("colours", [Normalize(0, 1), ListedColormap(["red", "#00ff00"])], 4)
